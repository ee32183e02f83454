"""Money that goes back: a cheque that bounced, a refund to a customer."""

from __future__ import annotations

from typing import TypedDict
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.engine import Row

from erp_core.journal.context import Context, Recipient
from erp_core.kernel.errors import Conflict, Invalid, NotFound
from erp_core.kernel.ids import new_id
from erp_core.kernel.money import LARGEST_AMOUNT
from erp_core.ledger import chart
from erp_core.ledger.models import ledger_entries
from erp_core.ledger.queries import balance_of
from erp_core.ledger.service import Posting, post, reverse
from erp_core.parties.permissions import Permission, require
from erp_core.payments import allocation, service
from erp_core.payments.allocation import Part
from erp_core.payments.methods import account_of
from erp_core.payments.models import allocations, payments
from erp_core.payments.queries import BOUNCE

BOUNCED = "utter_notify_cheque_bounced"
REFUNDED = "utter_notify_refunded"


class ChequeBounced(TypedDict):
    payment_id: str
    customer_id: str
    amount: int
    charge: int
    balance_before: int
    balance_after: int


class Refunded(TypedDict):
    refund_id: str
    customer_id: str
    amount: int
    method: str
    balance_before: int
    balance_after: int


def bounce_cheque(ctx: Context, *, payment_id: UUID, charge_paise: int = 0) -> ChequeBounced:
    """Undo a cheque that the bank returned: what it had paid is owed again.

    `charge_paise` is what the bank took for it; the customer owes that too. Raises
    NotFound("payment"), Conflict("not_a_cheque", "already_bounced"), Invalid("bad_amount").
    """
    require(ctx, Permission.WRITE_VOUCHERS)
    if not 0 <= charge_paise <= LARGEST_AMOUNT:
        raise Invalid("bad_amount")
    row = _locked(ctx, payment_id)
    before = balance_of(ctx, chart.RECEIVABLE, row.customer_id)
    undo(ctx, row, status="bounced", reason=BOUNCE)
    if charge_paise:
        _charge(ctx, row.customer_id, charge_paise)
    allocation.settle(ctx, row.customer_id)
    after = balance_of(ctx, chart.RECEIVABLE, row.customer_id)
    ctx.record(
        "cheque.bounced",
        entity=payment_id,
        customer_id=str(row.customer_id),
        amount=row.amount_paise,
        charge=charge_paise,
    )
    ctx.tell(
        BOUNCED,
        to=Recipient("customer", row.customer_id),
        facts={"amount": row.amount_paise, "balance": after},
    )
    return {
        "payment_id": str(payment_id),
        "customer_id": str(row.customer_id),
        "amount": row.amount_paise,
        "charge": charge_paise,
        "balance_before": before,
        "balance_after": after,
    }


def refund_customer(ctx: Context, *, customer_id: UUID, amount_paise: int, method: str) -> Refunded:
    """Give a customer money back: out of the advance that the shop holds; beyond it, it is owed.

    Raises Invalid("bad_amount", "bad_method"), NotFound("customer").
    """
    require(ctx, Permission.WRITE_VOUCHERS)
    if not 0 < amount_paise <= LARGEST_AMOUNT:
        raise Invalid("bad_amount")
    account = account_of(method)
    done = pay_back(
        ctx, customer_id=customer_id, amount_paise=amount_paise, method=method, account=account
    )
    ctx.tell(
        REFUNDED,
        to=Recipient("customer", customer_id),
        facts={"amount": amount_paise, "balance": done["balance_after"]},
    )
    return done


def pay_back(
    ctx: Context,
    *,
    customer_id: UUID,
    amount_paise: int,
    method: str,
    account: str,
    kind: str = "refund",
) -> Refunded:
    """Book money that went back to a customer from an account; kind: "refund" or "dispute"."""
    allocation.lock_customer(ctx, customer_id)
    before = balance_of(ctx, chart.RECEIVABLE, customer_id)
    refund_id = new_id()
    post(
        ctx,
        kind=kind,
        on=ctx.today,
        postings=[
            Posting(chart.RECEIVABLE, amount_paise, customer_id),
            Posting(account, -amount_paise),
        ],
        source=(kind, refund_id),
    )
    service.raise_receivable(
        ctx,
        customer_id=customer_id,
        source_kind=kind,
        source_id=refund_id,
        amount_paise=amount_paise,
    )
    ctx.record(
        "payment.refunded" if kind == "refund" else "payment.charged_back",
        entity=refund_id,
        customer_id=str(customer_id),
        amount=amount_paise,
        method=method,
    )
    return {
        "refund_id": str(refund_id),
        "customer_id": str(customer_id),
        "amount": amount_paise,
        "method": method,
        "balance_before": before,
        "balance_after": before + amount_paise,
    }


def even_out(ctx: Context, *, customer_id: UUID, before: int, method: str) -> int:
    """Take or give money until somebody owes what they did before, in paise; what came, below zero
    what went back. For commands of those who keep no account.

    Raises Invalid("bad_method").
    """
    account = account_of(method)
    moved = balance_of(ctx, chart.RECEIVABLE, customer_id) - before
    if moved > 0:
        service.record_payment(ctx, customer_id=customer_id, amount_paise=moved, method=method)
    elif moved < 0:
        pay_back(ctx, customer_id=customer_id, amount_paise=-moved, method=method, account=account)
    return moved


def _locked(ctx: Context, payment_id: UUID) -> Row:
    """The cheque's row, its customer locked first, as everywhere."""
    wanted = select(payments).where(
        payments.c.business_id == ctx.business_id, payments.c.id == payment_id
    )
    seen = ctx.connection.execute(wanted).one_or_none()
    if seen is None:
        raise NotFound("payment", payment_id=str(payment_id))
    if seen.method != "cheque":
        raise Conflict("not_a_cheque", payment_id=str(payment_id))
    allocation.lock_customer(ctx, seen.customer_id)
    row = ctx.connection.execute(wanted).one()
    if row.status == "bounced":
        raise Conflict("already_bounced", payment_id=str(payment_id))
    return row


def undo(ctx: Context, row: Row, *, status: str, reason: str) -> None:
    """Reverse what a payment has posted, free what it had settled, and leave nothing of it as an
    advance. Its customer must be locked."""
    settled = func.sum(allocations.c.paise)
    rows = ctx.connection.execute(
        select(allocations.c.receivable_id, settled)
        .where(allocations.c.business_id == ctx.business_id, allocations.c.payment_id == row.id)
        .group_by(allocations.c.receivable_id)
        .having(settled != 0)
    )
    allocation.apply(ctx, [Part(row.id, debt_id, -int(paise)) for debt_id, paise in rows])
    ctx.connection.execute(
        update(payments)
        .where(payments.c.business_id == ctx.business_id, payments.c.id == row.id)
        .values(status=status, advance_paise=0)
    )
    for entry_id in _entries_of(ctx, row.id):
        reverse(ctx, entry_id, reason)


def _entries_of(ctx: Context, payment_id: UUID) -> list[UUID]:
    """The payment's entries that stand: its receipt, and its deposit at the bank."""
    undone = select(ledger_entries.c.reverses).where(
        ledger_entries.c.business_id == ctx.business_id, ledger_entries.c.reverses.is_not(None)
    )
    rows = ctx.connection.execute(
        select(ledger_entries.c.id)
        .where(
            ledger_entries.c.business_id == ctx.business_id,
            ledger_entries.c.source_kind == "payment",
            ledger_entries.c.source_id == payment_id,
            ledger_entries.c.reverses.is_(None),
            ledger_entries.c.id.not_in(undone),
        )
        .order_by(ledger_entries.c.id)
    )
    return list(rows.scalars())


def _charge(ctx: Context, customer_id: UUID, charge_paise: int) -> None:
    """The bank's charge: the shop's expense, and the customer's debt."""
    charge_id = new_id()
    post(
        ctx,
        kind="bank_charge",
        on=ctx.today,
        postings=[Posting(chart.BANK_CHARGES, charge_paise), Posting(chart.BANK, -charge_paise)],
        source=("charge", charge_id),
    )
    post(
        ctx,
        kind="charge",
        on=ctx.today,
        postings=[
            Posting(chart.RECEIVABLE, charge_paise, customer_id),
            Posting(chart.OTHER_INCOME, -charge_paise),
        ],
        source=("charge", charge_id),
    )
    service.raise_receivable(
        ctx,
        customer_id=customer_id,
        source_kind="charge",
        source_id=charge_id,
        amount_paise=charge_paise,
    )
