"""How much of loose goods a sum buys: "200 ka paneer do" is half a kilo at ₹400."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from actions.entities import NUMBERS, Entity, paise_of
from actions.lexicon import only, words
from erp_core.catalogue import queries as catalogue
from erp_core.catalogue.queries import Product
from erp_core.journal.context import Reader
from erp_core.kernel.matching import CERTAIN
from erp_core.kernel.quantity import PLACES, UNITS
from erp_core.orders.pricing import LineWanted, draft, draft_lines, terms_for

ORDERS = frozenset({"order_create", "order_modify", "invoice_generate"})
LEAST_PAISE = 500
"""Less is hardly a sum: "2 ka paneer"."""
_AS_RATES = (Decimal("0.6"), Decimal("1.6"))
"""A sum behind goods that is about the price of one is a rate that is offered."""
_WORTH = re.compile(r"\s*(\S+\s+)?(?:ka|ki|ke|का|की|के)\s+", re.IGNORECASE)


def may_be_worth(text: str, intent: str, entities: Sequence[Entity], *, buys: bool) -> bool:
    """Whether a number stands before goods as what they shall cost; who buys sets no rates."""
    ordered = intent in ORDERS or (buys and intent == "price_update")
    return ordered and any(
        _goods_for(text, one, entities) for one in entities if one.name in NUMBERS and one.end
    )


def with_worth(reader: Reader, text: str, entities: Sequence[Entity]) -> list[Entity]:
    """The entities with so much of loose goods as each sum before them buys."""
    found = list(entities)
    for at, one in enumerate(entities):
        goods = _goods_for(text, one, entities) if one.name in NUMBERS and one.end else None
        bought = _bought(reader, goods.value, paise_of(one)) if goods else None
        if goods is not None and bought is not None:
            # The words of money behind it belong to it: "30 rupaye ki" is no rate any more.
            end = goods.start - 1 if goods.start > one.start else one.end
            far = goods.start > one.start or not _AS_RATES[0] < bought < _AS_RATES[1]
            if far:
                found[at] = replace(one, name="quantity", normalized=str(bought), end=end)
    return found


def _goods_for(text: str, number: Entity, entities: Sequence[Entity]) -> Entity | None:
    between = _WORTH.match(text, number.end)
    if between is None or (between[1] and not only(words(between[1]), "rupees")):
        return None
    named = [one for one in entities if one.name == "product_name" and one.end]
    before = next((one for one in named if one.end == number.start - 1), None)
    given = only(words(text[between.end() :])[:1] or ("-",), "taking")
    if before and given and len(named) == 1:
        return before
    return next((one for one in named if one.start == between.end()), None)


def _bought(reader: Reader, said: str, paise: int | None) -> Decimal | None:
    """So much of goods, in their own unit; None of what is counted whole, or not surely known."""
    found = catalogue.find_products(reader, said, limit=2)
    sure = [one.item for one in found if one.score >= CERTAIN]
    if len(sure) != 1 or paise is None or paise < LEAST_PAISE:
        return None
    product = sure[0]
    if UNITS[product.unit].whole or product.unit == "dozen" or product.price_paise <= 0:
        return None
    exact = Decimal(paise) / Decimal(_price_with_tax(reader, product))
    return exact.quantize(PLACES, rounding=ROUND_HALF_UP) or None


def _price_with_tax(reader: Reader, product: Product) -> int:
    """What one costs whoever hands over money for it."""
    one = draft_lines(reader, [LineWanted(product_id=product.id, quantity=Decimal(1))])
    return draft(one, terms_for(reader, None)).assessment.total
