"""Commands of buying: a vendor's bill with its goods, goods sent back, money paid.

They lock, in this order: the vendor's name, the purchase order or bill, stock rows by product id,
the number series.
What is owed to a vendor is the balance of PAYABLE in the ledger, and is kept nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import func, insert, select

from erp_core.catalogue.queries import Product, products_by_id
from erp_core.expenses.service import PAID_FROM
from erp_core.inventory import service as inventory
from erp_core.inventory.batches import BatchCome
from erp_core.invoicing.numbering import next_number
from erp_core.journal.context import Context, Reader
from erp_core.kernel.clock import financial_year
from erp_core.kernel.errors import Conflict, Invalid, NotFound
from erp_core.kernel.ids import new_id
from erp_core.kernel.money import LARGEST_AMOUNT, half_up, split_by_largest_remainder
from erp_core.kernel.quantity import parse_quantity, positive
from erp_core.ledger import chart
from erp_core.ledger.queries import balance_of, entries_of
from erp_core.ledger.service import Posting, post, reverse
from erp_core.orders.pricing import MOST_LINES, DraftLine, Terms, lawful_line
from erp_core.parties.permissions import Permission, require
from erp_core.parties.queries import Business, Vendor, business, vendor
from erp_core.parties.service import vendor_named
from erp_core.purchases.models import purchase_bills, purchase_lines, vendor_payments
from erp_core.purchases.ordering import receive
from erp_core.purchases.queries import (
    BOUGHT,
    HEADS,
    VENDOR_PAYMENT,
    Bill,
    awaited,
    bill,
    bills_of,
    payment,
    returned_of,
    vendors_named,
)
from erp_core.purchases.reversing import reclaim
from erp_core.tax import rules
from erp_core.tax.gst import AssessedLine, Assessment, assess
from erp_core.tax.levies import taxed_line

SELF_INVOICE = "SI"
RETURN = "PR"
"""Series of our own numbers: invoices to ourselves (section 31(3)(f)), and goods sent back."""

MOST_ROUNDED = 100
"""By so many paise may the total on a paper bill differ from its lines: it is rounded to rupees."""

LONGEST_NUMBER = 40

INPUT = (chart.INPUT_CGST, chart.INPUT_SGST, chart.INPUT_IGST, chart.INPUT_CESS)
OUTPUT = (chart.OUTPUT_CGST, chart.OUTPUT_SGST, chart.OUTPUT_IGST, chart.OUTPUT_CESS)


class LineBought(TypedDict, total=False):
    """Goods on a bill; `rate` is basis points of GST where the bill says another than the law's,
    `expires_on` an ISO date where they are of a batch that expires."""

    product_id: str
    quantity: str
    unit_price_paise: int
    rate: int
    expires_on: str
    batch: str


class BillRecorded(TypedDict):
    """`total` is what the vendor gets, `cost` what came into stock, `owed` what is owed now."""

    bill_id: str
    number: str | None
    vendor_id: str
    vendor: str
    taxable: int
    tax: int
    credit: int
    cost: int
    total: int
    paid: int
    owed: int
    order_id: str | None


class GoodsReturned(TypedDict):
    note_id: str
    number: str
    bill_id: str
    vendor_id: str
    vendor: str
    taxable: int
    tax: int
    total: int
    owed: int


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


@dataclass(frozen=True)
class _Priced:
    """A bill worked out: what each line costs, and which tax is set off."""

    assessment: Assessment
    lines: tuple[DraftLine, ...]
    charges: tuple[int, ...]
    credit: bool
    difference: int

    @property
    def tax(self) -> tuple[int, int, int, int]:
        found = self.assessment
        return found.cgst, found.sgst, found.igst, found.cess

    def cost(self, at: int) -> int:
        """What a line stands for in stock."""
        line = self.assessment.lines[at]
        borne = 0 if self.credit else line.tax + line.cess
        return line.value + line.round_off + borne + self.charges[at]

    @property
    def total(self) -> int:
        return self.assessment.payable + self.difference


def record_bill(
    ctx: Context,
    *,
    lines: Sequence[LineBought],
    vendor_id: UUID | None = None,
    vendor_name: str | None = None,
    number: str | None = None,
    on: date | None = None,
    inclusive: bool = False,
    freight_paise: int = 0,
    charges_paise: int = 0,
    charges_method: str = "cash",
    total_paise: int | None = None,
    reverse_charge: bool = False,
    paid_by: str | None = None,
    order_id: UUID | None = None,
) -> BillRecorded:
    """Record a vendor's bill together with its goods, which come into stock at landed cost.

    `freight_paise` stands on the bill and is taxed with the goods (section 15(2)(c));
    `charges_paise` were paid to others, as for a tempo. Both are shared among the goods by value.
    Tax is input credit only where the vendor charges it under a GSTIN and the business is
    registered and not under composition (sections 16(1), 10(4)); else it is cost. With
    `reverse_charge` the business owes the tax itself and invoices itself (sections 9(3), 31(3)(f)).
    `total_paise` is what the paper says: up to a rupee off is rounding. `paid_by` is a way to pay
    when all of it was paid at once. What was ordered is noted on the order: where none is named,
    on the vendor's oldest that fits.

    Raises NotFound("vendor", "product", "purchase_order"), Invalid("no_lines", "too_many_lines",
    "bad_amount", "bad_quantity", "bad_rate", "bad_method", "bad_number", "date_in_future"),
    Conflict("bill_known", "bill_total_differs", "not_open").
    """
    require(ctx, Permission.RECORD_PURCHASE)
    seller, own = _vendor(ctx, vendor_id, vendor_name), business(ctx)
    day = on or ctx.today
    _check(ctx, day, [freight_paise, charges_paise], [charges_method, paid_by or "cash"])
    priced = _price(
        own,
        seller,
        _bought(ctx, lines),
        day=day,
        inclusive=inclusive and not reverse_charge,
        reverse_charge=reverse_charge,
        freight=freight_paise,
        charges=charges_paise,
        said_total=total_paise,
    )
    bill_id = new_id()
    came = _coming(priced)
    order_id = receive(
        ctx,
        vendor_id=seller.id,
        came={one: quantity for one, (quantity, _) in came.items()},
        order_id=order_id,
    )
    inventory.bring_in(ctx, came, source=("purchase", bill_id), dated=_dated(priced, lines))
    kind = "self_invoice" if reverse_charge else "bill"
    number = (
        next_number(ctx, SELF_INVOICE, rules.state_of(own) or own.state, day).text
        if reverse_charge
        else _paper_number(ctx, seller.id, number, day)
    )
    _insert_bill(ctx, bill_id, seller, kind, number, day, priced, charges_paise, order_id)
    post(
        ctx,
        kind="purchase",
        on=day,
        postings=_postings(seller.id, priced, charges_paise, charges_method),
        source=("purchase", bill_id),
    )
    paid = priced.total if paid_by else 0
    if paid and paid_by:
        _pay(ctx, seller.id, paid, paid_by, day)
    credit = sum(priced.tax) if priced.credit else 0
    amounts = {"taxable": priced.assessment.value, "tax": sum(priced.tax), "credit": credit}
    ctx.record(
        "purchase.recorded",
        entity=bill_id,
        vendor_id=str(seller.id),
        bill=kind,
        total=priced.total,
        paid=paid,
        lines=len(priced.lines),
        **amounts,
    )
    return {
        "bill_id": str(bill_id),
        "number": number,
        "vendor_id": str(seller.id),
        "vendor": seller.name,
        "taxable": amounts["taxable"],
        "tax": amounts["tax"],
        "credit": credit,
        "cost": sum(priced.cost(at) for at in range(len(priced.lines))),
        "total": priced.total,
        "paid": paid,
        "owed": _owed(ctx, seller.id),
        "order_id": str(order_id) if order_id else None,
    }


def preview_bill(
    reader: Reader,
    *,
    lines: Sequence[LineBought],
    vendor_id: UUID | None,
    inclusive: bool = False,
    reverse_charge: bool = False,
) -> tuple[int, int, int]:
    """(total, its tax, tax set off) of a bill before it is written; no vendor, a new one. Under
    reverse charge the total, which the vendor gets, is without the tax."""
    seller = vendor(reader, vendor_id) if vendor_id else None
    priced = _price(
        business(reader),
        seller,
        _bought(reader, lines),
        day=reader.today,
        inclusive=inclusive and not reverse_charge,
        reverse_charge=reverse_charge,
    )
    tax = sum(priced.tax)
    return priced.total, tax, tax if priced.credit else 0


def return_goods(
    ctx: Context,
    *,
    vendor_id: UUID,
    lines: Sequence[Mapping[str, str]],
    bill_id: UUID | None = None,
    on: date | None = None,
) -> GoodsReturned:
    """Send goods back to their vendor: a debit note on the bill they came by, at its prices.

    Without `bill_id` it is the vendor's latest bill that still has so much of all of them. Goods
    leave stock at what they have cost on average; where that differs from the bill, the difference
    is cost of goods sold. A line is {"product_id", "quantity"}. Raises NotFound("purchase"),
    Conflict("not_bought_here", "out_of_stock", "stock_reserved"), Invalid("no_lines").
    """
    require(ctx, Permission.RECORD_PURCHASE)
    wanted = _wanted_back(ctx, lines)
    document, taken = _bill_with(ctx, vendor_id, wanted, bill_id)
    day = on or ctx.today
    _check(ctx, day, [], [])
    note_id = new_id()
    cost = inventory.send_back(ctx, wanted, source=("purchase", note_id))
    own = business(ctx)
    number = next_number(ctx, RETURN, rules.state_of(own) or own.state, day).text
    sums = {name: sum(part[name] for part in taken.values()) for name in (*_PARTS, "total")}
    _insert_note(ctx, note_id, document, number, day, taken, sums)
    tax = tuple(sums[head] for head in HEADS)
    borne = sum(tax) if document.reverse_charge else 0
    total = sums["total"] - borne
    set_off = [-paise if document.input_credit else 0 for paise in tax]
    owed_tax = tax if document.reverse_charge else (0,) * len(HEADS)
    postings = [
        Posting(chart.PAYABLE, total, document.vendor_id),
        Posting(chart.INVENTORY, -cost),
        *(Posting(account, paise) for account, paise in zip(INPUT, set_off, strict=True)),
        *(Posting(account, paise) for account, paise in zip(OUTPUT, owed_tax, strict=True)),
    ]
    difference = -sum(posting.paise for posting in postings)
    post(
        ctx,
        kind="debit_note",
        on=day,
        postings=[*postings, Posting(chart.COGS, difference)],
        source=("purchase", note_id),
    )
    ctx.record(
        "purchase.returned",
        entity=note_id,
        vendor_id=str(document.vendor_id),
        bill_id=str(document.id),
        total=total,
        number=number,
    )
    return {
        "note_id": str(note_id),
        "number": number,
        "bill_id": str(document.id),
        "vendor_id": str(document.vendor_id),
        "vendor": document.vendor,
        "taxable": sums["taxable"],
        "tax": sum(tax),
        "total": total,
        "owed": _owed(ctx, document.vendor_id),
    }


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
    day = on or ctx.today
    _check(ctx, day, [amount_paise - 1], [method])
    named = vendor_id or vendor_name
    seller = _vendor(ctx, vendor_id, vendor_name) if named else None
    before = _owed(ctx, seller.id) if seller else 0
    payment_id = _pay(ctx, seller.id if seller else None, amount_paise, method, day)
    if seller:
        reclaim(ctx, seller.id)
    return {
        "payment_id": str(payment_id),
        "vendor_id": str(seller.id) if seller else None,
        "vendor": seller.name if seller else None,
        "amount": amount_paise,
        "method": method,
        "before": before,
        "after": before - amount_paise if seller else 0,
        "awaited": awaited(ctx),
    }


def undo_payment(ctx: Context, *, payment_id: UUID) -> VendorPaid:
    """Take back a payment that was written wrongly, by the opposite of its entry.

    Raises NotFound("vendor_payment"), Conflict("already_reversed", "period_locked").
    """
    require(ctx, Permission.PAY_VENDOR)
    paid = payment(ctx, payment_id)
    entry = next(one for one in entries_of(ctx, VENDOR_PAYMENT, payment_id) if one.reverses is None)
    before = _owed(ctx, paid.vendor_id) if paid.vendor_id else 0
    reverse(ctx, entry.id, "mistake")
    ctx.record("vendor.payment_undone", entity=payment_id, amount=paid.amount)
    names = vendors_named(ctx, [paid.vendor_id] if paid.vendor_id else [])
    return {
        "payment_id": str(payment_id),
        "vendor_id": str(paid.vendor_id) if paid.vendor_id else None,
        "vendor": names.get(paid.vendor_id) if paid.vendor_id else None,
        "amount": paid.amount,
        "method": paid.method,
        "before": before,
        "after": before + paid.amount if paid.vendor_id else 0,
        "awaited": awaited(ctx),
    }


def bill_awaited_goods(ctx: Context, *, vendor_id: UUID, amount_paise: int) -> BillRecorded:
    """Say whose the goods were that came without a bill: they are owed to this vendor.

    Raises NotFound("vendor"), Conflict("nothing_awaited").
    """
    require(ctx, Permission.RECORD_PURCHASE)
    seller = vendor(ctx, vendor_id)
    if not 0 < amount_paise <= awaited(ctx):
        raise Conflict("nothing_awaited")
    bill_id = new_id()
    _write_head(
        ctx,
        bill_id,
        vendor_id=seller.id,
        kind="awaited",
        on=ctx.today,
        taxable_paise=amount_paise,
        total_paise=amount_paise,
    )
    post(
        ctx,
        kind="purchase",
        on=ctx.today,
        postings=[
            Posting(chart.PURCHASES_PENDING, amount_paise),
            Posting(chart.PAYABLE, -amount_paise, seller.id),
        ],
        source=("purchase", bill_id),
    )
    ctx.record(
        "purchase.recorded",
        entity=bill_id,
        vendor_id=str(seller.id),
        bill="awaited",
        total=amount_paise,
        paid=0,
        lines=0,
    )
    return {
        "bill_id": str(bill_id),
        "number": None,
        "vendor_id": str(seller.id),
        "vendor": seller.name,
        "taxable": amount_paise,
        "tax": 0,
        "credit": 0,
        "cost": 0,
        "total": amount_paise,
        "paid": 0,
        "owed": _owed(ctx, seller.id),
        "order_id": None,
    }


def _vendor(ctx: Context, vendor_id: UUID | None, name: str | None) -> Vendor:
    if vendor_id is None and not name:
        raise Invalid("bad_name")
    return vendor(ctx, vendor_id or vendor_named(ctx, name or ""))


def _check(ctx: Context, day: date, amounts: Sequence[int], methods: Sequence[str]) -> None:
    if any(not 0 <= paise < LARGEST_AMOUNT for paise in amounts):
        raise Invalid("bad_amount")
    if any(method not in PAID_FROM for method in methods):
        raise Invalid("bad_method")
    if day > ctx.today:
        raise Invalid("date_in_future")


def _bought(reader: Reader, lines: Sequence[LineBought]) -> list[tuple[DraftLine, int | None]]:
    """The goods of a bill, and the rate that the bill says where it does."""
    if not lines:
        raise Invalid("no_lines")
    if len(lines) > MOST_LINES:
        raise Invalid("too_many_lines")
    known = products_by_id(reader, [UUID(str(line["product_id"])) for line in lines])
    return [(_line(known, line), line.get("rate")) for line in lines]


def _line(known: Mapping[UUID, Product], line: LineBought) -> DraftLine:
    product = known.get(UUID(str(line["product_id"])))
    if product is None:
        raise NotFound("product", product_id=str(line["product_id"]))
    price = int(line["unit_price_paise"])
    if not 0 <= price <= LARGEST_AMOUNT:
        raise Invalid("bad_amount")
    quantity = positive(parse_quantity(str(line["quantity"])), product.unit)
    return DraftLine(product, quantity, price, product.hsn, product.gst_rate, product.rate_known)


def _price(
    own: Business,
    seller: Vendor | None,
    bought: Sequence[tuple[DraftLine, int | None]],
    *,
    day: date,
    inclusive: bool,
    reverse_charge: bool = False,
    freight: int = 0,
    charges: int = 0,
    said_total: int | None = None,
) -> _Priced:
    home = rules.state_of(own) or own.state
    registered = seller is not None and seller.gstin is not None
    taxed = registered or reverse_charge
    terms = Terms(
        supplier_state=(rules.state_of(seller) if seller else None) or home,
        place_of_supply=home,
        charge_tax=taxed,
        prices_include_tax=inclusive,
        on=day,
    )
    lines = tuple(_at_rate(line, rate, terms) for line, rate in bought)
    found = assess(
        [
            taxed_line(
                line.term,
                quantity=line.quantity,
                unit=line.product.unit,
                unit_price=line.unit_price_paise,
                rate=line.gst_rate,
                hsn=line.hsn,
                inclusive=inclusive,
                rsp=line.product.mrp_paise,
            )
            for line in lines
        ],
        supplier_state=terms.supplier_state,
        place_of_supply=home,
        charge_tax=taxed,
        reverse_charge=reverse_charge,
        freight=freight,
    )
    if found.total + charges > LARGEST_AMOUNT:
        raise Invalid("bad_amount")
    difference = 0 if said_total is None else said_total - found.payable
    if abs(difference) > MOST_ROUNDED:
        raise Conflict("bill_total_differs", amount=found.payable, said=said_total)
    return _Priced(
        assessment=found,
        lines=lines,
        charges=_shares(charges, found.lines),
        credit=taxed and rules.charges_tax(own),
        difference=difference,
    )


def _at_rate(line: DraftLine, rate: int | None, terms: Terms) -> DraftLine:
    """The line at the rate of the bill, else of the law; a rate that nobody knows is none."""
    found = lawful_line(line, terms)
    if rate is not None:
        return replace(found, gst_rate=rate, term=found.term if found.gst_rate == rate else None)
    return found if found.rate_known else replace(found, gst_rate=0)


def _shares(charges: int, lines: Sequence[AssessedLine]) -> tuple[int, ...]:
    values = [line.taxable for line in lines]
    return tuple(split_by_largest_remainder(charges, values if any(values) else [1] * len(lines)))


def _coming(priced: _Priced) -> dict[UUID, tuple[Decimal, int]]:
    """How much of each product the bill brings, and at what cost."""
    coming: dict[UUID, tuple[Decimal, int]] = {}
    for at, line in enumerate(priced.lines):
        quantity, value = coming.get(line.product.id, (Decimal(0), 0))
        coming[line.product.id] = (quantity + line.quantity, value + priced.cost(at))
    return coming


def _dated(priced: _Priced, lines: Sequence[LineBought]) -> dict[UUID, list[BatchCome]]:
    dated: dict[UUID, list[BatchCome]] = {}
    for line, said in zip(priced.lines, lines, strict=True):
        if expires := said.get("expires_on"):
            batch = BatchCome(line.quantity, date.fromisoformat(expires), said.get("batch"))
            dated.setdefault(line.product.id, []).append(batch)
    return dated


def _paper_number(ctx: Context, vendor_id: UUID, number: str | None, day: date) -> str | None:
    """The number on the paper. One bill is not recorded twice, also not by two at once."""
    cleaned = "".join((number or "").split()).upper() or None
    if cleaned is None:
        return None
    if len(cleaned) > LONGEST_NUMBER:
        raise Invalid("bad_number")
    key = f"purchase:{vendor_id}:{cleaned}"
    ctx.connection.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(key, ctx.business_id)))
    )
    head = purchase_bills.c
    if ctx.connection.execute(
        select(head.id).where(
            head.business_id == ctx.business_id,
            head.vendor_id == vendor_id,
            head.financial_year == financial_year(day),
            head.number == cleaned,
            head.kind == "bill",
        )
    ).first():
        raise Conflict("bill_known", number=cleaned)
    return cleaned


def _insert_bill(
    ctx: Context,
    bill_id: UUID,
    seller: Vendor,
    kind: str,
    number: str | None,
    day: date,
    priced: _Priced,
    charges: int,
    order_id: UUID | None,
) -> None:
    found = priced.assessment
    _write_head(
        ctx,
        bill_id,
        vendor_id=seller.id,
        kind=kind,
        on=day,
        number=number,
        order_id=order_id,
        supplier_gstin=seller.gstin,
        inter_state=found.inter_state,
        reverse_charge=found.reverse_charge,
        input_credit=priced.credit,
        taxable_paise=found.value,
        cgst_paise=found.cgst,
        sgst_paise=found.sgst,
        igst_paise=found.igst,
        cess_paise=found.cess,
        round_off_paise=found.round_off + priced.difference,
        charges_paise=charges,
        total_paise=priced.total,
    )
    ctx.connection.execute(
        insert(purchase_lines),
        [
            {
                "business_id": ctx.business_id,
                "bill_id": bill_id,
                "position": at + 1,
                "of_position": None,
                "product_id": line.product.id,
                "quantity": line.quantity,
                "unit_price_paise": line.unit_price_paise,
                "gst_rate": assessed.rate,
                "taxable_paise": assessed.value,
                "cgst_paise": assessed.cgst,
                "sgst_paise": assessed.sgst,
                "igst_paise": assessed.igst,
                "cess_paise": assessed.cess,
                "round_off_paise": assessed.round_off,
                "charges_paise": priced.charges[at],
                "cost_paise": priced.cost(at),
            }
            for at, (line, assessed) in enumerate(zip(priced.lines, found.lines, strict=True))
        ],
    )


_EMPTY: Mapping[str, Any] = {
    "number": None,
    "against": None,
    "order_id": None,
    "supplier_gstin": None,
    "inter_state": False,
    "reverse_charge": False,
    "input_credit": False,
    "cgst_paise": 0,
    "sgst_paise": 0,
    "igst_paise": 0,
    "cess_paise": 0,
    "round_off_paise": 0,
    "charges_paise": 0,
}


def _write_head(ctx: Context, bill_id: UUID, *, on: date, **values: Any) -> None:
    ctx.connection.execute(
        insert(purchase_bills).values(
            business_id=ctx.business_id,
            id=bill_id,
            on_date=on,
            financial_year=financial_year(on),
            created_at=ctx.now,
            **{**_EMPTY, **values},
        )
    )


def _postings(vendor_id: UUID, priced: _Priced, charges: int, charges_method: str) -> list[Posting]:
    cost = sum(priced.cost(at) for at in range(len(priced.lines)))
    nothing = (0,) * len(HEADS)
    set_off = priced.tax if priced.credit else nothing
    owed = priced.tax if priced.assessment.reverse_charge else nothing
    return [
        Posting(chart.INVENTORY, cost),
        *(Posting(account, paise) for account, paise in zip(INPUT, set_off, strict=True)),
        *(Posting(account, -paise) for account, paise in zip(OUTPUT, owed, strict=True)),
        Posting(chart.ROUND_OFF, priced.difference),
        Posting(chart.PAYABLE, -priced.total, vendor_id),
        Posting(PAID_FROM[charges_method], -charges),
    ]


def _pay(ctx: Context, vendor_id: UUID | None, amount: int, method: str, day: date) -> UUID:
    payment_id = new_id()
    ctx.connection.execute(
        insert(vendor_payments).values(
            business_id=ctx.business_id,
            id=payment_id,
            vendor_id=vendor_id,
            amount_paise=amount,
            method=method,
            on_date=day,
            created_at=ctx.now,
        )
    )
    debited = chart.PAYABLE if vendor_id else chart.PURCHASES_PENDING
    post(
        ctx,
        kind="vendor_payment",
        on=day,
        postings=[Posting(debited, amount, vendor_id), Posting(PAID_FROM[method], -amount)],
        source=(VENDOR_PAYMENT, payment_id),
    )
    ctx.record(
        "vendor.paid",
        entity=payment_id,
        vendor_id=str(vendor_id) if vendor_id else None,
        amount=amount,
        method=method,
    )
    return payment_id


def _owed(ctx: Context, vendor_id: UUID) -> int:
    return -balance_of(ctx, chart.PAYABLE, vendor_id)


# Goods that go back.

_PARTS = ("taxable", *HEADS, "round_off")


def _wanted_back(ctx: Context, lines: Sequence[Mapping[str, str]]) -> dict[UUID, Decimal]:
    if not lines:
        raise Invalid("no_lines")
    known = products_by_id(ctx, [UUID(str(line["product_id"])) for line in lines])
    wanted: dict[UUID, Decimal] = {}
    for line in lines:
        product = known.get(UUID(str(line["product_id"])))
        if product is None:
            raise NotFound("product", product_id=str(line["product_id"]))
        quantity = positive(parse_quantity(str(line["quantity"])), product.unit)
        wanted[product.id] = wanted.get(product.id, Decimal(0)) + quantity
    return wanted


def _bill_with(
    ctx: Context, vendor_id: UUID, wanted: Mapping[UUID, Decimal], bill_id: UUID | None
) -> tuple[Bill, dict[int, dict[str, Any]]]:
    """The bill that goods came by, locked, and what of each of its lines goes back."""
    candidates = [bill(ctx, bill_id)] if bill_id else list(reversed(bills_of(ctx, vendor_id)))
    for one in candidates:
        if one.kind not in BOUGHT or one.vendor_id != vendor_id:
            continue
        if not set(wanted) <= {line.product_id for line in one.lines}:
            continue
        # Bills never change, so their rows are not locked: two notes on one bill take turns here.
        key = f"purchase:{one.id}"
        ctx.connection.execute(
            select(func.pg_advisory_xact_lock(func.hashtextextended(key, ctx.business_id)))
        )
        taken = _taken(one, wanted, returned_of(ctx, one.id))
        if taken is not None:
            return one, taken
    raise Conflict("not_bought_here")


def _taken(
    document: Bill,
    wanted: Mapping[UUID, Decimal],
    before: Mapping[int, Mapping[str, int | Decimal]],
) -> dict[int, dict[str, Any]] | None:
    """Each line's part that goes back, to the paisa of the whole line; None when too little."""
    left = dict(wanted)
    taken: dict[int, dict[str, Any]] = {}
    for line in document.lines:
        gone = before.get(line.position, {})
        already = Decimal(gone.get("quantity", 0))
        quantity = min(left.get(line.product_id, Decimal(0)), line.quantity - already)
        if quantity <= 0:
            continue
        left[line.product_id] -= quantity
        share = (already + quantity) / line.quantity
        part: dict[str, Any] = {"line": line, "quantity": quantity}
        for name in _PARTS:
            part[name] = half_up(getattr(line, name) * share) - int(gone.get(name, 0))
        part["total"] = sum(part[name] for name in _PARTS)
        taken[line.position] = part
    return None if any(left.values()) else taken


def _insert_note(
    ctx: Context,
    note_id: UUID,
    document: Bill,
    number: str,
    day: date,
    taken: Mapping[int, Mapping[str, Any]],
    sums: Mapping[str, int],
) -> None:
    borne = sum(sums[head] for head in HEADS) if document.reverse_charge else 0
    _write_head(
        ctx,
        note_id,
        vendor_id=document.vendor_id,
        kind="debit_note",
        number=number,
        against=document.id,
        on=day,
        supplier_gstin=document.supplier_gstin,
        inter_state=document.inter_state,
        reverse_charge=document.reverse_charge,
        input_credit=document.input_credit,
        total_paise=sums["total"] - borne,
        **{f"{name}_paise": sums[name] for name in _PARTS},
    )
    ctx.connection.execute(
        insert(purchase_lines),
        [
            {
                "business_id": ctx.business_id,
                "bill_id": note_id,
                "position": at + 1,
                "of_position": position,
                "product_id": part["line"].product_id,
                "quantity": part["quantity"],
                "unit_price_paise": part["line"].unit_price,
                "gst_rate": part["line"].gst_rate,
                "charges_paise": 0,
                "cost_paise": part["taxable"],
                **{f"{name}_paise": part[name] for name in _PARTS},
            }
            for at, (position, part) in enumerate(taken.items())
        ],
    )
