"""The envelope, as Meta documents it and as it really comes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import envelopes
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.whatsapp import inbound
from channels.whatsapp.inbound import BadEnvelope, parse
from channels.whatsapp.messages import InboundMessage, Media, Sender, Status


def read(kind: str, part: Any, **more: Any) -> InboundMessage:
    body = orjson.dumps(envelopes.post("1065", envelopes.message(kind, part, **more)))
    return parse(body).messages[0]


def test_text() -> None:
    built = envelopes.text("2 किलो चीनी 🙏", wamid="wamid.1", context={"id": "wamid.0"})
    message = parse(orjson.dumps(envelopes.post("1065", built))).messages[0]
    assert message == InboundMessage(
        id="wamid.1",
        phone_number_id="1065",
        sender=Sender(phone="919123456789"),
        kind="text",
        timestamp=int(built["timestamp"]),
        text="2 किलो चीनी 🙏",
        name="Ravi",
        reply_to="wamid.0",
    )
    assert InboundMessage.from_dict(asdict(message)) == message


@pytest.mark.parametrize(
    ("kind", "part", "expected"),
    [
        (
            "interactive",
            {"type": "button_reply", "button_reply": {"id": "b1", "title": "Haan"}},
            {"kind": "choice", "choice": "b1", "text": "Haan"},
        ),
        (
            "interactive",
            {
                "type": "list_reply",
                "list_reply": {"id": "r1", "title": "iPhone", "description": "x"},
            },
            {"kind": "choice", "choice": "r1", "text": "iPhone"},
        ),
        (
            "interactive",
            {
                "type": "nfm_reply",
                "nfm_reply": {"name": "flow", "body": "Sent", "response_json": '{"a": 1}'},
            },
            {"kind": "form", "facts": {"name": "flow", "answers": {"a": 1}}},
        ),
        (
            "interactive",
            {"type": "nfm_reply", "nfm_reply": {"name": "flow", "response_json": "[1]"}},
            {"kind": "form", "facts": {"name": "flow", "answers": {}}},
        ),
        (
            "button",
            {"payload": "p1", "text": "Pay now"},
            {"kind": "choice", "choice": "p1", "text": "Pay now"},
        ),
        (
            "image",
            {"id": "9", "mime_type": "image/jpeg", "sha256": "x", "caption": "bill"},
            {"kind": "media", "media": Media("image", "9", "image/jpeg", "x"), "text": "bill"},
        ),
        (
            "audio",
            {"id": "9", "mime_type": "audio/ogg; codecs=opus", "voice": True},
            {"kind": "media", "media": Media("audio", "9", "audio/ogg", voice=True)},
        ),
        (
            "document",
            {"id": "9", "mime_type": "application/pdf", "filename": "a.pdf"},
            {"kind": "media", "media": Media("document", "9", "application/pdf", None, "a.pdf")},
        ),
        (
            "location",
            {"latitude": 18.5, "longitude": "73.8", "name": "Pune"},
            {
                "kind": "location",
                "facts": {"latitude": "18.5", "longitude": "73.8", "name": "Pune"},
            },
        ),
        (
            "contacts",
            [{"name": {"formatted_name": "Mohan"}, "phones": [{"phone": "+91 98765 43210"}]}],
            {
                "kind": "contacts",
                "facts": {"contacts": [{"name": "Mohan", "phones": ["+91 98765 43210"]}]},
            },
        ),
        (
            "order",
            {"catalog_id": "1", "product_items": [{"product_retailer_id": "IPH", "quantity": "2"}]},
            {"kind": "order", "facts": {"items": [{"product": "IPH", "quantity": "2"}]}},
        ),
        (
            "reaction",
            {"message_id": "wamid.9"},
            {"kind": "reaction", "facts": {"message_id": "wamid.9", "emoji": ""}},
        ),
        (
            "edit",
            {
                "original_message_id": "wamid.9",
                "message": {"type": "text", "text": {"body": "3 iPhone"}},
            },
            {"kind": "edit", "text": "3 iPhone", "facts": {"message_id": "wamid.9"}},
        ),
        (
            "revoke",
            {"original_message_id": "wamid.9"},
            {"kind": "revoke", "facts": {"message_id": "wamid.9"}},
        ),
        (
            "system",
            {"type": "user_changed_number", "wa_id": "919000000000"},
            {
                "kind": "system",
                "facts": {"event": "user_changed_number", "phone": "919000000000", "bsuid": None},
            },
        ),
        ("unsupported", {"type": "poll"}, {"kind": "unsupported", "facts": {"type": "poll"}}),
        ("request_welcome", {}, {"kind": "welcome"}),
        ("hologram", {"x": 1}, {"kind": "unknown", "facts": {"type": "hologram"}}),
        ("interactive", None, {"kind": "unknown", "facts": {"type": "interactive."}}),
        ("image", {"mime_type": "image/png"}, {"kind": "unknown", "facts": {"type": "image"}}),
        ("location", "here", {"kind": "unknown", "facts": {"type": "location"}}),
    ],
)
def test_every_type(kind: str, part: Any, expected: dict[str, Any]) -> None:
    message = read(kind, part)
    assert {name: getattr(message, name) for name in expected} == expected


def test_a_username_hides_the_phone_number() -> None:
    built = {**envelopes.text("hi"), "from": "", "from_user_id": "IN.123"}
    message = parse(orjson.dumps(envelopes.post("1065", built))).messages[0]
    assert message.sender == Sender(bsuid="IN.123")
    assert message.sender.key == "IN.123"


def test_all_of_a_post_is_read() -> None:
    messages = [envelopes.text(str(n), sender=f"9190000{n:05}") for n in range(1000)]
    one = envelopes.post("1065", *messages[:500], statuses=[envelopes.status("sent", "ref")])
    other = envelopes.post("1066", *messages[500:])
    one["entry"][0]["changes"] += other["entry"][0]["changes"]
    one["entry"] += envelopes.post("1067", envelopes.text("last"))["entry"]
    parsed = parse(orjson.dumps(one))
    assert [m.text for m in parsed.messages] == [*(str(n) for n in range(1000)), "last"]
    assert [m.phone_number_id for m in parsed.messages[499:501]] == ["1065", "1066"]
    assert len(parsed.statuses) == 1


def test_a_status_with_everything() -> None:
    built = envelopes.status(
        "failed",
        "ours",
        errors=[{"code": 131047, "title": "Re-engagement"}],
        pricing={"billable": True, "category": "service", "type": "regular"},
    )
    parsed = parse(orjson.dumps(envelopes.post("1065", statuses=[built])))
    assert parsed.statuses == [
        Status(
            wamid="wamid.out1",
            phone_number_id="1065",
            status="failed",
            timestamp=int(built["timestamp"]),
            reference="ours",
            error_code=131047,
            pricing_category="service",
            pricing_type="regular",
        )
    ]


def test_other_fields_are_noted() -> None:
    envelope = envelopes.post("1065")
    envelope["entry"][0]["changes"][0]["field"] = "account_update"
    assert parse(orjson.dumps(envelope)).notices == ["account_update"]


def test_half_an_emoji_is_no_reason_to_refuse_a_post() -> None:
    built = envelopes.post("1065", envelopes.text("MARK"))
    body = orjson.dumps(built).replace(b"MARK", rb"ok \ud83d x \ude4f \ud83d\ude4f")
    assert parse(body).messages[0].text == "ok � x � 🙏"


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b"12", b"\xff"])
def test_what_is_no_envelope(body: bytes) -> None:
    with pytest.raises(BadEnvelope):
        parse(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=8), children, max_size=3)
    ),
    max_leaves=8,
)
KINDS = st.sampled_from([*inbound._READERS, "never_seen", ""])


@given(kind=KINDS, part=JSON, metadata=JSON, contacts=JSON, sender=JSON, timestamp=JSON)
def test_nothing_signed_is_ever_an_error(
    kind: str, part: Any, metadata: Any, contacts: Any, sender: Any, timestamp: Any
) -> None:
    message = {"id": "wamid.1", "type": kind, kind: part, "from": sender, "timestamp": timestamp}
    for value in (
        {"metadata": metadata, "contacts": contacts, "messages": [message, part]},
        {"metadata": {"phone_number_id": "1"}, "messages": [message], "statuses": [part, message]},
        part,
    ):
        changes = [{"field": "messages", "value": value}, part]
        envelope = {"entry": [{"changes": changes}, {"changes": part}, part]}
        for read in parse(orjson.dumps(envelope)).messages:
            assert InboundMessage.from_dict(asdict(read)) == read
