"""What can be tapped: an opaque id goes out, what it means stays here, sealed for its chat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from channels.whatsapp.crypto import Vault
from channels.whatsapp.messages import Option, Words
from channels.whatsapp.outbound import ROWS

Meanings = dict[str, bytes]
"""Sealed meanings by button id: {"payload": …}, or {"page": […], "text": …} for "more"."""


def options_of(
    vault: Vault,
    buttons: Sequence[Mapping[str, Any]],
    *,
    chat: str,
    reply_id: str,
    text: str,
    words: Words,
) -> tuple[tuple[Option, ...], Meanings]:
    """What to show and what each means. More than a list holds goes on behind "more".

    The ids come of the reply's, so that a turn that runs again makes the same ones.
    """
    shown, rest = list(buttons), []
    if len(shown) > ROWS:
        shown, rest = shown[: ROWS - 1], shown[ROWS - 1 :]
    options = []
    meanings: Meanings = {}
    for place, button in enumerate(shown):
        name = vault.short_name("button", reply_id, str(place))
        title = str(button.get("title") or "")
        options.append(Option(title, name, str(button.get("description") or "")))
        meanings[name] = seal(vault, {"payload": str(button.get("payload") or title)}, chat)
    if rest:
        name = vault.short_name("button", reply_id, "more")
        options.append(Option(words.more, name))
        meanings[name] = seal(vault, {"page": [dict(one) for one in rest], "text": text}, chat)
    return tuple(options), meanings


def seal(vault: Vault, meaning: Mapping[str, Any], chat: str) -> bytes:
    """A meaning that opens in its own chat only."""
    return vault.seal(meaning, context(chat))


def context(chat: str) -> str:
    """What a button's meaning is sealed for."""
    return f"button:{chat}"
