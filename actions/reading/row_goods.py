"""What goods a row of words names, and how strange their numbers would be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

from actions.lexicon import only, which, words
from actions.reading.specifications import COUNTING
from erp_core.catalogue import queries as catalogue
from erp_core.catalogue.queries import Product
from erp_core.inventory import queries as inventory
from erp_core.journal.context import Reader
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.kernel.matching import CERTAIN, search_key
from erp_core.kernel.quantity import UNITS, parse_unit

if TYPE_CHECKING:
    from actions.reading.rows import Token

LOST_NUMBER = 40
LOST_NAME = 20
UNKNOWN = 25
UNKNOWN_SIZE = 15
"""Goods of another size than the shop has, which it is asked about."""
ONE_OF_FAMILY = 3
NO_COUNT = 15
RATED_NO_COUNT = 8
MORE_THAN_THERE_IS = 30
OTHER_UNIT = 20
BROKEN = 50
AS_RATE = 10
"""A count that is just what one costs."""
SMALL_SAID, SMALL_USUAL, SMALL_UNUSUAL = 5, 10, 25
STRANGE_RATE = 45
RATES = (
    (Decimal("1"), Decimal("1"), 0),
    (Decimal("0.7"), Decimal("1.3"), 5),
    (Decimal("0.4"), Decimal("2"), 12),
)
"""Between which parts of the list's rate another is asked, and how strange that is."""
MARKED_RATE = (Decimal("0.3"), Decimal("3"), 0)
LEAST_RATE = 500
"""From so many paise on a count that is just the rate is strange; of toffees at ₹1 it is not."""
SMALL = {"kg": "gram", "litre": "ml"}
MEASURES = frozenset({*SMALL, *SMALL.values()})
STEP = 50
"""In steps of so many grams or ml what is sold by the kilo is bought with no word of a unit."""
USUAL = frozenset({Decimal(250), Decimal(500), Decimal(750)})
"""So many grams are bought with no word of it: a pav, half a kilo, three pav."""
MOST_FOUND = 40
SHORTEST = 3

_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Item:
    """Goods with their count, unit and rate in paise, and the words that say them."""

    goods: tuple[Product, ...] = ()
    count: Decimal | None = None
    unit: str | None = None
    rate: int | None = None
    marked: bool = False
    """Whether words make the sum a rate."""
    front: bool | None = None
    """Whether the count stands before the goods; None where there is none."""
    plain: bool = False
    """Whether a count without a unit is one of the goods' own."""
    said: str = ""
    name: tuple[Token, ...] = ()
    counted: Token | None = None
    unit_at: Token | None = None
    rated: Token | None = None

    @property
    def ids(self) -> tuple[UUID, ...]:
        """Which goods they are."""
        return tuple(one.id for one in self.goods)


class RowGoods:
    """The shop's goods as the words of one message mean them."""

    def __init__(self, reader: Reader, text: str, *, leave: bool) -> None:
        """Take the shop's books; `leave`: whether goods leave it, which then has so many."""
        self.reader = reader
        self.leave = leave
        self.text = text
        self._called: dict[str, list[Product]] = {}
        self._there: dict[UUID, Decimal | None] = {}
        self._meant: dict[tuple[object, ...], Item | None] = {}

    def names_word(self, word: str) -> bool:
        """Whether a word stands in the name of some goods."""
        names = catalogue.product_names(self.reader)
        keys = search_key(word).split()
        return len(word) >= SHORTEST and bool(keys) and all(names.holds(one) for one in keys)

    def called(self, said: str) -> list[Product]:
        """The goods that are surely meant by a name."""
        if said not in self._called:
            found = catalogue.find_products(self.reader, said, limit=MOST_FOUND) if said else []
            self._called[said] = [one.item for one in found if one.score >= CERTAIN]
        return self._called[said]

    def named(self, said: str) -> list[Product]:
        """The goods of a name in words; a number alone is none."""
        return self.called(said) if any(sign.isalpha() for sign in said) else []

    def knows(self, said: str) -> bool:
        """Whether a name has no word but of the shop's goods, or surely means some."""
        row = [one for one in words(said) if not only([one], "joining")]
        bare = [one for one in row if not _counts(one)]
        if row and all(self.names_word(one) for one in bare):
            return True
        of_size = which(" ".join(bare), "specifications") in COUNTING
        return not of_size and bool(self.called(" ".join(bare)))

    def meant(self, name: Sequence[Token], former: Item | None) -> Item | None:
        """The goods of a name with its sizes, told by those before it where it names but a size;
        None where the words cannot be a name."""
        key = (tuple(name), former.ids if former else ())
        if key not in self._meant:
            self._meant[key] = self._find(name, former)
        return self._meant[key]

    def _find(self, name: Sequence[Token], former: Item | None) -> Item | None:
        said = " ".join(one.text for one in name if one.kind == "goods")
        sizes = [one.number for one in name if one.number is not None]
        measures = [one.text for one in name if one.kind == "measure"]
        before = former.goods if former else ()
        if not said and not before and not _tells_alone(measures):
            return None
        if said or not before:
            known = self.called(said or " ".join(one.text for one in name))
        else:
            known = self._alike(before[0])
        fitting = [one for one in known if _has_sizes(one, sizes)]
        told = bool(sizes) or (bool(said) and only(words(said), "colours"))
        if before and told and fitting and (fitting[1:] or not said):
            fitting = _nearest(fitting, before[0], alone=not said)
        whole = " ".join(one.text for one in name)
        if fitting and (said or len(fitting) == 1):
            return Item(tuple(fitting), said=fitting[0].name if told and not fitting[1:] else whole)
        if measures:
            of = re.split(r"\s*\d", before[0].name)[0] if before and not said else ""
            return Item(said=f"{of} {whole}".strip())
        return Item(said=whole) if said and not sizes else None

    def _alike(self, product: Product) -> list[Product]:
        """The goods that share a word with others."""
        shared = (self.called(one) for one in words(product.name) if one.isalpha())
        return list({one.id: one for each in shared for one in each}.values())

    def cost_of(self, item: Item) -> int:
        """How strange the numbers of some goods are."""
        if not item.goods:
            measured = any(one.kind == "measure" for one in item.name)
            numbers = sum(one.number is not None for one in item.name)
            least = UNKNOWN_SIZE + UNKNOWN * max(0, numbers - 1) if measured else UNKNOWN
            return least + (NO_COUNT if item.count is None else 0)
        family = ONE_OF_FAMILY if len(item.goods) > 1 else 0
        few = item.goods[:MOST_FOUND]
        return family + min(self._count_cost(item, one) + _rate_cost(item, one) for one in few)

    def _count_cost(self, item: Item, product: Product) -> int:
        if item.count is None:
            return RATED_NO_COUNT if item.rate == product.price_paise else NO_COUNT
        if self._is_small(item, product):
            if item.plain:
                return MORE_THAN_THERE_IS
            if self._says_small(product):
                return SMALL_SAID
            return SMALL_USUAL if item.count in USUAL else SMALL_UNUSUAL
        count = product.in_own_unit(item.count, item.unit) if item.unit else item.count
        if count is None:
            return OTHER_UNIT if item.unit in MEASURES else 0
        if count <= 0 or (UNITS[product.unit].whole and count % 1 != 0):
            return BROKEN
        there = self._available(product)
        if there is not None and count > there:
            return MORE_THAN_THERE_IS
        same = item.rate is None and count * 100 == product.price_paise >= LEAST_RATE
        return AS_RATE if same else 0

    def small_unit(self, item: Item) -> str | None:
        """The smaller unit that a count without one is in."""
        if len(item.goods) != 1 or not self._is_small(item, item.goods[0]):
            return None
        return SMALL[item.goods[0].unit]

    def _is_small(self, item: Item, product: Product) -> bool:
        """Whether a bare number counts grams of what is sold by the kilo."""
        count = item.count
        if (
            not self.leave
            or product.unit not in SMALL
            or item.unit
            or count is None
            or count % STEP
            or count <= 0
        ):
            return False
        if self._says_small(product):
            return count < 1000
        there = self._available(product)
        return there is not None and there < count < 1000

    def _says_small(self, product: Product) -> bool:
        return SMALL.get(product.unit) in self._units_said

    @cached_property
    def _units_said(self) -> frozenset[str]:
        return frozenset(
            unit for one in re.findall(r"[^\W\d_]+", self.text) if (unit := parse_unit(one))
        )

    def _available(self, product: Product) -> Decimal | None:
        """How much there is of goods that leave; None of what is only done."""
        if product.is_service or not self.leave:
            return None
        if product.id not in self._there:
            self._there[product.id] = inventory.stock(self.reader, product.id).available
        return self._there[product.id]


def _rate_cost(item: Item, product: Product) -> int:
    if item.rate is None or product.price_paise <= 0:
        return 0
    if item.count and item.rate == product.price_of(item.count):
        return 2
    part = Decimal(item.rate) / product.price_paise
    bands = (MARKED_RATE,) if item.marked else RATES
    return next((cost for least, most, cost in bands if least <= part <= most), STRANGE_RATE)


def _counts(word: str) -> bool:
    """Whether a word is a number or a unit."""
    return (
        parse_unit(word) is not None
        or (len(word) > 1 and parse_number(word) is not None)
        or word.isdigit()
    )


def _tells_alone(measures: Sequence[str]) -> bool:
    """Whether a measure with its number may name goods with no other word: "6 seater"."""
    return bool(measures) and not any(which(one, "specifications") in COUNTING for one in measures)


def _has_sizes(product: Product, sizes: Sequence[Decimal | None]) -> bool:
    own = [Decimal(one) for one in _NUMBER.findall(product.name)]
    return all(one in own for one in sizes)


def _nearest(known: Sequence[Product], former: Product, *, alone: bool) -> list[Product]:
    """Those whose names have the most words of the goods before them."""
    theirs = {one for one in words(former.name) if one.isalpha()}
    shared = {one.id: len(theirs & set(words(one.name))) for one in known}
    most = max(shared.values())
    if alone and not most:
        return []
    return [one for one in known if shared[one.id] == most]
