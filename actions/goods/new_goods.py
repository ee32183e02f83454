"""Goods that the shop has not yet, told in one line with what is known of them: "Volini 150 12 pcs
gst 12"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from actions.context import Turn
from actions.entities import NUMBERS, Entity, number_of
from actions.invoicing.taxes import said_of_tax
from actions.lexicon import only, says, words
from actions.match import product_named
from actions.reading.specifications import MEASURES
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.kernel.quantity import parse_unit, plain

_RATE_BEHIND = re.compile(r"(.*[^\W\d].*?)\s+(\d+(?:\.\d+)?)")


_PIECES = re.compile(r"(?<![\w.])(\d+)\s*([^\W\d]+)")
_TWO_IN_ONE = re.compile(r"([^\d]*[^\W\d])\s+(\d+)\s+([^\d]*[^\W\d])")
_GROUPS = (("product_name", 1), ("amount", 2), ("product_name", 3))
FAR = 5
"""A number so many times another is hardly the rate of goods beside it."""
_COUNTED_IN = frozenset({"piece", "packet", "box", "bag"})


def adds_new_goods(turn: Turn) -> bool:
    """Whether goods that nobody knows here are told with a number and with their GST, or as new on
    the list: they are to be added, whatever the message was taken for."""
    goods = turn.all("product_name")
    others = ("customer_name", "vendor_name", "person", "order_id", "invoice_number", "date")
    if not turn.is_user or turn.is_not_words or turn.slots.get("draft") or len(goods) != 1:
        return False
    if any(turn.first(one) for one in others) or says(turn.words, "asking") or "?" in turn.text:
        return False
    if not (turn.first("quantity") or turn.first("amount")):
        return False
    if not said_of_tax(turn.text).rate and not says(turn.words, "new_on_the_list"):
        return False
    with turn.read() as reader:
        found = product_named(reader, goods[0].value)
        bare = product_named(reader, _without_rate(goods[0]).value)
    return not any(one.one or (one.options and not one.guesses) for one in (found, bare))


def with_rates(turn: Turn) -> Turn:
    """ "Naye item: Dettol 60, Savlon 55": the numbers right behind several new goods are their
    rates, where none is said to be a count."""
    turn = _rates_within(turn)
    goods = [one for one in turn.all("product_name") if one.end]
    if len(goods) < 2 or turn.first("unit") or says(turn.words, "asks_stock"):
        return turn
    numbers = [one for one in turn.entities if one.name in NUMBERS]
    rated: list[Entity] = []
    for one in turn.entities:
        if one in goods and not any(_is_right_behind(turn, one, each) for each in numbers):
            rated += _apart(one)
        elif one in numbers and any(_is_right_behind(turn, each, one) for each in goods):
            rated.append(replace(one, name="amount"))
        else:
            rated.append(one)
    return replace(turn, entities=rated)


def _rates_within(turn: Turn) -> Turn:
    """ "Belan 60 chakla 150": two names in one, each with a number behind it that may be its rate,
    which no unit says to be a size."""
    goods, sums = turn.all("product_name"), turn.all("amount")
    found = _TWO_IN_ONE.fullmatch(goods[0].value) if len(goods) == 1 else None
    if found is None or len(sums) != 1 or not goods[0].end or turn.first("quantity"):
        return turn
    first, rate = parse_number(found[2]), number_of(sums[0])
    near = first and rate and max(first, rate) <= min(first, rate) * FAR
    if not near or parse_unit(found[3].split()[0]) or not _is_right_behind(turn, goods[0], sums[0]):
        return turn
    at = goods[0].start
    pieces = [(name, *found.span(group)) for name, group in _GROUPS]
    named = [
        Entity(name, goods[0].value[start:end], start=at + start, end=at + end)
        for name, start, end in pieces
    ]
    kept = [one for one in turn.entities if one is not goods[0]]
    return replace(turn, entities=sorted([*kept, *named], key=lambda one: one.start))


def with_size_told(turn: Turn) -> Turn:
    """ "Shrikhand hai dhai sau gram wala, rate 85": the number of which a measure says what kind of
    goods they are is a part of their name, and neither their rate nor how many there are."""
    goods = turn.first("product_name")
    for number in [one for one in turn.entities if one.name in NUMBERS and one.end]:
        said = turn.text[number.end :].split()[:2]
        measured = len(said) > 1 and parse_unit(said[0]) in MEASURES
        count = number_of(number)
        if not goods or not measured or count is None or not only(words(said[1]), "of_which_kind"):
            continue
        end = turn.text.index(said[0], number.end) + len(said[0])
        sized = replace(goods, value=f"{goods.value} {plain(count)} {said[0]}", normalized=None)
        kept = [one for one in turn.entities if not number.start <= one.start < end]
        return replace(turn, entities=[sized if one is goods else one for one in kept])
    return turn


def with_count_behind(turn: Turn) -> Turn:
    """ "JK tyre rate 3200 6 pis": pieces behind the rate that nobody marked are how many there
    are."""
    sums = turn.all("amount")
    if not sums or turn.first("quantity"):
        return turn
    for said in _PIECES.finditer(turn.text, sums[0].end):
        marked = any(one.start < said.end() and said.start() < one.end for one in turn.entities)
        if marked or parse_unit(said[2]) not in _COUNTED_IN:
            continue
        count = Entity("quantity", said[1], start=said.start(1), end=said.end(1))
        unit = Entity("unit", said[2], start=said.start(2), end=said.end(2))
        in_order = sorted([*turn.entities, count, unit], key=lambda one: one.start)
        return replace(turn, entities=in_order)
    return turn


def _is_right_behind(turn: Turn, goods: Entity, number: Entity) -> bool:
    return goods.end <= number.start and not turn.text[goods.end : number.start].strip()


def rate_behind_name(turn: Turn, goods: Entity) -> Sequence[Entity]:
    """Goods and the rate that was taken for the end of their name, where no other is said."""
    return [goods] if turn.first("amount") else _apart(goods)


def _apart(goods: Entity) -> list[Entity]:
    """Goods, and the number that ends their name for a rate: "Savlon 55"."""
    name = _without_rate(goods)
    if name is goods:
        return [goods]
    start = goods.end - len(goods.value.split()[-1])
    rate = Entity("amount", goods.value.split()[-1], start=start, end=goods.end)
    return [replace(name, end=goods.start + len(name.value)), rate]


def _without_rate(goods: Entity) -> Entity:
    found = _RATE_BEHIND.fullmatch(goods.value) if goods.name == "product_name" else None
    return replace(goods, value=found[1], normalized=None) if found and goods.end else goods
