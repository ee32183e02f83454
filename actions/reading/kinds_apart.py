"""The colour, size or kind of goods that is said apart from their name: "gulab ke paudhe 10 aur aa
gaye peele wale"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from actions.entities import Entity
from actions.lexicon import only, words
from actions.reading.pieces import overlaps
from erp_core.catalogue.queries import family
from erp_core.journal.context import Reader
from erp_core.kernel.matching import FILLERS, without_size

MOST_OF_FAMILY = 40
SHORTEST = 3
_WORD = re.compile(r"[^\W\d_][^\s,;.!?।]+")


def may_hold_kind_apart(text: str, entities: Sequence[Entity]) -> bool:
    """Whether the only goods of a message may be told closer by words beside them."""
    goods = [one for one in entities if one.name == "product_name"]
    return len(goods) == 1 and bool(goods[0].end) and bool(_kinds(text, entities))


def with_kind_apart(reader: Reader, text: str, entities: Sequence[Entity]) -> list[Entity]:
    """The entities with what tells the goods closer in their name, where the shop surely has such:
    one of the family that was named, or with "wala" another that bears the word."""
    goods = next(one for one in entities if one.name == "product_name")
    said, found = goods.value, _known(reader, goods.value)
    for word in _kinds(text, entities) if found else ():
        closer = _known(reader, f"{said} {word}")
        another = len(found) == 1 and closer.isdisjoint(found)
        if closer and (closer < found or another):
            said, found = f"{said} {word}", closer
    named = replace(goods, value=said, normalized=None)
    return [named if one is goods and said != goods.value else one for one in entities]


def _kinds(text: str, entities: Sequence[Entity]) -> list[str]:
    """The free words that may be a kind, sizes last, which pick among what the others leave."""
    free = [
        one[0]
        for one in _WORD.finditer(text)
        if not any(overlaps(each, one.span()) for each in entities)
    ]
    told = any(word in FILLERS for one in free for word in words(one))
    kinds = [one for one in free if only(words(one), "colours") or not without_size(one)]
    if told:
        kinds = [one for one in free if len(one) >= SHORTEST and not _says_nothing(one)]
    return sorted(kinds, key=lambda one: not without_size(one))


def _says_nothing(word: str) -> bool:
    return any(only(words(word), cue) for cue in ("filler", "asking", "wanting", "tense.past"))


def _known(reader: Reader, said: str) -> set[UUID]:
    return {one.id for one in family(reader, said, limit=MOST_OF_FAMILY)}
