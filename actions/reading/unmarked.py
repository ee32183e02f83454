"""Goods with their number where no entity names any: "ek pump diya 1600 me cash", "iffco se 100 dap
liya 1290 udhaar"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from actions.entities import NUMBERS, Entity
from actions.lexicon import only, says, words
from erp_core.catalogue.queries import find_products
from erp_core.journal.context import Reader
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.kernel.matching import CERTAIN
from erp_core.kernel.quantity import parse_unit

TAKEN_FOR = frozenset({"payment_record", "khata_credit"})
"""What such a message is taken for: money alone."""
_NAMES = frozenset({"product_name", "item", "customer_name", "vendor_name", "person", "group"})
_WORD = re.compile(r"[^\s,;]+")
_NO_GOODS = (
    "filler", "around_goods", "pronouns", "asking", "rupees", "rate_words", "tense.past",
    "buying.bought", "buying.gave", "on_khata", "advance", "bill_words",
)  # fmt: skip
SHORTEST = 3


def may_hold_goods_unmarked(text: str, intent: str, entities: Sequence[Entity]) -> bool:
    """Whether a sum is told to have been paid or owed, and nobody and nothing is named."""
    kinds = {one.name for one in entities}
    moved = any(says(words(text), one) for one in ("buying.gave", "buying.bought", "sold"))
    return intent in TAKEN_FOR and "amount" in kinds and not kinds & _NAMES and moved


def with_goods_unmarked(reader: Reader, text: str, entities: list[Entity]) -> list[Entity]:
    """The entities with the goods that stand right behind a number, or before it, marked, where
    the shop surely has such and another number is the money."""
    row = list(_WORD.finditer(text))
    sums = [one for one in entities if one.name == "amount"]
    for first, second in pairwise(row):
        for number, goods in ((first, second), (second, first)):
            counted = _entity("quantity", number)
            others = [one for one in sums if one.end <= counted.start or counted.end <= one.start]
            if parse_number(number[0]) is None or not others or not _is_goods(reader, goods[0]):
                continue
            kept = [
                one
                for one in entities
                if one.name not in NUMBERS or one.end <= counted.start or counted.end <= one.start
            ]
            return sorted(
                [*kept, counted, _entity("product_name", goods)], key=lambda one: one.start
            )
    return entities


def _is_goods(reader: Reader, word: str) -> bool:
    """Whether a word names goods of the shop, or a family of them."""
    said = words(word)
    nothing = len(word) < SHORTEST or parse_number(word) is not None or parse_unit(word)
    if nothing or not said or any(only(said, cues) for cues in _NO_GOODS):
        return False
    known = [one.item for one in find_products(reader, word) if one.score >= CERTAIN]
    return any({*said} <= {*words(one.name)} for one in known)


def _entity(name: str, found: re.Match[str]) -> Entity:
    return Entity(name, found[0], start=found.start(), end=found.end())
