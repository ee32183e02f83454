"""Numbers that were taken for one, or with more than the number: "पंद्रह एक", "पांच सौ एडवांस"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from actions.entities import NUMBERS, Entity, number_of, paise_of, sold_for
from actions.lexicon import only, words
from actions.reading.pieces import EACH_WORD, piece
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.kernel.quantity import parse_unit

_LEAST_SUM = 100
"""Of two numbers that were taken for a sum, one below it counts something."""


def with_sixties(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """The entities with the sixty of "do sau saath me": behind hundreds it is no "with", unless
    something is counted behind it."""
    return [_with_sixty(text, one, entities) for one in entities]


def _with_sixty(text: str, one: Entity, entities: Sequence[Entity]) -> Entity:
    word = EACH_WORD.match(text, one.end + 1) if one.name in NUMBERS and one.end else None
    number = number_of(one) if word else None
    if word is None or not number or number % _LEAST_SUM or not only(words(word[0]), "sixty"):
        return one
    behind = text[word.end() :].split()[:2]
    counted = any(0 < each.start - word.end() <= len(" ".join(behind[:1])) + 2 for each in entities)
    whole = text[one.start : word.end()]
    if counted or text[one.end] != " " or parse_number(whole) is None:
        return one
    sixty = replace(one, value=whole, normalized=None, end=word.end())
    return replace(sixty, name="amount") if sold_for(text, sixty) else sixty


def numbers_apart(_text: str, entities: Sequence[Entity]) -> list[Entity]:
    """The entities with the numbers that stand in what reads as none, or was taken for a unit."""
    return [each for one in entities for each in _apart(one)]


def _apart(one: Entity) -> list[Entity]:
    if one.name == "unit" and one.end and not parse_unit(one.value):
        counts = (number_of(one) or 0) >= 1
        return [replace(one, name="quantity", normalized=None) if counts else one]
    if one.name not in NUMBERS or not one.end or " " not in one.value:
        return [one]
    if number_of(one) is not None or paise_of(one) is not None:
        return [one]
    found = _numbers_in(one)
    if len(found) > 1 and len({number_of(each) for each in found}) == 1:
        return found[:1]
    return found or [one]


def _numbers_in(one: Entity) -> list[Entity]:
    row, at, found = list(EACH_WORD.finditer(one.value)), 0, []
    while at < len(row):
        for end in range(len(row), at, -1):
            start, behind = row[at].start(), row[end - 1].end()
            number = parse_number(one.value[start:behind])
            if number is not None:
                counts = end - at < len(row) and number < _LEAST_SUM
                found.append(piece(one, start, behind, "quantity" if counts else one.name))
                at = end
                break
        else:
            at += 1
    return found
