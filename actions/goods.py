"""Goods in a draft: which products and how much of each, for orders, their changes, and stock.

A line of a draft is JSON: `said` is what the product was called, `quantity` and `said_unit` how
much was said, `amount` a rate if one was named; once the product is known, `id`, `name`, `unit` and
`price`, and `counted`, the quantity in the product's own unit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from actions.context import Turn
from actions.entities import (
    NUMBERS,
    Entity,
    Line,
    bare_quantity,
    lines_of,
    number_of,
    packed,
    paise_of,
    rates_apart,
    without_denied,
)
from actions.forms.choices import NEW, SKIP, drop_button
from actions.forms.draft import Draft, ReadAgain
from actions.forms.names import ORDER_FORM, PURCHASE_FORM
from actions.forms.product import set_product, settle_product
from actions.lexicon import every, only, says, words
from actions.match import just_spoken_of, product_named, recent, unit_word
from actions.parts import clauses, left_over, part_of
from actions.said import bare_text, pieces_between
from actions.taken_off import (
    line_named,
    line_taken_out,
    says_take_out,
    set_quantity,
    take_replacement,
    takes_some_off,
    without_taken_off,
)
from erp_core.catalogue import queries as catalogue
from erp_core.inventory.service import add_stocked_product
from erp_core.journal.context import Reader
from erp_core.kernel.errors import Invalid
from erp_core.kernel.hindi_numbers import parse_amount, parse_number
from erp_core.kernel.money import from_decimal, half_up
from erp_core.kernel.quantity import UNITS, convert, parse_unit, plain, positive

GOODS = frozenset({"product_name", "quantity", "unit"})

LISTS = frozenset({ORDER_FORM, PURCHASE_FORM})
"""Forms whose lines are all that there is, so that nothing else can be taken off."""

MOST_COUNTED = 1000
"""From here on a bare number is money sooner than a count."""
MOST_LINES = 30
"""So many goods one message may name; a longer list is sent in parts."""

LOOSE_UNITS = frozenset({"piece", "packet", "bottle", "strip"})
"""Units that people use for one another when they just mean "so many"; a box holds several."""


def take_goods(turn: Turn, draft: Draft) -> bool:
    """Take goods, quantities and rates from a message; whether it said anything about them."""
    lines: list[dict[str, Any]] = draft["lines"] or []
    draft["lines"] = lines
    asked = draft["asked"] or {}
    if _take_new_product(turn, lines, asked):
        return True
    if len(turn.all("product_name")) > MOST_LINES or len(turn.entities) > 5 * MOST_LINES:
        raise Invalid("too_many_lines")
    turn = without_taken_off(apart(turn), lines)
    measured = [_as_measured(turn.text, one) for one in packed(turn.text, turn.entities)]
    entities = without_denied(turn.text, measured)
    if asked.get("field") != "product":
        entities = [_as_said(one) for one in entities]
    if draft.replying and lines and not says(turn.words, "rate_words"):
        entities = [_as_count(one, entities) for one in entities]
    if draft.form in LISTS:
        entities = _apart_from_rest(turn, entities)
    entities, beyond_goods = _apart_from_unread(turn, entities)
    entities = rates_apart(turn.text, entities)
    said = lines_of(turn.text, entities)
    unread = _read_after_all(turn, said, left_over(turn) or beyond_goods)
    _read_behind_goods(turn, said)
    if unread:
        turn.say("utter_left_over", said=", ".join(unread))
    if len(said) == 1 and said[0].product is None and said[0].quantity is not None:
        said[0].product = _goods_in_words(turn, sure=bool(lines))
    beyond = len(turn.all("quantity")) > len(turn.all("product_name"))
    spoken_of = not draft.replying and not lines and beyond and just_spoken_of(turn, "product")
    if said and said[0].product and (spoken_of or (lines and draft.replying)):
        said = [*_quantity_before_goods(turn), *said]
    if not said and (gone := line_taken_out(turn, lines)):
        lines.remove(gone)
        return True
    if not said:
        said = _said_barely(turn, lines, asked, replying=draft.replying)
    if not said:
        return False
    listed = bool(draft.replying and lines and draft.form in LISTS)
    if listed and takes_some_off(turn, lines, said):
        return True
    if take_replacement(turn, lines, entities, said, listed=listed):
        return True
    if listed and says_take_out(turn, said):
        turn.say("utter_not_on_the_list", said=", ".join(str(one.product) for one in said))
        return True
    refused = [number_of(one) for one in measured if one not in entities]
    for line in said:
        _take_line(turn, lines, line, asked, refused)
    return True


def apart(turn: Turn) -> Turn:
    """ "atta 1 tel", taken for one product, is two with the count of the second between them."""
    kept = []
    for one in turn.entities:
        kept += _two_products(turn, one) if one.name == "product_name" and one.end else [one]
    return replace(turn, entities=kept)


def _two_products(turn: Turn, entity: Entity) -> list[Entity]:
    pieces = [(found.start(), found[0]) for found in re.finditer(r"\S+", entity.value)]
    counts = [at for at, (_, word) in enumerate(pieces) if parse_number(word) is not None]
    if len(counts) != 1 or not 0 < counts[0] < len(pieces) - 1:
        return [entity]
    start, number = pieces[counts[0]]
    second = pieces[counts[0] + 1][0]
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
        if not words(word) or any(only(words(word), cues) for cues in _BESIDE_GOODS):
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


_BESIDE_GOODS = (
    "filler", "around_goods", "pronouns", "more", "joining", "asking", "wanting", "negation",
    "stock.add", "stock.remove", "stock.damage", "stock.left", "stock.finished", "same_person",
    "cancel", "servings", "people",
    "on_khata", "sold", "walk_in", "tense.past", "tense.future", "rate_words", "loose_parts",
)  # fmt: skip
MOST_WORDS_OF_GOODS = 3


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
    meant = any(only(words(word), cues) for cues in (*_BESIDE_GOODS, "counted_beside"))
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
    while said and any(only(words(said[-1]), cue) for cue in ("filler", "wanting", "around_goods")):
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


def _as_said(entity: Entity) -> Entity:
    """A number is a quantity, whatever it was taken for: no goods are called "5"."""
    if entity.name == "product_name" and parse_number(entity.value) is not None:
        return replace(entity, name="quantity", normalized=None)
    return entity


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


def _said_barely(
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


def _take_line(
    turn: Turn,
    lines: list[dict[str, Any]],
    line: Line,
    asked: dict[str, Any],
    refused: Sequence[Decimal | None],
) -> None:
    if line.product is None:
        spoken_of = recent(turn, "product")
        if not lines and spoken_of and line.quantity is not None:
            lines.append(line_of(turn, spoken_of))
        target = _line_without_name(turn, lines, line, asked, refused)
        if target is not None:
            _change(target, line, more=False)
        return
    known = line_named(lines, line.product) or _line_meant(turn, lines, line.product)
    replaces = asked.get("field") == "product" and not asked.get("taken")
    if replaces and known is None and not asks_for_more(turn):
        asked["taken"] = True
        target = lines[asked["index"]]
        kept = {"quantity": target.get("quantity"), "said_unit": target.get("said_unit")}
        target.clear()
        target.update(said=line.product, **kept)
        _change(target, line, more=False)
        return
    if known is not None:
        _change(known, line, more=asks_for_more(turn))
        return
    lines.append({"said": line.product})
    _change(lines[-1], line, more=False)


def _line_meant(turn: Turn, lines: list[dict[str, Any]], said: str) -> dict[str, Any] | None:
    """The line of the goods that another name means: "doodh" of a line of Fresh milk."""
    if not any(line.get("id") for line in lines):
        return None
    with turn.read() as reader:
        found = product_named(reader, said).one
    return next((line for line in lines if found and line.get("id") == str(found.id)), None)


def line_of(turn: Turn, product_id: UUID) -> dict[str, Any]:
    """A line of a draft about a product."""
    with turn.read() as reader:
        product = catalogue.product(reader, product_id)
    line: dict[str, Any] = {"said": product.name}
    set_product(line, product)
    return line


def asks_for_more(turn: Turn) -> bool:
    """Whether goods come on top of what there is. "Aur" between two goods only joins them."""
    goods = [one for one in turn.entities if one.name in GOODS]
    if len(turn.all("product_name")) < 2:
        return says(words(" | ".join(pieces_between(turn))), "more")
    first, last = min(one.start for one in goods), max(one.end for one in goods)
    return says(words(f"{turn.text[:first]} | {turn.text[last:]}"), "more")


def _change(target: dict[str, Any], line: Line, *, more: bool) -> None:
    if line.quantity is not None:
        before = Decimal(target["quantity"]) if more and target.get("quantity") else Decimal(0)
        set_quantity(target, line)
        target["quantity"] = str(Decimal(target["quantity"]) + before)
    if line.amount is not None:
        target["amount"], target["each"] = line.amount, line.each


def _line_without_name(
    turn: Turn,
    lines: list[dict[str, Any]],
    said: Line,
    asked: dict[str, Any],
    refused: Sequence[Decimal | None],
) -> dict[str, Any] | None:
    """The line that a quantity alone is about: the one asked for; one whose goods the message
    names though no entity says so; the one that held the number which is refused, or is counted in
    the unit that is said; the one without a quantity; the last."""
    if not lines:
        return None
    fitting = (
        lines[asked["index"] : asked["index"] + 1] if "index" in asked else [],
        [line for line in lines if _is_spoken_of(turn, line)],
        [line for line in lines if line.get("quantity") and Decimal(line["quantity"]) in refused],
        [line for line in lines if said.unit and _is_counted_in(line, said.unit)],
        [line for line in lines if not line.get("quantity")],
    )
    for found in fitting[:1] + tuple(one for one in fitting[1:4] if len(one) == 1) + fitting[4:]:
        if found:
            return found[0]
    return lines[-1]


def _is_spoken_of(turn: Turn, line: Mapping[str, Any]) -> bool:
    """Whether a word of a line's goods stands in the message, and is no word of every message."""
    names = {*words(line.get("name") or ""), *words(line["said"])} & set(turn.words)
    return any(
        parse_number(name) is None
        and parse_unit(name) is None
        and not any(only([name], cues) for cues in _BESIDE_GOODS)
        for name in names
    )


def _is_counted_in(line: Mapping[str, Any], unit: str) -> bool:
    own = line.get("unit") or line.get("said_unit")
    return own is not None and convert(Decimal(1), unit, own) is not None


def _take_new_product(turn: Turn, lines: list[dict[str, Any]], asked: dict[str, Any]) -> bool:
    """The price or stock of a product that is being added on the way."""
    if asked.get("kind") not in ("new_price", "new_stock"):
        return False
    line = lines[asked["index"]]
    other = turn.first("product_name")
    if other is not None and line_named([line], other.value) is None:
        return False
    if asked["kind"] == "new_price" and _counts_what_came(turn):
        return False
    entity = turn.first("amount") or turn.first("quantity")
    if asked["kind"] == "new_price":
        line["new_price"] = paise_of(entity) if entity else _paise(turn.text)
        return line["new_price"] is not None
    number = parse_number(entity.value if entity else turn.text.strip())
    line["new_stock"] = str(number) if number is not None else None
    return number is not None


def _counts_what_came(turn: Turn) -> bool:
    """ "50 strips aaye" is no price of what is new: a number with its unit, or of what came."""
    counted = turn.first("quantity") is not None and turn.first("amount") is None
    return counted and (turn.first("unit") is not None or says(turn.words, "stock.arrived"))


def _paise(text: str) -> int | None:
    rupees = parse_amount(text.strip())
    try:
        return from_decimal(rupees) if rupees is not None and rupees > 0 else None
    except Invalid:
        return None


def settle_goods(
    turn: Turn, reader: Reader, draft: Draft, *, may_add: bool, ask_stock: bool = True
) -> None:
    """Find the products, count in their units, and note what must be asked first."""
    for index, line in enumerate(draft["lines"] or []):
        first, before = draft.pending, dict(line)
        draft.pending = None
        if not line.get("id"):
            _settle_product(turn, reader, draft, line, index, may_add=may_add, ask_stock=ask_stock)
        if draft.pending is None and not line.get("counted"):
            _count(reader, draft, line, index)
        if first is not None:
            # One thing is asked at a time: what this line asks comes up when its turn has come.
            if draft.pending is not None:
                line.clear()
                line.update(before)
            draft.pending = first


def _settle_product(
    turn: Turn,
    reader: Reader,
    draft: Draft,
    line: dict[str, Any],
    index: int,
    *,
    may_add: bool,
    ask_stock: bool,
) -> None:
    if not line.get("new"):
        settle_product(turn, reader, draft, line, index, may_add=may_add)
    elif line.get("new_price") is None:
        draft.pending = {"kind": "new_price", "index": index, "said": line["said"]}
    elif ask_stock and line.get("new_stock") is None:
        draft.pending = {"kind": "new_stock", "index": index, "said": line["said"]}
    else:
        _add_product(turn, draft, line, index)
        raise ReadAgain


def _add_product(turn: Turn, draft: Draft, line: dict[str, Any], index: int) -> None:
    unit = line.get("said_unit") or "piece"
    stock = Decimal(line["new_stock"]) if line.get("new_stock") else None
    added = turn.run(
        add_stocked_product,
        key=f"draft:{draft.id}:product:{index}:{line['new_price']}",
        name=line["said"],
        price_paise=line["new_price"],
        unit=unit,
        gst_rate=line.get("gst", "0"),
        stock=stock,
    )
    with turn.read() as reader:
        set_product(line, catalogue.product(reader, UUID(added["product_id"])))
    line.pop("new")
    turn.say("utter_product_added_short", name=line["name"])


def _count(reader: Reader, draft: Draft, line: dict[str, Any], index: int) -> None:
    """The quantity in the product's unit: two dozen eggs are 24 pieces, a carton what it holds."""
    boxed = line.get("boxed")
    if not line.get("quantity") and boxed and _pack_of(reader, line, boxed["unit"]):
        line.update(quantity=boxed["quantity"], said_unit=boxed["unit"])
    if not line.get("quantity") and catalogue.product(reader, UUID(line["id"])).is_service:
        line["quantity"] = "1"
    if not line.get("quantity"):
        draft.pending = {"kind": "quantity", "index": index}
        if boxed:
            draft.pending = {"kind": "unit", "index": index, "said": boxed["unit"]}
        return
    said, unit = line.get("said_unit") or line["unit"], line["unit"]
    quantity = convert(Decimal(line["quantity"]), said, unit)
    if quantity is None and (holds := _pack_of(reader, line, said)):
        quantity = Decimal(line["quantity"]) * holds
    if quantity is None:
        quantity = _packs_in(line["name"], Decimal(line["quantity"]), said)
    if quantity is None and {said, unit} <= LOOSE_UNITS:
        quantity = Decimal(line["quantity"])
    if quantity is None:
        line["boxed"] = {"quantity": line["quantity"], "unit": said}
        line["quantity"] = None
        draft.pending = {"kind": "unit", "index": index, "said": said}
        return
    line.pop("boxed", None)
    if draft["change"] == "set" and quantity == 0:
        line["counted"] = "0"
        return
    try:
        line["counted"] = plain(positive(quantity, unit))
    except Invalid:
        line["quantity"] = None
        broken = quantity > 0 and quantity % 1 != 0 and is_whole(unit)
        draft.pending = {"kind": "bad_quantity", "index": index, "broken": broken}


def _pack_of(reader: Reader, line: dict[str, Any], unit: str) -> Decimal | None:
    """How many of a product's own units one of another unit holds."""
    holds = catalogue.product(reader, UUID(line["id"])).packs.get(unit)
    return Decimal(holds) if holds else None


_CONTENT = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s*([a-z]+)\b", re.IGNORECASE)
"""What one of a product holds, as its name says: "Fortune mustard oil 1L"."""


def _packs_in(name: str, quantity: Decimal, unit: str) -> Decimal | None:
    """How many packs so much is, where a pack's name says what it holds: 2 litre are two of "oil
    1L"; None where it does not come out whole."""
    for number, said in _CONTENT.findall(name):
        content = convert(Decimal(number), parsed, unit) if (parsed := parse_unit(said)) else None
        if content and quantity > 0 and quantity % content == 0:
            return quantity / content
    return None


def choose_product(turn: Turn, draft: Draft, value: str) -> None:
    """Take the chosen product for the line that asked, or begin to add a new one."""
    pending = draft["answering"]
    if value == SKIP:
        draft["lines"].pop(pending["index"])
        return
    line = draft["lines"][pending["index"]]
    if value == NEW:
        line["new"] = True
        return
    with turn.read() as reader:
        set_product(line, catalogue.product(reader, UUID(value)))


def ask_goods(turn: Turn, draft: Draft) -> bool:
    """Ask what is pending about goods; False when it is about something else."""
    pending = draft.pending or {}
    kind = pending.get("kind")
    if kind in ("new_price", "new_stock"):
        say_noted(turn, draft)
        turn.say(f"utter_ask_{kind}", said=pending["said"])
        return True
    if kind not in ("quantity", "unit", "bad_quantity"):
        return False
    line = draft["lines"][pending["index"]]
    unit = unit_word(turn, line["unit"], 2)
    if kind == "unit":
        known = pending["said"] in UNITS
        turn.say(
            "utter_ask_in_unit" if known else "utter_ask_not_loose",
            product=line["name"],
            unit=unit,
            said=unit_word(turn, pending["said"]) if known else pending["said"],
        )
    elif kind == "bad_quantity":
        response = (
            "utter_ask_whole_quantity" if pending.get("broken") else "utter_ask_good_quantity"
        )
        turn.say(response, product=line["name"], unit=unit)
    else:
        say_noted(turn, draft)
        drop = [drop_button(turn, draft)]
        turn.say("utter_ask_quantity", product=line["name"], unit=unit, choices=drop)
    return True


def say_noted(turn: Turn, draft: Draft) -> None:
    """Show the goods that are clear already, so that what was said meanwhile is seen to be kept."""
    if rows := noted_rows(turn, draft):
        turn.say("utter_noted_goods", rows=rows)


def noted_rows(turn: Turn, draft: Draft) -> str:
    """The goods that are clear already, one below the other."""
    return "\n".join(
        turn.line(
            "line_goods",
            product=line["name"],
            quantity=line["counted"],
            unit=unit_word(turn, line["unit"], line["counted"]),
        )
        for line in draft["lines"] or []
        if line.get("counted")
    )


def complete(draft: Draft) -> list[dict[str, Any]] | None:
    """The lines, when there are some and each is counted."""
    lines = draft["lines"]
    return lines if lines and all(line.get("counted") for line in lines) else None


def rate_of(line: Mapping[str, Any]) -> int:
    """The rate for one that an amount beside goods means."""
    return half_up(whole_of(line) / Decimal(line["counted"]))


def whole_of(line: Mapping[str, Any]) -> Decimal:
    """What an amount beside goods comes to for all of them: what was said to be for one is, else
    whichever of "each" and "for all" is nearer to the catalogue's price."""
    amount, price, quantity = line["amount"], line["price"], Decimal(line["counted"])
    is_for_all = not line.get("each") and abs(amount / quantity - price) < abs(amount - price)
    return Decimal(amount) if is_for_all else amount * quantity


def is_whole(unit: str) -> bool:
    """Whether a unit is counted in whole numbers."""
    return UNITS[unit].whole
