"""Goods of which a part was paid and the other is left, each with its sum: "2 lux Meena 50 gpay 22
khata", "200 abhi 160 kal degi"."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from actions.context import Turn
from actions.entities import NUMBERS, Entity, is_for_one, method_of, paise_of
from actions.invoicing.paid_beside import as_payment
from actions.lexicon import says
from actions.reading.parts import part_of, without
from erp_core.parties.permissions import Permission

_PARTS = 2


class PartLeft(NamedTuple):
    """The goods, the money that was paid of them, and what both sums come to, in paise."""

    goods: Turn
    paid: Turn
    total: int


def part_left(turn: Turn) -> PartLeft | None:
    """What a message tells so; None where it does not name both sums."""
    goods, named = turn.all("product_name"), turn.first("customer_name")
    if not turn.is_user or not goods or named is None or not turn.may(Permission.CREATE_INVOICE):
        return None
    if turn.is_not_words or "?" in turn.text or says(turn.words, "asking"):
        return None
    sums = _without_total(_sums(turn, goods[-1].end))
    if len(sums) != _PARTS:
        return None
    ends = (sums[1].start, len(turn.text))
    parts = [part_of(turn, (one.start, end)) for one, end in zip(sums, ends, strict=True)]
    left = [one for one in parts if _is_left(one)]
    paid = [one for one in parts if one not in left and _is_paid(one)]
    if len(left) != 1 or len(paid) != 1:
        return None
    owing, given = (sums[parts.index(one[0])] for one in (left, paid))
    total = sum(paise_of(one) or 0 for one in sums)
    whose = replace(named, start=0, end=0)
    kept = without(turn, owing.start, owing.end)
    kept = without(kept, given.start, given.start + len(paid[0].text))
    for one in _sums(turn, goods[-1].end):
        kept = without(kept, one.start, one.end)
    if kept.first("customer_name") is None:
        kept = replace(kept, entities=[whose, *kept.entities])
    money = replace(given, name="amount", start=0, end=given.end - given.start)
    ways = [one for one in paid[0].entities if one.name == "payment_method"]
    told = as_payment(replace(paid[0], entities=[whose, money, *ways]))
    sale = replace(kept, intent="order_create", clauses=())
    return PartLeft(sale, replace(told, clauses=()), total)


def _sums(turn: Turn, start: int) -> list[Entity]:
    numbers = [one for one in turn.entities if one.name in NUMBERS and one.end]
    numbers = [one for one in numbers if not is_for_one(turn.text, one)]
    return [one for one in numbers if one.start >= start and not _is_count(turn, one)]


def _is_count(turn: Turn, number: Entity) -> bool:
    """Whether a number counts the goods that it stands behind, or has a unit behind it."""
    behind_goods = any(
        0 <= number.start - one.end <= 1 and turn.text[one.end : number.start].isspace()
        for one in turn.all("product_name")
    )
    unit = any(0 <= one.start - number.end <= 1 for one in turn.all("unit"))
    return number.name == "quantity" and (behind_goods or unit)


def _without_total(sums: list[Entity]) -> list[Entity]:
    """Two sums of which the one before them is the total."""
    paise = [paise_of(one) or 0 for one in sums]
    whole = len(sums) > _PARTS and paise[0] == sum(paise[1:])
    return sums[1:] if whole else sums


def _is_left(part: Turn) -> bool:
    return says(part.words, "part_left.left")


def _is_paid(part: Turn) -> bool:
    return method_of(part.text) is not None or says(part.words, "part_left.paid")
