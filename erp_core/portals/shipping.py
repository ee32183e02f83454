"""Shipping bills of exports (GSTR-1, table 6A): without one the tax of an export is not refunded.

Customs gives it after the invoice, often after the return of the month is filed: it is then told as
an amendment in the return of the month in which it was written (table 9A, `expa`), which the law
takes until 30 November after the financial year (section 37(3)). What was filed stays.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import TypedDict
from uuid import UUID

from sqlalchemy import func, insert, select

from erp_core.catalogue.codes import is_service
from erp_core.db.many import one_of
from erp_core.invoicing.models import invoices
from erp_core.invoicing.queries import Invoice, invoice
from erp_core.journal.context import Context, Reader
from erp_core.kernel.errors import Conflict, Invalid
from erp_core.kernel.ids import new_id
from erp_core.parties.permissions import Permission, require
from erp_core.payments.allocation import lock_customer
from erp_core.portals.amending import filed_in
from erp_core.portals.models import shipping_bills
from erp_core.portals.periods import month_of
from erp_core.tax import rules

MOST_LOOKED_AT = 20
"""Exports among which the newest of goods is looked for: a shop sells services or goods abroad."""
NUMBER, PORT = re.compile(r"\d{3,7}"), re.compile(r"[A-Z0-9]{6}")


@dataclass(frozen=True)
class ShippingBill:
    """Its number, the code of the port, and its day."""

    number: str
    port: str
    on: date


@dataclass(frozen=True)
class ShippedLater:
    """An export of a month whose return was filed, with the shipping bill that it has now."""

    document: Invoice
    before: ShippingBill | None
    after: ShippingBill


class ShippingWritten(TypedDict):
    """`on` is the day in whose month it is filed; `filed` whether the return of the bill's own
    month was over, so that it is an amendment."""

    invoice_id: str
    number: str
    on: str
    filed: bool


def write_shipping_bill(
    ctx: Context, *, invoice_id: UUID, number: str, port: str, shipped_on: date
) -> ShippingWritten:
    """Write the shipping bill of an export of goods, in place of what was written before.

    Raises NotFound("invoice"), Invalid("bad_shipping_bill", "bad_shipping_date"),
    Conflict("invoice_cancelled", "not_an_export", "amendment_too_late").
    """
    require(ctx, Permission.CREATE_INVOICE)
    lock_customer(ctx, invoice(ctx, invoice_id).customer_id)
    document = invoice(ctx, invoice_id)
    shipping = ShippingBill(number.strip(), port.strip().upper(), shipped_on)
    _check(ctx, document, shipping)
    on = filed_in(ctx, document)
    ctx.connection.execute(
        insert(shipping_bills).values(
            business_id=ctx.business_id,
            id=new_id(),
            invoice_id=invoice_id,
            position=_count(ctx, invoice_id) + 1,
            on_date=on,
            number=shipping.number,
            port=shipping.port,
            shipped_on=shipped_on,
            created_at=ctx.now,
        )
    )
    ctx.record("invoice.shipped", entity=invoice_id, number=document.number, on=on.isoformat())
    return {
        "invoice_id": str(invoice_id),
        "number": document.number,
        "on": on.isoformat(),
        "filed": on > month_of(document.on_date)[1],
    }


def is_export_of_goods(document: Invoice) -> bool:
    """Whether a bill goes abroad with goods, so that customs gives a shipping bill."""
    goods = any(not is_service(line.hsn) for line in document.lines)
    return document.treatment in rules.EXPORTS and goods


def latest_export(reader: Reader) -> Invoice | None:
    """The newest bill that stands of goods that went abroad."""
    c = invoices.c
    rows = reader.connection.execute(
        select(c.id)
        .where(
            c.business_id == reader.business_id,
            c.treatment.in_(sorted(rules.EXPORTS)),
            c.status == "issued",
        )
        .order_by(c.created_at.desc(), c.id.desc())
        .limit(MOST_LOOKED_AT)
    )
    found = (invoice(reader, row.id) for row in rows)
    return next((one for one in found if is_export_of_goods(one)), None)


def shipping_of(
    reader: Reader, invoice_ids: Collection[UUID], *, as_of: date
) -> dict[UUID, ShippingBill]:
    """The shipping bill of each of some bills that has one, as it was filed up to a day."""
    c = shipping_bills.c
    if not invoice_ids:
        return {}
    rows = reader.connection.execute(
        select(shipping_bills)
        .where(
            c.business_id == reader.business_id,
            one_of(c.invoice_id, invoice_ids),
            c.on_date <= as_of,
        )
        .order_by(c.position)
    )
    return {row.invoice_id: ShippingBill(row.number, row.port, row.shipped_on) for row in rows}


def shipped_later(reader: Reader, start: date, end: date) -> tuple[ShippedLater, ...]:
    """The exports of earlier months whose shipping bill was written in some days."""
    c = shipping_bills.c
    rows = reader.connection.execute(
        select(c.invoice_id, func.min(c.created_at))
        .where(c.business_id == reader.business_id, c.on_date.between(start, end))
        .group_by(c.invoice_id)
        .order_by(func.min(c.created_at), c.invoice_id)
    )
    ids = [row.invoice_id for row in rows]
    before = shipping_of(reader, ids, as_of=start.replace(day=1) - date.resolution)
    after = shipping_of(reader, ids, as_of=end)
    found = [(one, invoice(reader, one)) for one in ids]
    return tuple(
        ShippedLater(document, before.get(one), after[one])
        for one, document in found
        if document.on_date < start and document.status == "issued"
    )


def _check(ctx: Context, document: Invoice, shipping: ShippingBill) -> None:
    if document.status == "cancelled":
        raise Conflict("invoice_cancelled", invoice_id=str(document.id))
    if not is_export_of_goods(document):
        raise Conflict("not_an_export", number=document.number)
    if not NUMBER.fullmatch(shipping.number) or not PORT.fullmatch(shipping.port):
        raise Invalid("bad_shipping_bill")
    if not document.on_date <= shipping.on <= ctx.today:
        raise Invalid("bad_shipping_date")
    if ctx.today > rules.last_day_for(document.on_date):
        raise Conflict("amendment_too_late")


def _count(ctx: Context, invoice_id: UUID) -> int:
    c = shipping_bills.c
    return int(
        ctx.connection.execute(
            select(func.count()).where(c.business_id == ctx.business_id, c.invoice_id == invoice_id)
        ).scalar_one()
    )
