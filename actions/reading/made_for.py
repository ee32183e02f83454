"""Goods that only tell for what others are: "cover 1 a15 ka", "1 cover for iphone 15". No A15 is
wanted, and none is sold."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from actions.entities import Entity
from actions.lexicon import any_of, only, words
from erp_core.catalogue.queries import Product
from erp_core.kernel.quantity import parse_unit

Known = Callable[[str], Product | None]
"""The goods of the shop that a name surely means."""

_OF = re.compile(rf"\s+{any_of('buyers.of_what')}(?!\w)", re.IGNORECASE)
_FOR = re.compile(rf"(?<!\w){any_of('buyers.for_what')}\s+$", re.IGNORECASE)
_WORD = re.compile(r"\s+([^\s,;.!?।]+)")


class OfOthers(NamedTuple):
    """Where it stands for what goods are, and the words for both."""

    start: int
    end: int
    note: str


def made_for(
    text: str, entities: Sequence[Entity], known: Known
) -> tuple[list[Entity], list[OfOthers]]:
    """The entities with only what is wanted, and what tells of it."""
    kept: list[Entity] = []
    told: list[OfOthers] = []
    for one in entities:
        if one.name != "product_name" or not one.end:
            kept.append(one)
        elif (apart := _apart(text, one, known)) is not None:
            kept.append(apart)
            told.append(OfOthers(one.start, apart.start, one.value))
        elif (beside := _beside_others(text, one, entities, known)) is not None:
            told.append(beside)
        else:
            kept.append(one)
    return kept, told


def _apart(text: str, one: Entity, known: Known) -> Entity | None:
    """The cover of "a15 ka cover", where both are goods."""
    for cue in _OF.finditer(text, one.start, one.end):
        start = cue.end() + 1
        goods = replace(one, value=text[start : one.end], normalized=None, start=start)
        if start < one.end and _are_two(text[one.start : cue.start()], goods.value, known):
            return goods
    return None


def _beside_others(
    text: str, one: Entity, entities: Sequence[Entity], known: Known
) -> OfOthers | None:
    goods = [other for other in entities if other.name == "product_name" and other.end]
    before = [other for other in goods if other.end < one.start]
    behind, leads = _OF.match(text, one.end), _FOR.search(text[: one.start])
    if leads and before and not _begins(entities, one.end, "quantity"):
        other, start, end = before[-1], leads.start(), one.end
    elif behind and (owned := _begins(goods, behind.end(), "product_name")):
        other, start, end = owned, one.start, behind.end()
    elif behind and (counted := _counted_before(entities, one.start)) and _ends(text, behind.end()):
        other, start, end = counted, one.start, behind.end()
    else:
        return None
    row = (text[start:end], other.value) if other.start > start else (other.value, text[start:end])
    return OfOthers(start, end, " ".join(row)) if _are_two(one.value, other.value, known) else None


def _begins(entities: Sequence[Entity], at: int, name: str) -> Entity | None:
    return next((one for one in entities if one.name == name and one.start == at + 1), None)


def _counted_before(entities: Sequence[Entity], at: int) -> Entity | None:
    """The goods with a number behind them that end here: the cover of "cover 1 a15 ka"."""
    ended = {one.end + 1: one for one in entities if one.end}
    row: list[Entity] = []
    while (one := ended.get(at)) is not None:
        row.append(one)
        at = one.start
    kinds = [one.name for one in row]
    plain = kinds in (["quantity", "product_name"], ["unit", "quantity", "product_name"])
    return row[-1] if plain else None


def _ends(text: str, at: int) -> bool:
    """Whether nothing behind makes them goods of their own: "chini ki 1 kilo", "surf ka packet"."""
    behind = _WORD.match(text, at)
    if behind is None:
        return True
    own = parse_unit(behind[1]) or any(one.isdigit() for one in behind[1])
    return not own and not only(words(behind[1]), "buyers.no_kind_behind")


def _are_two(whose: str, goods: str, known: Known) -> bool:
    """Whether both are goods of the shop, and neither is in the other's name; what goods are only
    counted in is none: "bell ka set"."""
    owner, owned = known(whose), known(goods)
    if owner is None or owned is None or owner.id == owned.id or parse_unit(goods) == owned.unit:
        return False
    return set(words(whose)).isdisjoint(words(owned.name))
