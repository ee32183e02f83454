"""Taxable value and tax by rate: what all returns are sums of. Amounts are paise."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from erp_core.journal.context import Reader
from erp_core.portals.reverse_charge import Charged, charges_between
from erp_core.portals.reverse_charged_goods import goods_between
from erp_core.purchases.queries import Bill


class Part(NamedTuple):
    """The part of a document that has one rate. A month makes very many, which is why it is a
    tuple."""

    rate: int
    taxable: int = 0
    cgst: int = 0
    sgst: int = 0
    igst: int = 0
    cess: int = 0

    def plus(self, other: Part, sign: int = 1) -> Part:
        """The sum, or with sign=-1 the difference."""
        return Part(
            self.rate,
            self.taxable + sign * other.taxable,
            self.cgst + sign * other.cgst,
            self.sgst + sign * other.sgst,
            self.igst + sign * other.igst,
            self.cess + sign * other.cess,
        )

    @property
    def tax(self) -> int:
        """All heads, cess too."""
        return self.cgst + self.sgst + self.igst + self.cess


def sum_of(parts: Iterable[tuple[Part, int]]) -> Part:
    """The sum of (part, sign)."""
    total = Part(0)
    for part, sign in parts:
        total = total.plus(part, sign)
    return total


def by_rate(parts: Iterable[Part]) -> tuple[Part, ...]:
    """A sum for each rate, the lowest first."""
    found: dict[int, Part] = {}
    for part in parts:
        found[part.rate] = found.get(part.rate, Part(part.rate)).plus(part)
    return tuple(found[rate] for rate in sorted(found))


def under_reverse_charge(reader: Reader, start: date, end: date) -> list[Bill | Charged]:
    """Goods and services of some days whose tax the business owes itself."""
    return [*goods_between(reader, start, end), *charges_between(reader, start, end)]


def of_purchase(bought: Bill | Charged) -> Part:
    """What somebody was paid, with its tax; the rate is left open."""
    return Part(0, bought.taxable, bought.cgst, bought.sgst, bought.igst, bought.cess)
