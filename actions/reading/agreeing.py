"""A yes that was typed below buttons: the first of them where they answer a question of yes or no,
else they are shown once more."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from rasa_sdk import Tracker

from actions.context import Turn
from actions.entities import Entity
from actions.lexicon import only, says, where
from actions.phrasebook import Button
from actions.reading.parts import part_of
from erp_core.kernel.clauses import sentences

YES_IS_THE_FIRST = frozenset(
    {
        "utter_bill_needs_acceptance",
        "utter_confirm_share", "utter_lock_books", "utter_reopen_books", "utter_order_step",
        "utter_order_awaits", "utter_confirm_address", "utter_confirm_rename",
        "utter_confirm_own_name", "utter_confirm_own_upi_vpa",
    }
)  # fmt: skip
"""Responses that ask for a yes, and whose first button is it."""


def offered(tracker: Tracker) -> tuple[str, list[Button]]:
    """The response that the answer before this message ended with, and its buttons."""
    users = 0
    for event in reversed(tracker.events):
        users += event.get("event") == "user"
        if users == 2:
            break
        buttons = (event.get("data") or {}).get("buttons") if event.get("event") == "bot" else None
        if users == 1 and buttons:
            name = str((event.get("metadata") or {}).get("utter_action") or "")
            return name, [] if _is_of_a_draft(buttons) else list(buttons)
    return "", []


def told_last(tracker: Tracker) -> str:
    """The response that the answer before this message ended with."""
    users = 0
    for event in reversed(tracker.events):
        users += event.get("event") == "user"
        if users == 2:
            break
        if users == 1 and event.get("event") == "bot":
            return str((event.get("metadata") or {}).get("utter_action") or "")
    return ""


def as_tapped(turn: Turn, button: Mapping[str, Any]) -> Turn:
    """The turn of whoever taps a button instead of typing yes."""
    intent, brace, rest = str(button["payload"]).lstrip("/").partition("{")
    values: dict[str, str] = json.loads(brace + rest) if brace else {}
    return replace(
        turn,
        text="",
        intent=intent,
        entities=[Entity(name, value) for name, value in values.items()],
        metadata={**turn.metadata, "kind": "button"},
    )


def said_behind_yes(turn: Turn) -> Turn | None:
    """What a message says behind a yes of its own, as it is understood alone: "haan, aur Ramesh ka
    kitna baaki hai", "yes. how long will it take"."""
    if turn.is_not_words or turn.is_heard or turn.metadata.get("kind") == "button":
        return None
    spans = sentences(turn.text)
    first = part_of(turn, spans[0]) if len(spans) > 1 else None
    if first is None or first.entities or not says(first.words[:1], "buyers.agreeing"):
        return None
    beside = ("filler", "do_it") if turn.is_user else ("filler", "wanting", "buyers.agreeing")
    agrees = all(any(says([one], cue) for cue in beside) for one in first.words)
    hears = only(first.words, "buyers.merely_hearing")
    refuses = says(first.words, "negation") or turn.text[spans[0][1]] == "?" or hears
    if not agrees or refuses:
        return None
    alone = turn.by_clause
    if len(alone) == len(spans) == 2:
        return alone[1]
    return part_of(turn, (spans[1][0], len(turn.text)))


def leaves_and_asks(turn: Turn) -> bool:
    """Whether a message leaves what is written, and then says something else: "rehne do. dolo ka
    rate"."""
    if turn.is_not_words or turn.is_heard or turn.metadata.get("kind") == "button":
        return False
    spans = sentences(turn.text)
    first = part_of(turn, spans[0]) if len(spans) > 1 else None
    if first is None or first.entities or not says(first.words, "cancel"):
        return False
    said = where(first.words, "cancel") or (0, 0)
    rest = (*first.words[: said[0]], *first.words[said[1] :])
    return turn.text[spans[0][1]] != "?" and all(
        only([one], "filler") or only([one], "wanting") for one in rest
    )


def _is_of_a_draft(buttons: Sequence[Mapping[str, Any]]) -> bool:
    return any('"draft"' in str(one.get("payload")) for one in buttons)
