"""A stand-in for Razorpay: its payment links, its moods, and its signed notices.

Run `python -m simulator.razorpay` and set RAZORPAY_API_URL to its address; a link opens a page with
a button that pays. In tests it is started in a thread and told to fail, to be late, to lose,
repeat or shuffle what it sends.
"""

from __future__ import annotations

import argparse
import hmac
import itertools
import json
import random
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from base64 import b64decode
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEYS = ("rzp_test_bahi", "stand-in-key-secret")
WEBHOOK_SECRET = "stand-in-webhook-secret"  # noqa: S105 - it protects nothing
ACCOUNT = "acc_StandIn000001"
PAGE = """<!doctype html><meta name=viewport content="width=device-width">
<title>Stand-in</title><h1>₹{rupees}</h1><form method=post><button>Pay</button></form>"""

Notice = tuple[str, bytes, str]
"""Event id, body, signature."""


@dataclass
class Mood:
    """What goes wrong. late: seconds by which the answer to a POST comes after its effect."""

    fails: int = 0
    late: float = 0.0
    loses: bool = False
    repeats: int = 1
    shuffles: bool = False


@dataclass
class World:
    """What exists: links, payments, and the notices that were sent or kept back."""

    account: str = ACCOUNT
    keys: tuple[str, str] = KEYS
    secret: str = WEBHOOK_SECRET
    webhook: str | None = None
    mood: Mood = field(default_factory=Mood)
    links: dict[str, dict[str, Any]] = field(default_factory=dict)
    payments: dict[str, dict[str, Any]] = field(default_factory=dict)
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))
    _lock: Any = field(default_factory=threading.RLock)

    def create_link(self, wanted: dict[str, Any], address: str) -> tuple[int, dict[str, Any]]:
        """POST /v1/payment_links."""
        with self._lock:
            reference = wanted.get("reference_id")
            taken = any(one["reference_id"] == reference for one in self.links.values())
            if taken or wanted.get("currency") != "INR" or int(wanted.get("amount") or 0) < 100:
                return 400, {"error": {"code": "BAD_REQUEST_ERROR"}}
            link_id = self._id("plink")
            self.links[link_id] = {
                **wanted,
                "id": link_id,
                "entity": "payment_link",
                "status": "created",
                "amount_paid": 0,
                "payments": [],
                "short_url": f"{address}/pay/{link_id}",
            }
            return 200, self.links[link_id]

    def pay(
        self, link_id: str, amount: int | None = None, *, currency: str = "INR", fee: int = 0
    ) -> str:
        """Somebody pays a link; the payment's id. Its notices go out."""
        with self._lock:
            link = self.links[link_id]
            payment_id = self._id("pay")
            paid = amount if amount is not None else link["amount"] - link["amount_paid"]
            self.payments[payment_id] = {
                "id": payment_id,
                "entity": "payment",
                "amount": paid,
                "currency": currency,
                "status": "captured",
                "captured": True,
                "method": "upi",
                "fee": fee,
                "notes": link.get("notes") or [],
                "email": "payer@example.com",
                "contact": "+919000000000",
            }
            link["payments"].append({"payment_id": payment_id, "amount": paid})
            link["amount_paid"] += paid
            whole = link["amount_paid"] >= link["amount"]
            link["status"] = "paid" if whole else "partially_paid"
            payment = dict(self.payments[payment_id])
            done = "payment_link.paid" if whole else "payment_link.partially_paid"
        captured = self.notice("payment.captured", payment=payment)
        self.send([captured, self.notice(done, payment=payment, payment_link=dict(link))])
        return payment_id

    def pay_in_chat(self, request: dict[str, Any], *, notices: bool = True) -> str:
        """Somebody pays what an order_details message asks for; the payment's id."""
        settings = request["payment_settings"][0]["payment_gateway"]["razorpay"]
        with self._lock:
            order_id, payment_id = self._id("order"), self._id("pay")
            self.orders[order_id] = {"id": order_id, "receipt": settings["receipt"]}
            self.payments[payment_id] = {
                "id": payment_id,
                "amount": request["total_amount"]["value"],
                "currency": request["currency"],
                "status": "captured",
                "captured": True,
                "order_id": order_id,
                "notes": settings["notes"] if notices else [],
            }
        self.send([self.notice("payment.captured", payment=self.payments[payment_id])])
        return payment_id

    def refund(self, payment_id: str, amount: int) -> str:
        """Give money back; the refund's id."""
        refund_id = self._id("rfnd")
        refund = {
            "id": refund_id, "payment_id": payment_id, "amount": amount, "currency": "INR",
        }  # fmt: skip
        payment = self.payments[payment_id]
        steps = [
            self.notice("refund.created", payment=payment, refund={**refund, "status": "pending"}),
            self.notice(
                "refund.processed", payment=payment, refund={**refund, "status": "processed"}
            ),
        ]
        self.send(steps)
        return refund_id

    def dispute(self, payment_id: str, *steps: str) -> str:
        """A dispute goes through steps such as "open", "lost"; its id."""
        dispute_id = self._id("disp")
        payment = self.payments[payment_id]
        dispute = {
            "id": dispute_id, "payment_id": payment_id, "amount": payment["amount"],
            "currency": "INR",
        }  # fmt: skip
        names = {"open": "created"}
        self.send(
            [
                self.notice(
                    f"payment.dispute.{names.get(step, step)}",
                    payment=payment,
                    dispute={**dispute, "status": step},
                )
                for step in steps
            ]
        )
        return dispute_id

    def notice(self, event: str, **entities: dict[str, Any]) -> Notice:
        """A signed notice, as bytes."""
        payload = {name: {"entity": entity} for name, entity in entities.items()}
        body = json.dumps(
            {
                "entity": "event",
                "account_id": self.account,
                "event": event,
                "contains": list(payload),
                "payload": payload,
            },
            indent=1,
        ).encode()
        body += b"\n"
        signature = hmac.new(self.secret.encode(), body, sha256).hexdigest()
        return self._id("evt"), body, signature

    def send(self, notices: list[Notice]) -> None:
        """Send notices as the mood is; they are kept, so that a test can send them again."""
        self.notices += notices
        if self.webhook is None or self.mood.loses:
            return
        queue = notices * self.mood.repeats
        if self.mood.shuffles:
            random.shuffle(queue)
        for notice in queue:
            self.answers.append(post(self.webhook, notice))

    def _id(self, kind: str) -> str:
        return f"{kind}_{next(self._numbers):014d}"


def post(url: str, notice: Notice) -> int:
    """Send one notice; the status of the answer."""
    event_id, body, signature = notice
    request = urllib.request.Request(  # noqa: S310
        url,
        data=body,
        method="POST",
        headers={
            "Content-Type": "application/json",
            "X-Razorpay-Event-Id": event_id,
            "X-Razorpay-Signature": signature,
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


class Server(ThreadingHTTPServer):
    """The stand-in's HTTP side."""

    daemon_threads = True

    def __init__(self, world: World, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.world = world
        self.address = f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        world, url = self.server.world, urllib.parse.urlsplit(self.path)
        if url.path.startswith("/pay/"):
            link = world.links[url.path.rpartition("/")[2]]
            self._page(PAGE.format(rupees=link["amount"] / 100))
        elif self._refused():
            return
        elif url.path == "/v1/payment_links":
            wanted = urllib.parse.parse_qs(url.query).get("reference_id", [""])[0]
            found = [one for one in world.links.values() if one["reference_id"] == wanted]
            self._answer(200, {"payment_links": found})
        elif url.path.startswith("/v1/orders"):
            self._orders(url)
        else:
            kind, _, ref = url.path.removeprefix("/v1/").partition("/")
            table = {"payment_links": world.links, "payments": world.payments}.get(kind, {})
            found_one = table.get(ref)
            self._answer(200 if found_one else 400, found_one or {"error": {}})

    def _orders(self, url: urllib.parse.SplitResult) -> None:
        world, parts = self.server.world, url.path.split("/")
        if len(parts) > 3:
            paid = [one for one in world.payments.values() if one.get("order_id") == parts[3]]
            self._answer(200, {"items": paid})
            return
        wanted = urllib.parse.parse_qs(url.query).get("receipt", [""])[0]
        found = [one for one in world.orders.values() if one["receipt"] == wanted]
        self._answer(200, {"items": found})

    def do_POST(self) -> None:
        world = self.server.world
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.startswith("/pay/"):
            world.pay(self.path.rpartition("/")[2])
            self._page("<h1>Paid</h1>")
            return
        if self._refused():
            return
        late, world.mood.late = world.mood.late, 0.0
        status, found = world.create_link(json.loads(body), self.server.address)
        time.sleep(late)
        self._answer(status, found)

    def _refused(self) -> bool:
        world = self.server.world
        if world.mood.fails > 0:
            world.mood.fails -= 1
            self._answer(503, {"error": {}})
            return True
        given = self.headers.get("Authorization", "").removeprefix("Basic ")
        if b64decode(given).decode() != ":".join(world.keys):
            self._answer(401, {"error": {}})
            return True
        return False

    def _answer(self, status: int, content: dict[str, Any]) -> None:
        self._send(status, "application/json", json.dumps(content).encode())

    def _page(self, html: str) -> None:
        self._send(200, "text/html; charset=utf-8", html.encode())

    def _send(self, status: int, kind: str, body: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            return

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m simulator.razorpay")
    parser.add_argument("--port", type=int, default=8002)
    parser.add_argument("--webhook", default="http://127.0.0.1:8000/webhooks/razorpay")
    options = parser.parse_args()
    server = Server(World(webhook=options.webhook), options.port)
    print(f"{server.address}: key {KEYS[0]}, secret {KEYS[1]}, account {ACCOUNT}")  # noqa: T201
    print(f"notices to {options.webhook}, signed with {WEBHOOK_SECRET}")  # noqa: T201
    server.serve_forever()


if __name__ == "__main__":
    main()
