"""What a return that is late costs: interest (section 50) and a fee (section 47).

Interest runs on the tax that is paid in cash, from the day after the last day to the day of payment
(rule 88B): on tax of the period, and on tax under reverse charge that was due with a period that
was filed already. The portal asks for what the delay of a GSTR-3B costs in the return after it
(table 5.1); the rest is paid with its own. Amounts are paise, whole rupees of each head (section
170).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import exists, insert, select

from erp_core.journal.context import Context, Reader
from erp_core.kernel.ids import new_id
from erp_core.kernel.money import half_up, split_by_largest_remainder
from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.ledger.models import ledger_entries
from erp_core.parties.queries import business
from erp_core.portals import limits
from erp_core.portals.models import late_dues
from erp_core.portals.periods import (
    SET_OFF,
    Heads,
    filing_day,
    is_settled,
    month_of,
    period_after,
    period_of,
    tax_day,
)
from erp_core.portals.profile import profile
from erp_core.portals.reverse_charge import Charged, charged, charges_between
from erp_core.portals.reverse_charged_goods import goods_between
from erp_core.purchases.queries import Bill, bill
from erp_core.tax.rules import is_composition

INTEREST, LATE_FEE = "interest", "late_fee"
HEADS = tuple(chart.OUTPUT_TAX)
RETURN, SALES, YEARLY = "GSTR-3B", "GSTR-1", "GSTR-4"
RUPEE = 100
YEAR, BASIS = 365, 10_000


@dataclass(frozen=True)
class Due:
    """Interest on `base` from the day after `since`, or the fee of a return; `told_in` names the
    return with which it is paid ("2026-05"), `days` is how late it is."""

    kind: str
    since: date
    days: int
    base: int
    heads: Heads
    told_in: str

    @property
    def paise(self) -> int:
        return sum(self.heads.values())


def dues(reader: Reader, month: date, cash: Heads, *, on: date) -> tuple[Due, ...]:
    """What it costs that the tax of the period that a month lies in is paid on a day, `cash` being
    what of it is paid in cash. Of a period before the books began nobody knows anything here."""
    _, end = period_of(reader, month)
    if not _reaches(reader, end):
        return ()
    period = f"{end:%Y-%m}"
    own = period if is_composition(business(reader)) else _after(reader, end)
    earlier = _due_earlier(reader, month)
    found: list[Due | None] = [
        interest(heads, since=since, on=on, told_in=period) for since, heads in earlier.items()
    ]
    last = tax_day(reader, end)
    if last and on > last:
        rest = {
            head: max(0, paise - sum(heads[head] for heads in earlier.values()))
            for head, paise in cash.items()
        }
        found.append(
            interest(_without_deposit(reader, rest, last, on), since=last, on=on, told_in=own)
        )
    found.append(_fee(reader, end, on=on, told_in=own))
    return tuple(one for one in found if one and one.paise)


def write(ctx: Context, entry_id: UUID, period: str, found: Iterable[Due]) -> None:
    """Keep what an entry has booked as owed for the delay of a period."""
    for one in found:
        ctx.connection.execute(
            insert(late_dues).values(
                business_id=ctx.business_id,
                id=new_id(),
                entry_id=entry_id,
                period=period,
                told_in=one.told_in,
                kind=one.kind,
                since=one.since,
                days=one.days,
                base_paise=one.base,
                created_at=ctx.now,
                **{f"{head}_paise": one.heads[head] for head in HEADS},
            )
        )


def written(
    reader: Reader, *, period: str | None = None, told_in: str | None = None
) -> tuple[Due, ...]:
    """What is booked for the delay of a period, or what is paid with the return of one."""
    c, undone = late_dues.c, ledger_entries.alias()
    asked = c.period == period if period else c.told_in == told_in
    rows = reader.connection.execute(
        select(late_dues)
        .where(
            c.business_id == reader.business_id,
            asked,
            ~exists()
            .where(undone.c.business_id == reader.business_id)
            .where(undone.c.reverses == c.entry_id),
        )
        .order_by(c.since, c.kind)
    )
    return tuple(
        Due(
            kind=row.kind,
            since=row.since,
            days=row.days,
            base=row.base_paise,
            heads={head: row[f"{head}_paise"] for head in HEADS},
            told_in=row.told_in,
        )
        for row in rows
    )


def _reaches(reader: Reader, end: date) -> bool:
    """Whether anything is written in the books up to a day."""
    c = ledger_entries.c
    first = select(c.id).where(c.business_id == reader.business_id, c.on_date <= end).limit(1)
    return reader.connection.execute(first).first() is not None


def interest_rate(on: date) -> int:
    """The yearly rate of interest of a day, in basis points."""
    terms = limits.in_force(INTEREST, on)
    assert terms is not None, "interest is as old as GST"  # noqa: S101
    return int(terms["rate"])


def interest(base: Mapping[str, int], *, since: date, on: date, told_in: str = "") -> Due:
    """The interest on tax of each head whose last day was `since` and that is paid on a day."""
    days, rate = max(0, (on - since).days), interest_rate(on)
    heads = {
        head: _rupees(Decimal(max(0, base.get(head, 0))) * days * rate / YEAR / BASIS)
        for head in HEADS
    }
    return Due(INTEREST, since, days, sum(base.values()), heads, told_in)


def interest_on_charge(reader: Reader, charge_id: UUID, *, since: date) -> Due:
    """The interest so far on the tax of a service under reverse charge that was due on a day."""
    found = charged(reader, charge_id)
    heads = {head: int(getattr(found, head)) for head in HEADS}
    return interest(heads, since=since, on=reader.today)


def interest_on_goods(reader: Reader, bill_id: UUID, *, since: date) -> Due:
    """The same of goods that came under reverse charge."""
    found = bill(reader, bill_id)
    heads = {head: int(getattr(found, head)) for head in HEADS}
    return interest(heads, since=since, on=reader.today)


def _after(reader: Reader, end: date) -> str:
    """The period with whose return the portal asks for what the delay of this one costs."""
    after = period_after(end)
    while is_settled(reader, f"{after:%Y-%m}"):
        after = period_after(after)
    return f"{after:%Y-%m}"


def _due_earlier(reader: Reader, month: date) -> Mapping[date, dict[str, int]]:
    """Tax under reverse charge that is told in this period and was due with one before, by the last
    day that it had; of what is written anew for a charge that was paid in time, what it is more."""
    start, end = period_of(reader, month)
    found: dict[date, dict[str, int]] = defaultdict(lambda: dict.fromkeys(HEADS, 0))
    told: list[tuple[date, Bill | Charged]] = [
        *((one.on, one) for one in goods_between(reader, start, end)),
        *((one.spent_on, one) for one in charges_between(reader, start, end)),
    ]
    for came_on, one in told:
        due = tax_day(reader, came_on) if came_on < start else None
        if due:
            for head in HEADS:
                found[due][head] += one.sign * int(getattr(one, head))
    return {
        due: {head: max(0, paise) for head, paise in heads.items()} for due, heads in found.items()
    }


def _rupees(paise: Decimal) -> int:
    return half_up(paise / RUPEE) * RUPEE


def _without_deposit(reader: Reader, cash: Mapping[str, int], last: date, on: date) -> Heads:
    """What is left of the cash without what had lain in the cash ledger all the while. The books
    keep one cash ledger for all heads, so that it is shared by what each needs."""
    terms = limits.in_force(INTEREST, on)
    total = sum(cash.values())
    if not (terms and terms["deposited"] and total):
        return cash
    there = _lowest(reader, last, on)
    shares = split_by_largest_remainder(min(total, there), list(cash.values()))
    return {head: paise - share for (head, paise), share in zip(cash.items(), shares, strict=True)}


def _lowest(reader: Reader, last: date, on: date) -> int:
    """The least that lay in the cash ledger from one day's end to another."""
    balance = lowest = ledger.balance_of(reader, chart.GST_CASH, until=last)
    start = last + timedelta(days=1)
    for _, debit, credit in ledger.turnover_by_day(reader, chart.GST_CASH, start=start, until=on):
        balance += debit - credit
        lowest = min(lowest, balance)
    return max(0, lowest)


def _fee(reader: Reader, end: date, *, on: date, told_in: str) -> Due | None:
    """The fee for the return that ends with this period; within a quarter there is none."""
    terms = limits.in_force(LATE_FEE, end, of=RETURN)
    last = filing_day(reader, RETURN, end)
    if terms is None or last is None or on <= last or tax_day(reader, end) != last:
        return None
    return _fee_by(_row(reader, terms, end), last, on, told_in)


def fee_of_year(reader: Reader, end: date, *, nil: bool, on: date) -> tuple[Due, int] | None:
    """The fee for the yearly return under composition that is filed on a day, and the most that it
    can be; None while it is not late. Nobody tells Bahi when it was filed."""
    terms, last = limits.in_force(LATE_FEE, end, of=YEARLY), filing_day(reader, YEARLY, end)
    if terms is None or last is None or on <= last or not _reaches(reader, end):
        return None
    row: Mapping[str, int] = terms["nil"] if nil else terms["turnover"][-1]
    return _fee_by(row, last, on, ""), row["most"] * RUPEE


def fee_of_sales(reader: Reader, month: date, *, on: date) -> tuple[Due, int] | None:
    """The fee for GSTR-1 of the period that a month lies in where it is filed only on a day, and
    the most that it can be; None while it is not late, and where the tax of the period is settled,
    which goes after it (section 39(10)). Nobody tells Bahi when it was filed."""
    end = _sales_end(reader, month)
    terms, last = limits.in_force(LATE_FEE, end, of=SALES), filing_day(reader, SALES, end)
    if terms is None or last is None or on <= last or not _reaches(reader, end):
        return None
    if is_settled(reader, f"{end:%Y-%m}"):
        return None
    sold = _turnover(reader, _period_start(reader, end), end)
    row: Mapping[str, int] = _by_turnover(reader, terms, end) if sold else terms["nil"]
    return _fee_by(row, last, on, ""), row["most"] * RUPEE


def _sales_end(reader: Reader, month: date) -> date:
    """The last day of the period of GSTR-1 that a month lies in."""
    if not profile(reader).quarterly:
        return month_of(month)[1]
    return month_of(date(month.year, month.month + -month.month % 3, 1))[1]


def _fee_by(row: Mapping[str, int], last: date, on: date, told_in: str) -> Due:
    days = (on - last).days
    paise = min(row["a_day"] * days, row["most"]) * RUPEE
    heads = {**dict.fromkeys(HEADS, 0), "cgst": paise // 2, "sgst": paise // 2}
    return Due(LATE_FEE, last, days, row["a_day"] * RUPEE, heads, told_in)


def _row(reader: Reader, terms: Mapping[str, object], end: date) -> Mapping[str, int]:
    """The terms of the fee: of a return without tax, or by the turnover of the year before."""
    start = _period_start(reader, end)
    if not any(paise > 0 for paise in _moved(reader, start, end).values()):
        nil: Mapping[str, int] = terms["nil"]  # type: ignore[assignment]
        return nil
    return _by_turnover(reader, terms, end)


def _by_turnover(reader: Reader, terms: Mapping[str, object], end: date) -> Mapping[str, int]:
    rows: Sequence[Mapping[str, int]] = terms["turnover"]  # type: ignore[assignment]
    turnover = _turnover_before(reader, end)
    return next(row for row in rows if "upto" not in row or turnover <= row["upto"] * RUPEE)


def _period_start(reader: Reader, end: date) -> date:
    """The first day of the return that ends with a month: of the quarter where it is one's."""
    months = 3 if profile(reader).quarterly else 1
    index = end.year * 12 + end.month - months
    return date(index // 12, index % 12 + 1, 1)


def _turnover_before(reader: Reader, on: date) -> int:
    """The turnover of the financial year before the one that a day lies in: that of the books, or
    what the shop has said of itself where they did not begin yet."""
    year = on.year if on.month >= 4 else on.year - 1
    sold = _turnover(reader, date(year - 1, 4, 1), date(year, 3, 31))
    paise = sum(credit - debit for debit, credit in sold.values())
    return paise if sold else profile(reader).turnover_paise or 0


def _turnover(reader: Reader, start: date, end: date) -> Mapping[str, tuple[int, int]]:
    """{account: debited, credited} of what was sold and came back."""
    accounts = (chart.SALES, chart.SALES_RETURNS)
    return ledger.turnover(reader, start=start, until=end, accounts=accounts)


def _moved(reader: Reader, start: date, end: date) -> dict[str, int]:
    """What came to be owed of each head but for its payment."""
    accounts = tuple(chart.OUTPUT_TAX.values())
    turned = ledger.turnover(reader, start=start, until=end, accounts=accounts)
    paid = ledger.moved_by(reader, SET_OFF, start=start, until=end)
    return {
        code: credit - debit + paid.get(code, 0)
        for code, (debit, credit) in ((code, turned.get(code, (0, 0))) for code in accounts)
    }
