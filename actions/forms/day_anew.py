"""The day of what is being written, said by itself: "kal ka daal do", "aaj ka nahi, kal ka tha"."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import Entity
from actions.forms.draft import Draft
from actions.forms.names import CREDIT_FORM, EXPENSE_FORM, INVOICE_FORM, ORDER_FORM, PAYMENT_FORM
from actions.reading.when import day_alone, past_day_alone
from actions.wording import day

if TYPE_CHECKING:
    from actions.forms.topic import Topic

WRITTEN_OF_A_DAY = frozenset({EXPENSE_FORM, PAYMENT_FORM, CREDIT_FORM})
"""Forms that write what may have been on an earlier day."""


def with_day_anew(turn: Turn, form: Topic) -> Turn:
    """The turn as an answer that says the day, which is past: nothing to come is written down."""
    past = past_day_alone(turn) if form.form in WRITTEN_OF_A_DAY else None
    if past is None:
        return turn
    on = Entity("date", past.strftime("%d-%m-%Y"))
    return replace(turn, intent=min(form.intents), text=on.value, entities=[on])


def tell_bill_of_today(turn: Turn, draft: Draft) -> list[EventType] | None:
    """That a bill which is being made is of today, where it shall be of another day."""
    billed = draft.form == INVOICE_FORM or (draft.form == ORDER_FORM and draft["bill"])
    said = day_alone(turn) if billed else None
    if said is None:
        return None
    turn.say("utter_bill_of_today", said=said.value, today=day(turn.today))
    return []
