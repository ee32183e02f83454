"""How a message becomes what Rasa handles: typed text never reaches an intent, our buttons do."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.whatsapp.messages import InboundMessage, MessageKind, Sender
from channels.whatsapp.straight import in_order
from channels.whatsapp.turns import Said, collect, parse_payload, typed, understood


def message(text: str = "", kind: MessageKind = "text", **more: Any) -> InboundMessage:
    return InboundMessage("wamid.1", "1065", Sender(phone="919"), kind, 1, text, **more)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/stock iphone", ("stock iphone", "stock")),
        ("/Bill Sharma", ("Bill Sharma", "bill")),
        ("/help", ("help", "help")),
        ('/affirm{"order": "1"}', ('affirm{"order": "1"}', "affirm")),
        ("  // /stock x", ("stock x", "stock")),
        ("\u200b/affirm", ("affirm", None)),
        ("40rs/kg", ("40rs/kg", None)),
        ("/", ("", None)),
        ("/स्टॉक", ("स्टॉक", None)),
    ],
)
def test_slashes(text: str, expected: tuple[str, str | None]) -> None:
    assert typed(text) == expected


@given(st.text(max_size=40))
def test_no_typed_text_begins_with_a_slash_when_rasa_sees_it(text: str) -> None:
    handled = understood(message(text), None, {}, "chat")
    assert handled.parse_data or not (handled.text or "").strip().startswith("/")


def test_typed_text_is_written_out_and_a_title_stays() -> None:
    assert understood(message("ravi pd 500"), None, {}, "chat").text == "ravi paid 500"
    tapped = understood(
        message("pd", "choice", choice="b"), {"payload": "/affirm"}, {"wamid": "w"}, "chat"
    )
    assert tapped.text == "pd"


def test_a_button_names_its_intent_and_entities() -> None:
    payload = '/choose{"product_id": "42"}'
    handled = understood(
        message("iPhone", "choice", choice="b"), {"payload": payload}, {"wamid": "w"}, "chat"
    )
    assert handled.text == "iPhone"
    assert handled.parse_data["intent"] == {"name": "choose", "confidence": 1.0}
    assert [(e["entity"], e["value"]) for e in handled.parse_data["entities"]] == [
        ("product_id", "42")
    ]
    assert handled.metadata == {"wamid": "w", "kind": "button"}
    assert handled.sender_id == "chat"


def test_a_button_that_is_plain_text_is_understood_as_text() -> None:
    handled = understood(message("Stock", "choice", choice="b"), {"payload": "stock"}, {}, "chat")
    assert handled.parse_data is None
    assert handled.text == "Stock"


def test_an_old_button_says_so() -> None:
    handled = understood(message("Haan", "choice", choice="/affirm"), None, {}, "chat")
    assert handled.parse_data["intent"]["name"] == "nlu_fallback"
    assert handled.metadata["kind"] == "expired_button"


def test_broken_payloads_are_no_intent() -> None:
    assert parse_payload("/choose{broken", "x") is None
    assert parse_payload("plain", "x") is None


def test_a_contact_card_is_a_customer_to_add() -> None:
    card = {"contacts": [{"name": "Mohan", "phones": ["919876543210"]}]}
    handled = understood(message(kind="contacts", facts=card), None, {}, "chat")
    assert handled.parse_data["intent"]["name"] == "customer_add"
    assert {e["entity"]: e["value"] for e in handled.parse_data["entities"]} == {
        "customer_name": "Mohan",
        "customer_phone": "919876543210",
    }


def test_everything_that_is_uttered_is_one_reply() -> None:
    said = Said()
    collect(said, {"text": "One ", "buttons": [{"title": "A", "payload": "/a"}]})
    collect(said, {"text": "Two", "custom": {"attachment": {"kind": "invoice", "id": "1"}}})
    collect(said, {"text": None, "quick_replies": [{"title": "B", "payload": "/b"}], "custom": {}})
    assert said.text == "One\n\nTwo"
    assert [button["title"] for button in said.buttons] == ["A", "B"]
    assert said.attachments == [{"kind": "invoice", "id": "1"}]


def test_a_graph_runs_each_node_after_what_it_needs() -> None:
    needs = {"e": ("d", "b"), "d": ("b", "c"), "c": ("b",), "b": ("a", "input"), "a": ("input",)}
    assert in_order(needs) == ["a", "b", "c", "d", "e"]
