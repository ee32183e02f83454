"""So many are wanted of goods, right behind the question whether they can be had: "gold fish milegi
kya, das chahiye", "kachori hai kya 10 bhej do", "cake banega kya, 1 kilo"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from actions.entities import Entity
from actions.lexicon import only, says, which, words
from erp_core.kernel.hindi_dates import NEAR_DAYS, WEEKDAYS
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.kernel.quantity import parse_unit

_WORD = re.compile(r"[^\s,;.!?।]+")
_STOP = re.compile(r"[,;.!?।]")
_BEHIND = ("wanting", "taking", "filler", "buyers.its_time", "buyers.sends")


def counts_what_is_asked(text: str, entities: Sequence[Entity]) -> bool:
    """Whether one thing is named, and so many are wanted behind a question of it."""
    return _count_wanted(text, entities) is not None


def with_count_wanted(text: str, entities: list[Entity]) -> list[Entity]:
    """The entities with that number as a count."""
    found = _count_wanted(text, entities)
    if found is None:
        return entities
    kept = [one for one in entities if not (one.start < found.end() and found.start() < one.end)]
    counted = Entity("quantity", found[0], start=found.start(), end=found.end())
    taken = [one for one in entities if one not in kept]
    counted = replace(taken[0], name="quantity") if len(taken) == 1 else counted
    return sorted([*kept, counted], key=lambda one: one.start)


def _count_wanted(text: str, entities: Sequence[Entity]) -> re.Match[str] | None:
    goods = [one for one in entities if one.name == "product_name"]
    if len(goods) != 1 or not goods[0].end:
        return None
    if any(one.name in ("quantity", "amount") and one.start < goods[0].end for one in entities):
        return None
    row = list(_WORD.finditer(text, goods[0].end))
    for at, one in enumerate(row):
        asked = words(text[goods[0].end : one.start()])
        if parse_number(one[0]) is None or not _asks(asked):
            continue
        behind = [each[0] for each in row[at + 1 :]]
        apart = _STOP.search(text, row[at - 1].end(), one.start()) if at else None
        wished = says(words(" ".join(behind)), "wanting")
        if (wished or (apart and all(map(parse_unit, behind)))) and all(map(_is_wish, behind)):
            return one
    return None


def _asks(said: Sequence[str]) -> bool:
    return any(says(said, one) for one in ("asking", "is_there", "do_you_sell"))


def _is_wish(word: str) -> bool:
    said = "".join(words(word))
    if parse_unit(word) or said in NEAR_DAYS or said in WEEKDAYS or which(word, "parts_of_day"):
        return True
    return any(only(words(word) or ("-",), one) for one in _BEHIND)
