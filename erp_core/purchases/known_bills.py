"""A vendor's bill that is written as an expense, and was recorded with its goods already."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import or_, select

from erp_core.expenses.models import expenses
from erp_core.journal.context import Context
from erp_core.kernel.clock import financial_year
from erp_core.kernel.errors import Conflict
from erp_core.kernel.matching import bare_number
from erp_core.purchases.documents import is_taken_back
from erp_core.purchases.models import purchase_bills


def after(ctx: Context) -> None:
    """Listens to every command: refuses an expense by a number under which its vendor's goods came
    in the same financial year. Raises Conflict("expense_known", number, on, amount)."""
    for event in tuple(ctx.events):
        if event.kind == "expense.logged" and event.entity is not None:
            _refuse(ctx, event.entity)


def _refuse(ctx: Context, expense_id: UUID) -> None:
    c, head = expenses.c, purchase_bills.c
    spent = ctx.connection.execute(
        select(c.number, c.vendor_id, c.supplier_gstin, c.on_date).where(
            c.business_id == ctx.business_id, c.id == expense_id
        )
    ).one()
    suppliers = {head.vendor_id: spent.vendor_id, head.supplier_gstin: spent.supplier_gstin}
    theirs = [column == one for column, one in suppliers.items() if one is not None]
    if spent.number is None or not theirs:
        return
    rows = ctx.connection.execute(
        select(head.number, head.on_date, head.total_paise).where(
            head.business_id == ctx.business_id,
            or_(*theirs),
            head.kind == "bill",
            head.financial_year == financial_year(spent.on_date),
            head.number.isnot(None),
            ~is_taken_back(head.id),
        )
    )
    for row in rows:
        if bare_number(row.number) == bare_number(spent.number):
            raise Conflict(
                "expense_known",
                number=row.number,
                on=row.on_date.isoformat(),
                amount=row.total_paise,
            )
