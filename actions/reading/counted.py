"""How many there are of what a message names: "5 kg chini hai kya", "2 cylinder 1850 ka ek"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from actions.context import Turn
from actions.entities import Entity, is_for_one, number_of, paise_of, unit_in
from actions.lexicon import only, says, words
from erp_core.catalogue.queries import Product
from erp_core.kernel.money import half_up
from erp_core.kernel.quantity import parse_unit, plain

_COUNT = re.compile(r"(?<![\w.,/-])(\d{1,4}(?:\.\d+)?)(?![\w.,/%-])")
NEAR = 4
"""So many words behind an amount it is said for how many it is."""


@dataclass(frozen=True)
class Counted:
    """How many there are, in the unit that is written, and what one of them costs in paise; None
    where the amount is for all."""

    number: Decimal
    unit: str
    rate: int | None

    @property
    def whole(self) -> int | None:
        """What all of them cost."""
        return None if self.rate is None else half_up(self.rate * self.number)

    def __str__(self) -> str:
        return f"{plain(self.number)} {self.unit}".strip()


def counted_at_a_rate(turn: Turn) -> Counted | None:
    """How many were bought for the one amount of a message; None where that is not said."""
    amounts = [one for one in turn.all("amount") if one.end]
    if len(amounts) != 1:
        return None
    (amount,) = amounts
    paise, behind = paise_of(amount), words(turn.text[amount.end :])[:NEAR]
    counts = [one for one in turn.all("quantity") if one.end and not _is_one(one, amount)]
    found = [(number_of(one), one.end) for one in counts] or _figures_beside(turn)
    number, end = found[0] if len(found) == 1 else (None, 0)
    if not paise or number is None or number <= 0:
        return None
    following = turn.text[end:].split()[:1]
    unit = following[0] if following and parse_unit(following[0]) else ""
    each = is_for_one(turn.text, amount) or _says_for_one(behind, unit)
    return Counted(number, unit, paise if each else None)


def _is_one(count: Entity, amount: Entity) -> bool:
    """Whether a count is the one that a rate is for: "1500 ki ek bori"."""
    return count.start >= amount.end and number_of(count) == 1


def _figures_beside(turn: Turn) -> list[tuple[Decimal | None, int]]:
    """The counts that the language components did not see: "cylinder 2 liye", "doodh 20 litre"."""
    named = ("product_name", "item")
    taken = [(one.start, one.end) for one in turn.entities if one.end and one.name not in named]
    return [
        (Decimal(one[1]), one.end())
        for one in _COUNT.finditer(turn.text)
        if not any(start < one.end() and one.start() < end for start, end in taken)
    ]


def _says_for_one(behind: tuple[str, ...], unit: str) -> bool:
    """Whether "ek", "each" or the unit itself follows an amount: "1850 ka ek", "40 rupay kilo"."""
    rest = [one for one in behind if not only([one], "money_words")]
    if rest and only(rest[:1], "one_of_them"):
        return True
    same = parse_unit(unit) if unit else None
    return says(behind, "for_each") or bool(rest and same and parse_unit(rest[0]) == same)


def count_asked(turn: Turn, product: Product) -> Decimal | None:
    """The one count of a message in a product's own unit; None where that cannot be told."""
    counts, units = turn.all("quantity"), turn.all("unit")
    if len(counts) != 1 or len(units) > 1 or len(turn.all("product_name")) != 1:
        return None
    number = number_of(counts[0])
    rate = not units and is_for_one(turn.text, counts[0])
    if number is None or number <= 0 or rate:
        return None
    unit = unit_in(units[0]) if units else product.unit
    return product.in_own_unit(number, unit) if unit else None
