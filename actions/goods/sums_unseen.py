"""Figures behind goods that came which the language components saw as no money: "100 maggi liya
1100 ka", "100 maggi 1100, 20 parle 150"."""

from __future__ import annotations

import re
from dataclasses import replace

from actions.context import Turn
from actions.entities import Entity
from erp_core.kernel.quantity import parse_unit

_FIGURE = re.compile(r"(?<![\w.,/%-])(\d+(?:,\d+)*(?:\.\d+)?)(?![\w/%-])(?![.,]\d)")
_WORD = re.compile(r"[^\W\d_]+")


def with_sums_unseen(turn: Turn) -> Turn:
    """The message with the one figure behind each of its counted goods as what these cost, where
    none of it was taken for money."""
    goods = turn.all("product_name")
    if not all(one.end for one in goods):
        return turn
    found = [
        one
        for at, here in enumerate(goods)
        if (one := _sum_behind(turn, goods[:at], here, goods[at + 1 :])) is not None
    ]
    if not found:
        return turn
    taken = {one.start for one in found}
    kept = [one for one in turn.entities if not (one.name == "quantity" and one.start in taken)]
    return replace(turn, entities=sorted([*kept, *found], key=lambda one: one.start))


def _sum_behind(
    turn: Turn, former: list[Entity], goods: Entity, others: list[Entity]
) -> Entity | None:
    """The sum between some goods and those that follow them."""
    begin = former[-1].end if former else 0
    until = others[0].start if others else len(turn.text)
    if any(begin <= one.start < until for one in turn.all("amount")):
        return None
    figures = [
        one
        for one in _FIGURE.finditer(turn.text, goods.end, until)
        if not _is_count(turn, one, others) and not _is_of_else(turn, one)
    ]
    if len(figures) != 1 or not _is_counted(turn, goods, figures[0], until):
        return None
    start, end = figures[0].span()
    return Entity("amount", figures[0][0], start=start, end=end)


def _is_count(turn: Turn, figure: re.Match[str], others: list[Entity]) -> bool:
    """Whether a figure counts: a unit stands behind it, or goods that have no other count."""
    word = _WORD.match(turn.text[figure.end() :].lstrip())
    if word is not None and parse_unit(word[0]) is not None:
        return True
    if not others or turn.text[figure.end() : others[0].start].strip():
        return False
    until = others[1].start if len(others) > 1 else len(turn.text)
    counted = [one for one in turn.all("unit") if others[0].end <= one.start < until]
    return not counted


def _is_of_else(turn: Turn, figure: re.Match[str]) -> bool:
    """Whether a figure is part of a name, a day or the like."""
    others = (one for one in turn.entities if one.name != "quantity")
    return any(one.start < figure.end() and figure.start() < one.end for one in others)


def _is_counted(turn: Turn, goods: Entity, figure: re.Match[str], until: int) -> bool:
    """Whether the goods have a count apart from that figure: right before them, or behind."""
    return any(
        one.start != figure.start()
        and (goods.end <= one.start < until or _stands_before(turn.text, one, goods))
        for one in turn.all("quantity")
    )


def _stands_before(text: str, count: Entity, goods: Entity) -> bool:
    between = text[count.end : goods.start].strip()
    return count.end <= goods.start and (not between or parse_unit(between) is not None)
