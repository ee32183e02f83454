"""Which payment settles which debt.

All of it happens under a lock on the customer's row: a payment and an invoice that come at once
would otherwise each miss the other and leave money and debt side by side, unsettled.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.engine import Row

from erp_core.db.statements import Statement
from erp_core.journal.context import Context
from erp_core.kernel.errors import NotFound
from erp_core.kernel.ids import new_id
from erp_core.parties.models import customers
from erp_core.payments.models import allocations, payments, receivables


@dataclass(frozen=True)
class Part:
    """So much of a payment on a debt."""

    payment_id: UUID
    receivable_id: UUID
    paise: int


@dataclass(frozen=True)
class Holding:
    """A debt or a payment with what is open of it."""

    id: UUID
    paise: int


_LOCK = Statement(
    select(customers.c.id)
    .where(customers.c.business_id == bindparam("tenant"), customers.c.id == bindparam("customer"))
    .with_for_update(key_share=True)
)
_ADVANCES = Statement(
    select(payments.c.id, payments.c.advance_paise)
    .where(
        payments.c.business_id == bindparam("tenant"),
        payments.c.customer_id == bindparam("customer"),
        payments.c.advance_paise > 0,
    )
    .order_by(payments.c.on_date, payments.c.created_at, payments.c.id)
)


def lock_customer(ctx: Context, customer_id: UUID) -> None:
    """Let one command at a time change what a customer owes. Raises NotFound("customer").

    The lock leaves other tables free to reference the customer meanwhile.
    """
    if not _LOCK.first(ctx.connection, tenant=ctx.business_id, customer=customer_id):
        raise NotFound("customer", customer_id=str(customer_id))


def match(debts: Iterable[Holding], money: Iterable[Holding]) -> list[Part]:
    """Settle debts with payments, both in the order given, as far as the money goes."""
    parts: list[Part] = []
    purses = [(purse.id, purse.paise) for purse in money]
    for debt in debts:
        owed = debt.paise
        while owed and purses:
            payment_id, left = purses[0]
            paise = min(owed, left)
            if paise:
                parts.append(Part(payment_id, debt.id, paise))
            owed -= paise
            if paise == left:
                purses.pop(0)
            else:
                purses[0] = (payment_id, left - paise)
    return parts


def settle(ctx: Context, customer_id: UUID, *, first: UUID | None = None) -> list[Part]:
    """Put the customer's unspent money on open debts, oldest first; a named debt before all others.

    The customer must be locked.
    """
    advances = _advances(ctx, customer_id)
    if not advances:
        return []
    debts = open_debts(ctx, customer_id)
    ordered = sorted(debts, key=lambda debt: debt.id != first)
    parts = match((Holding(row.id, row.open_paise) for row in ordered), advances)
    apply(ctx, parts)
    return parts


def open_debts(ctx: Context, customer_id: UUID) -> Sequence[Row]:
    """The debts that are not settled, oldest first."""
    return ctx.connection.execute(
        select(receivables)
        .where(
            receivables.c.business_id == ctx.business_id,
            receivables.c.customer_id == customer_id,
            receivables.c.open_paise > 0,
        )
        .order_by(receivables.c.on_date, receivables.c.created_at, receivables.c.id)
    ).all()


def apply(ctx: Context, parts: Sequence[Part]) -> None:
    """Write allocations and lower what they settle; a negative part raises it again.

    The tables' checks refuse a paisa that is not there.
    """
    if not parts:
        return
    ctx.connection.execute(
        insert(allocations),
        [
            {
                "business_id": ctx.business_id,
                "id": new_id(),
                "payment_id": part.payment_id,
                "receivable_id": part.receivable_id,
                "paise": part.paise,
                "created_at": ctx.now,
            }
            for part in parts
        ],
    )
    for debt_id, paise in _sums((part.receivable_id, part.paise) for part in parts):
        ctx.connection.execute(
            update(receivables)
            .where(receivables.c.business_id == ctx.business_id, receivables.c.id == debt_id)
            .values(open_paise=receivables.c.open_paise - paise)
        )
    for payment_id, paise in _sums((part.payment_id, part.paise) for part in parts):
        ctx.connection.execute(
            update(payments)
            .where(payments.c.business_id == ctx.business_id, payments.c.id == payment_id)
            .values(advance_paise=payments.c.advance_paise - paise)
        )


def standing_parts(ctx: Context, receivable_id: UUID) -> list[Part]:
    """What each payment has settled of a debt, all allocations counted."""
    paid = func.sum(allocations.c.paise)
    rows = ctx.connection.execute(
        select(allocations.c.payment_id, paid)
        .where(
            allocations.c.business_id == ctx.business_id,
            allocations.c.receivable_id == receivable_id,
        )
        .group_by(allocations.c.payment_id)
        .having(paid != 0)
    )
    return [Part(row[0], receivable_id, int(row[1])) for row in rows]


def _advances(ctx: Context, customer_id: UUID) -> list[Holding]:
    rows = _ADVANCES.all(ctx.connection, tenant=ctx.business_id, customer=customer_id)
    return [Holding(row.id, row.advance_paise) for row in rows]


def _sums(pairs: Iterable[tuple[UUID, int]]) -> list[tuple[UUID, int]]:
    """Sums by id, ids ascending: the order in which rows are locked everywhere."""
    sums: dict[UUID, int] = {}
    for key, paise in pairs:
        sums[key] = sums.get(key, 0) + paise
    return sorted(sums.items())
