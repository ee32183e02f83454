"""Goods that no entity names: "ek pump diya 1600 me cash", "iffco se 100 dap liya 1290 udhaar"; the
last of several in "1 frame aur case"; what is counted beside others, or was taken for a day."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from itertools import pairwise, takewhile

from actions.entities import NUMBERS, Entity, serves
from actions.lexicon import only, says, words
from actions.reading.regional import without_regional
from erp_core.catalogue.queries import find_products
from erp_core.journal.context import Reader
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.kernel.matching import CERTAIN, bears
from erp_core.kernel.quantity import UNITS, parse_unit

TAKEN_FOR = frozenset({"payment_record", "khata_credit"})
"""What such a message is taken for: money alone."""
NAMES = frozenset({"product_name", "item", "customer_name", "vendor_name", "person", "group"})
WORD = re.compile(r"[^\s,;]+")
NO_GOODS = (
    "filler", "around_goods", "pronouns", "asking", "rupees", "rate_words", "tense.past",
    "buying.bought", "buying.gave", "on_khata", "advance", "bill_words", "counted_beside",
    "negation",
)  # fmt: skip
SHORTEST = 3
WITH_GOODS = frozenset({"order_create", "order_modify", "invoice_generate", "inventory_update"})
"""What names goods besides."""
OF_NEW_OR_COSTS = frozenset({"product_add", "price_update", "expense_log", "share_expense"})
"""What names goods that the shop has not, or gives numbers that count none."""
MOST_WORDS = 3


def may_hold_goods_unmarked(text: str, intent: str, entities: Sequence[Entity]) -> bool:
    """Whether a sum is told to have been paid or owed, and nobody and nothing is named; or one
    person, beside a further number."""
    kinds = {one.name for one in entities}
    moved = any(says(words(text), one) for one in ("buying.gave", "buying.bought", "sold"))
    if intent not in TAKEN_FOR or "amount" not in kinds or not moved:
        return False
    further = sum(parse_number(one[0]) is not None for one in WORD.finditer(text)) > 1
    return not kinds & NAMES or (kinds & NAMES == {"customer_name"} and further)


def with_goods_unmarked(reader: Reader, text: str, entities: list[Entity]) -> list[Entity]:
    """The entities with the goods that stand right behind a number, or before it, marked, where
    the shop surely has such and another number is the money."""
    found = entities
    for first, second in pairwise(WORD.finditer(text)):
        for number, goods in ((first, second), (second, first)):
            if parse_number(number[0]) is None:
                continue
            counted, named = marked("quantity", number), marked("product_name", goods)
            others = [one for one in found if not overlap(one, counted)]
            money = any(one.name == "amount" for one in others)
            taken = any(overlap(one, named) for one in others)
            counts = any(one.name == "quantity" and overlap(one, counted) for one in found)
            if money and not taken and not counts and is_goods(reader, goods[0]):
                kept = [one for one in found if one in others or one.name not in NUMBERS]
                found = sorted([*kept, counted, named], key=lambda one: one.start)
    return found


def overlap(one: Entity, other: Entity) -> bool:
    """Whether two entities share letters of the message."""
    return one.start < other.end and other.start < one.end


def may_join_goods(text: str, intent: str, entities: Sequence[Entity]) -> bool:
    """Whether words that nobody marked are joined to goods that are sold, ordered or counted."""
    named = any(one.name == "product_name" for one in entities)
    if intent not in WITH_GOODS | {"khata_credit"} or not named:
        return False
    found = (*_joined(text, entities), *_as_well(text, entities))
    return bool(found)


def with_goods_joined(reader: Reader, text: str, entities: list[Entity]) -> list[Entity]:
    """The entities with the goods marked behind each "aur", or in "balancing bhi 4" with their
    count, where the shop surely has such."""
    joined = [one for one in _joined(text, entities) if is_goods(reader, one[0])]
    behind = [marked("product_name", one) for one in joined]
    for goods, number in _as_well(text, entities):
        if is_goods(reader, goods[0]):
            behind += [marked("product_name", goods), marked("quantity", number)]
    kept = [one for one in entities if not any(overlap(one, each) for each in behind)]
    return sorted([*kept, *behind], key=lambda one: one.start)


def with_count_at_end(text: str, intent: str, entities: list[Entity]) -> list[Entity]:
    """ "Fatima reading glass le gayi ek": the number that ends a message counts its goods, where
    nothing else does."""
    last = list(WORD.finditer(text))[-1:]
    goods = [one for one in entities if one.name == "product_name"]
    counted = any(one.name in ("quantity", "unit") for one in entities)
    if intent not in WITH_GOODS or len(goods) != 1 or counted or not last:
        return entities
    said = marked("quantity", last[0])
    taken = any(overlap(one, said) for one in entities)
    if taken or only(words(said.value) or ("",), "filler") or parse_number(said.value) is None:
        return entities
    return [*entities, said] if says(words(text[goods[0].end : said.start]), "took") else entities


def may_count_goods(text: str, intent: str, entities: Sequence[Entity]) -> bool:
    """Whether a number stands before words that nobody marked as goods, or marked without it."""
    return intent not in OF_NEW_OR_COSTS and next(_counted(text, entities), None) is not None


def with_goods_counted(reader: Reader, text: str, entities: list[Entity]) -> list[Entity]:
    """The entities with the goods marked that stand right behind a number, where the shop surely
    has such: "ek bat aur teen leather ball", of which the second alone was seen; "2 football ka
    bill", taken for a day."""
    found = entities
    for number, behind in _counted(text, entities):
        counted = marked("quantity", number)
        if counted not in without_regional(text, [*found, counted]):
            continue
        runs = (_run(text, behind[:most]) for most in range(len(behind), 0, -1))
        money = any(one.name == "amount" and overlap(one, counted) for one in entities)
        least = parse_number(number[0]) if money else None
        named = next((one for one in runs if is_goods(reader, one.value, above=least)), None)
        if named and _begins_name(reader, text, named, found):
            named, behind = None, []
        if named or (not behind and _is_marked_behind(text, counted, found)):
            new = [counted, named] if named else [counted]
            kept = [one for one in found if not any(overlap(one, each) for each in new)]
            found = sorted([*kept, *new], key=lambda one: one.start)
    return found


def _begins_name(reader: Reader, text: str, said: Entity, entities: Sequence[Entity]) -> bool:
    """ "6 plate idli", "2 plate biryani": whether what stands there is one thing with the goods
    marked behind it, by its name or as what they are served in."""
    return any(
        one.name == "product_name"
        and one.start > said.start
        and not text[said.end : one.start].strip()
        and (serves(said) or is_goods(reader, text[said.start : one.end]))
        for one in entities
    )


def may_hold_units_sold(entities: Sequence[Entity]) -> bool:
    """Whether a unit is counted that measures no goods of the message."""
    return next(_measuring_nothing(entities), None) is not None


def with_units_sold(reader: Reader, _text: str, entities: list[Entity]) -> list[Entity]:
    """ "2 bottle 1 tawa": what goods are measured in elsewhere is goods where the shop sells such,
    and measures them in something else."""
    sold = [one for one in _measuring_nothing(entities) if _is_sold(reader, one.value)]
    return [replace(one, name="product_name") if one in sold else one for one in entities]


def _measuring_nothing(entities: Sequence[Entity]) -> Iterator[Entity]:
    """Units with a number right before them, where no goods stand beside the two."""
    row = [None, *sorted((one for one in entities if one.end), key=lambda one: one.start), None]
    for before, number, unit, behind in zip(row, row[1:], row[2:], row[3:], strict=False):
        if number is None or unit is None or (number.name, unit.name) != ("quantity", "unit"):
            continue
        held = before and before.name == "product_name" and before.end + 1 == number.start
        of = behind and behind.name in ("product_name", "item")
        if not held and not of and unit.start - number.end == 1:
            yield unit


def _is_sold(reader: Reader, word: str) -> bool:
    """Whether a vessel or a packing is goods of the shop; no measure and no piece is."""
    unit = parse_unit(word)
    if unit is None or unit == "piece" or not UNITS[unit].whole:
        return False
    found = [one.item for one in find_products(reader, word) if one.score >= CERTAIN]
    return any(bears(one.name, word) and one.unit != unit for one in found)


def may_hold_goods_bought(text: str, intent: str, entities: Sequence[Entity]) -> bool:
    """Whether something is said to be bought that was taken for what money was spent on."""
    kinds = {one.name for one in entities}
    spent = intent in ("expense_log", "payment_record", "khata_credit")
    return spent and "item" in kinds and says(words(text), "buying.purchased")


def with_goods_bought(reader: Reader, text: str, entities: list[Entity]) -> list[Entity]:
    """The entities with what was bought as goods, and its count, where the shop has such: "100
    agarbatti kharidi nagad 1700", "nails 20 kilo kharide 1400"."""
    found = entities
    for one in [each for each in entities if each.name == "item" and each.end]:
        count = _count_of(text, one, [each for each in found if each.name in NUMBERS])
        if count is None or not is_goods(reader, one.value):
            continue
        named = {one: "product_name", count: "quantity"}
        found = [replace(each, name=named.get(each, each.name)) for each in found]
    return found


def _count_of(text: str, goods: Entity, numbers: Sequence[Entity]) -> Entity | None:
    """The number right in front of goods, its unit aside, or behind them with a unit; another
    is left for the money."""
    for one in numbers if len(numbers) > 1 else ():
        between = text[one.end : goods.start].split()
        if one.end <= goods.start and (not between or parse_unit(" ".join(between))):
            return one
        behind = text[one.end :].split()[:1]
        follows = one.start >= goods.end and not text[goods.end : one.start].strip()
        if follows and behind and parse_unit(behind[0]):
            return one
    return None


def with_goods_to_bill(text: str, intent: str, entities: list[Entity]) -> list[Entity]:
    """ "2 balla ka bill banao": what is counted in front of "ka" is goods, though the shop may have
    none of that name, and its number is no sum."""
    kinds = {one.name for one in entities}
    if intent != "invoice_generate" or kinds & {"product_name", "item", "amount", "order_id"}:
        return entities
    row = list(WORD.finditer(text))
    for number, goods, behind in zip(row, row[1:], row[2:], strict=False):
        counted, named = marked("quantity", number), marked("product_name", goods)
        count = any(one.name == "quantity" and overlap(one, counted) for one in entities)
        of_bill = only(words(behind[0]) or ("",), "postpositions")
        free = _is_free(entities, goods) and _may_be_goods(goods[0])
        if count and of_bill and free:
            return sorted([*entities, named], key=lambda one: one.start)
    return entities


def _is_marked_behind(text: str, counted: Entity, entities: Sequence[Entity]) -> bool:
    goods = (one for one in entities if one.name == "product_name" and one.start >= counted.end)
    return any(not text[counted.end : one.start].strip() for one in goods)


def _counted(
    text: str, entities: Sequence[Entity]
) -> Iterator[tuple[re.Match[str], list[re.Match[str]]]]:
    """Each number and the words behind it that may name goods: they are free, or the two were
    taken for one thing. A "do" is two only where no verb can stand."""
    row = list(WORD.finditer(text))
    for at, number in enumerate(row[:-1]):
        if parse_number(number[0]) is None or (_is_verb(number[0]) and not _begins(row, at)):
            continue
        if says(words(text[number.start() :]), "english_do"):
            continue
        counted = marked("quantity", number)
        over = next((one for one in entities if one.end and overlap(one, counted)), None)
        behind = row[at + 1 : at + 1 + MOST_WORDS]
        if over is not None and over.name in _NOT_COUNTS and over.start == counted.start:
            behind = [one for one in behind if one.end() <= over.end]
            if behind and behind[-1].end() == over.end:
                yield number, behind
            continue
        free = list(takewhile(partial(_is_free, entities), behind))
        counts = over is not None and over.name in NUMBERS and not _is_behind(over, entities)
        if over is None or (free and counts):
            yield number, free


_NOT_COUNTS = frozenset({"date", "customer_name", "vendor_name", "person"})
"""What counted goods are taken for with their number."""


def _is_free(entities: Sequence[Entity], word: re.Match[str]) -> bool:
    return not any(one.end and overlap(one, marked("", word)) for one in entities)


def _is_behind(count: Entity, entities: Sequence[Entity]) -> bool:
    """Whether a count stands behind its goods, "maggi 10 parle", which have none before them."""
    ends = {one.end + 1 for one in entities if one.name == "quantity" and one.end}
    goods = (one for one in entities if one.name == "product_name")
    return any(one.end + 1 == count.start and one.start not in ends for one in goods)


def _is_verb(word: str) -> bool:
    return only(words(word) or ("",), "filler")


def _begins(row: Sequence[re.Match[str]], at: int) -> bool:
    """Whether a word begins what is said, or stands behind "ko", "ka" or an "aur"."""
    before = words(row[at - 1][0]) if at else ()
    return not before or only(before, "postpositions") or only(before, "joining")


def _run(text: str, row: Sequence[re.Match[str]]) -> Entity:
    start, end = row[0].start(), row[-1].end()
    return Entity("product_name", text[start:end], start=start, end=end)


_JOINTS = ("joining", "goes_with")


def _joined(text: str, entities: Sequence[Entity]) -> Iterator[re.Match[str]]:
    """What may name goods behind each "aur": a word alone, or one behind its number."""
    row = list(WORD.finditer(text))
    for at, joint in enumerate(row[:-1]):
        if not any(only(words(joint[0]) or ("",), cue) for cue in _JOINTS):
            continue
        counted = parse_number(row[at + 1][0]) is not None and row[at + 2 :]
        goods = row[at + 2] if counted else row[at + 1]
        named = [one for one in entities if one.name != "unit"]
        if not any(one.start < goods.end() and goods.start() < one.end for one in named):
            yield goods


def _as_well(
    text: str, entities: Sequence[Entity]
) -> Iterator[tuple[re.Match[str], re.Match[str]]]:
    """What may name goods in front of "bhi" and a number: "balancing bhi 4"."""
    row = list(WORD.finditer(text))
    for goods, joint, number in zip(row, row[1:], row[2:], strict=False):
        beside = only(words(joint[0]) or ("",), "as_well") and parse_number(number[0]) is not None
        if beside and not only(words(number[0]), "filler") and _is_free(entities, goods):
            yield goods, number


def is_goods(reader: Reader, word: str, *, above: Decimal | None = None) -> bool:
    """Whether a word names goods of the shop, or a family of them; a number of rupees that is less
    than what one costs counts them."""
    if not _may_be_goods(word):
        return False
    found = [one.item for one in find_products(reader, word) if one.score >= CERTAIN]
    known = [one for one in found if above is None or one.price_paise > above * 100]
    return any(bears(one.name, word) for one in known)


def _may_be_goods(word: str) -> bool:
    said = words(word)
    nothing = len(word) < SHORTEST or parse_number(word) is not None or parse_unit(word)
    return bool(said) and not nothing and not any(only(said, cues) for cues in NO_GOODS)


def marked(name: str, found: re.Match[str]) -> Entity:
    """A word of the message as an entity of that name."""
    return Entity(name, found[0], start=found.start(), end=found.end())
