"""Input credit of a shop that also sells what bears no tax (CGST Act, section 17(2); rules 42, 43).

Credit on goods that are sold with tax stands whole, that on goods sold without it goes back whole
(T2). What serves both, as rent and electricity do, is common (C2): of each month's the share of the
exempt turnover goes back (D1), and 5 % where some of it serves no business (D2); of the credit on
equipment that share of a sixtieth for each of sixty months (rule 43). The return of March sets D1
right by the turnover of the year (rule 42(2)). What goes back is a cost of its month, and stands in
GSTR-3B under 4(B)(1). Amounts are paise.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, and_, case, cast, func, select
from sqlalchemy.sql.elements import ColumnElement

from erp_core.catalogue.queries import products_by_id
from erp_core.expenses.categories import EQUIPMENT
from erp_core.expenses.models import expenses
from erp_core.invoicing.equipment import sold_before
from erp_core.invoicing.models import invoice_lines, invoices, note_lines, notes
from erp_core.journal.context import Context, Reader
from erp_core.kernel.money import half_up
from erp_core.ledger import chart
from erp_core.ledger.models import ledger_entries, ledger_postings
from erp_core.ledger.periods import open_day
from erp_core.ledger.service import Posting, post
from erp_core.parties.queries import business
from erp_core.portals import told_later
from erp_core.portals.periods import COST, NONE, SET_OFF, Heads, is_settled, month_of
from erp_core.portals.profile import profile
from erp_core.portals.reverse_charge import REVERSE_CHARGE
from erp_core.portals.reverse_charged_goods import goods_between
from erp_core.portals.told_later import Shifted
from erp_core.purchases.models import purchase_bills
from erp_core.purchases.queries import Bill, bills_between, bills_where
from erp_core.tax.hsn import is_exempt
from erp_core.tax.rules import charges_tax

MONTHS = 60
"""The useful life of capital goods (rule 43(1)(c))."""
PRIVATE_SHARE = 500
"""What of common credit is taken to serve no business where some of it does, in basis points."""


class CreditApportioned(TypedDict):
    period: str
    given_back: int


@dataclass(frozen=True)
class Share:
    """What was sold without tax, and what was sold at all."""

    exempt: int
    turnover: int

    def of(self, paise: int) -> int:
        """The part of an amount that falls to what is exempt."""
        if self.turnover <= 0:
            return 0
        exempt = min(max(self.exempt, 0), self.turnover)
        return half_up(Decimal(paise) * exempt / self.turnover)


@dataclass(frozen=True)
class Apportioned:
    """What of a month's credit goes back, by head: on goods sold without tax (`exempt`), of the
    `common` credit by the month's `share`, by what the year differs (`year`, either way), for what
    is `private`, and of `capital` goods."""

    share: Share = Share(0, 0)
    common: Heads = field(default_factory=lambda: NONE)
    exempt: Heads = field(default_factory=lambda: NONE)
    own: Heads = field(default_factory=lambda: NONE)
    year: Heads = field(default_factory=lambda: NONE)
    private: Heads = field(default_factory=lambda: NONE)
    capital: Heads = field(default_factory=lambda: NONE)

    def entries(self) -> Iterator[tuple[str, Heads]]:
        """The entries that stand for it."""
        yield "credit_exempt", self.exempt
        yield "credit_common", _plus(self.own, self.year)
        yield "credit_private", self.private
        yield "credit_capital", self.capital

    @property
    def total(self) -> Heads:
        total = NONE
        for _, heads in self.entries():
            total = _plus(total, heads)
        return total


def apportioned(reader: Reader, month: date) -> Apportioned:
    """What of a month's credit goes back as the books stand; nothing of a shop that takes none."""
    start, end = month_of(month)
    if not charges_tax(business(reader)):
        return Apportioned()
    share, shifted = share_of(reader, start, end), told_later.shifted(reader, month)
    spent = _common(reader, start, end, shifted)
    own = _share(share, spent)
    private = PRIVATE_SHARE if profile(reader).private_use else 0
    return Apportioned(
        share=share,
        common=spent,
        exempt=_exempt(reader, start, end, shifted),
        own=own,
        year=_of_year(reader, end, own) if end.month == 3 else NONE,
        private={head: half_up(Decimal(paise) * private / 10_000) for head, paise in spent.items()},
        capital=_share(share, _monthly(reader, end)),
    )


def posted(reader: Reader, period: str) -> dict[str, Heads]:
    """{kind of entry: {head: paise}} that the books hold of a period."""
    return _posted(reader, ledger_entries.c.reason == period)


def dated_later(reader: Reader, end: date) -> Heads:
    """What goes back of the months up to one that ends, but is dated after it: its books were
    closed."""
    head, total = ledger_entries.c, NONE
    for heads in _posted(reader, head.reason <= f"{end:%Y-%m}", head.on_date > end).values():
        total = _plus(total, heads)
    return total


def _posted(reader: Reader, *which: ColumnElement[Boolean]) -> dict[str, Heads]:
    head, c = ledger_entries.c, ledger_postings.c
    rows = reader.connection.execute(
        select(head.kind, c.account, cast(func.sum(-c.paise), BigInteger).label("paise"))
        .join(ledger_entries, (head.business_id == c.business_id) & (head.id == c.entry_id))
        .where(
            c.business_id == reader.business_id,
            head.kind.in_(sorted(COST)),
            c.account.in_(sorted(chart.HEAD_OF_INPUT)),
            *which,
        )
        .group_by(head.kind, c.account)
    )
    found: dict[str, Heads] = {}
    for row in rows:
        head_of = chart.HEAD_OF_INPUT[row.account]
        found[row.kind] = {**NONE, **found.get(row.kind, {}), head_of: row.paise}
    return found


def given_back(reader: Reader, month: date, reckoned: Apportioned) -> dict[str, Heads]:
    """{kind of entry: {head: paise}} of what goes back with the return of a month: as it was filed,
    or as it is reckoned now."""
    _, end = month_of(month)
    period = f"{end:%Y-%m}"
    if is_settled(reader, period):
        return posted(reader, period)
    return dict(reckoned.entries())


def apportion(ctx: Context, *, month: date) -> CreditApportioned:
    """Write what of a month's credit goes back as a cost of the month, or of today where its books
    are closed; harmless to repeat: what is written already is only corrected."""
    ctx.take_turns(SET_OFF)
    _, end = month_of(month)
    period = f"{end:%Y-%m}"
    there = posted(ctx, period)
    on = min(open_day(ctx, end), ctx.today)
    found = apportioned(ctx, month)
    for kind, heads in found.entries():
        lacking = _plus(heads, there.get(kind, NONE), -1)
        post(
            ctx,
            kind=kind,
            on=on,
            postings=[
                Posting(COST[kind], sum(lacking.values())),
                *(Posting(chart.INPUT_TAX[head], -paise) for head, paise in lacking.items()),
            ],
            reason=period,
        )
    return {"period": period, "given_back": sum(found.total.values())}


def share_of(reader: Reader, start: date, end: date) -> Share:
    """The exempt part of what was sold from one day to another; where nothing was, that of the last
    month in which something was (rule 42(1)(i), proviso)."""
    found = _sold(reader, start, end)
    if found.turnover > 0:
        return found
    c = invoices.c
    last = reader.connection.execute(
        select(func.max(c.on_date)).where(
            c.business_id == reader.business_id,
            c.status == "issued",
            c.on_date < start,
            _of_taxpayer(),
        )
    ).scalar_one_or_none()
    return _sold(reader, *month_of(last)) if last else found


def _share(share: Share, heads: Heads) -> Heads:
    return {head: share.of(paise) for head, paise in heads.items()}


def _plus(heads: Heads, others: Heads, sign: int = 1) -> Heads:
    return {head: heads[head] + sign * others[head] for head in NONE}


def _of_year(reader: Reader, end: date, own: Heads) -> Heads:
    """By how much the common credit of the financial year that ends is to be given back beyond what
    its months gave."""
    start = date(end.year - 1, 4, 1)
    common = _common(reader, start, end, told_later.between(reader, start, end))
    year = _share(share_of(reader, start, end), common)
    given = own
    for number in range(4, 15):
        month = date(start.year + number // 13, (number - 1) % 12 + 1, 1)
        given = _plus(given, posted(reader, f"{month:%Y-%m}").get("credit_common", NONE))
    return _plus(year, given, -1)


def _monthly(reader: Reader, end: date) -> Heads:
    """A sixtieth of the credit on capital goods of the sixty months that end with one; none of what
    was sold before it."""
    index = end.year * 12 + end.month - MONTHS
    start = date(index // 12, index % 12 + 1, 1)
    sold = sold_before(reader, end.replace(day=1))
    bought = ledger_postings.c.on_date.between(start, end) & expenses.c.id.notin_(sorted(sold))
    capital = _credit_spent(reader, bought)[True]
    return {head: half_up(Decimal(paise) / MONTHS) for head, paise in capital.items()}


def _common(reader: Reader, start: date, end: date, shifted: Shifted) -> Heads:
    """The credit on what was spent but for capital goods, and on services under reverse charge;
    what was taken back counts on its own day. What was written late counts where it is told."""
    common = _credit_spent(reader, ledger_postings.c.on_date.between(start, end))[False]
    for sign, entries in ((1, shifted.here), (-1, shifted.after)):
        if entries:
            moved = _credit_spent(reader, ledger_postings.c.entry_id.in_(sorted(entries)))
            common = _plus(common, moved[False], sign)
    return common


def _credit_spent(reader: Reader, which: ColumnElement[Boolean]) -> dict[bool, Heads]:
    """{whether it is on capital goods: the credit of expenses that were written}."""
    head, c, undone, spent = ledger_entries.c, ledger_postings.c, ledger_entries.alias(), expenses.c
    is_capital = spent.category == EQUIPMENT
    rows = reader.connection.execute(
        select(
            c.account, is_capital.label("capital"), cast(func.sum(c.paise), BigInteger).label("sum")
        )
        .join(ledger_entries, (head.business_id == c.business_id) & (head.id == c.entry_id))
        .outerjoin(
            undone, (undone.c.business_id == head.business_id) & (undone.c.id == head.reverses)
        )
        .join(expenses, (spent.business_id == head.business_id) & (spent.id == head.source_id))
        .where(
            c.business_id == reader.business_id,
            c.account.in_(sorted(chart.INPUT_TAX.values())),
            which,
            func.coalesce(undone.c.kind, head.kind).in_(["expense", REVERSE_CHARGE]),
        )
        .group_by(c.account, is_capital)
    )
    found: dict[bool, dict[str, int]] = {False: dict(NONE), True: dict(NONE)}
    for row in rows:
        found[row.capital][chart.HEAD_OF_INPUT[row.account]] += row.sum
    return dict(found)


def _exempt(reader: Reader, start: date, end: date, shifted: Shifted) -> Heads:
    """The credit on goods bought that are sold without tax, of bills that are told in some days."""
    told = _told_between(reader, start, end, shifted)
    bills = [one for one in told if one.input_credit and one.tax]
    goods = products_by_id(reader, list({line.product_id for one in bills for line in one.lines}))
    found = dict(NONE)
    for one in bills:
        for line in one.lines:
            if line.tax and is_exempt(goods[line.product_id], one.on):
                for head in found:
                    found[head] += one.sign * int(getattr(line, head))
    return found


def _told_between(reader: Reader, start: date, end: date, shifted: Shifted) -> list[Bill]:
    """Goods under reverse charge are told with their tax, all others with their own credit."""
    here, after = (_sources(reader, entries) for entries in (shifted.here, shifted.after))
    late = bills_where(reader, purchase_bills.c.id.in_(here)) if here else []
    others = (one for one in bills_between(reader, start, end) if not one.reverse_charge)
    dated = [*others, *goods_between(reader, start, end)]
    return [*(one for one in dated if one.id not in after), *late]


def _sources(reader: Reader, entries: Collection[UUID]) -> set[UUID]:
    """What entries are of."""
    head = ledger_entries.c
    rows = reader.connection.execute(
        select(head.source_id).where(
            head.business_id == reader.business_id, head.id.in_(sorted(entries))
        )
    )
    return {row.source_id for row in rows if row.source_id}


def _of_taxpayer() -> ColumnElement[Boolean]:
    """Bills of before the registration, or under composition, are of no tax period with credit."""
    return and_(invoices.c.supplier_gstin.isnot(None), ~invoices.c.composition)


def _sold(reader: Reader, start: date, end: date) -> Share:
    """What bills and the notes on them came to without tax, what is zero-rated as taxed."""
    head, line = invoices.c, invoice_lines.c
    zero_rated = (head.treatment.isnot(None)) & (head.treatment != "deemed_export")
    exempt = (line.rate == 0) & ~func.coalesce(zero_rated, False)
    sold = select(
        func.sum(case((exempt, line.taxable_paise), else_=0)).label("exempt"),
        func.sum(line.taxable_paise).label("turnover"),
    ).join(
        invoices, (head.business_id == line.business_id) & (head.id == line.invoice_id)
    ).where(
        line.business_id == reader.business_id,
        head.status == "issued",
        head.on_date.between(start, end),
        _of_taxpayer(),
    )  # fmt: skip
    note, noted = notes.c, note_lines.c
    paise = noted.taxable_paise
    signed: Any = case((note.kind == "credit_note", -paise), else_=paise)
    back = select(
        func.sum(case((exempt, signed), else_=0)).label("exempt"),
        func.sum(signed).label("turnover"),
    ).select_from(
        note_lines.join(
            notes, (note.business_id == noted.business_id) & (note.id == noted.note_id)
        )
        .join(invoices, (head.business_id == note.business_id) & (head.id == note.invoice_id))
        .join(
            invoice_lines,
            (line.business_id == note.business_id)
            & (line.invoice_id == note.invoice_id)
            & (line.position == noted.invoice_position),
        )
    ).where(
        note.business_id == reader.business_id, note.on_date.between(start, end), _of_taxpayer()
    )  # fmt: skip
    rows = [reader.connection.execute(query).one() for query in (sold, back)]
    return Share(*(sum(int(row[at] or 0) for row in rows) for at in (0, 1)))
