"""How the files of returns write figures."""

from __future__ import annotations

from functools import cache

from erp_core.invoicing.queries import Invoice
from erp_core.reports.gst.composition import Cmp08
from erp_core.reports.gst.filing import Filed
from erp_core.reports.gst.parts import Part
from erp_core.tax.gst import percent
from erp_core.tax.rules import UNDER_LUT

INVOICE_TYPES = {"sez": "SEWP", "sez_lut": "SEWOP", "deemed_export": "DE"}


CMP08_ROWS = {
    "osup": "Outward supplies (including exempt supplies)",
    "isup_rev": "Inward supplies attracting reverse charge, including import of services",
    "tax_pay": "Tax payable (1 + 2)",
    "intr": "Interest payable, if any",
}


def type_of(document: Invoice) -> str:
    """What the portal calls the kind of an invoice; "R" for a regular one."""
    return INVOICE_TYPES.get(document.treatment or "", "R")


def rows_of(found: Cmp08) -> list[tuple[str, Part]]:
    """Table 3 of CMP-08, row by row."""
    parts = (found.outward, found.inward, found.payable._replace(taxable=0), found.interest)
    return list(zip(CMP08_ROWS, parts, strict=True))


def taxed_parts(filed: Filed) -> list[Part]:
    """The parts that stand in a table of taxed supplies; under LUT all of them do."""
    if filed.document.treatment in UNDER_LUT:
        return list(filed.parts)
    return [part for part in filed.parts if part.rate]


@cache
def percent_of(rate: int) -> float | int:
    """A rate in percent."""
    text = percent(rate)
    return float(text) if "." in text else int(text)


def rupees(paise: int) -> float | int:
    """Rupees as a JSON number: a float of two decimals is exact enough to print itself again."""
    return paise // 100 if paise % 100 == 0 else round(paise / 100, 2)
