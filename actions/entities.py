"""From what was said to values: numbers, amounts, units, days; which quantity goes to which goods.

An entity may come with a `normalized` value from the language components; without one the kernel
reads the words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from actions.lexicon import beside, every, only, says, where, words
from erp_core.kernel.clauses import SEPARATOR
from erp_core.kernel.errors import Invalid
from erp_core.kernel.hindi_dates import Lean, Period, parse_period
from erp_core.kernel.hindi_numbers import parse_amount, parse_number
from erp_core.kernel.money import from_decimal
from erp_core.kernel.quantity import parse_unit
from erp_core.kernel.visible import visible

APART = 1000
"""What it costs to leave a quantity without goods, in characters of distance."""
SEPARATOR_COST = 20
MOST_WORDS_OF_A_QUANTITY = 8
NEAR_RATE = 3
NEAR_REFUSAL = 3
"""So many words behind goods it is said that they are not wanted: "wala rehne do"."""

_BESIDE_ANEW = ("filler", "around_anew")
_MINUS = re.compile(r"(?:^|[\n,;]|\baur)\s*[-−]$")
_RATE_BEHIND = re.compile(
    r"\s*(?:wal[aei]\b|val[aei]\b|वाल[ाेी]|(?:k[aei]|के|का)\s+(?:bha+v|rate|hisa+b|dar|भाव|रेट|हिसाब)"
    r"|(?:bha+v|rate|rs|rupe|rupay|rupaye|rupaiye|rupees?|each)\b|/-|रुपये)",
    re.IGNORECASE,
)
_FOR_ONE = re.compile(
    r"\s*(?:(?:rs|rupe|rupay|rupaye|rupees?|रुपये)\s+)?(?:wal[aei]\b|val[aei]\b|वाल[ाेी]|each\b|per\b"
    r"|(?:k[aei]|के|का)\s+(?:bha+v|rate|hisa+b|dar|भाव|रेट|हिसाब)|(?:bha+v|rate|भाव|रेट)(?!\w))",
    re.IGNORECASE,
)
_BEFORE_A_RATE = re.compile(
    r"(?:@|\bat|\brate|\bbha+v|रेट|भाव|\d(?:[^\S\n]*[^\W\d]+)?(?:[^\S\n]+[x×]|[^\S\n]*\*))"
    r"\s*(?:rs\.?|₹|inr)?\s*$",
    re.IGNORECASE,
)
_IN_BEHIND = re.compile(r"\s*(?:me|mein|main|में)\b(?!\s*se\b)", re.IGNORECASE)
_RATE_IN_FIGURES = re.compile(
    r"(?<![\w.,/-])(\d[\d,]*(?:\.\d+)?)\s+(?:k[aei]|के|का)\s+(?:bha+v|rate|dar|भाव|रेट)",
    re.IGNORECASE,
)
_AT_A_RATE = re.compile(
    r"(?:\bat|@)\s*(?:rs\.?|₹|inr)?\s*(\d[\d,]*(?:\.\d+)?k?)\b"
    r"(?!\s*(?:am|pm|o'?clock|baje|percent|per cent|pratishat)\b|\.?\d*\s*%)",
    re.IGNORECASE,
)
_HALF = re.compile(r"\bhalf\s+(?:an?\s+)?$", re.IGNORECASE)
_WHICH_NUMBER = re.compile(r"\w\s+no\.?\s*$", re.IGNORECASE)
"""Of a flat or a room, and nothing is refused: "flat no 6"."""
_LETTERS_BEFORE = re.compile(r"(?<!\w)[^\W\d_]+$")
_NUMBER_THEN_WORD = re.compile(r"\s*([\d.,०-९]+)\s*([^\W\d]+)\.?\s*")


NUMBERS = frozenset({"quantity", "amount"})
"""Which of the two a number is, is often for the words around it to say."""
NAMES = frozenset({"product_name", "customer_name", "vendor_name", "item", "person"})
_SELLERS = frozenset({"customer_name", "vendor_name", "person"})
CONTAINERS = frozenset({"bag", "box", "carton"})
"""Units that hold others."""
ARTICLES = frozenset({"a", "an"})
_AND = frozenset({"aur", "or", "और", "more"})
"""What may stand between a number and goods: "ek aur charger"."""
_LEADING = frozenset({"and", "aur", "और"})
_OWN_VERB = re.compile(
    r"(?:\s+(?:aa|aake|aakar|le|leke|lekar|ja|jaake|jaakar))*\s+"
    r"(?:(?:l|le|ja|d)?(?:oo?|u+|au)n?g[ai]+|(?:aa?|jaa?|le|laa?|de)t[ai]+(?=\s+h[uoa]))",
    re.IGNORECASE,
)
"""What one says of oneself with a verb: "lungi", "leke aata hu"; the first word is never one."""
_PIECES = re.compile(r"[,;.!\n]")
_ENDS_HERE = re.compile(r"\W*(?:h(?:u|oo|un|oon|ain|ai)\W*)?(?:$|[,;.!?\n])", re.IGNORECASE)


@dataclass(frozen=True)
class Entity:
    """A named span of the message. `start` and `end` are 0 for what a button carries."""

    name: str
    value: str
    normalized: Any = field(default=None, hash=False)
    start: int = 0
    end: int = 0


@dataclass
class Line:
    """Goods as they were named, with the quantity, unit and price that stand with them."""

    product: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    amount: int | None = None
    each: bool = False
    """Whether the amount was said to be the rate for one."""
    holds: tuple[Decimal, str | None] | None = None
    """What a pack of it holds, where that was said."""


def read_entities(found: Iterable[Mapping[str, Any]]) -> list[Entity]:
    """The entities of a parsed message in the order in which they were said, each span once."""
    entities: dict[tuple[Any, ...], Entity] = {}
    for one in found:
        entity = Entity(
            name=one["entity"],
            value=visible(str(one.get("value", ""))).strip(),
            normalized=one.get("normalized"),
            start=int(one.get("start") or 0),
            end=int(one.get("end") or 0),
        )
        if entity.value:
            entities.setdefault((entity.name, entity.start, entity.end, entity.value), entity)
    return sorted(entities.values(), key=lambda entity: entity.start)


def sellers_apart(text: str, entities: list[Entity]) -> list[Entity]:
    """Whoever goods come from is no goods, though taken for some: "got 50 covers from Skyline".

    Only beside other goods with a number, and where nobody else is named.
    """
    kinds = {one.name for one in entities}
    bought = says(words(text), "buying.bought") or "amount" in kinds
    if kinds & _SELLERS or "quantity" not in kinds or not bought:
        return entities
    goods = [one for one in entities if one.name == "product_name" and one.end]
    sellers = [one for one in goods if _gives(text, one)]
    if not sellers or len(sellers) == len(goods):
        return entities
    return [replace(one, name="vendor_name") if one in sellers else one for one in entities]


def _gives(text: str, one: Entity) -> bool:
    """Whether "from" stands right before a name, or "se" right behind it: "mathura wale se"."""
    behind = [word for word in words(text[one.end :]) if not only([word], "at_their_place")]
    return words(text[: one.start])[-1:] == ("from",) or behind[:1] == ["se"]


def with_halves(text: str, entities: list[Entity]) -> list[Entity]:
    """The "half" before a unit counts it, though no entity says so: "half a dozen jeans"."""
    halves = [
        Entity("quantity", "half", start=found.start(), end=len(text[: unit.start].rstrip()))
        for unit in entities
        if unit.name == "unit" and unit.end and (found := _HALF.search(text[: unit.start]))
    ]
    free = [one for one in halves if not any(e.start < one.end <= e.end for e in entities)]
    return sorted([*entities, *free], key=lambda one: one.start)


def number_of(entity: Entity) -> Decimal | None:
    """The number that an entity states, "10", "dhai" or "10kg"; None when it is none."""
    given = _plain_number(entity.normalized)
    if given is not None:
        return given
    read = Decimal(1) if entity.value.lower() in ARTICLES else parse_number(entity.value)
    if read is None and (glued := _NUMBER_THEN_WORD.fullmatch(entity.value)):
        read = parse_number(glued[1])
    return read


def unit_in(entity: Entity) -> str | None:
    """The unit that an entity states or has glued to its number."""
    if isinstance(entity.normalized, str) and parse_unit(entity.normalized):
        return parse_unit(entity.normalized)
    glued = _NUMBER_THEN_WORD.fullmatch(entity.value)
    return parse_unit(glued[2] if glued else entity.value)


def paise_of(entity: Entity) -> int | None:
    """The amount that an entity states, in paise; None when it is none, or none above zero."""
    rupees = _plain_number(entity.normalized)
    if rupees is None:
        rupees = parse_amount(entity.value)
    try:
        paise = from_decimal(rupees) if rupees is not None else 0
    except Invalid:
        return None
    return paise if paise > 0 else None


def last_amount(amounts: Sequence[Entity]) -> int | None:
    """The last of some amounts that is one, in paise."""
    stated = [paise for one in amounts if (paise := paise_of(one))]
    return stated[-1] if stated else None


def method_of(text: str) -> str | None:
    """The payment method that a text names: cash, upi, card, cheque or bank_transfer."""
    return next(iter(methods_of(text)), None)


def methods_of(text: str) -> list[str]:
    """All of them that a text names, without one that is refused for another."""
    said = " ".join(beside(words(text), "looks_it_up"))
    ways = every(said, "methods")
    return [one for one in ways if len(ways) == 1 or not _is_refused(words(said), one)]


def _is_refused(said: Sequence[str], way: str) -> bool:
    """ "Cash nahi phonepe": the way right before a "no" is none."""
    found = where(said, f"methods.{way}")
    return found is not None and says(said[found[1] :][:1], "negation")


def period_of(entity: Entity | None, *, today: date, lean: Lean = "past") -> Period | None:
    """The days that a date entity means; the language components may have worked them out."""
    if entity is None:
        return None
    given = entity.normalized
    if isinstance(given, Mapping) and "start" in given:
        return Period(date.fromisoformat(given["start"]), date.fromisoformat(given["end"]))
    return parse_period(entity.value, today=today, lean=lean)


def rates_apart(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """Numbers that a word beside them makes a rate: "2 maggi 14 wali", "5 kg chini 45 ke bhav".

    "110 me" is one where another number says how many; and so is a number at "ke rate" that the
    language components have overlooked.
    """
    counted = [one for one in entities if one.name == "quantity"]
    seconds = _second_counts(text, entities)
    rated = [
        replace(one, name="amount")
        if one.name == "quantity"
        and one.end
        and (one in seconds or _is_rate(text, one, among=len(counted)))
        else one
        for one in entities
    ]
    found = [*rated, *_rates_overlooked(text, entities)]
    return sorted(found, key=lambda one: one.start)


def _second_counts(text: str, entities: Sequence[Entity]) -> set[Entity]:
    """Numbers right behind goods that a count stands right before: "5 saree 1400", "20 kg chini
    42". A count right behind goods is theirs: "elbow 40 teflon 5"."""
    found = set()
    row = [one for one in entities if one.name != "unit"]
    for former, before, goods, behind in zip([None, *row], row, row[1:], row[2:], strict=False):
        kinds = (before.name, goods.name, behind.name)
        if kinds != ("quantity", "product_name", "quantity") or not before.end:
            continue
        if former and _follows(text, former, before):
            continue
        if only(words(behind.value), "filler"):
            continue  # "2 maggi do" asks to be given
        unit = _unit_behind(before, entities)
        counted = unit.end if unit and unit.end <= goods.start else before.end
        beside = text[counted : goods.start] + text[goods.end : behind.start]
        rest = text[behind.end :].split()[:1]
        if not beside.strip() and not (rest and parse_unit(rest[0].strip(".,"))):
            nexts = [one for one in entities if one.start >= behind.end]
            if not (nexts and nexts[0].name in ("product_name", "unit")):
                found.add(behind)
    return found


def _follows(text: str, goods: Entity, number: Entity) -> bool:
    named = goods.name == "product_name" and goods.end
    return bool(named and not text[goods.end : number.start].strip())


def rate_follows(behind: Sequence[str]) -> bool:
    """Whether the words behind a number ask for the rate, or tell it, which the number is not: "10
    rate batao", "10 rate 200"."""
    if not only(behind[:1] or ("-",), "asks_price"):
        return False
    near = behind[1:NEAR_RATE]
    told = "".join(near[:1]).isdigit() and not any(parse_unit(one) for one in near[1:])
    return told or says(near, "telling") or says(near, "asking")


def _is_rate(text: str, number: Entity, *, among: int) -> bool:
    beside = _RATE_BEHIND.match(text, number.end) and not rate_follows(words(text[number.end :]))
    charged = among > 1 and only(words(text[number.end :])[:1] or ("-",), "charged")
    return bool(beside or charged or (among > 1 and _IN_BEHIND.match(text, number.end)))


def _rates_overlooked(text: str, entities: Sequence[Entity]) -> list[Entity]:
    stated = any(one.name == "amount" for one in entities)
    return [
        Entity("amount", found[1], start=found.start(1), end=found.end(1))
        for pattern in (_RATE_IN_FIGURES, _AT_A_RATE)
        for found in pattern.finditer(text)
        if (not stated or found[0].startswith("@"))
        and not any(one.start < found.end(1) and found.start(1) < one.end for one in entities)
    ]


def whole_names(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """A word taken for a unit that is none belongs to the goods behind it: "kala iphone", or is
    goods itself where nothing else is: "make it 4 bulbs". A plate or a cup is no part of a name."""
    entities = [
        _without_verb(text, _without_rate(_without_article(_without_joiners(_whole(text, one)))))
        for one in entities
    ]
    entities = _servings_as_goods(text, entities)
    entities = [one for one in entities if not (one.name == "unit" and serves(one))]
    loose = [one for one in entities if one.name == "unit" and unit_in(one) is None]
    if loose and not any(one.name == "product_name" for one in entities):
        entities = [replace(one, name="product_name") if one in loose else one for one in entities]
    stray = {one.end: one for one in loose if not is_loose_part(one.value)}
    joined, taken = [], set()
    for one in entities:
        before = stray.get(one.start - 1) if one.name == "product_name" and one.end else None
        if before is not None:
            taken.add(before)
            whole = text[before.start : one.end]
            one = replace(one, value=whole, start=before.start, normalized=None)
        joined.append(one)
    return [one for one in joined if one.end == 0 or one not in taken]


def _whole(text: str, entity: Entity) -> Entity:
    """Goods with the letters of the word of which only the number was taken: the "h" of "h4"."""
    letters = _LETTERS_BEFORE.search(text[: entity.start])
    if entity.name != "product_name" or not letters or not text[entity.start].isdigit():
        return entity
    start = letters.start()
    return replace(entity, value=text[start : entity.end], start=start, normalized=None)


def _servings_as_goods(text: str, entities: list[Entity]) -> list[Entity]:
    """A glass that is counted by itself is goods: "2 cover 1 glass", but not "2 glass lassi"."""
    counted = sum(one.name == "quantity" for one in entities)
    goods = [one for one in entities if one.name == "product_name" and one.end]
    if counted <= len(goods) or not goods:
        return entities
    served = {one for one in entities if one.name == "unit" and serves(one)}
    holding = {
        one
        for one in served
        for what in goods
        if one.end <= what.start and not text[one.end : what.start].strip()
    }
    alone = served - holding
    return [replace(one, name="product_name") if one in alone else one for one in entities]


def is_loose_part(word: str) -> bool:
    """Whether a word counts parts of what goods are sold by: "10 goli" of a strip."""
    said = words(word)
    return bool(said) and only(said, "loose_parts")


def serves(unit: Entity) -> bool:
    """Whether a word is no more than what goods are served in: a plate, a cup."""
    said = words(unit.value)
    return bool(said) and only(said, "servings")


def _without_joiners(entity: Entity) -> Entity:
    """A name without an "aur" or "or" at its ends that was taken for a part of it."""
    if entity.name not in NAMES or not entity.end:
        return entity
    kept = entity.value.split()
    while len(kept) > 1 and kept[-1].lower() in _AND:
        kept.pop()
    start = entity.start
    while len(kept) > 1 and kept[0].lower() in _LEADING:
        start += len(kept.pop(0)) + 1
    value = " ".join(kept)
    if value == entity.value:
        return entity
    return replace(entity, value=value, start=start, end=start + len(value), normalized=None)


def _without_article(entity: Entity) -> Entity:
    """Goods without the "a" before them, which counts them: "and a charger"."""
    article, _, rest = entity.value.partition(" ")
    if entity.name != "product_name" or not entity.end or article.lower() not in ARTICLES:
        return entity
    start = entity.end - len(rest)
    return replace(entity, value=rest, start=start, normalized=None) if rest else entity


def _without_rate(entity: Entity) -> Entity:
    """Goods without the rate that was taken for a part of their name: "kurti @700"."""
    name = entity.value.partition("@")[0].rstrip()
    if entity.name != "product_name" or not entity.end or name in ("", entity.value):
        return entity
    return replace(entity, value=name, end=entity.start + len(name), normalized=None)


def _without_verb(text: str, entity: Entity) -> Entity:
    """Goods without what the writer is going to do with them: "2 kurti lungi", "2 kilo aata leke
    aata hu"."""
    if entity.name != "product_name" or not entity.end:
        return entity
    found = _OWN_VERB.search(text, entity.start)
    within = found is not None and entity.start < found.start() < found.end() <= entity.end
    if found is None or not within or not _ENDS_HERE.match(text, found.end()):
        return entity
    value = text[entity.start : found.start()]
    return replace(entity, value=value, end=found.start(), normalized=None)


def without_denied(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """Leave out what is named only to be refused, when another of its kind stands beside it.

    "Sharma nahi Gupta" and "Gupta ka, Sharma ka nahi" both mean Gupta; "3 nahi 5" means 5.
    """
    kept = _others_after_all(text, _said_anew(text, list(entities)), entities)
    kept = _without_crossed_out(text, kept)
    for entity in tuple(kept):
        others = [one for one in kept if one.name == entity.name and one is not entity]
        until = _next_of_kind(entity, entities, len(text))
        if others and _is_denied(text, entity, others, until):
            kept.remove(entity)
    return _without_replaced(text, kept)


def _said_anew(text: str, entities: list[Entity]) -> list[Entity]:
    """ "3 maggi nahi nahi 5 maggi" and "3 maggi, nahi maggi 5" mean 5, "ek chini matlab ek kilo
    chini" a kilo: goods that are named and counted again behind a "no", or to say what was meant,
    take the place of what was said of them before it."""
    goods = [one for one in entities if one.name == "product_name" and one.end]
    counts = [one for one in entities if one.name == "quantity" and one.end]
    for former, again in pairwise(goods):
        if words(former.value) != words(again.value):
            continue
        first = [one for one in counts if one.end <= former.start][-1:]
        anew = [one for one in counts if one.start >= former.end]
        until = min([again.start, *(one.start for one in anew)])
        between = words(text[former.end : until])
        if first and anew and (says(between, "negation") or says(between, "teach.means")):
            return [one for one in entities if one not in (former, *first)]
    return entities


def _others_after_all(text: str, entities: list[Entity], said_of: Sequence[Entity]) -> list[Entity]:
    """ "Mrf 1 bhej do. nahi ceat": other goods behind a "no" of their own take the place of those
    before it, with their count where they have none."""
    goods = [one for one in entities if one.name == "product_name" and one.end]
    for former, other in pairwise(goods):
        *before, said = _PIECES.split(text[former.end : other.start])
        no = words(said)
        between = any(
            one.name == "product_name" and former.end <= one.start < other.start for one in said_of
        )
        if before and not between and says(no, "negation") and only(no, "undoing.no_but"):
            return _swapped(text, former, other, former, entities)
    return entities


def _without_crossed_out(text: str, entities: list[Entity]) -> list[Entity]:
    """ "1 tube 1 chain, chain hata do": goods that are named again, only to be refused, are wanted
    no more, where others are."""
    goods = [one for one in entities if one.name == "product_name" and one.end]
    for again in [*goods[2:], *_named_unmarked(text, goods, entities)]:
        meant = [one for one in goods if one.end <= again.start and _names_part(again, one)]
        if meant and (other := _named_instead(text, again, goods)):
            return _without_crossed_out(text, _swapped(text, meant[-1], other, again, entities))
        if len(goods) > 1 and meant and _is_crossed_out(text, again, entities):
            gone = [meant[-1], again, *_counts_of(text, meant[-1], entities, but=again)]
            return _without_crossed_out(text, [one for one in entities if one not in gone])
    return entities


def _named_instead(text: str, again: Entity, goods: Sequence[Entity]) -> Entity | None:
    """The goods of "chain ki jagah pump" that are wanted."""
    other = next((one for one in goods if one.start >= again.end), None)
    between = words(text[again.end : other.start]) if other else ()
    found = where(between, "replaced")
    return other if found and not found[0] else None


def _swapped(
    text: str, former: Entity, other: Entity, again: Entity, entities: Sequence[Entity]
) -> list[Entity]:
    """Goods in the place of others; with their count, where they have none of their own."""
    counted = _counts_of(text, other, entities, but=again)
    theirs = _counts_of(text, former, entities, but=again)
    gone = [former, again, *(theirs if counted else [other])]
    kept = [one for one in entities if one not in gone]
    moved = [] if counted else [replace(other, start=former.start, end=former.end)]
    return sorted([*kept, *moved], key=lambda one: one.start)


def _named_unmarked(
    text: str, goods: Sequence[Entity], entities: Sequence[Entity]
) -> Iterator[Entity]:
    """Goods that are named again further on, where no entity says so."""
    for one in goods:
        for found in re.finditer(rf"(?<!\w){re.escape(one.value)}(?!\w)", text[one.end :], re.I):
            start, end = one.end + found.start(), one.end + found.end()
            if not any(each.start < end and start < each.end for each in entities):
                yield Entity("product_name", found[0], start=start, end=end)


def _names_part(again: Entity, goods: Entity) -> bool:
    said = set(words(again.value))
    return bool(said) and said <= set(words(goods.value))


def _is_crossed_out(text: str, goods: Entity, entities: Sequence[Entity]) -> bool:
    """Whether a refusal, and no number, stands beside goods that are named again."""
    numbers = [one for one in entities if one.name in NUMBERS and one.end]
    counted = any(
        one.end <= goods.start and not text[one.end : goods.start].strip() for one in numbers
    )
    until = min((one.start for one in entities if one.start >= goods.end), default=len(text))
    said = text[goods.end : until]
    nexts = [one.end for one in numbers if one.start == until and not SEPARATOR.search(said)]
    anew = nexts and not any(
        one.name in ("product_name", "unit") and 0 <= one.start - nexts[0] <= 1 for one in entities
    )
    behind = [one for one in words(said)[:NEAR_REFUSAL] if not only([one], "take_out")]
    refused = any(says(behind, cue) for cue in ("negation", "cancel", "remove"))
    return refused and not counted and not anew


def _counts_of(
    text: str, goods: Entity, entities: Sequence[Entity], *, but: Entity | None = None
) -> list[Entity]:
    """The number of goods, with its unit."""
    named = [one for one in entities if one.name == "product_name" and one.end and one is not but]
    counts = [one for one in entities if one.name == "quantity" and one.end]
    units = [one for one in entities if one.name == "unit"]
    pairs = _pairs(text, counts, named, units)
    found = next((count for at, count in pairs if named[at] is goods), None)
    unit = _unit_behind(found, units) if found else None
    return [one for one in (found, unit) if one]


def _next_of_kind(entity: Entity, entities: Sequence[Entity], end: int) -> int:
    """Where the next of a kind stands, be it left out or not: what is said behind that is of it."""
    later = (one for one in entities if one.name == entity.name and one.start >= entity.end)
    return min((one.start for one in later), default=end)


def _is_denied(text: str, entity: Entity, others: Sequence[Entity], until: int) -> bool:
    """Whether the words around a name or a number refuse it: "Sharma ka nahi", "500 galat hai",
    "not 500", "500 ke hisaab se nahi nahi 520"; `until` is where the next of its kind stands."""
    if refuses_next(words(text[: entity.start])) or is_none(text, entity):
        return True
    behind = words(text[entity.end : until])
    if says(behind[:2], "replaced") or _is_lowered(text, entity, others, behind):
        return True
    if behind and only(behind[:1], "postpositions"):
        behind = behind[1:]
    if until < len(text) and says(_up_to_its_like(text[entity.end : until]), "undoing.said_anew"):
        return True
    next_is_refused = refuses_next(behind) or any(is_none(text, one) for one in others)
    if next_is_refused and until < len(text):
        return False
    wrong = entity.name in NUMBERS and says(behind[:2], "dues.wrong")
    return wrong or says(behind[:1], "negation")


def _up_to_its_like(behind: str) -> tuple[str, ...]:
    """What is said behind a name or a number that is of it: "do namak aur ek nahi nahi do surf"
    says a second number anew, and nothing of the salt."""
    *_, said = SEPARATOR.split(behind)
    found = where(words(said), "undoing.said_anew")
    beside = words(said)[: found[0]] if found else ()
    another = any(
        parse_number(one) is not None or not any(only([one], cue) for cue in _BESIDE_ANEW)
        for one in beside
    )
    return () if another and SEPARATOR.search(behind) else words(behind)


def _is_lowered(text: str, entity: Entity, others: Sequence[Entity], behind: Sequence[str]) -> bool:
    """ "780 ka 760 laga": a sum instead of which another is taken, as its own word says."""
    beside = [one for one in others if one.start >= entity.end][:1]
    if entity.name != "amount" or not beside or not only(behind, "postpositions") or not behind:
        return False
    following = words(text[beside[0].end :])[:1] or ("-",)
    return only(following, "charged") or sold_for(text, beside[0])


def is_none(text: str, goods: Entity) -> bool:
    """Whether none of the goods is wanted: "6 pads and no ors"; the "no" before a number counts."""
    return goods.name == "product_name" and words(text[: goods.start])[-1:] == ("no",)


def refuses_next(said: Sequence[str]) -> bool:
    """Whether words end as English refuses what follows: "not 16500", "instead of 16500"."""
    found = where(said[-2:], "undoing.not_this")
    return found is not None and found[1] == len(said[-2:])


def _without_replaced(text: str, entities: list[Entity]) -> list[Entity]:
    """ "5 packet Pushpa ko, nahi 6" means 6, and "4 ludo diye, 3 hi likho" 3: the count at the end
    takes the place of the one before it, where fewer goods than counts are named."""
    counts = [one for one in entities if one.name == "quantity" and one.end]
    goods = [one for one in entities if one.name == "product_name"]
    if len(counts) < 2 or len(counts) <= len(goods) or not goods:
        return entities
    *_, before, last = counts
    between = text[before.end : last.start]
    said = list(words(between))
    while len(said) > 1 and only(said[-1:], "no_item"):
        said.pop()
    refused = says(said[-1:], "negation") or _lets_be(said)
    refused = refused and not _WHICH_NUMBER.search(between)
    behind = words(text[last.end :])
    behind = behind[1:] if behind and parse_unit(behind[0]) else behind
    fewer = only(behind[:1] or ("-",), "just_so_many")
    if not (refused or fewer) or any(one.start > last.start for one in goods):
        return entities
    return [
        replace(last, start=before.start, end=before.end) if one is before else one
        for one in entities
        if one is not last
    ]


def _lets_be(said: Sequence[str]) -> bool:
    """Whether words end as what was said before is let be: "rehne do"."""
    found = where(said, "undoing.lets_be")
    return found is not None and found[1] == len(said)


def _unit_behind(quantity: Entity, entities: Sequence[Entity]) -> Entity | None:
    near = (one for one in entities if one.name == "unit" and 0 <= one.start - quantity.end <= 2)
    return next(near, None)


def lines_of(text: str, entities: Sequence[Entity]) -> list[Line]:
    """The goods of a message, each with the quantity, unit and amount that stand nearest.

    "2 iPhone aur 3 charger", "maggi 10 pkt parle 5": quantities go to goods in order, each to one,
    so that the distances are shortest. A message without goods gives one line without a product.
    """
    products = [one for one in entities if one.name == "product_name"]
    quantities = [one for one in entities if one.name == "quantity"]
    units = [one for one in entities if one.name == "unit"]
    amounts = [one for one in entities if one.name == "amount"]
    if not products:
        return _line_without_product(text, quantities, units, amounts)
    lines = [Line(product=one.value) for one in products]
    for at, quantity in _pairs(text, quantities, products, units):
        lines[at].quantity = _signed(text, quantity)
        lines[at].unit = _unit_of(quantity, units)
    for line, product in zip(lines, products, strict=True):
        if line.quantity is None:
            line.quantity = _number_before(text, product, entities)
        if line.quantity is None:
            line.quantity = _number_behind(text, product, entities)
    if not quantities and units and len(products) == 1:
        lines[0].unit = unit_in(units[0])
    in_turn = rates_in_turn(text, products, amounts)
    for at, amount in _pairs(text, amounts, products, []):
        each = in_turn or is_for_one(text, amount)
        lines[at].amount, lines[at].each = paise_of(amount), each
    return lines


def rates_in_turn(text: str, products: Sequence[Entity], sums: Sequence[Entity]) -> bool:
    """Whether behind several goods stands the rate of each, in turn: "5 cover and 2 charger, rate
    240 and 950"."""
    if not 1 < len(products) == len(sums) or not all(one.end for one in sums):
        return False
    if sums[0].start < max(one.end for one in products) or not is_for_one(text, sums[0]):
        return False
    between = [text[one.end : other.start] for one, other in pairwise(sums)]
    return all(only(words(one) or ("and",), "joining") for one in between)


def sums_left(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """The sums of a message that are nobody's rate, as there are more of them than goods."""
    products = [one for one in entities if one.name == "product_name"]
    amounts = [one for one in entities if one.name == "amount" and one.end]
    taken = [amount for _, amount in _pairs(text, amounts, products, [])]
    return [one for one in amounts if products and one not in taken]


def is_for_one(text: str, amount: Entity) -> bool:
    """Whether the words beside an amount make it a rate: "1450 wala", "@ 1450", "1450 each"."""
    behind = _FOR_ONE.match(text, amount.end) if amount.end else None
    return behind is not None or _BEFORE_A_RATE.search(text[: amount.start]) is not None


def sums_and_rates(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """The sums of a text, with the numbers that its words make a rate."""
    return [
        one
        for one in entities
        if one.name == "amount" or (one.name == "quantity" and one.end and is_for_one(text, one))
    ]


def ends_with_final(before: str) -> bool:
    """Whether "final" is said right before what follows, and not of a sum before it."""
    said = words(before)
    agreed = only(said[-1:] or ("-",), "final_price") and not SEPARATOR.match(before.rstrip()[-1:])
    return agreed and not any(sign.isdigit() for sign in "".join(said[-2:-1]))


def sold_for(text: str, amount: Entity) -> bool:
    """Whether "me" behind an amount makes it what goods were sold for: "150 me diya"."""
    return _IN_BEHIND.match(text, amount.end) is not None


def _line_without_product(
    text: str, quantities: Sequence[Entity], units: Sequence[Entity], amounts: Sequence[Entity]
) -> list[Line]:
    if not quantities and not amounts:
        return []
    line = Line()
    if quantities:
        line.quantity = number_of(quantities[-1])
        line.unit = unit_in(units[-1]) if units else unit_in(quantities[-1])
    if amounts:
        line.amount, line.each = paise_of(amounts[-1]), is_for_one(text, amounts[-1])
    return [line]


NO_COUNT = Decimal(10) ** 9
"""From here on a number alone is somebody's phone."""


def bare_quantity(text: str) -> Line | None:
    """A message that is nothing but a quantity: "5", "do kilo", "paanch packet kar do"."""
    said = text.split()[:MOST_WORDS_OF_A_QUANTITY]
    if len(text.split()) > len(said):
        return None
    for end in range(len(said), 0, -1):
        number = parse_number(" ".join(said[:end]))
        glued = _NUMBER_THEN_WORD.fullmatch(said[0]) if end == 1 else None
        if number is None and not glued:
            continue
        unit = parse_unit(glued[2]) if glued else (parse_unit(said[end]) if said[end:] else None)
        rest = said[end + (unit is not None and not glued) :]
        if only(words(" ".join(rest)), "filler"):
            number = number if number is not None else parse_number(glued[1]) if glued else None
            counts = number is not None and number < NO_COUNT
            return Line(quantity=number, unit=unit) if counts else None
    return None


def _signed(text: str, quantity: Entity) -> Decimal | None:
    """The number with a minus that begins a message or a part of it: no order, but no 5 either."""
    number = number_of(quantity)
    before = text[: quantity.start]
    if number is not None and _MINUS.search(before):
        return -abs(number)
    return number


def _number_before(text: str, product: Entity, entities: Sequence[Entity]) -> Decimal | None:
    """The number that stands before goods though no entity says so: "aur ek colgate"."""
    start = max((one.end for one in entities if one.end <= product.start), default=0)
    said = text[start : product.start].split()
    if len(said) > 1 and said[-1].lower() in _AND and parse_number(said[-2]) is not None:
        said = said[:-1]
    if said and said[-1].lower() in ARTICLES:
        return Decimal(1)
    if not said or (number := parse_number(said[-1])) is None:
        return None
    others = [one for one in words(" ".join(said[:-1])) if not only([one], "remove")]
    # "do" is two, and it is "give": only what begins a part counts, or stands behind a name.
    given = start == 0 or not only(others, "behind_a_name")
    joins = "more" if given and only(words(said[-1]), "filler") else "filler"
    return number if only([one for one in others if not only([one], "more")], joins) else None


def _number_behind(text: str, product: Entity, entities: Sequence[Entity]) -> Decimal | None:
    """The number right behind goods though no entity says so: "jeans ek hi", "cover 3 kar do",
    "meals cancel one"."""
    until = min((one.start for one in entities if one.start >= product.end), default=len(text))
    said = text[product.end : until].split() if product.end else []
    if said and words(said[0]) and only(words(said[0]), "remove"):
        said = said[1:]
    number = parse_number(said[0]) if said else None
    if number is None or (only(words(said[0]), "filler") and words(" ".join(said[1:2])) != ("hi",)):
        return None
    rest = words(" ".join(said[1:]))
    gone = where(rest, "sold")
    told = only(rest, "behind_a_count") or (gone and gone[0] == 0) or rate_follows(rest)
    return number if told else None


def _unit_of(quantity: Entity, units: Sequence[Entity]) -> str | None:
    """The unit behind a number; one that is none here as it was said."""
    near = [one for one in units if one.start >= quantity.end and one.start - quantity.end <= 2]
    if not near:
        return unit_in(quantity)
    return unit_in(near[0]) or near[0].value.lower()


def _pairs(
    text: str, values: Sequence[Entity], products: Sequence[Entity], units: Sequence[Entity]
) -> list[tuple[int, Entity]]:
    """Values matched to products in order, by the least total distance."""
    memo: dict[tuple[int, int], tuple[int, list[tuple[int, Entity]]]] = {}

    def best(i: int, j: int) -> tuple[int, list[tuple[int, Entity]]]:
        if i == len(values):
            return 0, []
        if j == len(products):
            return APART * (len(values) - i), []
        if (i, j) not in memo:
            taken_cost, taken = best(i + 1, j + 1)
            options = [
                (
                    _distance(text, values[i], products[j], units) + taken_cost,
                    [(j, values[i]), *taken],
                )
            ]
            skipped_cost, skipped = best(i + 1, j)
            options.append((APART + skipped_cost, skipped))
            options.append(best(i, j + 1))
            memo[i, j] = min(options, key=lambda option: option[0])
        return memo[i, j]

    return best(0, 0)[1]


def _distance(text: str, value: Entity, product: Entity, units: Sequence[Entity]) -> int:
    end = value.end
    for unit in units:
        if 0 <= unit.start - value.end <= 2:
            end = unit.end
    gap = (
        text[end : product.start] if product.start >= value.end else text[product.end : value.start]
    )
    return len(gap) + SEPARATOR_COST * len(SEPARATOR.findall(gap))


def _plain_number(given: Any) -> Decimal | None:
    if isinstance(given, Mapping):
        given = given.get("value")
    if isinstance(given, bool) or not isinstance(given, (str, int, Decimal)):
        return None
    try:
        number = Decimal(given)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
