"""How many there are, where it was taken for money, for a part of a name, or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from actions.entities import NUMBERS, Entity, paise_of
from actions.lexicon import any_of, only, says, where, which, words
from actions.reading.pieces import EACH_WORD, is_goods, piece
from erp_core.catalogue.queries import find_products
from erp_core.journal.context import Reader
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.kernel.matching import CERTAIN
from erp_core.kernel.quantity import parse_unit

_MOST_OF_A_NUMBER = 4
_COUNT_BEHIND = re.compile(r"(.*\D)\s+\d+")
_CROSSED = re.compile(r"(.*\w)\s+[x×*]", re.IGNORECASE)
_HALF_BEFORE = re.compile(
    rf"(?<!\w)({any_of('written.portion')})\s+(?:{any_of('written.plate')}\s+)?$", re.IGNORECASE
)
_COUNTED_LAST = re.compile(r"(.*[^\d\s])\s+(\d{3,}|[5-9]\d)")
"""Goods with the number of them behind; a small one is that of a model sooner: "iphone 16"."""


def counts_of_stock(text: str, intent: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "Update the stock of maggi to 100": so many there are, where nothing is said of money; and
    "120 se 100 kar do", "120 dikhata hai par ginne pe 100 nikle" leave 100."""
    said = words(text)
    of_rates = any(says(said, one) for one in ("asks_price", "rupees"))
    changes = intent in ("price_update", "inventory_update")
    told = says(said, "asks_stock")
    if not changes or not (told or says(said, "counted")) or of_rates or "₹" in text:
        return list(entities)
    now = _without_what_was(text, entities)
    counted = not told or any(one.name == "quantity" for one in now) or intent != "price_update"
    return [
        replace(one, name="quantity") if one.name == "amount" and not counted else one
        for one in now
    ]


def numbers_said_anew(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "Das maggi bech di cash me, nahi nahi barah thi": the entities with the number that is said
    in the place of the one before, and that nobody marked."""
    pieces = list(EACH_WORD.finditer(text))
    cue = where([" ".join(words(one[0])) for one in pieces], "undoing.said_anew")
    if cue is None or cue[1] == len(pieces):
        return list(entities)
    start = pieces[cue[1]].start()
    before = [one for one in entities if one.name in NUMBERS and 0 < one.end <= start]
    behind = any(one.end > start for one in entities)
    ends = [one.end() for one in pieces[cue[1] : cue[1] + _MOST_OF_A_NUMBER]]
    end = next((one for one in reversed(ends) if parse_number(text[start:one]) is not None), None)
    if not before or behind or end is None or not only(words(text[end:]), "around_anew"):
        return list(entities)
    return [*entities, Entity(before[-1].name, text[start:end], start=start, end=end)]


def kinds_said_anew(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "Kaju do sau chalis wala nahi nahi teen sau bees wala": the number of the kind that is
    meant, in the place of the one before it."""
    found = list(entities)
    for former, anew in pairwise([one for one in entities if one.name in NUMBERS and one.end]):
        between, behind = words(text[former.end : anew.start]), words(text[anew.end :])[:1]
        kinds = (
            only(between[:1] or ("-",), "of_which_kind"),
            only(behind or ("-",), "of_which_kind"),
        )
        if all(kinds) and where(between[1:], "undoing.said_anew") == (0, len(between) - 1):
            found[found.index(former)] = replace(anew, start=former.start)
            found.remove(anew)
    return found


def goods_made(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "100 samosa bana liye", taken for an expense: how many of its goods a shop has made."""
    said = words(text)
    if not says(said, "stock.made") or says(said, "rupees") or "₹" in text:
        return list(entities)
    kinds = {"amount": "quantity", "item": "product_name"}
    counted = {
        one
        for number, goods in pairwise(entities)
        if (number.name, goods.name) in (("amount", "item"), ("quantity", "item"))
        and not text[number.end : goods.start].strip()
        for one in (number, goods)
    }
    return [
        replace(one, name=kinds.get(one.name, one.name)) if one in counted else one
        for one in entities
    ]


def may_be_sold_by_count(text: str, intent: str, entities: Sequence[Entity]) -> bool:
    """Whether what was taken for an expense is said to have been sold, and names no rupees."""
    said = words(text)
    named = any(one.name == "item" for one in entities)
    return intent == "expense_log" and named and says(said, "sold") and not says(said, "rupees")


def sold_by_count(reader: Reader, text: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "Samosa biki 60 aur kachori 45 sab nakad", taken for expenses: how many were sold of what
    the shop has. What one costs, or has a word of price behind it, counts nothing."""
    items = [one for one in entities if one.name == "item"]
    sums = [one for one in entities if one.name == "amount" and one.end]
    known = [find_products(reader, one.value, limit=1) for one in items]
    if not all(each and each[0].score >= CERTAIN for each in known) or len(sums) != len(items):
        return list(entities)
    behind = [words(text[one.end :])[:1] or ("-",) for one in sums]
    priced = any(only(one, "few_words.behind_a_sum") for one in behind) or "₹" in text
    costs = [each[0].item.price_paise for each in known]
    if priced or any(paise_of(one) == cost for one, cost in zip(sums, costs, strict=True)):
        return list(entities)
    kinds = {"item": "product_name", "amount": "quantity"}
    return [replace(one, name=kinds.get(one.name, one.name)) for one in entities]


def units_behind_goods(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "2 maggi ki peti": what the number counts is named behind the goods. What each of "chini
    500g ke dabbe" holds is read with them."""
    found = list(entities)
    for count, goods, unit in zip(entities, entities[1:], entities[2:], strict=False):
        kinds = (count.name, goods.name, unit.name)
        if kinds != ("quantity", "product_name", "unit") or not count.end:
            continue
        beside = not text[count.end : goods.start].strip()
        plain = beside and not any(sign.isdigit() for sign in goods.value)
        if plain and only(words(text[goods.end : unit.start]) or ("-",), "belonging"):
            at = found.index(goods)
            found[at : at + 2] = [replace(unit, start=count.end, end=count.end), goods]
    return found


def _without_what_was(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """The entities without the number that becomes another: "120 se 100", or that the books alone
    hold: "40 likha hai, ginne pe 37"."""
    numbers = [one for one in entities if one.name in NUMBERS and one.end]
    goods = [one for one in entities if one.name == "product_name"]
    was = [
        one
        for one, then in pairwise(numbers)
        if not any(one.end <= name.start < then.start for name in goods)
        and _becomes(words(text[one.end : then.start]))
    ]
    return [one for one in entities if one not in was]


def _becomes(between: Sequence[str]) -> bool:
    """Whether the words between two numbers say that the second is the true one; what "came to"
    so many and was paid was sold."""
    if which(" ".join(between), "methods"):
        return False
    counted = says(between, "counted") or says(between, "stock.stands_at")
    return only(between, "periods.from") or counted or says(between[:1], "stock.on_paper")


def counts_that_change(text: str, intent: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "60 the, 3 toot gaye, 57 bache", "200 me se 12 phat gayi": the entities without how
    many there were, shall come, or are left, where another number says what has changed."""
    counts = [one for one in entities if one.name == "quantity" and one.end]
    if intent != "inventory_update" or not counts:
        return list(entities)
    bare = [_wanted_alone(text, one) for one in entities]
    gone = says(words(text), "stock.damage") or says(words(text), "stock.lost")
    others = [one for one in counts if not _tells_no_change(text, entities, one, gone=gone)]
    if not others or (len(others) == len(counts) and bare == list(entities)):
        return list(entities)
    return [one for one in bare if one not in counts or one in others]


def _tells_no_change(text: str, entities: Sequence[Entity], count: Entity, *, gone: bool) -> bool:
    blank = text
    for one in entities:
        if one.start >= count.end and one.name in ("unit", "product_name"):
            blank = f"{blank[: one.start]}{' ' * (one.end - one.start)}{blank[one.end :]}"
    later = [one.start for one in entities if one.name in NUMBERS and one.start >= count.end]
    behind = words(blank[count.end : min(later, default=len(text))])
    cues = ("stock.was_so", "stock.left", "stock.out_of") if gone else ("stock.was_so",)
    return any((found := where(behind, cue)) is not None and not found[0] for cue in cues)


def _wanted_alone(text: str, goods: Entity) -> Entity:
    """Goods without how many were wanted of them: "dolo 100 mangwayi thi, 90 aayi"."""
    found = _COUNT_BEHIND.fullmatch(goods.value) if goods.name == "product_name" else None
    behind = where(words(text[goods.end :]), "stock.was_so") if found and goods.end else None
    if found is None or behind is None or behind[0]:
        return goods
    return replace(goods, value=found[1], end=goods.start + len(found[1]), normalized=None)


def quarters_counted(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "Dedh pav khoya": so many quarters are one number, and no unit; "pav bhar" is no more."""
    told = [one for one in entities if one.name != "unit" or not only(words(one.value), "brimful")]
    found = list(told)
    for count, unit in pairwise(told):
        both = text[count.start : unit.end]
        joined = unit.end and not text[count.end : unit.start].strip()
        if (count.name, unit.name) != ("quantity", "unit") or not joined:
            continue
        if parse_unit(unit.value) is None and parse_number(both) is not None:
            found[found.index(count)] = replace(count, value=both, normalized=None, end=unit.end)
            found.remove(unit)
    return found


_FRACTION = re.compile(r"(?<![\w/.-])(?:\d+\s+)?[1-3]/[2-4](?=\s*([^\W\d]+))")


def fractions_counted(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "1/2 kilo chini": a fraction in front of a unit is one number, however its figures were
    taken; of what is part of a name, as in "pipe 1/2 inch", nothing is changed."""
    found = list(entities)
    for said in _FRACTION.finditer(text):
        (start, end), unit = said.span(), said[1]
        held = [one for one in found if one.start < end and start < one.end]
        beside = [kept for one in held if (kept := _beside_fraction(one, said))]
        named = any(one.value == kept.value for one in held for kept in beside)
        if named or parse_unit(unit) is None or parse_number(said[0]) is None:
            continue
        found = [one for one in found if one not in held] + beside
        found.append(Entity("quantity", said[0], start=start, end=end))
    return sorted(found, key=lambda one: one.start)


def _beside_fraction(one: Entity, said: re.Match[str]) -> Entity | None:
    """What is left of what was found where a fraction is: the name before it, "dal 1", the unit
    behind it, "1/2 kg", or all of what has it in its midst."""
    if not any(letter.isalpha() for letter in one.value):
        return None
    if one.start < said.start() < one.end <= said.end():
        before = one.value[: said.start() - one.start].rstrip()
        return replace(one, value=before, end=one.start + len(before), normalized=None)
    if (one.start, one.end) == (said.start(), said.end(1)):
        return Entity("unit", said[1], start=said.start(1), end=said.end(1))
    return one


def without_crosses(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "Maggi x 2": the x between goods and their number is no part of the name."""
    return [
        replace(one, value=found[1], end=one.start + len(found[1]), normalized=None)
        if one.name == "product_name"
        and (found := _CROSSED.fullmatch(one.value))
        and text[one.end :].lstrip()[:1].isdigit()
        else one
        for one in entities
    ]


def goods_taken_for_units(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "20 dolo aur 30 syringes": what nothing is measured in is goods, where more are counted than
    are named and none stand behind it."""
    starts = [one.start for one in entities if one.name == "product_name"]
    if len(starts) >= sum(one.name == "quantity" for one in entities):
        return list(entities)
    return [
        replace(one, name="product_name")
        if one.name == "unit"
        and parse_unit(one.value) is None
        and not any(start >= one.end and not text[one.end : start].strip() for start in starts)
        else one
        for one in entities
    ]


def counts_apart(reader: Reader, text: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "Dolo 100 came": the number behind goods of the shop that came counts them, where nothing
    else does and there are none of that name."""
    found: list[Entity] = []
    for one in entities:
        said = _COUNTED_LAST.fullmatch(one.value) if one.name == "product_name" else None
        known = said and not is_goods(reader, one.value) and is_goods(reader, said[1])
        if said is None or not known or not _came_behind(text, one):
            found.append(one)
            continue
        found += [
            piece(one, *said.span(1), "product_name"),
            piece(one, *said.span(2), "quantity"),
        ]
    return found


def may_hold_counts(text: str, entities: Sequence[Entity]) -> bool:
    """Whether it is worth looking for a count at the end of what came by name."""
    if any(one.name == "quantity" for one in entities):
        return False
    goods = [one for one in entities if one.name == "product_name" and one.end]
    return any(_COUNTED_LAST.fullmatch(one.value) and _came_behind(text, one) for one in goods)


def halves_named(
    text: str, entities: Sequence[Entity], exists: Callable[[str], bool]
) -> list[Entity]:
    """ "1 half biryani", where something is called so: the half is of its name, and counts
    nothing."""
    found = list(entities)
    for one in entities:
        half = _HALF_BEFORE.search(text[: one.start]) if one.name == "product_name" else None
        if half is None or not exists(name := f"{half[1]} {one.value}"):
            continue
        found = [
            other
            for other in found
            if other is not one and not half.start() <= other.start < one.end
        ]
        found.append(replace(one, value=name, start=half.start()))
    return sorted(found, key=lambda one: one.start)


def may_be_half(text: str, entities: Sequence[Entity]) -> bool:
    """Whether goods stand behind a half."""
    goods = (one for one in entities if one.name == "product_name" and one.end)
    return any(_HALF_BEFORE.search(text[: one.start]) for one in goods)


def _came_behind(text: str, goods: Entity) -> bool:
    return says(words(text[goods.end :])[:2], "stock.arrived")
