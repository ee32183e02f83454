"""Work and goods, each with what it cost behind it: "ramesh ki activa: oil 350 labour 150",
"neha ka haircut ho gaya 300 gpay". The numbers count nothing, and nothing of it is an expense."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import product, takewhile
from typing import NamedTuple

from actions.context import Turn
from actions.entities import NUMBERS, Entity, paise_of
from actions.lexicon import only, says, which, words
from actions.match import customer_named
from actions.orders.in_few_words import TAKEN_FOR
from actions.reading.pieces import overlaps
from actions.reading.unmarked import MOST_WORDS, is_goods
from erp_core.catalogue.queries import Product, find_products
from erp_core.journal.context import Reader
from erp_core.kernel.matching import CERTAIN, bears
from erp_core.kernel.quantity import parse_unit
from erp_core.orders import queries as orders

_WORD = re.compile(r"[^\s,;:=+]+")
_SUM = re.compile(r"(?:rs\.?|₹)?\d[\d,]*(?:\.\d+)?(?:/-|rs)?", re.IGNORECASE)
LEAST_PAISE = 4000
"""A smaller number behind goods of the shelf counts them sooner: "parle 10"."""
_SHELF = (Decimal("0.8"), Decimal("1.25"))
"""Parts of its price at which goods of the shelf may be sold."""
MOST_BETWEEN = 4
"""So many words tell at most that work was done: "ka kaam ho gaya"."""
FEWEST = 2
"""So many prices in a row tell of a sale, whoever bought."""
MOST_ORDERS = 20
MOST_COUNTED = 20
MOST_OF_FAMILY = 4
_ELSE = (
    "asking", "negation", "cancel", "stock.arrived", "buying.purchased", "sets_rate",
    "priced.unless",
)  # fmt: skip
_WHO = frozenset({"customer_name", "person", "vendor_name"})


class _Priced(NamedTuple):
    """Goods side by side, the sum behind them, whether it is near what they are listed at, whether
    they are work, and how many of them are counted between."""

    goods: Sequence[Entity]
    money: Entity
    near: bool
    service: bool
    count: Entity | None = None
    listed: bool = False
    """Whether it is just what they are listed at."""


def sold_at_prices(turn: Turn) -> Turn | None:
    """The message as a sale of one of each, at what stands behind it; None where it tells of
    anything else."""
    may_be = turn.intent in TAKEN_FOR | {"order_create", "invoice_generate"}
    if not turn.is_user or turn.is_not_words or not may_be or "?" in turn.text:
        return None
    if any(says(turn.words, cue) for cue in _ELSE) or turn.metadata.get("kind") == "button":
        return None
    row = list(_WORD.finditer(turn.text))
    if not any(_SUM.fullmatch(one[0]) for one in row):
        return None
    with turn.read() as reader:
        priced = _priced(reader, turn, row)
        if not _are_prices(priced):
            return None
        buyer = _buyer(reader, turn, row, priced)
        if turn.intent == "payment_record" and buyer and _has_ordered(reader, buyer, priced):
            return None
    paid = turn.method is not None or says(turn.words, "on_khata")
    if buyer is None and not (paid or (len(priced) >= FEWEST and turn.intent == "order_create")):
        return None
    return _sale(turn, priced, buyer)


def _priced(reader: Reader, turn: Turn, row: Sequence[re.Match[str]]) -> list[_Priced]:
    """The sums of a message that stand behind goods which nothing counts."""
    found: list[_Priced] = []
    for at, number in enumerate(row):
        measured = any(one.name == "unit" and one.start == number.end() for one in turn.entities)
        if not _SUM.fullmatch(number[0]) or measured or _is_counted(row[at + 1 : at + 2]):
            continue
        if _count_behind(row[: at + 2]) and any(
            _SUM.fullmatch(one[0]) for one in row[at + 2 :][:1]
        ):
            continue
        between = list(takewhile(_is_done, reversed(row[max(0, at - MOST_BETWEEN) : at])))
        count = _count_behind(row[:at]) if not between else None
        goods = _goods_ending(reader, turn.text, row[: at - (2 if count else len(between))])
        if not goods or _is_counted_before(row, goods[0], found):
            continue
        known = [_known(reader, one.value) for one in goods]
        if count and not _is_called(known[-1], row[at - 1][0]):
            continue
        money = Entity("amount", number[0], start=number.start(), end=number.end())
        paise = paise_of(money) or 0
        service = all(one.is_service for each in known for one in each)
        if between and not service:
            continue
        exact = [each for each in product(*known) if _listed(each) == paise]
        if len(exact) == 1:
            pairs = zip(goods, exact[0], strict=True)
            goods = [replace(one, value=meant.name) for one, meant in pairs]
        each = paise // int(count.value) if count else paise
        near = any(_is_near(one, each) for one in known[-1]) or _are_near(known, each)
        listed = not count and any(one.price_paise == paise for one in known[-1])
        found.append(_Priced(goods, money, near, service, count, listed))
    return found


def _count_behind(row: Sequence[re.Match[str]]) -> Entity | None:
    """The number of "balancing 4 wheel" in front of what all of them cost."""
    if len(row) < MOST_WORDS or not row[-2][0].isdecimal() or _SUM.fullmatch(row[-1][0]):
        return None
    number = row[-2]
    count = Entity("quantity", number[0], start=number.start(), end=number.end())
    return count if 0 < int(number[0]) <= MOST_COUNTED else None


def _is_counted_by(one: Entity, pair: _Priced) -> bool:
    """Whether an entity stands between a count behind goods and what they cost."""
    return pair.count is not None and pair.count.end <= one.start < pair.money.start


def _is_called(known: Iterable[Product], word: str) -> bool:
    """Whether what was counted behind goods is a word of their name, or a unit."""
    said = words(word)
    named = any(one in words(each.name) for each in known for one in said)
    return named or parse_unit(word) is not None


def _is_done(word: re.Match[str]) -> bool:
    return only(words(word[0]) or ("-",), "priced.between")


def _is_counted(behind: Sequence[re.Match[str]]) -> bool:
    """Whether what stands behind a number is a unit, or a part of a hundred."""
    return any(parse_unit(one[0]) is not None or one[0].startswith("%") for one in behind)


def _goods_ending(reader: Reader, text: str, row: Sequence[re.Match[str]]) -> list[Entity]:
    """The goods whose names end a row of words, one behind the other."""
    found: list[Entity] = []
    while row and (goods := _last_goods(reader, text, row)) is not None:
        found.insert(0, goods)
        row = [one for one in row if one.end() <= goods.start]
        while row and only(words(row[-1][0]) or ("-",), "joining"):
            row = row[:-1]
    return found


def _last_goods(reader: Reader, text: str, row: Sequence[re.Match[str]]) -> Entity | None:
    for first in range(max(0, len(row) - MOST_WORDS), len(row)):
        start, end = row[first].start(), row[-1].end()
        said = text[start:end]
        if any(sign in said for sign in ",;:=+") or _SUM.fullmatch(row[first][0]):
            continue
        if is_goods(reader, said):
            return Entity("product_name", said, start=start, end=end)
    return None


def _is_counted_before(
    row: Sequence[re.Match[str]], goods: Entity, priced: Sequence[_Priced]
) -> bool:
    """Whether a number that is no price stands in front of goods, with a unit or without."""
    before = [one for one in row if one.end() <= goods.start][-2:]
    if before and parse_unit(before[-1][0]) is not None:
        before.pop()
    price = bool(before) and any(one.money.start == before[-1].start() for one in priced)
    return bool(before) and not price and _SUM.fullmatch(before[-1][0]) is not None


def _known(reader: Reader, said: str) -> list[Product]:
    found = [one.item for one in find_products(reader, said) if one.score >= CERTAIN]
    return [one for one in found if bears(one.name, said)][:MOST_OF_FAMILY]


def _of_all(reader: Reader, pair: _Priced) -> list[Product]:
    return [one for goods in pair.goods for one in _known(reader, goods.value)]


def _listed(goods: Iterable[Product]) -> int:
    return sum(one.price_paise for one in goods)


def _are_near(known: Sequence[Sequence[Product]], paise: int) -> bool:
    """Whether a sum may be what several goods side by side come to."""
    low, high = _SHELF
    sums = [_listed(each) for each in product(*known)] if len(known) > 1 else []
    return any(low * one <= paise <= high * one for one in sums)


def _is_near(one: Product, paise: int) -> bool:
    """Whether a sum may be the price of goods; work costs what it takes."""
    if not one.is_service:
        low, high = (share * one.price_paise for share in _SHELF)
        return paise >= LEAST_PAISE and low <= paise <= high
    most = 5 if one.price_paise >= 2 * LEAST_PAISE else 2
    return one.price_paise <= paise * most and paise <= one.price_paise * most


def _are_prices(priced: Sequence[_Priced]) -> bool:
    near = [one for one in priced if one.near]
    several = len(near) >= FEWEST and 2 * len(near) > len(priced)
    several = several or (len(priced) >= FEWEST and all(one.listed for one in priced))
    return several or (len(priced) == 1 == len(near) and near[0].service)


def _buyer(
    reader: Reader, turn: Turn, row: Sequence[re.Match[str]], priced: Sequence[_Priced]
) -> Entity | None:
    """Who buys here, of those who are named, marked or not."""
    for one in turn.entities:
        if one.name in _WHO and one.end and customer_named(reader, one.value).one:
            return replace(one, name="customer_name")
    taken = [one for pair in priced for one in (*pair.goods, pair.money)]
    for most in (2, 1):
        for first in range(len(row) - most + 1):
            start, end = row[first].start(), row[first + most - 1].end()
            said = turn.text[start:end]
            free = not any(overlaps(one, (start, end)) for one in taken)
            named = free and not any(_says_else(word) for word in words(said))
            if named and customer_named(reader, said).one:
                return Entity("customer_name", said, start=start, end=end)
    return None


def _has_ordered(reader: Reader, buyer: Entity, priced: Sequence[_Priced]) -> bool:
    """Whether just such work is on the books for somebody, who pays for that."""
    whose = customer_named(reader, buyer.value).one
    booked = orders.open_orders(reader, whose.id, limit=MOST_ORDERS) if whose else []
    held = {line.product_id for one in booked for line in one.lines}
    return any(one.id in held for pair in priced for one in _of_all(reader, pair))


def _says_else(word: str) -> bool:
    cues = ("filler", "postpositions", "priced.between", "money_given", "on_khata", "advance")
    return len(word) < FEWEST + 1 or which(word, "methods") or any(only([word], c) for c in cues)


def _sale(turn: Turn, priced: Sequence[_Priced], buyer: Entity | None) -> Turn:
    new = [one for pair in priced for one in (*pair.goods, pair.money)]
    new += [buyer] if buyer else []
    new += [pair.count for pair in priced if pair.count]
    new.sort(key=lambda one: one.start)
    alone = [pair for pair in priced if len(pair.goods) == 1 and not pair.count]
    goods = [one for pair in alone for one in pair.goods]
    ones = [Entity("quantity", "1", start=one.start, end=one.start) for one in goods]
    kept = [
        replace(one, name="amount") if one.name in NUMBERS and one.start > new[-1].end else one
        for one in turn.entities
        if one.name not in ("item", "person", "vendor_name")
        and not any(overlaps(one, (each.start, each.end)) for each in new)
        and not any(_is_counted_by(one, pair) for pair in priced)
    ]
    found = sorted([*kept, *ones, *new], key=lambda one: (one.start, one.end))
    return replace(turn, intent="order_create", entities=found, confidence=1.0)
