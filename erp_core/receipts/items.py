"""The items of a bill: rows between its heading and its sums that end in an amount."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from erp_core.kernel.money import half_up
from erp_core.receipts import figures
from erp_core.receipts.bill import Line
from erp_core.receipts.layout import Page, Row

_HEADING = re.compile(
    r"\b(?:item|items|description|particulars|product|qty|quantity|rate|amount|amt|price|mrp|hsn|medicine|"
    r"विवरण|मात्रा|दर|राशि|नाम)\b",
    re.I,
)
_FIGURE = re.compile(r"^[₹\d.,/%x*@-]+$", re.I)
MOST_LINES = 60
SUMS = ("sub_total", "total", "grand_total", "tender", "cgst", "sgst", "not_total")


def lines(page: Page) -> tuple[Line, ...]:
    """The items, from the top. An item's name may stand alone in the row above its figures."""
    found: list[Line] = []
    waiting = ""
    for row in body(page):
        if not row.amounts:
            waiting = _words_of(row)
            continue
        name = _words_of(row) or waiting
        waiting = ""
        if name:
            found.append(_line(row, name))
        if len(found) == MOST_LINES:
            break
    return tuple(found)


def is_heading(text: str) -> bool:
    """Whether a row names the columns below it."""
    return len({match.lower() for match in _HEADING.findall(text)}) >= 2


LIKELY = 0.5


def body(page: Page) -> Iterator[Row]:
    """Rows after the heading of the columns until the first sum; without one, what was learnt."""
    if not any(is_heading(row.text) for row in page.rows):
        yield from (row for at, row in enumerate(page.rows) if page.likely(at, "item") > LIKELY)
        return
    begun = False
    for row in page.rows:
        if not begun:
            begun = is_heading(row.text)
            continue
        if row.kind in SUMS and len(row.amounts) <= 1:
            return
        yield row


def _words_of(row: Row) -> str:
    words = [word.text for word in row.words if not _FIGURE.match(word.text)]
    name = re.sub(r"^\d{1,2}[.)]?\s+", "", " ".join(words)).strip(" |.,:-")
    return name if len(re.sub(r"[\W\d_]", "", name)) >= 2 else ""


def _line(row: Row, name: str) -> Line:
    """The amount is the last figure; quantity and rate are those that make it."""
    amount = row.amounts[-1]
    texts = [word.text for word in row.words if _FIGURE.match(word.text)]
    quantities = [value for text in texts if (value := figures.quantity(text)) is not None]
    rates = [*row.amounts[:-1], *(p for t in texts for p in figures.whole_amounts(t))]
    for rate in rates:
        for quantity in quantities:
            if rate > 0 and abs(half_up(quantity * Decimal(rate)) - amount) <= 1:
                return Line(name, quantity, rate, amount)
    return Line(name, None, None, amount)
