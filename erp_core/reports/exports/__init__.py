"""The books in the languages of other accounting programs: beancount, hledger and Tally.

Each format is a generator of text, so that ten years of trade take no more memory than a day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from erp_core.journal.context import Reader
from erp_core.kernel.errors import Invalid
from erp_core.parties.permissions import Permission, require
from erp_core.reports.exports import beancount, hledger, tally
from erp_core.reports.exports.source import Books

FORMATS = {"beancount": beancount.lines, "hledger": hledger.lines, "tally": tally.lines}
ENDINGS = {"beancount": "beancount", "hledger": "journal", "tally": "xml"}


def export(
    reader: Reader, to: str, *, start: date | None = None, end: date | None = None
) -> Iterator[str]:
    """The books as text, piece by piece; from a day on, with the balances that it began with.

    Raises Invalid("bad_format", "bad_period"), Forbidden. The reader must stay open while the text
    is read.
    """
    require(reader, Permission.VIEW_LEDGER)
    if to not in FORMATS:
        raise Invalid("bad_format")
    end = end or reader.today
    if start and start > end:
        raise Invalid("bad_period")
    return FORMATS[to](Books(reader, start, end))
