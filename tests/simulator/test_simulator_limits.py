"""Meta's limits: what the Graph API refuses, and with which code."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
import requests
from simulated import ACCESS_TOKEN, BUTTONS, LIST, NUMBER, OWNER, RAVI, Gateway, Json, Simulator


def text(body: str) -> Json:
    return {"to": f"+{OWNER}", "type": "text", "text": {"body": body}}


def changed(message: Json, path: str, value: Any) -> Json:
    """A message with one place in it changed: "interactive.body.text"."""
    message = deepcopy({"to": f"+{OWNER}", **message})
    holder: Any = message
    *way, last = path.split(".")
    for step in way:
        holder = holder[int(step)] if step.isdecimal() else holder[step]
    if value is None:
        del holder[last]
    else:
        holder[last] = value
    return message


def button(number: int, title: str = "") -> Json:
    return {"type": "reply", "reply": {"id": f"b{number}", "title": title or f"Button {number}"}}


def rows(count: int) -> list[Json]:
    return [{"id": f"r{number}", "title": f"Row {number}"} for number in range(count)]


ACTION = "interactive.action"
REFUSED = [
    (text("x" * 4097), 100),
    (text(""), 100),
    ({"type": "text", "text": {"body": "x"}}, 131008),
    ({"to": "owner", "type": "text", "text": {"body": "x"}}, 131009),
    ({"to": f"+{OWNER}", "type": "poll", "poll": {}}, 100),
    ({"to": f"+{OWNER}", "type": "image"}, 131008),
    ({"to": f"+{OWNER}", "type": "image", "image": {"id": "1"}}, 131053),
    ({"to": f"+{OWNER}", "type": "image", "image": {}}, 100),
    (changed(BUTTONS, "interactive.body.text", "x" * 1025), 131009),
    (changed(BUTTONS, "interactive.body", None), 131008),
    (changed(BUTTONS, "interactive.footer", {"text": "x" * 61}), 131009),
    (changed(BUTTONS, "interactive.header", {"type": "text", "text": "x" * 61}), 131009),
    (changed(BUTTONS, f"{ACTION}.buttons", [button(n) for n in range(4)]), 131009),
    (changed(BUTTONS, f"{ACTION}.buttons", []), 131009),
    (changed(BUTTONS, f"{ACTION}.buttons", [button(1, "x" * 21)]), 131009),
    (changed(BUTTONS, f"{ACTION}.buttons", [button(1), button(1)]), 131009),
    (changed(BUTTONS, f"{ACTION}.buttons.0.reply.id", "x" * 257), 131009),
    (changed(LIST, f"{ACTION}.button", "x" * 21), 131009),
    (changed(LIST, f"{ACTION}.sections.0.rows", rows(11)), 131009),
    (changed(LIST, f"{ACTION}.sections", [{"rows": rows(1)}, {"rows": rows(1)}]), 131008),
    (changed(LIST, f"{ACTION}.sections.0.rows.0.title", "x" * 25), 131009),
    (changed(LIST, f"{ACTION}.sections.0.rows.0.description", "x" * 73), 131009),
    (changed(LIST, f"{ACTION}.sections.0.rows.0.id", "x" * 201), 131009),
    (changed(LIST, "interactive.header", {"type": "image", "image": {"id": "1"}}), 131009),
    (changed(BUTTONS, "interactive.type", "carousel"), 100),
]


@pytest.mark.parametrize(("message", "code"), REFUSED)
def test_meta_refuses(simulator: Simulator, message: Json, code: int) -> None:
    simulator.say("hi")
    answer = simulator.graph(message)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, code)
    assert error["type"] == "OAuthException"
    assert error["message"].startswith(f"(#{code}) ")
    assert error["fbtrace_id"]
    assert error["error_data"]["messaging_product"] == "whatsapp"
    assert simulator.chat(by="business") == []


def test_a_body_that_is_no_json(simulator: Simulator) -> None:
    answer = requests.post(
        f"{simulator.url}/graph/{NUMBER}/messages",
        data=b"{",
        headers={"Authorization": f"Bearer {ACCESS_TOKEN}"},
        timeout=60,
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100)


def test_the_largest_messages_pass(simulator: Simulator) -> None:
    simulator.say("hi")
    simulator.answer({"type": "text", "text": {"body": "क" * 4096}})
    simulator.answer(changed(BUTTONS, "interactive.body.text", "x" * 1024))
    simulator.answer(changed(LIST, f"{ACTION}.sections.0.rows", rows(10)))


def test_a_bill_with_buttons_is_one_message(simulator: Simulator) -> None:
    simulator.say("bill")
    media = requests.post(
        f"{simulator.url}/graph/v25.0/{NUMBER}/media",
        files={"file": ("bill.pdf", b"%PDF-1.4 a bill", "application/pdf")},
        data={"messaging_product": "whatsapp", "type": "application/pdf"},
        headers={"Authorization": f"Bearer {ACCESS_TOKEN}"},
        timeout=60,
    ).json()
    document = {"id": media["id"], "filename": "INV27-2627-00001.pdf"}
    header = {"type": "document", "document": document}
    simulator.answer(changed(BUTTONS, "interactive.header", header))
    shown = simulator.chat(by="business")[0]["interactive"]["header"]["document"]
    assert shown == {**document, "mime_type": "application/pdf", "file_size": 15}


@pytest.mark.parametrize(
    ("name", "mime_type", "status"),
    [("a.exe", "application/x-msdownload", 400), ("a.txt", "text/plain", 200)],
)
def test_media_types(simulator: Simulator, name: str, mime_type: str, status: int) -> None:
    answer = requests.post(
        f"{simulator.url}/graph/{NUMBER}/media",
        files={"file": (name, b"x", mime_type)},
        data={"messaging_product": "whatsapp"},
        headers={"Authorization": f"Bearer {ACCESS_TOKEN}"},
        timeout=60,
    )
    assert answer.status_code == status


@pytest.mark.parametrize("token", [None, "wrong"])
def test_without_the_token_nothing_works(simulator: Simulator, token: str | None) -> None:
    simulator.say("hi")
    answer = simulator.graph(text("hi"), token=token)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == 190


def test_the_window_closes_after_a_day(simulator: Simulator) -> None:
    simulator.say("hi")
    simulator.answer({"type": "text", "text": {"body": "Namaste"}})
    simulator.control("clock", {"advance_seconds": 24 * 3600})
    answer = simulator.graph(text("Still there?"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 131047)
    simulator.answer(
        {"type": "template", "template": {"name": "reminder", "language": {"code": "hi"}}}
    )
    simulator.say("haan")
    simulator.answer({"type": "text", "text": {"body": "Namaste"}})


def test_who_never_wrote_gets_templates_only(simulator: Simulator) -> None:
    answer = simulator.graph({**text("hello"), "to": f"+{RAVI}"})
    assert answer.json()["error"]["code"] == 131047
    simulator.control("limits", {"window": False})
    simulator.answer({"type": "text", "text": {"body": "hello"}}, RAVI)


def test_the_closed_window_may_show_in_a_status_only(
    simulator: Simulator, gateway: Gateway
) -> None:
    simulator.control("limits", {"window_answer": "status"})
    wamid = simulator.answer({"type": "text", "text": {"body": "hello"}})
    gateway.wait_for(gateway.statuses)
    status = gateway.statuses()[0]
    assert (status["id"], status["status"]) == (wamid, "failed")
    assert status["errors"][0]["code"] == 131047
    assert simulator.chat() == []


def test_a_pair_may_burst_and_then_waits(simulator: Simulator) -> None:
    simulator.control("limits", {"pair_every_seconds": 600})
    simulator.say("hi")
    for _ in range(45):
        simulator.answer({"type": "text", "text": {"body": "x"}})
    answer = simulator.graph(text("x"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, 131056)
    simulator.control("clock", {"advance_seconds": 600})
    simulator.answer({"type": "text", "text": {"body": "x"}})
    assert simulator.graph(text("x")).json()["error"]["code"] == 131056
    simulator.control("limits", {"pair": False})
    simulator.answer({"type": "text", "text": {"body": "x"}})


def test_a_number_has_a_throughput(simulator: Simulator) -> None:
    simulator.control("limits", {"pair": False, "number_per_second": 3})
    simulator.say("hi")
    codes = []
    for _ in range(6):
        simulator.control("clock", {"advance_seconds": -60})  # so that no time passes meanwhile
        codes.append(simulator.graph(text("x")).json().get("error", {}).get("code"))
    assert codes == [None, None, 130429, 130429, 130429, 130429], "what comes in counts as well"


def test_who_is_not_on_whatsapp_fails_in_a_status(simulator: Simulator, gateway: Gateway) -> None:
    phone = "919000000013"
    simulator.control("people", {"phone": phone, "reachable": False})
    simulator.control("limits", {"window": False})
    simulator.answer({"type": "text", "text": {"body": "hello"}}, phone)
    gateway.wait_for(gateway.statuses)
    assert gateway.statuses()[0]["errors"][0]["code"] == 131026
