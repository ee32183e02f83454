"""The arithmetic of a GST document.

Money is integer paise; a rate is in basis points of the combined tax (18 % = 1800). Each head is
rounded half up over the whole document: a line gets what its running total adds, so that the lines
of a head always sum to the rounded tax of the document (two lines of 7.60 at 6 % CGST: 0.46, then
0.45). The halves of an intra-state tax are computed once and copied: by law they are equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from erp_core.kernel.errors import Invalid
from erp_core.kernel.money import half_up

WHOLE = 10_000
"""Basis points in one."""


@dataclass(frozen=True)
class Line:
    """Something supplied. Discount is in paise on the line; an inclusive price holds its tax."""

    quantity: Decimal
    unit_price: int
    rate: int = 0
    discount: int = 0
    hsn: str | None = None
    inclusive: bool = False


@dataclass(frozen=True)
class AssessedLine:
    """A line with its tax. `round_off` is what an inclusive price differs from taxable and tax.

    `sgst` is UTGST where the place of supply is a union territory without a legislature.
    """

    line: Line
    rate: int
    gross: int
    taxable: int
    cgst: int
    sgst: int
    igst: int
    round_off: int

    @property
    def tax(self) -> int:
        return self.cgst + self.sgst + self.igst

    @property
    def total(self) -> int:
        """What the customer pays for it."""
        return self.taxable + self.tax + self.round_off


@dataclass(frozen=True)
class Assessment:
    """A document: total = taxable + cgst + sgst + igst + round_off, to the paisa."""

    lines: tuple[AssessedLine, ...]
    inter_state: bool
    taxable: int
    cgst: int
    sgst: int
    igst: int
    round_off: int
    total: int

    @property
    def tax(self) -> int:
        return self.cgst + self.sgst + self.igst


def assess(
    lines: Sequence[Line],
    *,
    supplier_state: str,
    place_of_supply: str,
    charge_tax: bool = True,
    whole_rupees: bool = False,
) -> Assessment:
    """Work out a document's taxable value, tax by head, and total.

    With charge_tax=False (a supplier without registration) every rate counts as nil. With
    whole_rupees the total is rounded to the nearest rupee and the difference stands in round_off.
    Raises Invalid("bad_rate"), Invalid("bad_discount"), Invalid("no_lines").
    """
    if not lines:
        raise Invalid("no_lines")
    inter_state = supplier_state != place_of_supply
    heads = _Heads(inter_state)
    assessed = tuple(_assess_line(line, heads, charge_tax=charge_tax) for line in lines)
    exact = sum(line.total for line in assessed)
    total = _to_rupee(exact) if whole_rupees else exact
    return Assessment(
        lines=assessed,
        inter_state=inter_state,
        taxable=sum(line.taxable for line in assessed),
        cgst=sum(line.cgst for line in assessed),
        sgst=sum(line.sgst for line in assessed),
        igst=sum(line.igst for line in assessed),
        round_off=sum(line.round_off for line in assessed) + total - exact,
        total=total,
    )


def parse_rate(percent: str) -> int:
    """A rate in percent as basis points: "18" → 1800, "0.25" → 25. Raises Invalid("bad_rate")."""
    try:
        points = Decimal(percent) * 100
        exact = int(points)
    except (ArithmeticError, ValueError):
        raise Invalid("bad_rate") from None
    if points != exact or not 0 <= exact <= WHOLE:
        raise Invalid("bad_rate")
    return exact


def percent(rate: int) -> str:
    """Basis points as people write a rate: 1800 → "18", 25 → "0.25"."""
    whole, rest = divmod(rate, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") if rest else str(whole)


class _Heads:
    """The running exact tax of a document, and what of it has been given to lines so far."""

    def __init__(self, inter_state: bool) -> None:
        self._inter_state = inter_state
        self._exact = Decimal(0)
        self._given = 0

    def of_next(self, taxable: int, rate: int) -> tuple[int, int, int]:
        """CGST, SGST and IGST of the next line."""
        share = WHOLE if self._inter_state else 2 * WHOLE
        self._exact += Decimal(taxable) * rate / share
        rounded = half_up(self._exact)
        head = rounded - self._given
        self._given = rounded
        return (0, 0, head) if self._inter_state else (head, head, 0)


def _assess_line(line: Line, heads: _Heads, *, charge_tax: bool) -> AssessedLine:
    if not 0 <= line.rate <= WHOLE:
        raise Invalid("bad_rate")
    rate = line.rate if charge_tax else 0
    gross = half_up(line.quantity * line.unit_price)
    price = gross - line.discount
    if line.discount < 0 or price < 0:
        raise Invalid("bad_discount")
    taxable = half_up(Decimal(price) * WHOLE / (WHOLE + rate)) if line.inclusive else price
    cgst, sgst, igst = heads.of_next(taxable, rate)
    residue = price - taxable - cgst - sgst - igst if line.inclusive else 0
    return AssessedLine(
        line=line,
        rate=rate,
        gross=gross,
        taxable=taxable,
        cgst=cgst,
        sgst=sgst,
        igst=igst,
        round_off=residue,
    )


def _to_rupee(paise: int) -> int:
    return half_up(Decimal(paise) / 100) * 100
