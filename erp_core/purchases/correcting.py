"""What was written wrongly of buying: a bill that goes off the books again, or is written anew.

A bill is never changed. All of it that has not gone back goes off by a debit note, and what was
paid with it is undone. Amounts are paise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import select

from erp_core.catalogue.queries import Quantified
from erp_core.journal.context import Context, Reader
from erp_core.kernel.errors import Conflict
from erp_core.kernel.quantity import plain
from erp_core.ledger.queries import entries_of
from erp_core.parties.permissions import Permission, require
from erp_core.purchases.models import purchase_bills, vendor_payments
from erp_core.purchases.paying import VendorPaid, owed, pay_vendor, undo_payment
from erp_core.purchases.queries import BOUGHT, VENDOR_PAYMENT, Bill, Paid, bill, returned_of
from erp_core.purchases.returning import return_goods
from erp_core.purchases.service import BillRecorded, record_bill


class BillTakenBack(TypedDict):
    """`number` is that of the debit note, `paid` what was undone, `owed` what is owed now."""

    bill_id: str
    number: str
    vendor_id: str
    vendor: str
    total: int
    paid: int
    owed: int


def take_back_bill(ctx: Context, *, bill_id: UUID) -> BillTakenBack:
    """Take a bill that was written wrongly off the books: its goods, its debt, its credit, and what
    was paid with it.

    Raises NotFound("purchase"), Conflict("already_reversed", "out_of_stock", "stock_reserved").
    """
    require(ctx, Permission.RECORD_PURCHASE)
    return _take_back(ctx, bill(ctx, bill_id))


def correct_bill(ctx: Context, *, bill_id: UUID, **right: Any) -> BillRecorded:
    """Write a bill anew as `record_bill` does, and take the wrong one off the books.

    The right goods come in first, so that what was sold of them meanwhile is no hindrance. What has
    gone back of the wrong ones goes back from the right ones, as far as these hold it. The number
    of the paper may be that of the wrong bill.
    Raises as both do.
    """
    require(ctx, Permission.RECORD_PURCHASE)
    wrong = bill(ctx, bill_id)
    done = record_bill(ctx, **right, instead_of=wrong.id)
    gone = _gone_of(ctx, wrong, bill(ctx, UUID(done["bill_id"])))
    _take_back(ctx, wrong)
    if gone:
        return_goods(
            ctx, vendor_id=UUID(done["vendor_id"]), lines=gone, bill_id=UUID(done["bill_id"])
        )
    done["owed"] = owed(ctx, UUID(done["vendor_id"]))
    return done


def correct_payment(ctx: Context, *, payment_id: UUID, **right: Any) -> VendorPaid:
    """Undo what a vendor was paid by mistake, and write it as `pay_vendor` does.

    Raises as both do.
    """
    undo_payment(ctx, payment_id=payment_id)
    return pay_vendor(ctx, **right)


def paid_with(reader: Reader, document: Bill) -> Paid | None:
    """What was paid with a bill in one command, if that stands."""
    c, head = vendor_payments.c, purchase_bills.c
    row = reader.connection.execute(
        select(c.id, c.vendor_id, c.amount_paise, c.method, c.on_date)
        .join(purchase_bills, (head.business_id == c.business_id) & (head.vendor_id == c.vendor_id))
        .where(
            c.business_id == reader.business_id,
            head.id == document.id,
            c.created_at == head.created_at,
            c.amount_paise == document.total,
        )
    ).first()
    if row is None or len(entries_of(reader, VENDOR_PAYMENT, row.id)) > 1:
        return None
    return Paid(*row)


def _take_back(ctx: Context, wrong: Bill) -> BillTakenBack:
    left = _left(ctx, wrong)
    if wrong.kind not in BOUGHT or not left:
        raise Conflict("already_reversed", entry_id=str(wrong.id))
    paid = paid_with(ctx, wrong)
    if paid is not None:
        undo_payment(ctx, payment_id=paid.id)
    note = return_goods(
        ctx, vendor_id=wrong.vendor_id, lines=left, bill_id=wrong.id, takes_back=True
    )
    ctx.record("purchase.taken_back", entity=wrong.id, total=note["total"], reason="mistake")
    return {
        "bill_id": str(wrong.id),
        "number": note["number"],
        "vendor_id": note["vendor_id"],
        "vendor": note["vendor"],
        "total": note["total"],
        "paid": paid.amount if paid else 0,
        "owed": note["owed"],
    }


def _gone_of(reader: Reader, wrong: Bill, right: Bill) -> list[Quantified]:
    """What has gone back of a wrong bill, of the goods that the right one holds."""
    back = returned_of(reader, wrong.id)
    gone: dict[UUID, Decimal] = defaultdict(Decimal)
    held: dict[UUID, Decimal] = defaultdict(Decimal)
    for line in wrong.lines:
        gone[line.product_id] += Decimal(back.get(line.position, {}).get("quantity", 0))
    for line in right.lines:
        held[line.product_id] += line.quantity
    counted = {one: min(count, held[one]) for one, count in gone.items()}
    return [
        Quantified(product_id=str(one), quantity=plain(count))
        for one, count in counted.items()
        if count > 0
    ]


def _left(reader: Reader, document: Bill) -> list[Quantified]:
    """What of a bill has not gone back."""
    gone: Mapping[int, Mapping[str, int | Decimal]] = returned_of(reader, document.id)
    left = {
        line.position: line.quantity - Decimal(gone.get(line.position, {}).get("quantity", 0))
        for line in document.lines
    }
    return [
        Quantified(product_id=str(line.product_id), quantity=plain(left[line.position]))
        for line in document.lines
        if left[line.position] > 0
    ]
