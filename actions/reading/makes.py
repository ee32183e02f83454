"""Goods that are called by their make: "apollo ke 5 tyre", "एमआरएफ के दो टायर", where the make was
taken for whoever buys them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from actions.entities import Entity
from actions.lexicon import only, words
from actions.reading.pieces import is_goods, overlaps
from erp_core.journal.context import Reader
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.kernel.matching import CERTAIN
from erp_core.kernel.quantity import parse_unit
from erp_core.parties import queries as parties

_OF_MAKE = re.compile(
    r"(?<!\S)([^\s,;.]+)\s+(?:ka|ke|ki|k|का|के|की)\s+([^\s,;.]+)\s+([^\s,;.?!]+)", re.IGNORECASE
)
_TAKEN_FOR = frozenset({"customer_name", "vendor_name", "person"})
_MARKED_AS = _TAKEN_FOR | {"product_name"}


def may_name_makes(text: str, entities: Sequence[Entity]) -> bool:
    """Whether a make may be named, or somebody is marked whose name could be that of goods."""
    named = any(one.name in _TAKEN_FOR and one.end for one in entities)
    return _OF_MAKE.search(text) is not None or (named and _counted(entities))


def with_makes(reader: Reader, text: str, entities: list[Entity]) -> list[Entity]:
    """The entities with goods under their make, and with goods for a name that nobody here has but
    goods, and that stands where nobody is spoken to."""
    found = entities
    for said in _OF_MAKE.finditer(text):
        found = _with_make(reader, said, found)
    return [_as_goods(reader, text, one) for one in found] if _counted(found) else found


def _with_make(reader: Reader, said: re.Match[str], entities: list[Entity]) -> list[Entity]:
    make, count, goods = said.groups()
    if parse_number(count) is None or parse_unit(goods) or only(words(goods), "filler"):
        return entities
    if not any(one.name in _MARKED_AS and overlaps(one, said.span(1)) for one in entities):
        return entities
    name = f"{make} {goods}"
    if _is_somebody(reader, make) or not (is_goods(reader, make) and is_goods(reader, name)):
        return entities
    marked = [
        Entity("quantity", count, start=said.start(2), end=said.end(2)),
        Entity("product_name", name, start=said.start(3), end=said.end(3)),
    ]
    kept = [one for one in entities if not overlaps(one, said.span())]
    return sorted([*kept, *marked], key=lambda one: one.start)


def _as_goods(reader: Reader, text: str, one: Entity) -> Entity:
    if one.name not in _TAKEN_FOR or not one.end:
        return one
    if only(words(text[one.end :])[:1] or ("",), "behind_somebody"):
        return one
    if _is_somebody(reader, one.value) or not is_goods(reader, one.value):
        return one
    return replace(one, name="product_name", normalized=None)


def _is_somebody(reader: Reader, said: str) -> bool:
    customers = parties.find_customers(reader, said, limit=1)
    vendors = parties.find_vendors(reader, said, limit=1)
    scores = [one.score for one in customers] + [one.score for one in vendors]
    return any(score >= CERTAIN for score in scores)


def _counted(entities: Sequence[Entity]) -> bool:
    """Whether numbers are told, and no goods that they could be of."""
    kinds = {one.name for one in entities}
    return "product_name" not in kinds and bool(kinds & {"quantity", "amount"})
