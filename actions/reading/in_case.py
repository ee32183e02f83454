"""What a buyer wants in case goods are not there: "2 frooti, agar na ho to thums up de dena". The
shop is told; none of it is ordered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest
from typing import NamedTuple

from actions.entities import Entity
from actions.lexicon import only, says, where, words
from erp_core.kernel.clauses import sentences

_WORD = re.compile(r"[^\s,;.!?।]+")
_IF = "buyers.if"


class InCase(NamedTuple):
    """Where such words stand in a text, and what the shop is told of them."""

    start: int
    end: int
    note: str


def in_case(text: str, entities: Sequence[Entity]) -> InCase | None:
    """What shall come in the place of goods; of goods that are named there alone, they and their
    count stay what is ordered."""
    spans = sentences(text) if says(words(text), "buyers.if_none") else []
    for (start, end), behind in zip_longest(spans, spans[1:]):
        row = [one.span() for one in _WORD.finditer(text, start, end)]
        said = [" ".join(words(text[slice(*one)])) for one in row]
        found = where(said, "buyers.if_none")
        if found is None or text[end : end + 1] == "?":
            continue
        cue = row[found[0]][0]
        if behind and found[1] == len(row) and text[end] == ",":
            end = behind[1]  # "If it is out of stock, send another"
        named = [one for one in entities if one.name == "product_name" and one.end]
        others = [one for one in named if not start <= one.start < end]
        goods = next((one for one in reversed(named) if start <= one.start < cue), None)
        if goods and (not others or _counts_beside(goods, cue, entities)):
            ends = _until_its_count(cue, end, entities)
            return InCase(cue, ends, f"{goods.value} {text[cue:ends].strip()}")
        if others:
            opened = [span[0] for span, one in zip(row, said, strict=True) if only([one], _IF)]
            begins = min([one for one in opened if one < cue] or [goods.start if goods else start])
            return InCase(begins, end, text[begins:end].strip())
    return None


def _counts_beside(goods: Entity, cue: int, entities: Sequence[Entity]) -> bool:
    """Whether a number stands right beside goods, but for its unit, before what is said of them."""
    units = [one for one in entities if one.name == "unit" and one.end <= cue]
    for count in entities:
        if count.name != "quantity" or not 0 < count.end <= cue:
            continue
        first, second = sorted((count, goods), key=lambda one: one.start)
        between = [one for one in units if first.end <= one.start < second.start]
        if second.start - first.end <= 1 + sum(one.end - one.start + 1 for one in between):
            return True
    return False


def _until_its_count(cue: int, end: int, entities: Sequence[Entity]) -> int:
    """Where the count begins of goods that nothing counts before."""
    counts = [one for one in entities if one.name == "quantity" and one.end]
    if any(one.end <= cue for one in counts):
        return end
    behind = [one.start for one in counts if cue <= one.start < end]
    return behind[-1] if behind else end
