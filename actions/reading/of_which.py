"""Goods that are counted together or named first, and one by one then: "2 cycle biki, ek hero ek
atlas"."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from actions.entities import Entity, Line, lines_of
from actions.lexicon import says, where, words
from erp_core.catalogue.queries import family
from erp_core.journal.context import Reader

FEWEST = 3
"""So many names there are at least: that of all, and two of them."""
MOST_OF_FAMILY = 40


def may_be_of_which(text: str, entities: Sequence[Entity]) -> bool:
    """Whether the first goods of a message are as many as all that are named behind them."""
    lines = lines_of(text, entities) if _count(entities, "product_name") >= FEWEST else []
    whole = (bool(lines) and _together(lines)) or _out_of(text, entities)
    return whole or _there_before(text, entities) is not None


def _out_of(text: str, entities: Sequence[Entity]) -> bool:
    """Whether goods are first only named, and then some of them counted: "jo doodh aaya tha usme se
    10 litre cow milk fat gaya"."""
    goods = [one for one in entities if one.name == "product_name" and one.end]
    counts = [one for one in entities if one.name == "quantity" and one.end]
    if len(goods) != 2 or len(counts) != 1 or counts[0].start < goods[0].end:
        return False
    between = words(text[goods[0].end : counts[0].start])
    return says(between, "out_of_these") and counts[0].end <= goods[1].start


def _there_before(text: str, entities: Sequence[Entity]) -> Entity | None:
    """How many there were before some of them went: "200 kilo padi thi usme se 50 kilo Mohan ko",
    "do maggi liye the woh wapas kar gayi hai ek packet"."""
    counts = [one for one in entities if one.name == "quantity" and one.end]
    if len(counts) != 2:
        return None
    between = words(text[counts[0].end : counts[1].start])
    had = where(between, "had_been")
    went = had and (
        says(between[had[1] :], "out_of_these") or says(between[had[1] :], "gone_back.back")
    )
    return counts[0] if went else None


def without_all_of_them(reader: Reader, text: str, entities: Sequence[Entity]) -> list[Entity]:
    """The entities without the goods that are only what all others are called, and their count, or
    without how many there were."""
    if (former := _there_before(text, entities)) is not None:
        unit = next((one for one in entities if 0 < one.start - former.end <= 1), None)
        gone = [former, *([unit] if unit and unit.name == "unit" else [])]
        return [one for one in entities if one not in gone]
    goods = [one for one in entities if one.name == "product_name"]
    whole = _known(reader, goods[0].value)
    kinds = [_known(reader, one.value) for one in goods[1:]]
    if not all(kind and kind < whole for kind in kinds):
        return list(entities)
    counts = [one for one in entities if one.name == "quantity" and one.end]
    if len(goods) < FEWEST:
        return [one for one in entities if one is not goods[0]]
    count = min(counts, key=lambda one: abs(one.end - goods[0].start))
    return [one for one in entities if one is not goods[0] and one is not count]


def _together(lines: Sequence[Line]) -> bool:
    counts = [one.quantity for one in lines]
    rest = [one for one in counts[1:] if one is not None]
    return counts[0] is not None and len(rest) == len(counts) - 1 and counts[0] == sum(rest)


def _count(entities: Sequence[Entity], name: str) -> int:
    return sum(one.name == name and bool(one.end) for one in entities)


def _known(reader: Reader, said: str) -> set[UUID]:
    return {one.id for one in family(reader, said, limit=MOST_OF_FAMILY)}
