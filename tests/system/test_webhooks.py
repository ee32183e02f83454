"""The newcomer's conversation as signed webhooks, with another Graph API than the simulator's."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import re
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from installation import Installation, text_of

from erp_core.kernel.clock import Clock

pytestmark = pytest.mark.processes

SECRET = "an app secret"
SHOP, OWNER = "1065", "919876500001"
ANSWER_SECONDS = 300.0


class Graph(ThreadingHTTPServer):
    """Takes what the shop sends: messages, and the files that go with them."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Door)
        self.messages: list[dict[str, Any]] = []
        self.files: list[bytes] = []
        self.numbers = itertools.count(1)


class Door(BaseHTTPRequestHandler):
    """Graph's answers."""

    server: Graph

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        number = next(self.server.numbers)
        if self.path.endswith("/media"):
            self.server.files.append(body)
            answer: dict[str, Any] = {"id": str(number)}
        else:
            message = json.loads(body)
            if "type" in message:
                self.server.messages.append(message)
            answer = {"messages": [{"id": f"wamid.out{number}"}]}
        content = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


class Phone:
    """The owner's phone: posts as WhatsApp does, and waits for the answer."""

    def __init__(self, shop: Installation, graph: Graph) -> None:
        self._shop = shop
        self._graph = graph
        self._numbers = itertools.count(1)

    def says(self, text: str, answer: str) -> dict[str, Any]:
        return self._sends({"type": "text", "text": {"body": text}}, answer)

    def taps(self, question: dict[str, Any], answer: str) -> dict[str, Any]:
        button = question["interactive"]["action"]["buttons"][0]["reply"]
        reply = {"type": "button_reply", "button_reply": button}
        return self._sends({"type": "interactive", "interactive": reply}, answer)

    def _sends(self, content: dict[str, Any], answer: str) -> dict[str, Any]:
        before = len(self._graph.messages)
        self._post({"from": OWNER, "id": f"wamid.in{next(self._numbers)}", **content})
        deadline = time.monotonic() + ANSWER_SECONDS
        while time.monotonic() < deadline:
            for message in self._graph.messages[before:]:
                if answer in text_of(message):
                    return message
            time.sleep(0.05)
        raise AssertionError([text_of(one) for one in self._graph.messages[before:]])

    def _post(self, message: dict[str, Any]) -> None:
        value = {
            "messaging_product": "whatsapp",
            "metadata": {"phone_number_id": SHOP},
            "contacts": [{"wa_id": OWNER, "profile": {"name": "Sharma"}}],
            "messages": [{"timestamp": str(int(time.time())), **message}],
        }
        entry = {"id": "1", "changes": [{"field": "messages", "value": value}]}
        raw = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
        signature = hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
        request = urllib.request.Request(
            f"{self._shop.gateway}/webhooks/whatsapp/webhook",
            data=raw,
            headers={"X-Hub-Signature-256": f"sha256={signature}"},
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            assert response.status == 200


@pytest.fixture
def graph() -> Iterator[Graph]:
    server = Graph()
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_the_same_conversation_has_the_same_effects(graph: Graph) -> None:
    environment = {
        "BAHI_DEMO_SHOP": "demo/sharma_electronics.yml",
        "WHATSAPP_API_URL": f"http://127.0.0.1:{graph.server_port}",
        "WHATSAPP_APP_SECRET": SECRET,
        # What is sold before midnight is not of the day that is asked for after it.
        "BAHI_NOW": f"{Clock().today()}T12:00:00",
    }
    with Installation(environment) as shop:
        owner = Phone(shop, graph)
        owner.says("kitna stock hai iPhone ka", "iPhone 15: 8")
        question = owner.says("Ravi ke liye 2 iPhone 15 ka order le lo", "₹1,88,564")
        owner.taps(question, "ORD-")
        question = owner.says("Ravi ka bill banao", "₹1,88,564")
        bill = owner.taps(question, "INV27-")
        assert bill["interactive"]["header"]["type"] == "document"
        assert b"%PDF-" in graph.files[-1]
        question = owner.says("Ravi ne 50000 cash diye", "₹1,38,564")
        owner.taps(question, "₹1,38,564")
        owner.says("kis kis ka udhaar baaki hai", "Ravi Kumar: *₹1,38,564*")
        owner.says("aaj ka sale batao", "₹1,88,564")
        assert b"\x89PNG" in graph.files[-1]

        facts = shop.show(SHOP)
    (order,) = facts["orders"]
    assert (order["customer"], order["status"], order["payment_status"]) == (
        "Ravi Kumar",
        "confirmed",
        "partial",
    )
    assert (order["subtotal"], order["tax"], order["total"]) == (
        "159800.00",
        "28764.00",
        "188564.00",
    )
    (invoice,) = facts["invoices"]
    assert re.fullmatch(r"INV27-\d{4}-00001", invoice["number"])
    assert (invoice["cgst"], invoice["sgst"], invoice["igst"]) == ("14382.00", "14382.00", "0.00")
    (payment,) = facts["payments"]
    assert (payment["customer"], payment["amount"], payment["method"]) == (
        "Ravi Kumar",
        "50000.00",
        "cash",
    )
