"""A picture or PDF that somebody of the shop sends: it is read, and what it says comes later."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import method_of
from erp_core.expenses.categories import OTHER, guess_category
from erp_core.parties.permissions import Permission

FILES = frozenset({"image", "document"})
READABLE = frozenset({"jpeg", "png", "webp", "pdf"})
WORDLESS = frozenset({"nlu_fallback", "expense_log", "out_of_scope", "affirm", ""})
"""Intents of a caption that wants nothing but that the picture is read."""

YES, AGAIN, EDIT, NO = "receipt_yes", "receipt_again", "receipt_edit", "receipt_no"
SET, GOODS = "receipt_set", "receipt_goods"
CARD_ACTS = frozenset({YES, AGAIN, EDIT, NO, SET, GOODS})
"""What the buttons under a bill do; SET answers what is unsure, GOODS makes a purchase of it."""

SPOKEN = 3
"""Whoever sends more at once is not told of each that it will be read."""


def is_reading(turn: Turn) -> bool:
    """Whether this is what a picture said, on its way back into the chat."""
    return turn.metadata.get("kind") == "reading"


def is_card(turn: Turn) -> bool:
    """Whether a button of a bill's card was tapped: it stands by itself, whatever is going on."""
    return turn.metadata.get("kind") == "button" and turn.value("act") in CARD_ACTS


def is_goods(turn: Turn) -> bool:
    """Whether a bill is said to be one for goods."""
    return is_card(turn) and turn.value("act") == GOODS


def is_file(turn: Turn) -> bool:
    """Whether a file came that may be a bill, from somebody who may write one."""
    media = turn.metadata.get("media") or {}
    if media.get("kind") not in FILES or turn.intent not in WORDLESS:
        return False
    return turn.is_user and turn.may(Permission.LOG_EXPENSE)


def hear(turn: Turn) -> list[EventType] | None:
    """Have the file read, and say so at once; None when it is none of ours to read."""
    media = turn.metadata.get("media") or {}
    if not is_file(turn) or "content" not in media:
        return None
    if media["trouble"]:
        turn.say(f"utter_photo_{media['trouble']}")
    elif media["content"] not in READABLE:
        turn.say("utter_photo_wrong_type")
    elif "room" not in media:
        return None
    elif media["room"] == "none":
        turn.say("utter_reading_full")
    else:
        _have_read(turn, media)
    return []


def _have_read(turn: Turn, media: dict[str, Any]) -> None:
    if media["room"] == "later":
        turn.say("utter_reading_later")
    elif media["waiting"] < SPOKEN:
        turn.say("utter_reading")
    wanted = {"media": str(media["id"]), "hint": _hint(turn)}
    turn.dispatcher.utter_message(json_message={"read": wanted})


def _hint(turn: Turn) -> dict[str, str]:
    """What the caption says of the bill, in codes: its words are gone by then."""
    if not turn.text:
        return {}
    category, method = guess_category(turn.text), method_of(turn.text)
    return {
        **({"category": category} if category != OTHER else {}),
        **({"method": method} if method else {}),
    }
