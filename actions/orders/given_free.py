"""Goods that are given free with others that are sold: "10 maggi ke saath 1 parle g free"."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

from actions.context import Turn
from actions.entities import Entity
from actions.lexicon import says, where, words
from actions.reading.parts import without
from erp_core.parties.permissions import Permission

_WORD = re.compile(r"[^\s,;.!?]+")


class FreeBeside(NamedTuple):
    """What is sold, as if it alone had been said, and what leaves the stock for nothing."""

    sold: Turn
    free: Turn


def free_beside(turn: Turn) -> FreeBeside | None:
    """What is given free beside counted goods that are sold; None where it is not told apart."""
    may = turn.is_user and not turn.is_not_words and turn.may(Permission.ADJUST_STOCK)
    if not may or "?" in turn.text or says(turn.words, "asking"):
        return None
    came = says(turn.words, "stock.arrived") or says(turn.words, "negation")
    bought = says(turn.words, "buying.bought") and not says(turn.words, "sold")
    if came or bought or says(turn.words, "not_kept.free_of_else"):
        return None
    cue = _cue(turn)
    if cue is None:
        return None
    goods = [_before_cue(turn, one, cue[0]) for one in turn.all("product_name") if one.end]
    if not goods or any(one.start < cue[1] and one.end > cue[0] for one in goods):
        return None
    start, end, given = _given(turn, goods, cue)
    sold = without(turn, start, end)
    if given is None or not (sold.first("product_name") and sold.first("quantity")):
        return None
    free = replace(turn, entities=given, intent="inventory_update", clauses=())
    return FreeBeside(replace(sold, clauses=()), free)


def _before_cue(turn: Turn, goods: Entity, cue: int) -> Entity:
    """Goods without the word that was taken for a part of their name: "lux free"."""
    if not goods.start < cue < goods.end:
        return goods
    name = turn.text[goods.start : cue].strip()
    return replace(goods, value=name, end=goods.start + len(name), normalized=None)


def _cue(turn: Turn) -> tuple[int, int] | None:
    """Where the word stands that makes goods free."""
    row = list(_WORD.finditer(turn.text))
    for at, one in enumerate(row):
        found = where(words(turn.text[one.start() :]), "not_kept.free")
        if found and not found[0]:
            return one.start(), row[min(at + found[1], len(row)) - 1].end()
    return None


def _given(
    turn: Turn, goods: list[Entity], cue: tuple[int, int]
) -> tuple[int, int, list[Entity] | None]:
    """The goods at the word, where they begin and end, with how many they are."""
    counts = [one for one in turn.all("quantity") if one.end]
    before = [one for one in goods if one.end <= cue[0]]
    behind = [one for one in goods if one.start >= cue[1]]
    if before and not turn.text[before[-1].end : cue[0]].strip():
        count = _right_before(turn, counts, before[-1].start)
        start = (count or before[-1]).start
        return start, cue[1], _named(before[-1], count)
    if count := _right_before(turn, counts, cue[0]):
        return count.start, cue[1], _named(goods[0], count) if len(goods) == 1 else None
    if behind:
        count = _right_before(turn, counts, behind[0].start)
        return cue[0], behind[0].end, _named(behind[0], count)
    return cue[0], cue[1], None


def _right_before(turn: Turn, counts: list[Entity], start: int) -> Entity | None:
    near = [one for one in counts if one.end <= start and not turn.text[one.end : start].strip()]
    return near[-1] if near else None


def _named(goods: Entity, count: Entity | None) -> list[Entity]:
    return [
        replace(count, start=0, end=0) if count else Entity("quantity", "1"),
        replace(goods, start=0, end=0),
    ]
