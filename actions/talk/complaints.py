"""Somebody who runs the shop says that Bahi's figures are wrong, and not which: what to look at."""

from __future__ import annotations

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import NUMBERS
from actions.lexicon import says
from actions.talk.apology import apologize

LONGEST = 16
_ABOUT_SOMETHING = (
    "customer_name", "vendor_name", "person", "order_id", "invoice_number", "amount", "quantity",
)  # fmt: skip


def tell_how_to_mend(turn: Turn) -> list[EventType] | None:
    """ "Hisaab galat hai tumhara", "app stock galat dikha raha hai": how to find what is wrong and
    to put it right. Nothing is changed. In the middle of a form, where what is shown may be wrong,
    only who blames Bahi is meant."""
    if not turn.text or turn.is_not_words or turn.metadata.get("kind") == "button":
        return None
    if len(turn.words) > LONGEST:
        return None
    if not _asks_where_money_went(turn) and not _is_upset(turn):
        return None
    turn.say("utter_figures_wrong")
    return []


def hear_scolding(turn: Turn) -> list[EventType] | None:
    """ "Saale bekar bot" asks for no sale, and agrees to nothing."""
    taken = turn.is_user and turn.form is None and turn.intent in ("report_request", "affirm")
    if not taken or any(one.name != "report_type" for one in turn.entities):
        return None
    if not says(turn.words, "complaint") or says(turn.words, "asking"):
        return None
    apologize(turn)
    return []


def _asks_where_money_went(turn: Turn) -> bool:
    """ "28 rupaye kahan gaye" puts no sum and no rate right."""
    others = any(turn.first(one) for one in _ABOUT_SOMETHING if one not in NUMBERS)
    money = any(turn.first(one) for one in NUMBERS) and not turn.first("product_name")
    return money and not others and says(turn.words, "complaints.went")


def _is_upset(turn: Turn) -> bool:
    if any(turn.first(one) for one in _ABOUT_SOMETHING):
        return False
    said = turn.words
    if says(said, "complaints.cheated"):
        return True
    if says(said, "complaint") or says(said, "bill_words"):
        return False
    wrong = says(said, "dues.wrong") or says(said, "complaints.differs")
    if not wrong or says(said, "undoing.undo") or says(said, "undoing.slip"):
        return False
    blames = says(said, "complaints.blames")
    return blames or (turn.form is None and says(said, "complaints.figures"))
