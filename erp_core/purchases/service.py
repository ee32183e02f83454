"""Recording what was bought: a vendor's bill with its goods, or whose the goods without one were.

They lock, in this order: the vendor's name, the purchase order, stock rows by product id, the
number series.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import insert, select

from erp_core.catalogue.queries import Product, products_by_id
from erp_core.expenses.service import clean_number, refuse_known
from erp_core.inventory import service as inventory
from erp_core.inventory.batches import BatchCome
from erp_core.invoicing.numbering import next_number
from erp_core.journal.context import Context, Reader
from erp_core.kernel.clock import financial_year
from erp_core.kernel.errors import Conflict, Invalid, NotFound
from erp_core.kernel.ids import new_id
from erp_core.kernel.money import LARGEST_AMOUNT, split_by_largest_remainder
from erp_core.kernel.quantity import parse_quantity, positive
from erp_core.ledger import chart
from erp_core.ledger.service import Posting, post
from erp_core.orders.pricing import MOST_LINES, DraftLine, Terms, assessed, lawful_line
from erp_core.parties.permissions import Permission, require
from erp_core.parties.queries import Business, Customer, Vendor, business, trader_named, vendor
from erp_core.purchases.documents import SELF_INVOICE, is_taken_back, write_head
from erp_core.purchases.models import purchase_bills, purchase_lines
from erp_core.purchases.ordering import receive
from erp_core.purchases.paying import owed, paid_from, pay, vendor_of
from erp_core.purchases.queries import HEADS, awaited
from erp_core.tax import rules
from erp_core.tax.gst import AssessedLine, Assessment

MOST_ROUNDED = 100
"""By so many paise may the total on a paper bill differ from its lines: it is rounded to rupees."""


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
    """`total` is what the vendor gets, `cost` what came into stock, `owed` what is owed now.
    `credit_until` is the last day on which the bill's credit could be taken, where it is over."""

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
    credit_until: str | None


@dataclass(frozen=True)
class _Priced:
    """A bill worked out: what each line costs, and which tax is set off; `late` where it would be
    but for its age (section 16(4))."""

    assessment: Assessment
    lines: tuple[DraftLine, ...]
    charges: tuple[int, ...]
    credit: bool
    difference: int
    late: bool = False

    @property
    def heads(self) -> dict[str, int]:
        return {head: getattr(self.assessment, head) for head in HEADS}

    @property
    def tax(self) -> int:
        return sum(self.heads.values())

    @property
    def set_off(self) -> int:
        return self.tax if self.credit else 0

    def cost(self, at: int) -> int:
        """What a line stands for in stock."""
        line = self.assessment.lines[at]
        borne = 0 if self.credit else line.tax + line.cess
        return line.value + line.round_off + borne + self.charges[at]

    @property
    def whole_cost(self) -> int:
        return sum(self.cost(at) for at in range(len(self.lines)))

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
    instead_of: UUID | None = None,
) -> BillRecorded:
    """Record a vendor's bill together with its goods, which come into stock at landed cost.

    `freight_paise` stands on the bill, `charges_paise` were paid to others, as for a tempo. With
    `reverse_charge` the business owes the tax itself and invoices itself (sections 9(3),
    31(3)(f)): portals.reverse_charged_goods posts that tax, with the return that is open.
    `total_paise` is what the paper says. `paid_by` is a way to pay when all of it was paid at once.
    `instead_of` is a bill that is taken off the books in the same command, and may bear the number.
    What was ordered is noted on the order: where none is named, on the vendor's oldest that fits.

    Raises NotFound("vendor", "product", "purchase_order"), Invalid("no_lines", "too_many_lines",
    "bad_amount", "bad_quantity", "bad_rate", "bad_method", "bad_number", "date_in_future"),
    Conflict("bill_known", "expense_known", "bill_total_differs", "not_open").
    """
    require(ctx, Permission.RECORD_PURCHASE)
    seller, day = vendor_of(ctx, vendor_id, vendor_name), ctx.day_of(on)
    priced = _price(
        ctx,
        seller,
        _bought(ctx, lines),
        day=day,
        inclusive=inclusive,
        reverse_charge=reverse_charge,
        freight=_amount(freight_paise),
        charges=_amount(charges_paise),
        said_total=total_paise,
    )
    bill_id = new_id()
    order_id = _take_in(ctx, bill_id, seller, priced, lines, order_id)
    kind = "self_invoice" if reverse_charge else "bill"
    if reverse_charge:
        number, edition = _own_number(ctx), 0
    else:
        number, edition = _paper_number(ctx, seller, number, day, instead_of)
    named = {"kind": kind, "number": number, "edition": edition, "order_id": order_id}
    _insert(ctx, bill_id, seller, priced, on=day, **named)
    postings = _postings(seller.id, priced, paid_from(charges_method))
    post(ctx, kind="purchase", on=day, postings=postings, source=("purchase", bill_id))
    paid = pay(ctx, seller.id, priced.total, paid_by, day).amount if paid_by and priced.total else 0
    return _recorded(
        ctx, bill_id, seller, priced, kind=kind, number=number, on=day, paid=paid, order_id=order_id
    )


def _recorded(
    ctx: Context,
    bill_id: UUID,
    seller: Vendor,
    priced: _Priced,
    *,
    kind: str,
    number: str | None,
    on: date,
    paid: int,
    order_id: UUID | None,
) -> BillRecorded:
    """The journal's event, and what is told."""
    ctx.record(
        "purchase.recorded",
        entity=bill_id,
        vendor_id=str(seller.id),
        bill=kind,
        total=priced.total,
        paid=paid,
        lines=len(priced.lines),
        taxable=priced.assessment.value,
        tax=priced.tax,
        credit=priced.set_off,
    )
    return {
        "bill_id": str(bill_id),
        "number": number,
        "vendor_id": str(seller.id),
        "vendor": seller.name,
        "taxable": priced.assessment.value,
        "tax": priced.tax,
        "credit": priced.set_off,
        "cost": priced.whole_cost,
        "total": priced.total,
        "paid": paid,
        "owed": owed(ctx, seller.id),
        "order_id": str(order_id) if order_id else None,
        "credit_until": rules.last_day_for(on).isoformat() if priced.late else None,
    }


def preview_bill(
    reader: Reader,
    *,
    lines: Sequence[LineBought],
    vendor_id: UUID | None,
    vendor_name: str | None = None,
    inclusive: bool = False,
    reverse_charge: bool = False,
    freight_paise: int = 0,
    on: date | None = None,
) -> tuple[int, int, int]:
    """(total, its tax, tax set off) of a bill before it is written; no vendor, a new one. Under
    reverse charge the total, which the vendor gets, is without the tax."""
    seller = vendor(reader, vendor_id) if vendor_id else trader_named(reader, vendor_name or "")
    priced = _price(
        reader,
        seller,
        _bought(reader, lines),
        day=on or reader.today,
        inclusive=inclusive,
        reverse_charge=reverse_charge,
        freight=_amount(freight_paise),
    )
    return priced.total, priced.tax, priced.set_off


def bill_awaited_goods(ctx: Context, *, vendor_id: UUID, amount_paise: int) -> BillRecorded:
    """Say whose the goods were that came without a bill: they are owed to this vendor.

    Raises NotFound("vendor"), Conflict("nothing_awaited").
    """
    require(ctx, Permission.RECORD_PURCHASE)
    seller = vendor(ctx, vendor_id)
    if not 0 < amount_paise <= awaited(ctx):
        raise Conflict("nothing_awaited")
    bill_id = _owe_awaited(ctx, seller.id, amount_paise)
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
        "owed": owed(ctx, seller.id),
        "order_id": None,
        "credit_until": None,
    }


def _owe_awaited(ctx: Context, vendor_id: UUID, amount_paise: int) -> UUID:
    """A bill for goods that are in stock already: what was owed to nobody yet, the vendor gets."""
    bill_id = new_id()
    write_head(
        ctx,
        bill_id,
        vendor_id=vendor_id,
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
            Posting(chart.PAYABLE, -amount_paise, vendor_id),
        ],
        source=("purchase", bill_id),
    )
    return bill_id


def _amount(paise: int) -> int:
    if not 0 <= paise < LARGEST_AMOUNT:
        raise Invalid("bad_amount")
    return paise


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
    reader: Reader,
    seller: Vendor | Customer | None,
    bought: Sequence[tuple[DraftLine, int | None]],
    *,
    day: date,
    inclusive: bool,
    reverse_charge: bool = False,
    freight: int = 0,
    charges: int = 0,
    said_total: int | None = None,
) -> _Priced:
    """Work a bill out. Freight is taxed with the goods (section 15(2)(c)); it and the charges are
    shared among them by value.

    Tax is input credit only where the vendor charges it under a GSTIN and the business is
    registered and not under composition (sections 16(1), 10(4)), until November after the year of
    the bill (section 16(4)); else it is cost. Up to a rupee off the total of the paper is rounding.
    """
    own = business(reader)
    registered = seller is not None and seller.gstin is not None
    taxed = registered or reverse_charge
    terms = _terms(own, seller, day, taxed=taxed, inclusive=inclusive and not reverse_charge)
    lines = tuple(_at_rate(line, rate, terms) for line, rate in bought)
    found = assessed(lines, terms, reverse_charge=reverse_charge, freight=freight)
    if found.total + charges > LARGEST_AMOUNT:
        raise Invalid("bad_amount")
    difference = 0 if said_total is None else said_total - found.payable
    if abs(difference) > MOST_ROUNDED:
        raise Conflict("bill_total_differs", amount=found.payable, said=said_total)
    credit = taxed and rules.charges_tax(own)
    late = credit and not reverse_charge and reader.today > rules.last_day_for(day)
    return _Priced(
        assessment=found,
        lines=lines,
        charges=_shares(charges, found.lines),
        credit=credit and not late,
        difference=difference,
        late=late,
    )


def _terms(
    own: Business, seller: Vendor | Customer | None, day: date, *, taxed: bool, inclusive: bool
) -> Terms:
    """The terms of a supply to the business, as from its own state where the vendor has none."""
    home = rules.home_of(own)
    return Terms(
        supplier_state=(rules.state_of(seller) if seller else None) or home,
        place_of_supply=home,
        charge_tax=taxed,
        prices_include_tax=inclusive,
        on=day,
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


def _take_in(
    ctx: Context,
    bill_id: UUID,
    seller: Vendor,
    priced: _Priced,
    said: Sequence[LineBought],
    order_id: UUID | None,
) -> UUID | None:
    """The goods come into stock, and off what was ordered of the vendor; by which order."""
    coming: dict[UUID, tuple[Decimal, int]] = {}
    for at, line in enumerate(priced.lines):
        quantity, value = coming.get(line.product.id, (Decimal(0), 0))
        coming[line.product.id] = (quantity + line.quantity, value + priced.cost(at))
    came = {product_id: quantity for product_id, (quantity, _) in coming.items()}
    filled = receive(ctx, vendor_id=seller.id, came=came, order_id=order_id)
    inventory.bring_in(ctx, coming, source=("purchase", bill_id), dated=_dated(priced, said))
    return filled


def _dated(priced: _Priced, lines: Sequence[LineBought]) -> dict[UUID, list[BatchCome]]:
    dated: dict[UUID, list[BatchCome]] = {}
    for line, said in zip(priced.lines, lines, strict=True):
        if expires := said.get("expires_on"):
            batch = BatchCome(line.quantity, date.fromisoformat(expires), said.get("batch"))
            dated.setdefault(line.product.id, []).append(batch)
    return dated


def _own_number(ctx: Context) -> str:
    """The next number of the invoices that a business makes out to itself."""
    return next_number(ctx, SELF_INVOICE, rules.home_of(business(ctx)), ctx.today).text


def _paper_number(
    ctx: Context, seller: Vendor, number: str | None, day: date, instead_of: UUID | None
) -> tuple[str | None, int]:
    """The number on the paper, and how many bills under it were taken off the books. One bill is
    not recorded twice, also not by two at once, and not as an expense and as goods."""
    cleaned = clean_number(number)
    if cleaned is None:
        return None, 0
    ctx.take_turns(f"purchase:{seller.id}:{cleaned}")
    head = purchase_bills.c
    rows = ctx.connection.execute(
        select(head.id, is_taken_back(head.id).label("taken_back")).where(
            head.business_id == ctx.business_id,
            head.vendor_id == seller.id,
            head.financial_year == financial_year(day),
            head.number == cleaned,
            head.kind == "bill",
        )
    ).all()
    if not all(row.taken_back or row.id == instead_of for row in rows):
        raise Conflict("bill_known", number=cleaned)
    refuse_known(ctx, cleaned, seller.gstin, seller.id, day)
    return cleaned, len(rows)


def _insert(
    ctx: Context, bill_id: UUID, seller: Vendor, priced: _Priced, *, on: date, **head: Any
) -> None:
    found = priced.assessment
    write_head(
        ctx,
        bill_id,
        on=on,
        vendor_id=seller.id,
        supplier_gstin=seller.gstin,
        inter_state=found.inter_state,
        reverse_charge=found.reverse_charge,
        input_credit=priced.credit,
        taxable_paise=found.value,
        **{f"{name}_paise": paise for name, paise in priced.heads.items()},
        round_off_paise=found.round_off + priced.difference,
        charges_paise=sum(priced.charges),
        total_paise=priced.total,
        **head,
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


def _postings(vendor_id: UUID, priced: _Priced, charges_from: str) -> list[Posting]:
    """What a bill moves but for tax under reverse charge, which may be told with a later return."""
    reverse = priced.assessment.reverse_charge
    set_off = priced.heads if priced.credit and not reverse else {}
    borne = priced.tax if reverse and not priced.credit else 0
    return [
        Posting(chart.INVENTORY, priced.whole_cost - borne),
        *(Posting(chart.INPUT_TAX[head], paise) for head, paise in set_off.items()),
        Posting(chart.ROUND_OFF, priced.difference),
        Posting(chart.PAYABLE, -priced.total, vendor_id),
        Posting(charges_from, -sum(priced.charges)),
    ]
