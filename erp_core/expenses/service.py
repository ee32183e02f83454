"""Logging what the business spends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TypedDict
from uuid import UUID

from sqlalchemy import insert, or_, select

from erp_core.expenses.categories import Category, category, guess_category
from erp_core.expenses.models import expenses
from erp_core.expenses.queries import standing
from erp_core.journal.context import Context
from erp_core.kernel.clock import financial_year
from erp_core.kernel.errors import Conflict, Invalid, NotFound
from erp_core.kernel.ids import new_id
from erp_core.kernel.matching import bare_number
from erp_core.kernel.money import LARGEST_AMOUNT
from erp_core.ledger import chart
from erp_core.ledger.periods import locked_until
from erp_core.ledger.service import Posting, post, reverse
from erp_core.parties.models import vendors
from erp_core.parties.permissions import Permission, require
from erp_core.parties.queries import Business, business
from erp_core.parties.service import vendor_named
from erp_core.tax import rules, states

PAID_FROM = {
    "cash": chart.CASH,
    "upi": chart.BANK,
    "card": chart.BANK,
    "cheque": chart.BANK,
    "bank_transfer": chart.BANK,
}
"""The account that money leaves by each method: what is not cash leaves the bank at once."""

LONGEST_ITEM = 200
LONGEST_NUMBER = 40


@dataclass(frozen=True)
class Tax:
    """The tax of a bill that is set off, by head, in paise; what is not set off is part of the
    cost."""

    cgst: int = 0
    sgst: int = 0
    igst: int = 0

    @property
    def total(self) -> int:
        return self.cgst + self.sgst + self.igst


class ExpenseLogged(TypedDict):
    expense_id: str
    amount: int
    gst: int
    category: str
    method: str
    on: str
    vendor_id: str | None
    number: str | None


class ExpenseTakenBack(TypedDict):
    """`right` is what was written in its place, None for nothing."""

    expense_id: str
    amount: int
    right: int | None
    right_id: str | None
    on: str


def log_expense(
    ctx: Context,
    *,
    amount_paise: int,
    item: str | None = None,
    vendor: str | None = None,
    category: str | None = None,
    method: str = "cash",
    on: date | None = None,
    gst_paise: int = 0,
    tax: Tax | None = None,
    number: str | None = None,
    supplier_gstin: str | None = None,
) -> ExpenseLogged:
    """Record money spent. `amount_paise` is all that was paid, `gst_paise` the tax within it.

    `tax`: what of it is set off, where a bill tells; without it, all that the category allows.
    Without a category, the item's words tell it. The vendor is found by name or added. `number` is
    that of its bill, `supplier_gstin` what the bill says where the vendor's is not noted: one
    number of one supplier is written once a financial year. Raises
    Invalid("bad_amount", "bad_category", "bad_method", "bad_item", "bad_name", "bad_number",
    "date_in_future"), Conflict("expense_known", number, on, amount).
    """
    require(ctx, Permission.LOG_EXPENSE)
    chosen = _category(category, item)
    day = ctx.day_of(on)
    _check(amount_paise, gst_paise, method)
    item = _clean_item(item)
    vendor_id = vendor_named(ctx, vendor) if vendor else None
    supplier_gstin = supplier_gstin or _gstin_of_vendor(ctx, vendor_id)
    number = _clean_number(number)
    if number:
        _refuse_known(ctx, number, supplier_gstin, vendor_id, day)
    expense_id = new_id()
    entry_id = post(
        ctx,
        kind="expense",
        on=day,
        postings=_postings(
            ctx, chosen, amount_paise, gst_paise, method=method, vendor_id=vendor_id, tax=tax
        ),
        source=("expense", expense_id),
    )
    ctx.connection.execute(
        insert(expenses).values(
            business_id=ctx.business_id,
            id=expense_id,
            vendor_id=vendor_id,
            item=item,
            category=chosen.code,
            amount_paise=amount_paise,
            gst_paise=gst_paise,
            method=method,
            on_date=day,
            confirmed=True,
            number=number,
            supplier_gstin=supplier_gstin,
            entry_id=entry_id,
            created_at=ctx.now,
        )
    )
    ctx.record(
        "expense.logged",
        entity=expense_id,
        amount=amount_paise,
        gst=gst_paise,
        category=chosen.code,
        method=method,
        vendor_id=str(vendor_id) if vendor_id else None,
    )
    return {
        "expense_id": str(expense_id),
        "amount": amount_paise,
        "gst": gst_paise,
        "category": chosen.code,
        "method": method,
        "on": day.isoformat(),
        "vendor_id": str(vendor_id) if vendor_id else None,
        "number": number,
    }


def take_back_expense(
    ctx: Context, *, expense_id: UUID, right_paise: int | None = None, reason: str = "mistake"
) -> ExpenseTakenBack:
    """Undo an expense that was written wrongly, and write it anew with the right amount if told.

    Nothing is edited: an opposite entry of the same day undoes it, or one of today where that day's
    books are closed. Raises NotFound("expense"), Conflict("already_reversed", "expense_with_tax"),
    Invalid("bad_amount").
    """
    require(ctx, Permission.WRITE_VOUCHERS)
    row = ctx.connection.execute(
        select(expenses)
        .where(expenses.c.business_id == ctx.business_id, expenses.c.id == expense_id)
        .with_for_update(key_share=True)
    ).one_or_none()
    if row is None:
        raise NotFound("expense", expense_id=str(expense_id))
    if right_paise is not None and row.gst_paise:
        raise Conflict("expense_with_tax", expense_id=str(expense_id))
    until = locked_until(ctx)
    on = ctx.today if until and row.on_date <= until else row.on_date
    reverse(ctx, row.entry_id, reason, on=on)
    ctx.record(
        "expense.taken_back",
        entity=expense_id,
        amount=row.amount_paise,
        right=right_paise,
        reason=reason,
    )
    right_id = None
    if right_paise is not None:
        right_id = log_expense(
            ctx,
            amount_paise=right_paise,
            item=row.item,
            vendor=_vendor_name(ctx, row.vendor_id),
            category=row.category,
            method=row.method,
            on=on,
            number=row.number,
            supplier_gstin=row.supplier_gstin,
        )["expense_id"]
    return {
        "expense_id": str(expense_id),
        "amount": row.amount_paise,
        "right": right_paise,
        "right_id": right_id,
        "on": row.on_date.isoformat(),
    }


def _vendor_name(ctx: Context, vendor_id: UUID | None) -> str | None:
    if vendor_id is None:
        return None
    name: str = ctx.connection.execute(
        select(vendors.c.name).where(
            vendors.c.business_id == ctx.business_id, vendors.c.id == vendor_id
        )
    ).scalar_one()
    return name


def _category(code: str | None, item: str | None) -> Category:
    return category(code or guess_category(item))


def _check(amount_paise: int, gst_paise: int, method: str) -> None:
    if not 0 < amount_paise <= LARGEST_AMOUNT or not 0 <= gst_paise < amount_paise:
        raise Invalid("bad_amount")
    if method not in PAID_FROM:
        raise Invalid("bad_method")


def _clean_item(item: str | None) -> str | None:
    cleaned = " ".join((item or "").split())
    if len(cleaned) > LONGEST_ITEM:
        raise Invalid("bad_item")
    return cleaned or None


def _clean_number(number: str | None) -> str | None:
    cleaned = "".join((number or "").split()).upper()
    if len(cleaned) > LONGEST_NUMBER:
        raise Invalid("bad_number")
    return cleaned or None


def _refuse_known(
    ctx: Context, number: str, supplier_gstin: str | None, vendor_id: UUID | None, day: date
) -> None:
    """One bill is not written twice, also not by two at once."""
    bare, year, c = bare_number(number), financial_year(day), expenses.c
    suppliers = {c.supplier_gstin: supplier_gstin, c.vendor_id: vendor_id}
    theirs = [column == one for column, one in suppliers.items() if one is not None]
    if not theirs:
        return
    for supplier in sorted(str(one) for one in suppliers.values() if one is not None):
        ctx.take_turns(f"expense:{supplier}:{bare}")
    rows = ctx.connection.execute(
        select(c.number, c.on_date, c.amount_paise).where(
            c.business_id == ctx.business_id, or_(*theirs), c.number.isnot(None), standing()
        )
    )
    for row in rows:
        if bare_number(row.number) == bare and financial_year(row.on_date) == year:
            raise Conflict(
                "expense_known",
                number=row.number,
                on=row.on_date.isoformat(),
                amount=row.amount_paise,
            )


def _gstin_of_vendor(ctx: Context, vendor_id: UUID | None) -> str | None:
    if vendor_id is None:
        return None
    gstin: str | None = ctx.connection.execute(
        select(vendors.c.gstin).where(
            vendors.c.business_id == ctx.business_id, vendors.c.id == vendor_id
        )
    ).scalar_one()
    return gstin


def _postings(
    ctx: Context,
    chosen: Category,
    amount_paise: int,
    gst_paise: int,
    *,
    method: str,
    vendor_id: UUID | None,
    tax: Tax | None,
) -> list[Posting]:
    own = business(ctx)
    may = chosen.input_credit and rules.charges_tax(own)
    if tax is not None:
        credit = tax.total if may else 0
        heads = [
            Posting(chart.INPUT_CGST, tax.cgst),
            Posting(chart.INPUT_SGST, tax.sgst),
            Posting(chart.INPUT_IGST, tax.igst),
        ]
        input_tax = [one for one in heads if one.paise] if credit else []
    else:
        credit = gst_paise if may else 0
        input_tax = _input_tax(ctx, own, credit, vendor_id)
    return [
        Posting(chosen.account, amount_paise - credit),
        *input_tax,
        Posting(PAID_FROM[method], -amount_paise),
    ]


def _input_tax(ctx: Context, own: Business, credit: int, vendor_id: UUID | None) -> list[Posting]:
    """Tax set off by head: a vendor of another state charges IGST, any other the two halves."""
    if _state_of_vendor(ctx, vendor_id) not in (None, rules.state_of(own)):
        return [Posting(chart.INPUT_IGST, credit)]
    half = credit // 2
    return [Posting(chart.INPUT_CGST, half), Posting(chart.INPUT_SGST, credit - half)]


def _state_of_vendor(ctx: Context, vendor_id: UUID | None) -> str | None:
    if vendor_id is None:
        return None
    state: str | None = ctx.connection.execute(
        select(vendors.c.state).where(
            vendors.c.business_id == ctx.business_id, vendors.c.id == vendor_id
        )
    ).scalar_one()
    return states.checked(state) if state else None
