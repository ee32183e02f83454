"""Receipt vouchers for advances and refund vouchers (CGST Rules, rules 50 and 51).

Whoever is registered gives a voucher for money that comes before the bill. On goods no tax is due
on it (Notification 66/2017-CT): the tax is on the bill. What of it is for services on order owes
its tax at once, which stands on the voucher (advances).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.engine import Row

from erp_core.invoicing import advances
from erp_core.invoicing.models import papers
from erp_core.invoicing.numbering import RECEIPT_VOUCHER, REFUND_VOUCHER, next_number
from erp_core.invoicing.papers import keep
from erp_core.journal.context import Context, Event, Reader
from erp_core.kernel.errors import NotFound
from erp_core.kernel.ids import new_id
from erp_core.ledger import chart
from erp_core.ledger.queries import balance_of
from erp_core.parties.permissions import Permission, require
from erp_core.parties.queries import business, customer
from erp_core.parties.service import WALK_IN
from erp_core.tax import rules

RECEIPT, REFUND = "receipt_voucher", "refund_voucher"
REFUNDED = "utter_notify_refunded"
PREFIXES = {RECEIPT: RECEIPT_VOUCHER, REFUND: REFUND_VOUCHER}


@dataclass(frozen=True)
class Voucher:
    """A voucher as it was given; amounts in paise. `against` is a refund's receipt voucher."""

    id: UUID
    number: str
    kind: str
    customer_id: UUID
    payment_id: UUID | None
    on_date: date
    amount: int
    method: str
    customer_name: str
    customer_address: str | None
    customer_gstin: str | None
    place_of_supply: str
    inter_state: bool
    against: str | None
    taxes: tuple[tuple[int, int, int, int, int], ...] = ()
    """Of the services in it, by rate: basis points, value, CGST, SGST, IGST."""


def after(ctx: Context) -> None:
    """Give a voucher for an advance that the command has taken, or has paid back; take the tax of
    advances off what it has billed."""
    for event in tuple(ctx.events):
        if event.kind == "payment.recorded":
            _receive(ctx, event)
        elif event.kind in ("payment.refunded", "payment.charged_back"):
            _pay_back(ctx, event)
        elif event.kind in ("payment.taken_back", "cheque.bounced") and event.entity:
            advances.undo(ctx, event.entity)
            _take_back(ctx, event.entity)
        elif event.kind == "invoice.issued" and event.entity:
            _bill(ctx, event, event.entity)
        elif event.kind == "invoice.cancelled" and event.entity:
            advances.reopen(ctx, event.entity)


def voucher_of(reader: Reader, payment_id: UUID) -> Voucher | None:
    """The receipt voucher of a payment; None where none was given."""
    row = reader.connection.execute(
        select(papers).where(
            papers.c.business_id == reader.business_id,
            papers.c.payment_id == payment_id,
            papers.c.kind == RECEIPT,
        )
    ).one_or_none()
    return _voucher(row) if row is not None else None


def voucher(reader: Reader, voucher_id: UUID) -> Voucher:
    """A voucher by its id. Raises NotFound("paper")."""
    row = reader.connection.execute(
        select(papers).where(
            papers.c.business_id == reader.business_id,
            papers.c.id == voucher_id,
            papers.c.kind.in_([RECEIPT, REFUND]),
        )
    ).one_or_none()
    if row is None:
        raise NotFound("paper", paper_id=str(voucher_id))
    require(reader, Permission.VIEW_INVOICES, customer_id=row.customer_id)
    return _voucher(row)


def vouchers_between(reader: Reader, start: date, end: date) -> list[tuple[str, str]]:
    """(kind, number) of the vouchers of the days from start to end, both included."""
    rows = reader.connection.execute(
        select(papers.c.kind, papers.c.number)
        .where(
            papers.c.business_id == reader.business_id,
            papers.c.kind.in_([RECEIPT, REFUND]),
            papers.c.on_date.between(start, end),
        )
        .order_by(papers.c.created_at, papers.c.number)
    )
    return [(row.kind, row.number) for row in rows]


def _receive(ctx: Context, event: Event) -> None:
    allocations: Any = event.payload["allocations"]
    amount: Any = event.payload["amount"]
    advance = int(amount) - sum(int(paise) for _, paise in allocations)
    customer_id = UUID(str(event.payload["customer_id"]))
    if advance <= 0 or event.entity is None or business(ctx).gstin is None:
        return
    if customer(ctx, customer_id).name == WALK_IN:
        return  # rule 50 wants to know whose it is; what lies there is of many who are nobody
    taxed = advances.of_advance(ctx, customer_id, advance)
    voucher_id = _give(
        ctx, RECEIPT, customer_id,
        amount=advance, method=str(event.payload["method"]), payment_id=event.entity,
        taxes=[(one.rate, one.taxable, one.cgst, one.sgst, one.igst) for one in taxed],
    )  # fmt: skip
    advances.receive(ctx, voucher_id, customer_id, taxed)


def _bill(ctx: Context, event: Event, invoice_id: UUID) -> None:
    ordered = event.payload.get("order_id")
    advances.adjust(
        ctx,
        customer_id=UUID(str(event.payload["customer_id"])),
        order_id=UUID(str(ordered)) if ordered else None,
        invoice_id=invoice_id,
    )


def _pay_back(ctx: Context, event: Event) -> None:
    """A refund of what a receipt voucher was given for; what goes beyond the advance is a debt."""
    customer_id, paid = UUID(str(event.payload["customer_id"])), event.payload["amount"]
    amount = int(str(paid)) - max(0, balance_of(ctx, chart.RECEIVABLE, customer_id))
    former = ctx.connection.execute(
        select(papers.c.number)
        .where(
            papers.c.business_id == ctx.business_id,
            papers.c.customer_id == customer_id,
            papers.c.kind == RECEIPT,
        )
        .order_by(papers.c.created_at.desc(), papers.c.number.desc())
        .limit(1)
    ).scalar_one_or_none()
    if former is None or amount <= 0:
        return
    if event.entity:
        advances.refund(ctx, customer_id, amount, source=event.entity)
    if event.kind != "payment.refunded":
        return
    given = _give(
        ctx, REFUND, customer_id,
        amount=amount, method=str(event.payload["method"]), against=former,
    )  # fmt: skip
    attachment = {"kind": "voucher", "id": str(given)}
    for at, telling in enumerate(ctx.tellings):
        if telling.response == REFUNDED and telling.to.id == customer_id:
            ctx.tellings[at] = replace(telling, attachment=attachment)


def _take_back(ctx: Context, payment_id: UUID) -> None:
    """Money that did not come after all: what was given for it is made good by its opposite."""
    given = voucher_of(ctx, payment_id)
    if given is None:
        return
    _give(
        ctx, REFUND, given.customer_id,
        amount=given.amount, method=given.method, against=given.number,
    )  # fmt: skip


def _give(
    ctx: Context,
    kind: str,
    customer_id: UUID,
    *,
    amount: int,
    method: str,
    payment_id: UUID | None = None,
    against: str | None = None,
    taxes: Sequence[tuple[int, int, int, int, int]] = (),
) -> UUID:
    seller, buyer = business(ctx), customer(ctx, customer_id)
    place = rules.place_of_supply(seller, buyer)
    number = next_number(ctx, PREFIXES[kind], rules.home_of(seller), ctx.today)
    voucher_id = new_id()
    frozen = {
        "amount": amount,
        "method": method,
        "customer_name": buyer.name,
        "customer_address": buyer.address,
        "customer_gstin": buyer.gstin,
        "place_of_supply": place,
        "inter_state": place != rules.state_of(seller),
        "against": against,
        "taxes": [list(one) for one in taxes],
    }
    keep(
        ctx,
        voucher_id,
        number,
        kind=kind,
        customer_id=customer_id,
        payment_id=payment_id,
        total_paise=amount,
        frozen=frozen,
    )
    return voucher_id


def _voucher(row: Row) -> Voucher:
    known = {name: row[name] for name in ("id", "number", "kind", "customer_id", "payment_id")}
    frozen = {**row.frozen, "taxes": tuple(tuple(one) for one in row.frozen.get("taxes", ()))}
    return Voucher(**known, on_date=row.on_date, **frozen)
