"""Goods that are named one right behind the other, and were taken for one or seen in part:
"manicure pedicure", "haircut facial threading"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from actions.entities import Entity
from actions.lexicon import only, words
from actions.reading.unmarked import MOST_WORDS, WITH_GOODS, is_goods
from erp_core.catalogue.queries import find_products
from erp_core.journal.context import Reader
from erp_core.kernel.matching import CERTAIN

_WORD = re.compile(r"\S+")
SHORTEST = 4
_NO_NAME = (
    "colours", "filler", "postpositions", "people", "more", "newness", "used_goods", "servings",
)  # fmt: skip
"""Words that belong to the goods behind them, or name none."""


def may_be_side_by_side(entities: Sequence[Entity]) -> bool:
    """Whether goods have a name of several words, none of them a number."""
    return any(_may_be_several(one) for one in entities)


def goods_side_by_side(reader: Reader, entities: Sequence[Entity]) -> list[Entity]:
    """The entities with a name that nothing bears as the goods that stand in it, where each word
    of it is of goods that the shop surely has."""
    found: list[Entity] = []
    for one in entities:
        found += (_apart(reader, one) if _may_be_several(one) else None) or [one]
    return found


def may_be_beside_goods(text: str, intent: str, entities: Sequence[Entity]) -> bool:
    """Whether words that nobody marked stand right in front of goods that are sold or ordered."""
    return intent in WITH_GOODS and any(_words_before(text, one, entities) for one in entities)


def with_goods_before(reader: Reader, text: str, entities: Sequence[Entity]) -> list[Entity]:
    """The entities with the goods marked that stand right in front of others, where the shop
    surely has such, and the two are no name of one."""
    found = list(entities)
    for one in entities:
        row = _words_before(text, one, entities)
        for at in range(max(0, len(row) - MOST_WORDS), len(row)):
            start, end = row[at].start(), row[-1].end()
            said = text[start:end]
            both = find_products(reader, f"{said} {one.value}", limit=1)
            if any(each.score >= CERTAIN for each in both) or not is_goods(reader, said):
                continue
            found.append(Entity("product_name", said, start=start, end=end))
            break
    return sorted(found, key=lambda one: one.start)


def _words_before(text: str, goods: Entity, entities: Sequence[Entity]) -> list[re.Match[str]]:
    """The free words right in front of goods, with no comma between them."""
    if goods.name != "product_name" or not goods.end:
        return []
    begun = max((one.end for one in entities if one.end <= goods.start), default=0)
    row: list[re.Match[str]] = []
    for word in reversed(list(_WORD.finditer(text, begun, goods.start))):
        said = words(word[0])
        silent = not said or any(only(said, cues) for cues in _NO_NAME)
        if silent or not word[0].isalpha() or len(word[0]) < SHORTEST:
            break
        row.insert(0, word)
    return row


def _may_be_several(one: Entity) -> bool:
    plain = not any(sign.isdigit() for sign in one.value)
    return one.name == "product_name" and bool(one.end) and " " in one.value and plain


def _apart(reader: Reader, whole: Entity) -> list[Entity] | None:
    if any(one.score >= CERTAIN for one in find_products(reader, whole.value, limit=1)):
        return None
    row, at, found = list(_WORD.finditer(whole.value)), 0, []
    while at < len(row):
        length = _length(reader, whole.value, row, at)
        if not length:
            return None
        start, end = row[at].start(), row[at + length - 1].end()
        found.append(
            replace(
                whole,
                value=whole.value[start:end],
                normalized=None,
                start=whole.start + start,
                end=whole.start + end,
            )
        )
        at += length
    return found


def _length(reader: Reader, text: str, row: Sequence[re.Match[str]], at: int) -> int:
    """How many words that begin there name goods; none where they name none."""
    for length in range(min(MOST_WORDS, len(row) - at), 0, -1):
        if is_goods(reader, text[row[at].start() : row[at + length - 1].end()]):
            return length
    return 0
