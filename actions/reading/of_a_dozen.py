"""Pieces of what is sold by the dozen: "6 kele 40 cash", where a dozen costs 80."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from actions.entities import Entity, number_of, paise_of
from actions.reading.worth import ORDERS
from erp_core.catalogue import queries as catalogue
from erp_core.journal.context import Reader
from erp_core.kernel.matching import CERTAIN
from erp_core.kernel.quantity import DOZEN

_NEAR = (Decimal("0.7"), Decimal("1.4"))
"""So far off the price of the pieces what was taken for them may be."""


def may_be_of_a_dozen(intent: str, entities: Sequence[Entity]) -> bool:
    """Whether a sum is said of the only goods of a message, which nothing but a number counts."""
    kinds = [one.name for one in entities]
    alone = all(kinds.count(one) == 1 for one in ("product_name", "quantity", "amount"))
    return intent in ORDERS and alone and "unit" not in kinds


def with_pieces_of_a_dozen(reader: Reader, entities: Sequence[Entity]) -> list[Entity]:
    """The entities with the pieces that are counted as pieces, where the sum is about theirs."""
    goods = next(one for one in entities if one.name == "product_name")
    count = next(one for one in entities if one.name == "quantity")
    found = catalogue.find_products(reader, goods.value, limit=2)
    sure = [one.item for one in found if one.score >= CERTAIN]
    paise = paise_of(next(one for one in entities if one.name == "amount"))
    number = number_of(count)
    if len(sure) != 1 or sure[0].unit != "dozen" or not number or not paise:
        return list(entities)
    price = sure[0].price_paise * number / DOZEN
    if number % 1 or not price or not _NEAR[0] <= paise / price <= _NEAR[1]:
        return list(entities)
    piece = Entity("unit", "piece", start=count.end, end=count.end)
    return sorted([*entities, piece], key=lambda one: one.start)
