"""Sums behind goods that were taken for a part of their name: "dolo 32 aur ORS 23"."""

from __future__ import annotations

import re
from dataclasses import replace

from actions.context import Turn
from actions.entities import Entity
from actions.match import product_named

_SUM_BEHIND = re.compile(r"(.*\D)\s+(\d+(?:\.\d{1,2})?)")


def with_sums_apart(turn: Turn) -> Turn:
    """The message with such sums marked: goods are known by the name without the number, and not
    with it."""
    apart: list[Entity] = []
    with turn.read() as reader:
        for one in turn.entities:
            found = _SUM_BEHIND.fullmatch(one.value) if one.name == "product_name" else None
            known = found and not product_named(reader, one.value).one
            if not (found and one.end and known and product_named(reader, found[1]).one):
                apart.append(one)
                continue
            start = one.end - len(found[2])
            goods = replace(one, value=found[1], end=one.start + len(found[1]), normalized=None)
            apart += [goods, Entity("amount", found[2], start=start, end=one.end)]
    return replace(turn, entities=apart)
