"""Writing a bill that was read from a picture, once somebody has confirmed it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import insert, update

from erp_core.expenses import service as expenses
from erp_core.expenses.service import LONGEST_NUMBER, ExpenseLogged, Tax
from erp_core.journal.context import Context
from erp_core.kernel.errors import Conflict, Invalid, NotFound
from erp_core.kernel.ids import new_id
from erp_core.parties.permissions import Permission, require
from erp_core.parties.queries import business
from erp_core.receipts import memory, queries
from erp_core.receipts.credit import BillTax, Credit, input_credit
from erp_core.receipts.models import receipts
from erp_core.tax import gstin as gstins


class ReceiptLogged(TypedDict):
    """`amount`, `gst` and `credit` (what is set off) in paise; `no_credit`: the reason's code."""

    receipt_id: str
    expense_id: str
    amount: int
    gst: int
    credit: int
    no_credit: str
    category: str
    on: str


def log_receipt(
    ctx: Context,
    *,
    source: str,
    amount_paise: int,
    on: date,
    category: str,
    vendor: str | None = None,
    vendor_gstin: str | None = None,
    buyer_gstin: str | None = None,
    number: str | None = None,
    cgst_paise: int = 0,
    sgst_paise: int = 0,
    igst_paise: int = 0,
    cess_paise: int = 0,
    method: str = "cash",
    file: str | None = None,
    page: int = 0,
    look: str | None = None,
    known_wanted: bool = False,
    spelling: str | None = None,
    labels: Sequence[Sequence[Any]] = (),
    item: str | None = None,
    corrects: UUID | None = None,
) -> ReceiptLogged:
    """Write a bill's expense with its tax by head, and what the bill is known by again.

    `corrects` is the expense that the bill is on the books as, wrongly: it is taken back, and the
    bill is this one from now on.

    `spelling` is the vendor's name as it was read, `labels` where what was confirmed stood on the
    bill (memory.learn): the vendor's next bill is read by them.
    Raises Conflict("receipt_written") when this very message has been; Conflict("receipt_known",
    expense_id, on, amount) when the bill seems to be on the books, unless `known_wanted`; and what
    log_expense raises, and take_back_expense.
    """
    require(ctx, Permission.LOG_EXPENSE)
    # Two taps, or the same bill sent by two people, are looked at one after the other.
    ctx.take_turns("receipts")
    _give_way(ctx, source, corrects)
    seen = {"file": file, "page": page, "look": look}
    if not known_wanted:
        _refuse_known(ctx, vendor=vendor, number=number, on=on, amount_paise=amount_paise, **seen)
    tax = {"cgst": cgst_paise, "sgst": sgst_paise, "igst": igst_paise, "cess": cess_paise}
    bill = _bill(tax, vendor_gstin, buyer_gstin, number)
    credit = input_credit(business(ctx), bill, category=category, on=on, today=ctx.today)
    spent = {"item": item, "vendor": vendor, "category": category, "method": method, "on": on}
    logged = _spend(ctx, bill, credit, amount_paise=amount_paise, **spent)
    vendor_id = UUID(logged["vendor_id"]) if logged["vendor_id"] else None
    booked = {"expense_id": UUID(logged["expense_id"]), "vendor_id": vendor_id}
    paper = _known_by(bill, tax, on, amount_paise)
    receipt_id = _note(ctx, source, corrects, credit_paise=credit.paise, **booked, **paper, **seen)
    if vendor_id:
        memory.learn(ctx, vendor_id=vendor_id, spelling=spelling, labels=labels)
    kind = "receipt.logged" if corrects is None else "receipt.corrected"
    return _recorded(ctx, kind, receipt_id, logged, tax, credit)


def _give_way(ctx: Context, source: str, corrects: UUID | None) -> None:
    """What the bill is on the books as gives way where it was wrong; a message is written once."""
    if corrects is not None:
        expenses.take_back_expense(ctx, expense_id=corrects)
    elif queries.is_written(ctx, source):
        raise Conflict("receipt_written")


def _spend(ctx: Context, bill: BillTax, credit: Credit, **spent: Any) -> ExpenseLogged:
    """Log what was spent, with the tax of the bill set off where there is credit for it."""
    return expenses.log_expense(
        ctx,
        gst_paise=bill.gst + bill.cess,
        tax=Tax(bill.cgst, bill.sgst, bill.igst) if credit.paise else Tax(),
        number=bill.number,
        supplier_gstin=bill.vendor_gstin,
        **spent,
    )


def _recorded(
    ctx: Context,
    kind: str,
    receipt_id: UUID,
    logged: ExpenseLogged,
    tax: Mapping[str, int],
    credit: Credit,
) -> ReceiptLogged:
    """The journal's event, and what is told."""
    ctx.record(
        kind,
        entity=receipt_id,
        expense_id=logged["expense_id"],
        amount=logged["amount"],
        **tax,
        credit=credit.paise,
    )
    return {
        "receipt_id": str(receipt_id),
        "expense_id": logged["expense_id"],
        "amount": logged["amount"],
        "gst": logged["gst"],
        "credit": credit.paise,
        "no_credit": credit.reason,
        "category": logged["category"],
        "on": logged["on"],
    }


def _bill(
    tax: Mapping[str, int], vendor_gstin: str | None, buyer_gstin: str | None, number: str | None
) -> BillTax:
    """The tax of a bill by head (paise), with what a credit for it takes."""
    if min(tax.values()) < 0:
        raise Invalid("bad_amount")
    return BillTax(
        **tax,
        vendor_gstin=_valid(vendor_gstin),
        buyer_gstin=_valid(buyer_gstin),
        number=(number or "").strip()[:LONGEST_NUMBER] or None,
    )


def _known_by(bill: BillTax, tax: Mapping[str, int], on: date, amount_paise: int) -> dict[str, Any]:
    """What the paper says that the bill is known by again."""
    return {
        "vendor_gstin": bill.vendor_gstin,
        "number": bill.number,
        "on_date": on,
        "amount_paise": amount_paise,
        **{f"{head}_paise": paise for head, paise in tax.items()},
    }


def _note(ctx: Context, source: str, corrects: UUID | None, **facts: Any) -> UUID:
    """Keep what the bill of a picture is known by: one row, whichever expense it is now."""
    facts["created_at"] = ctx.now
    if corrects is None:
        receipt_id = new_id()
        ctx.connection.execute(
            insert(receipts).values(
                business_id=ctx.business_id, id=receipt_id, source=source, **facts
            )
        )
        return receipt_id
    row = ctx.connection.execute(
        update(receipts)
        .where(receipts.c.business_id == ctx.business_id, receipts.c.expense_id == corrects)
        .values(**facts)
        .returning(receipts.c.id)
    ).one_or_none()
    if row is None:
        raise NotFound("expense", expense_id=str(corrects))
    found: UUID = row.id
    return found


def _refuse_known(ctx: Context, **facts: Any) -> None:
    known = queries.same_bill(ctx, **facts)
    if known is not None:
        raise Conflict(
            "receipt_known",
            expense_id=str(known.expense_id),
            on=known.on.isoformat(),
            amount=known.amount,
        )


def _valid(gstin: str | None) -> str | None:
    return gstin if gstin and gstins.is_valid(gstin) else None
