"""Goods whose name was taken to pieces, or for somebody: "पावर बैंक" for a buyer who paid by bank,
"एमआरएफ का टायर" for two goods, "स्टेनर लाल" for a customer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from actions.entities import Entity, paise_of
from actions.lexicon import only, words
from actions.reading.pieces import WHO, is_customer
from actions.reading.unmarked import is_goods
from erp_core.catalogue.queries import find_products
from erp_core.journal.context import Reader
from erp_core.kernel.matching import CERTAIN, bears
from erp_core.kernel.quantity import parse_unit
from erp_core.kernel.spelling import LETTERS

_LEAST_SUM = 100_00
_LETTER = frozenset(LETTERS)
_ANY = "|".join(sorted(LETTERS, key=len, reverse=True))
_LETTERS_BEFORE = re.compile(rf"(?:(?<!\S)(?:{_ANY})\s+)+$")
_LETTERS_BEHIND = re.compile(rf"(?:\s+(?:{_ANY})(?!\S))+")
_PEOPLE = WHO - {"customer_phone"}
_PARTS = _PEOPLE | {"product_name", "item", "payment_method", "unit"}


def may_be_in_parts(entities: Sequence[Entity]) -> bool:
    """Whether two marks may be of one name, or somebody beside others may be goods."""
    kinds = [one.name for one in entities if one.end]
    spelt = any(_LETTER & {*one.value.split()} for one in entities if one.name == "product_name")
    return spelt or sum(one in _PARTS for one in kinds) > 1


def with_names_whole(
    reader: Reader, text: str, entities: Sequence[Entity], *, buys: bool
) -> list[Entity]:
    """The entities with two side by side as one where together they surely name goods of the shop,
    and neither is somebody; and with goods that were taken for a second person."""
    found = [_spelt_out(reader, text, one) for one in entities]
    for one, other in _side_by_side(text, tuple(found)):
        said = f"{one.value} {other.value}"
        if one not in found or other not in found or not _is_one(reader, one, other, said):
            continue
        people = [each for each in (one, other) if each.name in _PEOPLE]
        if not buys and any(is_customer(reader, each.value) for each in people):
            continue
        whole = Entity("product_name", said, start=one.start, end=other.end)
        found[found.index(one)] = whole
        found.remove(other)
        found = [_counting(text, whole, each) for each in found]
    return found if buys else _without_false_people(reader, found)


def _counting(text: str, goods: Entity, one: Entity) -> Entity:
    """The number right behind goods that were taken for a way of paying counts them."""
    if one.name != "amount" or one.start != goods.end + 1 or (paise_of(one) or 0) >= _LEAST_SUM:
        return one
    money = only(words(text[one.end :])[:1] or ("",), "rupees")
    return one if money else replace(one, name="quantity", normalized=None)


def _spelt_out(reader: Reader, text: str, one: Entity) -> Entity:
    """Goods with all the letters of their name, which were marked in part: the "डी" of "डी ए पी",
    and the "के" of "एन पी के"."""
    if one.name != "product_name" or not one.end or not _LETTER & {*one.value.split()}:
        return one
    before, behind = _LETTERS_BEFORE.search(text[: one.start]), _LETTERS_BEHIND.match(text, one.end)
    start = before.start() if before else one.start
    end = behind.end() if behind else one.end
    for first, last in ((start, end), (start, one.end), (one.start, end)):
        said = text[first:last]
        if said != one.value and _sure(reader, said) and not _sure(reader, one.value):
            return replace(one, value=said, normalized=None, start=first, end=last)
    return one


def _side_by_side(text: str, entities: Sequence[Entity]) -> Iterator[tuple[Entity, Entity]]:
    row = [one for one in entities if one.end]
    for one, other in pairwise(row):
        between = text[one.end : other.start]
        together = not between.strip() or only(words(between), "of_which")
        if together and _is_part(one) and _is_part(other) and one.end <= other.start:
            yield one, other


def _is_part(one: Entity) -> bool:
    return one.name in _PARTS and (one.name != "unit" or parse_unit(one.value) is None)


def _is_one(reader: Reader, one: Entity, other: Entity, said: str) -> bool:
    """Whether two names are surely one; of two goods both may be wanted, so that the two must say
    together which of a family it is."""
    whole = _sure(reader, said)
    if not whole or not all(bears(name, said) for name in whole):
        return False
    if {one.name, other.name} != {"product_name"}:
        return True
    return len(whole) == 1 and set(whole) < set(_sure(reader, other.value))


def _sure(reader: Reader, said: str) -> list[str]:
    return [one.item.name for one in find_products(reader, said) if one.score >= CERTAIN]


def _without_false_people(reader: Reader, entities: list[Entity]) -> list[Entity]:
    people = [one for one in entities if one.name in _PEOPLE and one.end]
    if len(people) < 2 or not any(one.name == "quantity" for one in entities):
        return entities
    goods = [
        one for one in people if is_goods(reader, one.value) and not is_customer(reader, one.value)
    ]
    if len(goods) == len(people):
        return entities
    return [
        replace(one, name="product_name", normalized=None) if one in goods else one
        for one in entities
    ]
