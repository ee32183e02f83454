"""Goods of a message of which nothing was heard: "passport photo do set 120 cash"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from actions.entities import Entity
from actions.forms.intents import UNSURE
from actions.lexicon import only, says, words
from actions.reading.unmarked import (
    MOST_WORDS,
    NAMES,
    NO_GOODS,
    WITH_GOODS,
    WORD,
    is_goods,
    marked,
    overlap,
)
from erp_core.catalogue.queries import find_products
from erp_core.journal.context import Reader
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.kernel.matching import CERTAIN, bears
from erp_core.kernel.quantity import parse_unit

_OF_COUNTED = WITH_GOODS | {"deny"}
OF_GOODS_OR_NONE = UNSURE | _OF_COUNTED | {"price_query", "inventory_query"}
"""What a message of goods is taken for whose goods were not marked."""
OF_GOODS = frozenset({"product_name", "item"})


def may_hold_goods_unheard(text: str, intent: str, entities: Sequence[Entity]) -> bool:
    """Whether a message of goods, or one not understood, names nothing and has a number."""
    names = OF_GOODS if intent in _OF_COUNTED else NAMES
    if intent not in OF_GOODS_OR_NONE or any(one.name in names for one in entities):
        return False
    number = any(parse_number(one[0]) is not None for one in WORD.finditer(text))
    said = words(text)
    return number and not says(said, "asking") and not says(said, "english_do")


def with_goods_unheard(reader: Reader, text: str, entities: list[Entity]) -> list[Entity]:
    """The entities of "passport photo do set 120 cash" with the goods that the shop surely has, and
    with what counts them: the number before, or the one behind that has a unit; as they are where
    nothing counts."""
    row = list(WORD.finditer(text))
    found, at = entities, 0
    while at < len(row):
        length = _goods_at(reader, text, row, at)
        if length:
            goods = Entity(
                "product_name",
                text[row[at].start() : row[at + length - 1].end()],
                start=row[at].start(),
                end=row[at + length - 1].end(),
            )
            found = _with_its_count(row, at, length, [*found, goods])
        at += length or 1
    counted = any(one.name == "quantity" for one in found)
    return sorted(found, key=lambda one: one.start) if counted else entities


def may_want_goods_unheard(text: str, intent: str, entities: Sequence[Entity]) -> bool:
    """Whether something is wanted in a message that was not understood and names nothing: "facial
    karwana hai kal 4 baje"."""
    named = any(one.name in OF_GOODS for one in entities)
    said = words(text)
    ahead = intent == "payment_record" and says(said, "advance")
    return not named and (ahead or (intent in UNSURE and says(said, "wanting")))


def with_goods_wanted(reader: Reader, text: str, entities: list[Entity]) -> list[Entity]:
    """The entities with the goods marked that the shop surely has, counted or not."""
    row = list(WORD.finditer(text))
    found, at = entities, 0
    while at < len(row):
        length = _goods_at(reader, text, row, at)
        if length:
            start, end = row[at].start(), row[at + length - 1].end()
            goods = Entity("product_name", text[start:end], start=start, end=end)
            if not any(overlap(one, goods) for one in entities):
                found = _with_its_count(row, at, length, [*found, goods])
        at += length or 1
    found = without_parts(reader, found, entities)
    return sorted(found, key=lambda one: one.start)


def without_parts(reader: Reader, found: Sequence[Entity], kept: Sequence[Entity]) -> list[Entity]:
    """The entities without the new goods that name a part of others beside them: "dog ki grooming"
    of "Dog bath and grooming"."""
    goods = [one for one in found if one.name == "product_name"]
    names = {one: _names(reader, one.value) for one in goods}
    parts = [
        one
        for one in goods
        for other in goods
        if one not in kept and len(names[one]) > len(names[other]) == 1
        if {*words(one.value)} <= {*words(names[other][0])}
    ]
    return [one for one in found if one not in parts]


def _names(reader: Reader, said: str) -> list[str]:
    found = [one.item.name for one in find_products(reader, said) if one.score >= CERTAIN]
    return [one for one in found if bears(one, said)]


def _goods_at(reader: Reader, text: str, row: Sequence[re.Match[str]], at: int) -> int:
    """How many of the words that begin there name goods; none when they name none."""
    for length in range(min(MOST_WORDS, len(row) - at), 0, -1):
        said = text[row[at].start() : row[at + length - 1].end()]
        if all(_may_name(one[0]) for one in row[at : at + length]) and is_goods(reader, said):
            return length
    return 0


def _may_name(word: str) -> bool:
    said = words(word)
    number = parse_number(word) is not None or parse_unit(word) is not None
    letters = any(one.isalpha() for one in word)
    return letters and not number and not any(only(said, cues) for cues in NO_GOODS)


def _with_its_count(
    row: Sequence[re.Match[str]], at: int, length: int, entities: list[Entity]
) -> list[Entity]:
    """The entities with the count of the goods that stand there marked, if there is one."""
    before, behind = row[at - 1 : at] if at else [], row[at + length : at + length + 2]
    if before and _is_count(before[0]):
        return _with_count(entities, before[0])
    if before and at > 1 and parse_unit(before[0][0]) and _is_count(row[at - 2]):
        return _with_count(entities, row[at - 2], before[0])
    if len(behind) == 2 and _is_count(behind[0]) and parse_unit(behind[1][0]):
        return _with_count(entities, behind[0], behind[1])
    return entities


def _is_count(word: re.Match[str]) -> bool:
    return parse_number(word[0]) is not None


def _with_count(entities: list[Entity], *said: re.Match[str]) -> list[Entity]:
    new = [marked(name, one) for name, one in zip(("quantity", "unit"), said, strict=False)]
    kept = [one for one in entities if not any(overlap(one, each) for each in new)]
    return [*kept, *new]
