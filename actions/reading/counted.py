"""How many a question asks for: "5 kg chini hai kya", "1 dozen maggi kitne ke"."""

from __future__ import annotations

from decimal import Decimal

from actions.context import Turn
from actions.entities import number_of, unit_in
from erp_core.catalogue.queries import Product


def count_asked(turn: Turn, product: Product) -> Decimal | None:
    """The one count of a message in a product's own unit; None where that cannot be told."""
    counts, units = turn.all("quantity"), turn.all("unit")
    if len(counts) != 1 or len(units) > 1 or len(turn.all("product_name")) != 1:
        return None
    number = number_of(counts[0])
    if number is None or number <= 0:
        return None
    unit = unit_in(units[0]) if units else product.unit
    return product.in_own_unit(number, unit) if unit else None
