"""Who had goods last, what somebody usually takes, and what somebody wrote, which is not kept."""

from __future__ import annotations

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.lexicon import says
from actions.match import (
    customer_in,
    goods_in_text,
    product_named,
    recent,
    remember,
    unit_word,
)
from actions.wording import day, order_rows
from erp_core.journal.context import Reader
from erp_core.kernel.quantity import plain
from erp_core.parties import queries as parties
from erp_core.parties.queries import Customer
from erp_core.reports.buyers import last_buyers, usual_goods

FEW = 5


def tell_last_buyers(turn: Turn) -> list[EventType] | None:
    """ "Dolo last kisne liya", "iphone last kab bika": those who had it, the last first."""
    took = says(turn.words, "questions.lately") or says(turn.words, "questions.had_it")
    by_whom = took and says(turn.words, "questions.by_whom")
    if not turn.is_user or not (by_whom or says(turn.words, "questions.sold_when")):
        return None
    others = ("quantity", "amount", "customer_name", "vendor_name", "order_id", "date")
    if any(turn.first(one) for one in others):
        return None
    with turn.read() as reader:
        said = turn.value("product_name") or goods_in_text(turn, reader)
        product = product_named(reader, said).one if said else None
        found = last_buyers(reader, product.id, limit=FEW) if product else []
    if product is None:
        return None
    rows = [
        {
            "name": one.name,
            "on": day(one.on),
            "quantity": plain(one.quantity),
            "unit": unit_word(turn, product.unit, one.quantity),
        }
        for one in found
    ]
    turn.say(
        "utter_last_buyers" if rows else "utter_never_sold",
        product=product.name,
        rows=turn.lines("line_last_buyer", rows),
    )
    return [remember(turn, product=product.id)]


def tell_usual(turn: Turn) -> list[EventType] | None:
    """ "Priya usually kya leti hai": what she takes most often."""
    most = says(turn.words, "questions.most") and says(turn.words, "asking")
    usual = says(turn.words, "questions.usually") or most
    if not turn.is_user or not usual or not says(turn.words, "questions.takes_goods"):
        return None
    if any(turn.first(one) for one in ("product_name", "quantity", "amount", "date")):
        return None
    with turn.read() as reader:
        buyer = _whom(turn, reader)
        if buyer is None:
            return None
        found = usual_goods(reader, buyer.id, limit=FEW)
    rows = [
        {
            "product": one.product,
            "quantity": plain(one.quantity),
            "unit": unit_word(turn, one.unit, one.quantity),
            "times": one.times,
        }
        for one in found
    ]
    turn.say(
        "utter_usual_goods" if rows else "utter_took_nothing_yet",
        name=buyer.name,
        rows=turn.lines("line_usual_goods", rows),
    )
    return [remember(turn, customer=buyer.id)]


def tell_no_messages(turn: Turn) -> list[EventType] | None:
    """ "Neha ka kya message tha", "what did Neha say": what was written is not kept, but what came
    of it is."""
    asked = says(turn.words, "questions.said_what")
    asked = asked or (says(turn.words, "questions.did") and says(turn.words, "questions.say"))
    others = ("product_name", "quantity", "amount", "invoice_number", "order_id")
    if not turn.is_user or not asked or any(turn.first(one) for one in others):
        return None
    with turn.read() as reader:
        buyer = _whom(turn, reader)
        rows = order_rows(turn, reader, buyer.id) if buyer else ""
    if buyer is None:
        turn.say("utter_messages_not_kept")
        return []
    turn.say("utter_messages_of_not_kept", name=buyer.name)
    if rows:
        turn.say("utter_customer_orders", rows=rows)
    return [remember(turn, customer=buyer.id)]


def _whom(turn: Turn, reader: Reader) -> Customer | None:
    """Who is named; or was spoken of last, by "usne" and its like."""
    buyer = customer_in(turn, reader)
    before = recent(turn, "customer") if says(turn.words, "same_person") else None
    return buyer or (parties.customer(reader, before) if before else None)
