"""A picture or PDF that somebody sends: it is read, and what it says comes later."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import method_of
from actions.lexicon import says, which
from actions.match import customer_in_text, customer_named
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

PAGE_AS, PAGE_DROP = "page_as", "page_drop"
PAGE_PRICES, PAGE_NEW = "page_prices", "page_new"
PAGE_CUSTOMER, PAGE_VENDOR, PAGE_GSTIN = "page_customer", "page_vendor", "page_gstin"
PAGE_ACTS = frozenset(
    {PAGE_AS, PAGE_DROP, PAGE_PRICES, PAGE_NEW, PAGE_CUSTOMER, PAGE_VENDOR, PAGE_GSTIN}
)
"""What the buttons under a slip or a card do; AS has the picture read as what it is said to be."""

LONGEST_CAPTION = 12
"""So many words a caption has at most that says what a picture is."""

READERS = (Permission.LOG_EXPENSE, Permission.ADJUST_STOCK, Permission.CREATE_ORDER)

SPOKEN = 3
"""Whoever sends more at once is not told of each that it will be read."""


def is_reading(turn: Turn) -> bool:
    """Whether this is what a picture said, on its way back into the chat."""
    return turn.metadata.get("kind") == "reading"


def is_card(turn: Turn) -> bool:
    """Whether a button of a bill's card was tapped: it stands by itself, whatever is going on."""
    return turn.metadata.get("kind") == "button" and turn.value("act") in CARD_ACTS


def opens_card(turn: Turn) -> bool:
    """Whether a button opens a bill's card to be changed, or answers what it asks."""
    return is_card(turn) and turn.value("act") in (EDIT, SET)


def is_goods(turn: Turn) -> bool:
    """Whether a bill is said to be one for goods."""
    return is_card(turn) and turn.value("act") == GOODS


def is_page_tap(turn: Turn) -> bool:
    """Whether a button under a slip or a visiting card was tapped; it too stands by itself."""
    return turn.metadata.get("kind") == "button" and turn.value("act") in PAGE_ACTS


def is_file(turn: Turn) -> bool:
    """Whether a file came that is to be read, from somebody who may write something of it."""
    media = turn.metadata.get("media") or {}
    if media.get("kind") not in FILES:
        return False
    if turn.intent not in WORDLESS and wanted_of(turn) is None:
        return False
    return turn.is_user and any(turn.may(one) for one in READERS)


def wanted_of(turn: Turn) -> str | None:
    """What a caption says that the picture is: "bill", "count", "order", "prices" or "card"."""
    if not turn.text or len(turn.words) > LONGEST_CAPTION or "?" in turn.text:
        return None
    return which(turn.text, "pictures")


def hear_wanted(turn: Turn) -> list[EventType] | None:
    """Have a file read whose caption says what it is, whatever else its words could mean."""
    media = turn.metadata.get("media") or {}
    if media.get("content") not in READABLE or wanted_of(turn) is None:
        return None
    return hear(turn)


def hear_beside(turn: Turn) -> list[EventType] | None:
    """Have a picture read that comes while something is being written."""
    return hear_of_customer(turn) if turn.actor.kind == "customer" else hear_wanted(turn)


def hear_of_customer(turn: Turn) -> list[EventType] | None:
    """Have a picture of a customer read, which may be an order."""
    media = turn.metadata.get("media") or {}
    wordless = not turn.text or turn.intent in WORDLESS or wanted_of(turn) == "order"
    if media.get("kind") not in FILES or not wordless or says(turn.words, "dues.paid"):
        return None
    if media.get("content") not in READABLE or media.get("trouble") or media.get("room") != "now":
        return None
    _have_read(turn, media)
    return []


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
    """What the caption says of the page, in codes and ids: its words are gone by then."""
    if not turn.is_user:
        return {"wanted": "order"}
    if not turn.text:
        return {}
    category, method = guess_category(turn.text), method_of(turn.text)
    wanted, customer = wanted_of(turn), _customer(turn)
    return {
        **({"wanted": wanted} if wanted else {}),
        **({"customer": customer} if customer and wanted in (None, "order") else {}),
        **({"category": category} if category != OTHER else {}),
        **({"method": method} if method else {}),
    }


def _customer(turn: Turn) -> str | None:
    """The customer whom a caption names: "Ravi ka order"."""
    if not turn.may(Permission.VIEW_CUSTOMERS):
        return None
    said = turn.value("customer_name") or turn.value("person")
    with turn.read() as reader:
        named = customer_named(reader, said).one if said else None
        named = named or customer_in_text(turn, reader)
    return str(named.id) if named else None
