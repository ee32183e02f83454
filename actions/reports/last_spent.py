"""When something was last paid for: "dukaan ka kiraya kab diya tha", "bijli ka bill kab bhara"."""

from __future__ import annotations

from datetime import timedelta

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.lexicon import says
from actions.wording import day
from erp_core.expenses.categories import OTHER, guess_category
from erp_core.expenses.queries import expenses_between
from erp_core.kernel.money import inr
from erp_core.parties.permissions import Permission

LOOKED_BACK = timedelta(days=400)
"""A year's insurance or licence is still found."""


def tell_last_spent(turn: Turn) -> list[EventType] | None:
    """The last expense of the kind that is asked for; None where a message asks for none."""
    asked = says(turn.words, "questions.when") and says(turn.words, "questions.spent")
    named = any(turn.first(one) for one in ("customer_name", "person", "product_name", "order_id"))
    if not asked or named or says(turn.words, "tense.future"):
        return None
    kind = guess_category(turn.text)
    if kind == OTHER or not turn.may(Permission.VIEW_EXPENSES):
        return None
    with turn.read() as reader:
        spent = expenses_between(reader, turn.today - LOOKED_BACK, turn.today, category=kind)
    if not spent:
        turn.say("utter_never_spent", what=turn.line(f"category_{kind}"))
        return []
    last = spent[0]
    turn.say(
        "utter_last_spent",
        what=last.item or turn.line(f"category_{kind}"),
        on=day(last.on),
        amount=inr(last.amount),
        method=turn.line(f"method_{last.method}"),
    )
    return []
