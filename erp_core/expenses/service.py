"""Logging what the business spends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import insert, or_, select
from sqlalchemy.engine import Row

from erp_core.expenses.categories import Category, guess_category
from erp_core.expenses.categories import category as category_of
from erp_core.expenses.models import expenses
from erp_core.expenses.queries import standing
from erp_core.journal.context import Context
from erp_core.kernel.clock import financial_year
from erp_core.kernel.errors import Conflict, Invalid, NotFound
from erp_core.kernel.ids import new_id
from erp_core.kernel.matching import bare_number
from erp_core.kernel.money import LARGEST_AMOUNT
from erp_core.ledger import chart
from erp_core.ledger.periods import open_day
from erp_core.ledger.service import Posting, post, reverse
from erp_core.parties.permissions import Permission, require
from erp_core.parties.queries import Business, Vendor, business
from erp_core.parties.queries import vendor as vendor_by_id
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
CREDIT = "credit"
"""Nothing was paid yet: the vendor is owed it."""

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


@dataclass(frozen=True)
class _Spent:
    """An expense that was checked: how much, what it was for, of whom, on which day."""

    amount_paise: int
    gst_paise: int
    method: str
    category: Category
    seller: Vendor | None
    on: date
    item: str | None
    number: str | None
    supplier_gstin: str | None

    @property
    def seller_id(self) -> UUID | None:
        return self.seller.id if self.seller else None


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

    `tax`: what of it is set off, where a bill tells; without it, all that the category allows; none
    of a bill whose time for credit is over (section 16(4)). Without a category, the words of the
    item tell it, or the vendor's where there is none. The vendor is found by name or added.
    By CREDIT the vendor is owed it, who must be named.
    `number` is that of its bill, `supplier_gstin` what the bill says where the vendor's is not
    noted: one number of one supplier is written once a financial year. Raises
    Invalid("bad_amount", "bad_category", "bad_method", "bad_item", "bad_name", "bad_number",
    "date_in_future"), Conflict("expense_known", number, on, amount).
    """
    require(ctx, Permission.LOG_EXPENSE)
    chosen, day = category_of(category or guess_category(item or vendor)), ctx.day_of(on)
    _check(amount_paise, gst_paise, method)
    if method == CREDIT and not vendor:
        raise Invalid("bad_method")
    seller = vendor_by_id(ctx, vendor_named(ctx, vendor)) if vendor else None
    spent = _Spent(
        amount_paise=amount_paise,
        gst_paise=gst_paise,
        method=method,
        category=chosen,
        seller=seller,
        on=day,
        item=_clean_item(item),
        number=clean_number(number),
        supplier_gstin=supplier_gstin or (seller.gstin if seller else None),
    )
    if spent.number:
        refuse_known(ctx, spent.number, spent.supplier_gstin, spent.seller_id, day)
    return _recorded(ctx, _write(ctx, spent, tax), spent)


def _recorded(ctx: Context, expense_id: UUID, spent: _Spent) -> ExpenseLogged:
    """The journal's event, and what is told."""
    vendor_id = str(spent.seller_id) if spent.seller_id else None
    ctx.record(
        "expense.logged",
        entity=expense_id,
        amount=spent.amount_paise,
        gst=spent.gst_paise,
        category=spent.category.code,
        method=spent.method,
        vendor_id=vendor_id,
    )
    return {
        "expense_id": str(expense_id),
        "amount": spent.amount_paise,
        "gst": spent.gst_paise,
        "category": spent.category.code,
        "method": spent.method,
        "on": spent.on.isoformat(),
        "vendor_id": vendor_id,
        "number": spent.number,
    }


def _write(ctx: Context, spent: _Spent, tax: Tax | None) -> UUID:
    expense_id = new_id()
    entry_id = post(
        ctx,
        kind="expense",
        on=spent.on,
        postings=[
            *_cost(ctx, spent, tax),
            _paid(spent),
        ],
        source=("expense", expense_id),
    )
    ctx.connection.execute(
        insert(expenses).values(
            business_id=ctx.business_id,
            id=expense_id,
            vendor_id=spent.seller_id,
            item=spent.item,
            category=spent.category.code,
            amount_paise=spent.amount_paise,
            gst_paise=spent.gst_paise,
            method=spent.method,
            on_date=spent.on,
            number=spent.number,
            supplier_gstin=spent.supplier_gstin,
            entry_id=entry_id,
            created_at=ctx.now,
        )
    )
    return expense_id


def take_back_expense(
    ctx: Context, *, expense_id: UUID, right_paise: int | None = None, reason: str = "mistake"
) -> ExpenseTakenBack:
    """Undo an expense that was written wrongly, and write it anew with the right amount if told.

    Nothing is edited: an opposite entry of the same day undoes it, or one of today where that day's
    books are closed. Raises NotFound("expense"), Conflict("already_reversed", "expense_with_tax"),
    Invalid("bad_amount").
    """
    require(ctx, Permission.WRITE_VOUCHERS)
    row = _locked(ctx, expense_id)
    if right_paise is not None and row.gst_paise:
        raise Conflict("expense_with_tax", expense_id=str(expense_id))
    on = open_day(ctx, row.on_date)
    reverse(ctx, row.entry_id, reason, on=on)
    ctx.record(
        "expense.taken_back",
        entity=expense_id,
        amount=row.amount_paise,
        right=right_paise,
        reason=reason,
    )
    anew = None if right_paise is None else _log_anew(ctx, row, right_paise, on)
    return {
        "expense_id": str(expense_id),
        "amount": row.amount_paise,
        "right": right_paise,
        "right_id": anew["expense_id"] if anew else None,
        "on": row.on_date.isoformat(),
    }


def correct_expense(ctx: Context, *, expense_id: UUID, **right: Any) -> ExpenseLogged:
    """Undo an expense that was written wrongly, and write it as `log_expense` does.

    Raises as both do; Conflict("expense_with_tax") where tax stands in it, which its bill tells.
    """
    row = _locked(ctx, expense_id)
    if row.gst_paise:
        raise Conflict("expense_with_tax", expense_id=str(expense_id))
    take_back_expense(ctx, expense_id=expense_id)
    return log_expense(ctx, **right)


def _locked(ctx: Context, expense_id: UUID) -> Row:
    row = ctx.connection.execute(
        select(expenses)
        .where(expenses.c.business_id == ctx.business_id, expenses.c.id == expense_id)
        .with_for_update(key_share=True)
    ).one_or_none()
    if row is None:
        raise NotFound("expense", expense_id=str(expense_id))
    return row


def _log_anew(ctx: Context, wrong: Row, right_paise: int, on: date) -> ExpenseLogged:
    """The same expense once more, of the right amount."""
    return log_expense(
        ctx,
        amount_paise=right_paise,
        item=wrong.item,
        vendor=vendor_by_id(ctx, wrong.vendor_id).name if wrong.vendor_id else None,
        category=wrong.category,
        method=wrong.method,
        on=on,
        number=wrong.number,
        supplier_gstin=wrong.supplier_gstin,
    )


def _check(amount_paise: int, gst_paise: int, method: str) -> None:
    if not 0 < amount_paise <= LARGEST_AMOUNT or not 0 <= gst_paise < amount_paise:
        raise Invalid("bad_amount")
    if method not in (*PAID_FROM, CREDIT):
        raise Invalid("bad_method")


def _clean_item(item: str | None) -> str | None:
    cleaned = " ".join((item or "").split())
    if len(cleaned) > LONGEST_ITEM:
        raise Invalid("bad_item")
    return cleaned or None


def clean_number(number: str | None) -> str | None:
    """The number of a paper bill as it is kept, however typed. Raises Invalid("bad_number")."""
    cleaned = "".join((number or "").split()).upper()
    if len(cleaned) > LONGEST_NUMBER:
        raise Invalid("bad_number")
    return cleaned or None


def refuse_known(
    ctx: Context, number: str, supplier_gstin: str | None, vendor_id: UUID | None, day: date
) -> None:
    """One bill of a supplier is not written twice, also not by two at once; who writes it as goods
    asks here too. Raises Conflict("expense_known", number, on, amount)."""
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


def _paid(spent: _Spent) -> Posting:
    """Where the money went from; what is owed is the vendor's."""
    if spent.method == CREDIT:
        return Posting(chart.PAYABLE, -spent.amount_paise, spent.seller_id)
    return Posting(PAID_FROM[spent.method], -spent.amount_paise)


def _cost(ctx: Context, spent: _Spent, tax: Tax | None) -> list[Posting]:
    """What an expense stands for: its cost, and the tax in it that is set off."""
    own, chosen = business(ctx), spent.category
    in_time = ctx.today <= rules.last_day_for(spent.on)
    if not (chosen.input_credit and rules.charges_tax(own) and in_time):
        set_off = Tax()
    elif tax is not None:
        set_off = tax
    else:
        set_off = _by_head(own, spent.seller, spent.gst_paise)
    return [
        Posting(chosen.account, spent.amount_paise - set_off.total),
        Posting(chart.INPUT_CGST, set_off.cgst),
        Posting(chart.INPUT_SGST, set_off.sgst),
        Posting(chart.INPUT_IGST, set_off.igst),
    ]


def _by_head(own: Business, seller: Vendor | None, gst_paise: int) -> Tax:
    """A vendor of another state charges IGST, any other the two halves."""
    state = states.checked(seller.state) if seller and seller.state else None
    if state not in (None, rules.state_of(own)):
        return Tax(igst=gst_paise)
    half = gst_paise // 2
    return Tax(cgst=half, sgst=gst_paise - half)
