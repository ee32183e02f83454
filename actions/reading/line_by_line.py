"""Goods that are listed in haste, one kind a line: "Charger x2", "cover 4", "rate batao"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from actions.entities import Entity, rate_follows
from actions.lexicon import words
from actions.reading.pieces import is_called
from erp_core.journal.context import Reader

_IN_A_LINE = re.compile(r"\S(?:[^\n]*\S)?")
_CROSS = re.compile(r"[x×*]", re.IGNORECASE)
_CROSSED = re.compile(r"[^\S\n]*[x×*](\d{1,4})(?![\w.])", re.IGNORECASE)
_COUNTED_LAST = re.compile(r"(.*[^\W\d].*?)[^\S\n]+(\d{1,4})")
_CROSSED_LAST = re.compile(r"(?<=\w)[^\S\n]+[x×*](\d{1,4})", re.IGNORECASE)


def names_line_by_line(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """No goods are called by what stands in two lines, and the cross of "2x" is no unit."""
    units = [one for one in entities if one.name == "unit" and _CROSS.fullmatch(one.value)]
    return [piece for one in entities if one not in units for piece in _by_line(text, one)]


def may_end_in_counts(text: str, entities: Sequence[Entity]) -> bool:
    """Whether the last of a line in a list may count its goods, and be no part of their name."""
    return "\n" in text and any(_counted_last(text, one) for one in entities)


def with_counts_at_line_ends(reader: Reader, text: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "Cover 10" in a line of a list: ten covers, unless goods are called so."""
    return [piece for one in entities for piece in _count_apart(reader, text, one)]


def _count_apart(reader: Reader, text: str, one: Entity) -> Iterator[Entity]:
    found = _counted_last(text, one)
    if not found or is_called(reader, one.value) or not is_called(reader, found[1]):
        yield one
        return
    yield replace(one, value=found[1], end=one.start + found.end(1), normalized=None)
    start = one.start + found.start(2)
    yield Entity("quantity", found[2], start=start, end=start + len(found[2]))


def _counted_last(text: str, one: Entity) -> re.Match[str] | None:
    ends = one.name == "product_name" and bool(one.end) and text[one.end :][:1] in ("", "\n")
    return _COUNTED_LAST.fullmatch(text[one.start : one.end]) if ends else None


def _by_line(text: str, one: Entity) -> Iterator[Entity]:
    if one.name != "product_name" or not one.end or "\n" not in text[one.start : one.end]:
        yield one
        return
    for found in _IN_A_LINE.finditer(text, one.start, one.end):
        start, end = found.span()
        yield replace(one, value=found[0], start=start, end=end, normalized=None)


def may_be_crossed(text: str, entities: Sequence[Entity]) -> bool:
    """Whether goods stand before a number with its cross: "charger x2"."""
    goods = [one for one in entities if one.name == "product_name" and one.end]
    return any(_crossed(text, one) for one in goods)


def with_counts_crossed(reader: Reader, text: str, entities: Sequence[Entity]) -> list[Entity]:
    """The entities with those counts, unless goods are called so: "Poco X2"."""
    found = list(entities)
    for one in [each for each in entities if each.name == "product_name" and each.end]:
        count = _crossed(text, one)
        if count is None or is_called(reader, text[one.start : count.end()]):
            continue
        end = min(one.end, len(text[: count.start()].rstrip()))
        name = replace(one, value=text[one.start : end], end=end, normalized=None)
        counted = Entity("quantity", count[1], start=count.start(1), end=count.end(1))
        found = [name if each is one else each for each in found]
        found = [each for each in found if not _within(each, count)]
        found.append(counted)
    return sorted(found, key=lambda one: one.start)


def _crossed(text: str, one: Entity) -> re.Match[str] | None:
    within = _CROSSED_LAST.search(text, one.start, one.end)
    if within:
        return within if within.end() == one.end else None
    return _CROSSED.match(text, one.end)


def _within(one: Entity, count: re.Match[str]) -> bool:
    return one.name in ("quantity", "amount") and count.start() <= one.start < count.end()


def counts_before_question(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "Jeans 10 rate batao", "jeans 10 rate 1500": the number that the rate is asked or told
    behind counts the goods before it, and is none."""
    return [
        replace(one, name="quantity", normalized=None) if _is_count(text, one, entities) else one
        for one in entities
    ]


def _is_count(text: str, one: Entity, entities: Sequence[Entity]) -> bool:
    if one.name != "amount" or not one.end or not _behind_goods(text, one, entities):
        return False
    return rate_follows(words(text[one.end :]))


def _behind_goods(text: str, one: Entity, entities: Sequence[Entity]) -> bool:
    goods = (each for each in entities if each.name == "product_name" and each.end <= one.start)
    return one.value.isdigit() and any(not text[each.end : one.start].strip() for each in goods)
