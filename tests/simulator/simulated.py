"""A running simulator and a listening gateway, as the tests speak to them."""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).parents[2]
APP_SECRET = "app-secret-of-a-test"
ACCESS_TOKEN = "access-token-of-a-test"
VERIFY_TOKEN = "verify-token-of-a-test"
NUMBER = "1065"
OWNER = "919876500001"
RAVI = "919123456789"

Json = dict[str, Any]


@dataclass
class Post:
    """One webhook as it arrived."""

    raw: bytes
    headers: dict[str, str]
    content: Json

    @property
    def values(self) -> list[Json]:
        return [change["value"] for entry in self.content["entry"] for change in entry["changes"]]

    @property
    def signature_is_right(self) -> bool:
        expected = hmac.new(APP_SECRET.encode(), self.raw, hashlib.sha256).hexdigest()
        return self.headers.get("x-hub-signature-256") == f"sha256={expected}"


@dataclass
class Gateway:
    """Listens to webhooks; `answers` are the statuses of the next posts, then 200."""

    url: str = ""
    posts: list[Post] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    on_message: Callable[[Json, Json], None] | None = None
    changed: threading.Condition = field(default_factory=threading.Condition)

    def take(self, post: Post) -> int:
        with self.changed:
            self.posts.append(post)
            self.changed.notify_all()
            status = self.answers.pop(0) if self.answers else 200
        if status == 200 and self.on_message:
            for value in post.values:
                for message in value.get("messages", ()):
                    self.on_message(value, message)
        return status

    def messages(self) -> list[Json]:
        return [m for p in list(self.posts) for v in p.values for m in v.get("messages", ())]

    def statuses(self) -> list[Json]:
        return [s for p in list(self.posts) for v in p.values for s in v.get("statuses", ())]

    def wait_for(self, found: Callable[[], Any], seconds: float = 60.0) -> Any:
        """What `found` returns once it is true; fails after a while."""
        end = time.monotonic() + seconds
        with self.changed:
            while not (result := found()):
                left = end - time.monotonic()
                assert left > 0, f"not seen within {seconds} s"
                self.changed.wait(left)
        return result

    def forget(self) -> None:
        with self.changed:
            self.posts.clear()
            self.answers.clear()
            self.on_message = None


@dataclass
class Simulator:
    """Calls to a running simulator."""

    url: str

    def control(self, path: str, body: Json | None = None, method: str = "POST") -> Any:
        answer = self.control_raw(path, body, method)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def control_raw(
        self, path: str, body: Json | None = None, method: str = "POST"
    ) -> requests.Response:
        return requests.request(method, f"{self.url}/control/{path}", json=body, timeout=60)

    def get(self, path: str) -> Any:
        return self.control(path, method="GET")

    def say(self, text: str, phone: str = OWNER, **more: Any) -> Json:
        return self.control(
            "send", {"phone_number_id": NUMBER, "from": phone, "text": text, **more}
        )

    def graph(self, message: Json, token: str | None = ACCESS_TOKEN) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        body = {"messaging_product": "whatsapp", **message}
        address = f"{self.url}/graph/v25.0/{NUMBER}/messages"
        return requests.post(address, json=body, headers=headers, timeout=60)

    def answer(self, message: Json, phone: str = OWNER) -> str:
        """Send as the business; the new message's id."""
        sent = self.graph({"to": f"+{phone}", **message})
        assert sent.status_code == 200, sent.text
        return str(sent.json()["messages"][0]["id"])

    def chat(self, phone: str = OWNER, **query: Any) -> list[Json]:
        address = f"{self.url}/control/chats/{NUMBER}/{phone}/messages"
        return list(requests.get(address, params=query, timeout=60).json()["messages"])


BUTTONS: Json = {
    "type": "interactive",
    "interactive": {
        "type": "button",
        "body": {"text": "Order pakka karein?"},
        "action": {
            "buttons": [
                {"type": "reply", "reply": {"id": "b1", "title": "Haan"}},
                {"type": "reply", "reply": {"id": "b2", "title": "Nahi"}},
            ]
        },
    },
}
LIST: Json = {
    "type": "interactive",
    "interactive": {
        "type": "list",
        "body": {"text": "Kaunsa?"},
        "action": {
            "button": "Chuniye",
            "sections": [
                {
                    "rows": [
                        {"id": "r1", "title": "iPhone 15", "description": "8 bache hain"},
                        {"id": "r2", "title": "iPhone 15 Pro"},
                    ]
                }
            ],
        },
    },
}
