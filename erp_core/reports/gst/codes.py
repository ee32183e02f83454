"""Table 12 of GSTR-1: what was sold by HSN and SAC."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from erp_core.catalogue.codes import is_service
from erp_core.invoicing.queries import InvoiceLine
from erp_core.kernel.quantity import UNITS
from erp_core.reports.gst.filing import Filed, part_of
from erp_core.reports.gst.parts import Part

HSN_SPLIT_FROM = date(2025, 5, 1)
"""From this period on the summary by HSN is split into B2B and B2C, and its codes are validated."""

LONGEST_DESCRIPTION = 30

_CODES = """
BAG BAL BDL BKL BOU BOX BTL BUN CAN CBM CCM CMS CTN DOZ DRM GGK GMS GRS GYD KGS KLR KME LTR MTR
MLT MTS NOS OTH PAC PCS PRS QTL ROL SET SQF SQM SQY TBS TGM THD TON TUB UGS UNT YDS
"""
UQC = frozenset(_CODES.split())


CodeKey = tuple[str, str, int]
"""HSN, UQC and rate."""


@dataclass(frozen=True)
class Code:
    """A row of the summary by HSN."""

    hsn: str
    description: str
    uqc: str
    rate: int
    quantity: Decimal
    part: Part


def codes_of(papers: Iterable[Filed], *, registered: bool) -> tuple[Code, ...]:
    """What was sold to registered buyers, or to all others, by code, unit and rate."""
    found: dict[CodeKey, Code] = {}
    for key, _, line, quantity, part in lines_by_code(papers, registered=registered):
        before = found.get(key)
        found[key] = Code(
            hsn=line.hsn or "",
            description=line.name[:LONGEST_DESCRIPTION],
            uqc=key[1],
            rate=line.rate,
            quantity=before.quantity + quantity if before else quantity,
            part=before.part.plus(part) if before else part,
        )
    return tuple(found[key] for key in sorted(found))


def lines_by_code(
    papers: Iterable[Filed], *, registered: bool
) -> Iterator[tuple[CodeKey, Filed, InvoiceLine, Decimal, Part]]:
    """Each line with its row of the summary and what it adds there; notes take off."""
    for filed in papers:
        if bool(filed.document.customer_gstin) != registered:
            continue
        for line, quantity, part in _rows(filed):
            uqc, count = _uqc(line, quantity)
            value = part if filed.sign > 0 else Part(line.rate).plus(part, -1)
            yield (line.hsn or "", uqc, line.rate), filed, line, filed.sign * count, value


def _rows(filed: Filed) -> Iterable[tuple[InvoiceLine, Decimal, Part]]:
    if filed.note:
        for one in filed.note.lines:
            line = filed.document.lines[one.position - 1]
            yield line, one.quantity, part_of(line.rate, one)
        return
    for line in filed.document.lines:
        yield line, line.quantity, part_of(line.rate, line)


def _uqc(line: InvoiceLine, quantity: Decimal) -> tuple[str, Decimal]:
    """Services have no quantity; a unit that the portal does not know is "OTH"."""
    if is_service(line.hsn):
        return "NA", Decimal(0)
    code = UNITS[line.unit].uqc if line.unit in UNITS else "OTH"
    return (code if code in UQC else "OTH"), quantity
