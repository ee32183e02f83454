"""Goods that lie in the shop and are not sold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, literal, select, true

from erp_core.catalogue.codes import is_service
from erp_core.db.many import IDS
from erp_core.inventory.queries import stock_list
from erp_core.journal.context import Reader
from erp_core.orders.models import order_lines, orders
from erp_core.orders.states import CANCELLED, RETURNED
from erp_core.parties.permissions import Permission, require


@dataclass(frozen=True)
class SlowSeller:
    """Goods with stock on hand, and the day of their last sale; None if nobody ever bought any."""

    product_id: UUID
    name: str
    unit: str
    on_hand: Decimal
    last_on: date | None


def slow_sellers(reader: Reader, days: int) -> list[SlowSeller]:
    """Goods that are in stock and were not sold within so many days, most money in them first.

    Raises Forbidden.
    """
    require(reader, Permission.VIEW_REPORTS)
    since = reader.today - timedelta(days=days)
    there = [one for one in stock_list(reader) if one.on_hand > 0 and not is_service(one.hsn)]
    last = _last_sales(reader, [one.product_id for one in there])
    slow = [one for one in there if last.get(one.product_id, date.min) < since]
    slow.sort(key=lambda one: (-one.value_paise, one.name))
    return [
        SlowSeller(one.product_id, one.name, one.unit, one.on_hand, last.get(one.product_id))
        for one in slow
    ]


def _last_sales(reader: Reader, product_ids: Sequence[UUID]) -> Mapping[UUID, date]:
    """The day of the last sale of each of some goods. The lines of each are read from the newest
    back to the first that stands, so that it does not count for how long the shop has sold."""
    line = order_lines.c
    goods = func.unnest(literal(product_ids, IDS)).table_valued("id").render_derived("goods")
    sale = (
        select(line.ordered_on)
        .join(orders, (orders.c.business_id == line.business_id) & (orders.c.id == line.order_id))
        .where(
            line.business_id == reader.business_id,
            line.product_id == goods.c.id,
            orders.c.status.not_in((CANCELLED, RETURNED)),
        )
        .order_by(line.ordered_on.desc())
        .limit(1)
        .lateral("sale")
    )
    rows = reader.connection.execute(
        select(goods.c.id, sale.c.ordered_on).select_from(goods.join(sale, true()))
    )
    return {row.id: row.ordered_on for row in rows}
