"""Selling equipment: what was bought as an expense for the shop to use, and no goods of its trade.

It is billed as goods are, with the code and the rate of what it is. With the bill it leaves the
books at its book value, and what the price is above or below that is profit or loss. A shop that
took input credit on it owes the tax of the price, or what is left of the credit where that is more
(CGST Act, section 18(6)): less 5 % for each quarter begun since it was bought (rule 40(2)). The
buyer is billed the tax of the price; the rest of the credit goes back for good (GSTR-3B, 4(B)(1)),
and is a cost of the sale. Whoever cancels or wholly credits the bill has the equipment again.
Amounts are paise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypedDict
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.engine import Row

from erp_core.expenses.categories import EQUIPMENT
from erp_core.expenses.models import expenses
from erp_core.expenses.queries import standing
from erp_core.invoicing.models import equipment_sales, invoices, notes
from erp_core.invoicing.queries import InvoiceLine, invoice
from erp_core.invoicing.service import InvoiceIssued, bill_equipment
from erp_core.journal.context import Context, Reader
from erp_core.kernel.errors import Conflict, Invalid, NotFound
from erp_core.kernel.money import LARGEST_AMOUNT, half_up, split_by_largest_remainder
from erp_core.kernel.spelling import fold
from erp_core.ledger import chart
from erp_core.ledger.models import ledger_entries, ledger_postings
from erp_core.ledger.queries import entries_of, moved_by
from erp_core.ledger.service import Posting, post, reverse
from erp_core.parties.permissions import Permission, require
from erp_core.parties.queries import business, customer
from erp_core.payments import service as payments
from erp_core.tax import rules
from erp_core.tax.gst import assess
from erp_core.tax.hsn import rule_named, sure
from erp_core.tax.levies import levied, taxed_line
from erp_core.tax.rates import Asked, Ruling
from erp_core.tax.rules import Supply

SOLD = "asset_sold"
CREDIT_SOLD = "credit_sold"
DEPRECIATION = "depreciation"

A_QUARTER = 3
LOST_IN_A_QUARTER = 5
"""Per cent."""
UNIT = "piece"
VEHICLES = "87"


@dataclass(frozen=True)
class Equipment:
    """A piece of equipment that the shop has: what it was bought for, without the credit that was
    taken on it by head (`credit`), and what it is worth in the books now."""

    expense_id: UUID
    item: str
    bought_on: date
    cost: int
    book_value: int
    credit: Mapping[str, int]


class EquipmentSold(TypedDict):
    """`credit_back`: the credit that goes back beyond the tax of the bill; `profit` is below zero
    for a loss."""

    invoice_id: str
    number: str
    item: str
    total: int
    tax: int
    due: int
    book_value: int
    credit_back: int
    profit: int


def owned(reader: Reader) -> list[Equipment]:
    """The equipment that was bought and is not sold, the newest first."""
    require(reader, Permission.VIEW_EXPENSES)
    return [_equipment(reader, row) for row in _rows(reader)]


def named(reader: Reader, said: str) -> list[Equipment]:
    """The equipment that somebody means: what shares most words with what was said."""
    words = set(fold(said).split())
    found = [(len(words & set(fold(one.item).split())), one) for one in owned(reader)]
    most = max((count for count, _ in found), default=0)
    return [one for count, one in found if count and count == most]


def sell_equipment(
    ctx: Context,
    *,
    expense_id: UUID,
    customer_id: UUID,
    amount_paise: int,
    method: str | None = None,
    hsn: str | None = None,
    rate: int | None = None,
) -> EquipmentSold:
    """Sell equipment for so much in all, tax in it; paid at once by a method, or owed.

    `hsn` and `rate` (basis points) are asked for where its words do not tell them. Raises
    NotFound("expense"), Invalid("bad_amount"), Conflict("not_owned") of what is no equipment or is
    not there any more, Conflict("equipment_code_unknown", item), Conflict("equipment_rate_unknown",
    hsn), Conflict("used_vehicle"), and what recording a payment raises.
    """
    require(ctx, Permission.WRITE_VOUCHERS)
    if not 0 < amount_paise <= LARGEST_AMOUNT:
        raise Invalid("bad_amount")
    sold = _held(ctx, expense_id)
    terms = rules.supply(business(ctx), customer(ctx, customer_id))
    line = _line(ctx, sold, terms, amount_paise, hsn, rate)
    issued = bill_equipment(ctx, customer_id=customer_id, line=line, terms=terms)
    invoice_id = UUID(issued["invoice_id"])
    back = _credit_back(ctx, sold, line.tax_paise) if rules.charges_tax(business(ctx)) else {}
    _take_out(ctx, invoice_id, sold, back)
    if method is not None:
        payments.record_payment(
            ctx,
            customer_id=customer_id,
            amount_paise=issued["total"],
            method=method,
            invoice_id=invoice_id,
        )
    return _told(sold, issued, sum(back.values()), paid=method is not None)


def after(ctx: Context) -> None:
    """Listens to every command: equipment whose bill is cancelled or wholly credited is there
    again, and is sold once more where the bill is made anew. What is sold was bought: that is not
    taken back. Raises Conflict("equipment_sold")."""
    for event in tuple(ctx.events):
        if event.kind == "invoice.cancelled" and event.entity:
            on = date.fromisoformat(str(event.payload["on"]))
            _bring_back(ctx, event.entity, str(event.payload["reason"]), on)
        elif event.kind == "note.issued":
            invoice_id = UUID(str(event.payload["invoice_id"]))
            if _is_wholly_credited(ctx, invoice_id):
                _bring_back(ctx, invoice_id, str(event.payload["reason"]), ctx.today)
        elif event.kind == "invoice.billed_anew" and event.entity:
            _sell_again(ctx, event.entity, UUID(str(event.payload["invoice_id"])))
        elif event.kind == "expense.taken_back" and event.entity in _sold(ctx):
            raise Conflict("equipment_sold")


def sold_before(reader: Reader, day: date) -> frozenset[UUID]:
    """What was sold before a day, by the expense that it was bought as."""
    return frozenset(
        expense_id for expense_id, sold_on in _sold(reader).items() if sold_on < day
    )  # fmt: skip


def given_back(reader: Reader, start: date, end: date) -> dict[str, int]:
    """{head: paise} of credit that went back with sales from start to end, both included; what came
    back of sales before is credit that is taken anew."""
    moved = moved_by(reader, CREDIT_SOLD, start=start, until=end, undone_since=start)
    return {head: -moved.get(account, 0) for head, account in chart.INPUT_TAX.items()}


def credit_left(credit: Mapping[str, int], bought_on: date, sold_on: date) -> dict[str, int]:
    """What is left of the credit on equipment: 5 % less for each quarter begun (rule 40(2))."""
    left = max(0, 100 - LOST_IN_A_QUARTER * _quarters(bought_on, sold_on))
    return {head: half_up(Decimal(paise) * left / 100) for head, paise in credit.items()}


def _quarters(bought_on: date, sold_on: date) -> int:
    """How many quarters were begun: three months from the day of the purchase are one."""
    months = (sold_on.year - bought_on.year) * 12 + sold_on.month - bought_on.month
    return max(1, -(-(months + (sold_on.day > bought_on.day)) // A_QUARTER))


def _held(ctx: Context, expense_id: UUID) -> Equipment:
    """The equipment under lock, which who takes its purchase back waits for."""
    row = ctx.connection.execute(
        select(expenses.c.id)
        .where(expenses.c.business_id == ctx.business_id, expenses.c.id == expense_id)
        .with_for_update(key_share=True)
    ).first()
    if row is None:
        raise NotFound("expense", expense_id=str(expense_id))
    for one in _rows(ctx):
        if one.id == expense_id:
            return _equipment(ctx, one)
    raise Conflict("not_owned")


def _rows(reader: Reader) -> list[Row]:
    c, sold = expenses.c, equipment_sales.c
    there = select(sold.invoice_id).where(
        sold.business_id == c.business_id, sold.expense_id == c.id, ~sold.undone
    )
    return reader.connection.execute(
        select(c.id, c.item, c.on_date, c.entry_id)
        .where(
            c.business_id == reader.business_id,
            c.category == EQUIPMENT,
            standing(),
            ~there.exists(),
        )
        .order_by(c.on_date.desc(), c.created_at.desc(), c.id.desc())
    ).all()


def _equipment(reader: Reader, row: Row) -> Equipment:
    cost, credit = 0, dict.fromkeys(chart.INPUT_TAX, 0)
    for entry in entries_of(reader, "expense", row.id):
        for one in entry.postings:
            if one.account == chart.FIXED_ASSETS:
                cost += one.paise
            elif one.account in chart.HEAD_OF_INPUT:
                credit[chart.HEAD_OF_INPUT[one.account]] += one.paise
    return Equipment(
        expense_id=row.id,
        item=row.item or "",
        bought_on=row.on_date,
        cost=cost,
        book_value=_book_value(reader, row.entry_id, cost),
        credit=credit,
    )


def _book_value(reader: Reader, entry_id: UUID, cost: int) -> int:
    """What is left of a cost: each depreciation since has written all that was there then down by
    the same share."""
    head, c, undone = ledger_entries.c, ledger_postings.c, ledger_entries.alias()
    reversal = select(undone.c.id).where(
        undone.c.business_id == head.business_id, undone.c.reverses == head.id
    )
    rows = reader.connection.execute(
        select(head.id, head.kind, c.paise)
        .join(ledger_entries, (head.business_id == c.business_id) & (head.id == c.entry_id))
        .where(
            c.business_id == reader.business_id,
            c.account == chart.FIXED_ASSETS,
            head.reverses.is_(None),
            ~reversal.exists(),
        )
        .order_by(c.on_date, head.recorded_at, head.id)
    )
    there, left, bought = 0, Decimal(cost), False
    for row in rows:
        bought = bought or row.id == entry_id
        if bought and row.kind == DEPRECIATION and there > 0:
            left += left * max(row.paise, -there) / there
        there += row.paise
    return half_up(left)


def _line(
    ctx: Context, sold: Equipment, terms: Supply, amount: int, hsn: str | None, rate: int | None
) -> InvoiceLine:
    """What is billed. A shop that is not registered needs neither code nor rate."""
    registered = business(ctx).gstin is not None
    ruling = _ruling(ctx, sold, amount, hsn, rate) if registered else None
    known = ruling.rate if ruling and ruling.rate is not None else 0
    code = _code(sold, hsn) if registered else hsn
    assessment = assess(
        [
            taxed_line(
                ruling.term if ruling else None,
                quantity=Decimal(1), unit=UNIT, unit_price=amount, rate=known, hsn=code,
                inclusive=True, rsp=None,
            )
        ],
        supplier_state=terms.supplier_state,
        place_of_supply=terms.place_of_supply,
        charge_tax=terms.charge_tax,
        always_inter_state=terms.always_inter_state,
    )  # fmt: skip
    (found,) = assessment.lines
    return InvoiceLine(
        product_id=None,
        name=sold.item,
        hsn=code,
        unit=UNIT,
        quantity=Decimal(1),
        unit_price_paise=amount,
        inclusive=True,
        rate=found.rate,
        taxable_paise=found.value,
        cgst_paise=found.cgst,
        sgst_paise=found.sgst,
        igst_paise=found.igst,
        round_off_paise=found.round_off,
        usual_rate=known if rules.is_composition(business(ctx)) else None,
        **levied(found),
    )


def _code(sold: Equipment, hsn: str | None) -> str:
    goods = sure(sold.item)
    code = hsn or (goods.hsn if goods and not goods.service else None)
    if code is None:
        raise Conflict("equipment_code_unknown", item=sold.item)
    if code.startswith(VEHICLES) and not any(sold.credit.values()):
        # Taxed on what is gained over the value in the income-tax books (Notification 8/2018).
        raise Conflict("used_vehicle")
    return code


def _ruling(
    ctx: Context, sold: Equipment, amount: int, hsn: str | None, rate: int | None
) -> Ruling:
    code = _code(sold, hsn)
    asked = Asked(on=ctx.today, hsn=code, stated=rate, unit_value=amount, inclusive=True)
    ruling = rule_named(asked, sold.item)
    if ruling.rate is None:
        raise Conflict("equipment_rate_unknown", hsn=code)
    return ruling


def _credit_back(ctx: Context, sold: Equipment, tax: int) -> dict[str, int]:
    """{head: paise} of credit that goes back: what is left of it beyond the tax of the price."""
    left = credit_left(sold.credit, sold.bought_on, ctx.today)
    beyond = sum(left.values()) - tax
    if beyond <= 0:
        return {}
    shares = split_by_largest_remainder(beyond, list(left.values()))
    return dict(zip(left, shares, strict=True))


def _take_out(ctx: Context, invoice_id: UUID, sold: Equipment, back: Mapping[str, int]) -> None:
    """Write that a bill has sold equipment: it leaves the books, and credit goes back."""
    ctx.connection.execute(
        insert(equipment_sales).values(
            business_id=ctx.business_id, invoice_id=invoice_id, expense_id=sold.expense_id
        )
    )
    source = ("invoice", invoice_id)
    out = [
        Posting(chart.ASSETS_SOLD, sold.book_value),
        Posting(chart.FIXED_ASSETS, -sold.book_value),
    ]
    post(ctx, kind=SOLD, on=ctx.today, postings=out, source=source)
    given = [
        Posting(chart.ASSETS_SOLD, sum(back.values())),
        *(Posting(chart.INPUT_TAX[head], -paise) for head, paise in back.items()),
    ]
    post(ctx, kind=CREDIT_SOLD, on=ctx.today, postings=given, source=source)
    ctx.record(
        "equipment.sold",
        entity=sold.expense_id,
        invoice_id=str(invoice_id),
        book_value=sold.book_value,
        credit_back=sum(back.values()),
    )


def _bring_back(ctx: Context, invoice_id: UUID, reason: str, on: date) -> None:
    c = equipment_sales.c
    found = ctx.connection.execute(
        update(equipment_sales)
        .where(c.business_id == ctx.business_id, c.invoice_id == invoice_id, ~c.undone)
        .values(undone=True)
        .returning(c.expense_id)
    ).one_or_none()
    if found is None:
        return
    for entry in entries_of(ctx, "invoice", invoice_id):
        if entry.kind in (SOLD, CREDIT_SOLD):
            reverse(ctx, entry.id, reason, on=on)
    ctx.record("equipment.back", entity=found.expense_id, invoice_id=str(invoice_id))


def _sell_again(ctx: Context, before: UUID, invoice_id: UUID) -> None:
    """The same equipment on a bill that takes the place of another."""
    c = equipment_sales.c
    expense_id = ctx.connection.execute(
        select(c.expense_id).where(c.business_id == ctx.business_id, c.invoice_id == before)
    ).scalar_one_or_none()
    if expense_id is None:
        return
    sold, document = _held(ctx, expense_id), invoice(ctx, invoice_id)
    _take_out(ctx, invoice_id, sold, _credit_back(ctx, sold, document.tax_paise))


def _is_wholly_credited(reader: Reader, invoice_id: UUID) -> bool:
    """Whether credit notes have taken off all that a bill came to."""
    c, head = notes.c, invoices.c
    row = reader.connection.execute(
        select(func.sum(c.total_paise) >= head.total_paise)
        .join(invoices, (head.business_id == c.business_id) & (head.id == c.invoice_id))
        .where(
            c.business_id == reader.business_id,
            c.invoice_id == invoice_id,
            c.kind == "credit_note",
        )
        .group_by(head.total_paise)
    ).scalar_one_or_none()
    return bool(row)


def _sold(reader: Reader) -> dict[UUID, date]:
    """{expense: day} of what is sold."""
    c, head = equipment_sales.c, invoices.c
    rows = reader.connection.execute(
        select(c.expense_id, head.on_date)
        .join(invoices, (head.business_id == c.business_id) & (head.id == c.invoice_id))
        .where(c.business_id == reader.business_id, ~c.undone)
    )
    return {row.expense_id: row.on_date for row in rows}


def _told(sold: Equipment, issued: InvoiceIssued, back: int, *, paid: bool) -> EquipmentSold:
    return {
        "invoice_id": issued["invoice_id"],
        "number": issued["number"],
        "item": sold.item,
        "total": issued["total"],
        "tax": issued["cgst"] + issued["sgst"] + issued["igst"] + issued["cess"],
        "due": 0 if paid else issued["due"],
        "book_value": sold.book_value,
        "credit_back": back,
        "profit": issued["subtotal"] - sold.book_value - back,
    }
