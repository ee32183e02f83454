"""Credit or a payment written wrongly is taken back by its opposite; what is forgiven is a discount
allowed.

Nothing is edited: the first entry stands in the books, and the one that undoes it says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TypedDict
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.engine import Row

from erp_core.journal.context import Context, Reader
from erp_core.kernel.errors import Conflict, Invalid, NotFound
from erp_core.kernel.ids import new_id
from erp_core.ledger import chart
from erp_core.ledger.models import ledger_entries
from erp_core.ledger.periods import open_day
from erp_core.ledger.queries import balance_of
from erp_core.ledger.service import Posting, post, reverse
from erp_core.parties.permissions import Permission, require
from erp_core.payments import allocation, returns, service
from erp_core.payments.adjusting import forgive
from erp_core.payments.methods import METHODS
from erp_core.payments.models import outside_references, payments, receivables
from erp_core.payments.queries import open_debts

CREDIT = "khata_credit"
MISTAKE = "mistake"


@dataclass(frozen=True)
class Credit:
    """Credit given that stands, in paise."""

    id: UUID
    customer_id: UUID
    amount: int
    on: date


class CreditTakenBack(TypedDict):
    """`right` is what was written in its place, None for nothing; balances in paise."""

    credit_id: str
    customer_id: str
    amount: int
    right: int | None
    right_id: str | None
    balance_before: int
    balance_after: int


class PaymentTakenBack(TypedDict):
    """`right` is what was written in its place, None for nothing; balances in paise."""

    payment_id: str
    customer_id: str
    amount: int
    method: str
    right: int | None
    right_id: str | None
    balance_before: int
    balance_after: int


class DebtForgiven(TypedDict):
    waiver_id: str
    customer_id: str
    amount: int
    balance_before: int
    balance_after: int


def standing_credits(reader: Reader, customer_id: UUID, *, limit: int = 9) -> list[Credit]:
    """Credit written on a customer's khata and not taken back, newest first."""
    require(reader, Permission.VIEW_BALANCE, customer_id=customer_id)
    rows = reader.connection.execute(
        select(receivables)
        .where(
            receivables.c.business_id == reader.business_id,
            receivables.c.customer_id == customer_id,
            receivables.c.source_kind == CREDIT,
            receivables.c.status == "standing",
        )
        .order_by(receivables.c.created_at.desc(), receivables.c.id.desc())
        .limit(limit)
    )
    return [Credit(row.source_id, row.customer_id, row.amount_paise, row.on_date) for row in rows]


def take_back_credit(
    ctx: Context, *, credit_id: UUID, right_paise: int | None = None, reason: str = MISTAKE
) -> CreditTakenBack:
    """Undo credit that was written wrongly, and write the right amount in its place if one is told.

    What had been paid on it goes to the next oldest debts. Raises NotFound("credit"),
    Conflict("already_reversed"), Invalid("bad_amount").
    """
    require(ctx, Permission.WRITE_VOUCHERS)
    debt = _debt(ctx, credit_id)
    allocation.lock_customer(ctx, debt.customer_id)
    debt = _debt(ctx, credit_id)
    if debt.status != "standing":
        raise Conflict("already_reversed", credit_id=str(credit_id))
    before = balance_of(ctx, chart.RECEIVABLE, debt.customer_id)
    reverse(ctx, _entry_of(ctx, credit_id), reason)
    service.void_receivable(ctx, source_kind=CREDIT, source_id=credit_id)
    ctx.record(
        "khata.credit_taken_back",
        entity=credit_id,
        customer_id=str(debt.customer_id),
        amount=debt.amount_paise,
        right=right_paise,
        reason=reason,
    )
    right_id = None
    if right_paise is not None:
        on, whose = open_day(ctx, debt.on_date), debt.customer_id
        given = service.give_credit(ctx, customer_id=whose, amount_paise=right_paise, on=on)
        right_id = given["credit_id"]
    return {
        "credit_id": str(credit_id),
        "customer_id": str(debt.customer_id),
        "amount": debt.amount_paise,
        "right": right_paise,
        "right_id": right_id,
        "balance_before": before,
        "balance_after": balance_of(ctx, chart.RECEIVABLE, debt.customer_id),
    }


def take_back_payment(
    ctx: Context, *, payment_id: UUID, right_paise: int | None = None, reason: str = MISTAKE
) -> PaymentTakenBack:
    """Undo a payment that was written wrongly, and write the right amount in its place if one is
    told: on its own day, unless the books of that day are closed.

    What it had paid is owed again, and the customer's other money pays it. One that a gateway or
    the bank has told of cannot be a slip: it goes back by a refund. Raises NotFound("payment"),
    Conflict("already_reversed", "payment_proven"), Invalid("bad_amount").
    """
    require(ctx, Permission.WRITE_VOUCHERS)
    row = _slip(ctx, payment_id)
    before = balance_of(ctx, chart.RECEIVABLE, row.customer_id)
    returns.undo(ctx, row, status="taken_back", reason=reason)
    allocation.settle(ctx, row.customer_id)
    ctx.record(
        "payment.taken_back",
        entity=payment_id,
        customer_id=str(row.customer_id),
        amount=row.amount_paise,
        right=right_paise,
        reason=reason,
    )
    anew = None
    if right_paise is not None:
        anew = service.record_payment(
            ctx,
            customer_id=row.customer_id,
            amount_paise=right_paise,
            method=row.method,
            on=open_day(ctx, row.on_date),
        )
    return {
        "payment_id": str(payment_id),
        "customer_id": str(row.customer_id),
        "amount": row.amount_paise,
        "method": row.method,
        "right": right_paise,
        "right_id": anew["payment_id"] if anew else None,
        "balance_before": before,
        "balance_after": balance_of(ctx, chart.RECEIVABLE, row.customer_id),
    }


def forgive_debt(ctx: Context, *, customer_id: UUID, amount_paise: int) -> DebtForgiven:
    """Let a customer off a part of what is owed, oldest debts first: a discount allowed.

    It is given after the sale, so that the value of the supply and its tax stay as they were
    (CGST Act, section 15(3)(b)): a debit to Discount given, no GST credit note. Raises
    Invalid("bad_amount"), Conflict("more_than_owed", balance).
    """
    require(ctx, Permission.FORGIVE_DEBT)
    if amount_paise <= 0:
        raise Invalid("bad_amount")
    allocation.lock_customer(ctx, customer_id)
    before = balance_of(ctx, chart.RECEIVABLE, customer_id)
    if amount_paise > before:
        raise Conflict("more_than_owed", balance=before)
    waiver_id = new_id()
    post(
        ctx,
        kind="waiver",
        on=ctx.today,
        postings=[
            Posting(chart.DISCOUNT_GIVEN, amount_paise),
            Posting(chart.RECEIVABLE, -amount_paise, customer_id),
        ],
        source=("waiver", waiver_id),
    )
    left = amount_paise
    for debt in open_debts(ctx, customer_id):
        part = min(left, debt.open)
        if part:
            forgive(ctx, debt, part)
        left -= part
    ctx.record(
        "khata.forgiven", entity=waiver_id, customer_id=str(customer_id), amount=amount_paise
    )
    return {
        "waiver_id": str(waiver_id),
        "customer_id": str(customer_id),
        "amount": amount_paise,
        "balance_before": before,
        "balance_after": before - amount_paise,
    }


def can_take_back(reader: Reader, payment_id: UUID) -> bool:
    """Whether a payment may have been written wrongly: nobody outside has told of it."""
    row = _payment(reader, payment_id)
    return row.status == "standing" and row.method in METHODS and not _is_proven(reader, row.id)


def _payment(reader: Reader, payment_id: UUID) -> Row:
    row = reader.connection.execute(
        select(payments).where(
            payments.c.business_id == reader.business_id, payments.c.id == payment_id
        )
    ).one_or_none()
    if row is None:
        raise NotFound("payment", payment_id=str(payment_id))
    return row


def _slip(ctx: Context, payment_id: UUID) -> Row:
    """A payment that can have been written wrongly, its customer locked."""
    seen = _payment(ctx, payment_id)
    allocation.lock_customer(ctx, seen.customer_id)
    row = _payment(ctx, payment_id)
    if row.status != "standing":
        raise Conflict("already_reversed", payment_id=str(payment_id))
    if row.method not in METHODS or _is_proven(ctx, payment_id):
        raise Conflict("payment_proven", payment_id=str(payment_id))
    return row


def _is_proven(reader: Reader, payment_id: UUID) -> bool:
    """Whether somebody outside has told of it: it has a name there, or was found in the bank."""
    named = select(outside_references.c.entity_id).where(
        outside_references.c.business_id == reader.business_id,
        outside_references.c.entity_id == payment_id,
    )
    deposited = select(ledger_entries.c.id).where(
        ledger_entries.c.business_id == reader.business_id,
        ledger_entries.c.source_kind == "payment",
        ledger_entries.c.source_id == payment_id,
        ledger_entries.c.kind == "deposit",
    )
    return any(reader.connection.execute(one.limit(1)).first() for one in (named, deposited))


def _debt(ctx: Context, credit_id: UUID) -> Row:
    row = ctx.connection.execute(
        select(receivables).where(
            receivables.c.business_id == ctx.business_id,
            receivables.c.source_kind == CREDIT,
            receivables.c.source_id == credit_id,
        )
    ).one_or_none()
    if row is None:
        raise NotFound("credit", credit_id=str(credit_id))
    return row


def _entry_of(ctx: Context, credit_id: UUID) -> UUID:
    found: UUID = ctx.connection.execute(
        select(ledger_entries.c.id).where(
            ledger_entries.c.business_id == ctx.business_id,
            ledger_entries.c.source_kind == CREDIT,
            ledger_entries.c.source_id == credit_id,
            ledger_entries.c.reverses.is_(None),
        )
    ).scalar_one()
    return found
