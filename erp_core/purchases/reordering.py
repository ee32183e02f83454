"""What to order now: from how fast goods sell and how long their vendor takes.

Goods are due when what is there, and what is on its way, lasts no longer than the vendor takes and
a little more; or when it is at the level that the shop has set. So much is ordered as lasts for
`COVER` days after it has come.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Literal
from uuid import UUID

from sqlalchemy import func, select

from erp_core.catalogue.models import products
from erp_core.inventory.models import stock_movements
from erp_core.inventory.queries import Stock, stock_list
from erp_core.journal.context import Reader
from erp_core.kernel.quantity import UNITS
from erp_core.parties.permissions import Permission, require
from erp_core.purchases.ordering import coming, lead_days
from erp_core.purchases.queries import LastBought, last_bought

WATCHED = 28
"""So many days tell how fast something sells."""
FEWEST_DAYS = 7
"""Goods new to the shop count as if they had been there for so long at least."""
COVER = 14
SLACK = 2
USUAL_LEAD = 3
"""Days that a vendor takes of whom nothing is known yet."""

Why = Literal["out", "level", "sells"]


@dataclass(frozen=True)
class Suggestion:
    """What to order of a product and why. `per_day` is how much of it is sold; `days` how long
    what is there and on its way will last, None when nothing is sold."""

    product_id: UUID
    name: str
    unit: str
    quantity: Decimal
    available: Decimal
    coming: Decimal
    per_day: Decimal
    days: int | None
    lead: int
    why: Why
    usual: LastBought | None


def suggestions(reader: Reader) -> list[Suggestion]:
    """What is due to be ordered, what runs out first standing first."""
    require(reader, Permission.VIEW_PURCHASES)
    rates = sold_per_day(reader)
    underway, usual, leads = coming(reader), last_bought(reader), lead_days(reader)
    found = []
    for stock in stock_list(reader):
        last = usual.get(stock.product_id)
        lead = leads.get(last.vendor_id, USUAL_LEAD) if last else USUAL_LEAD
        one = _suggestion(
            stock,
            rates.get(stock.product_id, Decimal(0)),
            underway.get(stock.product_id, Decimal(0)),
            lead,
            last,
        )
        if one is not None:
            found.append(one)
    return sorted(
        found, key=lambda one: (one.available > 0, one.days is None, one.days or 0, one.name)
    )


def sold_per_day(reader: Reader) -> Mapping[UUID, Decimal]:
    """How much of each product a day sells, by the last four weeks; what came back is taken off."""
    since = reader.now - timedelta(days=WATCHED)
    c = stock_movements.c
    of_product = (c.business_id == reader.business_id) & (c.product_id == products.c.id)
    # One short walk through the index for each product, however long its history is.
    sold = (
        select(-func.sum(c.delta))
        .where(of_product, c.moved_at >= since, c.reason.in_(("sold", "returned")))
        .correlate(products)
        .scalar_subquery()
    )
    first = select(func.min(c.moved_at)).where(of_product).correlate(products).scalar_subquery()
    rows = reader.connection.execute(
        select(products.c.id, sold.label("sold"), first.label("first")).where(
            products.c.business_id == reader.business_id, products.c.active
        )
    )
    rates = {}
    for row in rows:
        if row.sold and row.sold > 0:
            days = min(WATCHED, max(FEWEST_DAYS, (reader.now - row.first).days + 1))
            rates[row.id] = row.sold / days
    return rates


def _suggestion(
    stock: Stock, rate: Decimal, underway: Decimal, lead: int, last: LastBought | None
) -> Suggestion | None:
    level = stock.reorder_level or Decimal(0)
    there = stock.available + underway
    due = max(level, rate * (lead + SLACK))
    if there > due or not (rate or stock.reorder_level):
        return None
    wanted = rate * (lead + COVER) + level - there if rate else 2 * level - there
    quantity = _up(max(wanted, Decimal(1)), stock.unit)
    sells = rate > 0 and there <= rate * (lead + SLACK)
    why: Why = "out" if stock.available <= 0 else "sells" if sells else "level"
    return Suggestion(
        product_id=stock.product_id,
        name=stock.name,
        unit=stock.unit,
        quantity=quantity,
        available=stock.available,
        coming=underway,
        per_day=rate,
        days=int(there / rate) if rate else None,
        lead=lead,
        why=why,
        usual=last,
    )


def _up(quantity: Decimal, unit: str) -> Decimal:
    """Whole pieces; loose goods to the half kilo."""
    if UNITS[unit].whole or quantity >= 10:
        return quantity.to_integral_value(ROUND_CEILING)
    return (quantity * 2).to_integral_value(ROUND_CEILING) / 2
