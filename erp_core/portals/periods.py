"""The periods of returns: how long each is, when it is due, and whether it was filed."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import exists, select

from erp_core.journal.context import Reader
from erp_core.ledger import chart
from erp_core.ledger.models import ledger_entries
from erp_core.ledger.periods import locked_until
from erp_core.parties.queries import business
from erp_core.portals.models import nil_returns
from erp_core.portals.profile import profile
from erp_core.tax.rules import is_composition, state_of

FILE = Path(__file__).with_name("due.yml")
SET_OFF = "gst_set_off"
"""The entry by which the tax of a period is settled."""
LONGEST_PERIOD = 120
"""So many days after a supply its return of a month or a quarter is due at the latest."""
WITH_TAX = ("PMT-06", "GSTR-3B", "CMP-08")
"""What is filed together with the tax of its period."""


Heads = Mapping[str, int]
"""Paise by "igst", "cgst", "sgst" and "cess"."""
NONE: Heads = dict.fromkeys(chart.INPUT_TAX, 0)
COST: Mapping[str, str] = {
    "credit_exempt": chart.COGS,
    "credit_common": chart.CREDIT_NOT_ALLOWED,
    "credit_private": chart.DRAWINGS,
    "credit_capital": chart.CREDIT_NOT_ALLOWED,
}
"""The entries by which credit goes back for what is sold without tax (apportioning.py), and what
each is charged to."""


@dataclass(frozen=True)
class Due:
    """A return of a period, and its last day. `act` names the data that the chat sends."""

    form: str
    start: date
    end: date
    last_day: date
    act: str

    @property
    def period(self) -> str:
        """The period as it is said: "10-2026", or "04-2026…06-2026"."""
        first, last = f"{self.start:%m-%Y}", f"{self.end:%m-%Y}"
        return first if first == last else f"{first}…{last}"


def returns_due(reader: Reader, on: date, *, within: int = 0) -> list[Due]:
    """The returns of this shop whose last day is from a day to so many days after it."""
    shop = business(reader)
    if shop.gstin is None:
        return []
    if is_composition(shop):
        kind = "composition"
    else:
        kind = "quarterly" if profile(reader).quarterly else "monthly"
    state = state_of(shop) or shop.state
    found = {
        due
        for ahead in range(within + 1)
        for due in _due_on(on + timedelta(days=ahead), kind, state)
    }
    return sorted(found, key=lambda due: (due.last_day, due.form))


def filing_day(reader: Reader, form: str, on: date) -> date | None:
    """The last day of a return for the period that a day lies in; None where none is due."""
    return _last_day_of(reader, (form,), on)


def tax_day(reader: Reader, on: date) -> date | None:
    """The last day to pay the tax of the period that a day lies in."""
    return _last_day_of(reader, WITH_TAX, on)


def period_of(reader: Reader, month: date) -> tuple[date, date]:
    """The month that a day lies in, or under composition its quarter."""
    first, last = month.month, month.month
    if is_composition(business(reader)):
        first -= (first - 1) % 3
        last = first + 2
    end = date(month.year, last, monthrange(month.year, last)[1])
    return date(month.year, first, 1), end


def month_of(on: date) -> tuple[date, date]:
    """The first and the last day of a month."""
    return on.replace(day=1), on.replace(day=monthrange(on.year, on.month)[1])


def period_after(end: date) -> date:
    """The last day of the month after one."""
    return month_of(end + timedelta(days=1))[1]


def is_settled(reader: Reader, period: str) -> bool:
    """Whether the return of a period is filed; "2026-10", its last month, names it."""
    return period in filed(reader, period)


def filed(reader: Reader, period: str | None = None) -> dict[str, datetime]:
    """{period: when it was written that its return is filed}; of one period if asked."""
    entry, undone, nil = ledger_entries.c, ledger_entries.alias(), nil_returns.c
    set_off = select(entry.reason, entry.recorded_at).where(
        entry.business_id == reader.business_id,
        entry.kind == SET_OFF,
        *([entry.reason == period] if period else []),
        ~exists()
        .where(undone.c.business_id == reader.business_id)
        .where(undone.c.reverses == entry.id),
    )
    of_nothing = select(nil.period, nil.created_at).where(
        nil.business_id == reader.business_id, *([nil.period == period] if period else [])
    )
    rows = reader.connection.execute(set_off.union_all(of_nothing))
    return {row.reason: row.recorded_at for row in rows}


def is_filed(reader: Reader, form: str, on: date) -> bool:
    """Whether a return for the period that a day lies in counts as filed: its last day is over, or
    the tax of the period is settled, which goes after it (section 39(10))."""
    return any(
        due.last_day < reader.today or is_settled(reader, f"{due.end:%Y-%m}")
        for due in _dues_of(reader, (form,), on)
    )


def is_open(reader: Reader, on: date) -> bool:
    """Whether something can still be told in the return of the period that a day lies in: its last
    day is not over, its tax not settled, and its books are not closed."""
    if on >= reader.today:
        return True
    _, end = period_of(reader, on)
    last, locked = tax_day(reader, on), locked_until(reader)
    if (last and last < reader.today) or (locked and on <= locked):
        return False
    return not is_settled(reader, f"{end:%Y-%m}")


def _last_day_of(reader: Reader, forms: tuple[str, ...], on: date) -> date | None:
    return min((due.last_day for due in _dues_of(reader, forms, on)), default=None)


def _dues_of(reader: Reader, forms: tuple[str, ...], on: date) -> list[Due]:
    return [
        due
        for due in returns_due(reader, on, within=LONGEST_PERIOD)
        if due.form in forms and due.start <= on <= due.end
    ]


def _due_on(day: date, kind: str, state: str) -> Iterator[Due]:
    """What has its last day on this one: the period that ended before it."""
    for row in _table()["returns"][kind]:
        if "states" in row and (state in _table()["south"]) != (row["states"] == "south"):
            continue
        ended = day.replace(day=1) - timedelta(days=1)
        if row["months"] == 12:
            ended = date(day.year, 3, 31)
        if day.month != row.get("month", day.month) or ended.month % min(row["months"], 3):
            continue
        if row.get("within_quarter") and ended.month % 3 == 0:
            continue
        first = _back(ended, row["months"])
        if _last_day(row, day) == day and row["from"] <= first <= row.get("until", date.max):
            yield Due(row["form"], first, ended, day, row["act"])


def _last_day(row: dict[str, Any], day: date) -> date:
    return day.replace(day=min(int(row["day"]), monthrange(day.year, day.month)[1]))


def _back(end: date, months: int) -> date:
    """The first day of so many months that end with one."""
    index = end.year * 12 + end.month - months
    return date(index // 12, index % 12 + 1, 1)


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return found
