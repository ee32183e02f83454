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
from erp_core.kernel.money import half_up, split_by_largest_remainder

WHOLE = 10_000
"""Basis points in one."""

SUMMED = ("taxable", "cgst", "sgst", "igst", "cess", "beyond")
"""What of a document is the sum of its lines."""


@dataclass(frozen=True)
class Line:
    """Something supplied. Discount is in paise on the line; an inclusive price holds its tax.

    Compensation cess is `cess` basis points of the taxable value, `cess_of_rsp` of the retail sale
    price, and `cess_per_unit` paise; never a tax on the other tax. Where `by_rsp`, rule 31D works
    the tax out of `rsp`, the retail sale price of one unit, whatever it is sold for.
    """

    quantity: Decimal
    unit_price: int
    rate: int = 0
    discount: int = 0
    hsn: str | None = None
    inclusive: bool = False
    cess: int = 0
    cess_of_rsp: int = 0
    cess_per_unit: int | Decimal = 0
    rsp: int | None = None
    by_rsp: bool = False


@dataclass(frozen=True)
class AssessedLine:
    """A line with its tax. `round_off` is what an inclusive price differs from taxable and tax.

    `sgst` is UTGST where the place of supply is a union territory without a legislature. `beyond`
    is by how much the price differs from a value that was worked out of the retail sale price.
    """

    line: Line
    rate: int
    gross: int
    taxable: int
    cgst: int
    sgst: int
    igst: int
    round_off: int
    cess: int = 0
    beyond: int = 0
    cess_of_units: int = 0
    """The part of the cess that goes by the unit or by the retail sale price."""

    @property
    def tax(self) -> int:
        return self.cgst + self.sgst + self.igst

    @property
    def value(self) -> int:
        """What the goods are sold for without tax. Documents and returns state it as the taxable
        value also where the tax is worked out of the retail price (GSTN's advisory of 23 January
        2026)."""
        return self.taxable + self.beyond

    @property
    def total(self) -> int:
        """What the line comes to, tax and cess in it."""
        return self.taxable + self.tax + self.cess + self.round_off + self.beyond


@dataclass(frozen=True)
class Assessment:
    """A document, to the paisa: total = taxable + cgst + sgst + igst + cess + round_off + beyond.

    `payable` is what the customer pays the supplier: the total less the tax under reverse charge,
    which the recipient pays to the government, and less a discount that leaves the tax as it is.
    """

    lines: tuple[AssessedLine, ...]
    inter_state: bool
    taxable: int
    cgst: int
    sgst: int
    igst: int
    round_off: int
    total: int
    cess: int = 0
    beyond: int = 0
    reverse_charge: bool = False
    discount_after_tax: int = 0

    @property
    def tax(self) -> int:
        return self.cgst + self.sgst + self.igst

    @property
    def value(self) -> int:
        """What everything is sold for without tax."""
        return self.taxable + self.beyond

    @property
    def payable(self) -> int:
        borne = self.tax + self.cess if self.reverse_charge else 0
        return self.total - borne - self.discount_after_tax


def assess(
    lines: Sequence[Line],
    *,
    supplier_state: str,
    place_of_supply: str,
    charge_tax: bool = True,
    whole_rupees: bool = False,
    always_inter_state: bool = False,
    reverse_charge: bool = False,
    discount: int = 0,
    freight: int = 0,
    discount_after_tax: int = 0,
) -> Assessment:
    """Work out a document's taxable value, tax by head, and total.

    With charge_tax=False (a supplier without registration or under composition, or a supply under
    bond or LUT) every rate counts as nil. `always_inter_state` is for exports and special economic
    zones, whose tax is integrated wherever they are. A `discount` on the whole document lowers the
    value of every line by its share (section 15(3)(a)), `freight` raises it (section 15(2)(c));
    a `discount_after_tax` only lowers what is paid. With whole_rupees the total is rounded to the
    nearest rupee and the difference stands in round_off.

    Raises Invalid("bad_rate", "bad_discount", "no_lines", "no_rsp").
    """
    if not lines:
        raise Invalid("no_lines")
    inter_state = always_inter_state or supplier_state != place_of_supply
    heads = _Heads(inter_state)
    added = _shares(lines, freight - discount)
    assessed = tuple(
        _assess_line(line, heads, share, charge_tax=charge_tax)
        for line, share in zip(lines, added, strict=True)
    )
    exact = sum(line.total for line in assessed)
    if not 0 <= discount_after_tax <= exact or discount < 0 or freight < 0:
        raise Invalid("bad_discount")
    total = _to_rupee(exact) if whole_rupees else exact
    return Assessment(
        lines=assessed,
        inter_state=inter_state,
        **{head: sum(getattr(line, head) for line in assessed) for head in SUMMED},
        round_off=sum(line.round_off for line in assessed) + total - exact,
        total=total,
        reverse_charge=reverse_charge,
        discount_after_tax=discount_after_tax,
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

    def of_next(self, taxable: int | Decimal, rate: int) -> tuple[int, int, int]:
        """CGST, SGST and IGST of the next line."""
        share = WHOLE if self._inter_state else 2 * WHOLE
        self._exact += Decimal(taxable) * rate / share
        rounded = half_up(self._exact)
        head = rounded - self._given
        self._given = rounded
        return (0, 0, head) if self._inter_state else (head, head, 0)


def _shares(lines: Sequence[Line], paise: int) -> list[int]:
    """An amount on the whole document, by the lines' prices; evenly where nothing has a price."""
    if not paise:
        return [0] * len(lines)
    prices = [max(0, half_up(line.quantity * line.unit_price) - line.discount) for line in lines]
    return split_by_largest_remainder(paise, prices if any(prices) else [1] * len(lines))


def _assess_line(line: Line, heads: _Heads, share: int, *, charge_tax: bool) -> AssessedLine:
    if not 0 <= line.rate <= WHOLE:
        raise Invalid("bad_rate")
    rate = line.rate if charge_tax else 0
    gross = half_up(line.quantity * line.unit_price)
    price = gross - line.discount + share
    if line.discount < 0 or price < 0:
        raise Invalid("bad_discount")
    cess_rate = line.cess if charge_tax else 0
    of_units = half_up(line.quantity * _cess_of_unit(line)) if charge_tax else 0
    taxable = _value(line, price, rate, cess_rate, of_units)
    cgst, sgst, igst = heads.of_next(_retail_value(line, rate) or taxable, rate)
    cess = half_up(Decimal(taxable) * cess_rate / WHOLE) + of_units
    tax = cgst + sgst + igst + cess
    residue = beyond = 0
    if line.by_rsp and rate:
        beyond = price - taxable - (tax if line.inclusive else 0)
    elif line.inclusive:
        residue = price - taxable - tax
    return AssessedLine(
        line=line,
        rate=rate,
        gross=gross,
        taxable=taxable,
        cgst=cgst,
        sgst=sgst,
        igst=igst,
        round_off=residue,
        cess=cess,
        beyond=beyond,
        cess_of_units=of_units,
    )


def _retail_value(line: Line, rate: int) -> Decimal | None:
    """The retail price without its tax, not rounded (rule 31D); None where it does not count."""
    if not (line.by_rsp and rate):
        return None
    if line.rsp is None:
        raise Invalid("no_rsp")
    return line.quantity * line.rsp * WHOLE / (WHOLE + rate)


def _value(line: Line, price: int, rate: int, cess_rate: int, cess_of_units: int) -> int:
    """The value that is taxed: the price, the price without its tax, or by rule 31D."""
    retail = _retail_value(line, rate)
    if retail is not None:
        return half_up(retail)
    if not line.inclusive:
        return price
    before = max(0, price - cess_of_units)
    return half_up(Decimal(before) * WHOLE / (WHOLE + rate + cess_rate))


def _cess_of_unit(line: Line) -> Decimal:
    if not line.cess_of_rsp:
        return Decimal(line.cess_per_unit)
    if line.rsp is None:
        raise Invalid("no_rsp")
    return line.cess_per_unit + Decimal(line.rsp) * line.cess_of_rsp / WHOLE


def _to_rupee(paise: int) -> int:
    return half_up(Decimal(paise) / 100) * 100
