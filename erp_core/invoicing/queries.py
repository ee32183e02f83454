"""Reading invoices. A customer finds only its own; another's is as if it were not there."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, case, cast, func, select
from sqlalchemy.engine import Row
from sqlalchemy.sql import ColumnElement, Select

from erp_core.db.many import one_of
from erp_core.invoicing.models import (
    amendments,
    equipment_sales,
    invoice_lines,
    invoices,
    notes,
)
from erp_core.journal.context import Reader
from erp_core.kernel.errors import NotFound
from erp_core.ledger import chart
from erp_core.parties.permissions import Permission, reach, require
from erp_core.payments.queries import Settlement, Status, settled, with_settlement
from erp_core.tax.rules import ZONES

_SERIAL = re.compile(r"\d{1,7}")
_NOT_IN_NUMBERS = re.compile(r"[^A-Z0-9]")


@dataclass(frozen=True)
class InvoiceLine:
    """A line as it was billed; amounts in paise, rates in basis points.

    `cess_units_paise` is the part of the cess that goes by the unit or the retail price. Where
    `by_rsp` the tax is that of `rsp_paise`, the retail sale price of one unit (rule 31D).
    `usual_rate`: what the goods bear where tax is charged, on a bill under composition.
    """

    product_id: UUID | None
    name: str
    hsn: str | None
    unit: str | None
    quantity: Decimal
    unit_price_paise: int
    inclusive: bool
    rate: int
    taxable_paise: int
    cgst_paise: int = 0
    sgst_paise: int = 0
    igst_paise: int = 0
    round_off_paise: int = 0
    discount_paise: int = 0
    cess_paise: int = 0
    cess_rate: int = 0
    cess_units_paise: int = 0
    rsp_paise: int | None = None
    by_rsp: bool = False
    usual_rate: int | None = None

    @property
    def tax_paise(self) -> int:
        """All heads, cess too."""
        return self.cgst_paise + self.sgst_paise + self.igst_paise + self.cess_paise

    @property
    def total_paise(self) -> int:
        return self.taxable_paise + self.tax_paise + self.round_off_paise


@dataclass(frozen=True)
class Invoice:
    """An invoice as it was issued, and how far it is paid now.

    `kind` is tax_invoice, invoice_cum_bill, bill_of_supply or bill; `status` issued or cancelled.
    `due_paise` and `payment_status` (unpaid, partial, paid) follow the payments; a cancelled
    invoice is not due.
    """

    id: UUID
    number: str
    kind: str
    status: str
    customer_id: UUID
    order_id: UUID | None
    on_date: date
    description_code: str | None
    supplier_name: str
    supplier_address: str | None
    supplier_gstin: str | None
    supplier_state: str
    customer_name: str
    customer_address: str | None
    customer_gstin: str | None
    customer_state: str | None
    place_of_supply: str
    subtotal_paise: int
    cgst_paise: int
    sgst_paise: int
    igst_paise: int
    round_off_paise: int
    total_paise: int
    due_paise: int
    payment_status: Status
    cancel_reason: str | None
    created_at: datetime
    lines: tuple[InvoiceLine, ...]
    treatment: str | None = None
    composition: bool = False
    reverse_charge: bool = False
    delivery_address: str | None = None
    against: tuple[str, date] | None = None
    """Number and date of the invoice that a note is on."""
    cess_paise: int = 0
    supplier_drug_licence: str | None = None
    supplier_fssai: str | None = None
    corrected_on: date | None = None
    """Since when it bears another buyer's GSTIN or place of supply than it was issued with."""

    @property
    def tax_paise(self) -> int:
        """All heads, cess too."""
        return self.cgst_paise + self.sgst_paise + self.igst_paise + self.cess_paise

    @property
    def inter_state(self) -> bool:
        """Whether its tax is integrated: also for a special economic zone within the state."""
        return self.supplier_state != self.place_of_supply or self.treatment in ZONES


@dataclass(frozen=True)
class Band:
    """The part of an invoice that shares an HSN code and a rate; amounts in paise."""

    hsn: str | None
    rate: int
    taxable_paise: int = 0
    cgst_paise: int = 0
    sgst_paise: int = 0
    igst_paise: int = 0
    cess_paise: int = 0

    def plus(self, line: InvoiceLine) -> Band:
        """The band with one more line."""
        return replace(
            self,
            taxable_paise=self.taxable_paise + line.taxable_paise,
            cgst_paise=self.cgst_paise + line.cgst_paise,
            sgst_paise=self.sgst_paise + line.sgst_paise,
            igst_paise=self.igst_paise + line.igst_paise,
            cess_paise=self.cess_paise + line.cess_paise,
        )


def bands(document: Invoice) -> list[Band]:
    """The tax summary of an invoice by HSN code and rate, in the order of its lines."""
    found: dict[tuple[str | None, int], Band] = {}
    for line in document.lines:
        key = (line.hsn, line.rate)
        found[key] = found.get(key, Band(*key)).plus(line)
    return list(found.values())


def invoice(reader: Reader, invoice_id: UUID, *, as_of: date | None = None) -> Invoice:
    """An invoice with its lines, with all corrections or those up to a day.

    Raises NotFound("invoice").
    """
    found = _invoices(reader, _all(reader).where(invoices.c.id == invoice_id), as_of)
    if not found:
        raise NotFound("invoice", invoice_id=str(invoice_id))
    return found[0]


def lines_of(reader: Reader, invoice_ids: Collection[UUID]) -> dict[UUID, list[InvoiceLine]]:
    """The lines of some invoices as they were billed."""
    require(reader, Permission.VIEW_INVOICES)
    return _lines(reader, invoice_ids)


def income_of(reader: Reader, invoice_id: UUID) -> str:
    """The account that the price of a bill is income in: goods are sales, equipment is not."""
    sold = reader.connection.execute(
        select(equipment_sales.c.expense_id).where(
            equipment_sales.c.business_id == reader.business_id,
            equipment_sales.c.invoice_id == invoice_id,
        )
    ).first()
    return chart.ASSETS_SOLD if sold else chart.SALES


def credited(reader: Reader, invoice_id: UUID) -> int:
    """What credit notes have taken off an invoice, less what debit notes have put on it."""
    signed: ColumnElement[BigInteger] = case(
        (notes.c.kind == "credit_note", notes.c.total_paise), else_=-notes.c.total_paise
    )
    found: int = reader.connection.execute(
        select(cast(func.coalesce(func.sum(signed), 0), BigInteger)).where(
            notes.c.business_id == reader.business_id, notes.c.invoice_id == invoice_id
        )
    ).scalar_one()
    return found


def invoice_by_number(reader: Reader, text: str) -> Invoice | None:
    """The invoice that somebody names: its number in any way of writing, or the newest with a
    serial ("12" for INV27-2627-00012)."""
    asked = _bare(text)
    if not asked:
        return None
    query = _all(reader).order_by(invoices.c.created_at.desc(), invoices.c.id.desc())
    if _SERIAL.fullmatch(asked):
        query = query.where(invoices.c.serial == int(asked))
    else:
        query = query.where(invoices.c.number.in_(_spellings(asked)))
    found = _invoices(reader, query.limit(1))
    return found[0] if found else None


def latest_invoice(reader: Reader, customer_id: UUID | None = None) -> Invoice | None:
    """The newest invoice that stands, of one customer if given."""
    newest = _all(reader, customer_id).where(invoices.c.status == "issued")
    found = _invoices(
        reader, newest.order_by(invoices.c.created_at.desc(), invoices.c.id.desc()).limit(1)
    )
    return found[0] if found else None


def latest_invoices(
    reader: Reader, *, limit: int, customer_id: UUID | None = None
) -> list[Invoice]:
    """The newest invoices that stand, of one customer if given, the newest first."""
    newest = _all(reader, customer_id).where(invoices.c.status == "issued")
    return _invoices(
        reader, newest.order_by(invoices.c.created_at.desc(), invoices.c.id.desc()).limit(limit)
    )


def invoice_of_order(reader: Reader, order_id: UUID) -> Invoice | None:
    """The invoice that stands for an order."""
    found = _invoices(
        reader,
        _all(reader).where(invoices.c.order_id == order_id, invoices.c.status == "issued"),
    )
    return found[0] if found else None


def invoices_between(
    reader: Reader,
    start: date,
    end: date,
    *,
    customer_id: UUID | None = None,
    cancelled: bool = False,
    as_of: date | None = None,
) -> list[Invoice]:
    """The invoices of the days from start to end, both included, oldest first.

    Cancelled ones only when asked for; `as_of` as in `invoice`.
    """
    query = _all(reader, customer_id).where(invoices.c.on_date.between(start, end))
    if not cancelled:
        query = query.where(invoices.c.status == "issued")
    return _invoices(reader, query.order_by(invoices.c.created_at, invoices.c.id), as_of)


def all_invoices(reader: Reader) -> list[Invoice]:
    """Every invoice, cancelled ones too, oldest first."""
    return _invoices(reader, _all(reader).order_by(invoices.c.created_at, invoices.c.id))


def _all(reader: Reader, customer_id: UUID | None = None) -> Select:
    """Invoices within the reach of whoever reads: for a customer, its own."""
    own = reach(reader, Permission.VIEW_INVOICES, customer_id)
    query = select(*_STORED, invoices.c.amended).where(invoices.c.business_id == reader.business_id)
    return query if own is None else query.where(invoices.c.customer_id == own)


def _invoices(reader: Reader, query: Select, as_of: date | None = None) -> list[Invoice]:
    # Joined, not asked for by id: a month of a large shop has thousands.
    rows = reader.connection.execute(with_settlement(query, "invoice", invoices.c.id)).all()
    lines = _lines(reader, [row.id for row in rows])
    found = [_invoice(row, lines[row.id], settled(*row[-2:])) for row in rows]
    amended = _amended(reader, [row.id for row in rows if row.amended], as_of)
    return [corrected(one, amended[one.id]) if one.id in amended else one for one in found]


def _amended(reader: Reader, ids: Collection[UUID], as_of: date | None) -> dict[UUID, Row]:
    """The last correction of each of some invoices, up to a day if one is given."""
    if not ids:
        return {}
    query = select(amendments).where(
        amendments.c.business_id == reader.business_id, amendments.c.invoice_id.in_(ids)
    )
    if as_of is not None:
        query = query.where(amendments.c.on_date <= as_of)
    rows = reader.connection.execute(query.order_by(amendments.c.position))
    return {row.invoice_id: row for row in rows}


def corrected_between(reader: Reader, start: date, end: date) -> list[UUID]:
    """The invoices whose buyer or place was corrected from one day to another, both included."""
    require(reader, Permission.VIEW_INVOICES)
    rows = reader.connection.execute(
        select(amendments.c.invoice_id, func.min(amendments.c.created_at))
        .where(
            amendments.c.business_id == reader.business_id,
            amendments.c.on_date.between(start, end),
        )
        .group_by(amendments.c.invoice_id)
        .order_by(func.min(amendments.c.created_at), amendments.c.invoice_id)
    )
    return [row.invoice_id for row in rows]


def corrected(document: Invoice, to: Any) -> Invoice:
    """An invoice with another buyer's GSTIN, state and place of supply.

    Where it leaves the state by that, or no longer does, the tax changes its heads and stays what
    it was in all; the odd paisa of a line goes to round-off.
    """
    moved = replace(
        document,
        customer_gstin=to.gstin,
        customer_state=to.state,
        place_of_supply=to.place_of_supply,
        corrected_on=to.on_date,
    )
    if moved.inter_state == document.inter_state:
        return moved
    lines = tuple(_under_other_heads(line, inter=moved.inter_state) for line in document.lines)
    return replace(
        moved,
        lines=lines,
        cgst_paise=sum(line.cgst_paise for line in lines),
        sgst_paise=sum(line.sgst_paise for line in lines),
        igst_paise=sum(line.igst_paise for line in lines),
        round_off_paise=sum(line.round_off_paise for line in lines),
    )


def _under_other_heads(line: InvoiceLine, *, inter: bool) -> InvoiceLine:
    tax = line.cgst_paise + line.sgst_paise + line.igst_paise
    half, odd = (0, 0) if inter else divmod(tax, 2)
    return replace(
        line,
        cgst_paise=half,
        sgst_paise=half,
        igst_paise=tax if inter else 0,
        round_off_paise=line.round_off_paise + odd,
    )


def _lines(reader: Reader, invoice_ids: Collection[UUID]) -> dict[UUID, list[InvoiceLine]]:
    found: dict[UUID, list[InvoiceLine]] = defaultdict(list)
    if not invoice_ids:
        return found
    rows = reader.connection.execute(
        select(
            invoice_lines.c.invoice_id,
            *(invoice_lines.c[name] for name in InvoiceLine.__dataclass_fields__),
        )
        .where(
            invoice_lines.c.business_id == reader.business_id,
            one_of(invoice_lines.c.invoice_id, invoice_ids),
        )
        .order_by(invoice_lines.c.invoice_id, invoice_lines.c.position)
    ).all()
    for invoice_id, *values in rows:
        found[invoice_id].append(InvoiceLine(*values))
    return found


def _invoice(row: Row, lines: Sequence[InvoiceLine], paid: Settlement | None) -> Invoice:
    # By place: a month has very many bills, and a look-up by name costs more than all else of it.
    return Invoice(
        **dict(zip(_NAMES, row, strict=False)),
        due_paise=paid.open if paid else 0,
        payment_status=paid.status if paid else _without_debt(row.status),
        lines=tuple(lines),
    )


_DERIVED = frozenset({"due_paise", "payment_status", "lines", "against", "corrected_on"})
_NAMES = tuple(name for name in Invoice.__dataclass_fields__ if name not in _DERIVED)
_STORED = tuple(
    invoices.c["taxable_paise"].label(name) if name == "subtotal_paise" else invoices.c[name]
    for name in _NAMES
)


def _without_debt(status: str) -> Status:
    """What owes nothing is paid; a cancelled bill never was."""
    return "paid" if status == "issued" else "unpaid"


def _bare(text: str) -> str:
    """A number without what people leave out or add: "inv 27/2627/00001" → "INV27262700001"."""
    return _NOT_IN_NUMBERS.sub("", text.upper())


def _spellings(bare: str) -> list[str]:
    """The numbers as written that one without dashes may be."""
    series, year = bare[:-9], bare[-9:-5]
    return [
        bare,
        f"{series}-{year}-{bare[-5:]}",
        f"{bare[:-6]}-{bare[-6:]}",
    ]
