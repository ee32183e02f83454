"""Papers that bill nothing: the proforma of an order, and the challan that goes with its goods.

A paper is frozen when it is issued and drawn as an invoice is. Nothing is posted for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import insert, select

from erp_core.invoicing.models import papers
from erp_core.invoicing.numbering import DELIVERY_CHALLAN, PROFORMA, Number, next_number
from erp_core.invoicing.queries import Invoice, InvoiceLine
from erp_core.invoicing.service import billed_lines
from erp_core.journal.context import Context, Fact, Reader
from erp_core.kernel.errors import Conflict, Invalid, NotFound
from erp_core.kernel.ids import new_id
from erp_core.orders import states
from erp_core.orders.queries import Order, order
from erp_core.parties.permissions import Permission, require
from erp_core.parties.queries import business, customer
from erp_core.tax import rules

PREFIXES = {"proforma": PROFORMA, "delivery_challan": DELIVERY_CHALLAN}


class PaperIssued(TypedDict):
    paper_id: str
    number: str
    kind: str
    customer_id: str
    order_id: str
    total: int


def issue_paper(ctx: Context, *, order_id: UUID, kind: str) -> PaperIssued:
    """Issue the proforma ("proforma") or the delivery challan ("delivery_challan", rule 55) of an
    order as it stands now. Raises NotFound("order"), Invalid("bad_kind"),
    Conflict("order_not_billable", status).
    """
    require(ctx, Permission.CREATE_INVOICE)
    if kind not in PREFIXES:
        raise Invalid("bad_kind")
    booked = order(ctx, order_id)
    if booked.status in (states.CANCELLED, states.RETURNED):
        raise Conflict("order_not_billable", status=booked.status)
    number = next_number(ctx, PREFIXES[kind], booked.supplier_state, ctx.today)
    paper_id = new_id()
    drawn = _drawn(ctx, booked, kind=kind, number=number.text, paper_id=paper_id)
    keep(
        ctx,
        paper_id,
        number,
        kind=kind,
        customer_id=booked.customer_id,
        order_id=order_id,
        total_paise=booked.total_paise,
        frozen=_frozen(drawn),
    )
    return {
        "paper_id": str(paper_id),
        "number": number.text,
        "kind": kind,
        "customer_id": str(booked.customer_id),
        "order_id": str(order_id),
        "total": booked.total_paise,
    }


def keep(
    ctx: Context,
    paper_id: UUID,
    number: Number,
    *,
    kind: str,
    customer_id: UUID,
    total_paise: int,
    frozen: Mapping[str, Any],
    order_id: UUID | None = None,
    payment_id: UUID | None = None,
) -> None:
    """Keep a paper under its number as it is given out, and tell the journal."""
    ctx.connection.execute(
        insert(papers).values(
            business_id=ctx.business_id,
            id=paper_id,
            number=number.text,
            financial_year=number.financial_year,
            serial=number.serial,
            kind=kind,
            customer_id=customer_id,
            order_id=order_id,
            payment_id=payment_id,
            on_date=ctx.today,
            frozen=frozen,
            created_at=ctx.now,
        )
    )
    of_order: dict[str, Fact] = {"order_id": str(order_id)} if order_id else {}
    ctx.record(
        "paper.issued",
        entity=paper_id,
        document=kind,
        number=number.text,
        customer_id=str(customer_id),
        total=total_paise,
        **of_order,
    )


def paper(reader: Reader, paper_id: UUID) -> Invoice:
    """A paper as it was issued, to be drawn. Raises NotFound("paper")."""
    row = reader.connection.execute(
        select(papers).where(papers.c.business_id == reader.business_id, papers.c.id == paper_id)
    ).one_or_none()
    if row is None:
        raise NotFound("paper", paper_id=str(paper_id))
    require(reader, Permission.VIEW_INVOICES, customer_id=row.customer_id)
    return _thawed(row.frozen, on_date=row.on_date, created_at=row.created_at)


def as_it_would_be_billed(reader: Reader, booked: Order) -> Invoice:
    """An order as a document under its own number, with the amounts that it was booked with."""
    return _drawn(reader, booked, kind="proforma", number=booked.number, paper_id=booked.id)


def _drawn(reader: Reader, booked: Order, *, kind: str, number: str, paper_id: UUID) -> Invoice:
    seller, buyer = business(reader), customer(reader, booked.customer_id)
    return Invoice(
        id=paper_id,
        number=number,
        kind=kind,
        status="issued",
        customer_id=booked.customer_id,
        order_id=booked.id,
        on_date=reader.today,
        description_code=None,
        supplier_name=seller.name,
        supplier_address=seller.address,
        supplier_gstin=seller.gstin,
        supplier_state=booked.supplier_state,
        customer_name=buyer.name,
        customer_address=buyer.address,
        customer_gstin=buyer.gstin,
        customer_state=rules.state_of(buyer),
        place_of_supply=booked.place_of_supply,
        subtotal_paise=booked.subtotal_paise,
        cgst_paise=booked.cgst_paise,
        sgst_paise=booked.sgst_paise,
        igst_paise=booked.igst_paise,
        cess_paise=booked.cess_paise,
        round_off_paise=booked.round_off_paise,
        total_paise=booked.total_paise,
        due_paise=0,
        payment_status="unpaid",
        cancel_reason=None,
        created_at=booked.created_at,
        treatment=buyer.treatment,
        composition=rules.is_composition(seller),
        supplier_drug_licence=seller.drug_licence,
        supplier_fssai=seller.fssai,
        lines=billed_lines(booked, taxed=booked.tax_paise > 0),
    )


def _frozen(drawn: Invoice) -> dict[str, Any]:
    facts = asdict(drawn)
    facts["lines"] = [
        {name: _plain(value) for name, value in one.items()} for one in facts["lines"]
    ]
    return {name: value if name == "lines" else _plain(value) for name, value in facts.items()}


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, (UUID, date, datetime, Decimal)) else value


def _thawed(frozen: dict[str, Any], *, on_date: date, created_at: datetime) -> Invoice:
    lines = tuple(
        InvoiceLine(
            **{
                **one,
                "quantity": Decimal(one["quantity"]),
                "product_id": UUID(one["product_id"]) if one["product_id"] else None,
            }
        )
        for one in frozen["lines"]
    )
    known = {field.name for field in fields(Invoice)}
    facts = {name: value for name, value in frozen.items() if name in known}
    return Invoice(
        **{
            **facts,
            "id": UUID(frozen["id"]),
            "customer_id": UUID(frozen["customer_id"]),
            "order_id": UUID(frozen["order_id"]) if frozen["order_id"] else None,
            "on_date": on_date,
            "created_at": created_at,
            "lines": lines,
        }
    )
