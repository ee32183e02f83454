"""In which table of GSTR-1 a document is filed, and with which parts by rate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

from erp_core.invoicing.notes import Note, NoteLine
from erp_core.invoicing.queries import Invoice, InvoiceLine, invoice
from erp_core.journal.context import Reader
from erp_core.reports.gst.parts import Part
from erp_core.tax.rules import EXPORTS, stands_alone

Table = Literal["b2b", "b2cl", "b2cs", "exp", "nil"]

SmallKey = tuple[str, str, int]
"""Supply type (INTRA, INTER), place and rate of what is filed as a sum."""


@dataclass(frozen=True)
class Filed:
    """A document in a table, with its parts by rate; a note also with its invoice."""

    document: Invoice
    parts: tuple[Part, ...]
    note: Note | None = None

    @cached_property
    def table(self) -> Table:
        """The table of GSTR-1."""
        return table_of(self.document)

    @property
    def paper(self) -> Invoice | Note:
        """What was issued."""
        return self.note or self.document

    @property
    def sign(self) -> int:
        """What it does to the month's sales: -1 for a credit note."""
        return self.note.sign if self.note else 1


def filed(document: Invoice) -> Filed:
    """An invoice with its parts."""
    return Filed(document, tuple(parts_of(document)))


def filed_note(reader: Reader, noted: Note, as_of: date) -> Filed:
    """A note with its parts, on its invoice as it stood on a day."""
    document = invoice(reader, noted.invoice_id, as_of=as_of)
    found: dict[int, Part] = {}
    for one in noted.lines:
        rate = document.lines[one.position - 1].rate
        part = part_of(rate, one)
        found[rate] = found.get(rate, Part(rate)).plus(part)
    return Filed(document, tuple(found.values()), noted)


def parts_of(document: Invoice) -> list[Part]:
    """The parts of an invoice by rate."""
    found: dict[int, Part] = {}
    for line in document.lines:
        part, before = part_of(line.rate, line), found.get(line.rate)
        found[line.rate] = before.plus(part) if before else part
    return list(found.values())


def part_of(rate: int, of: InvoiceLine | NoteLine) -> Part:
    """What a line comes to."""
    return Part(
        rate, of.taxable_paise, of.cgst_paise, of.sgst_paise, of.igst_paise, of.cess_paise
    )  # fmt: skip


def table_of(document: Invoice) -> Table:
    """The table in which an invoice, or a note on it, is filed."""
    if document.treatment in EXPORTS:
        return "exp"
    if document.customer_gstin:
        taxed = any(line.rate for line in document.lines) or is_zero_rated(document)
        return "b2b" if taxed and document.kind != "bill" else "nil"
    if not any(line.rate for line in document.lines):
        return "nil"
    alone = stands_alone(
        inter_state=document.inter_state,
        total_paise=document.total_paise,
        on=document.on_date,
    )
    return "b2cl" if alone else "b2cs"


def is_zero_rated(document: Invoice) -> bool:
    """Whether a document is of an export, or for a special economic zone."""
    return document.treatment is not None and document.treatment != "deemed_export"


def small_sums(papers: Iterable[Filed]) -> dict[SmallKey, Part]:
    """Table 7: sales to consumers that stand in no other table."""
    sums: dict[SmallKey, Part] = {}
    for one in papers:
        if one.table == "b2cs":
            for key, part in small_parts(one):
                sums[key] = sums[key].plus(part) if key in sums else part
    return sums


def small_parts(one: Filed) -> Iterator[tuple[SmallKey, Part]]:
    """What a paper of table 7 adds to its sums; a credit note takes off."""
    document = one.document
    kind = "INTER" if document.inter_state else "INTRA"
    for part in one.parts:
        if part.rate:
            value = part if one.sign > 0 else Part(part.rate).plus(part, -1)
            yield (kind, document.place_of_supply, part.rate), value


def nil_row(document: Invoice) -> str:
    """The row of table 8: by whether a supply leaves the state, and whether its buyer is
    registered."""
    where = "INTR" if document.inter_state else "INTRA"
    return f"{where}{'B2B' if document.customer_gstin else 'B2C'}"


def untaxed_value(one: Filed) -> int:
    """What a paper holds of goods without tax; what is zero-rated is none of it."""
    if is_zero_rated(one.document):
        return 0
    return one.sign * sum(part.taxable for part in one.parts if not part.rate)


def standing(table: Mapping[SmallKey, Part]) -> dict[SmallKey, Part]:
    """The sums that are not nothing, in order."""
    return {key: part for key, part in sorted(table.items()) if part.taxable or part.tax}
