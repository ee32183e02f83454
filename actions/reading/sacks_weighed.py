"""Sacks of which is said what they weigh: "chini 2 bori 100 kilo 4000 ki aayi"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from actions.entities import CONTAINERS, Entity, number_of, paise_of, unit_in
from actions.lexicon import only, words
from erp_core.catalogue import queries as catalogue
from erp_core.catalogue.queries import Product
from erp_core.journal.context import Reader
from erp_core.kernel.matching import CERTAIN
from erp_core.kernel.quantity import UNITS, convert, plain

_KINDS = ["quantity", "unit", "quantity", "unit"]
SAID_AGAIN = "said_again"
"""What is a number of the same goods in another unit, and counts nothing more."""
LEAST_OF_A_SACK = 10
"""So many kilos a sack holds at least."""


def may_be_weighed(text: str, entities: Sequence[Entity]) -> bool:
    """Whether so many sacks stand right before what may be the weight of all of them."""
    return _sacks(text, entities) is not None or _each_weighed(text, entities) is not None


def sacks_weighed(reader: Reader, text: str, entities: Sequence[Entity]) -> list[Entity]:
    """The entities with what sacks weigh together, whether that or the weight of each was said."""
    each = _each_weighed(text, entities)
    return _weighed_each(reader, entities, each) if each else weighed_in_all(reader, text, entities)


def _weighed_each(
    reader: Reader, entities: Sequence[Entity], four: Sequence[Entity]
) -> list[Entity]:
    """ "Chini 50 kilo ki 2 bori aayi": a hundred kilos, of goods that the shop sells by weight."""
    weight, number = number_of(four[0]), number_of(four[2])
    product = _goods_weighed(reader, entities)
    if product is None or not weight or not number or weight < LEAST_OF_A_SACK:
        return list(entities)
    whole = replace(four[0], value=plain(weight * number), normalized=None)
    again = [replace(one, name=SAID_AGAIN) for one in four[2:]]
    meant = dict(zip(four, [whole, four[1], *again], strict=True))
    return [meant.get(one, one) for one in entities]


def _goods_weighed(reader: Reader, entities: Sequence[Entity]) -> Product | None:
    """The goods of a message that the shop sells by weight, where it names no others."""
    goods = [one for one in entities if one.name == "product_name"]
    found = catalogue.find_products(reader, goods[0].value, limit=1) if len(goods) == 1 else []
    product = found[0].item if found and found[0].score >= CERTAIN else None
    return None if product is None or UNITS[product.unit].whole else product


def _each_weighed(text: str, entities: Sequence[Entity]) -> list[Entity] | None:
    """What each of some sacks weighs and the sacks behind it, with "ki" or "wali" between."""
    row = [one for one in entities if one.end]
    for at in range(len(row) - 3):
        four = row[at : at + 4]
        if [one.name for one in four] != _KINDS or unit_in(four[3]) not in CONTAINERS:
            continue
        gaps = [words(text[one.end : then.start]) for one, then in pairwise(four)]
        measured = unit_in(four[1]) not in {None, *CONTAINERS}
        if measured and not gaps[0] and not gaps[2] and gaps[1] and only(gaps[1], "belonging"):
            return four
    return None


def weighed_in_all(reader: Reader, text: str, entities: Sequence[Entity]) -> list[Entity]:
    """The entities with the sacks as said besides, where the weight is that of all, of goods that
    the shop sells by weight. With a sum, its price tells whether each of them weighs so much."""
    sacks = _sacks(text, entities)
    product = _goods_weighed(reader, entities) if sacks else None
    if sacks is None or product is None:
        return list(entities)
    number, weight = number_of(sacks[0]), number_of(sacks[2])
    if not number or not weight:
        return list(entities)
    own = convert(weight, unit_in(sacks[3]) or "", product.unit)
    sums = [paise for one in entities if one.name == "amount" and (paise := paise_of(one))]
    if own is None or own / number < LEAST_OF_A_SACK:
        return list(entities)
    if sums and not _is_of_all(sums[0], own, number, product.price_paise):
        return list(entities)
    return [replace(one, name=SAID_AGAIN) if one in sacks[:2] else one for one in entities]


def _is_of_all(paise: int, weight: Decimal, number: Decimal, price: int) -> bool:
    """Whether a sum is nearer the price of one such weight than that of so many of them."""
    one, all_of_them = price * weight, price * weight * number
    return abs(paise - one) <= abs(paise - all_of_them)


def _sacks(text: str, entities: Sequence[Entity]) -> list[Entity] | None:
    """The sacks and their weight, which stand beside each other with nothing but "matlab" or "kul"
    between."""
    row = [one for one in entities if one.end]
    for at in range(len(row) - 3):
        four = row[at : at + 4]
        if [one.name for one in four] != _KINDS or unit_in(four[1]) not in CONTAINERS:
            continue
        if unit_in(four[3]) in {None, *CONTAINERS}:
            continue
        gaps = [words(text[one.end : then.start]) for one, then in pairwise(four)]
        behind = words(text[four[3].end :])[:1]
        each = only(behind or ("-",), "trader")
        if not each and not gaps[0] and not gaps[2] and (not gaps[1] or only(gaps[1], "filler")):
            return four
    return None
