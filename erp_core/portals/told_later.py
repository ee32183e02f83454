"""Input credit that was written after the return of its month was filed.

A bill that turns up late keeps its day in the books, while its credit is told in the first return
that was still open when it was written (section 16(4) leaves time until November after the year):
what was filed does not change. So does what is taken back of it. Amounts are paise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import BigInteger, and_, cast, func, or_, select

from erp_core.journal.context import Reader
from erp_core.ledger import chart
from erp_core.ledger.models import ledger_entries, ledger_postings
from erp_core.portals.apportioning import COST, NONE
from erp_core.portals.periods import SET_OFF, Heads, filed, month_of, period_after

LONGEST = 24
"""So many months back credit of a month may still be told."""


@dataclass(frozen=True)
class Shifted:
    """Credit dated before a month that is told in it, and dated in it that is told after it."""

    told_here: Heads
    told_after: Heads


def shifted(reader: Reader, month: date) -> Shifted:
    """What the return of a month tells of months before, and leaves to those after."""
    _, end = month_of(month)
    settled = _settled(reader, end)
    here, after = dict(NONE), dict(NONE)
    for (last, moment), heads in _late(reader, settled).items():
        told = _told_in(settled, last, moment)
        if told == last or end not in (told, last):
            continue
        into = here if told == end else after
        for head, paise in heads.items():
            into[head] += paise
    return Shifted(here, after)


def _settled(reader: Reader, end: date) -> dict[date, datetime]:
    """{last day of a month: when its return was written as settled} of the months before and this
    one."""
    found = {
        month_of(date.fromisoformat(f"{period}-01"))[1]: at for period, at in filed(reader).items()
    }
    first = end.year * 12 + end.month - LONGEST
    return {last: at for last, at in found.items() if last.year * 12 + last.month > first}


def _late(
    reader: Reader, settled: Mapping[date, datetime]
) -> dict[tuple[date, datetime], dict[str, int]]:
    """What was written of settled months after they were, by the month and the moment."""
    if not settled:
        return {}
    head, c = ledger_entries.c, ledger_postings.c
    rows = reader.connection.execute(
        select(
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
        .group_by(c.on_date, head.recorded_at, c.account)
    )
    found: dict[tuple[date, datetime], dict[str, int]] = defaultdict(lambda: dict(NONE))
    for row in rows:
        found[month_of(row.on_date)[1], row.recorded_at][chart.HEAD_OF_INPUT[row.account]] += (
            row.paise
        )
    return found


def _told_in(settled: Mapping[date, datetime], last: date, moment: datetime) -> date:
    """The last day of the first month, from one on, whose return was open at a moment."""
    while last in settled and settled[last] < moment:
        last = period_after(last)
    return last
