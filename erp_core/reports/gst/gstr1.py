"""GSTR-1 of a month with all its tables.

Everything is read from the documents as they were issued; amounts are paise. Credit notes are filed
with positive amounts, their type gives the sign. A bill that was cancelled counts only among the
documents. What the portal would refuse is told by the number of the document (`problems`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from erp_core.invoicing.advances import RECEIVED, Movement, movements
from erp_core.invoicing.notes import notes_between
from erp_core.invoicing.queries import Invoice, invoices_between
from erp_core.invoicing.registration import AWAITED, statuses
from erp_core.invoicing.vouchers import vouchers_between
from erp_core.journal.context import Reader
from erp_core.parties.permissions import Permission, require
from erp_core.parties.queries import business
from erp_core.portals import limits
from erp_core.portals.periods import month_of
from erp_core.portals.profile import profile
from erp_core.portals.reverse_charge import documents_between
from erp_core.portals.shipping import (
    ShippedLater,
    ShippingBill,
    is_export_of_goods,
    shipped_later,
    shipping_of,
)
from erp_core.reports.gst.amendments import (
    Amended,
    amended_between,
    correction_of,
    small_amended,
)
from erp_core.reports.gst.codes import Code, codes_of
from erp_core.reports.gst.filing import (
    Filed,
    SmallKey,
    filed,
    filed_note,
    nil_row,
    small_sums,
    standing,
    untaxed_value,
)
from erp_core.reports.gst.parts import Part, sum_of
from erp_core.reports.gst.series import Range, ranges
from erp_core.tax import gstin as gstins

ADDRESS_ABOVE = 50_000_00
"""Rule 46(e): from here on an unregistered buyer's address stands on the invoice."""

SHORTEST_HSN, OF_A_LARGE_SHOP = 4, 6


@dataclass(frozen=True)
class Problem:
    """What is wrong with a document, by its number; `what` names a line where it is one's."""

    number: str
    code: str
    what: str = ""


@dataclass(frozen=True)
class Gstr1:
    """GSTR-1 of a month."""

    gstin: str
    month: date
    b2b: tuple[Filed, ...] = ()
    b2cl: tuple[Filed, ...] = ()
    exports: tuple[Filed, ...] = ()
    notes_registered: tuple[Filed, ...] = ()
    notes_unregistered: tuple[Filed, ...] = ()
    b2cs: Mapping[SmallKey, Part] = field(default_factory=dict)
    """By supply type (INTRA, INTER), place and rate."""
    nil: Mapping[str, int] = field(default_factory=dict)
    hsn_b2b: tuple[Code, ...] = ()
    hsn_b2c: tuple[Code, ...] = ()
    ranges: tuple[Range, ...] = ()
    problems: tuple[Problem, ...] = ()
    bills: int = 0
    notes: int = 0
    cancelled: int = 0
    registered: int = 0
    """So many are e-invoices, which the portal fills in itself."""
    total: Part = field(default_factory=lambda: Part(0))
    """Everything that is taxed, credit notes taken off."""
    advances: Mapping[SmallKey, Part] = field(default_factory=dict)
    """Table 11A, by supply type, place and rate: received for services that are not billed yet."""
    adjusted: Mapping[SmallKey, Part] = field(default_factory=dict)
    """Table 11B: received in an earlier month, and billed or given back in this one."""

    amended: tuple[Amended, ...] = ()
    b2csa: Mapping[tuple[date, str, str], tuple[Part, ...]] = field(default_factory=dict)
    """Table 10, by month, supply type and place: what the sums of that month have become."""
    correction: Part = field(default_factory=lambda: Part(0))
    """By how much corrections of earlier months change the tax."""

    shipping: Mapping[UUID, ShippingBill] = field(default_factory=dict)
    """Of the exports of the month, by bill."""
    shipped_later: tuple[ShippedLater, ...] = ()
    """Table 9A of exports (`expa`)."""

    papers: tuple[Filed, ...] = ()
    """Every bill and note of the month that stands."""
    moved: tuple[Movement, ...] = ()
    """The tax on advances that came up or ended."""

    @property
    def one_by_one(self) -> Iterator[Filed]:
        """What stands in tables whose documents are told one by one."""
        for table in (self.b2b, self.exports, self.notes_registered, self.notes_unregistered):
            yield from table

    @property
    def liability(self) -> Part:
        """What the month owes: on what was billed, on advances more than on those before, and by
        corrections of what was filed earlier."""
        owed = sum_of((part, 1) for part in self.advances.values())
        taken_off = sum_of((part, 1) for part in self.adjusted.values())
        return self.total.plus(owed).plus(taken_off, -1).plus(self.correction)


def gstr1(reader: Reader, month: date) -> Gstr1:
    """GSTR-1 of the month that a day lies in. The business must have a GSTIN."""
    require(reader, Permission.VIEW_REPORTS)
    start, end = month_of(month)
    every = invoices_between(reader, start, end, cancelled=True, as_of=end)
    bills = [filed(one) for one in every if one.status == "issued"]
    noted = notes_between(reader, start, end)
    papers = [*bills, *(filed_note(reader, one, end) for one in noted)]
    amended = amended_between(reader, start, end)
    tables = _tables(papers, amended)
    registered, awaited = _at_portal(reader, papers)
    moved = movements(reader, start, end)
    shipping = shipping_of(reader, [one.document.id for one in tables["exp"]], as_of=end)
    advances, adjusted = _advances(moved, start)
    return Gstr1(
        gstin=business(reader).gstin or "",
        month=start,
        b2b=tuple(tables["b2b"]),
        b2cl=tuple(tables["b2cl"]),
        exports=tuple(tables["exp"]),
        notes_registered=tuple(tables["cdnr"]),
        notes_unregistered=tuple(tables["cdnur"]),
        b2cs=standing(small_sums(papers)),
        nil=_nil(papers),
        hsn_b2b=codes_of(papers, registered=True),
        hsn_b2c=codes_of(papers, registered=False),
        ranges=tuple(ranges(every, noted, _given(reader, start, end))),
        problems=(
            *(Problem(number, "einvoice") for number in awaited),
            *_problems((one.document for one in bills), shortest_hsn(reader, end)),
            *_unshipped(tables["exp"], shipping),
        ),
        registered=registered,
        advances=advances,
        adjusted=adjusted,
        amended=amended,
        b2csa=small_amended(reader, amended, end),
        correction=correction_of(amended),
        shipping=shipping,
        shipped_later=shipped_later(reader, start, end),
        papers=tuple(papers),
        moved=tuple(moved),
        bills=len(bills),
        notes=len(noted),
        cancelled=len(every) - len(bills),
        total=sum_of((part, one.sign) for one in papers for part in one.parts if part.rate),
    )


def _at_portal(reader: Reader, papers: Sequence[Filed]) -> tuple[int, list[str]]:
    """How many are e-invoices, and the numbers of those that are still to become one."""
    portal = statuses(reader, [one.paper.id for one in papers if _may_be_registered(one.document)])
    waiting = {paper_id for paper_id, status in portal.items() if status in AWAITED}
    awaited = sorted(one.paper.number for one in papers if one.paper.id in waiting)
    return len(portal) - len(awaited), awaited


def _may_be_registered(document: Invoice) -> bool:
    """Whether a bill can be an e-invoice: to a consumer none is, unless it was corrected to be."""
    return bool(document.customer_gstin or document.treatment or document.corrected_on)


def _tables(papers: Iterable[Filed], amended: Iterable[Amended]) -> Mapping[str, list[Filed]]:
    """The tables whose documents stand there one by one."""
    tables: dict[str, list[Filed]] = defaultdict(list)
    for one in papers:
        if one.table in ("b2cs", "nil"):
            continue
        if one.note:
            tables["cdnr" if one.table == "b2b" else "cdnur"].append(one)
        else:
            tables[one.table].append(one)
    # A bill that got its GSTIN afterwards is filed as one of this month, under its own date.
    tables["b2b"] += [
        filed(one.after) for one in amended if one.table == "10" and one.after.customer_gstin
    ]
    return tables


def _given(reader: Reader, start: date, end: date) -> list[tuple[str, str]]:
    """(kind, number) of what was issued besides bills and notes."""
    return [*documents_between(reader, start, end), *vouchers_between(reader, start, end)]


def _nil(papers: Iterable[Filed]) -> dict[str, int]:
    """Supplies without tax, by row of table 8."""
    found: dict[str, int] = defaultdict(int)
    for one in papers:
        if paise := untaxed_value(one):
            found[nil_row(one.document)] += paise
    return {key: paise for key, paise in sorted(found.items()) if paise}


def _advances(
    moved: Iterable[Movement], start: date
) -> tuple[dict[SmallKey, Part], dict[SmallKey, Part]]:
    """Tables 11A and 11B. What came and was billed within the month stands in neither."""
    received: dict[SmallKey, Part] = {}
    ended: dict[SmallKey, Part] = {}
    for one in moved:
        earlier = one.received_on < start
        table = ended if earlier else received
        sign = 1 if earlier or one.kind == RECEIVED else -1
        key = ("INTER" if one.inter_state else "INTRA", one.place_of_supply, one.rate)
        part = Part(one.rate, one.taxable, one.cgst, one.sgst, one.igst)
        table[key] = table.get(key, Part(one.rate)).plus(part, sign)
    return standing(received), standing(ended)


def shortest_hsn(reader: Reader, on: date) -> int:
    """How many digits a code must have, by the turnover that the shop has said."""
    above, turnover = limits.paise("hsn_of_six_above", on), profile(reader).turnover_paise
    large = above is not None and turnover is not None and turnover > above
    return OF_A_LARGE_SHOP if large else SHORTEST_HSN


def _unshipped(
    exports: Iterable[Filed], shipping: Mapping[UUID, ShippingBill]
) -> Iterable[Problem]:
    for one in exports:
        if one.document.id not in shipping and is_export_of_goods(one.document):
            yield Problem(one.document.number, "no_shipping_bill")


def _problems(standing: Iterable[Invoice], shortest: int) -> Iterable[Problem]:
    for one in standing:
        if one.customer_gstin and not gstins.is_valid(one.customer_gstin):
            yield Problem(one.number, "bad_gstin")
        if one.description_code:
            yield Problem(one.number, "no_code")
            continue
        for line in one.lines:
            if not line.hsn:
                yield Problem(one.number, "no_hsn", line.name)
            elif len(line.hsn) < shortest:
                yield Problem(one.number, "short_hsn", line.name)
        bare = not one.customer_gstin and not one.customer_address
        if bare and one.subtotal_paise >= ADDRESS_ABOVE:
            yield Problem(one.number, "no_address")
