"""A change of stock that was written wrongly is taken back by its opposite; the right one comes in
its place.

Nothing is edited: both movements stand. What an order, a bill or a purchase moved is undone there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.engine import Row

from erp_core.catalogue.models import products
from erp_core.inventory import levels, places, service
from erp_core.inventory.levels import (
    UNDONE,
    StockChanged,
    lock_levels,
    post_value,
    store_level,
    told,
)
from erp_core.inventory.models import batch_movements, stock_batches, stock_movements
from erp_core.inventory.queries import NONE, Movement, movements_of
from erp_core.inventory.reasons import account_of
from erp_core.inventory.service import StocksChanged
from erp_core.journal.context import Context, Reader
from erp_core.kernel.errors import BahiError, Conflict, Invalid, NotFound
from erp_core.kernel.money import LARGEST_AMOUNT, half_up
from erp_core.kernel.quantity import plain
from erp_core.ledger import chart
from erp_core.ledger.models import ledger_entries, ledger_postings
from erp_core.ledger.service import reverse
from erp_core.parties.permissions import Permission, require

MISTAKE = "mistake"
BY_HAND = ("received", "removed", "damaged", "expired", "lost", "own_use", "counted")
"""Reasons for which stock changes without a document."""


@dataclass(frozen=True)
class Change:
    """A change by hand that stands; `delta` is below zero for goods that went, `total` what was
    there afterwards."""

    id: UUID
    product_id: UUID
    product: str
    unit: str
    reason: str
    delta: Decimal
    total: Decimal
    moved_at: datetime


def standing_changes(
    reader: Reader,
    *,
    product_id: UUID | None = None,
    ids: Sequence[UUID] | None = None,
    limit: int = 9,
) -> list[Change]:
    """What was changed by hand and stands, newest first: all of it, a product's, or some of it."""
    require(reader, Permission.VIEW_STOCK)
    query = _by_hand(reader)
    if product_id:
        query = query.where(stock_movements.c.product_id == product_id)
    if ids is not None:
        query = query.where(stock_movements.c.id.in_(ids))
    rows = reader.connection.execute(query.order_by(stock_movements.c.id.desc()).limit(limit))
    return [
        Change(
            row.id,
            row.product_id,
            row.name,
            row.unit,
            row.reason,
            row.delta,
            row.on_hand_after,
            row.moved_at,
        )
        for row in rows
    ]


def take_back_changes(
    ctx: Context,
    *,
    movement_ids: Sequence[UUID],
    right: Decimal | None = None,
    reason: str = MISTAKE,
) -> StocksChanged:
    """Undo changes by hand, all or none; of a single one, write the right quantity in its place.

    The answer says what the stock was and is, in the order of the movements. Raises
    NotFound("stock_change"), Conflict("already_reversed"), Conflict("goods_gone", product_id,
    available, wanted), and what the change itself raises.
    """
    require(ctx, Permission.ADJUST_STOCK)
    found = {one.id: one for one in (_movement(ctx, one) for one in movement_ids)}
    done: dict[UUID, StockChanged] = {}
    for movement in sorted(found.values(), key=lambda one: (one.product_id, one.id)):
        changed = _undo(ctx, movement=movement, reason=reason)
        if right is not None:
            written = _write_right(ctx, movement, right, Decimal(changed["after"]))
            changed = {**written, "before": changed["before"]}
        done[movement.id] = changed
    ctx.record(
        "stock.taken_back",
        entity=movement_ids[0],
        movements=[str(one) for one in movement_ids],
        right=None if right is None else f"{right:f}",
        reason=reason,
    )
    return {"changes": [done[one] for one in movement_ids]}


def _undo(ctx: Context, *, movement: Movement, reason: str) -> StockChanged:
    """Take a change by hand back by its opposite, at the cost at which it was written.

    Goods that came to the average with a wrong receipt in it and are gone since cost what they
    did; when all others are gone too, what is left over of the value is their cost. Raises
    Conflict("already_reversed"), Conflict("goods_gone", product_id, available, wanted).
    """
    product_id = movement.product_id
    before = lock_levels(ctx, [product_id])[product_id]
    if movements_of(ctx, UNDONE, movement.id):
        raise Conflict("already_reversed", movement_id=str(movement.id))
    if movement.delta > before.available:
        raise _goods_gone(product_id, before.available, movement.delta)
    after = before.moved(-movement.delta, value=-movement.value_paise)
    left_over = after.value if after.value < 0 or not after.on_hand else 0
    after = replace(after, value=after.value - left_over)
    if after.value > LARGEST_AMOUNT:
        raise Invalid("bad_amount")
    if before.scattered and movement.delta > 0:
        places.fetch_put_down(ctx, product_id=product_id, moved_at=movement.moved_at)
    source = (UNDONE, movement.id)
    undone = store_level(ctx, product_id, before, after, "taken_back", source, undoes=movement.id)
    entry = _entry_of(ctx, movement)
    if entry:
        reverse(ctx, entry, reason)
    post_value(ctx, "stock_taken_back", -left_over, account_of("sold", coming=False), source)
    return told(product_id, before, after, undone)


def _entry_of(ctx: Context, movement: Movement) -> UUID | None:
    """The ledger's entry of a change by hand; none when the goods cost nothing."""
    entries, postings = ledger_entries.c, ledger_postings.c
    undone = ledger_entries.alias()
    found: UUID | None = ctx.connection.execute(
        select(entries.id)
        .join(
            ledger_postings,
            (postings.business_id == entries.business_id) & (postings.entry_id == entries.id),
        )
        .where(
            entries.business_id == ctx.business_id,
            entries.source_kind == levels.BY_HAND,
            entries.source_id == movement.product_id,
            entries.kind == f"stock_{movement.reason}",
            entries.recorded_at == movement.moved_at,
            postings.account == chart.INVENTORY,
            postings.paise == movement.value_paise,
            ~exists()
            .where(undone.c.business_id == ctx.business_id)
            .where(undone.c.reverses == entries.id),
        )
        .order_by(entries.id)
        .limit(1)
    ).scalar_one_or_none()
    return found


def _goods_gone(product_id: UUID, available: Decimal, wanted: Decimal) -> BahiError:
    return Conflict(
        "goods_gone",
        product_id=str(product_id),
        available=plain(max(available, NONE)),
        wanted=plain(wanted),
    )


def _write_right(ctx: Context, wrong: Movement, right: Decimal, now: Decimal) -> StockChanged:
    """The same change with another quantity, to a stock that is `now` without the wrong one. A
    count was of its own time: what has moved since then moves it too."""
    product_id = wrong.product_id
    if wrong.reason == "received":
        cost = half_up(wrong.value_paise / wrong.delta)
        return service.receive_stock(
            ctx,
            product_id=product_id,
            quantity=right,
            unit_cost_paise=cost or None,
            **_batch_of(ctx, wrong.id),
        )
    if wrong.reason == "counted":
        total = now + right - (wrong.on_hand_after - wrong.delta)
        return service.set_stock(ctx, product_id=product_id, quantity=total)
    return service.remove_stock(ctx, product_id=product_id, quantity=right, reason=wrong.reason)


def _batch_of(ctx: Context, movement_id: UUID) -> Mapping[str, Any]:
    c = batch_movements.c
    row = ctx.connection.execute(
        select(stock_batches.c.number, stock_batches.c.expires_on)
        .join(
            batch_movements,
            (c.business_id == stock_batches.c.business_id) & (c.batch_id == stock_batches.c.id),
        )
        .where(c.business_id == ctx.business_id, c.movement_id == movement_id)
    ).first()
    expires: date | None = row.expires_on if row else None
    return {"expires_on": expires, "batch": row.number} if row and expires else {}


def _movement(ctx: Context, movement_id: UUID) -> Movement:
    row: Row | None = ctx.connection.execute(
        select(stock_movements).where(
            stock_movements.c.business_id == ctx.business_id,
            stock_movements.c.id == movement_id,
            stock_movements.c.source_kind.is_(None),
            stock_movements.c.reason.in_(BY_HAND),
        )
    ).one_or_none()
    if row is None:
        raise NotFound("stock_change", movement_id=str(movement_id))
    return Movement(**{name: row[name] for name in Movement.__dataclass_fields__})


def _by_hand(reader: Reader) -> Any:
    c, undone = stock_movements.c, stock_movements.alias()
    return (
        select(stock_movements, products.c.name, products.c.unit)
        .join(
            products,
            (products.c.business_id == c.business_id) & (products.c.id == c.product_id),
        )
        .where(
            c.business_id == reader.business_id,
            c.source_kind.is_(None),
            c.reason.in_(BY_HAND),
            ~exists()
            .where(undone.c.business_id == reader.business_id)
            .where(undone.c.source_kind == UNDONE)
            .where(undone.c.source_id == c.id),
        )
    )
