"""An appointment, which is an order of work for a day and an hour: "pooja ki kal 4 baje
appointment hai facial ki". The days of hire, which are not counted."""

from __future__ import annotations

from dataclasses import replace

from actions.context import Turn
from actions.entities import Entity
from actions.forms.intents import UNSURE
from actions.goods.work import is_of_work
from actions.lexicon import says
from actions.match import customer_named, just_spoken_of, product_in_text, product_named, recent
from actions.reading.clock import hour_said
from actions.reading.wanted import coming_day
from actions.reading.when import span_said
from actions.reading.work_told import OF_WORK
from erp_core.catalogue.queries import product
from erp_core.orders import queries as orders

AHEAD = UNSURE | {"payment_record", "expense_log"}
"""What goods and the money that is given ahead for them are taken for."""
_OF_WORK_DONE = OF_WORK | {"khata_credit"}
HIRE = "9973"
"""SAC of what is leased or let on hire."""


def books_work(turn: Turn) -> bool:
    """Whether somebody's appointment is told, by those who run the shop, with the work it is for:
    an order, though it was not understood."""
    if not turn.is_user or turn.is_not_words or turn.intent not in UNSURE or "?" in turn.text:
        return False
    named = turn.first("customer_name") and turn.first("product_name")
    cues = ("asking", "negation", "cancel", "tense.past")
    if not named or any(says(turn.words, cue) for cue in cues):
        return False
    return says(turn.words, "wanting") or (hour_said(turn.text) is not None and is_of_work(turn))


def work_done(turn: Turn) -> bool:
    """ "Farah ne threading karwayi upi se", "facial ho gaya sunita ka": work that was done for
    somebody, with no sum beside it, is sold at its rate."""
    if not turn.is_user or turn.is_not_words or turn.intent not in _OF_WORK_DONE:
        return False
    named = turn.first("customer_name") and turn.first("product_name")
    if not named or turn.first("amount") or "?" in turn.text or not says(turn.words, "work_told"):
        return False
    cues = ("asking", "negation", "cancel")
    return not any(says(turn.words, cue) for cue in cues) and is_of_work(turn)


def wants_work(turn: Turn) -> Turn | None:
    """ "Kal 5 baje grooming ka time milega kya", "sunday 11 baje kar do" of work that was just told
    of, by who buys: the message as an order of it."""
    timed = hour_said(turn.text) or coming_day(turn)
    books = says(turn.words, "buyers.books") and not says(turn.words, "cancel")
    if turn.is_user or turn.is_not_words or turn.intent not in _ASKED or not (timed and books):
        return None
    if turn.first("amount") or turn.slots.get("draft") or says(turn.words, "an_order"):
        return None
    with turn.read() as reader:
        named = turn.first("product_name")
        found = product_named(reader, named.value).one if named else product_in_text(turn, reader)
        told = recent(turn, "product") if just_spoken_of(turn, "product") else None
        if found is None and named is None and told:
            found = product(reader, told)
    if found is None or not found.is_service:
        return None
    kept = [one for one in turn.entities if one.name != "product_name"]
    named = named or Entity("product_name", found.name, start=0, end=0)
    return replace(turn, intent="order_create", confidence=1.0, entities=[named, *kept])


_ASKED = UNSURE | {
    "affirm", "inventory_query", "price_query", "order_status", "order_create", "order_modify",
    "inventory_update", "greeting", "human_handoff",
}  # fmt: skip
"""What a time that is wanted for work is taken for."""


def booked_ahead(turn: Turn) -> Turn | None:
    """ "Sharma ji ki bike ka general service, 500 advance diya", taken for money alone: the message
    as an order, unless something is on the books for whoever gave it."""
    named, goods = turn.first("customer_name"), turn.all("product_name")
    if not turn.is_user or turn.intent not in AHEAD or named is None or not goods:
        return None
    cues = ("asking", "negation", "cancel", "given_to", "dues.gave_back", "buying.sent_back")
    if not says(turn.words, "advance") or any(says(turn.words, cue) for cue in cues):
        return None
    with turn.read() as reader:
        buyer = customer_named(reader, named.value).one
        found = [product_named(reader, one.value) for one in goods]
        if buyer is None or orders.open_orders(reader, buyer.id, limit=1):
            return None
    known = all(one.one or (one.options and not one.guesses) for one in found)
    return replace(turn, intent="order_create", confidence=1.0) if known else None


def tell_days_of_hire(turn: Turn) -> None:
    """That what is let on hire for several days is written at its rate of one."""
    days = span_said(turn) if turn.first("product_name") else None
    if not days or days < 2 or says(turn.words, "daily.every_day"):
        return
    with turn.read() as reader:
        found = [product_named(reader, one.value).one for one in turn.all("product_name")]
    if any(one and (one.hsn or "").startswith(HIRE) for one in found):
        turn.say("utter_daily_not_kept")
