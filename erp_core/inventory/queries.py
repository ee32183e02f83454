"""Reading the stock."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.engine import Row
from sqlalchemy.sql import Select

from erp_core.catalogue.codes import is_service
from erp_core.catalogue.models import products
from erp_core.catalogue.queries import product
from erp_core.db.many import one_of_given
from erp_core.db.statements import Statement
from erp_core.inventory.batches import EXPIRED
from erp_core.inventory.models import stock_levels, stock_movements
from erp_core.journal.context import Reader
from erp_core.kernel.money import half_up
from erp_core.parties.permissions import Permission, require

NONE = Decimal("0.000")


@dataclass(frozen=True)
class Stock:
    """How much of a product is there. `available` may be sold; `reserved` is promised to orders,
    and what has `expired` goes to nobody. `counted` tells whether anybody ever said how much.

    `value_paise` is what the stock on hand has cost, at the moving average.
    """

    product_id: UUID
    name: str
    unit: str
    on_hand: Decimal
    reserved: Decimal
    value_paise: int
    reorder_level: Decimal | None
    expired: Decimal = NONE
    hsn: str | None = None
    counted: bool = False

    def has(self, quantity: Decimal) -> bool:
        """Whether so much may be sold. What is done or cooked when it is wanted is in no stock, and
        may always be; until it is counted, and found to be none."""
        if is_service(self.hsn):
            return self.on_hand > 0 or not self.counted
        return self.available >= quantity

    @property
    def available(self) -> Decimal:
        return max(self.on_hand - self.reserved - self.expired, NONE)

    @property
    def low(self) -> bool:
        """Whether no more is available than the level at which to reorder; work is never."""
        if is_service(self.hsn):
            return False
        return self.reorder_level is not None and self.available <= self.reorder_level

    @property
    def average_cost_paise(self) -> int | None:
        """What one unit has cost on average, None without stock."""
        return half_up(self.value_paise / self.on_hand) if self.on_hand else None


@dataclass(frozen=True)
class Movement:
    """One change of a product's stock. `delta` and `value_paise` are negative for what went out."""

    id: UUID
    product_id: UUID
    moved_at: datetime
    reason: str
    delta: Decimal
    on_hand_after: Decimal
    value_paise: int
    source_kind: str | None
    source_id: UUID | None


def stock(reader: Reader, product_id: UUID) -> Stock:
    """The stock of one product. Raises NotFound("product")."""
    found = _STOCK.first(
        reader.connection, tenant=reader.business_id, today=reader.today, product=product_id
    )
    if found is None:
        product(reader, product_id)
        raise AssertionError("unreachable")
    return Stock(*found)


def stock_list(reader: Reader, ids: Collection[UUID] | None = None) -> list[Stock]:
    """The stock of some products, or of all that are sold, in the order of the catalogue."""
    require(reader, Permission.VIEW_STOCK)
    asked = {"tenant": reader.business_id, "today": reader.today}
    if ids is None:
        rows = _ALL_SOLD.all(reader.connection, **asked)
    else:
        rows = _SOME.all(reader.connection, **asked, products=list(set(ids)))
    return [Stock(*row) for row in rows]


def low_stock(reader: Reader, limit: int | None = None) -> list[Stock]:
    """What has fallen to its reorder level or below: out of stock first, then the scarcest."""
    require(reader, Permission.VIEW_STOCK)
    asked = {"tenant": reader.business_id, "today": reader.today}
    rows = _WATCHED.all(reader.connection, **asked)
    low = [one for one in (Stock(*row) for row in rows) if one.low]
    low.sort(key=lambda one: (one.available / (one.reorder_level or 1), one.name))
    return low[:limit]


def stock_value(reader: Reader) -> int:
    """What all stock on hand has cost, in paise: the balance of the ledger's INVENTORY account."""
    require(reader, Permission.VIEW_COSTS)
    total = reader.connection.execute(
        select(func.coalesce(func.sum(stock_levels.c.value_paise), 0)).where(
            stock_levels.c.business_id == reader.business_id
        )
    ).scalar_one()
    return int(total)


def movements(reader: Reader, product_id: UUID, limit: int = 20) -> list[Movement]:
    """The latest changes of a product's stock, newest first."""
    require(reader, Permission.VIEW_STOCK)
    rows = reader.connection.execute(
        select(stock_movements)
        .where(
            stock_movements.c.business_id == reader.business_id,
            stock_movements.c.product_id == product_id,
        )
        .order_by(stock_movements.c.moved_at.desc(), stock_movements.c.id.desc())
        .limit(limit)
    )
    return [_movement(row) for row in rows]


def movements_of(reader: Reader, source_kind: str, source_id: UUID) -> list[Movement]:
    """What an order or another source moved, oldest first."""
    rows = reader.connection.execute(
        select(stock_movements)
        .where(
            stock_movements.c.business_id == reader.business_id,
            stock_movements.c.source_kind == source_kind,
            stock_movements.c.source_id == source_id,
        )
        .order_by(stock_movements.c.id)
    )
    return [_movement(row) for row in rows]


def openings(reader: Reader) -> dict[UUID, Decimal]:
    """What the business began with, corrections included, by product."""
    rows = reader.connection.execute(
        select(stock_movements.c.product_id, func.sum(stock_movements.c.delta))
        .where(
            stock_movements.c.business_id == reader.business_id,
            stock_movements.c.reason == "opening",
        )
        .group_by(stock_movements.c.product_id)
    )
    return {row[0]: row[1] for row in rows}


def _levels() -> Select:
    """The stock in the order of Stock's fields."""
    own_level = (stock_levels.c.business_id == products.c.business_id) & (
        stock_levels.c.product_id == products.c.id
    )
    return (
        select(
            products.c.id.label("product_id"),
            products.c.name,
            products.c.unit,
            func.coalesce(stock_levels.c.on_hand, NONE).label("on_hand"),
            func.coalesce(stock_levels.c.reserved, NONE).label("reserved"),
            func.coalesce(stock_levels.c.value_paise, 0).label("value_paise"),
            products.c.reorder_level,
            func.coalesce(EXPIRED, NONE).label("expired"),
            products.c.hsn,
            stock_levels.c.product_id.isnot(None).label("counted"),
        )
        .select_from(products.outerjoin(stock_levels, own_level))
        .where(products.c.business_id == bindparam("tenant"))
        .order_by(products.c.id)
    )


_STOCK = Statement(_levels().where(products.c.id == bindparam("product")))
_SOME = Statement(_levels().where(one_of_given(products.c.id, "products")))
_ALL_SOLD = Statement(_levels().where(products.c.active))
_WATCHED = Statement(_levels().where(products.c.active, products.c.reorder_level.isnot(None)))


def _movement(row: Row) -> Movement:
    return Movement(**{name: row[name] for name in Movement.__dataclass_fields__})
