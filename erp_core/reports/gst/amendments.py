"""What a month amends of the returns of earlier ones: tables 9A, 9C and 10 of GSTR-1."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from erp_core.invoicing.notes import notes_between, notes_of
from erp_core.invoicing.queries import Invoice, corrected_between, invoice, invoices_between
from erp_core.journal.context import Reader
from erp_core.portals.periods import month_of
from erp_core.reports.gst.filing import (
    Filed,
    SmallKey,
    filed,
    filed_note,
    parts_of,
    small_sums,
    table_of,
)
from erp_core.reports.gst.parts import Part, sum_of


@dataclass(frozen=True)
class Amended:
    """A bill of a month whose return was filed, as it was filed and as it has been corrected since;
    `notes` on it were filed with the buyer that it had."""

    before: Invoice
    after: Invoice
    notes: tuple[Filed, ...] = ()

    @property
    def table(self) -> str:
        """Where it stands: 9A (with its notes in 9C) for a registered buyer, else 10."""
        return "9A" if self.before.customer_gstin else "10"


def amended_between(reader: Reader, start: date, end: date) -> tuple[Amended, ...]:
    """The bills of earlier months that were corrected in this one."""
    found = []
    for invoice_id in corrected_between(reader, start, end):
        after = invoice(reader, invoice_id, as_of=end)
        if after.on_date >= start:
            continue
        before = invoice(reader, invoice_id, as_of=start - timedelta(days=1))
        notes = [
            filed_note(reader, one, end)
            for one in notes_of(reader, invoice_id)
            if one.on_date < start and before.customer_gstin
        ]
        found.append(Amended(before, after, tuple(notes)))
    return tuple(found)


def small_amended(
    reader: Reader, amended: Iterable[Amended], end: date
) -> dict[tuple[date, str, str], tuple[Part, ...]]:
    """What the sums of earlier months have become where bills left them or came to them."""
    touched: set[tuple[date, str, str, int]] = set()
    for one in amended:
        for document in (one.before, one.after):
            if table_of(document) == "b2cs":
                kind = "INTER" if document.inter_state else "INTRA"
                month = document.on_date.replace(day=1)
                touched |= {
                    (month, kind, document.place_of_supply, line.rate)
                    for line in document.lines
                    if line.rate
                }
    months = {month: _small_of_month(reader, month, end) for month, *_ in touched}
    rows: dict[tuple[date, str, str], list[Part]] = defaultdict(list)
    for month, kind, place in sorted({one[:3] for one in touched}):
        rates = {rate for *_, rate in months[month]} | {rate for *_, rate in touched}
        for rate in sorted(rates):
            part = months[month].get((kind, place, rate))
            if part or (month, kind, place, rate) in touched:
                rows[month, kind, place].append(part or Part(rate))
    return {key: tuple(parts) for key, parts in rows.items()}


def _small_of_month(reader: Reader, month: date, as_of: date) -> dict[SmallKey, Part]:
    """Table 7 of a month with the corrections up to a day."""
    start, end = month_of(month)
    bills = [filed(one) for one in invoices_between(reader, start, end, as_of=as_of)]
    notes = [filed_note(reader, one, as_of) for one in notes_between(reader, start, end)]
    return small_sums([*bills, *notes])


def correction_of(amended: Iterable[Amended]) -> Part:
    """By how much corrections change the tax."""
    return sum_of(
        (part, sign)
        for one in amended
        for document, sign in ((one.before, -1), (one.after, 1))
        for part in parts_of(document)
        if part.rate
    )
