"""What the language components often take for something else: a size for money, a half of a sum for
a sum of its own, a buyer's name for a part of the goods'."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from actions.entities import NAMES, NUMBERS, Entity, ends_with_final
from actions.lexicon import any_of, only, plain_words, says, where, which, words
from erp_core.catalogue import queries as catalogue
from erp_core.journal.context import Reader
from erp_core.kernel.hindi_numbers import parse_amount, parse_number
from erp_core.kernel.matching import CERTAIN
from erp_core.kernel.quantity import parse_unit
from erp_core.parties import queries as parties
from erp_core.tax import gstin as gstins

WHO = frozenset({"customer_name", "vendor_name", "person", "customer_phone"})
_NUMBERED = NUMBERS | {"product_name", "customer_phone"}
DIGITS_OF_NO_SUM = 11
"""So many figures in a row are the number of a paper or a piece sooner than rupees."""

_NUMBER_PLATE = re.compile(
    r"(?<!\w)[a-z]{2}[ -]?\d{2}[ -]?[a-z]{1,3}[ -]?\d{4}(?!\w)", re.IGNORECASE
)
_LETTERS = r"(?:XXXL|XXL|XL|XS|[2-5]XL|S|M|L|free)"
_SIZE_WORD = any_of("written.size")
_COUNT_BEHIND = re.compile(r"(.*\D)\s+\d+")
_SIZE = re.compile(
    rf"(?<![\w.])(?P<before>\d{{1,3}}|{_LETTERS})\s*(?:(?:k[aei]|no\.?|number|nambar)\s+)?{_SIZE_WORD}(?!\w)"
    rf"|(?<!\w){_SIZE_WORD}\s*(?:no\.?\s*|number\s*)?(?P<behind>\d{{1,3}}|{_LETTERS})(?!\w)"
    r"|(?<![\w.])(?P<number>\d{2})\s*(?:number|nambar|no\.|नंबर)"
    rf"(?!\s*(?:\d|\w*\s*{any_of('written.table')}))(?!\w)",
    re.IGNORECASE,
)
_BARE_SIZE = re.compile(r"(?<!\w)(?P<bare>XXXL|XXL|XL|XS|[2-5]XL|xxxl|xxl|xl|[SML])(?!\w)")
"""Letters alone: small ones only where nothing else is written so."""
_SIZED_NAME = re.compile(rf"({_LETTERS})\s+(?=\S)")
_COUNTED = re.compile(r"\d\s*$")
_GOODS_BEHIND = re.compile(r"\s+([^\W\d_]{3,})(?!\w)(?!\s+(?:ka|ki|ke|का|की|के)(?!\w))")
_COLOUR_BEHIND = re.compile(r"\s+([^\W\d]+)")
_RECEIVED = re.compile(rf"\s*{any_of('written.received')}(?!\w)", re.IGNORECASE)
_CROSSED = re.compile(r"(.*\w)\s+[x×*]", re.IGNORECASE)
_SPELT_RATE = re.compile(rf"(?<!\w){any_of('written.rate')}(?!\w)", re.IGNORECASE)
_HALF_BEFORE = re.compile(
    rf"(?<!\w)({any_of('written.portion')})\s+(?:{any_of('written.plate')}\s+)?$", re.IGNORECASE
)
_PAID_LAST = re.compile(r"(.*\S)\s+(\S+)")
_COUNTED_LAST = re.compile(r"(.*[^\d\s])\s+(\d{3,}|[5-9]\d)")
"""Goods with the number of them behind; a small one is that of a model sooner: "iphone 16"."""
_WORDS = re.compile(r"[^\s,;.!?]+")
_DOTS = re.compile(r"\s*(?:\.{2,}|…)\s*")
_PUTTING = re.compile(r"(?<!\w)da+l(?!\w)", re.IGNORECASE)
MOST_BETWEEN = 3
"""Words between goods and their size: "kurti red me L"."""
_HOLDS_WHOM = plain_words("written.postposition")
LONGEST_NAME = 3
SHORTEST = 3


def without_shares(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """The entities without the halves that tell in which ways a sum was paid: "half cash half upi"
    is no half rupee."""
    kept = []
    for one in entities:
        share = one.name in NUMBERS and one.end and says(words(one.value), "half")
        behind = words(text[one.end :])[:1]
        if not (share and any(only(behind, f"methods.{way}") for way in _WAYS) and behind):
            kept.append(one)
    return kept


_WAYS = ("cash", "upi", "card", "cheque", "bank_transfer")


def without_paper_numbers(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """The entities without the number of a paper or a piece: of "4000 cheque aaya no 456781" one
    sum is left, of "bilty 4455", "imei 3567…" or a dozen figures none."""
    said = words(text)
    papers = says(said, "dues.cheque") or says(said, "numbered_papers")
    plates = [one.span() for one in _NUMBER_PLATE.finditer(text)]
    return [
        one
        for one in entities
        if not any(_overlaps(one, plate) for plate in plates)
        if not (one.end and one.name in _NUMBERED and _numbers_paper(text, one, papers=papers))
    ]


def _numbers_paper(text: str, one: Entity, *, papers: bool) -> bool:
    before, plain = words(text[: one.start]), one.value.isdecimal()
    if one.name == "product_name":
        figures = any(sign.isdigit() for sign in one.value)
        return papers and (_only_papers(one.value) or (figures and _ends_with_paper(before)))
    if one.name in NUMBERS and plain and len(one.value) >= DIGITS_OF_NO_SUM:
        return True
    if one.name == "customer_phone":
        return papers and plain and _ends_with_paper(before)
    behind_number = papers and only(before[-1:] or [""], "numbered")
    alone = papers and plain and not _is_paid(words(text[one.end :]))
    return behind_number or (alone and _ends_with_paper(before))


def _is_paid(behind: Sequence[str]) -> bool:
    """Whether the words behind a number tell of money: "bilty 350 diye"."""
    given = where(behind, "money_given")
    in_rupees = bool(behind) and only(behind[:1], "rupees")
    return in_rupees or says(behind, "spent") or (given is not None and not given[0])


def _ends_with_paper(said: Sequence[str]) -> bool:
    """Whether the last words are those of a paper, "… bilty no"; what is paid for one, as in
    "vehicle insurance 5000", is a sum."""
    row = said[:-1] if only(said[-1:] or [""], "numbered") else said
    ends = (row[-most:] for most in (1, 2, 3) if row[-most:])
    return any(where(one, "numbered_papers") == (0, len(one)) for one in ends)


def _only_papers(name: str) -> bool:
    """Whether goods are called nothing but a paper or its number: "imei"."""
    found = where(said := words(name), "numbered_papers")
    return found is not None and all(
        only([one], "numbered") for one in (*said[: found[0]], *said[found[1] :])
    )


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
    """Whether the words between two numbers say that the second is the true one."""
    counted = says(between, "counted") or says(between, "stock.stands_at")
    return only(between, "periods.from") or counted or says(between[:1], "stock.on_paper")


def counts_that_change(text: str, intent: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "60 the, 3 toot gaye, 57 bache", "100 mangwaye the par 90 hi aaye": the entities without how
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
    cues = ("stock.was_so", "stock.left") if gone else ("stock.was_so",)
    return any((found := where(behind, cue)) is not None and not found[0] for cue in cues)


def _wanted_alone(text: str, goods: Entity) -> Entity:
    """Goods without how many were wanted of them: "dolo 100 mangwayi thi, 90 aayi"."""
    found = _COUNT_BEHIND.fullmatch(goods.value) if goods.name == "product_name" else None
    behind = where(words(text[goods.end :]), "stock.was_so") if found and goods.end else None
    if found is None or behind is None or behind[0]:
        return goods
    return replace(goods, value=found[1], end=goods.start + len(found[1]), normalized=None)


def sums_received(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "…, 28 received in cash", "… cash 9500 liye": money, where what counts goods stands before
    it, and no goods behind."""
    ways = [one for one in entities if one.name == "payment_method" and one.end]
    counts = [one for one in entities if one.name == "quantity"]
    last = max((one.end for one in entities if one.name == "product_name"), default=0)
    return [
        replace(one, name="amount")
        if one in counts[1:] and (_came_in(text, one, ways) or _is_paid_so(text, one, ways, last))
        else one
        for one in entities
    ]


def _came_in(text: str, one: Entity, ways: Sequence[Entity]) -> bool:
    received = _RECEIVED.match(text, one.end)
    return bool(received) and any(way.start > one.end for way in ways)


def _is_paid_so(text: str, one: Entity, ways: Sequence[Entity], goods: int) -> bool:
    """Whether a number stands right behind a way of paying, and behind all goods."""
    beside = any(way.end <= one.start and not text[way.end : one.start].strip() for way in ways)
    return beside and one.start >= goods


def sums_ahead(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "500 advance": money, and no unit of anything."""
    ahead = [one for one in entities if one.name == "unit" and only(words(one.value), "advance")]
    starts = {one.start for one in ahead if one.end}
    return [
        replace(one, name="amount")
        if one.name == "quantity" and one.end and _next_start(text, one) in starts
        else one
        for one in entities
        if one not in ahead
    ]


def _next_start(text: str, one: Entity) -> int:
    """Where the word behind an entity begins."""
    return one.end + len(text[one.end :]) - len(text[one.end :].lstrip())


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


_ON_TOP = re.compile(r"\s*(?:\+|plus\b)\s*(?:gst|tax|जीएसटी)", re.IGNORECASE)


def sums_before_tax(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "4 power bank 1200+gst", "2 tyre Simran ko 300 final": a number with tax on top of it, or
    that was agreed on, is money."""
    marked = [
        replace(one, name="amount")
        if one.name == "quantity" and one.end and _is_sum_in(text, one)
        else one
        for one in entities
    ]
    agreed = [one for one in _agreed_on(text) if not any(_overlaps(e, one) for e in entities)]
    sums = [Entity("amount", text[slice(*one)], start=one[0], end=one[1]) for one in agreed]
    return sorted([*marked, *sums], key=lambda one: one.start)


def _agreed_on(text: str) -> list[tuple[int, int]]:
    """Where figures stand in front of "final"."""
    pairs = pairwise(_WORDS.finditer(text))
    final = [first for first, behind in pairs if only(words(behind[0]) or ("-",), "final_price")]
    return [one.span() for one in final if one[0].isdecimal()]


def _is_sum_in(text: str, number: Entity) -> bool:
    agreed = only(words(text[number.end :])[:1] or ("-",), "final_price")
    agreed = agreed or ends_with_final(text[: number.start])
    return agreed or _ON_TOP.match(text, number.end) is not None


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


def names_unjoined(entities: Sequence[Entity]) -> list[Entity]:
    """ "30 kurti and 10 saree": the word that joins goods to others is no part of their name."""
    found = []
    for one in entities:
        name, _, last = one.value.rpartition(" ")
        joins = one.name == "product_name" and name and only(words(last), "joining")
        found.append(_piece(one, 0, len(name), one.name) if joins and one.end else one)
    return found


def names_paused(entities: Sequence[Entity]) -> list[Entity]:
    """ "Ek lota.. lota rehne do": goods before dots and behind them are two."""
    found = []
    for one in entities:
        paused = one.name == "product_name" and one.end and _DOTS.search(one.value)
        if paused and paused.start() and one.value[paused.end() :].strip():
            found.append(_piece(one, 0, paused.start(), one.name))
            found.append(_piece(one, paused.end(), len(one.value), one.name))
        else:
            found.append(one)
    return found


def with_named_instead(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "Meena ne nahi Pushpa ne": the entities, and whoever is named instead where none is."""
    pieces = list(_WORDS.finditer(text))
    said = [" ".join(words(one[0])) for one in pieces]
    cue = where(said, "undoing.not_theirs")
    if cue is None:
        return list(entities)
    refused = [one for one in entities if one.name in WHO and one.end == pieces[cue[0]].start() - 1]
    behind = said[cue[1] : cue[1] + LONGEST_NAME + 1]
    length = behind.index(said[cue[0]]) if said[cue[0]] in behind else 0
    if not refused or not length:
        return list(entities)
    start, end = pieces[cue[1]].start(), pieces[cue[1] + length - 1].end()
    if any(_overlaps(one, (start, end)) for one in entities):
        return list(entities)
    instead = replace(refused[0], value=text[start:end], normalized=None, start=start, end=end)
    return sorted([*entities, instead], key=lambda one: one.start)


def with_sizes(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """The goods with the sizes that stand beside them: in "2 jeans 32 size" the 32 is no rate."""
    found = list(entities)
    for size in (*_SIZE.finditer(text), *_BARE_SIZE.finditer(text)):
        found = _with_size(text, found, size)
    return found


def _with_size(text: str, entities: list[Entity], size: re.Match[str]) -> list[Entity]:
    said = next(one for one in size.groups() if one)
    span = size.span()
    holder = next((one for one in entities if _overlaps(one, span)), None)
    if holder is not None and holder.name == "product_name":
        if size.lastgroup == "bare":
            return entities
        return [_resized(text, one, span, said) if one is holder else one for one in entities]
    if holder is not None and (holder.name not in NUMBERS or size.lastgroup == "bare"):
        return entities
    if size.lastgroup == "bare" and _COUNTED.search(text[: span[0]]):
        return entities
    goods = _beside(text, entities, span)
    if goods is None:
        return entities
    start, end = min(goods.start, span[0]), max(goods.end, span[1])
    if coloured := _COLOUR_BEHIND.match(text, end):
        end = coloured.end() if _colours(coloured[1]) else end
    colours = f"{_colours(text[goods.end : span[0]])} {_colours(text[span[1] : end])}"
    value = " ".join(f"{goods.value} {colours} {said}".split())
    whole = replace(goods, value=value, normalized=None, start=start, end=end)
    kept = [one for one in entities if one is goods or not _overlaps(one, span)]
    return [whole if one is goods else one for one in kept]


def _overlaps(one: Entity, span: tuple[int, int]) -> bool:
    return bool(one.end) and one.start < span[1] and span[0] < one.end


def _resized(text: str, goods: Entity, span: tuple[int, int], size: str) -> Entity:
    """Goods with the size in their name last; what stands behind a size is no part of a name, but
    in "32 size ki jeans"."""
    before, end = text[goods.start : span[0]].split(), span[1]
    if not before:
        before, end = text[span[1] : goods.end].split(), goods.end
    said = [one for one in before if not only(words(one), "postpositions")]
    return replace(goods, value=" ".join([*said, size]), normalized=None, end=end)


def _beside(text: str, entities: Sequence[Entity], span: tuple[int, int]) -> Entity | None:
    """The goods that a size belongs to: those before it, else those right behind it."""
    goods = [one for one in entities if one.name == "product_name" and one.end]
    for one in reversed(goods):
        between = text[one.end : span[0]]
        if one.end <= span[0]:
            free = not any(_overlaps(e, (one.end, span[0])) for e in entities)
            near = len(between.split()) <= MOST_BETWEEN and not re.search(
                r"[,;\n]|\baur\b", between
            )
            return one if free and near else None
    for one in goods:
        if one.start >= span[1] and only(words(text[span[1] : one.start]), "postpositions"):
            return one
    return None


def _colours(between: str) -> str:
    return " ".join(one for one in between.split() if only(words(one), "colours"))


def buyers_apart(reader: Reader, text: str, entities: Sequence[Entity]) -> list[Entity]:
    """The entities with a customer of the shop named as one, where the name was taken for a part of
    the goods', or not seen at all: "10 goli azithral Murugan ko", "Infotech ne 3000 diye"."""
    if any(one.name in WHO for one in entities):
        found = _sizes_before_names(reader, text, entities)
        other = _before_of(reader, text, found) if _may_be_for_several(text, found) else None
        return sorted([*found, other], key=lambda one: one.start) if other else found
    found = []
    for one in entities:
        apart = _buyer_in(reader, one) if one.name == "product_name" and one.end else None
        found += apart or [one]
    if any(one.name in WHO for one in found):
        return found
    named = _before_of(reader, text, entities) or _beside_goods(reader, text, entities)
    return sorted([*entities, named], key=lambda one: one.start) if named else list(entities)


def with_rates_spelt(reader: Reader, text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """The text with "ret" as "rate" where it stands beside goods, and is none of the shop's: sand
    is counted, or is what something else is said of."""
    for found in reversed(list(_SPELT_RATE.finditer(text))):
        span, before, behind = found.span(), text[: found.start()], text[found.end() :]
        kept = [_without_word(one, span) for one in entities]
        goods = any(one and one.name == "product_name" for one in kept)
        counted = any(one.end and one.end == len(before.rstrip()) for one in entities
                      if one.name in ("quantity", "unit"))  # fmt: skip
        of_goods = {*words(before)[-1:]} & _HOLDS_WHOM
        if not goods or counted or {*words(behind)[:1]} & _HOLDS_WHOM:
            continue
        if of_goods or not _is_goods(reader, found[0]):
            text, more = f"{before}rate{behind}", len("rate") - len(found[0])
            entities = [_moved(one, span[0], more) for one in kept if one]
    return text, entities


def may_spell_rates(text: str) -> bool:
    """Whether it is worth looking for rates that are spelt as sand is."""
    return _SPELT_RATE.search(text) is not None


def _without_word(one: Entity, span: tuple[int, int]) -> Entity | None:
    """An entity without a word at its beginning or its end; None where nothing is left."""
    if not _overlaps(one, span):
        return one
    first = span[1] - one.start if span[0] <= one.start else 0
    last = span[0] - one.start if span[1] >= one.end else len(one.value)
    rest = one.value[first:last]
    if not rest.strip():
        return None
    return _piece(one, first + len(rest) - len(rest.lstrip()), len(rest.rstrip()) + first, one.name)


def _moved(one: Entity, behind: int, by: int) -> Entity:
    return replace(one, start=one.start + by, end=one.end + by) if one.start > behind else one


def counts_apart(reader: Reader, text: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "Dolo 100 came": the number behind goods of the shop that came counts them, where nothing
    else does and there are none of that name."""
    found: list[Entity] = []
    for one in entities:
        said = _COUNTED_LAST.fullmatch(one.value) if one.name == "product_name" else None
        known = said and not _is_goods(reader, one.value) and _is_goods(reader, said[1])
        if said is None or not known or not _came_behind(text, one):
            found.append(one)
            continue
        found += [
            _piece(one, *said.span(1), "product_name"),
            _piece(one, *said.span(2), "quantity"),
        ]
    return found


def may_hold_counts(text: str, entities: Sequence[Entity]) -> bool:
    """Whether it is worth looking for a count at the end of what came by name."""
    if any(one.name == "quantity" for one in entities):
        return False
    goods = [one for one in entities if one.name == "product_name" and one.end]
    return any(_COUNTED_LAST.fullmatch(one.value) and _came_behind(text, one) for one in goods)


def ways_apart(reader: Reader, entities: Sequence[Entity]) -> list[Entity]:
    """ "1 colgate card": the way of paying behind goods of the shop is no part of their name."""
    found: list[Entity] = []
    for one in entities:
        said = _PAID_LAST.fullmatch(one.value) if ends_with_way(one) else None
        known = said and not _is_goods(reader, one.value) and _is_goods(reader, said[1])
        if said is None or not known:
            found.append(one)
            continue
        found += [
            _piece(one, *said.span(1), "product_name"),
            _piece(one, *said.span(2), "payment_method"),
        ]
    return found


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


def ends_with_way(one: Entity) -> bool:
    """Whether goods are called by what may be a way of paying."""
    last = one.value.split()[1:][-1:]
    return one.name == "product_name" and one.end > 0 and bool(last and which(last[0], "methods"))


def _came_behind(text: str, goods: Entity) -> bool:
    return says(words(text[goods.end :])[:2], "stock.arrived")


def goods_on_credit(reader: Reader, text: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "Infotech 20 meals likho udhaar": the number before goods that were not seen counts them,
    and is no money; but "500 maggi ke" is."""
    (amount,) = (one for one in entities if one.name == "amount")
    behind = _GOODS_BEHIND.match(text, amount.end)
    if behind is None or not _is_goods(reader, behind[1]) or _is_customer(reader, behind[1]):
        return list(entities)
    start, end = behind.span(1)
    found = [replace(amount, name="quantity"), Entity("product_name", behind[1], None, start, end)]
    for one in entities:
        if one.end > end > one.start:
            at = len(text[end : one.end]) - len(text[end : one.end].lstrip())
            found.append(_piece(one, end - one.start + at, len(one.value), one.name))
        elif one is not amount and not _overlaps(one, (start, end)):
            found.append(one)
    return sorted(found, key=lambda one: one.start)


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


def may_be_goods_on_credit(intent: str, entities: Sequence[Entity]) -> bool:
    """Whether it is worth looking for goods behind what was taken for money."""
    kinds = [one.name for one in entities if one.name in {*NUMBERS, "product_name"}]
    return intent == "khata_credit" and kinds == ["amount"]


def may_hold_buyers(text: str, entities: Sequence[Entity]) -> bool:
    """Whether it is worth looking for customers' names among what was said."""
    if any(one.name in WHO for one in entities):
        sized = any(_SIZED_NAME.match(one.value) for one in entities if one.name in WHO)
        return sized or _may_be_for_several(text, entities)
    goods = [one for one in entities if one.name == "product_name" and one.end]
    several = len(goods) > 1 or any(" " in one.value for one in goods)
    named = any(one in _HOLDS_WHOM for one in words(text))
    return named or several or bool(_unmarked_beside(text, entities))


def _may_be_for_several(text: str, entities: Sequence[Entity]) -> bool:
    """ "Shwetha ko 1 biryani n infotech ko 2 coffee": whether "ko" stands once for each of several
    goods, and fewer names are marked."""
    named = [one for one in entities if one.name in WHO]
    goods = [one for one in entities if one.name == "product_name" and one.end]
    given = words(text).count("ko")
    return given > len(named) and len(goods) >= given


def _sizes_before_names(reader: Reader, text: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "1 red kurti M Komal": a letter between goods and a customer is a size."""
    found = list(entities)
    for at, (goods, whom) in enumerate(pairwise(entities)):
        sized = _SIZED_NAME.match(whom.value) if whom.name in WHO and whom.end else None
        if sized is None or goods.name != "product_name" or text[goods.end : whom.start].strip():
            continue
        rest = _piece(whom, sized.end(), len(whom.value), whom.name)
        if _is_customer(reader, rest.value) and not _is_customer(reader, whom.value):
            value = f"{goods.value} {sized[1]}"
            found[at] = replace(goods, value=value, normalized=None, end=whom.start + len(sized[1]))
            found[at + 1] = rest
    return found


def _buyer_in(reader: Reader, goods: Entity) -> list[Entity] | None:
    """A name at the beginning or the end of what was taken for goods, and the goods without it."""
    parts = list(re.finditer(r"\S+", goods.value))
    if _is_customer(reader, goods.value):
        return [replace(goods, name="customer_name", normalized=None)]
    for length in range(min(LONGEST_NAME, len(parts) - 1), 0, -1):
        rest = parts[length:]
        while len(rest) > 1 and rest[0][0].lower() in _HOLDS_WHOM:
            rest = rest[1:]
        joined = len(rest) < len(parts) - length
        of_goods = joined or _is_goods(reader, goods.value[rest[0].start() :])
        if of_goods and _is_customer(reader, goods.value[: parts[length - 1].end()]):
            first = _piece(goods, 0, parts[length - 1].end(), "customer_name")
            return [first, _piece(goods, rest[0].start(), len(goods.value), "product_name")]
        before = goods.value[: parts[-length - 1].end()]
        if _is_customer(reader, goods.value[parts[-length].start() :]) and _is_goods(
            reader, before
        ):
            last = _piece(goods, parts[-length].start(), len(goods.value), "customer_name")
            return [_piece(goods, 0, parts[-length - 1].end(), "product_name"), last]
    return None


def _piece(whole: Entity, start: int, end: int, name: str) -> Entity:
    at = whole.start
    return replace(
        whole,
        name=name,
        value=whole.value[start:end],
        normalized=None,
        start=at + start,
        end=at + end,
    )


def _before_of(reader: Reader, text: str, entities: Sequence[Entity]) -> Entity | None:
    """A customer right before a "ne", "ko" or "ka" whom no entity marks."""
    row = list(re.finditer(r"[^\s,;]+", text))
    for at, word in enumerate(row):
        if not {*words(word[0])} & _HOLDS_WHOM:
            continue
        for first in range(max(0, at - LONGEST_NAME), at):
            span = (row[first].start(), row[at - 1].end())
            if any(_overlaps(one, span) for one in entities):
                continue
            said = text[span[0] : span[1]]
            if not only(words(said), "same_person") and _is_customer(reader, said):
                return Entity("customer_name", said, start=span[0], end=span[1])
    return None


def _beside_goods(reader: Reader, text: str, entities: Sequence[Entity]) -> Entity | None:
    """ "Infotech 20 meals, udhaar": a customer beside counted goods whom no entity marks."""
    row = _unmarked_beside(text, entities)
    for at, first in enumerate(row):
        for last in reversed(row[at : at + LONGEST_NAME]):
            said = text[first.start() : last.end()]
            if any(_overlaps(one, (first.start(), last.end())) for one in entities):
                continue
            if _is_customer(reader, said):
                return Entity("customer_name", said, start=first.start(), end=last.end())
    return None


def _unmarked_beside(text: str, entities: Sequence[Entity]) -> list[re.Match[str]]:
    """The words beside counted goods that no entity marks and that may be of a name."""
    if not {"product_name", "quantity"} <= {one.name for one in entities}:
        return []
    return [
        word
        for word in _WORDS.finditer(text)
        if len(word[0]) > SHORTEST
        and not any(_overlaps(one, word.span()) for one in entities)
        and not only(words(word[0]), "filler")
        and not only(words(word[0]), "same_person")
    ]


def _is_goods(reader: Reader, said: str) -> bool:
    """Whether a text is surely goods of the shop, and not so many of them."""
    if parse_number(said.split()[0]) is not None:
        return False
    return is_called(reader, said)


def is_called(reader: Reader, said: str) -> bool:
    """Whether goods of the shop are surely called so."""
    return any(one.score >= CERTAIN for one in catalogue.find_products(reader, said, limit=1))


def _is_customer(reader: Reader, said: str) -> bool:
    """Whether a text is surely a customer's name, in all its words, and no goods of the shop."""
    if len(said.replace(" ", "")) < SHORTEST or only(words(said), "filler"):
        return False
    if only(words(said), "colours"):
        return False
    named = [
        one.item for one in parties.find_customers(reader, said, limit=2) if one.score >= CERTAIN
    ]
    if not named or not all(set(words(said)) <= set(words(one.name)) for one in named):
        return False
    return not any(one.score >= CERTAIN for one in catalogue.find_products(reader, said, limit=1))


def without_greetings(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """The entities with the goods of "namaste atta hai kya" as atta alone, and those of "ek grahak
    cover le gaya" as a cover; nothing is called "arey" or "sorry"."""
    apart = []
    for one in entities:
        if one.name in NAMES and only(words(one.value), "undoing.sorry"):
            continue
        greeted = one.name == "product_name" and _begins(text, one)
        named = _behind(_behind(one, "greetings"), "undoing.sorry") if greeted else one
        apart.append(_behind_shopper(named) if one.name == "product_name" else named)
    return apart


def _begins(text: str, one: Entity) -> bool:
    return bool(one.end) and only(words(text[: one.start]), "greetings")


def _behind_shopper(goods: Entity) -> Entity:
    """ "Grahak cover" is a cover; "ladki ki kurti" stays as it is."""
    name = _behind(goods, "shoppers")
    return goods if name.end and only(words(name.value)[:1], "behind_a_name") else name


def _behind(goods: Entity, cues: str) -> Entity:
    """The goods behind such words; as they are, where they are nothing else."""
    greeted = 0
    for word in _WORDS.finditer(goods.value):
        if not only(words(word[0]), cues):
            break
        greeted = word.end()
    name = goods.value[greeted:].lstrip(" ,;.!?")
    return (
        _piece(goods, len(goods.value) - len(name), len(goods.value), goods.name) if name else goods
    )


def may_name_what_is_put(text: str, entities: Sequence[Entity]) -> bool:
    """Whether goods may be called by a word for putting: "sorry dal 2 kg kardo"."""
    return _named_by_putting(text, entities) is not None


def goods_by_putting(reader: Reader, text: str, entities: list[Entity]) -> list[Entity]:
    """The entities with the dal of "dal 2 kg kardo" as goods, where the shop sells some: who puts
    goods on an order says "dal do", and how many before it."""
    word = _named_by_putting(text, entities)
    if word is None or not _is_goods(reader, word[0]):
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
        held = any(_overlaps(one, word.span()) for one in entities)
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
