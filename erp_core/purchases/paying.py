"""Paying vendors: what they are owed, in advance, or for goods whose bill is awaited.

What is owed to a vendor is the balance of PAYABLE in the ledger, and is kept nowhere else.
"""

from __future__ import annotations

from datetime import date
from typing import TypedDict
from uuid import UUID

from sqlalchemy import insert

from erp_core.expenses.service import PAID_FROM
from erp_core.journal.context import Context
from erp_core.kernel.errors import Invalid
from erp_core.kernel.ids import new_id
from erp_core.kernel.money import LARGEST_AMOUNT
from erp_core.ledger import chart
from erp_core.ledger.queries import balance_of, entries_of
from erp_core.ledger.service import Posting, post, reverse
from erp_core.parties.permissions import Permission, require
from erp_core.parties.queries import Vendor, vendor
from erp_core.parties.service import vendor_named
from erp_core.purchases.models import vendor_payments
from erp_core.purchases.queries import VENDOR_PAYMENT, Paid, awaited, payment
from erp_core.purchases.reversing import reclaim


class VendorPaid(TypedDict):
    """Below zero, `before` and `after` are advances."""

    payment_id: str
    vendor_id: str | None
    vendor: str | None
    amount: int
    method: str
    before: int
    after: int
    awaited: int


def pay_vendor(
    ctx: Context,
    *,
    amount_paise: int,
    vendor_id: UUID | None = None,
    vendor_name: str | None = None,
    method: str = "cash",
    on: date | None = None,
) -> VendorPaid:
    """Pay for goods: what a vendor is owed, an advance; without a vendor, goods without a bill.

    Raises NotFound("vendor"), Invalid("bad_amount", "bad_method", "date_in_future").
    """
    require(ctx, Permission.PAY_VENDOR)
    if not 0 < amount_paise <= LARGEST_AMOUNT:
        raise Invalid("bad_amount")
    seller = vendor_of(ctx, vendor_id, vendor_name) if vendor_id or vendor_name else None
    before = owed(ctx, seller.id) if seller else 0
    paid = pay(ctx, seller.id if seller else None, amount_paise, method, ctx.day_of(on))
    if seller:
        reclaim(ctx, seller.id)
    return _told(ctx, paid, seller.name if seller else None, before, before - amount_paise)


def undo_payment(ctx: Context, *, payment_id: UUID) -> VendorPaid:
    """Take back a payment that was written wrongly, by the opposite of its entry.

    Raises NotFound("vendor_payment"), Conflict("already_reversed", "period_locked").
    """
    require(ctx, Permission.PAY_VENDOR)
    paid = payment(ctx, payment_id)
    entry = next(one for one in entries_of(ctx, VENDOR_PAYMENT, payment_id) if one.reverses is None)
    before = owed(ctx, paid.vendor_id) if paid.vendor_id else 0
    reverse(ctx, entry.id, "mistake")
    ctx.record("vendor.payment_undone", entity=payment_id, amount=paid.amount)
    seller = vendor(ctx, paid.vendor_id) if paid.vendor_id else None
    return _told(ctx, paid, seller.name if seller else None, before, before + paid.amount)


def vendor_of(ctx: Context, vendor_id: UUID | None, name: str | None) -> Vendor:
    """Whom a command is about, by id or by name; a name that is not known yet is added.

    Raises NotFound("vendor"), Invalid("bad_name").
    """
    if vendor_id is None and not name:
        raise Invalid("bad_name")
    return vendor(ctx, vendor_id or vendor_named(ctx, name or ""))


def paid_from(method: str) -> str:
    """The account that money leaves by a method. Raises Invalid("bad_method")."""
    if method not in PAID_FROM:
        raise Invalid("bad_method")
    return PAID_FROM[method]


def owed(ctx: Context, vendor_id: UUID) -> int:
    """What a vendor is owed, for commands that have asked for their own permission."""
    return -balance_of(ctx, chart.PAYABLE, vendor_id)


def pay(ctx: Context, vendor_id: UUID | None, amount: int, method: str, on: date) -> Paid:
    """Write a payment. Raises Invalid("bad_method")."""
    paid = Paid(new_id(), vendor_id, amount, method, on)
    source = paid_from(method)
    ctx.connection.execute(
        insert(vendor_payments).values(
            business_id=ctx.business_id,
            id=paid.id,
            vendor_id=vendor_id,
            amount_paise=amount,
            method=method,
            on_date=on,
            created_at=ctx.now,
        )
    )
    debited = chart.PAYABLE if vendor_id else chart.PURCHASES_PENDING
    post(
        ctx,
        kind="vendor_payment",
        on=on,
        postings=[Posting(debited, amount, vendor_id), Posting(source, -amount)],
        source=(VENDOR_PAYMENT, paid.id),
    )
    ctx.record(
        "vendor.paid",
        entity=paid.id,
        vendor_id=str(vendor_id) if vendor_id else None,
        amount=amount,
        method=method,
    )
    return paid


def _told(ctx: Context, paid: Paid, name: str | None, before: int, after: int) -> VendorPaid:
    return {
        "payment_id": str(paid.id),
        "vendor_id": str(paid.vendor_id) if paid.vendor_id else None,
        "vendor": name,
        "amount": paid.amount,
        "method": paid.method,
        "before": before,
        "after": after if paid.vendor_id else 0,
        "awaited": awaited(ctx),
    }
