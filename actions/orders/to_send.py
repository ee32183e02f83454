"""What is still to be sent, and to whom: "aaj kis kis ka bhejna hai", "kiske order pade hai"."""

from __future__ import annotations

from datetime import date

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.lexicon import says
from actions.reading.wanted import coming_day
from actions.wording import order_taps
from erp_core.kernel.hindi_dates import parse_period
from erp_core.orders import queries as orders
from erp_core.orders import states

ROWS = 8
MOST = 40


def tell(turn: Turn) -> list[EventType] | None:
    """The orders that are not sent yet, those wanted first before the others; of a day that is
    named, what is wanted by then or at no day that was said; if nothing is, those for later."""
    named = any(turn.first(one) for one in ("customer_name", "order_id", "product_name"))
    if named or turn.is_not_words or not says(turn.words, "questions.to_send"):
        return None
    said = turn.first("date")
    period = parse_period(said.value, today=turn.today, lean="future") if said else None
    until = period.end if period else coming_day(turn)
    with turn.read() as reader:
        found = orders.open_orders(reader, limit=MOST)
        unsent = [one for one in found if one.status != states.SHIPPED]
        by_then = [one for one in unsent if not (until and one.wanted_on and one.wanted_on > until)]
        waiting = by_then or unsent
        waiting.sort(key=lambda one: one.wanted_on or date.max)
        if waiting:
            turn.say("utter_open_orders", choices=order_taps(turn, waiting[:ROWS]))
        else:
            turn.say("utter_no_open_orders")
    return []
