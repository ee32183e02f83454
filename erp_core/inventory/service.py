"""Commands on the stock, and the building blocks of orders and purchases: reserve, release, issue,
take back, bring in, send back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import Numeric, bindparam, insert, update
from sqlalchemy.sql.elements import ColumnElement

from erp_core.catalogue.models import products
from erp_core.catalogue.queries import Product, product
from erp_core.catalogue.service import add_product
from erp_core.db.statements import Statement
from erp_core.inventory import batches, places
from erp_core.inventory.batches import BatchCome
from erp_core.inventory.levels import (
    Level,
    Source,
    StockChanged,
    change_level,
    lock_levels,
    out_of_stock,
    post_value,
    store_level,
    told,
    too_little,
    too_much_promised,
    watch_level,
)
from erp_core.inventory.models import stock_levels, stock_movements
from erp_core.inventory.queries import NONE, movements_of
from erp_core.inventory.reasons import account_of
from erp_core.journal.context import Context
from erp_core.kernel.errors import BahiError, Invalid
from erp_core.kernel.ids import new_id
from erp_core.kernel.money import LARGEST_AMOUNT, half_up
from erp_core.kernel.quantity import Packing, checked, plain, positive
from erp_core.parties.permissions import Permission, require

_levels = stock_levels.c
_free = _levels.on_hand - _levels.reserved
_delta = bindparam("delta", type_=Numeric)


def _reserving(free: ColumnElement[Any]) -> Statement:
    return Statement(
        update(stock_levels)
        .where(
            _levels.business_id == bindparam("tenant"),
            _levels.product_id == bindparam("product"),
            products.c.business_id == _levels.business_id,
            products.c.id == _levels.product_id,
            free >= _delta,
            _levels.reserved + _delta >= 0,
        )
        .values(reserved=_levels.reserved + _delta)
        .returning(_levels.on_hand, _levels.reserved, _levels.value_paise, products.c.reorder_level)
    )


_PROMISE = _reserving(_free - batches.EXPIRED)
_RELEASE = _reserving(_free)


class StocksChanged(TypedDict):
    changes: list[StockChanged]


class ProductStocked(TypedDict):
    product_id: str
    sku: str
    unit: str
    price: int
    stock: str


@dataclass(frozen=True)
class Opening:
    """The stock that a business begins with. `unit_cost_paise` is what one unit has cost."""

    product_id: UUID
    quantity: Decimal
    unit_cost_paise: int


def add_stocked_product(
    ctx: Context,
    *,
    name: str,
    price_paise: int,
    unit: str = "piece",
    sku: str | None = None,
    cost_paise: int | None = None,
    hsn: str | None = None,
    gst_rate: str | None = "0",
    reorder_level: Decimal | None = None,
    stock: Decimal | None = None,
    mrp_paise: int | None = None,
    packing: Packing | None = None,
) -> ProductStocked:
    """Put a product in the catalogue together with what is there of it. Errors as catalogue's."""
    added = add_product(
        ctx,
        name=name,
        price_paise=price_paise,
        unit=unit,
        sku=sku,
        cost_paise=cost_paise,
        hsn=hsn,
        gst_rate=gst_rate,
        reorder_level=reorder_level,
        mrp_paise=mrp_paise,
        packing=packing,
    )
    if stock:
        open_stock(
            ctx,
            [Opening(UUID(added["product_id"]), positive(stock, added["unit"]), cost_paise or 0)],
        )
    return {**added, "stock": plain(stock or Decimal(0))}


def receive_stock(
    ctx: Context,
    *,
    product_id: UUID,
    quantity: Decimal,
    unit_cost_paise: int | None = None,
    reason: str = "received",
    credit: str | None = None,
    source: Source | None = None,
    expires_on: date | None = None,
    batch: str | None = None,
) -> StockChanged:
    """Add what came in, at its cost: the one given, else the product's, else the average so far.

    With an expiry date it is a batch. Credits purchases whose bill is awaited, or the account
    given. Raises Invalid("bad_quantity", "expired_already", "bad_batch"), Conflict("other_expiry").
    """
    require(ctx, Permission.ADJUST_STOCK)
    item = product(ctx, product_id)
    coming = positive(quantity, item.unit)
    level = lock_levels(ctx, [product_id])[product_id]
    unit_cost = _unit_cost(unit_cost_paise, item, level)
    value = _worth(coming, unit_cost)
    account = credit or account_of(reason, coming=True)
    dated = [BatchCome(coming, expires_on, batch)] if expires_on else []
    dated = batches.checked(ctx, dated, coming)
    return change_level(ctx, item, level, coming, value, reason, account, source, dated)


def remove_stock(
    ctx: Context, *, product_id: UUID, quantity: Decimal, reason: str = "removed"
) -> StockChanged:
    """Take away stock that was not sold through an order.

    Raises Conflict("out_of_stock", available) or, where the rest is promised to orders,
    Conflict("stock_reserved", available, reserved); Invalid("bad_reason").
    """
    require(ctx, Permission.ADJUST_STOCK)
    item = product(ctx, product_id)
    going = positive(quantity, item.unit)
    account = account_of(reason, coming=False)
    level = lock_levels(ctx, [product_id])[product_id]
    if going > level.available:
        raise too_little(product_id, level, going)
    return change_level(ctx, item, level, -going, -level.cost_of(going), reason, account, None)


def damage_stock(
    ctx: Context, *, product_id: UUID, quantity: Decimal, reason: str = "damaged"
) -> StockChanged:
    """Write off stock that broke, spoiled or expired. Errors as in `remove_stock`."""
    return remove_stock(ctx, product_id=product_id, quantity=quantity, reason=reason)


def take_for_own_use(ctx: Context, *, product_id: UUID, quantity: Decimal) -> StockChanged:
    """Take goods for the owner and the family: a drawing. Errors as in `remove_stock`."""
    return remove_stock(ctx, product_id=product_id, quantity=quantity, reason="own_use")


def write_off_expired(ctx: Context) -> StocksChanged:
    """Write off all stock that has expired. Raises Conflict("stock_reserved")."""
    require(ctx, Permission.ADJUST_STOCK)
    gone: dict[UUID, Decimal] = {}
    for one in batches.expiring(ctx, within=-1):
        gone[one.product_id] = gone.get(one.product_id, NONE) + one.quantity
    done = [
        damage_stock(ctx, product_id=product_id, quantity=gone[product_id], reason="expired")
        for product_id in sorted(gone)
    ]
    return {"changes": done}


def set_stock(
    ctx: Context, *, product_id: UUID, quantity: Decimal, reason: str = "counted"
) -> StockChanged:
    """Set the stock to a counted total; the difference is a gain or a loss.

    Raises Conflict("stock_reserved", reserved) when less was counted than is promised to orders.
    """
    require(ctx, Permission.ADJUST_STOCK)
    item = product(ctx, product_id)
    counted = positive(quantity, item.unit) if quantity else checked(quantity)
    level = lock_levels(ctx, [product_id])[product_id]
    if counted < level.reserved:
        raise too_much_promised(product_id, level, counted)
    delta = counted - level.on_hand
    if delta == 0:
        return told(product_id, level, level)
    if delta > 0:
        value = _worth(delta, _unit_cost(None, item, level, average_first=True))
    else:
        value = -level.cost_of(-delta)
    account = account_of(reason, coming=delta > 0)
    return change_level(ctx, item, level, delta, value, reason, account, None)


CHANGES: Mapping[str, Callable[..., StockChanged]] = {
    "add": receive_stock,
    "remove": remove_stock,
    "damage": damage_stock,
    "own": take_for_own_use,
    "set": set_stock,
}
"""The ways in which stock changes by hand."""


def change_stock(
    ctx: Context,
    *,
    change: str,
    lines: Sequence[Mapping[str, Any]],
    place: str | None = None,
) -> StocksChanged:
    """Change the stock of several products alike, all or none; answers in the order of `lines`.

    Goods that came lie in `place`, where it is named, else in the shop.

    A line is {"product_id", "quantity"}; of goods that came also "unit_cost_paise", "expires_on"
    (an ISO date) and "batch" where they are said. Raises Invalid("bad_change") and what the change
    raises.
    """
    command = CHANGES.get(change)
    if command is None:
        raise Invalid("bad_change")
    if place and change == "add":
        places.find(ctx, place)
    in_order_of_locks = sorted(range(len(lines)), key=lambda at: UUID(lines[at]["product_id"]))
    done = {
        at: command(
            ctx,
            product_id=UUID(lines[at]["product_id"]),
            quantity=Decimal(lines[at]["quantity"]),
            **_come_with(change, lines[at]),
        )
        for at in in_order_of_locks
    }
    if place and change == "add":
        for at in in_order_of_locks:
            places.put_down(
                ctx,
                product_id=UUID(lines[at]["product_id"]),
                quantity=Decimal(lines[at]["quantity"]),
                target=place,
            )
    return {"changes": [done[at] for at in range(len(lines))]}


def _come_with(change: str, line: Mapping[str, Any]) -> dict[str, Any]:
    """What was said of goods that came: the cost of one, when they expire, their batch."""
    if change != "add":
        return {}
    cost, expires = line.get("unit_cost_paise"), line.get("expires_on")
    return {
        **({"unit_cost_paise": int(cost)} if cost else {}),
        **({"expires_on": date.fromisoformat(expires)} if expires else {}),
        **({"batch": line["batch"]} if line.get("batch") else {}),
    }


def open_stock(ctx: Context, openings: Iterable[Opening]) -> None:
    """Give products that have none the stock that the business begins with, in one entry."""
    require(ctx, Permission.ADJUST_STOCK)
    levels: list[dict[str, object]] = []
    moves: list[dict[str, object]] = []
    total = 0
    for opening in sorted(openings, key=lambda one: one.product_id):
        value = _worth(checked(opening.quantity), opening.unit_cost_paise)
        total += value
        row = {
            "business_id": ctx.business_id,
            "product_id": opening.product_id,
            "value_paise": value,
        }
        levels.append({**row, "on_hand": opening.quantity, "reserved": Decimal(0)})
        moves.append(
            {
                **row,
                "id": new_id(),
                "moved_at": ctx.now,
                "reason": "opening",
                "delta": opening.quantity,
                "on_hand_after": opening.quantity,
            }
        )
        ctx.record(
            "stock.changed",
            entity=opening.product_id,
            reason="opening",
            before="0",
            after=plain(opening.quantity),
            delta=plain(opening.quantity),
            value=value,
        )
    if levels:
        ctx.connection.execute(insert(stock_levels), levels)
        ctx.connection.execute(insert(stock_movements), moves)
        post_value(ctx, "stock_opening", total, account_of("opening", coming=True), None)


def correct_opening(
    ctx: Context, *, product_id: UUID, delta: Decimal, unit_cost_paise: int
) -> StockChanged:
    """Correct what a business said that it began with; sales since then stay as they are.

    Raises Conflict("out_of_stock") or Conflict("stock_reserved") when more is gone than is left.
    """
    require(ctx, Permission.ADJUST_STOCK)
    item = product(ctx, product_id)
    level = lock_levels(ctx, [product_id])[product_id]
    if level.available + delta < 0:
        raise too_little(product_id, level, -delta)
    value = _worth(delta, unit_cost_paise) if delta > 0 else -level.cost_of(-delta)
    account = account_of("opening", coming=delta > 0)
    return change_level(ctx, item, level, checked(delta), value, "opening", account, None)


def reserve(ctx: Context, wanted: Mapping[UUID, Decimal]) -> None:
    """Promise stock to an order. All or nothing: raises Conflict("out_of_stock", product_id,
    available, wanted) for the first product of which too little is available."""
    change_reservations(ctx, wanted)


def release(ctx: Context, promised: Mapping[UUID, Decimal]) -> None:
    """Give promised stock free again."""
    change_reservations(ctx, {key: -quantity for key, quantity in promised.items()})


def change_reservations(ctx: Context, deltas: Mapping[UUID, Decimal]) -> None:
    """Promise more (above zero) or less (below) of several products, in one pass over their rows.

    Each is one conditional UPDATE, which waits for and then sees what others did to the row; a
    reading before it could be stale, and sell one piece twice.
    """
    for product_id in sorted(deltas):
        delta = deltas[product_id]
        if delta == 0:
            continue
        changed = (_PROMISE if delta > 0 else _RELEASE).first(
            ctx.connection,
            tenant=ctx.business_id,
            product=product_id,
            delta=delta,
            **({"today": ctx.today} if delta > 0 else {}),
        )
        if changed is None:
            raise _not_enough(ctx, product_id, delta)
        after = Level(*changed)
        watch_level(ctx, product_id, after.moved(NONE, reserved=-delta), after)


def issue(ctx: Context, promised: Mapping[UUID, Decimal], *, source: Source) -> int:
    """Hand out stock that was promised to an order; what it cost, in paise, is posted and given."""
    levels = lock_levels(ctx, promised)
    total = 0
    for product_id in sorted(promised):
        level, quantity = levels[product_id], promised[product_id]
        if quantity > level.reserved:
            raise out_of_stock(product_id, level, quantity)
        value = level.cost_of(quantity)
        after = level.moved(-quantity, reserved=-quantity, value=-value)
        store_level(ctx, product_id, level, after, "sold", source)
        total += value
    post_value(ctx, "stock_issue", -total, account_of("sold", coming=False), source)
    return total


def take_back(ctx: Context, *, source: Source) -> int:
    """Take back what was issued for an order, at the cost at which it left; the cost is given."""
    issued: dict[UUID, tuple[Decimal, int]] = {}
    for movement in movements_of(ctx, *source):
        quantity, value = issued.get(movement.product_id, (Decimal(0), 0))
        issued[movement.product_id] = (quantity - movement.delta, value - movement.value_paise)
    levels = lock_levels(ctx, issued)
    total = 0
    for product_id in sorted(issued):
        level, (quantity, value) = levels[product_id], issued[product_id]
        after = level.moved(quantity, value=value)
        store_level(ctx, product_id, level, after, "returned", source)
        total += value
    post_value(ctx, "stock_return", total, account_of("returned", coming=True), source)
    return total


def bring_in(
    ctx: Context,
    coming: Mapping[UUID, tuple[Decimal, int]],
    *,
    source: Source,
    dated: Mapping[UUID, Sequence[BatchCome]] | None = None,
) -> None:
    """Add goods that were bought: how much of each, and what all of it has cost in paise; `dated`
    says which of them are of which batch.

    Whoever calls posts the cost to INVENTORY, in the entry of the bill. Raises
    Invalid("bad_amount", "bad_quantity", "expired_already", "bad_batch").
    """
    levels = lock_levels(ctx, coming)
    for product_id in sorted(coming):
        level, (quantity, value) = levels[product_id], coming[product_id]
        after = level.moved(quantity, value=value)
        if after.value > LARGEST_AMOUNT:
            raise Invalid("bad_amount")
        found = batches.checked(ctx, (dated or {}).get(product_id, ()), quantity)
        store_level(ctx, product_id, level, after, "received", source, found)


def send_back(ctx: Context, going: Mapping[UUID, Decimal], *, source: Source) -> int:
    """Take out goods that go back to their vendor; what they cost is given, for the caller to post.

    Raises Conflict("out_of_stock") or Conflict("stock_reserved").
    """
    levels = lock_levels(ctx, going)
    total = 0
    for product_id in sorted(going):
        level, quantity = levels[product_id], going[product_id]
        if quantity > level.available:
            raise too_little(product_id, level, quantity)
        value = level.cost_of(quantity)
        after = level.moved(-quantity, value=-value)
        store_level(ctx, product_id, level, after, "sent_back", source)
        total += value
    return total


def hold(ctx: Context, product_ids: Iterable[UUID]) -> None:
    """Lock the stock rows of goods whose stock will change, before what is locked after them."""
    lock_levels(ctx, product_ids)


def _unit_cost(
    given: int | None, item: Product, level: Level, *, average_first: bool = False
) -> Decimal:
    """What one unit that comes in costs, in paise, as well as we know."""
    if given is not None:
        if not 0 <= given <= LARGEST_AMOUNT:
            raise Invalid("bad_amount")
        return Decimal(given)
    average = level.value / level.on_hand if level.on_hand else None
    stated = None if item.cost_paise is None else Decimal(item.cost_paise)
    known = [average, stated] if average_first else [stated, average]
    return next((cost for cost in known if cost is not None), Decimal(0))


def _worth(quantity: Decimal, unit_cost: Decimal | int) -> int:
    value = half_up(quantity * unit_cost)
    if value > LARGEST_AMOUNT:
        raise Invalid("bad_amount")
    return value


def _not_enough(ctx: Context, product_id: UUID, wanted: Decimal) -> BahiError:
    level = lock_levels(ctx, [product_id])[product_id]
    expired = batches.expired_of(ctx, product_id) if level.batched else NONE
    return out_of_stock(product_id, level.moved(-min(expired, level.available)), wanted)
