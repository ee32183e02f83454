"""Issuing, sharing and cancelling invoices.

Locks are taken in this order: the order's row, stock rows by product, the customer's row, the
number series.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.engine import Row

from erp_core.db.statements import insertion
from erp_core.invoicing import registration
from erp_core.invoicing.descriptions import DESCRIPTIONS
from erp_core.invoicing.lawful import at_lawful_rates, usual_rates
from erp_core.invoicing.models import invoice_lines, invoices
from erp_core.invoicing.numbering import INVOICE, next_number
from erp_core.invoicing.queries import Invoice, InvoiceLine, income_of, latest_invoice
from erp_core.journal.context import Context, Recipient
from erp_core.kernel.errors import Conflict, Invalid, NotFound
from erp_core.kernel.ids import new_id
from erp_core.kernel.money import LARGEST_AMOUNT
from erp_core.ledger import chart
from erp_core.ledger import service as ledger
from erp_core.ledger.periods import open_day
from erp_core.ledger.service import Posting
from erp_core.orders import handing_over, states
from erp_core.orders import service as order_service
from erp_core.orders.pricing import LineWanted
from erp_core.orders.queries import Order, order
from erp_core.parties.permissions import Permission, require
from erp_core.parties.queries import Business, Customer, business, customer
from erp_core.payments import gateway
from erp_core.payments import service as payments
from erp_core.payments.allocation import lock_customer
from erp_core.payments.queries import balance, settlement
from erp_core.tax import rules
from erp_core.tax.rules import Supply


class InvoiceIssued(TypedDict):
    """Amounts in paise; `due` is what the customer's advances have left to pay."""

    invoice_id: str
    number: str
    kind: str
    customer_id: str
    order_id: str | None
    subtotal: int
    cgst: int
    sgst: int
    igst: int
    cess: int
    round_off: int
    total: int
    due: int


class InvoiceShared(TypedDict):
    invoice_id: str
    number: str
    to: str


class PaymentRequested(TypedDict):
    asked: list[str]


class InvoiceCancelled(TypedDict):
    invoice_id: str
    number: str
    total: int


@dataclass(frozen=True)
class _Document:
    kind: str
    place_of_supply: str
    supplier_state: str
    lines: Sequence[InvoiceLine]
    order_id: UUID | None = None
    description_code: str | None = None
    treatment: str | None = None
    composition: bool = False
    income: str = chart.SALES

    def amounts(self) -> dict[str, int]:
        heads = ("taxable", "cgst", "sgst", "igst", "cess", "round_off")
        sums = {
            f"{head}_paise": sum(getattr(line, f"{head}_paise") for line in self.lines)
            for head in heads
        }
        return {**sums, "total_paise": sum(sums.values())}


def invoice_order(ctx: Context, *, order_id: UUID) -> InvoiceIssued:
    """Bill an order, with the lines, tax and place of supply that it was booked with.

    A rate that has changed since is the one that section 14 says, and the tax is worked out anew.
    Raises Conflict("already_invoiced", invoice_id), Conflict("order_not_billable", status),
    Conflict("rate_unknown", product_id) while nobody has said what tax the goods bear,
    NotFound("order").
    """
    require(ctx, Permission.CREATE_INVOICE)
    invoice_id = new_id()
    try:
        order_service.mark_invoiced(ctx, order_id=order_id, invoice_id=invoice_id)
    except Conflict as conflict:
        if conflict.code == "order_invoiced":
            raise Conflict("already_invoiced", **conflict.facts) from None
        raise
    booked, seller = order(ctx, order_id), business(ctx)
    buyer = customer(ctx, booked.customer_id)
    terms = rules.supply(seller, buyer)
    if terms.charge_tax:
        booked = at_lawful_rates(ctx, booked, terms)
    document = _document_of(booked, seller, buyer, terms)
    if document.composition:
        rates = zip(document.lines, usual_rates(ctx, booked), strict=True)
        lines = [replace(line, usual_rate=rate) for line, rate in rates]
        document = replace(document, lines=lines)
    return _issue(ctx, invoice_id, seller, buyer, document)


def bill_goods(
    ctx: Context,
    *,
    customer_id: UUID,
    lines: Sequence[LineWanted],
    said_total: int | None = None,
    handed_over: bool = False,
) -> InvoiceIssued:
    """Book goods and bill them in one: both happen, or neither. handed_over: the customer has them
    already, so that they leave the stock in a while.

    Raises what create_order and invoice_order raise.
    """
    require(ctx, Permission.CREATE_INVOICE)
    booked = order_service.create_order(
        ctx, customer_id=customer_id, lines=lines, said_total=said_total
    )
    issued = invoice_order(ctx, order_id=UUID(booked["order_id"]))
    if handed_over:
        handing_over.plan(ctx, UUID(booked["order_id"]))
    return issued


def sell_at_counter(
    ctx: Context,
    *,
    customer_id: UUID,
    lines: Sequence[LineWanted],
    method: str,
    parts: Sequence[tuple[int, str]] = (),
    said_total: int | None = None,
) -> InvoiceIssued:
    """Bill goods that are paid and taken along at once: bill, payment and hand-over, or nothing.

    With `parts`, as (paise, method), all of it came in several ways. With `said_total`, in paise,
    the bill is of just what was taken, tax in it. Raises what bill_goods, record_payment and
    change_status raise, and Invalid("bad_amount") where the parts are not the total.
    """
    issued = bill_goods(ctx, customer_id=customer_id, lines=lines, said_total=said_total)
    if parts and sum(paise for paise, _ in parts) != issued["total"]:
        raise Invalid("bad_amount")
    if issued["total"]:
        payments.record_payments(
            ctx,
            customer_id=customer_id,
            parts=parts or [(issued["total"], method)],
            invoice_id=UUID(issued["invoice_id"]),
        )
    if issued["order_id"]:
        order_service.change_status(ctx, order_id=UUID(issued["order_id"]), status=states.DELIVERED)
    return issued


def invoice_amount(
    ctx: Context, *, customer_id: UUID, amount_paise: int, description_code: str = "goods"
) -> InvoiceIssued:
    """Bill a bare amount: it is what the customer pays, and no GST is worked out of it.

    Raises Invalid("bad_amount", "bad_description"), NotFound("customer").
    """
    require(ctx, Permission.CREATE_INVOICE)
    if not 0 < amount_paise <= LARGEST_AMOUNT:
        raise Invalid("bad_amount")
    if description_code not in DESCRIPTIONS:
        raise Invalid("bad_description")
    seller, buyer = business(ctx), customer(ctx, customer_id)
    line = InvoiceLine(
        product_id=None,
        name=DESCRIPTIONS[description_code]["english"],
        hsn=None,
        unit=None,
        quantity=Decimal(1),
        unit_price_paise=amount_paise,
        inclusive=False,
        rate=0,
        taxable_paise=amount_paise,
    )
    terms = rules.supply(seller, buyer)
    document = _Document(
        kind="bill",
        place_of_supply=terms.place_of_supply,
        supplier_state=terms.supplier_state,
        composition=rules.is_composition(seller),
        lines=[line],
        description_code=description_code,
    )
    return _issue(ctx, new_id(), seller, buyer, document)


def bill_equipment(
    ctx: Context, *, customer_id: UUID, line: InvoiceLine, terms: Supply
) -> InvoiceIssued:
    """Bill a piece of equipment, whose line was assessed on terms; for commands that take it out of
    the books."""
    require(ctx, Permission.CREATE_INVOICE)
    seller, buyer = business(ctx), customer(ctx, customer_id)
    document = _Document(
        kind=rules.document_kind(
            seller,
            buyer,
            taxed=line.tax_paise > 0,
            exempt=not line.rate,
            zero_rated=terms.treatment in rules.UNDER_LUT,
        ),
        place_of_supply=terms.place_of_supply,
        supplier_state=terms.supplier_state,
        treatment=terms.treatment,
        composition=rules.is_composition(seller),
        lines=[line],
        income=chart.ASSETS_SOLD,
    )
    return _issue(ctx, new_id(), seller, buyer, document)


def bill_again(ctx: Context, document: Invoice) -> InvoiceIssued:
    """Issue a bill of today with the lines of another, to its buyer as the document says; for
    commands that have credited that other one. The order stays with the first bill."""
    require(ctx, Permission.CREATE_INVOICE)
    buyer = replace(
        customer(ctx, document.customer_id),
        gstin=document.customer_gstin,
        state=document.customer_state,
    )
    same = _Document(
        kind=document.kind,
        place_of_supply=document.place_of_supply,
        supplier_state=document.supplier_state,
        treatment=document.treatment,
        composition=document.composition,
        lines=document.lines,
        income=income_of(ctx, document.id),
    )
    return _issue(ctx, new_id(), business(ctx), buyer, same)


def request_payment(
    ctx: Context, *, customer_ids: Sequence[str], amount_paise: int | None = None
) -> PaymentRequested:
    """Remind customers of what they owe, or of an amount: by a link where the shop has a gateway,
    else with the last unpaid bill and its UPI QR.

    Whoever owes nothing is left out. Raises Invalid("bad_amount", "nobody_owes").
    """
    if amount_paise is not None and not 0 < amount_paise <= LARGEST_AMOUNT:
        raise Invalid("bad_amount")
    asked = []
    online = gateway.account(ctx) is not None
    for text in customer_ids:
        customer_id = UUID(text)
        require(ctx, Permission.REQUEST_PAYMENT, customer_id=customer_id)
        due = amount_paise or balance(ctx, customer_id)
        if due <= 0:
            continue
        if online:
            gateway.plan_link(ctx, customer_id=customer_id, amount_paise=due)
        else:
            _remind(ctx, customer_id, due)
        ctx.record("payment.requested", entity=customer_id, amount=due)
        asked.append(text)
    if not asked:
        raise Invalid("nobody_owes")
    return {"asked": asked}


def _remind(ctx: Context, customer_id: UUID, due: int) -> None:
    latest = latest_invoice(ctx, customer_id)
    unpaid = latest if latest and latest.due_paise > 0 else None
    ctx.tell(
        "utter_payment_reminder",
        to=Recipient("customer", customer_id),
        facts={"customer_id": str(customer_id), "due": due},
        attachment={"kind": "invoice", "id": str(unpaid.id)} if unpaid else None,
    )


def share_invoice(ctx: Context, *, invoice_id: UUID, to: Recipient | None = None) -> InvoiceShared:
    """Send an invoice as a document, to its customer unless somebody else is given.

    Raises NotFound("invoice"), Conflict("invoice_cancelled"), Conflict("einvoice_waiting") while
    one that must be registered is not.
    """
    row = _row(ctx, invoice_id)
    require(ctx, Permission.SHARE_INVOICE, customer_id=row.customer_id)
    if row.status == "cancelled":
        raise Conflict("invoice_cancelled", invoice_id=str(invoice_id))
    if registration.is_awaited(ctx, invoice_id):
        raise Conflict("einvoice_waiting", invoice_id=str(invoice_id))
    recipient = to or Recipient("customer", row.customer_id)
    if ctx.actor.kind == "customer" and recipient.id != ctx.actor.id:
        raise NotFound("customer", customer_id=str(recipient.id))
    paid = settlement(ctx, "invoice", invoice_id)
    ctx.tell(
        "utter_invoice_shared",
        to=recipient,
        facts={
            "invoice_id": str(invoice_id),
            "invoice_number": row.number,
            "total": row.total_paise,
            "due": paid.open if paid else 0,
        },
        attachment={"kind": "invoice", "id": str(invoice_id)},
    )
    ctx.record("invoice.shared", entity=invoice_id, to=str(recipient.id))
    return {"invoice_id": str(invoice_id), "number": row.number, "to": str(recipient.id)}


def cancel_invoice(
    ctx: Context, *, invoice_id: UUID, reason: str, at_portal: bool = False
) -> InvoiceCancelled:
    """Cancel an invoice: it stays with its number, its posting is reversed, its order freed.

    What was paid on it goes to the customer's other debts or stays as an advance. `reason` is a
    code; `at_portal` says that the e-invoice portal has cancelled it already. Raises
    NotFound("invoice"), Conflict("invoice_cancelled", "einvoice_registered").
    """
    require(ctx, Permission.CANCEL_INVOICE)
    seen = _row(ctx, invoice_id)
    if seen.order_id:
        order_service.mark_not_invoiced(ctx, order_id=seen.order_id)
    lock_customer(ctx, seen.customer_id)
    row = _row(ctx, invoice_id, lock=True)
    if row.status == "cancelled":
        raise Conflict("invoice_cancelled", invoice_id=str(invoice_id))
    if at_portal:
        registration.close(ctx, invoice_id)
    else:
        registration.drop(ctx, invoice_id)
    ctx.connection.execute(
        update(invoices)
        .where(invoices.c.business_id == ctx.business_id, invoices.c.id == invoice_id)
        .values(status="cancelled", cancel_reason=reason, cancelled_at=ctx.now)
    )
    on = _told_on(ctx, row.on_date) if at_portal else ctx.today
    if row.entry_id:
        ledger.reverse(ctx, row.entry_id, reason, on=on)
    payments.void_receivable(ctx, source_kind="invoice", source_id=invoice_id)
    ctx.record(
        "invoice.cancelled",
        entity=invoice_id,
        number=row.number,
        customer_id=str(row.customer_id),
        total=row.total_paise,
        reason=reason,
        on=on.isoformat(),
    )
    return {"invoice_id": str(invoice_id), "number": row.number, "total": row.total_paise}


def _told_on(ctx: Context, billed_on: date) -> date:
    """The day on which a bill is undone that the portal may have let go of after its month: within
    that month, whose return leaves it out; today where its books are closed."""
    end = billed_on.replace(day=monthrange(billed_on.year, billed_on.month)[1])
    return min(open_day(ctx, end), ctx.today)


def billed_lines(booked: Order, *, taxed: bool) -> tuple[InvoiceLine, ...]:
    """The lines of an order as a bill has them."""
    return tuple(
        InvoiceLine(
            product_id=line.product_id,
            name=line.product,
            hsn=line.hsn,
            unit=line.unit,
            quantity=line.quantity,
            unit_price_paise=line.unit_price_paise,
            inclusive=booked.prices_include_tax,
            rate=line.gst_rate if taxed else 0,
            taxable_paise=line.taxable_paise,
            cgst_paise=line.cgst_paise,
            sgst_paise=line.sgst_paise,
            igst_paise=line.igst_paise,
            cess_paise=line.cess_paise,
            cess_rate=line.cess_rate,
            cess_units_paise=line.cess_units_paise,
            rsp_paise=line.rsp_paise,
            by_rsp=line.by_rsp,
            round_off_paise=line.round_off_paise,
        )
        for line in booked.lines
    )


def _document_of(booked: Order, seller: Business, buyer: Customer, terms: Supply) -> _Document:
    taxed = booked.tax_paise > 0
    return _Document(
        kind=rules.document_kind(
            seller,
            buyer,
            taxed=taxed,
            exempt=not (terms.charge_tax and all(line.gst_rate for line in booked.lines)),
            zero_rated=terms.treatment in rules.UNDER_LUT,
        ),
        place_of_supply=booked.place_of_supply,
        supplier_state=booked.supplier_state,
        order_id=booked.id,
        treatment=terms.treatment,
        composition=rules.is_composition(seller),
        lines=billed_lines(booked, taxed=taxed and terms.charge_tax),
    )


def _issue(
    ctx: Context, invoice_id: UUID, seller: Business, buyer: Customer, document: _Document
) -> InvoiceIssued:
    lock_customer(ctx, buyer.id)
    amounts = document.amounts()
    number = next_number(ctx, INVOICE, document.supplier_state, ctx.today)
    entry_id = ledger.post(
        ctx,
        kind="invoice",
        on=ctx.today,
        postings=_postings(buyer.id, amounts, document.income),
        source=("invoice", invoice_id),
    )
    _insert(
        ctx,
        document,
        id=invoice_id,
        customer_id=buyer.id,
        entry_id=entry_id,
        number=number.text,
        financial_year=number.financial_year,
        serial=number.serial,
        **amounts,
        **_frozen_parties(seller, buyer),
    )
    due = payments.raise_receivable(
        ctx,
        customer_id=buyer.id,
        source_kind="invoice",
        source_id=invoice_id,
        amount_paise=amounts["total_paise"],
    )
    return _recorded(ctx, invoice_id, document, number=number.text, customer_id=buyer.id, due=due)


def _recorded(
    ctx: Context,
    invoice_id: UUID,
    document: _Document,
    *,
    number: str,
    customer_id: UUID,
    due: int,
) -> InvoiceIssued:
    """The journal's event, and what is told."""
    amounts = document.amounts()
    issued: InvoiceIssued = {
        "invoice_id": str(invoice_id),
        "number": number,
        "kind": document.kind,
        "customer_id": str(customer_id),
        "order_id": str(document.order_id) if document.order_id else None,
        "subtotal": amounts["taxable_paise"],
        "cgst": amounts["cgst_paise"],
        "sgst": amounts["sgst_paise"],
        "igst": amounts["igst_paise"],
        "cess": amounts["cess_paise"],
        "round_off": amounts["round_off_paise"],
        "total": amounts["total_paise"],
        "due": due,
    }
    facts: dict[str, Any] = {key: value for key, value in issued.items() if key != "invoice_id"}
    ctx.record("invoice.issued", entity=invoice_id, document=facts.pop("kind"), **facts)
    return issued


def _postings(customer_id: UUID, amounts: dict[str, int], income: str) -> list[Posting]:
    return [
        Posting(chart.RECEIVABLE, amounts["total_paise"], customer_id),
        Posting(income, -amounts["taxable_paise"]),
        Posting(chart.OUTPUT_CGST, -amounts["cgst_paise"]),
        Posting(chart.OUTPUT_SGST, -amounts["sgst_paise"]),
        Posting(chart.OUTPUT_IGST, -amounts["igst_paise"]),
        Posting(chart.OUTPUT_CESS, -amounts["cess_paise"]),
        Posting(chart.ROUND_OFF, -amounts["round_off_paise"]),
    ]


_ISSUE = insertion(
    invoices, "business_id", "id", "number", "financial_year", "serial", "kind", "status",
    "customer_id", "order_id", "on_date", "description_code", "supplier_name", "supplier_address",
    "supplier_gstin", "supplier_state", "customer_name", "customer_address", "customer_gstin",
    "customer_state", "place_of_supply", "taxable_paise", "cgst_paise", "sgst_paise", "igst_paise",
    "cess_paise", "round_off_paise", "total_paise", "entry_id", "created_at", "treatment",
    "composition", "supplier_drug_licence", "supplier_fssai",
)  # fmt: skip
_ISSUE_LINES = insertion(
    invoice_lines, "business_id", "invoice_id", "position", *InvoiceLine.__annotations__
)


def _insert(ctx: Context, document: _Document, **values: Any) -> None:
    _ISSUE.run(
        ctx.connection,
        business_id=ctx.business_id,
        kind=document.kind,
        status="issued",
        order_id=document.order_id,
        on_date=ctx.today,
        description_code=document.description_code,
        treatment=document.treatment,
        composition=document.composition,
        place_of_supply=document.place_of_supply,
        supplier_state=document.supplier_state,
        created_at=ctx.now,
        **values,
    )
    _ISSUE_LINES.run_many(
        ctx.connection,
        [
            {
                "business_id": ctx.business_id,
                "invoice_id": values["id"],
                "position": position,
                **vars(line),
            }
            for position, line in enumerate(document.lines, start=1)
        ],
    )


def _frozen_parties(seller: Business, buyer: Customer) -> dict[str, str | None]:
    return {
        "supplier_name": seller.name,
        "supplier_address": seller.address,
        "supplier_gstin": seller.gstin,
        "supplier_drug_licence": seller.drug_licence,
        "supplier_fssai": seller.fssai,
        "customer_name": buyer.name,
        "customer_address": buyer.address,
        "customer_gstin": buyer.gstin,
        "customer_state": rules.state_of(buyer),
    }


def _row(ctx: Context, invoice_id: UUID, *, lock: bool = False) -> Row:
    query = select(invoices).where(
        invoices.c.business_id == ctx.business_id, invoices.c.id == invoice_id
    )
    row = ctx.connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound("invoice", invoice_id=str(invoice_id))
    return row
