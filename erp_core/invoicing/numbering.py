"""Document numbers: one series for each kind, state and financial year, without a gap.

A number is at most 16 characters of capitals, digits and dashes (CGST Rules, rule 46(b)) and starts
with a letter. The series' row stays locked until the transaction ends: a document that is rolled
back gives its number back, and no two documents can have one number.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.dialects.postgresql import insert as upsert

from erp_core.db.statements import Statement
from erp_core.invoicing.models import document_series
from erp_core.journal.context import Context
from erp_core.kernel.clock import financial_year
from erp_core.kernel.errors import Conflict

INVOICE = "INV"
CREDIT_NOTE = "CN"
DEBIT_NOTE = "DN"
PROFORMA = "PF"
DELIVERY_CHALLAN = "DC"
RECEIPT_VOUCHER = "RV"
REFUND_VOUCHER = "RF"
LONGEST = 16


_NEXT = Statement(
    upsert(document_series)
    .on_conflict_do_update(
        index_elements=["business_id", "series", "financial_year"],
        set_={"last_serial": document_series.c.last_serial + 1},
    )
    .returning(document_series.c.last_serial),
    columns=("business_id", "series", "financial_year", "last_serial"),
)


@dataclass(frozen=True)
class Number:
    """A document's number ("INV27-2627-00001") and what it is made of."""

    text: str
    series: str
    financial_year: str
    serial: int


def next_number(ctx: Context, prefix: str, state: str, on: date) -> Number:
    """Take the next number of a series. Raises Conflict("series_exhausted")."""
    series, year = f"{prefix}{state}", financial_year(on)
    row = _NEXT.one(
        ctx.connection,
        business_id=ctx.business_id,
        series=series,
        financial_year=year,
        last_serial=1,
    )
    serial: int = row.last_serial
    return Number(written(series, year, serial), series, year, serial)


def written(series: str, year: str, serial: int) -> str:
    """A number as it is written; serials above 99,999 take the room of the dashes."""
    for template in ("{}-{}-{:05d}", "{}{}-{:06d}", "{}{}{:07d}"):
        text = template.format(series, year, serial)
        if len(text) <= LONGEST:
            return text
    raise Conflict("series_exhausted", series=series)
