"""When something was last paid for, and how much went on it: "bijli ka bill kab bhara", "is mahine
petrol pe kitna gaya"."""

from __future__ import annotations

from datetime import timedelta

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.lexicon import says, which, words
from actions.reports.figures import days_asked, remembered
from actions.wording import day, days
from erp_core.expenses.categories import OTHER, guess_category
from erp_core.expenses.queries import Expense, expenses_between
from erp_core.kernel.hindi_dates import Period
from erp_core.kernel.money import inr
from erp_core.parties.permissions import Permission

OF_MONEY = frozenset({None, "expenses"})
"""Reports that may be of one kind of what was spent."""
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


def tell_spent_on(turn: Turn) -> list[EventType] | None:
    """How much went on one kind of expense in the days that are named."""
    named = any(turn.first(one) for one in ("customer_name", "product_name", "payment_method"))
    if named or which(turn.text, "reports") not in OF_MONEY or says(turn.words, "sold"):
        return None
    kind = guess_category(turn.text)
    asked = says(turn.words, "asking") or says(turn.words, "reports.expenses")
    if kind == OTHER or not asked or not turn.may(Permission.VIEW_EXPENSES):
        return None
    return spent_on(turn, kind, days_asked(turn))


def spent_on(turn: Turn, kind: str, period: Period) -> list[EventType]:
    """How much went on a kind of expense in some days; of what is called as in the message, where
    some of the kind is."""
    with turn.read() as reader:
        spent = expenses_between(reader, period.start, period.end, category=kind)
    called = [one for one in spent if _is_called(turn, one)]
    meant = called or spent
    turn.say(
        "utter_spent_on" if meant else "utter_nothing_spent_on",
        what=called[0].item if called else turn.line(f"category_{kind}"),
        period=days(period.start, period.end),
        amount=inr(sum(one.amount for one in meant)),
        count=len(meant),
    )
    return [remembered(turn, "expenses", period)]


def _is_called(turn: Turn, spent: Expense) -> bool:
    return bool({*words(spent.item or "")} & {*turn.words})
