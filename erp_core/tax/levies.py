"""What goods bear besides the tax of their rate: compensation cess, and tax by the retail price.

Which of it holds is said by the dated data (rates.Term); what it comes to, by gst.assess.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from erp_core.tax.gst import AssessedLine, Line
from erp_core.tax.rates import Term


def taxed_line(
    term: Term | None,
    *,
    quantity: Decimal,
    unit: str,
    unit_price: int,
    rate: int,
    hsn: str | None,
    inclusive: bool,
    rsp: int | None,
) -> Line:
    """A line as its term taxes it; `rsp` is the retail sale price of one unit in paise, if known.

    Where it is needed and nobody has said it, the line is taxed by the price that is asked: enough
    to say what an order comes to, while a bill waits for it (`lacks_rsp`).
    """
    price = rsp if term and term.needs_rsp else None
    return Line(
        quantity=quantity,
        unit_price=unit_price,
        rate=rate,
        hsn=hsn,
        inclusive=inclusive,
        cess=term.cess if term else 0,
        cess_of_rsp=term.cess_of_rsp if term and price is not None else 0,
        cess_per_unit=(term.cess_of_one(unit) or 0) if term else 0,
        rsp=price,
        by_rsp=bool(term and term.by_rsp and price is not None),
    )


def lacks_rsp(term: Term | None, rsp: int | None) -> bool:
    """Whether the lawful tax cannot be told without a retail price that nobody has said."""
    return bool(term and term.needs_rsp) and rsp is None


def lacks_unit(term: Term | None, unit: str) -> bool:
    """Whether a cess goes by a unit that the goods are not sold by."""
    return bool(term) and term is not None and term.cess_of_one(unit) is None


def levied(found: AssessedLine) -> dict[str, Any]:
    """The columns of a line that say what it bears (db.schema.levied_columns)."""
    told = found.rate > 0 and found.line.rsp is not None
    return {
        "cess_paise": found.cess,
        "cess_rate": found.line.cess if found.cess else 0,
        "cess_units_paise": found.cess_of_units,
        "rsp_paise": found.line.rsp if told else None,
        "by_rsp": told and found.line.by_rsp,
    }
