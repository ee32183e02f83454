"""Purchase orders: what a vendor was asked to bring, and how much of it has come.

An order is no document of account: nothing is posted until goods come with their bill.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypedDict
from uuid import UUID

from sqlalchemy import func, insert, select, update

from erp_core.catalogue.models import products
from erp_core.catalogue.queries import Quantified, products_by_id, quantities_of
from erp_core.invoicing.numbering import next_number
from erp_core.journal.context import Context, Reader, Recipient
from erp_core.kernel.errors import Conflict, Invalid, NotFound
from erp_core.kernel.ids import new_id
from erp_core.orders.pricing import MOST_LINES
from erp_core.parties.models import vendors
from erp_core.parties.permissions import Permission, require
from erp_core.parties.queries import business, vendor
from erp_core.parties.service import vendor_named
from erp_core.purchases import states
from erp_core.purchases.models import purchase_order_lines, purchase_orders
from erp_core.purchases.queries import last_bought
from erp_core.tax import rules

ORDER = "PO"
TELLING = "utter_purchase_order"


class OrderPlaced(TypedDict):
    """`told`: the vendor has a number and gets the order as a message."""

    order_id: str
    number: str
    vendor_id: str
    vendor: str
    lines: int
    told: bool


class LineOrdered(Quantified, total=False):
    """So much of a product, at a rate that was agreed."""

    unit_price_paise: int


class OrderDropped(TypedDict):
    order_id: str
    number: str
    vendor: str


@dataclass(frozen=True)
class OrderLine:
    """Goods of an order; `unit_price` is what was agreed, else what they cost last, if anybody
    knows."""

    position: int
    product_id: UUID
    product: str
    unit: str
    quantity: Decimal
    received: Decimal
    unit_price: int | None

    @property
    def open(self) -> Decimal:
        """How much is still to come."""
        return max(self.quantity - self.received, Decimal(0))


@dataclass(frozen=True)
class PurchaseOrder:
    """An order to a vendor."""

    id: UUID
    number: str
    vendor_id: UUID
    vendor: str
    status: str
    on: date
    lines: tuple[OrderLine, ...]


def place_order(
    ctx: Context,
    *,
    lines: Sequence[LineOrdered],
    vendor_id: UUID | None = None,
    vendor_name: str | None = None,
) -> OrderPlaced:
    """Order goods from a vendor, who is told by message if there is a number.

    Raises NotFound("vendor", "product"), Invalid("no_lines", "too_many_lines", "bad_quantity",
    "bad_amount").
    """
    require(ctx, Permission.RECORD_PURCHASE)
    if len(lines) > MOST_LINES:
        raise Invalid("too_many_lines")
    seller = vendor(ctx, vendor_id or vendor_named(ctx, vendor_name or ""))
    wanted = quantities_of(ctx, lines)
    agreed = _agreed(lines)
    own, order_id = business(ctx), new_id()
    number = next_number(ctx, ORDER, rules.home_of(own), ctx.today).text
    _insert(ctx, order_id, seller.id, number, wanted, {**_prices(ctx, wanted), **agreed})
    ctx.record(
        "purchase_order.placed",
        entity=order_id,
        vendor_id=str(seller.id),
        number=number,
        lines=len(wanted),
    )
    if seller.phone:
        ctx.tell(
            TELLING,
            to=Recipient("vendor", seller.id),
            facts={"purchase_order_id": str(order_id)},
            attachment={"kind": "purchase_order", "id": str(order_id)},
        )
    return {
        "order_id": str(order_id),
        "number": number,
        "vendor_id": str(seller.id),
        "vendor": seller.name,
        "lines": len(wanted),
        "told": seller.phone is not None,
    }


def _agreed(lines: Sequence[LineOrdered]) -> dict[UUID, int]:
    """The rates that lines name."""
    named = {
        UUID(one["product_id"]): one["unit_price_paise"]
        for one in lines
        if "unit_price_paise" in one
    }
    if any(rate <= 0 for rate in named.values()):
        raise Invalid("bad_amount")
    return named


def _insert(
    ctx: Context,
    order_id: UUID,
    vendor_id: UUID,
    number: str,
    wanted: Mapping[UUID, Decimal],
    prices: Mapping[UUID, int],
) -> None:
    ctx.connection.execute(
        insert(purchase_orders).values(
            business_id=ctx.business_id,
            id=order_id,
            vendor_id=vendor_id,
            number=number,
            status=states.SENT,
            on_date=ctx.today,
            created_at=ctx.now,
        )
    )
    ctx.connection.execute(
        insert(purchase_order_lines),
        [
            {
                "business_id": ctx.business_id,
                "order_id": order_id,
                "position": at,
                "product_id": product_id,
                "quantity": quantity,
                "received": Decimal(0),
                "unit_price_paise": prices.get(product_id),
            }
            for at, (product_id, quantity) in enumerate(wanted.items(), start=1)
        ],
    )


def cancel_order(ctx: Context, *, order_id: UUID) -> OrderDropped:
    """Drop what has not come of an order. Raises NotFound("purchase_order"),
    Conflict("bad_transition")."""
    require(ctx, Permission.RECORD_PURCHASE)
    status = _lock(ctx, order_id)
    states.TRANSITIONS.check(status, states.CANCELLED)
    _move(ctx, order_id, states.CANCELLED)
    dropped = order(ctx, order_id)
    ctx.record("purchase_order.cancelled", entity=order_id, number=dropped.number)
    return {"order_id": str(order_id), "number": dropped.number, "vendor": dropped.vendor}


def receive(
    ctx: Context, *, vendor_id: UUID, came: Mapping[UUID, Decimal], order_id: UUID | None = None
) -> UUID | None:
    """Note on a vendor's order what of it has come; without an id, on the oldest that fits.

    Gives the order, None when nothing was ordered. Called by the bill that brings the goods, which
    is written all the same when more comes than was ordered. Raises NotFound("purchase_order"),
    Conflict("not_open").
    """
    wanted = order_id or _oldest_with(ctx, vendor_id, came)
    if wanted is None:
        return None
    status = _lock(ctx, wanted)
    if status not in states.OPEN or order(ctx, wanted).vendor_id != vendor_id:
        if order_id:
            raise Conflict("not_open")
        return None
    left = dict(came)
    still_open = False
    for line in order(ctx, wanted).lines:
        taken = left.pop(line.product_id, Decimal(0))
        if taken:
            ctx.connection.execute(
                update(purchase_order_lines)
                .where(
                    purchase_order_lines.c.business_id == ctx.business_id,
                    purchase_order_lines.c.order_id == wanted,
                    purchase_order_lines.c.position == line.position,
                )
                .values(received=line.received + taken)
            )
        still_open = still_open or line.received + taken < line.quantity
    after = states.PARTLY if still_open else states.RECEIVED
    states.TRANSITIONS.check(status, after)
    _move(ctx, wanted, after)
    ctx.record("purchase_order.received", entity=wanted, status=after)
    return wanted


def order(reader: Reader, order_id: UUID) -> PurchaseOrder:
    """A purchase order. Raises NotFound("purchase_order")."""
    found = _orders(reader, [order_id])
    if not found:
        raise NotFound("purchase_order", order_id=str(order_id))
    return found[0]


def open_orders(reader: Reader) -> list[PurchaseOrder]:
    """The orders of which something is still to come, oldest first."""
    require(reader, Permission.VIEW_PURCHASES)
    c = purchase_orders.c
    ids = reader.connection.execute(
        select(c.id).where(c.business_id == reader.business_id, c.status.in_(states.OPEN))
    ).scalars()
    return _orders(reader, list(ids))


def coming(reader: Reader) -> dict[UUID, Decimal]:
    """How much of each product is ordered and has not come."""
    head, line = purchase_orders.c, purchase_order_lines.c
    rows = reader.connection.execute(
        select(line.product_id, func.sum(func.greatest(line.quantity - line.received, 0)))
        .join(
            purchase_orders,
            (head.business_id == line.business_id) & (head.id == line.order_id),
        )
        .where(line.business_id == reader.business_id, head.status.in_(states.OPEN))
        .group_by(line.product_id)
    )
    return {row[0]: row[1] for row in rows}


def lead_days(reader: Reader) -> dict[UUID, int]:
    """How many days each vendor took on average to bring what was ordered, rounded up."""
    c = purchase_orders.c
    rows = reader.connection.execute(
        select(c.vendor_id, c.on_date, c.received_at)
        .where(c.business_id == reader.business_id, c.status == states.RECEIVED)
        .order_by(c.id)
    )
    took: defaultdict[UUID, list[int]] = defaultdict(list)
    for row in rows:
        took[row.vendor_id].append(max(0, (row.received_at.date() - row.on_date).days))
    return {one: -(-sum(days[-10:]) // len(days[-10:])) for one, days in took.items()}


def _prices(ctx: Context, ids: Collection[UUID]) -> dict[UUID, int]:
    known = products_by_id(ctx, list(ids))
    stated = {one.id: one.cost_paise for one in known.values() if one.cost_paise is not None}
    return {**stated, **{one: last.unit_price for one, last in last_bought(ctx, ids).items()}}


def _lock(ctx: Context, order_id: UUID) -> str:
    c = purchase_orders.c
    status: str | None = ctx.connection.execute(
        select(c.status).where(c.business_id == ctx.business_id, c.id == order_id).with_for_update()
    ).scalar_one_or_none()
    if status is None:
        raise NotFound("purchase_order", order_id=str(order_id))
    return status


def _move(ctx: Context, order_id: UUID, status: str) -> None:
    ctx.connection.execute(
        update(purchase_orders)
        .where(purchase_orders.c.business_id == ctx.business_id, purchase_orders.c.id == order_id)
        .values(status=status, received_at=ctx.now if status == states.RECEIVED else None)
    )


def _oldest_with(ctx: Context, vendor_id: UUID, came: Collection[UUID]) -> UUID | None:
    head, line = purchase_orders.c, purchase_order_lines.c
    found: UUID | None = ctx.connection.execute(
        select(head.id)
        .join(
            purchase_order_lines,
            (head.business_id == line.business_id) & (head.id == line.order_id),
        )
        .where(
            head.business_id == ctx.business_id,
            head.vendor_id == vendor_id,
            head.status.in_(states.OPEN),
            line.product_id.in_(set(came)),
            line.received < line.quantity,
        )
        .order_by(head.id)
        .limit(1)
    ).scalar_one_or_none()
    return found


def _orders(reader: Reader, ids: Sequence[UUID]) -> list[PurchaseOrder]:
    if not ids:
        return []
    head, line = purchase_orders.c, purchase_order_lines.c
    lines: defaultdict[UUID, list[OrderLine]] = defaultdict(list)
    for row in reader.connection.execute(
        select(purchase_order_lines, products.c.name, products.c.unit)
        .join(
            products,
            (products.c.business_id == line.business_id) & (products.c.id == line.product_id),
        )
        .where(line.business_id == reader.business_id, line.order_id.in_(ids))
        .order_by(line.order_id, line.position)
    ):
        lines[row.order_id].append(
            OrderLine(
                row.position,
                row.product_id,
                row.name,
                row.unit,
                row.quantity,
                row.received,
                row.unit_price_paise,
            )
        )
    rows = reader.connection.execute(
        select(purchase_orders, vendors.c.name)
        .join(
            vendors, (vendors.c.business_id == head.business_id) & (vendors.c.id == head.vendor_id)
        )
        .where(head.business_id == reader.business_id, head.id.in_(ids))
        .order_by(head.id)
    )
    return [
        PurchaseOrder(
            row.id,
            row.number,
            row.vendor_id,
            row.name,
            row.status,
            row.on_date,
            tuple(lines[row.id]),
        )
        for row in rows
    ]
