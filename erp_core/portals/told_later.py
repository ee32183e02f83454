"""Input credit that was written after the return of its month was filed.

A bill that turns up late keeps its day in the books, while its credit is told in the first return
that was still open when it was written (section 16(4) leaves time until November after the year):
what was filed does not change. So does what is taken back of it. Amounts are paise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, and_, cast, func, or_, select

from erp_core.journal.context import Reader
from erp_core.ledger import chart
from erp_core.ledger.models import ledger_entries, ledger_postings
from erp_core.portals.periods import (
    COST,
    NONE,
    SET_OFF,
    Heads,
    filed,
    month_of,
    period_after,
)

LONGEST = 24
"""So many months back credit of a month may still be told."""


Entries = Mapping[UUID, tuple[date, Heads]]
"""What entries moved of each head, with their day."""


@dataclass(frozen=True)
class Shifted:
    """Entries dated before some months that are told in them (`here`), and dated in them that are
    told later (`after`)."""

    here: Entries
    after: Entries

    @property
    def told_here(self) -> Heads:
        return _sum(self.here)

    @property
    def told_after(self) -> Heads:
        return _sum(self.after)


def shifted(reader: Reader, month: date) -> Shifted:
    """What the return of a month tells of months before, and leaves to those after."""
    return between(reader, *month_of(month))


def between(reader: Reader, start: date, end: date) -> Shifted:
    """The same of all months from one that begins to one that ends with these days."""
    settled = _settled(reader, end)
    here: dict[UUID, tuple[date, Heads]] = {}
    after: dict[UUID, tuple[date, Heads]] = {}
    for entry_id, one in _late(reader, settled).items():
        last = month_of(one.on)[1]
        told = _told_in(settled, last, one.at)
        if last < start <= told <= end:
            here[entry_id] = (one.on, one.heads)
        elif start <= last <= end < told:
            after[entry_id] = (one.on, one.heads)
    return Shifted(here, after)


def _sum(entries: Entries) -> Heads:
    return {head: sum(heads[head] for _, heads in entries.values()) for head in NONE}


def _settled(reader: Reader, end: date) -> dict[date, datetime]:
    """{last day of a month: when its return was written as settled} of the months before and this
    one."""
    found = {
        month_of(date.fromisoformat(f"{period}-01"))[1]: at for period, at in filed(reader).items()
    }
    first = end.year * 12 + end.month - LONGEST
    return {last: at for last, at in found.items() if last.year * 12 + last.month > first}


@dataclass(frozen=True)
class _Late:
    """What an entry of a day moved of each head, and when it was written."""

    on: date
    at: datetime
    heads: dict[str, int]


def _late(reader: Reader, settled: Mapping[date, datetime]) -> dict[UUID, _Late]:
    """What was written of settled months after they were, by entry."""
    if not settled:
        return {}
    head, c = ledger_entries.c, ledger_postings.c
    rows = reader.connection.execute(
        select(
            c.entry_id,
            c.on_date,
            head.recorded_at,
            c.account,
            cast(func.sum(c.paise), BigInteger).label("paise"),
        )
        .join(ledger_entries, (head.business_id == c.business_id) & (head.id == c.entry_id))
        .where(
            c.business_id == reader.business_id,
            c.account.in_(sorted(chart.HEAD_OF_INPUT)),
            c.on_date.between(min(settled).replace(day=1), max(settled)),
            head.kind.notin_(sorted({SET_OFF, *COST})),
            or_(
                *(
                    and_(c.on_date.between(last.replace(day=1), last), head.recorded_at > at)
                    for last, at in sorted(settled.items())
                )
            ),
        )
        .group_by(c.entry_id, c.on_date, head.recorded_at, c.account)
    )
    found: dict[UUID, _Late] = {}
    for row in rows:
        one = found.setdefault(row.entry_id, _Late(row.on_date, row.recorded_at, dict(NONE)))
        one.heads[chart.HEAD_OF_INPUT[row.account]] += row.paise
    return found


def _told_in(settled: Mapping[date, datetime], last: date, moment: datetime) -> date:
    """The last day of the first month, from one on, whose return was open at a moment."""
    while last in settled and settled[last] < moment:
        last = period_after(last)
    return last
