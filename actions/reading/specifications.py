"""Numbers that say which goods are meant, and count none: "9 watt bulb", "power bank 10000",
"iPhone 15 128 gb", "7 up", "teen door wali almirah"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

from actions.entities import NUMBERS, Entity
from actions.lexicon import only, which, words
from actions.reading.pieces import piece
from erp_core.catalogue import queries as catalogue
from erp_core.catalogue.queries import Product
from erp_core.journal.context import Reader
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.kernel.matching import CERTAIN
from erp_core.kernel.quantity import convert, parse_unit
from erp_core.kernel.spelling import LETTERS

MEASURES = {"kg": "gram", "gram": "gram", "litre": "ml", "ml": "ml"}
"""Units that goods hold as well as are sold by, and what they are compared in."""
MOST_FOUND = 20
SHORTEST = 3
"""So many letters the unit behind a number in words has: "do v" are no two volts."""
SIZE = "size"
"""What is said of numbers that stand in names with no unit: "8 number"."""
COUNTING = frozenset({SIZE, "page"})
"""Units of names that goods are counted in as well: "8 number", "20 page photocopy"."""

_NUMBER_AND_UNIT = re.compile(
    r"(?<![\w.,-])(\d+(?:\.\d+)?)[ -]?((?:[^\W\d_]|[\u0900-\u0963])+)(?![\w])"
)
_NUMBER = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s*([^\W\d_]*)")
_WORD = re.compile(r"(?<![\w.,-])(?:[^\W\d_]|[\u0900-\u0963])+(?!\w)")
_SHORT_UNIT = re.compile(r"[^aeiou\W\d_]{2}", re.IGNORECASE)
_ENDS_PART = re.compile(r"[,;\n]")
_PIECE = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Specification:
    """A number that stands with a unit ("128 gb"), or with none, and where it stands."""

    number: Decimal
    unit: str | None
    start: int = 0
    end: int = 0

    @property
    def measures(self) -> bool:
        """Whether it may be how much of the goods is wanted, as well."""
        return self.unit in MEASURES.values()


def may_specify(text: str, entities: Sequence[Entity]) -> bool:
    """Whether it is worth looking for specifications among what was said."""
    kinds = {one.name for one in entities if one.end}
    if "product_name" in kinds:
        return bool(kinds & set(NUMBERS)) or _NUMBER.search(text) is not None
    alone = "quantity" in kinds and not kinds & {"item", "amount", "vendor_name"}
    return alone and any(not one.measures for one in _in_text(text, entities))


def with_specifications(reader: Reader, text: str, entities: Sequence[Entity]) -> list[Entity]:
    """The entities with each specification in the name of its goods, as the catalogue has it."""
    told = _counts_apart(text, [one for one in entities if not _is_measure(one)])
    found = _without_loose_units(text, told)
    if not any(one.name == "product_name" and one.end for one in found):
        return _by_specification(reader, text, told, found)
    others = _other_sizes(reader, text, told, found)
    for goods in [one for one in found if one.name == "product_name" and one.end]:
        mine = _of_these(reader, text, goods, _specifications_of(text, goods, found))
        if mine:
            found = _specified(reader, text, goods, mine, found)
    left = [one for one in found if one.name not in (*NUMBERS, "unit") or not _taken(one, others)]
    whole = sorted([*left, *others], key=lambda one: one.start) if others else found
    return _with_bare_numbers(reader, text, whole)


def _counts_apart(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "paragon 8 number 3", taken for one name, has a count behind the size."""
    kept = []
    for one in entities:
        behind = [size for size in _in_text(text, entities) if _inside(size, one)][-1:]
        number = text[behind[0].end : one.end] if behind and one.name == "product_name" else ""
        if number.strip().isdecimal() and one.end:
            start = one.end - len(number.lstrip())
            name = text[one.start : behind[0].end]
            kept += [
                replace(one, value=name, normalized=None, end=behind[0].end),
                Entity("quantity", number.strip(), start=start, end=one.end),
            ]
        else:
            kept.append(one)
    return kept


def _other_sizes(
    reader: Reader, text: str, told: Sequence[Entity], kept: Sequence[Entity]
) -> list[Entity]:
    """ "1 inch pipe 12 aur 2 inch 4", "12w 6 aur 9w 10 bulb", "shoes 3 no 10 jodi 4 no 8 jodi": the
    goods named before, or else behind, in the size that stands alone."""
    found: list[Entity] = []
    named = [one for one in kept if one.name == "product_name" and one.end]
    sizes = list(_in_text(text, told))
    theirs = [one for goods in named for one in _specifications_of(text, goods, kept)]
    for size in (one for one in sizes if one not in theirs):
        loose = [one for one in told if one not in kept and one.end and _inside(size, one)]
        alike = not size.measures and any(one.unit == size.unit for one in sizes if one != size)
        if not loose and not alike:
            continue
        before = [goods for goods in named if goods.end <= size.start]
        for goods in (*reversed(before), *(goods for goods in named if goods not in before)):
            bare = _bare(text, goods, sizes)
            known = [one for one in surely(reader, bare) if _fits(one, size)]
            known = known or surely(reader, f"{bare} {_said(text, size)}")
            if len(known) == 1:
                end = max([size.end, *(one.end for one in loose)])
                found.append(Entity("product_name", known[0].name, start=size.start, end=end))
                break
        else:
            found += loose
    return found


def _said(text: str, one: Specification) -> str:
    """A specification as names have it: of "8 number" the number."""
    return str(one.number) if one.unit == SIZE else text[one.start : one.end]


def _of_these(
    reader: Reader, text: str, goods: Entity, mine: list[Specification]
) -> list[Specification]:
    """Those of goods; of "number" and "page", which count as well, only what is one of theirs."""
    loose = [one for one in mine if one.unit in COUNTING]
    if not loose:
        return mine
    known = surely(reader, _bare(text, goods, mine))
    return [one for one in mine if one not in loose or any(_fits(each, one) for each in known)]


def _is_measure(named: Entity) -> bool:
    """ "240 page wali 20 copy": nobody is called so."""
    said = named.value.split() if named.name == "customer_name" else []
    units = [which(one, "specifications") for one in said]
    beside = [
        only(words(one), "beside_specifications") or parse_number(one) is not None for one in said
    ]
    return any(units) and all(unit or word for unit, word in zip(units, beside, strict=True))


def _read(number: str, unit: str) -> tuple[Decimal, str | None]:
    """A number in the unit in which it is compared; what is no specification's has none."""
    known = parse_unit(unit)
    if known in MEASURES:
        same = convert(Decimal(number), known, MEASURES[known])
        return same if same is not None else Decimal(number), MEASURES[known]
    return Decimal(number), which(unit, "specifications") if unit else None


def _in_text(text: str, entities: Sequence[Entity]) -> Iterator[Specification]:
    """Those of a message; a letter that was taken for goods of its own is no unit."""
    letters = {one.start for one in entities if one.name == "product_name" and len(one.value) == 1}
    for one in _NUMBER_AND_UNIT.finditer(text):
        number, unit = _read(one[1], one[2])
        if unit is not None and one.start(2) not in letters:
            yield Specification(number, unit, one.start(), one.end())
    for said, word in pairwise(_WORD.finditer(text)):
        spelt = parse_number(said[0]) if _is_unit_spelt(word[0]) else None
        if spelt is not None and not text[said.end() : word.start()].strip():
            number, unit = _read(str(spelt), word[0])
            if unit is not None:
                yield Specification(number, unit, said.start(), word.end())


def _is_unit_spelt(word: str) -> bool:
    """Whether a unit may stand behind a number in words: in "dus mm", and not in "do v"."""
    return len(word) >= SHORTEST or _SHORT_UNIT.fullmatch(word) is not None


def numbers_in(name: str) -> list[Specification]:
    return [
        Specification(*_read(one[1], one[2]), one.start(), one.end() if one[2] else one.end(1))
        for one in _NUMBER.finditer(name)
    ]


def _without_loose_units(text: str, entities: list[Entity]) -> list[Entity]:
    """ "3 ply" and "4 gb ram" alone are no goods, though the second word was taken for some."""
    units = list(_in_text(text, entities))
    kept = []
    for one in entities:
        rest = _bare(text, one, units) if one.name == "product_name" and one.end else one.value
        if rest and not only(words(rest), "beside_specifications"):
            kept.append(one)
    return kept


def _bare(text: str, goods: Entity, among: Sequence[Specification]) -> str:
    """The name of goods without the specifications that stand in it."""
    letters = list(text[goods.start : goods.end])
    for one in among:
        for at in range(max(one.start, goods.start), min(one.end, goods.end)):
            letters[at - goods.start] = " "
    said = "".join(letters).split()
    while len(said) > 1 and only(words(said[0]), "beside_specifications"):
        said.pop(0)
    return " ".join(said)


def _specifications_of(text: str, goods: Entity, entities: Sequence[Entity]) -> list[Specification]:
    """Those in the name of goods, else behind it, else in front of it."""
    units = list(_in_text(text, entities))
    others = [one for one in entities if one.name not in (*NUMBERS, "unit") and one is not goods]
    mine = [one for one in units if one.start < goods.end and goods.start < one.end]
    end = max([goods.end, *(one.end for one in mine)])
    for one in units:
        if one.start >= end and _nothing_in(_unwanting(text, end, one, entities)):
            mine.append(one)
            end = one.end
    named = [one for one in others if one.name == "product_name"]
    before = [
        one
        for one in units
        if one.end <= goods.start and not any(_inside(one, other) for other in named)
    ]
    if before and _nothing_in(_uncounted(text, before[-1].end, goods.start, entities)):
        behind_others = any(
            one.end <= before[-1].start and _nothing_in(text[one.end : before[-1].start])
            for one in named
        )
        mine += [] if behind_others else before[-1:]
    return sorted(mine, key=lambda one: one.start)


def _unwanting(text: str, start: int, one: Specification, entities: Sequence[Entity]) -> str:
    """What stands before a specification without words of wanting and without a count, where "wali"
    behind it says that it tells of which: "almirah chahiye 2 door wali"."""
    between = uncounted = text[start : one.start]
    for each in entities:
        if each.name in ("quantity", "unit") and start <= each.start and each.end <= one.start:
            uncounted = uncounted.replace(each.value, " ", 1)
    tells = only(words(text[one.end :])[:1] or ("",), "of_which_kind")
    beside = [word for word in words(uncounted) if not only([word], "filler")]
    wanting = tells and only(beside, "wanting")
    return "" if wanting and not _ENDS_PART.search(between) else between


def _uncounted(text: str, start: int, end: int, entities: Sequence[Entity]) -> str:
    """A stretch of the message without a count that stands last in it: "240 page wali 20 copy"."""
    count = next((one for one in entities if one.name == "quantity" and one.end == end - 1), None)
    return text[start : count.start if count and count.start >= start else end]


def _nothing_in(between: str) -> bool:
    return not _ENDS_PART.search(between) and only(words(between), "beside_specifications")


def surely(reader: Reader, said: str) -> list[Product]:
    found = catalogue.find_products(reader, said, limit=MOST_FOUND)
    return [one.item for one in found if one.score >= CERTAIN]


def _fits(product: Product, one: Specification) -> bool:
    return any(
        own.number == one.number and own.unit in (None, one.unit)
        for own in numbers_in(product.name)
    )


def _specified(
    reader: Reader,
    text: str,
    goods: Entity,
    mine: Sequence[Specification],
    entities: list[Entity],
) -> list[Entity]:
    """Goods by the name that has the most of their specifications; without them where no name has
    any such number, and else with them, so that it is asked which goods are meant."""
    base = _bare(text, goods, mine)
    known = surely(reader, base)
    fitting = {one.id: sum(_fits(one, said) for said in mine) for one in known}
    most = max(fitting.values(), default=0)
    best = [one for one in known if most and fitting[one.id] == most]
    name = best[0].name if len(best) == 1 else None
    measured = all(one.measures and one.end and not _inside(one, goods) for one in mine)
    if measured and (not best or not _counted_else(goods, mine, entities)):
        swapped = replace(goods, value=name, normalized=None) if name else goods
        return [swapped if one is goods else one for one in entities]
    if name is None and known and not best and not _told_apart(known, base):
        name = base
    if name is None:
        name = f"{base} {' '.join(_said(text, one) for one in mine)}"
    start, end = min(goods.start, mine[0].start), max(goods.end, mine[-1].end)
    whole = replace(goods, value=name, normalized=None, start=start, end=end)
    return [
        whole if one is goods else one
        for one in entities
        if one is goods or one.name not in (*NUMBERS, "unit") or not _within(one, mine)
    ]


def _inside(one: Specification, goods: Entity) -> bool:
    return one.start < goods.end and goods.start < one.end


def _taken(one: Entity, by: Sequence[Entity]) -> bool:
    return bool(one.end) and any(one.start < other.end and other.start < one.end for other in by)


def _within(one: Entity, mine: Sequence[Specification]) -> bool:
    return bool(one.end) and any(one.start < own.end and own.start < one.end for own in mine)


def _counted_else(goods: Entity, mine: Sequence[Specification], entities: Sequence[Entity]) -> bool:
    """Whether there is a count for goods without the number of a specification."""
    counts = [one for one in entities if one.name == "quantity" and not _within(one, mine)]
    named = [one for one in entities if one.name == "product_name"]
    return bool(goods.end) and len(counts) >= len(named)


def _told_apart(known: Sequence[Product], base: str) -> bool:
    """Whether products of a name have numbers in it that were not said."""
    said = {one.number for one in numbers_in(base)}
    return any({one.number for one in numbers_in(product.name)} - said for product in known)


def _with_bare_numbers(reader: Reader, text: str, entities: list[Entity]) -> list[Entity]:
    """ "Power bank 10000", "7 up", "iphone pandrah": a number beside goods that stands so in their
    name."""
    found = entities
    for number in [one for one in entities if one.name in NUMBERS and one.end]:
        goods = next((one for one in found if _stands_beside(text, number, one)), None)
        if goods is None or _has_unit(text, number):
            continue
        for part in _parts_of(number, goods):
            whole = _named_by(reader, text, goods, part, counted=_counted_beside(found, number))
            if whole is not None:
                rest = [piece(number, part.end + 1 - number.start, len(number.value), "quantity")]
                found = [whole if one is goods else one for one in found if one is not number]
                found += rest if part.end < number.end else []
                break
    return sorted(found, key=lambda one: one.start)


def _parts_of(number: Entity, goods: Entity) -> Iterator[Entity]:
    """A number, and what begins it where the rest is one as well: "azithral पांच सौ एक"."""
    yield number
    said = number.value.split(" ")
    for length in range(len(said) - 1, 0, -1) if goods.end <= number.start else ():
        first, rest = " ".join(said[:length]), " ".join(said[length:])
        if parse_number(first) is not None and parse_number(rest) is not None:
            yield piece(number, 0, len(first), number.name)


def _counted_beside(entities: Sequence[Entity], number: Entity) -> bool:
    """Whether each of the goods has a count without a number."""
    counts = [one for one in entities if one.name == "quantity" and one.end and one is not number]
    return len(counts) >= len([one for one in entities if one.name == "product_name"])


def _named_by(
    reader: Reader, text: str, goods: Entity, number: Entity, *, counted: bool
) -> Entity | None:
    """Goods with a number beside them in their name, where the shop surely has such."""
    digits = _in_digits(number.value)
    if digits is None:
        return None
    start, end = min(number.start, goods.start), max(number.end, goods.end)
    said = f"{text[start : number.start]}{digits}{text[number.end : end]}"
    kind = only(words(text[number.end :])[:1] or ("",), "beside_specifications")
    known = surely(reader, said)
    bare = any(_has_bare(one, said, digits, kind=kind) for one in known)
    coded = (kind or counted) and len(known) == 1 and _has_code(known[0], digits)
    if not bare and not coded and not any(_has_letter(one, goods, number, digits) for one in known):
        return None
    return replace(goods, value=said, normalized=None, start=start, end=end)


def _by_specification(
    reader: Reader, text: str, told: list[Entity], entities: list[Entity]
) -> list[Entity]:
    """ "20 watt wala 1": the goods that alone have such a number, where none are named."""
    said = [one for one in _in_text(text, entities) if not one.measures]
    sizes = any(one.unit == SIZE for one in said)
    if len(said) != 1:
        return told if sizes else entities
    fitting = [one for one in catalogue.all_products(reader, limit=None) if _fits(one, said[0])]
    if len(fitting) != 1:
        return told if sizes else entities
    span = (said[0].start, said[0].end)
    named = Entity("product_name", fitting[0].name, start=span[0], end=span[1])
    kept = [one for one in entities if not _within(one, said)]
    return sorted([*kept, named], key=lambda one: one.start)


def _in_digits(said: str) -> str | None:
    """A whole number as names have it, "pandrah" is 15; and in figures one that is none, "1.5"."""
    if said.isascii() and said.replace(".", "", 1).isdecimal() and not said.isdecimal():
        return said
    number = Decimal(said) if said.isascii() and said.isdecimal() else parse_number(said)
    whole = number is not None and number > 0 and number == int(number)
    return str(int(number)) if number is not None and whole else None


def _stands_beside(text: str, number: Entity, goods: Entity) -> bool:
    if goods.name != "product_name" or not goods.end:
        return False
    first, last = sorted((number, goods), key=lambda one: one.start)
    return first.end <= last.start and not text[first.end : last.start].strip()


def _has_unit(text: str, number: Entity) -> bool:
    """Whether the word behind a number says what it counts, or that it is money."""
    behind = words(text[number.end :])[:1]
    return bool(behind) and (parse_unit(behind[0]) is not None or only(behind, "rupees"))


def _has_letter(product: Product, goods: Entity, number: Entity, digits: str) -> bool:
    """Whether a name has the number behind the letter that was said last: "गैलेक्सी ए पंद्रह"."""
    last = goods.value.split()[-1]
    letter = LETTERS.get(last, last).lower()
    glued = f"{letter}{digits}" in _PIECE.findall(product.name.lower())
    return len(letter) == 1 and glued and goods.end < number.start


def _has_code(product: Product, digits: str) -> bool:
    """Whether a name has the number in a code of its own, behind a letter that was left out, and is
    not sold for so much: "kaju teen sau bees" is Kaju W320."""
    codes = [one[1:] for one in _PIECE.findall(product.name) if one[0].isalpha()]
    priced = product.price_paise == int(Decimal(digits) * 100)
    return digits in codes and len(digits) > 1 and not priced


def _has_bare(product: Product, said: str, number: str, *, kind: bool) -> bool:
    """Whether a name has a number as it was said, at its beginning or behind, and with no unit:
    "Maggi 70g" is not "maggi 70", but "maggi 70 wali", which says of which `kind`."""
    pieces, row = _PIECE.findall(product.name.lower()), _PIECE.findall(said.lower())
    if row[0] == number:
        return pieces[:2] == row[:2]
    bare = [
        own.number
        for own in numbers_in(product.name)
        if own.start and (kind or own.unit is None or ("." in number and not own.measures))
    ]
    return number not in row[:-1] and Decimal(number) in bare
