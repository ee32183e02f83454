"""Batches: which part of a product's stock expires when, sold first expiry first.

A product has batches from the moment that goods of it come with an expiry date. What came without
one is sold after all that is dated. What has expired is never sold; it can be sent back or written
off. Rows change only while the product's row in stock_levels is locked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Date,
    Numeric,
    bindparam,
    case,
    cast,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.engine import Row
from sqlalchemy.sql.elements import ColumnElement

from erp_core.catalogue.models import products
from erp_core.inventory.models import (
    batch_movements,
    stock_batches,
    stock_levels,
    stock_movements,
)
from erp_core.journal.context import Context, Reader
from erp_core.kernel.errors import Conflict, Invalid
from erp_core.kernel.ids import new_id
from erp_core.parties.permissions import Permission, require

NONE = Decimal(0)
LONGEST_NUMBER = 40
SOON = 60
"""So many days ahead a shop wants to know what expires."""


@dataclass(frozen=True)
class BatchCome:
    """Goods that come of one batch. Without a number they go by their expiry date."""

    quantity: Decimal
    expires_on: date
    number: str | None = None

    @property
    def name(self) -> str:
        cleaned = "".join((self.number or "").split()).upper()
        return cleaned or f"EXP {self.expires_on:%Y-%m-%d}"


@dataclass(frozen=True)
class Batch:
    """What is left of a batch. `days` until it expires; below zero it has expired."""

    id: UUID
    product_id: UUID
    product: str
    unit: str
    number: str
    expires_on: date | None
    quantity: Decimal
    days: int | None


@dataclass(frozen=True)
class Portion:
    """So much of some goods is of one batch. `number` is None where it goes by its expiry alone."""

    number: str | None
    expires_on: date | None
    quantity: Decimal


def handed_out(reader: Reader, order_id: UUID) -> dict[UUID, list[Portion]]:
    """Of which batches the goods of an order were, by product, the first to expire first; for who
    may read the order."""
    c, moved, batch = batch_movements.c, stock_movements.c, stock_batches.c
    rows = reader.connection.execute(
        select(c.product_id, batch.number, batch.expires_on, func.sum(-c.delta).label("quantity"))
        .join(stock_movements, (moved.business_id == c.business_id) & (moved.id == c.movement_id))
        .join(stock_batches, (batch.business_id == c.business_id) & (batch.id == c.batch_id))
        .where(
            c.business_id == reader.business_id,
            moved.source_kind == "order",
            moved.source_id == order_id,
            c.delta < 0,
        )
        .group_by(c.product_id, batch.id, batch.number, batch.expires_on)
        .order_by(batch.expires_on, batch.id)
    )
    found: dict[UUID, list[Portion]] = {}
    for row in rows:
        found.setdefault(row.product_id, []).append(_portion(row, row.quantity))
    return found


def next_out(reader: Reader, wanted: Mapping[UUID, Decimal]) -> dict[UUID, list[Portion]]:
    """Of which batches goods would be if they were handed out now; for who may read the order."""
    c = stock_batches.c
    rows = reader.connection.execute(
        select(c.product_id, c.number, c.expires_on, c.quantity)
        .where(
            c.business_id == reader.business_id,
            c.product_id.in_(list(wanted)),
            c.quantity > 0,
            c.expires_on >= reader.today,
        )
        .order_by(c.expires_on, c.id)
    )
    left = dict(wanted)
    found: dict[UUID, list[Portion]] = {}
    for row in rows:
        taken = min(left[row.product_id], row.quantity)
        if taken > 0:
            left[row.product_id] -= taken
            found.setdefault(row.product_id, []).append(_portion(row, taken))
    return found


def _portion(row: Row, quantity: Decimal) -> Portion:
    unnamed = row.number == BatchCome(quantity, row.expires_on).name
    return Portion(None if unnamed else row.number, row.expires_on, quantity)


def batches_of(reader: Reader, product_id: UUID) -> list[Batch]:
    """What is left of each batch of a product, the first to expire first."""
    require(reader, Permission.VIEW_STOCK)
    return _batches(reader, stock_batches.c.product_id == product_id)


def expiring(reader: Reader, *, within: int = SOON) -> list[Batch]:
    """What expires within so many days or has expired, the earliest first."""
    require(reader, Permission.VIEW_STOCK)
    return _batches(reader, stock_batches.c.expires_on <= reader.today + timedelta(days=within))


def _expired() -> ColumnElement[Numeric]:
    c = stock_batches.c
    expired = (
        select(func.coalesce(func.sum(c.quantity), 0))
        .where(
            c.business_id == stock_levels.c.business_id,
            c.product_id == stock_levels.c.product_id,
            c.expires_on < bindparam("today", type_=Date),
        )
        .correlate(stock_levels)
        .scalar_subquery()
    )
    nothing = cast(literal(0), Numeric)
    return case((stock_levels.c.batched, expired), else_=nothing)


EXPIRED = _expired()
"""How much of a row of stock_levels has expired, for a Statement that is told what day is `today`;
costs nothing where there are no batches."""


def expired_of(reader: Reader, product_id: UUID) -> Decimal:
    """How much of a product's stock has expired."""
    c = stock_batches.c
    found: Decimal = reader.connection.execute(
        select(func.coalesce(func.sum(c.quantity), 0)).where(
            c.business_id == reader.business_id,
            c.product_id == product_id,
            c.expires_on < reader.today,
        )
    ).scalar_one()
    return found


def follow(
    ctx: Context,
    *,
    product_id: UUID,
    movement_id: UUID,
    delta: Decimal,
    on_hand: Decimal,
    reason: str,
    coming: Sequence[BatchCome] = (),
) -> None:
    """Say which batches a movement of a locked product was of. `on_hand` is what was there before.

    Raises Conflict("goods_expired", product_id, available).
    """
    if delta > 0:
        changes = (
            _come(ctx, product_id, coming) if coming else _return(ctx, product_id, delta, reason)
        )
    else:
        changes = _take(ctx, product_id, -delta, on_hand, reason)
    _note(ctx, product_id, movement_id, changes)


def undo(ctx: Context, *, product_id: UUID, movement_id: UUID, undoes: UUID) -> None:
    """Give to or take from the very batches that a movement of a locked product was of.

    Raises Conflict("goods_gone", product_id, available, wanted) when a batch has too little left,
    or when what is left of goods without one is.
    """
    c, moved = stock_batches.c, batch_movements.c
    changes = {
        row.batch_id: -row.delta
        for row in ctx.connection.execute(
            select(moved.batch_id, moved.delta).where(
                moved.business_id == ctx.business_id, moved.movement_id == undoes
            )
        )
    }
    left: dict[UUID, Decimal] = {
        row.id: row.quantity
        for row in ctx.connection.execute(
            select(c.id, c.quantity).where(
                c.business_id == ctx.business_id, c.product_id == product_id
            )
        )
    }
    on_hand: Decimal = ctx.connection.execute(
        select(stock_levels.c.on_hand).where(
            stock_levels.c.business_id == ctx.business_id,
            stock_levels.c.product_id == product_id,
        )
    ).scalar_one()
    lacking = [one for one, quantity in changes.items() if left[one] + quantity < 0]
    for one in lacking:
        raise _gone(product_id, left[one], -changes[one])
    dated = sum(left.values(), NONE) + sum(changes.values(), NONE)
    if dated > on_hand:
        raise _gone(product_id, on_hand, dated)
    _change(ctx, changes)
    _note(ctx, product_id, movement_id, changes)


def _gone(product_id: UUID, available: Decimal, wanted: Decimal) -> Conflict:
    return Conflict(
        "goods_gone", product_id=str(product_id), available=f"{available:f}", wanted=f"{wanted:f}"
    )


def _note(
    ctx: Context, product_id: UUID, movement_id: UUID, changes: Mapping[UUID, Decimal]
) -> None:
    rows = [
        {
            "business_id": ctx.business_id,
            "movement_id": movement_id,
            "batch_id": batch_id,
            "product_id": product_id,
            "delta": quantity,
        }
        for batch_id, quantity in changes.items()
        if quantity
    ]
    if rows:
        ctx.connection.execute(insert(batch_movements), rows)


def checked(ctx: Context, coming: Iterable[BatchCome], whole: Decimal) -> list[BatchCome]:
    """Batches that come with goods, all of them together `whole`.

    Raises Invalid("expired_already", "bad_batch").
    """
    found = list(coming)
    for one in found:
        if one.expires_on < ctx.today:
            raise Invalid("expired_already", on=one.expires_on.isoformat())
        if len(one.name) > LONGEST_NUMBER or one.quantity <= 0:
            raise Invalid("bad_batch")
    if sum((one.quantity for one in found), NONE) > whole:
        raise Invalid("bad_batch")
    return found


def _come(ctx: Context, product_id: UUID, coming: Sequence[BatchCome]) -> dict[UUID, Decimal]:
    changes: dict[UUID, Decimal] = {}
    for one in coming:
        row = {
            "business_id": ctx.business_id,
            "product_id": product_id,
            "number": one.name,
            "expires_on": one.expires_on,
            "quantity": one.quantity,
            "created_at": ctx.now,
        }
        written = ctx.connection.execute(
            upsert(stock_batches)
            .values(id=new_id(), **row)
            .on_conflict_do_update(
                index_elements=["business_id", "product_id", "number"],
                set_={"quantity": stock_batches.c.quantity + one.quantity},
            )
            .returning(stock_batches.c.id, stock_batches.c.expires_on)
        ).one()
        if written.expires_on != one.expires_on:
            raise Conflict("other_expiry", on=written.expires_on.isoformat())
        changes[written.id] = changes.get(written.id, NONE) + one.quantity
    ctx.connection.execute(
        update(stock_levels)
        .where(
            stock_levels.c.business_id == ctx.business_id,
            stock_levels.c.product_id == product_id,
        )
        .values(batched=True)
    )
    return changes


def _return(ctx: Context, product_id: UUID, delta: Decimal, reason: str) -> dict[UUID, Decimal]:
    """Goods that come back are of the batches sold last; what is found in a count is of none."""
    if reason != "returned":
        return {}
    c, moved = batch_movements.c, stock_movements.c
    rows = ctx.connection.execute(
        select(c.batch_id, -c.delta)
        .join(stock_movements, (moved.business_id == c.business_id) & (moved.id == c.movement_id))
        .where(c.business_id == ctx.business_id, c.product_id == product_id)
        .where(moved.reason == "sold", c.delta < 0)
        .order_by(c.movement_id.desc())
        .limit(20)
    )
    changes: dict[UUID, Decimal] = {}
    left = delta
    for batch_id, sold in rows:
        back = min(left, sold)
        changes[batch_id] = changes.get(batch_id, NONE) + back
        left -= back
        if not left:
            break
    _change(ctx, changes)
    return changes


def _take(
    ctx: Context, product_id: UUID, going: Decimal, on_hand: Decimal, reason: str
) -> dict[UUID, Decimal]:
    """First expiry first; what has expired does not go to a buyer."""
    c = stock_batches.c
    rows = ctx.connection.execute(
        select(c.id, c.quantity, c.expires_on)
        .where(c.business_id == ctx.business_id, c.product_id == product_id, c.quantity > 0)
        .order_by(c.expires_on, c.id)
        .with_for_update(key_share=True)
    ).all()
    undated = on_hand - sum((row.quantity for row in rows), NONE)
    sold = reason == "sold"
    usable = [row for row in rows if not (sold and row.expires_on and row.expires_on < ctx.today)]
    changes: dict[UUID, Decimal] = {}
    left = going
    for row in usable:
        taken = min(left, row.quantity)
        if taken:
            changes[row.id] = -taken
            left -= taken
    if left > undated:
        raise Conflict(
            "goods_expired", product_id=str(product_id), available=f"{going - left + undated:f}"
        )
    _change(ctx, changes)
    return changes


def _change(ctx: Context, changes: Mapping[UUID, Decimal]) -> None:
    for batch_id, quantity in sorted(changes.items()):
        ctx.connection.execute(
            update(stock_batches)
            .where(stock_batches.c.business_id == ctx.business_id, stock_batches.c.id == batch_id)
            .values(quantity=stock_batches.c.quantity + quantity)
        )


def _batches(reader: Reader, condition: ColumnElement[Boolean]) -> list[Batch]:
    c = stock_batches.c
    of_product = (products.c.business_id == c.business_id) & (products.c.id == c.product_id)
    rows = reader.connection.execute(
        select(stock_batches, products.c.name, products.c.unit)
        .join(products, of_product)
        .where(c.business_id == reader.business_id, c.quantity > 0, condition)
        .order_by(c.expires_on, c.id)
    )
    return [
        Batch(
            id=row.id,
            product_id=row.product_id,
            product=row.name,
            unit=row.unit,
            number=row.number,
            expires_on=row.expires_on,
            quantity=row.quantity,
            days=(row.expires_on - reader.today).days if row.expires_on else None,
        )
        for row in rows
    ]
