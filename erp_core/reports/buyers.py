"""Who buys, how much, and who has not come for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, case, cast, func, literal, select, union_all
from sqlalchemy.sql.elements import ColumnElement

from erp_core.catalogue.models import products
from erp_core.invoicing.models import invoices, notes
from erp_core.journal.context import Reader
from erp_core.orders.models import order_lines, orders
from erp_core.orders.states import CANCELLED, RETURNED
from erp_core.parties.models import customers
from erp_core.parties.permissions import Permission, require
from erp_core.parties.service import WALK_IN


@dataclass(frozen=True)
class Buyer:
    """A customer, and what was billed to it in paise, less what was credited."""

    name: str
    paise: int
    bills: int


@dataclass(frozen=True)
class Absent:
    """A customer, and the day of its last order."""

    name: str
    last_on: date


@dataclass(frozen=True)
class Bought:
    """Goods in an order: whose, on which day, how many."""

    name: str
    on: date
    quantity: Decimal


@dataclass(frozen=True)
class Usual:
    """Goods that a customer takes: how many in all, in how many orders."""

    product: str
    unit: str
    quantity: Decimal
    times: int


def last_buyers(reader: Reader, product_id: UUID, *, limit: int) -> list[Bought]:
    """Who had some goods, the last first. Raises Forbidden."""
    require(reader, Permission.VIEW_ALL_BALANCES)
    line = order_lines.c
    rows = reader.connection.execute(
        select(customers.c.name, line.ordered_on, line.quantity)
        .select_from(order_lines.join(orders, _of_order()).join(customers, _of_customer()))
        .where(line.business_id == reader.business_id, line.product_id == product_id, _stands())
        .order_by(line.ordered_on.desc(), orders.c.id.desc())
        .limit(limit)
    )
    return [Bought(*row) for row in rows]


def usual_goods(reader: Reader, customer_id: UUID, *, limit: int) -> list[Usual]:
    """What a customer takes most often. Raises Forbidden."""
    require(reader, Permission.VIEW_ALL_BALANCES)
    line, times = order_lines.c, func.count()
    rows = reader.connection.execute(
        select(products.c.name, products.c.unit, func.sum(line.quantity), times)
        .select_from(
            orders.join(order_lines, _of_order()).join(
                products,
                (products.c.business_id == line.business_id) & (products.c.id == line.product_id),
            )
        )
        .where(
            orders.c.business_id == reader.business_id,
            orders.c.customer_id == customer_id,
            _stands(),
        )
        .group_by(products.c.id, products.c.name, products.c.unit)
        .order_by(times.desc(), func.sum(line.quantity).desc(), products.c.id)
        .limit(limit)
    )
    return [Usual(*row) for row in rows]


def _of_order() -> ColumnElement[Boolean]:
    line = order_lines.c
    return (orders.c.business_id == line.business_id) & (orders.c.id == line.order_id)


def _of_customer() -> ColumnElement[Boolean]:
    buyer = customers.c
    return (buyer.business_id == orders.c.business_id) & (buyer.id == orders.c.customer_id)


def _stands() -> ColumnElement[Boolean]:
    return orders.c.status.not_in((CANCELLED, RETURNED))


def best_buyers(reader: Reader, start: date, end: date, *, limit: int) -> list[Buyer]:
    """Who was billed the most from one day to another, without the counter. Raises Forbidden."""
    require(reader, Permission.VIEW_REPORTS)
    bill, note = invoices.c, notes.c
    sign: ColumnElement[BigInteger] = case((note.kind == "credit_note", -1), else_=1)
    parts = union_all(
        select(bill.customer_id, bill.total_paise.label("paise"), literal(1).label("bills")).where(
            bill.business_id == reader.business_id,
            bill.on_date.between(start, end),
            bill.cancelled_at.is_(None),
        ),
        select(note.customer_id, sign * note.total_paise, literal(0)).where(
            note.business_id == reader.business_id, note.on_date.between(start, end)
        ),
    ).subquery()
    paise = cast(func.sum(parts.c.paise), BigInteger)
    rows = reader.connection.execute(
        select(customers.c.name, paise, cast(func.sum(parts.c.bills), BigInteger))
        .join(parts, customers.c.id == parts.c.customer_id)
        .where(customers.c.business_id == reader.business_id, customers.c.name != WALK_IN)
        .group_by(customers.c.id, customers.c.name)
        .having(paise > 0)
        .order_by(paise.desc(), customers.c.id)
        .limit(limit)
    )
    return [Buyer(*row) for row in rows]


def absent(reader: Reader, days: int) -> list[Absent]:
    """Who has ordered before and not within so many days, who came last first. Raises Forbidden."""
    require(reader, Permission.VIEW_ALL_BALANCES)
    last = func.max(orders.c.ordered_on)
    rows = reader.connection.execute(
        select(customers.c.name, last)
        .join(
            orders,
            (orders.c.business_id == customers.c.business_id)
            & (orders.c.customer_id == customers.c.id),
        )
        .where(
            customers.c.business_id == reader.business_id,
            customers.c.name != WALK_IN,
            orders.c.status != CANCELLED,
        )
        .group_by(customers.c.id, customers.c.name)
        .having(last < reader.today - timedelta(days=days))
        .order_by(last.desc(), customers.c.id)
    )
    return [Absent(*row) for row in rows]
