"""Webhook posts as Meta writes them."""

from __future__ import annotations

import itertools
import time
from typing import Any

_ids = itertools.count(1)


def text(
    body: str, *, sender: str = "919123456789", wamid: str = "", **more: Any
) -> dict[str, Any]:
    """A text message."""
    return message("text", {"body": body}, sender=sender, wamid=wamid, **more)


def message(
    kind: str, part: Any, *, sender: str | None = "919123456789", wamid: str = "", **more: Any
) -> dict[str, Any]:
    """A message of any type."""
    built = {
        "id": wamid or f"wamid.in{next(_ids)}.{time.time_ns()}",
        "timestamp": str(int(time.time())),
        "type": kind,
        kind: part,
        **more,
    }
    return {**built, "from": sender} if sender else built


def tap(button: str, title: str, *, sender: str = "919123456789") -> dict[str, Any]:
    """A tapped reply button."""
    reply = {"type": "button_reply", "button_reply": {"id": button, "title": title}}
    return message("interactive", reply, sender=sender)


def pick(row: str, title: str, *, sender: str = "919123456789") -> dict[str, Any]:
    """A chosen row of a list."""
    reply = {"type": "list_reply", "list_reply": {"id": row, "title": title}}
    return message("interactive", reply, sender=sender)


def status(
    state: str, reference: str | None, wamid: str = "wamid.out1", **more: Any
) -> dict[str, Any]:
    """A delivery status."""
    built = {"id": wamid, "status": state, "timestamp": str(int(time.time())), **more}
    return {**built, "biz_opaque_callback_data": reference} if reference else built


def post(
    number: str, *messages: dict[str, Any], statuses: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """One post with everything in one change."""
    metadata = {"display_phone_number": "911140000000", "phone_number_id": number}
    value: dict[str, Any] = {"messaging_product": "whatsapp", "metadata": metadata}
    if messages:
        value["messages"] = list(messages)
        senders = {m["from"] for m in messages if "from" in m}
        value["contacts"] = [{"profile": {"name": "Ravi"}, "wa_id": one} for one in senders]
    if statuses:
        value["statuses"] = statuses
    change = {"field": "messages", "value": value}
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}
