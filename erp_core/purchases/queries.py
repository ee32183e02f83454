"""Reading what was bought, from whom, and what is owed for it. Amounts are paise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, cast, func, select
from sqlalchemy.engine import Row
from sqlalchemy.sql.elements import ColumnElement

from erp_core.catalogue.models import products
from erp_core.journal.context import Reader
from erp_core.kernel.errors import NotFound
from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.parties.models import vendors
from erp_core.parties.permissions import Permission, require
from erp_core.purchases.models import purchase_bills, purchase_lines, vendor_payments

VENDOR_PAYMENT = "vendor_payment"
HEADS = ("cgst", "sgst", "igst", "cess")
BOUGHT = ("bill", "self_invoice")
"""Kinds of document that bring goods."""


@dataclass(frozen=True)
class BillLine:
    """Goods of a bill. `cost` is what they stand for in stock: with their share of charges, and
    with the tax where it cannot be set off. A debit note's line names its bill's `of_position`."""

    position: int
    of_position: int | None
    product_id: UUID
    product: str
    unit: str
    hsn: str | None
    quantity: Decimal
    unit_price: int
    gst_rate: int
    taxable: int
    cgst: int
    sgst: int
    igst: int
    cess: int
    round_off: int
    charges: int
    cost: int

    @property
    def tax(self) -> int:
        """All heads, cess too."""
        return self.cgst + self.sgst + self.igst + self.cess


@dataclass(frozen=True)
class Bill:
    """A vendor's bill, our own invoice under reverse charge, or a debit note.

    `total` is what the vendor gets for it; `charges` went to others, for bringing the goods.
    `input_credit`: its tax is set off, and no cost.
    """

    id: UUID
    vendor_id: UUID
    vendor: str
    kind: str
    number: str | None
    against: UUID | None
    order_id: UUID | None
    on: date
    supplier_gstin: str | None
    inter_state: bool
    reverse_charge: bool
    input_credit: bool
    taxable: int
    cgst: int
    sgst: int
    igst: int
    cess: int
    round_off: int
    charges: int
    total: int
    lines: tuple[BillLine, ...]

    @property
    def tax(self) -> int:
        """All heads, cess too."""
        return self.cgst + self.sgst + self.igst + self.cess

    @property
    def sign(self) -> int:
        """What the document does to purchases: -1 for a debit note."""
        return -1 if self.kind == "debit_note" else 1


@dataclass(frozen=True)
class Payable:
    """What a vendor is owed; below zero, what was paid in advance."""

    vendor_id: UUID
    name: str
    paise: int


@dataclass(frozen=True)
class Paid:
    """Money that a vendor got; without a vendor, for goods whose bill was awaited."""

    id: UUID
    vendor_id: UUID | None
    amount: int
    method: str
    on: date


@dataclass(frozen=True)
class LastBought:
    """From whom a product was bought last, and for how much apiece."""

    product_id: UUID
    vendor_id: UUID
    vendor: str
    unit_price: int
    on: date


def bill(reader: Reader, bill_id: UUID) -> Bill:
    """A bill by its id. Raises NotFound("purchase")."""
    require(reader, Permission.VIEW_PURCHASES)
    found = bills_where(reader, purchase_bills.c.id == bill_id)
    if not found:
        raise NotFound("purchase", bill_id=str(bill_id))
    return found[0]


def bills_between(
    reader: Reader, start: date, end: date, *, vendor_id: UUID | None = None
) -> list[Bill]:
    """Bills and debit notes from one day to another, both included, oldest first."""
    require(reader, Permission.VIEW_PURCHASES)
    return bills_where(reader, purchase_bills.c.on_date.between(start, end), vendor_id)


def bills_of(reader: Reader, vendor_id: UUID) -> list[Bill]:
    """All bills of a vendor, oldest first."""
    require(reader, Permission.VIEW_PURCHASES)
    return bills_where(reader, purchase_bills.c.vendor_id == vendor_id)


def returned_of(reader: Reader, bill_id: UUID) -> dict[int, Mapping[str, int | Decimal]]:
    """What debit notes have taken off each line of a bill so far, by the line's position."""
    c = purchase_lines.c
    sums: dict[str, ColumnElement[Any]] = {"quantity": func.sum(c.quantity)}
    for name in ("taxable", *HEADS, "round_off"):
        sums[name] = cast(func.sum(c[f"{name}_paise"]), BigInteger)
    rows = reader.connection.execute(
        select(c.of_position, *(column.label(name) for name, column in sums.items()))
        .select_from(purchase_lines.join(purchase_bills, _of_bill()))
        .where(
            purchase_bills.c.business_id == reader.business_id,
            purchase_bills.c.against == bill_id,
        )
        .group_by(c.of_position)
    )
    return {row.of_position: {name: row[name] for name in sums} for row in rows}


def payables(reader: Reader) -> list[Payable]:
    """What is owed to vendors, the largest first; advances to vendors last."""
    require(reader, Permission.VIEW_PURCHASES)
    owed = {party: -paise for party, paise in ledger.party_balances(reader, chart.PAYABLE)}
    names = vendors_named(reader, owed)
    return sorted(
        (Payable(party, names.get(party, ""), paise) for party, paise in owed.items()),
        key=lambda one: (-one.paise, one.name),
    )


def owed_to(reader: Reader, vendor_id: UUID) -> int:
    """What one vendor is owed; below zero, what was paid in advance."""
    require(reader, Permission.VIEW_PURCHASES)
    return -ledger.balance_of(reader, chart.PAYABLE, vendor_id)


def awaited(reader: Reader) -> int:
    """What goods have cost that came without a bill and that nobody has been paid for yet."""
    return -ledger.balance_of(reader, chart.PURCHASES_PENDING)


def vendors_named(reader: Reader, ids: Collection[UUID]) -> dict[UUID, str]:
    """The names of vendors by id."""
    rows = reader.connection.execute(
        select(vendors.c.id, vendors.c.name).where(
            vendors.c.business_id == reader.business_id, vendors.c.id.in_(set(ids))
        )
    )
    return {row.id: row.name for row in rows}


def payment(reader: Reader, payment_id: UUID) -> Paid:
    """Money that a vendor got, also where it was taken back. Raises NotFound("vendor_payment")."""
    require(reader, Permission.VIEW_PURCHASES)
    c = vendor_payments.c
    row = reader.connection.execute(
        select(c.id, c.vendor_id, c.amount_paise, c.method, c.on_date).where(
            c.business_id == reader.business_id, c.id == payment_id
        )
    ).one_or_none()
    if row is None:
        raise NotFound("vendor_payment", payment_id=str(payment_id))
    return Paid(*row)


def last_paid(reader: Reader, vendor_id: UUID) -> Paid | None:
    """The last money that a vendor got and that was not taken back."""
    require(reader, Permission.VIEW_PURCHASES)
    c = vendor_payments.c
    rows = reader.connection.execute(
        select(c.id, c.vendor_id, c.amount_paise, c.method, c.on_date)
        .where(c.business_id == reader.business_id, c.vendor_id == vendor_id)
        .order_by(c.on_date.desc(), c.id.desc())
    )
    stands = (
        Paid(*row) for row in rows if len(ledger.entries_of(reader, VENDOR_PAYMENT, row.id)) == 1
    )
    return next(stands, None)


def last_bought(
    reader: Reader, product_ids: Collection[UUID] | None = None
) -> dict[UUID, LastBought]:
    """The last purchase of each product: who usually brings it, and what it cost apiece."""
    line, head = purchase_lines.c, purchase_bills.c
    query = (
        select(line.product_id, head.vendor_id, vendors.c.name, line.unit_price_paise, head.on_date)
        .select_from(
            purchase_lines.join(purchase_bills, _of_bill()).join(
                vendors,
                (vendors.c.business_id == head.business_id) & (vendors.c.id == head.vendor_id),
            )
        )
        .where(line.business_id == reader.business_id, head.kind.in_(BOUGHT))
        .distinct(line.product_id)
        .order_by(line.product_id, head.on_date.desc(), head.id.desc())
    )
    if product_ids is not None:
        query = query.where(line.product_id.in_(set(product_ids)))
    return {row[0]: LastBought(*row) for row in reader.connection.execute(query)}


def _of_bill() -> ColumnElement[Boolean]:
    return (purchase_lines.c.business_id == purchase_bills.c.business_id) & (
        purchase_lines.c.bill_id == purchase_bills.c.id
    )


def bills_where(
    reader: Reader, condition: ColumnElement[Boolean], vendor_id: UUID | None = None
) -> list[Bill]:
    """Bills by a condition, oldest first; for commands that have asked for their own permission."""
    head = purchase_bills.c
    query = (
        select(purchase_bills, vendors.c.name.label("vendor"))
        .join(
            vendors, (vendors.c.business_id == head.business_id) & (vendors.c.id == head.vendor_id)
        )
        .where(head.business_id == reader.business_id, condition)
        .order_by(head.on_date, head.created_at, head.id)
    )
    if vendor_id:
        query = query.where(head.vendor_id == vendor_id)
    rows = reader.connection.execute(query).all()
    lines = _lines(reader, [row.id for row in rows])
    return [_bill(row, lines.get(row.id, [])) for row in rows]


def _lines(reader: Reader, ids: Collection[UUID]) -> dict[UUID, list[BillLine]]:
    found: defaultdict[UUID, list[BillLine]] = defaultdict(list)
    if not ids:
        return found
    c = purchase_lines.c
    rows = reader.connection.execute(
        select(purchase_lines, products.c.name, products.c.unit, products.c.hsn)
        .join(products, (products.c.business_id == c.business_id) & (products.c.id == c.product_id))
        .where(c.business_id == reader.business_id, c.bill_id.in_(ids))
        .order_by(c.bill_id, c.position)
    )
    for row in rows:
        found[row.bill_id].append(
            BillLine(
                position=row.position,
                of_position=row.of_position,
                product_id=row.product_id,
                product=row.name,
                unit=row.unit,
                hsn=row.hsn,
                quantity=row.quantity,
                unit_price=row.unit_price_paise,
                gst_rate=row.gst_rate,
                taxable=row.taxable_paise,
                cgst=row.cgst_paise,
                sgst=row.sgst_paise,
                igst=row.igst_paise,
                cess=row.cess_paise,
                round_off=row.round_off_paise,
                charges=row.charges_paise,
                cost=row.cost_paise,
            )
        )
    return found


def _bill(row: Row, lines: list[BillLine]) -> Bill:
    return Bill(
        id=row.id,
        vendor_id=row.vendor_id,
        vendor=row.vendor,
        kind=row.kind,
        number=row.number,
        against=row.against,
        order_id=row.order_id,
        on=row.on_date,
        supplier_gstin=row.supplier_gstin,
        inter_state=row.inter_state,
        reverse_charge=row.reverse_charge,
        input_credit=row.input_credit,
        taxable=row.taxable_paise,
        cgst=row.cgst_paise,
        sgst=row.sgst_paise,
        igst=row.igst_paise,
        cess=row.cess_paise,
        round_off=row.round_off_paise,
        charges=row.charges_paise,
        total=row.total_paise,
        lines=tuple(lines),
    )
