"""Goods that were taken for a number, for what is done with them, or for their tax."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from actions.entities import NUMBERS, Entity
from actions.lexicon import only, says, words
from actions.reading.pieces import (
    EACH_WORD,
    MOST_BETWEEN,
    is_goods,
    overlaps,
    piece,
)
from erp_core.catalogue import queries as catalogue
from erp_core.journal.context import Reader
from erp_core.kernel.hindi_numbers import parse_amount, parse_number
from erp_core.kernel.matching import CERTAIN
from erp_core.tax import gstin as gstins

_PUTTING = re.compile(r"(?<!\w)da+l(?!\w)", re.IGNORECASE)


def goods_in_numbers(reader: Reader, entities: Sequence[Entity]) -> list[Entity]:
    """ "एक लक्स साबुन" is one soap, and no lakh: the last word of a number that begins the goods
    behind it, or is goods itself where none are named, is theirs."""
    found = list(entities)
    for at, one in reversed(list(enumerate(entities))):
        first, _, last = one.value.rpartition(" ")
        if not _may_hold_goods(one):
            continue
        behind = entities[at + 1] if entities[at + 1 :] else None
        goods = behind if behind and behind.name == "product_name" else None
        near = goods is not None and goods.start - one.end == 1
        said = f"{last} {goods.value}" if near and goods else last
        meant = _goods_called(reader, said) if near or goods is None else None
        if meant is None:
            continue
        start = one.end - len(last)
        end = goods.end if goods else one.end
        named = Entity("product_name", meant, start=start, end=end)
        counted = replace(
            one, name="quantity", value=first, normalized=None, end=one.start + len(first)
        )
        found[at : at + 1 + bool(goods)] = [counted, named]
    return found


def may_hold_count_within(_text: str, entities: Sequence[Entity]) -> bool:
    """Whether a number stands in the midst of what goods are called."""
    return any(_count_within(one) for one in entities)


def counts_within(reader: Reader, _text: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "Lassi das glass": how many there are of the "lassi glass" that the shop has."""
    found: list[Entity] = []
    for one in entities:
        row = _count_within(one)
        name = " ".join(word[0] for word in row if not parse_number(word[0])) if row else ""
        meant = _goods_called(reader, name) if name else None
        if meant is None or is_goods(reader, one.value) or {*words(meant)} != {*words(name)}:
            found.append(one)
            continue
        at = next(at for at, word in enumerate(row) if parse_number(word[0]))
        goods = piece(one, 0, row[at - 1].end(), "product_name")
        found += [replace(goods, value=meant), piece(one, *row[at].span(), "quantity")]
    return found


def _count_within(one: Entity) -> list[re.Match[str]]:
    """The words of goods that are called by one number with words on either side of it."""
    row = list(EACH_WORD.finditer(one.value)) if one.name == "product_name" and one.end else []
    counts = [at for at, word in enumerate(row) if parse_number(word[0])]
    return row if len(counts) == 1 and 0 < counts[0] < len(row) - 1 else []


def may_hold_goods(entities: Sequence[Entity]) -> bool:
    """Whether it is worth looking for goods in what was taken for a number."""
    return any(_may_hold_goods(one) for one in entities)


def _may_hold_goods(one: Entity) -> bool:
    return bool(one.name in NUMBERS and one.end and " " in one.value and not one.value.isascii())


def _goods_called(reader: Reader, said: str) -> str | None:
    """The name of goods that are surely meant by what reads as a number as well."""
    found = catalogue.find_products(reader, said, limit=2)
    sure = [one.item.name for one in found if one.score >= CERTAIN]
    return sure[0] if len(sure) == 1 else None


def may_hold_goods_taken_for_whom(_text: str, entities: Sequence[Entity]) -> bool:
    """Whether goods stand beside somebody, who may be goods as well."""
    kinds = {one.name for one in entities if one.end}
    return {"customer_name", "product_name"} <= kinds


def goods_taken_for_whom(reader: Reader, text: str, entities: Sequence[Entity]) -> list[Entity]:
    """The entities with the tulsi of "money plant aur tulsi ka kitna" as goods: who buys seldom
    names somebody, and the shop surely has such goods."""
    return [
        replace(one, name="product_name", normalized=None)
        if one.name == "customer_name" and one.end and _is_joined_goods(reader, text, one, entities)
        else one
        for one in entities
    ]


def _is_joined_goods(reader: Reader, text: str, whom: Entity, entities: Sequence[Entity]) -> bool:
    before = (one for one in entities if one.name == "product_name" and one.end <= whom.start)
    joined = any(only(words(text[one.end : whom.start]) or ("-",), "joining") for one in before)
    return joined and is_goods(reader, whom.value)


def may_name_what_is_put(text: str, entities: Sequence[Entity]) -> bool:
    """Whether goods may be called by a word for putting: "sorry dal 2 kg kardo"."""
    return _named_by_putting(text, entities) is not None


def goods_by_putting(reader: Reader, text: str, entities: list[Entity]) -> list[Entity]:
    """The entities with the dal of "dal 2 kg kardo" as goods, where the shop sells some: who puts
    goods on an order says "dal do", and how many before it."""
    word = _named_by_putting(text, entities)
    if word is None or not is_goods(reader, word[0]):
        return entities
    named = Entity("product_name", word[0], start=word.start(), end=word.end())
    return sorted([*entities, named], key=lambda one: one.start)


def _named_by_putting(text: str, entities: Sequence[Entity]) -> re.Match[str] | None:
    """The word for putting that a count follows at once, and no goods stand before."""
    for word in _PUTTING.finditer(text):
        before = [one for one in entities if 0 < one.end <= word.start()]
        counted = any(
            one.name == "quantity" and not text[word.end() : one.start].strip()
            for one in entities
            if one.start > word.end()
        )
        held = any(overlaps(one, word.span()) for one in entities)
        if counted and not before and not held:
            return word
    return None


def without_tax_words(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """Goods without the words of tax, and the sum before them, that were taken for a part of their
    name: "redmi 16500 GST". A GSTIN is none."""
    found: list[Entity] = []
    for one in entities:
        if one.name == "product_name" and gstins.IN_TEXT.search(one.value):
            continue
        found += _tax_apart(text, one) if one.name == "product_name" and one.end else [one]
    return found


def _tax_apart(text: str, goods: Entity) -> list[Entity]:
    said = kept = goods.value.split(" ")
    while len(kept) > 1 and only(words(kept[-1]), "beside_tax"):
        kept = kept[:-1]
    behind = text[goods.start + len(" ".join(kept)) :].split()[:MOST_BETWEEN]
    taxed = says(words(" ".join(behind)), "tax_inside")
    if taxed and len(kept) > 1 and parse_amount(kept[-1]):
        kept = kept[:-1]
        sums = [said[len(kept)]]
    else:
        sums = []
    if kept == said:
        return [goods]
    name = " ".join(kept)
    start = goods.start + len(name) + 1
    named = replace(goods, value=name, end=goods.start + len(name), normalized=None)
    return [named, *(Entity("amount", one, start=start, end=start + len(one)) for one in sums)]
