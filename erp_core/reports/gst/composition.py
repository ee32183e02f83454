"""The returns of shops under composition: CMP-08 of a quarter, GSTR-4 of a year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from erp_core.journal.context import Reader
from erp_core.parties.permissions import Permission, require
from erp_core.parties.queries import business
from erp_core.portals import late, settling
from erp_core.portals.late import INTEREST
from erp_core.portals.periods import is_settled, month_of
from erp_core.portals.reverse_charge import charges_between
from erp_core.portals.reverse_charged_goods import goods_between
from erp_core.purchases.queries import bills_between
from erp_core.reports.books import year_start
from erp_core.reports.gst.parts import (
    Part,
    by_rate,
    of_purchase,
    sum_of,
    under_reverse_charge,
)
from erp_core.tax.rules import is_composition


@dataclass(frozen=True)
class Cmp08:
    """What a quarter under the composition scheme comes to; the rate in basis points.

    `tax` is that on the turnover, of a trader without what is `exempt` in it; `unknown` is the part
    that is taxed since nobody knows the rate of its goods. `inward` is what was bought under
    reverse charge, whose tax is paid with it.
    """

    start: date
    end: date
    turnover: int
    rate: int
    tax: int
    inward: Part = field(default_factory=lambda: Part(0))
    gstin: str = ""
    exempt: int = 0
    unknown: int = 0
    trade: str = "trader"
    late: tuple[late.Due, ...] = ()
    """What the delay of the quarter costs: as it was paid, or if it were paid today."""

    @property
    def interest(self) -> Part:
        """Table 3, row 4."""
        return sum_of((Part(0, **one.heads), 1) for one in self.late if one.kind == INTEREST)

    @property
    def outward(self) -> Part:
        """Table 3, row 1: the turnover with what is exempt, half of its tax to each government."""
        return Part(self.rate, self.turnover, cgst=self.tax // 2, sgst=self.tax // 2)

    @property
    def by_rate(self) -> tuple[Part, ...]:
        """The turnover as GSTR-4 wants it: what is taxed, and what is exempt at no rate."""
        taxed = self.outward._replace(taxable=self.turnover - self.exempt)
        return tuple(part for part in (Part(0, self.exempt), taxed) if part.taxable)

    @property
    def payable(self) -> Part:
        """Table 3, row 3."""
        return self.outward.plus(self.inward)


@dataclass(frozen=True)
class Inward:
    """What was bought of one supplier at one rate (GSTR-4, table 4): `part` is "4A" of somebody
    registered, "4B" of such under reverse charge, "4C" of somebody who is not."""

    part: str
    gstin: str
    inter_state: bool
    bought: Part


@dataclass(frozen=True)
class Gstr4:
    """The yearly return under the composition scheme (rule 62): what was bought, what the four
    statements came to, and the turnover by rate."""

    gstin: str
    start: date
    inward: tuple[Inward, ...]
    quarters: tuple[Cmp08, ...]
    outward: tuple[Part, ...]
    reverse_charge: tuple[Part, ...]

    @property
    def year(self) -> str:
        """The financial year as it is written: "2026-27"."""
        return f"{self.start.year}-{(self.start.year + 1) % 100:02d}"


def is_under_composition(reader: Reader) -> bool:
    """Whether the business files CMP-08 in place of GSTR-1."""
    return is_composition(business(reader))


def cmp08(reader: Reader, on: date) -> Cmp08:
    """What the quarter of a day comes to under the composition scheme (section 10, rule 62)."""
    require(reader, Permission.VIEW_REPORTS)
    first = date(on.year, on.month - (on.month - 1) % 3, 1)
    end = month_of(date(first.year, first.month + 2, 1))[1]
    found = settling.turnover(reader, first, end)
    bought = under_reverse_charge(reader, first, end)
    inward = sum_of((of_purchase(one), one.sign) for one in bought)
    owed = Part(0, cgst=found.half, sgst=found.half).plus(inward)
    gstin = business(reader).gstin or ""
    return Cmp08(
        start=first,
        end=end,
        turnover=found.paise,
        rate=found.rate,
        tax=2 * found.half,
        inward=inward,
        gstin=gstin,
        exempt=found.exempt,
        unknown=found.unknown,
        trade=found.trade,
        late=_late(reader, end, {head: getattr(owed, head) for head in late.HEADS}),
    )


def _late(reader: Reader, end: date, owed: Mapping[str, int]) -> tuple[late.Due, ...]:
    period = f"{end:%Y-%m}"
    if is_settled(reader, period) or reader.today <= end:
        return late.written(reader, period=period)
    return late.dues(reader, end, owed, on=reader.today)


def gstr4(reader: Reader, on: date) -> Gstr4:
    """GSTR-4 of the financial year of a day."""
    start = year_start(on)
    quarters = [cmp08(reader, date(start.year, month, 1)) for month in (4, 7, 10)]
    quarters.append(cmp08(reader, date(start.year + 1, 1, 1)))
    end = quarters[-1].end
    others = [one for one in bills_between(reader, start, end) if not one.reverse_charge]
    bills = [*others, *goods_between(reader, start, end)]
    inward: dict[tuple[str, str, bool, int], Part] = {}
    for one in bills:
        if not (one.supplier_gstin or one.reverse_charge):
            continue
        registered = "4B" if one.reverse_charge else "4A"
        part = registered if one.supplier_gstin else "4C"
        for line in one.lines:
            key = (part, one.supplier_gstin or "", one.inter_state, line.gst_rate)
            of_line = Part(
                line.gst_rate, line.taxable, line.cgst, line.sgst, line.igst, line.cess
            )  # fmt: skip
            inward[key] = inward.get(key, Part(line.gst_rate)).plus(of_line, one.sign)
    for charged in charges_between(reader, start, end):
        part = "4B" if charged.supplier_gstin else "4C"
        key = (part, charged.supplier_gstin or "", charged.inter_state, charged.rate)
        of_service = of_purchase(charged)._replace(rate=charged.rate)
        inward[key] = inward.get(key, Part(charged.rate)).plus(of_service, charged.sign)
    rows = [Inward(*key[:3], part) for key, part in sorted(inward.items())]
    return Gstr4(
        gstin=business(reader).gstin or "",
        start=start,
        inward=tuple(rows),
        quarters=tuple(quarters),
        outward=by_rate(part for one in quarters for part in one.by_rate),
        reverse_charge=by_rate(one.bought for one in rows if one.part != "4A"),
    )
