"""What a month's GSTR-3B leaves to pay, after credit, and by when. Amounts are paise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from erp_core.journal.context import Reader
from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.parties.permissions import Permission, require
from erp_core.portals import late, settling, told_later
from erp_core.portals.apportioning import dated_later
from erp_core.portals.periods import SET_OFF, Heads, is_settled, month_of, tax_day
from erp_core.portals.settling import Settlement
from erp_core.reports.gst.gstr3b import Gstr3b, gstr3b
from erp_core.reports.gst.parts import Part


@dataclass(frozen=True)
class Payable:
    """`month` is how the tax of the month is paid, with the credit that was `carried` into it from
    months before. `left` is the credit that goes on to the next, `earlier` what the books do not
    show as paid of months before, `deposited` what lies in the electronic cash ledger.
    """

    preview: Gstr3b
    month: Settlement
    carried: int
    left: int
    earlier: int
    deposited: int
    settled: bool
    last_day: date | None
    late: tuple[late.Due, ...] = ()
    """What the delay of the month costs: as it was paid, or if it were paid today."""
    dues: int = 0
    """What is paid with this return of what an earlier delay cost."""

    @property
    def cash(self) -> int:
        """What is to be paid of the month, in whole rupees of each head."""
        return sum(self.month.cash.values())


def payable(reader: Reader, month: date) -> Payable:
    """What is to be paid for the month that a day lies in. The business must have a GSTIN and not
    be under composition."""
    require(reader, Permission.VIEW_REPORTS)
    found = gstr3b(reader, month)
    start, end = month_of(month)
    period = f"{end:%Y-%m}"
    settled = is_settled(reader, period)
    before, unused, over = _before(reader, start, period if settled else None)
    reverse = _heads(found.reverse_charge)
    sold, exported = _heads(found.taxable), _heads(found.zero_rated)
    owed = {
        head: sold[head] + exported[head] + reverse[head] - over[head] for head in chart.OUTPUT_TAX
    }
    bought = _heads(found.input_tax)
    credit = {head: bought[head] + unused[head] for head in chart.OUTPUT_TAX}
    done = settling.set_off(owed, reverse, credit)
    if settled:
        costs = late.written(reader, period=period)
    else:
        on = reader.today if reader.today > end else tax_day(reader, end) or end
        costs = late.dues(reader, end, done.cash, on=on)
    return Payable(
        preview=found,
        month=done,
        carried=sum(unused.values()),
        left=sum(_left(credit, done).values()),
        earlier=0 if settled else sum(before.cash.values()),
        deposited=max(0, ledger.balance_of(reader, chart.GST_CASH)),
        settled=settled,
        last_day=tax_day(reader, end),
        late=costs,
        dues=max(0, -ledger.balance_of(reader, chart.GST_DUES)),
    )


def _before(reader: Reader, start: date, settled_as: str | None) -> tuple[Settlement, Heads, Heads]:
    """How the months before are settled, whenever that was written; the credit left of them without
    what is told in this one; and what was owed below zero in them. Where this one is settled
    (`settled_as`), neither that nor what settled later ones is anything of theirs."""
    end = start - timedelta(days=1)
    moved = ledger.account_balances(reader, until=end)
    settled = ledger.moved_by(reader, SET_OFF, start=start, reason_before=settled_as)
    owed = {
        head: -moved.get(code, 0) - settled.get(code, 0) for head, code in chart.OUTPUT_TAX.items()
    }
    told, given = told_later.shifted(reader, start).told_here, dated_later(reader, end)
    credit = {
        head: moved.get(code, 0) + settled.get(code, 0) - told[head] - given[head]
        for head, code in chart.INPUT_TAX.items()
    }
    found = settling.set_off(owed, {}, credit)
    over = {head: max(0, -paise) for head, paise in owed.items()}
    return found, _left(credit, found), over


def _heads(part: Part) -> Heads:
    return {head: int(getattr(part, head)) for head in chart.OUTPUT_TAX}


def _left(credit: Heads, done: Settlement) -> Heads:
    return {head: max(0, paise - done.credit[head]) for head, paise in credit.items()}
