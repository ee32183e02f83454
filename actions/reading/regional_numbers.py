"""The numbers of those who count in the tongue of their region: "rendu dosa", "panj sau diye"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from actions.entities import NAMES, NUMBERS, Entity, number_of
from actions.lexicon import any_of, names, only, plain_words, words
from erp_core.kernel.hindi_numbers import parse_number

_BESIDE = frozenset({"product_name", "unit"})
_HUNDREDS = ("written.hundreds", "regional.numbers.100", "regional.numbers.1000")
_WORD = re.compile(r"[^\W\d_]+")


def with_regional_numbers(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """The entities with such numbers as figures: before "sau", before goods or their unit, and
    where the language components took them for a number, but could not read it."""
    bare = (_without_counts(one, entities) for one in entities)
    found = [one for one in bare if one]
    for said in _WORD.finditer(text):
        count = _counts().get(said[0].lower()) or _of_hundreds(text, said)
        if count and not any(_inside_name(said, one) for one in found):
            found = _read(text, found, said, count)
    return sorted(found, key=lambda one: one.start)


def _of_hundreds(text: str, said: re.Match[str]) -> str | None:
    """ "Paanch" before a hundred of the region: "paanch nooru"."""
    many = _many().match(text, said.end())
    number = parse_number(said[0]) if many and many[1].lower() in _counts() else None
    return str(number) if number and number == int(number) else None


def _read(text: str, found: list[Entity], said: re.Match[str], count: str) -> list[Entity]:
    start, end = said.span()
    many = _many().match(text, end)
    if many:
        times = _counts().get(many[1].lower())
        count = str(int(count) * int(times)) if times else f"{count} {many[1]}"
        end = many.end()
    taken = [one for one in found if one.end and one.start < end and start < one.end]
    if taken and taken[0].name == "product_name":
        goods = taken[0]
        name = text[end : goods.end].lstrip()
        rest = replace(goods, value=name, start=goods.end - len(name), normalized=None)
        return [*(one for one in found if one is not goods), rest, _number("quantity", count, said)]
    if taken and (many or number_of(taken[0]) is None):
        kept = [one for one in found if one not in taken]
        return [*kept, Entity(taken[0].name, count, start=start, end=end)]
    beside = any(one.name in _BESIDE and 0 <= one.start - end <= 1 for one in found if one.end)
    money = only(words(text[end:])[:1] or ("",), "rupees")
    if not taken and (many or beside or money):
        kind = "quantity" if beside else "amount"
        return [*found, Entity(kind, count, start=start, end=end)]
    return found


def _number(kind: str, count: str, said: re.Match[str]) -> Entity:
    return Entity(kind, count, start=said.start(), end=said.end())


def _inside_name(said: re.Match[str], one: Entity) -> bool:
    """Whether a word is of an entity that is no number; goods may begin with how many there are."""
    if not one.end or one.name in NUMBERS or not one.start <= said.start() < one.end:
        return False
    return one.name != "product_name" or one.start < said.start() or one.end == said.end()


def _without_counts(one: Entity, entities: Sequence[Entity]) -> Entity | None:
    """A name without the number at its end that counts what follows: "meena la pach kilo chini"."""
    if not one.end or one.name not in NAMES - _BESIDE:
        return one
    measured = any(e.name in _BESIDE and 0 <= e.start - one.end <= 1 for e in entities)
    *kept, last = one.value.split()
    if not measured or last.lower() not in _counts():
        return one
    value = " ".join(kept)
    return replace(one, value=value, end=one.start + len(value), normalized=None) if kept else None


@cache
def _counts() -> dict[str, str]:
    return {
        word: count
        for count in names("regional.numbers")
        for word in plain_words(f"regional.numbers.{count}")
    }


@cache
def _many() -> re.Pattern[str]:
    cues = "|".join(any_of(one) for one in _HUNDREDS)
    return re.compile(rf"\s+({cues})(?!\w)", re.IGNORECASE)
