"""Reads the Cloud API's envelope. Takes what it can, never fails on a part that it does not know.

A post that is refused comes again for days, so anything strange is passed on as `unknown` and
acknowledged. Whatever is not of the expected type counts as absent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from channels.whatsapp.messages import InboundMessage, Media, MediaKind, Sender, Status
from erp_core.kernel.visible import visible

MESSAGES_FIELD = "messages"
TEXT_LIMIT = 4096

_LONE_SURROGATE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)
"""Half of an emoji, as a client leaves it that cuts a text in the middle."""


class BadEnvelope(ValueError):
    """Not JSON, or not an object: nobody who signs for Meta sends that."""


@dataclass
class Parsed:
    """Everything that one post held, in its order."""

    messages: list[InboundMessage] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    """Fields of changes that this version only counts: template and account updates, errors."""


def parse(body: bytes) -> Parsed:
    """Read a post's body. Raises BadEnvelope."""
    try:
        envelope = _loads(body)
    except orjson.JSONDecodeError as error:
        raise BadEnvelope("not JSON") from error
    if not isinstance(envelope, dict):
        raise BadEnvelope("not an object")
    parsed = Parsed()
    for entry in _objects(envelope.get("entry")):
        for change in _objects(entry.get("changes")):
            _read_change(change, parsed)
    return parsed


def _loads(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return orjson.loads(_LONE_SURROGATE.sub(rb"\\ufffd", body))


def _read_change(change: dict[str, Any], parsed: Parsed) -> None:
    change_field = _text(change.get("field")) or "missing"
    value = _object(change.get("value"))
    if change_field != MESSAGES_FIELD:
        parsed.notices.append(change_field)
        return
    number = _text(_object(value.get("metadata")).get("phone_number_id")) or ""
    contacts = list(_objects(value.get("contacts")))
    for raw in _objects(value.get("messages")):
        message = _read_message(raw, number, contacts)
        if message is None:
            parsed.notices.append("message_without_address")
        else:
            parsed.messages.append(message)
    for raw in _objects(value.get("statuses")):
        status = _read_status(raw, number)
        if status is not None:
            parsed.statuses.append(status)
    if value.get("errors"):
        parsed.notices.append("errors")


def _read_message(
    raw: dict[str, Any], number: str, contacts: list[dict[str, Any]]
) -> InboundMessage | None:
    wamid = _text(raw.get("id"))
    sender = _sender(raw, contacts)
    if not (wamid and number and sender.key):
        return None
    kind = _text(raw.get("type")) or ""
    read = _READERS.get(kind, _unknown)
    part = raw.get(kind) if kind else None
    try:
        found = read(part, kind)
    except (ValueError, TypeError, AttributeError, KeyError):
        found = _unknown(part, kind)
    return InboundMessage(
        id=wamid,
        phone_number_id=number,
        sender=sender,
        timestamp=_whole(raw.get("timestamp")),
        name=_profile_name(sender, contacts),
        reply_to=_text(_object(raw.get("context")).get("id")) or None,
        **found,
    )


def _sender(raw: dict[str, Any], contacts: list[dict[str, Any]]) -> Sender:
    """From the message; else from the contact, where there is but one. "" counts as absent."""
    contact = contacts[0] if len(contacts) == 1 else {}
    return Sender(
        phone=_digits(raw.get("from")) or _digits(contact.get("wa_id")),
        bsuid=_text(raw.get("from_user_id")) or _text(contact.get("user_id")) or None,
        parent_bsuid=_text(raw.get("from_parent_user_id"))
        or _text(contact.get("parent_user_id"))
        or None,
    )


def _profile_name(sender: Sender, contacts: list[dict[str, Any]]) -> str | None:
    for contact in contacts:
        same_phone = sender.phone and _digits(contact.get("wa_id")) == sender.phone
        same_user = sender.bsuid and _text(contact.get("user_id")) == sender.bsuid
        if same_phone or same_user:
            return _text(_object(contact.get("profile")).get("name")) or None
    return None


def _read_status(raw: dict[str, Any], number: str) -> Status | None:
    wamid, status = _text(raw.get("id")), _text(raw.get("status"))
    if not wamid or not status:
        return None
    errors = list(_objects(raw.get("errors")))
    pricing = _object(raw.get("pricing"))
    return Status(
        wamid=wamid,
        phone_number_id=number,
        status=status,
        timestamp=_whole(raw.get("timestamp")),
        reference=_text(raw.get("biz_opaque_callback_data")) or None,
        error_code=_whole(errors[0].get("code")) if errors else None,
        pricing_category=_text(pricing.get("category")) or None,
        pricing_type=_text(pricing.get("type")) or None,
    )


Found = dict[str, Any]
Reader = Callable[[Any, str], Found]


def _read_text(part: Any, _: str) -> Found:
    return {"kind": "text", "text": visible(_text(_object(part).get("body")))[:TEXT_LIMIT]}


def _read_media(part: Any, kind: str) -> Found:
    part = _object(part)
    media_id = _text(part.get("id"))
    if not media_id:
        return _unknown(part, kind)
    media_kind: MediaKind = kind  # type: ignore[assignment]
    media = Media(
        kind=media_kind,
        id=media_id,
        mime=_text(part.get("mime_type")).split(";")[0].strip().lower(),
        sha256=_text(part.get("sha256")) or None,
        filename=_text(part.get("filename")) or None,
        voice=part.get("voice") is True,
    )
    return {"kind": "media", "media": media, "text": _text(part.get("caption"))[:TEXT_LIMIT]}


def _read_interactive(part: Any, _: str) -> Found:
    part = _object(part)
    kind = _text(part.get("type"))
    if kind in ("button_reply", "list_reply"):
        reply = _object(part.get(kind))
        return {
            "kind": "choice",
            "choice": _text(reply.get("id")),
            "text": _text(reply.get("title")),
        }
    if kind == "nfm_reply":
        reply = _object(part.get(kind))
        answers = _json_object(reply.get("response_json"))
        return {"kind": "form", "facts": {"name": _text(reply.get("name")), "answers": answers}}
    return _unknown(part, f"interactive.{kind}")


def _read_button(part: Any, _: str) -> Found:
    part = _object(part)
    return {"kind": "choice", "choice": _text(part.get("payload")), "text": _text(part.get("text"))}


def _read_location(part: Any, _: str) -> Found:
    part = _object(part)
    place = {"latitude": str(part["latitude"]), "longitude": str(part["longitude"])}
    words = {key: _text(part.get(key)) for key in ("name", "address") if part.get(key)}
    return {"kind": "location", "facts": {**place, **words}}


def _read_contacts(part: Any, _: str) -> Found:
    cards = []
    for card in _objects(part):
        phones = [
            _digits(phone.get("wa_id")) or _text(phone.get("phone"))
            for phone in _objects(card.get("phones"))
        ]
        name = _text(_object(card.get("name")).get("formatted_name"))
        cards.append({"name": name, "phones": [phone for phone in phones if phone]})
    return {"kind": "contacts", "facts": {"contacts": cards}}


def _read_order(part: Any, _: str) -> Found:
    part = _object(part)
    items = [
        {
            "product": _text(item.get("product_retailer_id")),
            "quantity": str(item.get("quantity") or ""),
        }
        for item in _objects(part.get("product_items"))
    ]
    return {"kind": "order", "text": _text(part.get("text")), "facts": {"items": items}}


def _read_reaction(part: Any, _: str) -> Found:
    part = _object(part)
    facts = {"message_id": _text(part.get("message_id")), "emoji": _text(part.get("emoji"))}
    return {"kind": "reaction", "facts": facts}


def _read_edit(part: Any, _: str) -> Found:
    part = _object(part)
    body = _text(_object(_object(part.get("message")).get("text")).get("body"))
    original = _text(part.get("original_message_id"))
    return {"kind": "edit", "text": body[:TEXT_LIMIT], "facts": {"message_id": original}}


def _read_revoke(part: Any, _: str) -> Found:
    return {
        "kind": "revoke",
        "facts": {"message_id": _text(_object(part).get("original_message_id"))},
    }


def _read_system(part: Any, _: str) -> Found:
    part = _object(part)
    facts = {
        "event": _text(part.get("type")),
        "phone": _digits(part.get("wa_id")),
        "bsuid": _text(part.get("user_id")) or None,
    }
    return {"kind": "system", "facts": facts}


def _read_welcome(_part: Any, _: str) -> Found:
    return {"kind": "welcome"}


def _read_unsupported(part: Any, _: str) -> Found:
    return {"kind": "unsupported", "facts": {"type": _text(_object(part).get("type"))}}


def _unknown(_part: Any, kind: str) -> Found:
    return {"kind": "unknown", "facts": {"type": kind[:40]}}


_READERS: dict[str, Reader] = {
    "text": _read_text,
    "image": _read_media,
    "video": _read_media,
    "sticker": _read_media,
    "audio": _read_media,
    "document": _read_media,
    "interactive": _read_interactive,
    "button": _read_button,
    "location": _read_location,
    "contacts": _read_contacts,
    "order": _read_order,
    "reaction": _read_reaction,
    "edit": _read_edit,
    "revoke": _read_revoke,
    "system": _read_system,
    "request_welcome": _read_welcome,
    "unsupported": _read_unsupported,
}


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _digits(value: Any) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return "".join(character for character in _text(value) if character in "0123456789") or None


def _whole(value: Any) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _json_object(value: Any) -> dict[str, Any]:
    try:
        return _object(orjson.loads(value))
    except (orjson.JSONDecodeError, TypeError):
        return {}
