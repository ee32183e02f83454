"""Goods that lie in the shop and are not sold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from erp_core.catalogue.codes import is_service
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
    last, since = _last_sales(reader), reader.today - timedelta(days=days)
    there = [one for one in stock_list(reader) if one.on_hand > 0 and not is_service(one.hsn)]
    slow = [one for one in there if last.get(one.product_id, date.min) < since]
    slow.sort(key=lambda one: (-one.value_paise, one.name))
    return [
        SlowSeller(one.product_id, one.name, one.unit, one.on_hand, last.get(one.product_id))
        for one in slow
    ]


def _last_sales(reader: Reader) -> Mapping[UUID, date]:
    line = order_lines.c
    rows = reader.connection.execute(
        select(line.product_id, func.max(line.ordered_on))
        .join(
            orders,
            (orders.c.business_id == line.business_id) & (orders.c.id == line.order_id),
        )
        .where(
            line.business_id == reader.business_id,
            orders.c.status.not_in((CANCELLED, RETURNED)),
        )
        .group_by(line.product_id)
    )
    return {row[0]: row[1] for row in rows}
