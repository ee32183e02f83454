"""Short questions right after figures: "aur kal?", "uske pehle?", "sirf upi wale", "aur chini?"."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from uuid import UUID

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import Entity, method_of, period_of
from actions.lexicon import only, says, where, which, words
from actions.match import just_spoken_of, recent
from actions.reading.said import pieces_between
from actions.reports.figures import (
    DAYS,
    FIGURES,
    METHOD,
    PAID,
    SOLD,
    remembered,
    tell_figures,
    tell_of_products,
    tell_payments,
)
from actions.reports.last_spent import spent_on
from erp_core.catalogue import queries as catalogue
from erp_core.expenses.categories import OTHER, guess_category
from erp_core.kernel.hindi_dates import Period
from erp_core.parties.permissions import Permission

LONGEST = 6
"""A question of more words tells something of its own."""
_OF_SALES = frozenset({"sales", "top", "payments", PAID, SOLD})


def tell_again(turn: Turn) -> list[EventType] | None:
    """What was told, of the days, the goods or the way of paying that are named now."""
    noted = turn.slots.get("recent") or {}
    if not turn.is_user or turn.is_not_words or not just_spoken_of(turn, FIGURES, DAYS):
        return None
    start, end = (date.fromisoformat(one) for one in noted[DAYS].split())
    told, kind = Period(start, end), noted[FIGURES]
    return (
        _of_other_days(turn, told, kind)
        or _of_one_method(turn, told, kind)
        or _of_goods(turn, told, kind)
        or _of_one_expense(turn, told, kind)
        or _of_other_kind(turn, told)
    )


def tell_what_happened(turn: Turn) -> list[EventType] | None:
    """ "Aaj subah se kya kya hua dukaan me": how the days that are named went."""
    others = any(one.name not in ("date", "report_type") for one in turn.entities)
    if others or not says(turn.words, "questions.all_that_happened"):
        return None
    if not turn.first("date") and not says(turn.words, "the_shop"):
        return None
    return [tell_figures(turn, "sales")]


def _of_other_days(turn: Turn, told: Period, kind: str) -> list[EventType] | None:
    """ "Aur parso?", "uske pehle?"."""
    beside = words(" ".join(pieces_between(turn)))
    if any(one.name != "date" for one in turn.entities):
        return None
    if named := turn.first("date"):
        meant = period_of(Entity("date", named.value), today=turn.today)  # "kal" has passed
    elif before := where(beside, "periods.before"):
        beside = (*beside[: before[0]], *beside[before[1] :])
        meant = _before(told)
    else:
        return None
    if meant is None or not only(beside, "of_other_days"):
        return None
    return _tell(turn, meant, kind)


def _of_one_method(turn: Turn, told: Period, kind: str) -> list[EventType] | None:
    """ "Sirf upi wale": of the money of those days."""
    method = method_of(turn.text)
    short = all(
        any(only([word], one) for one in ("of_other_days", "of_these_alone"))
        or which(word, "methods") == method
        for word in turn.words
    )
    if method is None or not short or kind not in _OF_SALES:
        return None
    return _tell(turn, told, PAID, method)


def _of_goods(turn: Turn, told: Period, kind: str) -> list[EventType] | None:
    """ "Aur chini?": how much of it was sold in those days."""
    if not turn.entities or any(one.name != "product_name" for one in turn.entities):
        return None
    beside = words(" ".join(pieces_between(turn)))
    asked = says(turn.words[:1], "joining") or says(beside, "asking")
    if not asked or not only(beside, "of_other_days") or kind not in {"sales", "top", SOLD}:
        return None
    return tell_of_products(turn, told)


def _of_one_expense(turn: Turn, told: Period, kind: str) -> list[EventType] | None:
    """ "Usme bijli kitna", "aur petrol pe?": how much of what was spent in those days."""
    goes_on = says(turn.words, "of_those") or says(turn.words, "asking")
    goes_on = goes_on or says(turn.words[:1], "joining")
    of_one = guess_category(turn.text) if goes_on and len(turn.words) <= LONGEST else OTHER
    named = any(one.name not in ("item", "report_type") for one in turn.entities)
    if kind != "expenses" or of_one == OTHER or named or says(turn.words, "tense.past"):
        return None
    return spent_on(turn, of_one, told) if turn.may(Permission.VIEW_EXPENSES) else None


def _of_other_kind(turn: Turn, told: Period) -> list[EventType] | None:
    """ "Aur kharcha?", "usme se munafa kitna hua": other figures of those days."""
    kind = which(turn.text, "reports")
    goes_on = says(turn.words[:1], "joining") or says(turn.words, "of_those")
    if kind is None or not goes_on:
        return None
    if any(one.name != "report_type" for one in turn.entities):
        return None
    short = all(only([one], "of_other_days") or which(one, "reports") for one in turn.words)
    return _tell(turn, told, kind) if short and kind not in ("stock", "gst") else None


def _tell(turn: Turn, meant: Period, kind: str, method: str | None = None) -> list[EventType]:
    span = {"start": meant.start.isoformat(), "end": meant.end.isoformat()}
    turn.entities = [Entity("date", "", normalized=span)]
    noted = turn.slots.get("recent") or {}
    if kind == PAID:
        tell_payments(turn, method := method or str(noted[METHOD]))
        return [remembered(turn, PAID, meant, **{METHOD: method})]
    if kind == SOLD and (goods := recent(turn, "product")):
        return _tell_sold(turn, meant, goods)
    return [tell_figures(turn, "sales" if kind == SOLD else kind)]


def _tell_sold(turn: Turn, meant: Period, goods: UUID) -> list[EventType]:
    with turn.read() as reader:
        name = catalogue.product(reader, goods).name
    turn.entities = [*turn.entities, Entity("product_name", name)]
    return tell_of_products(turn, meant)


def _before(told: Period) -> Period:
    """As many days before those that were told; the month before a month."""
    end = told.start - timedelta(days=1)
    if told.start.day == 1 and (told.end - told.start).days < monthrange(end.year, end.month)[1]:
        long = told.start != told.end or told.end.day > 1
        return Period(end.replace(day=1), end) if long else Period(end, end)
    return Period(end - (told.end - told.start), end)
