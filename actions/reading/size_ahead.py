"""A size that is said before its goods: "26 ka tyre", "26 ke 2 tube", "16 wali cycle"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from actions.entities import NUMBERS, Entity
from actions.lexicon import only, words
from actions.reading.specifications import MEASURES, numbers_in, surely
from erp_core.catalogue.queries import Product
from erp_core.journal.context import Reader

_WORD = re.compile(r"\S+")
_OF = ("of_which", "of_which_kind")


def may_have_size_ahead(text: str, entities: Sequence[Entity]) -> bool:
    """Whether a number stands before goods with no more between than "of" and their count."""
    return any(_goods_of(text, one, entities) for one in entities if _is_number(one))


def with_size_ahead(reader: Reader, text: str, entities: Sequence[Entity]) -> list[Entity]:
    """The entities with such a number in the name of its goods, where they have it and it is not
    what they cost; of goods that nothing counts, it is one."""
    found = list(entities)
    for number in [one for one in entities if _is_number(one)]:
        goods = _goods_of(text, number, found)
        name = _sized(reader, goods, number) if goods else None
        if goods is None or name is None:
            continue
        found[found.index(goods)] = replace(goods, value=name, normalized=None)
        found.remove(number)
        of = _WORD.search(text, number.end)
        if of and not only(words(of[0]), "of_several") and not _are_counted(found):
            found.append(Entity("quantity", "1", start=of.start(), end=of.end()))
    return sorted(found, key=_start)


def _sized(reader: Reader, goods: Entity, number: Entity) -> str | None:
    """What goods of a size are called; None where the number is no size of theirs."""
    family, size = surely(reader, goods.value), Decimal(number.value)
    sized = [one for one in family if _has(one, size)]
    if not sized or any(one.price_paise == size * 100 for one in family):
        return None
    return sized[0].name if len(sized) == 1 else f"{goods.value} {number.value}"


def _are_counted(entities: Sequence[Entity]) -> bool:
    return any(one.name == "quantity" for one in entities)


def _is_number(one: Entity) -> bool:
    return one.name in NUMBERS and bool(one.end) and one.value.isdecimal()


def _goods_of(text: str, number: Entity, entities: Sequence[Entity]) -> Entity | None:
    """The goods behind a number and an "of", counted in between or not."""
    behind = [one for one in entities if one.start >= number.end and one.end]
    counts = [one for one in behind if one.name == "quantity"]
    goods = min((one for one in behind if one.name == "product_name"), key=_start, default=None)
    if goods is None:
        return None
    between = text[number.end : goods.start]
    for one in counts:
        if one.end <= goods.start:
            between = between.replace(one.value, " ", 1)
    said = words(between)
    return goods if said and any(only(said, cue) for cue in _OF) else None


def _start(one: Entity) -> int:
    return one.start


def _has(product: Product, size: Decimal) -> bool:
    """Whether a name has a size, which is not how much goods hold: "70 ki maggi" is for ₹70."""
    return any(
        own.number == size and own.unit not in MEASURES.values() for own in numbers_in(product.name)
    )
