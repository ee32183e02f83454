"""Sizes of goods, which the language components often take for sums or counts, or for nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from actions.entities import NUMBERS, Entity
from actions.lexicon import any_of, only, words
from actions.reading.pieces import MOST_BETWEEN, overlaps

LETTERS = r"(?:XXXL|XXL|XL|XS|[2-5]XL|S|M|L|free)"
_SIZE_WORD = any_of("written.size")
_SIZE = re.compile(
    rf"(?<![\w.])(?P<before>\d{{1,3}}|{LETTERS})\s*(?:(?:k[aei]|no\.?|number|nambar)\s+)?{_SIZE_WORD}(?!\w)"
    rf"|(?<!\w){_SIZE_WORD}\s*(?:no\.?\s*|number\s*)?(?P<behind>\d{{1,3}}|{LETTERS})(?!\w)"
    r"|(?<![\w.])(?P<number>\d{2})\s*(?:number|nambar|no\.|नंबर)"
    rf"(?!\s*(?:\d|\w*\s*{any_of('written.table')}))(?!\w)",
    re.IGNORECASE,
)
_BARE_SIZE = re.compile(r"(?<!\w)(?P<bare>XXXL|XXL|XL|XS|[2-5]XL|xxxl|xxl|xl|[SML])(?!\w)")
"""Letters alone: small ones only where nothing else is written so."""
_COUNTED = re.compile(r"\d\s*$")
_COLOUR_BEHIND = re.compile(r"\s+([^\W\d]+)")


def with_sizes(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """The goods with the sizes that stand beside them: in "2 jeans 32 size" the 32 is no rate."""
    found = list(entities)
    for size in (*_SIZE.finditer(text), *_BARE_SIZE.finditer(text)):
        found = _with_size(text, found, size)
    return found


def _with_size(text: str, entities: list[Entity], size: re.Match[str]) -> list[Entity]:
    said = next(one for one in size.groups() if one)
    span = size.span()
    holder = next((one for one in entities if overlaps(one, span)), None)
    if holder is not None and holder.name == "product_name":
        if size.lastgroup == "bare":
            return entities
        return [_resized(text, one, span, said) if one is holder else one for one in entities]
    if holder is not None and (holder.name not in NUMBERS or size.lastgroup == "bare"):
        return entities
    if size.lastgroup == "bare" and _COUNTED.search(text[: span[0]]):
        return entities
    goods = _beside(text, entities, span)
    if goods is None:
        return entities
    start, end = min(goods.start, span[0]), max(goods.end, span[1])
    if coloured := _COLOUR_BEHIND.match(text, end):
        end = coloured.end() if _colours(coloured[1]) else end
    colours = f"{_colours(text[goods.end : span[0]])} {_colours(text[span[1] : end])}"
    value = " ".join(f"{goods.value} {colours} {said}".split())
    whole = replace(goods, value=value, normalized=None, start=start, end=end)
    kept = [one for one in entities if one is goods or not overlaps(one, span)]
    return [whole if one is goods else one for one in kept]


def _resized(text: str, goods: Entity, span: tuple[int, int], size: str) -> Entity:
    """Goods with the size in their name last; what stands behind a size is no part of a name, but
    in "32 size ki jeans"."""
    before, end = text[goods.start : span[0]].split(), span[1]
    if not before:
        before, end = text[span[1] : goods.end].split(), goods.end
    said = [one for one in before if not only(words(one), "postpositions")]
    return replace(goods, value=" ".join([*said, size]), normalized=None, end=end)


def _beside(text: str, entities: Sequence[Entity], span: tuple[int, int]) -> Entity | None:
    """The goods that a size belongs to: those before it, else those right behind it."""
    goods = [one for one in entities if one.name == "product_name" and one.end]
    for one in reversed(goods):
        between = text[one.end : span[0]]
        if one.end <= span[0]:
            free = not any(overlaps(e, (one.end, span[0])) for e in entities)
            near = len(between.split()) <= MOST_BETWEEN and not re.search(
                r"[,;\n]|\baur\b", between
            )
            return one if free and near else None
    for one in goods:
        if one.start >= span[1] and only(words(text[span[1] : one.start]), "postpositions"):
            return one
    return None


def _colours(between: str) -> str:
    return " ".join(one for one in between.split() if only(words(one), "colours"))
