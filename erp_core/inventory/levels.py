"""The row of a product's stock under lock, and every way in which it changes: with its movement,
its batches, its event and its posting.

Whoever touches several products locks their rows in the order of product ids, so that two orders
for the same goods wait for each other and never deadlock.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypedDict
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from erp_core.catalogue.models import products
from erp_core.catalogue.queries import Product
from erp_core.db.many import one_of_given
from erp_core.db.statements import Statement, insertion
from erp_core.inventory import batches, places
from erp_core.inventory.batches import BatchCome
from erp_core.inventory.models import stock_levels, stock_movements
from erp_core.inventory.queries import NONE
from erp_core.journal.context import Context
from erp_core.kernel.errors import BahiError, Conflict, Invalid
from erp_core.kernel.ids import new_id
from erp_core.kernel.money import LARGEST_AMOUNT, half_up
from erp_core.kernel.quantity import checked, plain
from erp_core.ledger import chart
from erp_core.ledger.service import Posting, post

Source = tuple[str, UUID]
"""What moves the stock: ("order", its id)."""

BY_HAND = "product"
"""Where the ledger's entry of a change comes from that no document made: from the product."""
UNDONE = "stock_movement"
"""Where a movement comes from that takes another one back."""

_levels = stock_levels.c

_LOCK = Statement(
    select(
        _levels.product_id, _levels.on_hand, _levels.reserved, _levels.value_paise,
        products.c.reorder_level, _levels.batched, _levels.scattered,
    )
    .join(
        products,
        (products.c.business_id == _levels.business_id) & (products.c.id == _levels.product_id),
    )
    .where(
        _levels.business_id == bindparam("tenant"), one_of_given(_levels.product_id, "products")
    )
    .order_by(_levels.product_id)
    .with_for_update(of=stock_levels, key_share=True)
)  # fmt: skip
_SET = Statement(
    update(stock_levels).where(
        _levels.business_id == bindparam("tenant"), _levels.product_id == bindparam("product")
    ),
    columns=("on_hand", "reserved", "value_paise"),
)
_MOVE = insertion(
    stock_movements, "business_id", "id", "product_id", "moved_at", "reason", "delta",
    "on_hand_after", "value_paise", "source_kind", "source_id",
)  # fmt: skip


class StockChanged(TypedDict):
    """Quantities as plain strings; `value` is the change of the stock's cost in paise; no movement
    where nothing changed."""

    product_id: str
    movement_id: str | None
    before: str
    after: str
    delta: str
    available: str
    value: int


@dataclass(frozen=True)
class Level:
    """What is there of a product, and promised of it; `value` is its cost in paise."""

    on_hand: Decimal
    reserved: Decimal
    value: int
    reorder_level: Decimal | None
    batched: bool = False
    scattered: bool = False

    @property
    def available(self) -> Decimal:
        return self.on_hand - self.reserved

    def cost_of(self, quantity: Decimal) -> int:
        """What this much of the stock has cost; the last of it takes along every paisa left."""
        if quantity == self.on_hand:
            return self.value
        return half_up(self.value * quantity / self.on_hand)

    def moved(self, on_hand: Decimal, *, reserved: Decimal = NONE, value: int = 0) -> Level:
        """The level with this much more (or less) of everything."""
        return replace(
            self,
            on_hand=self.on_hand + on_hand,
            reserved=self.reserved + reserved,
            value=self.value + value,
        )


def lock_levels(ctx: Context, product_ids: Iterable[UUID]) -> dict[UUID, Level]:
    """Lock the stock rows of products, in the order of ids; a product without a row gets one."""
    wanted = sorted(set(product_ids))
    if not wanted:
        return {}
    rows = _LOCK.all(ctx.connection, tenant=ctx.business_id, products=wanted)
    if len(rows) < len(wanted):
        ctx.connection.execute(
            upsert(stock_levels).on_conflict_do_nothing(),
            [
                {
                    "business_id": ctx.business_id,
                    "product_id": product_id,
                    "on_hand": 0,
                    "reserved": 0,
                    "value_paise": 0,
                }
                for product_id in wanted
            ],
        )
        rows = _LOCK.all(ctx.connection, tenant=ctx.business_id, products=wanted)
    return {product_id: Level(*level) for product_id, *level in rows}


def change_level(
    ctx: Context,
    item: Product,
    before: Level,
    delta: Decimal,
    value: int,
    reason: str,
    account: str,
    source: Source | None,
    coming: Sequence[BatchCome] = (),
) -> StockChanged:
    """Let goods come or go that are worth `value`, which is posted against `account`."""
    after = before.moved(delta, value=value)
    if after.value > LARGEST_AMOUNT:
        raise Invalid("bad_amount")
    movement_id = store_level(ctx, item.id, before, after, reason, source, coming)
    post_value(ctx, f"stock_{reason}", value, account, source or (BY_HAND, item.id))
    return told(item.id, before, after, movement_id)


def store_level(
    ctx: Context,
    product_id: UUID,
    before: Level,
    after: Level,
    reason: str,
    source: Source | None,
    coming: Sequence[BatchCome] = (),
    *,
    undoes: UUID | None = None,
) -> UUID:
    """Write a locked row's new state, its movement with its batches, and its event."""
    delta, movement_id = after.on_hand - before.on_hand, new_id()
    if before.scattered and delta < 0:
        places.fetch(ctx, product_id=product_id, going=-delta, on_hand=before.on_hand)
    checked(after.on_hand)
    _SET.run(
        ctx.connection,
        tenant=ctx.business_id,
        product=product_id,
        on_hand=after.on_hand,
        reserved=after.reserved,
        value_paise=after.value,
    )
    _write_movement(ctx, movement_id, product_id, before, after, reason, source)
    if undoes and before.batched:
        batches.undo(ctx, product_id=product_id, movement_id=movement_id, undoes=undoes)
    elif before.batched or coming:
        batches.follow(
            ctx,
            product_id=product_id,
            movement_id=movement_id,
            delta=delta,
            on_hand=before.on_hand,
            reason=reason,
            coming=coming,
        )
    _record_change(ctx, product_id, before, after, reason)
    watch_level(ctx, product_id, before, after)
    return movement_id


def _write_movement(
    ctx: Context,
    movement_id: UUID,
    product_id: UUID,
    before: Level,
    after: Level,
    reason: str,
    source: Source | None,
) -> None:
    source_kind, source_id = source or (None, None)
    _MOVE.run(
        ctx.connection,
        business_id=ctx.business_id,
        id=movement_id,
        product_id=product_id,
        moved_at=ctx.now,
        reason=reason,
        delta=after.on_hand - before.on_hand,
        on_hand_after=after.on_hand,
        value_paise=after.value - before.value,
        source_kind=source_kind,
        source_id=source_id,
    )


def _record_change(
    ctx: Context, product_id: UUID, before: Level, after: Level, reason: str
) -> None:
    ctx.record(
        "stock.changed",
        entity=product_id,
        reason=reason,
        before=plain(before.on_hand),
        after=plain(after.on_hand),
        delta=plain(after.on_hand - before.on_hand),
        value=after.value - before.value,
    )


def watch_level(ctx: Context, product_id: UUID, before: Level, after: Level) -> None:
    """Record the moment when available stock falls to the reorder level: once for each crossing."""
    level = after.reorder_level
    if level is not None and after.available <= level < before.available:
        ctx.record(
            "stock.low",
            entity=product_id,
            available=plain(after.available),
            reorder_level=plain(level),
        )


def post_value(ctx: Context, kind: str, value: int, account: str, source: Source | None) -> None:
    """Post by how much the stock is worth more (or less, below zero)."""
    post(
        ctx,
        kind=kind,
        on=ctx.today,
        postings=[Posting(chart.INVENTORY, value), Posting(account, -value)],
        source=source,
    )


def too_little(product_id: UUID, level: Level, wanted: Decimal) -> BahiError:
    """What to raise when goods are to leave that are not there, or are promised to orders."""
    if wanted <= level.on_hand and level.reserved:
        return too_much_promised(product_id, level, wanted)
    return out_of_stock(product_id, level, wanted)


def out_of_stock(product_id: UUID, level: Level, wanted: Decimal) -> BahiError:
    """What to raise when too little is free."""
    return Conflict(
        "out_of_stock",
        product_id=str(product_id),
        available=plain(level.available),
        wanted=plain(wanted),
    )


def too_much_promised(product_id: UUID, level: Level, wanted: Decimal) -> BahiError:
    """What to raise when goods that are there are promised to orders."""
    return Conflict(
        "stock_reserved",
        product_id=str(product_id),
        available=plain(level.available),
        reserved=plain(level.reserved),
        wanted=plain(wanted),
    )


def told(
    product_id: UUID, before: Level, after: Level, movement_id: UUID | None = None
) -> StockChanged:
    """What a command says of a change."""
    return {
        "product_id": str(product_id),
        "movement_id": str(movement_id) if movement_id else None,
        "before": plain(before.on_hand),
        "after": plain(after.on_hand),
        "delta": plain(after.on_hand - before.on_hand),
        "available": plain(after.available),
        "value": after.value - before.value,
    }
