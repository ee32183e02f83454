"""Commands of the khata: money in, credit given, and the debts that other modules raise."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TypedDict
from uuid import UUID

from sqlalchemy import select, update

from erp_core.db.statements import insertion
from erp_core.journal.context import Context, Recipient
from erp_core.kernel.errors import Conflict, Invalid, NotFound
from erp_core.kernel.ids import new_id
from erp_core.kernel.money import LARGEST_AMOUNT
from erp_core.ledger import chart
from erp_core.ledger.queries import balance_of
from erp_core.ledger.service import Posting, post
from erp_core.parties.permissions import Permission, require
from erp_core.payments import allocation, promises, reminders
from erp_core.payments.adjusting import charge_again
from erp_core.payments.allocation import Part
from erp_core.payments.methods import OPENING, account_of
from erp_core.payments.models import payments, receivables


class Allocated(TypedDict):
    """So much of the payment on one debt: an invoice, credit given, or the opening balance."""

    source_kind: str
    source_id: str
    paise: int
    open_after: int


class PaymentRecorded(TypedDict):
    payment_id: str
    customer_id: str
    amount: int
    method: str
    balance_before: int
    balance_after: int
    advance: int
    allocations: list[Allocated]


class CreditGiven(TypedDict):
    credit_id: str
    customer_id: str
    amount: int
    balance_before: int
    balance_after: int


class BalanceOpened(TypedDict):
    customer_id: str
    balance: int


class PaymentClaimed(TypedDict):
    customer_id: str
    amount: int | None
    method: str | None


class ClaimRefused(TypedDict):
    customer_id: str


_OWE = insertion(
    receivables, "business_id", "id", "customer_id", "source_kind", "source_id", "amount_paise",
    "open_paise", "on_date", "status", "note_code", "created_at",
)  # fmt: skip
_PAY = insertion(
    payments, "business_id", "id", "customer_id", "amount_paise", "advance_paise", "method",
    "on_date", "receivable_id", "created_at",
)  # fmt: skip

CLAIM_REFUSED = "utter_notify_claim_refused"


def claim_payment(
    ctx: Context, *, customer_id: UUID, amount_paise: int | None = None, method: str | None = None
) -> PaymentClaimed:
    """Note that a customer says to have paid. It moves no money: the shop sees whether it came.

    Raises Invalid("bad_amount", "bad_method").
    """
    require(ctx, Permission.CLAIM_PAYMENT, customer_id=customer_id)
    if method is not None:
        account_of(method)
    if amount_paise is not None:
        _check(ctx, amount_paise, None)
    claim: PaymentClaimed = {
        "customer_id": str(customer_id), "amount": amount_paise, "method": method,
    }  # fmt: skip
    ctx.record("payment.claimed", entity=customer_id, **claim)
    return claim


def refuse_claim(ctx: Context, *, customer_id: UUID) -> ClaimRefused:
    """Tell a customer that the money it says to have paid cannot be seen. It moves no money."""
    require(ctx, Permission.RECORD_PAYMENT)
    owed = balance_of(ctx, chart.RECEIVABLE, customer_id)
    ctx.record("payment.claim_refused", entity=customer_id, customer_id=str(customer_id))
    ctx.tell(CLAIM_REFUSED, to=Recipient("customer", customer_id), facts={"balance": owed})
    return {"customer_id": str(customer_id)}


def record_payment(
    ctx: Context,
    *,
    customer_id: UUID,
    amount_paise: int,
    method: str,
    invoice_id: UUID | None = None,
    on: date | None = None,
) -> PaymentRecorded:
    """Take a customer's money: onto the given invoice first, then onto the oldest debts.

    What is left is the customer's advance. Raises Invalid("bad_amount", "bad_method",
    "date_in_future"), NotFound("customer"), NotFound("invoice").
    """
    require(ctx, Permission.RECORD_PAYMENT)
    account = account_of(method)
    _check(ctx, amount_paise, on)
    allocation.lock_customer(ctx, customer_id)
    debt_id = debt_of_invoice(ctx, customer_id, invoice_id) if invoice_id else None
    return receive(
        ctx,
        customer_id=customer_id,
        amount_paise=amount_paise,
        method=method,
        account=account,
        debt_id=debt_id,
        on=on,
    )


def record_payments(
    ctx: Context,
    *,
    customer_id: UUID,
    parts: Sequence[tuple[int, str]],
    invoice_id: UUID | None = None,
    on: date | None = None,
) -> PaymentRecorded:
    """Take money that came in several ways at once, as (paise, method): all of it, or nothing.

    Gives what the last of the payments gives. Raises what record_payment raises.
    """
    require(ctx, Permission.RECORD_PAYMENT)
    if not parts:
        raise Invalid("bad_amount")
    for amount_paise, method in parts:
        done = record_payment(
            ctx,
            customer_id=customer_id,
            amount_paise=amount_paise,
            method=method,
            invoice_id=invoice_id,
            on=on,
        )
    return done


def receive(
    ctx: Context,
    *,
    customer_id: UUID,
    amount_paise: int,
    method: str,
    account: str,
    debt_id: UUID | None = None,
    on: date | None = None,
) -> PaymentRecorded:
    """Book money that has come into an account, for commands that know where it came from.

    The customer must be locked, the amount checked.
    """
    before = balance_of(ctx, chart.RECEIVABLE, customer_id)
    payment_id = _insert_payment(ctx, customer_id, amount_paise, method, on=on, debt_id=debt_id)
    postings = [
        Posting(account, amount_paise),
        Posting(chart.RECEIVABLE, -amount_paise, customer_id),
    ]
    source = ("payment", payment_id)
    post(ctx, kind="payment", on=on or ctx.today, postings=postings, source=source)
    parts = allocation.settle(ctx, customer_id, first=debt_id)
    allocated = _described(ctx, [part for part in parts if part.payment_id == payment_id])
    ctx.record(
        "payment.recorded",
        entity=payment_id,
        customer_id=str(customer_id),
        amount=amount_paise,
        method=method,
        allocations=[[one["source_id"], one["paise"]] for one in allocated],
    )
    promises.note_payment(
        ctx, customer_id, amount_paise=amount_paise, balance=before - amount_paise
    )
    reminders.note_payment(ctx, customer_id, balance=before - amount_paise)
    return {
        "payment_id": str(payment_id),
        "customer_id": str(customer_id),
        "amount": amount_paise,
        "method": method,
        "balance_before": before,
        "balance_after": before - amount_paise,
        "advance": amount_paise - sum(one["paise"] for one in allocated),
        "allocations": allocated,
    }


def give_credit(
    ctx: Context,
    *,
    customer_id: UUID,
    amount_paise: int,
    note_code: str | None = None,
    on: date | None = None,
) -> CreditGiven:
    """Write credit (udhaar) on a customer's khata; an advance pays it first.

    Raises Invalid("bad_amount", "date_in_future"), NotFound("customer").
    """
    require(ctx, Permission.GIVE_CREDIT)
    _check(ctx, amount_paise, on)
    allocation.lock_customer(ctx, customer_id)
    before = balance_of(ctx, chart.RECEIVABLE, customer_id)
    credit_id = _write_credit(ctx, customer_id, amount_paise, on=on, note_code=note_code)
    ctx.record(
        "khata.credit_given",
        entity=credit_id,
        customer_id=str(customer_id),
        amount=amount_paise,
        note=note_code,
    )
    return {
        "credit_id": str(credit_id),
        "customer_id": str(customer_id),
        "amount": amount_paise,
        "balance_before": before,
        "balance_after": before + amount_paise,
    }


def _write_credit(
    ctx: Context,
    customer_id: UUID,
    amount_paise: int,
    *,
    on: date | None,
    note_code: str | None,
) -> UUID:
    """Write credit into the books, and among the customer's debts."""
    credit_id = new_id()
    post(
        ctx,
        kind="khata_credit",
        on=on or ctx.today,
        postings=[
            Posting(chart.RECEIVABLE, amount_paise, customer_id),
            Posting(chart.KHATA_GIVEN, -amount_paise),
        ],
        source=("khata_credit", credit_id),
    )
    raise_receivable(
        ctx,
        customer_id=customer_id,
        source_kind="khata_credit",
        source_id=credit_id,
        amount_paise=amount_paise,
        on=on,
        note_code=note_code,
    )
    return credit_id


def open_balance(
    ctx: Context, *, customer_id: UUID, balance_paise: int, on: date | None = None
) -> BalanceOpened:
    """Carry over what a customer owed before the books began; below zero, an advance.

    Raises Conflict("balance_already_open"): it is done once.
    """
    require(ctx, Permission.GIVE_CREDIT)
    result: BalanceOpened = {"customer_id": str(customer_id), "balance": balance_paise}
    if not balance_paise:
        return result
    _check(ctx, abs(balance_paise), on)
    allocation.lock_customer(ctx, customer_id)
    _refuse_second_opening(ctx, customer_id)
    if balance_paise > 0:
        raise_receivable(
            ctx,
            customer_id=customer_id,
            source_kind="opening",
            source_id=customer_id,
            amount_paise=balance_paise,
            on=on,
        )
    else:
        _insert_payment(ctx, customer_id, -balance_paise, OPENING, on=on)
        allocation.settle(ctx, customer_id)
    post(
        ctx,
        kind="opening",
        on=on or ctx.today,
        postings=[
            Posting(chart.RECEIVABLE, balance_paise, customer_id),
            Posting(chart.OPENING_EQUITY, -balance_paise),
        ],
        source=("opening", customer_id),
    )
    ctx.record("khata.opened", entity=customer_id, balance=balance_paise)
    return result


def raise_receivable(
    ctx: Context,
    *,
    customer_id: UUID,
    source_kind: str,
    source_id: UUID,
    amount_paise: int,
    on: date | None = None,
    note_code: str | None = None,
) -> int:
    """Note a debt and pay it from the customer's advances; how much of it stays open, in paise.

    For other modules' commands, which have locked the customer and post the debt to the ledger
    themselves. Nothing is noted for an amount of zero.
    """
    if not amount_paise:
        return 0
    debt_id = new_id()
    _OWE.run(
        ctx.connection,
        business_id=ctx.business_id,
        id=debt_id,
        customer_id=customer_id,
        source_kind=source_kind,
        source_id=source_id,
        amount_paise=amount_paise,
        open_paise=amount_paise,
        on_date=on or ctx.today,
        status="standing",
        note_code=note_code,
        created_at=ctx.now,
    )
    parts = allocation.settle(ctx, customer_id)
    return amount_paise - sum(part.paise for part in parts if part.receivable_id == debt_id)


def void_receivable(ctx: Context, *, source_kind: str, source_id: UUID) -> None:
    """Drop a debt whose document is cancelled; what was paid on it goes to the next oldest debts.

    For other modules' commands, which reverse the ledger entry themselves.
    """
    debt = ctx.connection.execute(
        select(receivables).where(
            receivables.c.business_id == ctx.business_id,
            receivables.c.source_kind == source_kind,
            receivables.c.source_id == source_id,
        )
    ).one_or_none()
    if debt is None:
        return
    allocation.lock_customer(ctx, debt.customer_id)
    if debt.forgiven_paise:
        charge_again(ctx, debt, debt.forgiven_paise)
    paid = allocation.standing_parts(ctx, debt.id)
    allocation.apply(ctx, [Part(part.payment_id, debt.id, -part.paise) for part in paid])
    ctx.connection.execute(
        update(receivables)
        .where(receivables.c.business_id == ctx.business_id, receivables.c.id == debt.id)
        .values(status="void", open_paise=0, forgiven_paise=0)
    )
    allocation.settle(ctx, debt.customer_id)


def _check(ctx: Context, amount_paise: int, on: date | None) -> None:
    if not 0 < amount_paise <= LARGEST_AMOUNT:
        raise Invalid("bad_amount")
    if on and on > ctx.today:
        raise Invalid("date_in_future")


def debt_of_invoice(ctx: Context, customer_id: UUID, invoice_id: UUID) -> UUID:
    """The standing debt of a customer's invoice. Raises NotFound("invoice")."""
    debt_id: UUID | None = ctx.connection.execute(
        select(receivables.c.id).where(
            receivables.c.business_id == ctx.business_id,
            receivables.c.source_kind == "invoice",
            receivables.c.source_id == invoice_id,
            receivables.c.customer_id == customer_id,
            receivables.c.status == "standing",
        )
    ).scalar_one_or_none()
    if debt_id is None:
        raise NotFound("invoice", invoice_id=str(invoice_id))
    return debt_id


def _insert_payment(
    ctx: Context,
    customer_id: UUID,
    amount_paise: int,
    method: str,
    *,
    on: date | None,
    debt_id: UUID | None = None,
) -> UUID:
    payment_id = new_id()
    _PAY.run(
        ctx.connection,
        business_id=ctx.business_id,
        id=payment_id,
        customer_id=customer_id,
        amount_paise=amount_paise,
        advance_paise=amount_paise,
        method=method,
        on_date=on or ctx.today,
        receivable_id=debt_id,
        created_at=ctx.now,
    )
    return payment_id


def _refuse_second_opening(ctx: Context, customer_id: UUID) -> None:
    debt = select(receivables.c.id).where(
        receivables.c.business_id == ctx.business_id,
        receivables.c.source_kind == "opening",
        receivables.c.source_id == customer_id,
    )
    advance = select(payments.c.id).where(
        payments.c.business_id == ctx.business_id,
        payments.c.customer_id == customer_id,
        payments.c.method == OPENING,
    )
    if ctx.connection.execute(debt).first() or ctx.connection.execute(advance).first():
        raise Conflict("balance_already_open", customer_id=str(customer_id))


def _described(ctx: Context, parts: list[Part]) -> list[Allocated]:
    if not parts:
        return []
    rows = ctx.connection.execute(
        select(receivables).where(
            receivables.c.business_id == ctx.business_id,
            receivables.c.id.in_([part.receivable_id for part in parts]),
        )
    )
    debts = {row.id: row for row in rows}
    return [
        {
            "source_kind": debts[part.receivable_id].source_kind,
            "source_id": str(debts[part.receivable_id].source_id),
            "paise": part.paise,
            "open_after": debts[part.receivable_id].open_paise,
        }
        for part in parts
    ]
