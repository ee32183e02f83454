"""A debt that a note changes afterwards, and what had been forgiven of it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.engine import Row

from erp_core.journal.context import Context
from erp_core.kernel.errors import NotFound
from erp_core.ledger import chart
from erp_core.ledger.service import Posting, post
from erp_core.payments import allocation
from erp_core.payments.allocation import Part
from erp_core.payments.models import receivables
from erp_core.payments.queries import Debt


def adjust_receivable(ctx: Context, *, source_kind: str, source_id: UUID, by_paise: int) -> int:
    """Raise a debt by a debit note, or lower it by a credit note; what of it stays open, in paise.

    What was paid on it beyond its new amount goes to the customer's other debts or stays as an
    advance. For other modules' commands, which post the note to the ledger themselves. Raises
    NotFound("receivable").
    """
    debt = ctx.connection.execute(
        select(receivables)
        .where(
            receivables.c.business_id == ctx.business_id,
            receivables.c.source_kind == source_kind,
            receivables.c.source_id == source_id,
        )
        .with_for_update(key_share=True)
    ).one_or_none()
    if debt is None:
        raise NotFound("receivable")
    allocation.lock_customer(ctx, debt.customer_id)
    before = debt.amount_paise if debt.status == "standing" else 0
    amount, forgiven = before + by_paise, debt.forgiven_paise
    if amount < 0:
        # More is credited than was left of the bill: so much of it cannot have been forgiven too.
        charge_again(ctx, debt, -amount)
        amount, forgiven = 0, forgiven + amount
    paid = before - debt.open_paise
    allocation.apply(ctx, _freed(ctx, debt.id, max(0, paid - amount)))
    stays = max(0, amount - paid)
    values = (
        {"amount_paise": amount, "open_paise": stays, "status": "standing"}
        if amount
        else {"open_paise": 0, "status": "void"}
    )
    ctx.connection.execute(
        update(receivables)
        .where(receivables.c.business_id == ctx.business_id, receivables.c.id == debt.id)
        .values(forgiven_paise=forgiven, **values)
    )
    parts = allocation.settle(ctx, debt.customer_id)
    settled = sum(part.paise for part in parts if part.receivable_id == debt.id)
    return int(stays - settled)


def forgive(ctx: Context, debt: Debt, paise: int) -> None:
    """Lower a debt by what is let off of it; whoever calls posts it."""
    adjust_receivable(ctx, source_kind=debt.source_kind, source_id=debt.source_id, by_paise=-paise)
    ctx.connection.execute(
        update(receivables)
        .where(
            receivables.c.business_id == ctx.business_id,
            receivables.c.source_kind == debt.source_kind,
            receivables.c.source_id == debt.source_id,
        )
        .values(forgiven_paise=receivables.c.forgiven_paise + paise)
    )


def charge_again(ctx: Context, debt: Row, paise: int) -> None:
    """Take back what was forgiven of a debt that is no more: there is nothing to let off."""
    post(
        ctx,
        kind="waiver_back",
        on=ctx.today,
        postings=[
            Posting(chart.RECEIVABLE, paise, debt.customer_id),
            Posting(chart.DISCOUNT_GIVEN, -paise),
        ],
        source=("waiver", debt.id),
        reason="debt_undone",
    )


def _freed(ctx: Context, debt_id: UUID, paise: int) -> list[Part]:
    """Allocations taken back, so much in all."""
    parts = []
    for part in allocation.standing_parts(ctx, debt_id):
        taken = min(part.paise, paise)
        if taken:
            parts.append(Part(part.payment_id, debt_id, -taken))
            paise -= taken
    return parts
