"""What stands beside the total, the day and the number of a bill: its vendor's next one is printed
alike.

Of a page nothing is told but the words beside what may be one of these three, four at most, and how
far down it stands; of these a shop keeps what belongs to the facts that somebody confirmed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from rapidfuzz import fuzz

from erp_core.receipts import items
from erp_core.receipts.bill import Mark
from erp_core.receipts.days import dates
from erp_core.receipts.layout import Page, Row
from erp_core.receipts.names import STALE
from erp_core.tax import gstin

FIELDS = ("total", "on", "number")
TOTALS = ("grand_total", "total")
NO_TOTALS = ("tender", "change", "not_total")
MOST_OF_A_FIELD = 6
MOST_WORDS = 4
ALIKE = 84
"""Readings of one label are at least so much alike."""

TWICE = 2
"""Of readings, and of confirmed bills: fewer are no witness."""

WHOLE = 1000
SHORTEST_NUMBER = 3
PHONE = 10

_WORD = re.compile(r"[^\W\d_]{2,}(?:[\u0900-\u097f]+)*")
_CURRENCY = frozenset({"rm", "rs", "inr"})
_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9/-]*\d[A-Za-z0-9/-]*|\d+")


@dataclass(frozen=True)
class Remembered:
    """A label beside which the field stood on so many confirmed bills of a vendor."""

    field: str
    label: str
    place: int
    times: int


def marks_of(pages: Sequence[Page], *, today: date) -> tuple[Mark, ...]:
    """What may be the total, the day and the number of a bill: a few of each, low totals first."""
    found: dict[tuple[str, int | str], Mark] = {}
    for page in pages:
        seen: dict[tuple[str, int | str], Mark] = {}
        for mark in _of_page(page, today):
            seen.setdefault((mark.field, mark.value), mark)
        for key, mark in seen.items():
            known = found.get(key)
            if known is not None:
                mark = Mark(mark.field, mark.value, known.label, known.place, known.readings + 1)
            found[key] = mark
    kept = []
    for field in FIELDS:
        of_field = [mark for mark in found.values() if mark.field == field]
        of_field.sort(key=lambda mark: mark.place, reverse=field == "total")
        kept += of_field[:MOST_OF_A_FIELD]
    return tuple(kept)


def recalled(
    field: str,
    read: tuple[Any, bool],
    marks: Iterable[Mark],
    remembered: Iterable[Remembered],
    *,
    today: date,
) -> tuple[Any, bool]:
    """A field as it was read, (value, whether to ask), with what earlier bills of its vendor say.

    What is sure stays. What is unsure gives way to the value that stands where the field has always
    stood; that is sure in turn when two readings saw it, and two bills had it there, and nothing
    else was read.
    """
    value, unsure = read
    found = _where_it_stood(field, marks, remembered)
    if found is None or (value is not None and not unsure):
        return read
    mark, times = found
    alone = value == mark.value or (field == "number" and value is None)
    is_old = field == "on" and today - date.fromisoformat(str(mark.value)) > STALE
    sure = alone and not is_old and mark.readings >= TWICE and times >= TWICE
    return mark.value, not sure


def labels_of(marks: Iterable[Mark], confirmed: Mapping[str, Any]) -> list[list[Any]]:
    """[field, label, place] of each field whose confirmed value stands on the bill."""
    return [
        [mark.field, mark.label, mark.place]
        for mark in marks
        if mark.value == confirmed.get(mark.field)
    ]


def _where_it_stood(
    field: str, marks: Iterable[Mark], remembered: Iterable[Remembered]
) -> tuple[Mark, int] | None:
    """The mark beside the label that the field had most often, and on how many bills it had."""
    of_field = [mark for mark in marks if mark.field == field]
    found = [
        (known.times + likeness / 100 - abs(mark.place - known.place) / WHOLE, mark, known.times)
        for known in remembered
        for mark in of_field
        if known.field == field and (likeness := fuzz.ratio(mark.label, known.label)) >= ALIKE
    ]
    return max(found, key=lambda one: one[0])[1:] if found else None


def _of_page(page: Page, today: date) -> Iterator[Mark]:
    """The page's marks, what is called a total first; items are none, whatever they cost."""
    if not page.rows:
        return
    goods = {id(row) for row in _goods(page)}
    top, bottom = page.rows[0].top, page.rows[-1].bottom
    above_it = zip((None, *page.rows[:-1]), page.rows, strict=True)
    for above, row in sorted(above_it, key=lambda pair: pair[1].kind not in TOTALS):
        place = round(WHOLE * (row.top - top) / max(1.0, bottom - top))
        label = label_of(row.text) or (label_of(above.text) if above and not above.amounts else "")
        if not label or id(row) in goods or row.kind in NO_TOTALS:
            continue
        if row.amounts and row.amounts[-1] > 0:
            yield Mark("total", row.amounts[-1], label, place)
        elif days := dates(row.text, today=today):
            yield Mark("on", days[0].isoformat(), label, place)
        elif number := _number(row):
            named = label_of(" ".join(word.text for word in row.words[:-1]))
            yield Mark("number", number, named or label, place)


def _goods(page: Page) -> Iterator[Row]:
    """Rows of items. A sum that is called by no word we know stands among them: it has one figure,
    no smaller than any above it."""
    largest = 0
    for row in items.body(page):
        if len(row.amounts) != 1 or not 0 < largest <= row.amounts[0]:
            yield row
        largest = max(largest, *row.amounts, 0)


def label_of(text: str) -> str:
    """The words before the first figure of a row, in small."""
    before = re.split(r"\d", text, maxsplit=1)[0]
    words = [word for word in _WORD.findall(before.lower()) if word not in _CURRENCY]
    return " ".join(words[:MOST_WORDS])


def _number(row: Row) -> str | None:
    """What may be a bill's number at the end of a row: no phone, no GSTIN."""
    last = row.words[-1].text.strip(".:;#,")
    if len(last) < SHORTEST_NUMBER or not _NUMBER.fullmatch(last) or gstin.is_valid(last):
        return None
    return None if last.isdigit() and len(last) >= PHONE else last.upper()
