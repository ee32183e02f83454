"""Who buys, how much, and who has not come for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import BigInteger, case, cast, func, literal, select, union_all
from sqlalchemy.sql.elements import ColumnElement

from erp_core.invoicing.models import invoices, notes
from erp_core.journal.context import Reader
from erp_core.orders.models import orders
from erp_core.orders.states import CANCELLED
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
