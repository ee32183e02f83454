"""Numbers behind goods that were taken for a part of their name: "dolo 32 aur ORS 23"."""

from __future__ import annotations

import re
from dataclasses import replace

from actions.context import Turn
from actions.entities import Entity
from actions.match import product_named

_NUMBER_BEHIND = re.compile(r"(.*\D)\s+(\d+(?:\.\d{1,2})?)")


def with_sums_apart(turn: Turn) -> Turn:
    """The message with such numbers marked as money."""
    apart = [number_apart(turn, one, "amount") or (one,) for one in turn.entities]
    return replace(turn, entities=[one for pieces in apart for one in pieces])


def number_apart(turn: Turn, goods: Entity, kind: str) -> tuple[Entity, Entity] | None:
    """The goods and the number behind them, as an entity of a kind, where the shop has goods that
    are called so without the number, and none with it."""
    found = _NUMBER_BEHIND.fullmatch(goods.value) if goods.name == "product_name" else None
    if found is None or not goods.end:
        return None
    with turn.read() as reader:
        whole, named = product_named(reader, goods.value), product_named(reader, found[1])
    called = [whole.one] if whole.one else [] if whole.guesses else whole.options
    if named.one is None or any(found[2] in one.name or one != named.one for one in called):
        return None
    start = goods.end - len(found[2])
    name = replace(goods, value=found[1], end=goods.start + len(found[1]), normalized=None)
    return name, Entity(kind, found[2], start=start, end=goods.end)
