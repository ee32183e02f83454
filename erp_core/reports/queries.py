"""How business went in a period: one summary, and the period of the same length before it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    Integer,
    Numeric,
    Table,
    and_,
    case,
    cast,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import Select

from erp_core.catalogue.models import products
from erp_core.expenses.models import expenses
from erp_core.expenses.queries import standing
from erp_core.inventory.queries import Stock, low_stock
from erp_core.invoicing.models import invoices, notes
from erp_core.journal.context import Reader
from erp_core.kernel.clock import day_bounds
from erp_core.kernel.errors import Invalid
from erp_core.kernel.money import half_up
from erp_core.ledger import chart
from erp_core.ledger.queries import party_balances, refunded
from erp_core.orders.models import order_lines, orders
from erp_core.orders.states import BILLABLE, CANCELLED, PENDING, RETURNED
from erp_core.parties.permissions import Permission, require
from erp_core.parties.queries import customers_named
from erp_core.payments.methods import OPENING
from erp_core.payments.models import payments

LONGEST_PERIOD = 5 * 366
TOP = 5


@dataclass(frozen=True)
class Total:
    """An amount in paise made up of so many things, and both in the period before."""

    paise: int
    count: int
    previous_paise: int
    previous_count: int

    @property
    def change_percent(self) -> int | None:
        """By how many per cent the amount grew; None where there was nothing to grow from."""
        if self.previous_paise <= 0:
            return None
        grown = self.paise - self.previous_paise
        return half_up(Decimal(100 * grown) / self.previous_paise)


@dataclass(frozen=True)
class Part:
    """A share of a total, by its code: a method of payment, a category of expense."""

    code: str
    paise: int
    count: int


@dataclass(frozen=True)
class Debtor:
    """A customer who owes."""

    customer_id: UUID
    name: str
    paise: int


@dataclass(frozen=True)
class Receivables:
    """What customers owe at the end of the period; the largest debts first."""

    paise: int
    debtors: int
    largest: tuple[Debtor, ...]


@dataclass(frozen=True)
class BestSeller:
    """A product, how much of it was ordered, and for how much before tax."""

    product_id: UUID
    name: str
    unit: str
    quantity: Decimal
    paise: int


@dataclass(frozen=True)
class Day:
    """One day's sales, payments and expenses in paise, and its number of orders."""

    on: date
    sales: int
    payments: int
    expenses: int
    orders: int


@dataclass(frozen=True)
class Summary:
    """A period from `start` to `end`, both included. All amounts are paise.

    `sales` is what was invoiced, tax included (`sales_tax` of it); a cancelled invoice takes its
    amount off on the day of the cancellation. `orders` leaves cancelled ones out; `best_sellers`
    pending and returned ones too. `low_stock` is as it is now.
    """

    start: date
    end: date
    sales: Total
    sales_tax: int
    orders: Total
    payments: Total
    payments_by_method: tuple[Part, ...]
    expenses: Total
    expenses_by_category: tuple[Part, ...]
    receivables: Receivables
    best_sellers: tuple[BestSeller, ...]
    low_stock: tuple[Stock, ...]
    daily: tuple[Day, ...]
    refunded: int = 0
    """What was given back to customers; `payments` is what came, before it."""

    @property
    def invoices(self) -> int:
        """How many invoices were made."""
        return self.sales.count

    @property
    def empty(self) -> bool:
        """Whether nothing happened in the period."""
        return not any(one.count for one in (self.sales, self.orders, self.payments, self.expenses))


@dataclass(frozen=True)
class _Figure:
    """An amount and a count, for one day and one code."""

    on: date
    code: str
    paise: int
    count: int


@dataclass(frozen=True)
class _Sold(_Figure):
    """Sales of a day, and the tax in them."""

    tax: int


def summary(reader: Reader, start: date, end: date) -> Summary:
    """How business went from one day to another. Raises Invalid("bad_period"), Forbidden."""
    require(reader, Permission.VIEW_REPORTS)
    if not 0 <= (end - start).days < LONGEST_PERIOD:
        raise Invalid("bad_period")
    before = start - (end - start) - timedelta(days=1)
    sales = _invoiced(reader, before, end)
    ordered = _ordered(reader, before, end)
    paid = _paid(reader, before, end)
    spent = _spent(reader, before, end)
    return Summary(
        start=start,
        end=end,
        sales=_total(sales, start),
        sales_tax=sum(one.tax for one in sales if one.on >= start),
        orders=_total(ordered, start),
        payments=_total(paid, start),
        payments_by_method=_parts(paid, start),
        expenses=_total(spent, start),
        expenses_by_category=_parts(spent, start),
        receivables=_receivables(reader, end),
        best_sellers=_best_sellers(reader, start, end),
        low_stock=tuple(low_stock(reader)),
        daily=_daily(start, end, sales, paid, spent, ordered),
        refunded=refunded(reader, start, end),
    )


def _invoiced(reader: Reader, start: date, end: date) -> list[_Sold]:
    """What was invoiced, less what was cancelled, on the day of each; notes by their sign.

    From the documents, since indexes alone answer it: the ledger, which agrees, would be read
    posting by posting.
    """
    first, after = day_bounds(start, end, reader.zone)
    cancelled_on = cast(func.timezone(reader.zone, invoices.c.cancelled_at), Date)
    sign: ColumnElement[BigInteger] = case((notes.c.kind == "credit_note", -1), else_=1)
    parts = union_all(
        _sums_by_day(invoices, invoices.c.on_date, 1, invoices.c.on_date.between(start, end)).where(
            invoices.c.business_id == reader.business_id
        ),
        _sums_by_day(
            invoices,
            cancelled_on,
            -1,
            and_(invoices.c.cancelled_at >= first, invoices.c.cancelled_at < after),
        ).where(invoices.c.business_id == reader.business_id),
        select(
            notes.c.on_date,
            _paise(sign * notes.c.total_paise),
            _paise(sign * _tax_of(notes)),
            literal(0),
        )
        .where(notes.c.business_id == reader.business_id, notes.c.on_date.between(start, end))
        .group_by(notes.c.on_date),
    )
    return [_Sold(on, "invoice", paise, count, tax) for on, paise, tax, count in
            reader.connection.execute(parts)]  # fmt: skip


def _sums_by_day(
    table: Table, day: ColumnElement[Date], sign: int, when: ColumnElement[Boolean]
) -> Select:
    """Bills of nothing are none."""
    count = func.sum(case((table.c.total_paise != 0, sign), else_=0))
    return (
        select(
            day,
            _paise(sign * table.c.total_paise),
            _paise(sign * _tax_of(table)),
            cast(count, Integer),
        )
        .where(when)
        .group_by(day)
    )


def _tax_of(table: Table) -> ColumnElement[BigInteger]:
    return table.c.total_paise - table.c.taxable_paise - table.c.round_off_paise


def _ordered(reader: Reader, start: date, end: date) -> list[_Figure]:
    rows = reader.connection.execute(
        select(orders.c.ordered_on, _paise(orders.c.total_paise), func.count())
        .where(
            orders.c.business_id == reader.business_id,
            orders.c.ordered_on.between(start, end),
            orders.c.status != CANCELLED,
        )
        .group_by(orders.c.ordered_on)
    )
    return [_Figure(on, "order", paise, count) for on, paise, count in rows]


def _paid(reader: Reader, start: date, end: date) -> list[_Figure]:
    rows = reader.connection.execute(
        select(
            payments.c.on_date,
            payments.c.method,
            _paise(payments.c.amount_paise),
            func.count(),
        )
        .where(
            payments.c.business_id == reader.business_id,
            payments.c.on_date.between(start, end),
            payments.c.method != OPENING,
            payments.c.status == "standing",
        )
        .group_by(payments.c.on_date, payments.c.method)
    )
    return [_Figure(*row) for row in rows]


def _spent(reader: Reader, start: date, end: date) -> list[_Figure]:
    rows = reader.connection.execute(
        select(
            expenses.c.on_date,
            expenses.c.category,
            _paise(expenses.c.amount_paise),
            func.count(),
        )
        .where(
            expenses.c.business_id == reader.business_id,
            expenses.c.on_date.between(start, end),
            standing(),
        )
        .group_by(expenses.c.on_date, expenses.c.category)
    )
    return [_Figure(*row) for row in rows]


def _receivables(reader: Reader, end: date) -> Receivables:
    owing = [
        (customer_id, paise)
        for customer_id, paise in party_balances(reader, chart.RECEIVABLE, until=end)
        if paise > 0
    ]
    names = customers_named(reader, [customer_id for customer_id, _ in owing[:TOP]])
    return Receivables(
        paise=sum(paise for _, paise in owing),
        debtors=len(owing),
        largest=tuple(Debtor(one, names[one], paise) for one, paise in owing[:TOP]),
    )


def _best_sellers(reader: Reader, start: date, end: date) -> tuple[BestSeller, ...]:
    line = order_lines.c
    best = _sold(reader, start, end).order_by(_paise(line.taxable_paise).desc(), line.product_id)
    return _named(reader, best.limit(TOP))


def unbilled(reader: Reader, start: date, end: date) -> tuple[int, int]:
    """How many orders of these days have goods among the best sellers but no bill among the sales,
    and what they come to. Raises Forbidden."""
    require(reader, Permission.VIEW_REPORTS)
    count, paise = reader.connection.execute(
        select(func.count(), _paise(orders.c.total_paise)).where(
            orders.c.business_id == reader.business_id,
            orders.c.ordered_on.between(start, end),
            orders.c.status.in_(BILLABLE),
            orders.c.invoice_id.is_(None),
        )
    ).one()
    return count, paise or 0


def sold(
    reader: Reader, product_ids: Collection[UUID], start: date, end: date
) -> tuple[BestSeller, ...]:
    """How much of some products was sold from one day to another, what sold most first; those of
    which nothing was are left out. Raises Forbidden."""
    require(reader, Permission.VIEW_REPORTS)
    return _named(
        reader, _sold(reader, start, end).where(order_lines.c.product_id.in_(product_ids))
    )


def _sold(reader: Reader, start: date, end: date) -> Select:
    """Lines carry the day of their order, so that an index of them answers; the few orders that do
    not count are left out of it."""
    line = order_lines.c
    left_out = select(orders.c.id).where(
        orders.c.business_id == reader.business_id,
        orders.c.ordered_on.between(start, end),
        orders.c.status.in_((PENDING, CANCELLED, RETURNED)),
    )
    return (
        select(
            line.product_id,
            cast(func.sum(line.quantity), Numeric(18, 3)).label("quantity"),
            _paise(line.taxable_paise).label("paise"),
        )
        .where(
            line.business_id == reader.business_id,
            line.ordered_on.between(start, end),
            line.order_id.not_in(left_out),
        )
        .group_by(line.product_id)
    )


def _named(reader: Reader, sums: Select) -> tuple[BestSeller, ...]:
    best = sums.subquery()
    rows = reader.connection.execute(
        select(products.c.id, products.c.name, products.c.unit, best.c.quantity, best.c.paise)
        .join(best, products.c.id == best.c.product_id)
        .where(products.c.business_id == reader.business_id)
        .order_by(best.c.paise.desc(), products.c.id)
    )
    return tuple(BestSeller(*row) for row in rows)


def _paise(column: ColumnElement[BigInteger]) -> ColumnElement[BigInteger]:
    return cast(func.coalesce(func.sum(column), 0), BigInteger)


def _total(figures: Iterable[_Figure], start: date) -> Total:
    every = list(figures)
    now = [one for one in every if one.on >= start]
    before = [one for one in every if one.on < start]
    return Total(
        paise=sum(one.paise for one in now),
        count=sum(one.count for one in now),
        previous_paise=sum(one.paise for one in before),
        previous_count=sum(one.count for one in before),
    )


def _parts(figures: Iterable[_Figure], start: date) -> tuple[Part, ...]:
    """The period's figures by code, the largest first."""
    amounts: dict[str, tuple[int, int]] = {}
    for one in figures:
        if one.on >= start:
            paise, count = amounts.get(one.code, (0, 0))
            amounts[one.code] = (paise + one.paise, count + one.count)
    parts = [Part(code, paise, count) for code, (paise, count) in amounts.items()]
    return tuple(sorted(parts, key=lambda part: (-part.paise, part.code)))


def _daily(
    start: date,
    end: date,
    sales: Iterable[_Figure],
    paid: Iterable[_Figure],
    spent: Iterable[_Figure],
    ordered: Iterable[_Figure],
) -> tuple[Day, ...]:
    """Every day of the period, also those on which nothing happened."""
    sold, received, given_out = (_paise_by_day(one) for one in (sales, paid, spent))
    counts = {one.on: one.count for one in ordered}
    days = (start + timedelta(days=number) for number in range((end - start).days + 1))
    return tuple(
        Day(
            on=day,
            sales=sold.get(day, 0),
            payments=received.get(day, 0),
            expenses=given_out.get(day, 0),
            orders=counts.get(day, 0),
        )
        for day in days
    )


def _paise_by_day(figures: Iterable[_Figure]) -> Mapping[date, int]:
    amounts: dict[date, int] = {}
    for one in figures:
        amounts[one.on] = amounts.get(one.on, 0) + one.paise
    return amounts
