"""A period that is named in two pieces: "kal se aaj tak", "pichle saal isi mahine"."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from actions.entities import NUMBERS, Entity, period_of
from actions.lexicon import only, says, where, words
from erp_core.kernel.hindi_dates import MONTHS, Period, parse_period
from erp_core.kernel.spelling import fold

_IN_FIGURES = re.compile(r"(?<![\d/.-])\d{1,2}/\d{1,2}(/\d{4}|/\d{2})?(?![\d/.-])", re.ASCII)
_WITH_MONTH = re.compile(r"(?<![\w.,/-])([0-3]?\d) ?(?:st |nd |rd |th )?([^\W\d_]{3,9})(?!\w)")
_WHOLE_YEAR = 360
_WHOLE_MONTH = 31
_SHORTEST_MONTH = 27
"""Days between the first and the last of it."""
_SHORTEST_NAME = 3


def may_hold_months(entities: Sequence[Entity]) -> bool:
    """Whether goods may be a month."""
    return any(one.name == "product_name" and names_month(one.value) for one in entities)


def may_hold_days(text: str) -> bool:
    """Whether a text may name a day by figures: "10/12", "10 dec"."""
    return "/" in text or any(names_month(one[2]) for one in _WITH_MONTH.finditer(text))


def with_days(text: str, entities: list[Entity], *, today: date) -> list[Entity]:
    """The entities with the day of "5 dec tak", where the month was taken for goods."""
    found = list(entities)
    for count, goods in pairwise(entities):
        counted = count.name in NUMBERS and goods.name == "product_name" and goods.end
        if not counted or text[count.end : goods.start].strip() or not names_month(goods.value):
            continue
        said = text[count.start : goods.end]
        if parse_period(said, today=today, lean="future") is None:
            continue
        found = [one for one in found if one not in (count, goods)]
        found.append(Entity("date", said, start=count.start, end=goods.end))
    return sorted(found, key=lambda one: one.start) if found != entities else entities


def with_days_in_figures(text: str, entities: list[Entity], *, today: date) -> list[Entity]:
    """The entities with the day of "10/12 ki date ka", whose figures were taken for numbers."""
    found = entities
    for said in _IN_FIGURES.finditer(text):
        start, end = said.span()
        dated = any(one.name == "date" and one.start < end and start < one.end for one in entities)
        behind = where(words(text[end:])[:2], "periods.of_figures")
        told = said[1] is not None or (behind is not None and not behind[0])
        # "10/11" alone may be a year of the books.
        value = said[0] if said[1] else said[0].replace("/", ".")
        if dated or not told or parse_period(value, today=today, lean="future") is None:
            continue
        found = [one for one in found if one.end <= start or end <= one.start]
        found.append(Entity("date", value, start=start, end=end))
    for said in _WITH_MONTH.finditer(text):
        found = _with_day_of_month(said, found, today)
    return sorted(found, key=lambda one: one.start) if found is not entities else entities


def _with_day_of_month(said: re.Match[str], entities: list[Entity], today: date) -> list[Entity]:
    """The entities with the day of "cheque diya 10 dec ka", whose figures were taken for a number,
    and whose month for nothing."""
    inside = [one for one in entities if one.start < said.end() and said.start() < one.end]
    alone = [one for one in inside if one.name in NUMBERS and one.end == said.end(1)]
    month = [one for one in inside if one.name == "date" and one.start == said.start(2)]
    loose = only(words(said[2]), "written.beside_days")
    if not alone or len(inside) > len(alone + month) or loose or not names_month(said[2]):
        return entities
    if parse_period(said[0], today=today, lean="future") is None:
        return entities
    day = Entity("date", said[0], start=said.start(), end=said.end())
    return [*(one for one in entities if one not in alone + month), day]


def names_month(said: str) -> bool:
    """Whether one word is a month's name, and long enough to be nothing else."""
    return fold(said) in MONTHS and len(said) >= _SHORTEST_NAME


def may_be_one_period(text: str, entities: Sequence[Entity]) -> bool:
    """Whether it is worth looking for a period that is named in two pieces."""
    dates = [one for one in entities if one.name == "date"]
    ways = ("periods.same_month", "periods.by_now", "periods.till_now")
    return len(dates) > 1 or any(says(words(text), one) for one in ways)


def as_one_period(text: str, entities: Sequence[Entity], *, today: date) -> list[Entity]:
    """The entities with two days or periods as the one that they make together, if they do."""
    if same := _same_month_last_year(text, entities, today):
        return same
    if by_now := _until_now(text, entities, today):
        return by_now
    dates = sorted((one for one in entities if one.name == "date" and one.end), key=_start)
    if len(dates) == 1:
        return _since(text, entities, dates[0], today)
    if len(dates) != 2:
        return list(entities)
    first, last = dates
    a, b = period_of(first, today=today), period_of(last, today=today)
    beside = words(text[first.end : last.start])
    whole = _joined(a, b, beside, words(text[last.end :])[:1]) if a and b else None
    if whole is None and not only(beside[:1] or [""], "periods.from"):
        whole = parse_period(text[first.start : last.end], today=today)
    if whole is None and a and b and not _is_compared(text, beside):
        whole = _in_a_row(a, b, beside)
    if whole is None:
        return list(entities)
    one = replace(
        first,
        value=text[first.start : last.end],
        normalized={"start": whole.start.isoformat(), "end": whole.end.isoformat()},
        end=last.end,
    )
    return [one if each is first else each for each in entities if each is not last]


def without_asides(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """The entities without days of which something is told on the way to another, or to which it is
    compared: "aaj to busy tha, kal ka hisaab batao", "kal ke mukable aaj"."""
    dates = sorted((one for one in entities if one.name == "date" and one.end), key=_start)
    aside = [
        one
        for one, following in pairwise(dates)
        if _is_told(words(text[one.end : following.start]))
        or says(words(text[one.end : following.start]), "periods.compared")
    ]
    return [one for one in entities if one not in aside]


def _is_told(said: tuple[str, ...]) -> bool:
    return says(said, "tense.past") and not says(said, "asking") and not says(said, "shows")


def _same_month_last_year(
    text: str, entities: Sequence[Entity], today: date
) -> list[Entity] | None:
    """ "Same month last year" with its days, which no word of it names."""
    if not says(words(text), "periods.same_month"):
        return None
    dates = [one for one in entities if one.name == "date"]
    start = date(today.year - 1, today.month, 1)
    end = start.replace(day=monthrange(start.year, start.month)[1])
    named = dates[0] if dates else Entity("date", text, start=0, end=len(text))
    whole = replace(named, normalized={"start": start.isoformat(), "end": end.isoformat()})
    return [whole, *(one for one in entities if one.name != "date")]


def _until_now(text: str, entities: Sequence[Entity], today: date) -> list[Entity] | None:
    """ "Pichhle mahine is waqt tak": as many days of the former month, or week, as have gone of
    this one."""
    if not says(words(text), "periods.by_now"):
        return None
    for one in (each for each in entities if each.name == "date"):
        whole = period_of(one, today=today)
        length = (whole.end - whole.start).days if whole else 0
        gone = today.day - 1 if length >= _SHORTEST_MONTH else today.weekday()
        if whole is None or whole.end >= today or not 0 < length <= _WHOLE_MONTH:
            continue
        end = min(whole.end, whole.start + timedelta(days=gone))
        cut = replace(one, normalized={"start": whole.start.isoformat(), "end": end.isoformat()})
        return [cut, *(each for each in entities if each.name != "date")]
    return None


def _since(text: str, entities: Sequence[Entity], begun: Entity, today: date) -> list[Entity]:
    """ "Diwali se ab tak": from a day until today."""
    first, until = (
        period_of(begun, today=today),
        where(words(text[begun.end :]), "periods.till_now"),
    )
    if first is None or until is None or until[0] or first.start > today:
        return list(entities)
    span = {"start": first.start.isoformat(), "end": today.isoformat()}
    return [replace(one, normalized=span) if one is begun else one for one in entities]


def _joined(
    a: Period, b: Period, beside: tuple[str, ...], behind: tuple[str, ...]
) -> Period | None:
    until = beside and only(beside, "periods.until")
    through = beside and only(beside, "periods.from") and behind and only(behind, "periods.until")
    if (until or through) and a.start <= b.end:
        return Period(a.start, b.end)
    if not beside or only(beside, "postpositions"):
        return _month_of(a, b) or _month_of(b, a)
    return None


def _is_compared(text: str, beside: Sequence[str]) -> bool:
    """Whether one period is held against the other: "kal se aaj zyada bika"."""
    ways = ("periods.compared", "periods.more_or_less")
    return only(beside, "periods.from") and any(says(words(text), one) for one in ways)


def _in_a_row(a: Period, b: Period, beside: Sequence[str]) -> Period | None:
    """ "5 nov se 10 nov", and days that follow upon each other: "kal aur parso"."""
    if not beside or not (only(beside, "periods.from") or only(beside, "joining")):
        return None
    first, last = sorted((a, b), key=lambda one: one.start)
    if only(beside, "periods.from"):
        return Period(a.start, b.end) if a.start < b.start else None
    days = first.start == first.end and last.start == last.end
    return Period(first.start, last.end) if days and (last.start - first.end).days == 1 else None


def _month_of(year: Period, month: Period) -> Period | None:
    """A month in the year that is named beside it."""
    if (year.end - year.start).days < _WHOLE_YEAR or (month.end - month.start).days > _WHOLE_MONTH:
        return None
    for at in (year.start.year, year.end.year):
        start = date(at, month.start.month, 1)
        if month.start.day == 1 and year.start <= start <= year.end:
            return Period(start, date(at, start.month, monthrange(at, start.month)[1]))
    return None


def _start(entity: Entity) -> int:
    return entity.start
