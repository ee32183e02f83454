"""Goods that no entity names: "ek pump diya 1600 me cash", "iffco se 100 dap liya 1290 udhaar"; the
last of several in "1 frame aur case"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
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
WITH_GOODS = frozenset({"order_create", "order_modify", "invoice_generate", "inventory_update"})
"""What names goods besides."""


def may_hold_goods_unmarked(text: str, intent: str, entities: Sequence[Entity]) -> bool:
    """Whether a sum is told to have been paid or owed, and nobody and nothing is named; or one
    person, beside a further number."""
    kinds = {one.name for one in entities}
    moved = any(says(words(text), one) for one in ("buying.gave", "buying.bought", "sold"))
    if intent not in TAKEN_FOR or "amount" not in kinds or not moved:
        return False
    further = sum(parse_number(one[0]) is not None for one in _WORD.finditer(text)) > 1
    return not kinds & _NAMES or (kinds & _NAMES == {"customer_name"} and further)


def with_goods_unmarked(reader: Reader, text: str, entities: list[Entity]) -> list[Entity]:
    """The entities with the goods that stand right behind a number, or before it, marked, where
    the shop surely has such and another number is the money."""
    found = entities
    for first, second in pairwise(_WORD.finditer(text)):
        for number, goods in ((first, second), (second, first)):
            if parse_number(number[0]) is None:
                continue
            counted, named = _entity("quantity", number), _entity("product_name", goods)
            others = [one for one in found if not _overlap(one, counted)]
            money = any(one.name == "amount" for one in others)
            taken = any(_overlap(one, named) for one in others)
            counts = any(one.name == "quantity" and _overlap(one, counted) for one in found)
            if money and not taken and not counts and _is_goods(reader, goods[0]):
                kept = [one for one in found if one in others or one.name not in NUMBERS]
                found = sorted([*kept, counted, named], key=lambda one: one.start)
    return found


def _overlap(one: Entity, other: Entity) -> bool:
    return one.start < other.end and other.start < one.end


def may_join_goods(text: str, intent: str, entities: Sequence[Entity]) -> bool:
    """Whether words that nobody marked are joined to goods that are sold, ordered or counted."""
    goods = intent in WITH_GOODS and any(one.name == "product_name" for one in entities)
    return goods and next(_joined(text, entities), None) is not None


def with_goods_joined(reader: Reader, text: str, entities: list[Entity]) -> list[Entity]:
    """The entities with the goods marked behind each "aur", where the shop surely has such."""
    joined = [one for one in _joined(text, entities) if _is_goods(reader, one[0])]
    marked = [_entity("product_name", one) for one in joined]
    kept = [one for one in entities if not any(_overlap(one, each) for each in marked)]
    return sorted([*kept, *marked], key=lambda one: one.start)


def with_count_at_end(text: str, intent: str, entities: list[Entity]) -> list[Entity]:
    """ "Fatima reading glass le gayi ek": the number that ends a message counts its goods, where
    nothing else does."""
    last = list(_WORD.finditer(text))[-1:]
    goods = [one for one in entities if one.name == "product_name"]
    counted = any(one.name in ("quantity", "unit") for one in entities)
    if intent not in WITH_GOODS or len(goods) != 1 or counted or not last:
        return entities
    said = _entity("quantity", last[0])
    taken = any(_overlap(one, said) for one in entities)
    if taken or only(words(said.value) or ("",), "filler") or parse_number(said.value) is None:
        return entities
    return [*entities, said] if says(words(text[goods[0].end : said.start]), "took") else entities


def _joined(text: str, entities: Sequence[Entity]) -> Iterator[re.Match[str]]:
    """What may name goods behind each "aur": a word alone, or one behind its number."""
    row = list(_WORD.finditer(text))
    for at, joint in enumerate(row[:-1]):
        if not only(words(joint[0]) or ("",), "joining"):
            continue
        counted = parse_number(row[at + 1][0]) is not None and row[at + 2 :]
        goods = row[at + 2] if counted else row[at + 1]
        named = [one for one in entities if one.name != "unit"]
        if not any(one.start < goods.end() and goods.start() < one.end for one in named):
            yield goods


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
