"""Where goods lie: in the shop, or elsewhere, with every carrying between.

A product's stock is one number; rows of location_levels say how much of it lies elsewhere, and all
else is in the shop. Goods that are sold leave the shop; where it has too little, the rest is
fetched from where most lies, and that is a movement too. Rows change only while the product's row
in stock_levels is locked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypedDict
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from erp_core.catalogue.models import products
from erp_core.catalogue.queries import Quantified, quantities_of
from erp_core.db.statements import Statement
from erp_core.inventory.models import (
    location_levels,
    location_moves,
    locations,
    stock_levels,
)
from erp_core.journal.context import Context, Reader
from erp_core.kernel.errors import Conflict, Invalid, NotFound
from erp_core.kernel.ids import new_id
from erp_core.kernel.quantity import plain
from erp_core.parties.names import clean_name, person_key
from erp_core.parties.permissions import Permission, require

NONE = Decimal(0)


class PlaceAdded(TypedDict):
    location_id: str
    name: str


class GoodsMoved(TypedDict):
    """Quantities at both ends afterwards, in the order of the lines."""

    source: str | None
    target: str | None
    left: list[str]
    there: list[str]


@dataclass(frozen=True)
class Place:
    """A place besides the shop."""

    id: UUID
    name: str


@dataclass(frozen=True)
class Lying:
    """How much of a product lies somewhere; no place is the shop."""

    product_id: UUID
    product: str
    unit: str
    place: Place | None
    quantity: Decimal


def add_place(ctx: Context, *, name: str) -> PlaceAdded:
    """Add a place, or give the one of that name. Raises Invalid("bad_name")."""
    require(ctx, Permission.ADJUST_STOCK)
    cleaned = clean_name(name)
    ctx.connection.execute(
        upsert(locations)
        .values(
            business_id=ctx.business_id,
            id=new_id(),
            name=cleaned,
            search_key=person_key(cleaned),
            created_at=ctx.now,
        )
        .on_conflict_do_nothing()
    )
    found = next(one for one in places(ctx) if person_key(one.name) == person_key(cleaned))
    ctx.record("place.added", entity=found.id)
    return {"location_id": str(found.id), "name": found.name}


def move_goods(
    ctx: Context,
    *,
    lines: Sequence[Quantified],
    source: str | None = None,
    target: str | None = None,
) -> GoodsMoved:
    """Carry goods from one place to another, named; no name is the shop. A new target is added.

    Raises NotFound("place", "product"), Invalid("same_place",
    "no_lines", "bad_quantity"), Conflict("not_there", product_id, available).
    """
    require(ctx, Permission.ADJUST_STOCK)
    came_from = _place(ctx, source) if source else None
    goes_to = _place(ctx, target, may_add=True) if target else None
    if came_from == goes_to:
        raise Invalid("same_place")
    wanted = quantities_of(ctx, lines)
    ends = {
        product_id: _carry(ctx, product_id, wanted[product_id], came_from, goes_to, "moved")
        for product_id in sorted(wanted)
    }
    order = [UUID(line["product_id"]) for line in lines]
    return {
        "source": came_from.name if came_from else None,
        "target": goes_to.name if goes_to else None,
        "left": [plain(ends[one][0]) for one in order],
        "there": [plain(ends[one][1]) for one in order],
    }


def find(ctx: Context, name: str) -> Place:
    """The place of a name, added when there is none: before goods that come there are locked, as
    whoever adds it at the same time waits for them."""
    return _place(ctx, name, may_add=True)


def put_down(ctx: Context, *, product_id: UUID, quantity: Decimal, target: str) -> None:
    """Note that goods that have just come lie elsewhere than in the shop."""
    _carry(ctx, product_id, quantity, None, _place(ctx, target, may_add=True), "received")


def fetch(ctx: Context, *, product_id: UUID, going: Decimal, on_hand: Decimal) -> None:
    """Before goods of a locked product leave: bring what the shop itself lacks of them."""
    elsewhere = _levels(ctx, product_id)
    missing = going - (on_hand - sum(elsewhere.values(), NONE))
    for location_id, there in sorted(elsewhere.items(), key=lambda one: (-one[1], one[0])):
        if missing <= 0:
            return
        taken = min(missing, there)
        _set(ctx, product_id, location_id, there - taken)
        _write(ctx, product_id, taken, location_id, None, "fetched")
        missing -= taken


def fetch_put_down(ctx: Context, *, product_id: UUID, moved_at: datetime) -> None:
    """Bring back goods of a locked product from where they were put down when they came, as much
    as still lies there: they never came."""
    c = location_moves.c
    rows = ctx.connection.execute(
        select(c.target_id, c.quantity).where(
            c.business_id == ctx.business_id,
            c.product_id == product_id,
            c.moved_at == moved_at,
            c.reason == "received",
        )
    ).all()
    elsewhere = _levels(ctx, product_id)
    for target_id, quantity in rows:
        there = elsewhere.get(target_id, NONE)
        back = min(quantity, there)
        if back:
            _set(ctx, product_id, target_id, there - back)
            _write(ctx, product_id, back, target_id, None, "fetched")


def places(reader: Reader) -> list[Place]:
    """All places besides the shop, oldest first."""
    rows = _PLACES.all(reader.connection, tenant=reader.business_id)
    return [Place(*row) for row in rows]


_PLACES = Statement(
    select(locations.c.id, locations.c.name)
    .where(locations.c.business_id == bindparam("tenant"))
    .order_by(locations.c.id)
)


def lying(
    reader: Reader, *, product_id: UUID | None = None, place_id: UUID | None = None
) -> list[Lying]:
    """What lies elsewhere than in the shop: of a product, in a place, or all of it."""
    require(reader, Permission.VIEW_STOCK)
    c = location_levels.c
    query = (
        select(
            c.product_id,
            products.c.name,
            products.c.unit,
            c.location_id,
            locations.c.name,
            c.on_hand,
        )
        .select_from(
            location_levels.join(
                locations,
                (locations.c.business_id == c.business_id) & (locations.c.id == c.location_id),
            ).join(
                products,
                (products.c.business_id == c.business_id) & (products.c.id == c.product_id),
            )
        )
        .where(c.business_id == reader.business_id, c.on_hand > 0)
        .order_by(products.c.name, locations.c.id)
    )
    if product_id:
        query = query.where(c.product_id == product_id)
    if place_id:
        query = query.where(c.location_id == place_id)
    return [
        Lying(row[0], row[1], row[2], Place(row[3], row[4]), row[5])
        for row in reader.connection.execute(query)
    ]


def _place(ctx: Context, name: str, *, may_add: bool = False) -> Place:
    wanted = person_key(name)
    for one in places(ctx):
        if person_key(one.name) == wanted:
            return one
    if not may_add:
        raise NotFound("place")
    added = add_place(ctx, name=name)
    return Place(UUID(added["location_id"]), added["name"])


def _carry(
    ctx: Context,
    product_id: UUID,
    quantity: Decimal,
    source: Place | None,
    target: Place | None,
    reason: str,
) -> tuple[Decimal, Decimal]:
    """Move goods of one product; what is left at the one end and lies at the other."""
    on_hand = _lock(ctx, product_id)
    levels = _levels(ctx, product_id)
    in_shop = on_hand - sum(levels.values(), NONE)
    left = (levels.get(source.id, NONE) if source else in_shop) - quantity
    if left < 0:
        raise Conflict("not_there", product_id=str(product_id), available=plain(left + quantity))
    there = (levels.get(target.id, NONE) if target else in_shop) + quantity
    if source:
        _set(ctx, product_id, source.id, left)
    if target:
        _set(ctx, product_id, target.id, there)
    _write(
        ctx,
        product_id,
        quantity,
        source.id if source else None,
        target.id if target else None,
        reason,
    )
    return left, there


def _lock(ctx: Context, product_id: UUID) -> Decimal:
    c = stock_levels.c
    found: Decimal | None = ctx.connection.execute(
        update(stock_levels)
        .where(c.business_id == ctx.business_id, c.product_id == product_id)
        .values(scattered=True)
        .returning(c.on_hand)
    ).scalar_one_or_none()
    return found if found is not None else NONE


def _levels(ctx: Context, product_id: UUID) -> dict[UUID, Decimal]:
    c = location_levels.c
    rows = ctx.connection.execute(
        select(c.location_id, c.on_hand).where(
            c.business_id == ctx.business_id, c.product_id == product_id, c.on_hand > 0
        )
    )
    return {row.location_id: row.on_hand for row in rows}


def _set(ctx: Context, product_id: UUID, location_id: UUID, on_hand: Decimal) -> None:
    key = {"business_id": ctx.business_id, "product_id": product_id, "location_id": location_id}
    ctx.connection.execute(
        upsert(location_levels)
        .values(**key, on_hand=on_hand)
        .on_conflict_do_update(index_elements=list(key), set_={"on_hand": on_hand})
    )


def _write(
    ctx: Context,
    product_id: UUID,
    quantity: Decimal,
    source: UUID | None,
    target: UUID | None,
    reason: str,
) -> None:
    ctx.connection.execute(
        insert(location_moves).values(
            business_id=ctx.business_id,
            id=new_id(),
            product_id=product_id,
            source_id=source,
            target_id=target,
            quantity=quantity,
            moved_at=ctx.now,
            reason=reason,
        )
    )
    ctx.record(
        "stock.moved",
        entity=product_id,
        quantity=plain(quantity),
        source=str(source) if source else None,
        target=str(target) if target else None,
        reason=reason,
    )
