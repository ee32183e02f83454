"""The product that a line of a draft names."""

from __future__ import annotations

from typing import Any

from actions.context import Turn
from actions.forms.choices import pend_choice
from actions.forms.draft import Draft
from actions.match import product_named, product_option, recent
from erp_core.journal.context import Reader


def settle_product(
    turn: Turn, reader: Reader, draft: Draft, line: dict[str, Any], index: int, *, may_add: bool
) -> None:
    """Find the product that a line of the draft names."""
    found = product_named(reader, line["said"], spoken_of=recent(turn, "product"))
    if found.one:
        set_product(line, found.one)
        return
    options = [product_option(turn, one) for one in found.options]
    pend_choice(draft, found, options, field="product", index=index, may_add=may_add)


def set_product(line: dict[str, Any], product: Any) -> None:
    """A line is about this product."""
    line.update(id=str(product.id), name=product.name, unit=product.unit, price=product.price_paise)
