"""A sale in so few words that it was taken for anything else: "study table 3600 me diya", "jhumka 3
500 me kavita", "ray ban ek 6000 me de diya card se".

Every word must be known: goods of the shop, somebody who buys here, a number, or a word of selling.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from actions.context import Turn
from actions.entities import Entity, number_of, paise_of, unit_in
from actions.lexicon import only, says, which, words
from actions.match import customer_named, just_spoken_of, product_named
from actions.purchases.vendors import stands_before
from actions.reading.size_ahead import with_size_ahead
from actions.reading.specifications import with_specifications
from erp_core.catalogue.queries import Product
from erp_core.journal.context import Reader
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.kernel.quantity import UNITS, convert, parse_unit

TAKEN_FOR = frozenset(
    {
        "payment_record", "expense_log", "out_of_scope", "nlu_fallback", "order_modify",
        "inventory_update", "price_update", "khata_credit", "share_expense", "repay_debt",
        "report_request",
        "language_change",
    }
)  # fmt: skip
"""What such a message is taken for."""
STOCK_OR_RATE = frozenset({"inventory_update", "price_update"})
"""Of which goods with their number and rate may as well be told, where no word says more."""
MOST_WORDS = 12
NEAR = 3
"""So many times the price of the list, or a part of it, goods are sold at."""
_WORD = re.compile(r"[^\s,;]+")
NEAR_ONE = (Decimal("0.6"), Decimal("1.25"))
"""The same of goods that are not counted: of what is far off it is asked how many they were."""
_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_SUM = re.compile(r"(?:rs\.?|₹)?([\d,]+(?:\.\d+)?)(?:/-|rs)?", re.IGNORECASE)


class _Said(NamedTuple):
    """A word and what it is: a number, a unit, a name, or beside them."""

    word: str
    kind: str
    start: int
    end: int


def as_sale(turn: Turn) -> Turn | None:
    """The message with its goods, their number, the sum and the buyer marked, where it says no more
    than that they were sold."""
    told = _may_be_else(turn) or _may_be_lent(turn)
    if not turn.is_user or not told or turn.metadata.get("kind") == "button":
        return None
    changes = turn.intent == "order_modify" and just_spoken_of(turn, "order")
    does = says(turn.words, "do_it") and not _may_be_lent(turn)
    back = says(turn.words, "gone_back.back")
    if turn.is_not_words or changes or does or back:
        return None  # "charger 500 kar do" sets a rate, and "kar" begins many a name
    row = _row(turn)
    if row is None:
        return None
    with turn.read() as reader:
        named = _named(reader, turn.text, row)
        product = _product(reader, named) if named else None
    if named is None or product is None:
        return None
    sale = _with_sum(turn, named, product)
    if sale is not None and _is_lent(turn, sale, product):
        return sale
    sold = sale is not None and _may_be_else(turn) and _is_sold(turn, sale)
    return sale if sold else None


def _may_be_else(turn: Turn) -> bool:
    """Whether a message was taken for something else, or for an order without a count."""
    uncounted = turn.first("amount") is not None and turn.first("quantity") is None
    return turn.intent in TAKEN_FOR or (turn.intent == "order_create" and uncounted)


def _may_be_lent(turn: Turn) -> bool:
    """ "Farida ko white shirt udhaar", "Shabnam ko payal 300 udhaar", often taken for a question
    about the khata, or for money that was lent."""
    taken = turn.intent in TAKEN_FOR | {"khata_query", "order_create"}
    counted = turn.first("quantity") or says(turn.words, "owed_before")
    return taken and says(turn.words, "on_khata") and not counted


def _is_lent(turn: Turn, sale: Turn, product: Product) -> bool:
    """Whether goods that go by the piece, and that nobody counts, go to a buyer on the khata."""
    kinds = {one.name for one in sale.entities if one.end} - {"unit", "amount"}
    uncounted = kinds == {"customer_name", "product_name"} and UNITS[product.unit].whole
    bought = any(stands_before(turn, one, "se", "from") for one in sale.entities)
    return uncounted and not bought and _may_be_lent(turn)


def _row(turn: Turn) -> list[_Said] | None:
    """The words of a message; None where one of them says something else, or none is a name."""
    said = [_Said(one[0], "", *one.span()) for one in _WORD.finditer(turn.text)]
    if not NEAR <= len(said) <= MOST_WORDS:
        return None
    row: list[_Said] = []
    lent = says(turn.words, "on_khata")
    for one in said:
        kind = _kind(one.word, row[-1].word if row else "")
        lends = lent and any(
            only(words(one.word) or ("-",), cue) for cue in ("took", "few_words.noted")
        )
        is_beside = lends or _is_half_paid(turn.text, one)
        row.append(one._replace(kind="beside" if is_beside else kind))
    row = _with_names_whole(turn, row)
    kinds = {one.kind for one in row}
    told = lent or "number" in kinds
    return row if told and "name" in kinds and "else" not in kinds else None


def _with_names_whole(turn: Turn, row: list[_Said]) -> list[_Said]:
    """The words with those of the goods as names, though they are units or postpositions as well:
    "balti", "pani ki bottle"."""
    goods = [one for one in turn.all("product_name") if one.end]
    return [
        one._replace(kind="name")
        if one.kind in ("unit", "beside")
        and any(each.start <= one.start and one.end <= each.end for each in goods)
        else one
        for one in row
    ]


def _is_half_paid(text: str, one: _Said) -> bool:
    """The "aadha" of "aadha cash aadha upi", which counts no goods."""
    behind = words(text[one.end :])[:1] or ("-",)
    return only(words(one.word) or ("-",), "half") and which(behind[0], "methods") is not None


def _kind(word: str, before: str) -> str:
    folded = words(word)
    if before and only(folded, "few_words.two") and only(words(before), "few_words.before_do"):
        return "beside"
    if _SUM.fullmatch(word):
        return "number"
    if parse_unit(word) is not None:
        return "unit"
    if parse_number(word) is not None:
        return "number"
    if (
        not folded
        or which(word, "methods")
        or which(word, "specifications")
        or only(folded, "few_words.beside")
    ):
        return "beside"
    if any(says(folded, cue) for cue in ("asking", "negation", "cancel", "do_it")):
        return "else"
    return "name"


def _named(reader: Reader, text: str, row: Sequence[_Said]) -> list[Entity] | None:
    """The goods, numbers and the buyer of a message; None where a name is neither's."""
    found = [
        Entity(
            "quantity" if one.kind == "number" else "unit", one.word, start=one.start, end=one.end
        )
        for one in row
        if one.kind in ("number", "unit")
    ]
    for run in _runs(row):
        marked = _goods_or_buyer(reader, text, run)
        if marked is None:
            return None
        found += marked
    kinds = [one.name for one in found]
    if kinds.count("product_name") != 1 or kinds.count("customer_name") > 1:
        return None
    ordered = sorted(found, key=lambda one: one.start)
    sized = with_size_ahead(reader, text, ordered)
    return _told_apart(reader, with_specifications(reader, text, sized))


def _told_apart(reader: Reader, named: list[Entity]) -> list[Entity]:
    """ "Carrom 26 ek 1350": where a count and a sum are said besides, the number behind a family
    is the one that stands in the name of one of it."""
    goods = next(one for one in named if one.name == "product_name")
    numbers = [one for one in named if one.name == "quantity"]
    size = next((one for one in numbers if one.start >= goods.end), None)
    if len(numbers) < NEAR or size is None:
        return named
    family = product_named(reader, goods.value).options
    meant = [one for one in family if size.value in _DIGITS.findall(one.name)]
    if len(meant) != 1:
        return named
    whole = replace(goods, value=meant[0].name, end=size.end)
    return [whole if one is goods else one for one in named if one is not size]


def _runs(row: Sequence[_Said]) -> list[list[_Said]]:
    """Names, each with the words of it that stand together."""
    runs: list[list[_Said]] = []
    for at, one in enumerate(row):
        if one.kind != "name":
            continue
        if at and row[at - 1].kind == "name":
            runs[-1].append(one)
        else:
            runs.append([one])
    return runs


def _goods_or_buyer(reader: Reader, text: str, run: Sequence[_Said]) -> list[Entity] | None:
    """A name as goods, as a buyer, or as both beside each other."""
    whole = _marked(reader, text, run)
    if whole is not None:
        return [whole]
    for at in range(1, len(run)):
        pair = [_marked(reader, text, run[:at]), _marked(reader, text, run[at:])]
        if {one.name for one in pair if one} == {"product_name", "customer_name"}:
            return [one for one in pair if one]
    return None


def _marked(reader: Reader, text: str, run: Sequence[_Said]) -> Entity | None:
    start, end = run[0].start, run[-1].end
    said = text[start:end].strip(".!?")
    goods = product_named(reader, said)
    if goods.one or (goods.options and not goods.guesses):
        return Entity("product_name", said, start=start, end=end)
    buyer = customer_named(reader, said)
    if buyer.one or (buyer.options and not buyer.guesses):
        return Entity("customer_name", said, start=start, end=end)
    return None


def _product(reader: Reader, named: Sequence[Entity]) -> Product | None:
    """The goods that are sold; of a family one of them, to compare its price."""
    goods = next(one for one in named if one.name == "product_name")
    found = product_named(reader, goods.value)
    return found.one or next(iter(found.options), None)


def _with_sum(turn: Turn, named: Sequence[Entity], product: Product) -> Turn | None:
    """The sale with the number that is its money marked so, and the count that it leaves out; None
    where more numbers are said, or none may be the price."""
    numbers = [one for one in named if one.name == "quantity"]
    sums = [one for one in numbers if _may_be_sum(one, numbers, named, product)][-1:]
    counts = [one for one in numbers if one not in sums]
    money = [one for one in turn.all("amount") if any(one.start == c.start for c in counts)]
    if len(counts) > 1 or (not sums and (money or len(numbers) > 1)):
        return None
    kept = [replace(one, name="amount") if one in sums else one for one in named]
    if not counts:
        at = next((one.start for one in named if one.name == "unit"), 0)
        kept.append(Entity("quantity", "1", start=at, end=at))
    ordered = sorted(kept, key=lambda one: one.start)
    return replace(turn, intent="order_create", entities=ordered, confidence=1.0)


def with_one_piece(turn: Turn, price: Entity | None) -> Turn:
    """ "A15 17500 me diya, 10000 mile": goods that nobody counts are one, at such a price."""
    goods, counted = turn.all("product_name"), turn.first("quantity") or turn.first("unit")
    if price is None or counted or len(goods) != 1:
        return turn
    with turn.read() as reader:
        found = product_named(reader, goods[0].value).one
    paise = paise_of(price)
    if found is None or not paise:
        return turn
    if not NEAR_ONE[0] <= paise / Decimal(found.price_paise) <= NEAR_ONE[1]:
        return turn
    one = Entity("quantity", "1", start=goods[0].start, end=goods[0].start)
    return replace(turn, entities=sorted([*turn.entities, one], key=lambda each: each.start))


def _may_be_sum(
    one: Entity, numbers: Sequence[Entity], named: Sequence[Entity], product: Product
) -> bool:
    """Whether a number may be what the goods cost, each or all of them; where they are not counted,
    what one of them does."""
    paise, others = paise_of(one), [number_of(other) for other in numbers if other is not one]
    units = [other for other in named if other.name == "unit"]
    if paise is None or any(unit.start - one.end == 1 for unit in units):
        return False
    held = [convert(Decimal(1), unit_in(unit) or "", product.unit) for unit in units]
    counts = [count for count in (*others, *held) if count]
    if not counts:
        return NEAR_ONE[0] <= Decimal(paise) / product.price_paise <= NEAR_ONE[1]
    rates = [paise / product.price_paise / count for count in map(float, (1, *counts))]
    return any(rate * NEAR >= 1 and rate <= NEAR for rate in rates)


def _is_sold(turn: Turn, sale: Turn) -> bool:
    """Whether the words beside the goods tell of a sale, and of no money that was given."""
    said, money = turn.words, sale.first("amount")
    buyer, counted = sale.first("customer_name"), any(one.end for one in sale.all("quantity"))
    behind = words(turn.text[money.end :]) if money else ()
    priced = only(behind[:1] or ("-",), "few_words.behind_a_sum")
    given = says(said, "few_words.given")
    fitted = says(said, "few_words.fitted") and turn.method is not None
    if money is None or (given and not priced and not fitted):
        return bool(counted and buyer and not given and turn.intent != "inventory_update")
    if fitted or says(said, "few_words.sold") or (given and priced):
        return True
    if buyer and (counted or priced):
        return True
    paid = turn.method is not None or (priced and not turn.is_sure)
    return counted and bool(paid) and turn.intent not in STOCK_OR_RATE
