"""An order that shall go out on another day: "delivery parso nahi itwar ko", "Meena ka order ab
Sunday ko jayega"."""

from __future__ import annotations

from actions.context import Turn
from actions.forms.draft import Draft
from actions.forms.names import MODIFY_FORM
from actions.lexicon import only, says
from actions.match import customer_in, just_spoken_of, recent
from actions.reading.clock import hour_said
from actions.reading.promised_days import names_a_day
from actions.reading.said import denies
from actions.reading.wanted import note_wanted, refuses_day, sends_later
from erp_core.journal.context import Reader
from erp_core.orders import queries as orders
from erp_core.orders import states
from erp_core.orders.queries import Order

LONGEST = 12
"""A message of more words tells something of its own."""
_OF_MONEY = frozenset(
    {"payment_request", "payment_record", "payment_status", "khata_credit", "khata_query",
     "expense_log", "report_request"}
)  # fmt: skip
_NO_MOVE = ("cancel", "accepting", "asking")
_OTHERS = ("product_name", "amount", "vendor_name", "person", "invoice_number", "item")


def order_put_off(turn: Turn) -> Order | None:
    """The order of which a message says no more than when it is wanted now."""
    if not turn.is_user or turn.is_not_words or not 1 < len(turn.words) <= LONGEST:
        return None
    if turn.intent in _OF_MONEY or turn.metadata.get("kind") == "button":
        return None
    if any(turn.first(one) for one in _OTHERS) or "?" in turn.text:
        return None
    if turn.first("quantity") and hour_said(turn.text) is None:
        return None
    if any(says(turn.words, one) for one in _NO_MOVE) or not _moves(turn):
        return None
    if not note_wanted(turn, Draft("", MODIFY_FORM, {})):
        return None
    with turn.read() as reader:
        found = _meant(turn, reader)
    return found if found and found.status in states.CHANGEABLE else None


def _moves(turn: Turn) -> bool:
    """Whether something that goes out shall go another day; "kal bhej dena" is all that it says."""
    if refuses_day(turn) or sends_later(turn):
        return True
    if denies(turn) or not says(turn.words, "wanted.moves"):
        return False
    cues = (
        "filler",
        "wanted.moves",
        "parts_of_day.morning",
        "parts_of_day.noon",
        "parts_of_day.evening",
    )
    rest = [one for one in turn.words if not names_a_day(one)]
    alone = len(rest) < len(turn.words) and all(any(only([x], c) for c in cues) for x in rest)
    return alone or says(turn.words, "wanted.delivery")


def _meant(turn: Turn, reader: Reader) -> Order | None:
    if number := turn.value("order_id"):
        return orders.order_by_number(reader, number)
    if turn.value("customer_name"):
        buyer = customer_in(turn, reader)
        found = orders.open_orders(reader, buyer.id, limit=2) if buyer else []
        return found[0] if len(found) == 1 else None
    told = recent(turn, "order")
    return orders.order(reader, told) if told and just_spoken_of(turn, "order") else None
