"""The tax on money that comes before the bill of a service (CGST Act, section 13(2)).

It is owed with the advance and stands on the receipt voucher (rule 50); when the service is billed,
or the advance goes back, it is taken off again. Goods owe nothing before their bill (Notification
66/2017-CT). Amounts are paise; `taxable` is the advance without its tax.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, select
from sqlalchemy.engine import Row
from sqlalchemy.sql import ColumnElement, Select

from erp_core.catalogue.codes import is_service
from erp_core.db.statements import Statement
from erp_core.invoicing.models import advance_taxes, papers
from erp_core.journal.context import Context, Reader
from erp_core.kernel.ids import new_id
from erp_core.kernel.money import half_up, split_by_largest_remainder
from erp_core.ledger import chart
from erp_core.ledger.service import Posting, post
from erp_core.orders import states
from erp_core.orders.models import orders as order_rows
from erp_core.orders.queries import Order, OrderLine, open_orders
from erp_core.parties.models import customers
from erp_core.parties.queries import business, customer
from erp_core.tax import rules
from erp_core.tax.gst import WHOLE

LOOKED_THROUGH = 20
RATE_NOT_KNOWN = 1800
"""Rule 50, proviso: where the rate cannot be told yet, the tax is 18 %."""
RECEIVED, ADJUSTED, REFUNDED = "received", "adjusted", "refunded"
HEADS = ("cgst", "sgst", "igst")
_KEPT = (
    "voucher_id", "customer_id", "order_id", "place_of_supply", "inter_state", "rate",
    "taxable_paise", "cgst_paise", "sgst_paise", "igst_paise",
)  # fmt: skip


@dataclass(frozen=True)
class Taxed:
    """A part of an advance that has one rate, for the services of an order."""

    order_id: UUID
    rate: int
    place_of_supply: str
    inter_state: bool
    taxable: int
    cgst: int
    sgst: int
    igst: int

    @property
    def tax(self) -> int:
        return self.cgst + self.sgst + self.igst

    @property
    def gross(self) -> int:
        return self.taxable + self.tax


@dataclass(frozen=True)
class Movement:
    """Tax on an advance that came up or ended on a day; `received_on` is when it came up, `number`
    that of its receipt voucher."""

    kind: str
    on: date
    received_on: date
    place_of_supply: str
    inter_state: bool
    rate: int
    taxable: int
    cgst: int
    sgst: int
    igst: int
    number: str
    customer: str


def of_advance(ctx: Context, customer_id: UUID, amount: int) -> list[Taxed]:
    """What of an advance is for services on order, oldest order first, with its tax."""
    seller = business(ctx)
    if not rules.charges_tax(seller):
        return []
    terms = rules.supply(seller, customer(ctx, customer_id))
    if not terms.charge_tax:
        return []
    found: list[Taxed] = []
    for booked in reversed(open_orders(ctx, customer_id, limit=LOOKED_THROUGH)):
        services = [line for line in booked.lines if is_taxed_service(line)]
        if booked.invoice_id is not None or not services or amount <= 0:
            continue
        if booked.total_paise <= 0:
            continue
        known = sum(_gross(row) for row in _standing(ctx, _c.order_id == booked.id))
        whole = sum(line.total_paise for line in services)
        share = min(amount, booked.total_paise) * whole // booked.total_paise
        part = max(0, min(whole - known, share))
        found += _by_rate(booked, services, part, inter=_inter(booked, terms))
        amount -= min(amount, booked.total_paise)
    return [one for one in found if one.gross]


def is_taxed_service(line: OrderLine) -> bool:
    """Whether a line is of a service that bears tax, or of one whose rate nobody knows."""
    return is_service(line.hsn) and bool(line.gst_rate or not line.rate_known)


def receive(ctx: Context, voucher_id: UUID, customer_id: UUID, found: Sequence[Taxed]) -> None:
    """Owe the tax of an advance whose voucher has been given."""
    if not found:
        return
    rows = [
        {
            "order_id": one.order_id,
            "place_of_supply": one.place_of_supply,
            "inter_state": one.inter_state,
            "rate": one.rate,
            "taxable_paise": one.taxable,
            **{f"{head}_paise": getattr(one, head) for head in HEADS},
            "received_id": None,
            "voucher_id": voucher_id,
            "customer_id": customer_id,
        }
        for one in found
    ]
    _write(ctx, RECEIVED, rows, source=voucher_id)


def adjust(ctx: Context, *, customer_id: UUID, order_id: UUID | None, invoice_id: UUID) -> None:
    """Take off the tax of advances for what has now been billed; also of those whose order came to
    nothing, since the money goes to this bill."""
    standing = _FOR_BILL.all(
        ctx.connection, tenant=ctx.business_id, customer=customer_id, booked=order_id
    )
    _end(ctx, ADJUSTED, standing, invoice_id=invoice_id, source=invoice_id)


def reopen(ctx: Context, invoice_id: UUID) -> None:
    """Owe again what was taken off against a bill that has been cancelled."""
    rows = ctx.connection.execute(
        select(advance_taxes).where(
            _c.business_id == ctx.business_id,
            _c.invoice_id == invoice_id,
            _c.kind == ADJUSTED,
        )
    ).all()
    _write(ctx, RECEIVED, [_plain(row) for row in rows], source=invoice_id)


def refund(ctx: Context, customer_id: UUID, amount: int, *, source: UUID) -> None:
    """Take off the tax of so much of a customer's advances, the oldest first, as it goes back."""
    for row in _standing(ctx, _c.customer_id == customer_id):
        part = min(amount, _gross(row))
        if part <= 0:
            return
        _end(ctx, REFUNDED, [row], source=source)
        if part < _gross(row):
            rest = _split(_gross(row) - part, row.rate, inter=row.inter_state)
            _write(ctx, RECEIVED, [{**_plain(row), **rest}], source=source)
        amount -= part


def undo(ctx: Context, payment_id: UUID) -> None:
    """Take off the tax of a payment that never was: a mistake, or a cheque that bounced."""
    vouchers = select(papers.c.id).where(
        papers.c.business_id == ctx.business_id, papers.c.payment_id == payment_id
    )
    _end(ctx, REFUNDED, _standing(ctx, _c.voucher_id.in_(vouchers)), source=payment_id)


def movements(reader: Reader, start: date, end: date) -> list[Movement]:
    """The tax on advances that came up or ended in a period, both days included."""
    former, voucher, buyer = advance_taxes.alias(), papers.c, customers.c
    rows = reader.connection.execute(
        select(
            advance_taxes,
            former.c.on_date.label("received_on"),
            voucher.number,
            buyer.name.label("customer"),
        )
        .select_from(
            advance_taxes.outerjoin(
                former,
                (former.c.business_id == _c.business_id) & (former.c.id == _c.received_id),
            )
            .join(papers, (voucher.business_id == _c.business_id) & (voucher.id == _c.voucher_id))
            .join(customers, (buyer.business_id == _c.business_id) & (buyer.id == _c.customer_id))
        )
        .where(_c.business_id == reader.business_id, _c.on_date.between(start, end))
        .order_by(_c.created_at, _c.id)
    )
    return [
        Movement(
            kind=row.kind,
            on=row.on_date,
            received_on=row.received_on or row.on_date,
            place_of_supply=row.place_of_supply,
            inter_state=row.inter_state,
            rate=row.rate,
            taxable=row.taxable_paise,
            cgst=row.cgst_paise,
            sgst=row.sgst_paise,
            igst=row.igst_paise,
            number=row.number,
            customer=row.customer,
        )
        for row in rows
    ]


_c = advance_taxes.c


def _inter(booked: Order, terms: rules.Supply) -> bool:
    return terms.always_inter_state or booked.supplier_state != booked.place_of_supply


def _by_rate(
    booked: Order, services: Iterable[OrderLine], part: int, *, inter: bool
) -> list[Taxed]:
    totals: dict[int, int] = defaultdict(int)
    for line in services:
        totals[line.gst_rate if line.rate_known else RATE_NOT_KNOWN] += line.total_paise
    shares = split_by_largest_remainder(part, list(totals.values())) if part else []
    return [
        Taxed(
            order_id=booked.id,
            rate=rate,
            place_of_supply=booked.place_of_supply,
            inter_state=inter,
            **{name.removesuffix("_paise"): paise for name, paise in amounts.items()},
        )
        for rate, share in zip(totals, shares, strict=False)
        for amounts in [_split(share, rate, inter=inter)]
    ]


def _split(gross: int, rate: int, *, inter: bool) -> dict[str, int]:
    """An advance that holds its tax, by value and heads."""
    exact = Decimal(gross) * rate / (WHOLE + rate)
    igst = half_up(exact) if inter else 0
    half = 0 if inter else half_up(exact / 2)
    return {
        "taxable_paise": gross - igst - 2 * half,
        "cgst_paise": half,
        "sgst_paise": half,
        "igst_paise": igst,
    }


def _standing(reader: Reader, condition: ColumnElement[Any]) -> list[Row]:
    """Tax that is owed on advances and has not ended, oldest first."""
    found: list[Row] = reader.connection.execute(
        _STANDING.where(_c.business_id == reader.business_id, condition)
    ).all()
    return found


def _all_standing() -> Select:
    later = advance_taxes.alias()
    ended = (
        select(later.c.id)
        .where(later.c.business_id == _c.business_id, later.c.received_id == _c.id)
        .exists()
    )
    return select(advance_taxes).where(_c.kind == RECEIVED, ~ended).order_by(_c.created_at, _c.id)


_STANDING = _all_standing()
_FOR_BILL = Statement(
    _STANDING.where(
        _c.business_id == bindparam("tenant"),
        _c.customer_id == bindparam("customer"),
        (_c.order_id == bindparam("booked"))
        | _c.order_id.in_(
            select(order_rows.c.id).where(
                order_rows.c.business_id == bindparam("tenant"),
                order_rows.c.customer_id == bindparam("customer"),
                order_rows.c.status == states.CANCELLED,
            )
        ),
    )
)


def _gross(row: Row) -> int:
    return int(row.taxable_paise + row.cgst_paise + row.sgst_paise + row.igst_paise)


def _plain(row: Any) -> dict[str, Any]:
    """What a new row about the same advance has in common with an old one."""
    kept = {name: getattr(row, name) for name in _KEPT}
    return {**kept, "received_id": None}


def _end(
    ctx: Context,
    kind: str,
    rows: Sequence[Row],
    *,
    source: UUID,
    invoice_id: UUID | None = None,
) -> None:
    ending = [{**_plain(row), "received_id": row.id, "invoice_id": invoice_id} for row in rows]
    _write(ctx, kind, ending, source=source)


def _write(ctx: Context, kind: str, rows: Sequence[Mapping[str, Any]], *, source: UUID) -> None:
    """Add rows and post their tax: owed to the government, held against the advance."""
    if not rows:
        return
    sign = 1 if kind == RECEIVED else -1
    sums = [sum(row[f"{head}_paise"] for row in rows) for head in HEADS]
    accounts = (chart.OUTPUT_CGST, chart.OUTPUT_SGST, chart.OUTPUT_IGST)
    entry_id = post(
        ctx,
        kind="advance_tax",
        on=ctx.today,
        postings=[
            Posting(chart.GST_ON_ADVANCES, sign * sum(sums)),
            *(Posting(to, -sign * paise) for to, paise in zip(accounts, sums, strict=True)),
        ],
        source=("advance_tax", source),
    )
    if entry_id is None:
        return
    ctx.connection.execute(
        insert(advance_taxes),
        [
            {
                "invoice_id": None,
                **row,
                "business_id": ctx.business_id,
                "id": new_id(),
                "kind": kind,
                "on_date": ctx.today,
                "entry_id": entry_id,
                "created_at": ctx.now,
            }
            for row in rows
        ],
    )
