"""What goods a message tells of: what stands beside each, and what was not read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, NamedTuple

from actions.context import Turn
from actions.entities import (
    NUMBERS,
    Entity,
    Line,
    bare_quantity,
    lines_of,
    number_of,
    paise_of,
    rates_apart,
    sums_left,
    unit_in,
    without_denied,
)
from actions.forms.draft import Draft
from actions.forms.names import ORDER_FORM, PURCHASE_FORM
from actions.goods.packs import with_packs
from actions.lexicon import every, only, says, which, words
from actions.match import just_spoken_of, product_named, recent
from actions.reading.parts import is_beside_goods, left_over, part_of
from actions.reading.said import bare_text
from actions.reading.sums_apart import number_apart
from erp_core.kernel.clauses import clauses
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.kernel.quantity import UNITS, parse_unit

LISTS = frozenset({ORDER_FORM, PURCHASE_FORM})
"""Forms whose lines are all that there is, so that nothing else can be taken off."""
MOST_COUNTED = 1000
"""From here on a bare number is money sooner than a count."""
LEAST_OF_A_ROW = 4
"""Two goods with a number each."""
LEAST_RATE = 5000
"""A lower number behind goods, of rupees in paise, is a count as well as a rate."""
MUCH_MORE = 20
"""A number of so many times the pieces that are written hardly counts them."""
_COUNTING = frozenset({"quantity", "unit"})


class Heard(NamedTuple):
    """What a message says of goods: the turn as it is understood, its lines, what they were read
    from, and the numbers that it denies."""

    turn: Turn
    lines: list[Line]
    entities: list[Entity]
    denied: list[Decimal | None]


def hear_goods(turn: Turn, draft: Draft) -> Heard:
    """Read what a message says of goods beside a draft, and tell what was not read."""
    lines = draft["lines"]
    first, turn = (None, turn) if lines or draft.replying else _of_spoken(turn)
    turn, holds = with_packs(apart(turn))
    measured = [_as_measured(turn.text, one) for one in turn.entities]
    entities, beyond_goods = _goods_among(turn, draft, without_denied(turn.text, measured))
    entities = _rates_by_name(turn, draft, _last_as_rate(turn, entities))
    entities = _at_list_price(turn, draft, entities)
    if draft.form == ORDER_FORM and turn.is_user:
        _tell_sums_left(turn, entities)
    said = lines_of(turn.text, entities)
    for line in said:
        line.holds = holds.get(line.product or "")
    unread = _read_after_all(turn, said, left_over(turn) or beyond_goods)
    _read_behind_goods(turn, said)
    if unread := [one for one in unread if one not in (draft["note"] or "")]:
        turn.say("utter_left_over", said=", ".join(unread))
    if len(said) == 1 and said[0].product is None and said[0].quantity is not None:
        said[0].product = _goods_in_words(turn, sure=bool(lines))
    beyond = len(turn.all("quantity")) > len(turn.all("product_name"))
    spoken_of = not draft.replying and not lines and beyond and just_spoken_of(turn, "product")
    if said and said[0].product and (spoken_of or (lines and draft.replying)):
        said = [*_quantity_before_goods(turn), *said]
    denied = [number_of(one) for one in measured if one not in entities]
    return Heard(turn, [first, *said] if first else said, entities, denied)


def _tell_sums_left(turn: Turn, entities: Sequence[Entity]) -> None:
    """Tell back sums beside goods that are no rate of them: "… basin 1500 me, 3000 advance"; what
    the rates make together, "300 aur 50, total 350", is none."""
    left = sums_left(turn.text, entities)
    rated = [one for one in lines_of(turn.text, entities) if one.amount]
    rates = [one.amount or 0 for one in rated]
    each = sum((one.amount or 0) * (one.quantity or 1) for one in rated)
    counted = any(one.quantity not in (None, 1) for one in rated)
    known = {each} if counted or len(rates) > 1 else set()
    known |= {sum(rates)} if len(rates) > 1 else set()
    told = [
        " ".join([one.value, *turn.text[one.end :].split()[:1]])
        for one in left
        if paise_of(one) not in known
    ]
    if told:
        turn.say("utter_not_in_it", said=", ".join(told))


def _goods_among(
    turn: Turn, draft: Draft, entities: list[Entity]
) -> tuple[list[Entity], list[str]]:
    """The entities that say something of goods, and the words beyond them that were not read."""
    if (draft["asked"] or {}).get("field") != "product":
        entities = [_as_said(one, entities) for one in entities]
    if draft.replying and draft["lines"] and not says(turn.words, "rate_words"):
        entities = [
            replace(one, name="amount")
            if let_be_at(turn, one) and _is_about_price(draft, one)
            else _as_count(one, entities)
            for one in entities
        ]
    if draft.form in LISTS:
        entities = _apart_from_rest(turn, entities)
    entities, beyond_goods = _apart_from_unread(turn, entities)
    return rates_apart(turn.text, entities), beyond_goods


def apart(turn: Turn) -> Turn:
    """ "atta 1 tel", taken for one product, is two with the count of the second between them, and
    "1 tel" is one that is counted."""
    kept = []
    for one in turn.entities:
        goods = one.name == "product_name" and one.end
        kept += (_number_at_end(turn, one) or _two_products(turn, one)) if goods else [one]
    return replace(turn, entities=[each for one in kept for each in _count_apart(turn, one)])


def _count_apart(turn: Turn, entity: Entity) -> list[Entity]:
    """The count in front of goods in whose name it does not stand."""
    number, _, name = entity.value.partition(" ")
    if entity.name != "product_name" or not entity.end or parse_number(number) is None or not name:
        return [entity]
    with turn.read() as reader:
        found = product_named(reader, name).one
    named = found is not None and ("." in number and number in found.name)
    if found is None or named or set(words(number)) <= set(words(found.name)):
        return [entity]
    start, middle = entity.start, entity.end - len(name)
    return [
        Entity("quantity", number, start=start, end=start + len(number)),
        replace(entity, value=name, normalized=None, start=middle),
    ]


def _number_at_end(turn: Turn, entity: Entity) -> Sequence[Entity]:
    """ "10 redmi 16000+gst", "redmi 10 nahi 12": the goods and the number behind them. Behind a
    count it is their rate."""
    counted = any(
        one.name == "quantity" and one.end and not turn.text[one.end : entity.start].strip()
        for one in turn.entities
    )
    return number_apart(turn, entity, "amount" if counted else "quantity") or ()


def _two_products(turn: Turn, entity: Entity) -> list[Entity]:
    pieces = [(found.start(), found[0]) for found in re.finditer(r"\S+", entity.value)]
    counts = [at for at, (_, word) in enumerate(pieces) if parse_number(word) is not None]
    if len(counts) != 1 or not 0 < counts[0] < len(pieces) - 1:
        return [entity]
    start, number = pieces[counts[0]]
    second = pieces[counts[0] + 1][0]
    if which(entity.value[second:].split()[0], "specifications"):
        return [entity]
    names = (entity.value[:start].strip(), entity.value[second:])
    with turn.read() as reader:
        if product_named(reader, entity.value).one:
            return [entity]
        found = [product_named(reader, one) for one in names]
    if not all(one.one or (one.options and not one.guesses) for one in found):
        return [entity]
    spans = (
        ("product_name", names[0], 0),
        ("quantity", number, start),
        ("product_name", names[1], second),
    )
    return [
        Entity(kind, said, start=entity.start + at, end=entity.start + at + len(said))
        for kind, said, at in spans
    ]


def _goods_in_words(turn: Turn, *, sure: bool) -> str | None:
    """Goods that stand beside a quantity though no entity says so: "Shwetha ko 2 poori bhaji".

    They are never what was spoken of before; `sure`: only what the catalogue surely knows.
    """
    last = max((one.end for one in turn.all("quantity") + turn.all("unit")), default=0)
    behind = min((one.start for one in turn.entities if one.start >= last), default=None)
    behind_it = turn.text[last:behind].split() if last else []
    served = next((word for word in behind_it[:1] if only(words(word), "servings")), None)
    named = []
    for word in behind_it[1:] if served else behind_it:
        if not words(word) or any(only(words(word), cues) for cues in BESIDE_GOODS):
            break
        named.append(word.strip(".,!?"))
    text = " ".join(named)
    if len(named) > MOST_WORDS_OF_GOODS or (named and parse_unit(named[0])):
        return None
    if not sure and text:
        return text
    with turn.read() as reader:
        # "2 glass" of a shop that sells glass is goods; of another it is how they are served.
        return next((one for one in (text, served) if one and product_named(reader, one).one), None)


BESIDE_GOODS = (
    "filler", "around_goods", "pronouns", "more", "joining", "asking", "wanting", "negation",
    "stock.add", "stock.remove", "stock.damage", "stock.left", "stock.finished", "same_person",
    "cancel", "servings", "people",
    "on_khata", "sold", "walk_in", "tense.past", "tense.future", "rate_words", "loose_parts",
    "done_with_goods",
)  # fmt: skip


MOST_WORDS_OF_GOODS = 3


def words_of_goods(line: Mapping[str, Any]) -> set[str]:
    """The words by which a line's goods may be spoken of, without those of every message."""
    return {
        word
        for word in (*words(line.get("name") or ""), *words(line["said"]))
        if parse_number(word) is None
        and parse_unit(word) is None
        and not any(only([word], cues) for cues in BESIDE_GOODS)
    }


def _read_after_all(turn: Turn, said: list[Line], unread: list[str]) -> list[str]:
    """Take parts like "ek butter" whose goods the catalogue knows; give back those it does not."""
    still = []
    for part in unread:
        number, _, rest = part.strip().partition(" ")
        counted, name = parse_number(number), _bare_goods(rest)
        with turn.read() as reader:
            found = product_named(reader, name) if name and counted is not None else None
        if found and (found.one or (found.options and not found.guesses)):
            said.append(Line(product=name, quantity=counted))
        else:
            still.append(part)
    return still


def _apart_from_rest(turn: Turn, entities: list[Entity]) -> list[Entity]:
    """The entities without what is left to be paid, which is no rate: "2 lux, baaki 20"."""
    left = {one: _left_to_pay(turn.text, one, entities) for one in entities if one.end}
    said = [text for text in left.values() if text]
    if not said or not any(one.name == "product_name" for one in entities):
        return entities
    turn.say("utter_not_in_it", said=", ".join(said))
    return [one for one in entities if not left.get(one)]


def _left_to_pay(text: str, number: Entity, entities: list[Entity]) -> str | None:
    """A number with "baaki" before or behind it, as it was written; None for what counts goods."""
    goods = any(
        one.start == number.end + 1 and one.name in ("product_name", "unit") for one in entities
    )
    if number.name not in NUMBERS or (goods and number.name == "quantity"):
        return None
    before, behind = text[: number.start].split()[-1:], text[number.end :].split()
    until = next((at for at, one in enumerate(behind) if not only(words(one), "rupees")), 0)
    if says(words(" ".join(behind[until : until + 1])), "rest"):
        return " ".join([number.value, *behind[: until + 1]])
    return f"{before[0]} {number.value}" if says(words(" ".join(before)), "rest") else None


def _apart_from_unread(turn: Turn, entities: list[Entity]) -> tuple[list[Entity], list[str]]:
    """The entities without counts of what no entity names, and these parts: "2 dosa 1 parota"."""
    counts = [one for one in entities if one.name == "quantity" and one.end]
    goods = [one for one in entities if one.name == "product_name" and one.end]
    if not goods or len(counts) <= len(goods):
        return entities, []
    aside = [one for one in counts if _counts_no_goods(turn, one)]
    parts = {one: _name_behind(turn, one, entities) for one in counts if one not in aside}
    named = [one for one in parts if parts[one]][: len(parts) - len(goods)]
    unread = named if len(parts) > len(goods) else []
    kept = [one for one in entities if one not in aside and one not in unread]
    return kept, [f"{one.value} {parts[one]}" for one in unread]


def _counts_no_goods(turn: Turn, count: Entity) -> bool:
    """ "2 log", "128 gb": a number of something else, and no rate either."""
    return only(words(turn.text[count.end :])[:1] or [""], "counted_beside")


def _name_behind(turn: Turn, count: Entity, entities: list[Entity]) -> str:
    """Words of no other meaning that stand right behind a count."""
    until = min((one.start for one in entities if one.start >= count.end), default=len(turn.text))
    name = _bare_goods(re.split(r"[,;.\n]", turn.text[count.end : until])[0])
    said = name.split()
    if len(said) > MOST_WORDS_OF_GOODS or any(not _may_name_goods(word) for word in said):
        return ""
    return name


def _may_name_goods(word: str) -> bool:
    known = parse_number(word) is not None or parse_unit(word) is not None
    meant = any(only(words(word), cues) for cues in (*BESIDE_GOODS, "counted_beside"))
    meant = meant or every(word, "methods")
    return len(word) > 2 and not any(one.isdigit() for one in word) and not known and not meant


def _read_behind_goods(turn: Turn, said: list[Line]) -> None:
    """Take goods that stand with their number right behind others, though no entity says so, where
    the catalogue surely knows them: "1 chyawanprash do pads likh lo"."""
    starts = sorted(one.start for one in turn.entities if one.end)
    for goods in [one for one in turn.all("product_name") if one.end]:
        until = next((start for start in starts if start >= goods.end), len(turn.text))
        number, _, rest = turn.text[goods.end : until].strip().partition(" ")
        counted, name = parse_number(number) if number else None, _bare_goods(rest)
        if counted is None or not name or len(name.split()) > MOST_WORDS_OF_GOODS:
            continue
        with turn.read() as reader:
            found = product_named(reader, name).one
        if found and set(words(name)) <= set(words(found.name)):
            said.append(Line(product=name, quantity=counted))


def _bare_goods(text: str) -> str:
    """The goods of "glass bhej do": what is left in front of words that wish or fill."""
    said = text.split()
    while said and (only(words(said[-1]), "wanting") or is_beside_goods(said[-1])):
        said.pop()
    return " ".join(said)


def _quantity_before_goods(turn: Turn) -> list[Line]:
    """ "nahi 12 kar do aur ek lux bhi": a quantity for what was asked for, then new goods."""
    start, end = clauses(turn.text)[0]
    first = part_of(turn, (start, end))
    if first.first("product_name") or not first.first("quantity"):
        return []
    if parse_number(first.text.strip()) is not None and not turn.all("quantity")[1:]:
        return []  # "1 aur coffee" is one more coffee
    counted = (
        bare_quantity(first.text.strip())
        or bare_quantity(first.text[first.entities[0].start :].strip())
        or bare_quantity(_bare_goods(first.text))
    )
    return [counted] if counted else []


def _of_spoken(turn: Turn) -> tuple[Line | None, Turn]:
    """ "Ek bhej do saath me cover bhi", after a charger was told of: the count of what was spoken
    of, and the message from the other goods on."""
    goods, counts = turn.first("product_name"), turn.all("quantity")
    if goods is None or not counts or not just_spoken_of(turn, "product"):
        return None, turn
    until = counts[1].start if counts[1:] and counts[1].start < goods.start else goods.start
    between = turn.text[counts[0].end : until]
    joined = any(says(words(one), "joined_goods") for one in (between, turn.text[goods.end :]))
    number = number_of(counts[0])
    wanted = joined and says(words(between), "wanting")
    if counts[0].start > goods.start or not wanted or number is None:
        return None, turn
    unit = next((one for one in turn.all("unit") if counts[0].end <= one.start < until), None)
    counted = Line(quantity=number, unit=unit_in(unit) if unit else None)
    return counted, part_of(turn, (until, len(turn.text)))


def _last_as_rate(turn: Turn, entities: list[Entity]) -> list[Entity]:
    """ "2 glass, 1 cover, screen repair 1200": where the counts stand before their goods, a number
    behind the last is its rate, if it is one that may be asked for it."""
    row = [one for one in entities if one.end and one.name in ("quantity", "product_name")]
    *before, goods, number = row if len(row) >= LEAST_OF_A_ROW else [None, None]
    kinds = [one.name for one in before if one]
    if goods is None or number is None or kinds != ["quantity", "product_name"] * (len(kinds) // 2):
        return entities
    ends = (goods.name, number.name) == ("product_name", "quantity")
    joined = not turn.text[goods.end : number.start].strip()
    asked = paise_of(number) or 0
    if not ends or not joined or asked < LEAST_RATE or _counted_in_unit(number, entities):
        return entities
    with turn.read() as reader:
        found = product_named(reader, goods.value).one
    if found is None or not found.price_paise <= 2 * asked <= 4 * found.price_paise:
        return entities
    return [replace(one, name="amount") if one is number else one for one in entities]


def _rates_by_name(turn: Turn, draft: Draft, entities: list[Entity]) -> list[Entity]:
    """ "ORS 14.50, pads 32": of goods that are counted already, where one of the numbers is a rate
    or can be no count, all of them are rates."""
    counted = [line for line in draft["lines"] or [] if line.get("counted")]
    row = [one for one in entities if one.name in ("product_name", *NUMBERS)]
    goods, numbers = row[::2], row[1::2]
    paired = len(goods) == len(numbers) and all(one.name == "product_name" for one in goods)
    if not counted or len(goods) < 2 or not paired or turn.first("unit"):
        return entities
    if any(one.name not in NUMBERS or number_of(one) is None for one in numbers):
        return entities
    lines = [_line_named(counted, one) for one in goods]
    whole = [line is not None and UNITS[line["unit"]].whole for line in lines]
    broken = [w and number_of(one) % 1 != 0 for w, one in zip(whole, numbers, strict=True)]
    rated = any(one.name == "amount" for one in numbers) or any(broken)
    if None in lines or not rated:
        return entities
    return [replace(one, name="amount") if one in numbers else one for one in entities]


def _at_list_price(turn: Turn, draft: Draft, entities: list[Entity]) -> list[Entity]:
    """ "Servicing 250 aur 1 chain": the number right behind goods that are not counted is the rate
    of one of them, where it is just what the list says."""
    if draft.form != ORDER_FORM or draft["lines"]:
        return entities
    found: list[Entity] = []
    for before, one in zip([None, *entities], entities, strict=False):
        if before in found and _is_price_of(turn, before, one, entities):
            found += [Entity("quantity", "1", start=one.start, end=one.start)]
            one = replace(one, name="amount", normalized=None)
        found.append(one)
    return found


def _is_price_of(turn: Turn, goods: Entity, number: Entity, entities: list[Entity]) -> bool:
    kinds, paise = (goods.name, number.name), paise_of(number) or 0
    if kinds != ("product_name", "quantity") or not goods.end or paise < LEAST_RATE:
        return False
    before = [one.end for one in entities if 0 < one.end <= goods.start and one.name in _COUNTING]
    counted = any(not turn.text[end : goods.start].strip() for end in before)
    apart = turn.text[goods.end : number.start].strip() or _counted_in_unit(number, entities)
    if counted or apart:
        return False
    with turn.read() as reader:
        known = product_named(reader, goods.value).one
    return known is not None and known.price_paise == paise


def _line_named(lines: Sequence[dict[str, Any]], goods: Entity) -> dict[str, Any] | None:
    said = set(words(goods.value))
    return next((line for line in lines if said & words_of_goods(line)), None)


def _counted_in_unit(number: Entity, entities: list[Entity]) -> bool:
    return any(one.name == "unit" and 0 <= one.start - number.end <= 2 for one in entities)


def _as_said(entity: Entity, beside: Sequence[Entity]) -> Entity:
    """A number is a quantity, whatever it was taken for: no goods are called "5". Behind a count
    of their own they are, though their name sounds like one: "दो लक्स"."""
    if entity.name != "product_name" or parse_number(entity.value) is None:
        return entity
    counts = [one for one in beside if one.name == "quantity" and one.end == entity.start - 1]
    spelt = not any(sign.isdigit() for sign in entity.value)
    if spelt and any(one.end for one in counts):
        return entity
    return replace(entity, name="quantity", normalized=None)


def _as_measured(text: str, entity: Entity) -> Entity:
    """A number that a unit follows is no money: "nahi, saade saat kilo"."""
    behind = text[entity.end :].split()[:1] if entity.end else []
    if entity.name != "amount" or not behind or parse_unit(behind[0].strip(".,!")) is None:
        return entity
    return replace(entity, name="quantity", normalized=None)


def _as_count(entity: Entity, beside: list[Entity]) -> Entity:
    """ "Nahi, Parle 20 kar do" in a draft is 20 of it: with no word of money, and no other number
    that could be the count, a bare number changes how many, unless it is far too many."""
    counted = any(one.name == "quantity" for one in beside)
    if entity.name != "amount" or counted or not entity.value.strip().isdecimal():
        return entity
    if int(entity.value) >= MOST_COUNTED:
        return entity
    return replace(entity, name="quantity", normalized=None)


def let_be_at(turn: Turn, number: Entity) -> bool:
    """ "Nahi rehne do 480 hi": whether the only number of a message says what shall stay."""
    if number.name not in NUMBERS or len(turn.entities) > 1:
        return False
    behind = words(turn.text[number.end :])[:1] or ("-",)
    return says(turn.words, "undoing.lets_be") or only(behind, "just_so_many")


def counts_hardly(lines: Sequence[Mapping[str, Any]], number: Entity) -> bool:
    """Whether a number would be far more of any goods than there are on the card."""
    count = number_of(number) or 0
    return all(count > MUCH_MORE * Decimal(one.get("quantity") or 1) for one in lines)


def _is_about_price(draft: Draft, number: Entity) -> bool:
    """Whether a number is about what the only goods of a card cost, and can hardly count them."""
    (line, *others), paise = draft["lines"], paise_of(number) or 0
    price = line.get("price") or 0
    near = paise >= LEAST_RATE and price <= 2 * paise <= 3 * price
    return near and not others and counts_hardly([line], number)


def said_barely(
    turn: Turn, lines: list[dict[str, Any]], asked: dict[str, Any], *, replying: bool
) -> list[Line]:
    """A bare number as a quantity; a bare text as the product that was asked for."""
    counted = bare_quantity(turn.text)
    if counted is not None:
        return [counted] if lines or (not replying and recent(turn, "product")) else []
    choosing = asked.get("field") == "product"
    if (not lines or choosing) and not turn.entities and replying:
        text = bare_text(turn)
        return [Line(product=text)] if text and (turn.is_user or _is_goods(turn, text)) else []
    return []


def _is_goods(turn: Turn, text: str) -> bool:
    """Whether a text is at least like goods of the shop; a buyer adds none to them."""
    with turn.read() as reader:
        found = product_named(reader, text)
    return found.one is not None or bool(found.options)
