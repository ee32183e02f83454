"""Sizes in a row behind the goods that they are of, and how many of each: "paragon 7 8 9 ki 10-10
jodi", "sparx 7, 8 aur 9 do do"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from actions.entities import NUMBERS, Entity
from actions.lexicon import only, words
from erp_core.catalogue import queries as catalogue
from erp_core.catalogue.queries import Product
from erp_core.journal.context import Reader
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.kernel.matching import CERTAIN
from erp_core.kernel.quantity import parse_unit

_RUN = re.compile(r"\s*\d{1,3}(?:(?:\s*,\s*|\s+(?:[^\W\d]+\s+)?)\d{1,3}(?![\w.-]))+", re.IGNORECASE)
_PIECE = re.compile(r"\d+|[^\W\d]+")
_LAST_NUMBERS = re.compile(r"(?:\s+\d{1,3})+$")
_EACH = re.compile(r"\s*(\w+)([\s-]+\1\b)?(?:\s+([^\W\d]+))?", re.IGNORECASE)
FEWEST = 2
SURELY = 3
"""So many sizes in a row are no size and its count."""
_SAID = frozenset({"product_name", "unit", *NUMBERS})


def may_hold_sizes_in_a_row(text: str, entities: Sequence[Entity]) -> bool:
    """Whether numbers stand in a row behind goods."""
    goods = (one for one in entities if one.name == "product_name" and one.end)
    return any(_RUN.match(text, _end_of_name(text, one)) for one in goods)


def with_sizes_in_a_row(reader: Reader, text: str, entities: list[Entity]) -> list[Entity]:
    """The entities with each size as goods of its own, and the count that is said of each."""
    for goods in (one for one in entities if one.name == "product_name" and one.end):
        start = _end_of_name(text, goods)
        run = _RUN.match(text, start)
        sizes = _sizes(reader, text[goods.start : start], run) if run else []
        sums = [one for one in entities if one.name == "amount"]
        each = _each_behind(text, sizes, sums) if len(sizes) >= FEWEST else None
        if each is None:
            continue
        count, until = each
        found: list[Entity] = []
        for product, at in sizes:
            first = goods.start if not found else at.start()
            found.append(Entity("product_name", product.name, start=first, end=at.end()))
            found.append(Entity("quantity", count, start=at.end(), end=at.end()))
        found[-1] = replace(found[-1], end=until)
        kept = [one for one in entities if one.name not in _SAID or not _within(one, goods, until)]
        return sorted([*kept, *found], key=lambda one: (one.start, one.end))
    return entities


def _end_of_name(text: str, goods: Entity) -> int:
    """Where the name of goods ends, without the numbers behind it."""
    numbers = _LAST_NUMBERS.search(text[goods.start : goods.end])
    return goods.start + numbers.start() if numbers else goods.end


def _sizes(reader: Reader, name: str, run: re.Match[str]) -> list[tuple[Product, re.Match[str]]]:
    """The goods of each number of a row; none where a word stands between that joins nothing, or
    a number that is no size of theirs."""
    matches = catalogue.find_products(reader, name, limit=40)
    known = [one.item for one in matches if one.score >= CERTAIN]
    found = []
    for piece in _PIECE.finditer(run.string, run.start(), run.end()):
        if not piece[0].isdecimal():
            if not only(words(piece[0]), "joining"):
                break
            continue
        fitting = [one for one in known if piece[0] in words(one.name)]
        if len(fitting) != 1:
            break
        found.append((fitting[0], piece))
    return found


def _each_behind(
    text: str, sizes: Sequence[tuple[Product, re.Match[str]]], sums: Sequence[Entity]
) -> tuple[str, int] | None:
    """The count behind a row that is said twice, "10-10 jodi", or behind a long one once, with its
    unit, and where it ends."""
    start = sizes[-1][1].end()
    following = re.match(r"\s*([^\W\d]+)\s", text[start:])
    if following and only(words(following[1]), "behind_a_name"):
        start += following.end()
    found = _EACH.match(text, start)
    number = parse_number(found[1]) if found else None
    if found is None or number is None or any(one.start == found.start(1) for one in sums):
        return None
    unit = found[3] if found[3] and parse_unit(found[3]) else None
    if not found[2] and not unit and len(sizes) < SURELY:
        return None
    until = found.end(3) if unit else max(found.end(1), found.end(2))
    return (f"{number:f} {unit}" if unit else f"{number:f}"), until


def _within(one: Entity, goods: Entity, until: int) -> bool:
    return bool(one.end) and goods.start <= one.start < until
