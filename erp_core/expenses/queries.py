"""Reading expenses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Boolean, select
from sqlalchemy.sql.elements import ColumnElement

from erp_core.expenses.models import expenses
from erp_core.journal.context import Reader
from erp_core.ledger.models import ledger_entries
from erp_core.parties.models import vendors
from erp_core.parties.permissions import Permission, require


@dataclass(frozen=True)
class Expense:
    """Money spent. `amount` is all that was paid, `gst` the tax within it, both in paise; `number`
    is that of the vendor's bill."""

    id: UUID
    item: str | None
    category: str
    amount: int
    gst: int
    method: str
    on: date
    vendor_id: UUID | None
    vendor: str | None
    number: str | None = None


def standing() -> ColumnElement[Boolean]:
    """The condition that an expense has not been taken back: nothing reverses its entry."""
    undone = select(ledger_entries.c.id).where(
        ledger_entries.c.business_id == expenses.c.business_id,
        ledger_entries.c.reverses == expenses.c.entry_id,
    )
    return ~undone.exists()


def is_spent_on(reader: Reader, vendor_id: UUID) -> bool:
    """Whether a vendor was ever paid for what is an expense, and no goods."""
    query = select(expenses.c.id).where(
        expenses.c.business_id == reader.business_id, expenses.c.vendor_id == vendor_id
    )
    return reader.connection.execute(query.limit(1)).first() is not None


def expenses_between(
    reader: Reader, start: date, end: date, *, category: str | None = None
) -> list[Expense]:
    """What was spent from one day to another, both included, newest first."""
    require(reader, Permission.VIEW_EXPENSES)
    query = (
        select(expenses, vendors.c.name.label("vendor"))
        .select_from(
            expenses.outerjoin(
                vendors,
                (vendors.c.business_id == expenses.c.business_id)
                & (vendors.c.id == expenses.c.vendor_id),
            )
        )
        .where(
            expenses.c.business_id == reader.business_id,
            expenses.c.on_date >= start,
            expenses.c.on_date <= end,
            standing(),
        )
        .order_by(expenses.c.on_date.desc(), expenses.c.created_at.desc(), expenses.c.id.desc())
    )
    if category:
        query = query.where(expenses.c.category == category)
    return [
        Expense(
            id=row.id,
            item=row.item,
            category=row.category,
            amount=row.amount_paise,
            gst=row.gst_paise,
            method=row.method,
            on=row.on_date,
            vendor_id=row.vendor_id,
            vendor=row.vendor,
            number=row.number,
        )
        for row in reader.connection.execute(query)
    ]
