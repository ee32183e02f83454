"""The documents behind each cell of a return: what an accountant follows a figure back to.

What stands behind a cell adds up to it, head by head. Amounts are paise; a credit note, and what is
taken off, is below zero.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, case, cast, func, select

from erp_core.invoicing.advances import RECEIVED, Movement
from erp_core.invoicing.equipment import CREDIT_SOLD
from erp_core.invoicing.notes import notes_between
from erp_core.invoicing.queries import Invoice, invoices_between
from erp_core.journal.context import Reader
from erp_core.ledger import chart
from erp_core.ledger.models import ledger_entries, ledger_postings
from erp_core.portals import late, told_later
from erp_core.portals.blocked_credit import blocked_between
from erp_core.portals.periods import COST, SET_OFF, Heads, month_of
from erp_core.portals.reverse_charge import REVERSE_CHARGE, Charged
from erp_core.portals.shipping import ShippedLater
from erp_core.purchases.lost_goods import CREDIT_LOST
from erp_core.purchases.queries import Bill
from erp_core.purchases.reversing import RECLAIMED, REVERSED, Moved, moves_between
from erp_core.reports.gst.amendments import Amended
from erp_core.reports.gst.codes import CodeKey, lines_by_code
from erp_core.reports.gst.composition import Cmp08
from erp_core.reports.gst.filing import (
    Filed,
    SmallKey,
    is_zero_rated,
    nil_row,
    parts_of,
    small_parts,
    untaxed_value,
)
from erp_core.reports.gst.gstr1 import Gstr1
from erp_core.reports.gst.gstr3b import Gstr3b, exempt_bought
from erp_core.reports.gst.parts import Part, of_purchase, sum_of, under_reverse_charge
from erp_core.reports.registers import told_of

GIVEN_BACK = (CREDIT_LOST, CREDIT_SOLD)
APART = frozenset({SET_OFF, *GIVEN_BACK, REVERSE_CHARGE, "credit_reversal", *COST})
"""Entries on input tax that stand elsewhere than in table 4(A)(5)."""


class Document(NamedTuple):
    """What stands behind a cell: the kind of a document or of an entry, and what it brings."""

    kind: str
    on: date
    part: Part
    number: str | None = None
    party: str | None = None


class Sold(NamedTuple):
    """What a document adds to a row of the summary by code."""

    document: Document
    quantity: Decimal


Cells = dict[str, tuple[Document, ...]]
"""By table and row: "3.1(a)", "4(A)(5)"; of table 3.2 with the place: "3.2 29"."""


@dataclass(frozen=True)
class _Entry:
    """What an entry moved in the accounts of input tax; `kind` is that of what it undoes, but for
    credit that went back in days before: that is taken anew."""

    on: date
    kind: str
    source_id: UUID | None
    heads: Heads


def behind_gstr1(found: Gstr1) -> Cells:
    """Of each table of GSTR-1 but the summaries by code and number."""
    received, adjusted = advances_behind(found)
    return {
        "4A": tuple(map(_paper, found.b2b)),
        "5A": tuple(map(_paper, found.b2cl)),
        "6A": tuple(map(_paper, found.exports)),
        "7": tuple(_filed(one, _taxed(one)) for one in found.papers if one.table == "b2cs"),
        "8": tuple(one for _, one in _untaxed(found)),
        "9A": (
            *_amended(found.amended),
            *_shipped(found.shipped_later),
        ),
        "9B": tuple(map(_paper, (*found.notes_registered, *found.notes_unregistered))),
        "11A": tuple(one for every in received.values() for one in every),
        "11B": tuple(one for every in adjusted.values() for one in every),
    }


def small_behind(found: Gstr1) -> dict[SmallKey, list[Document]]:
    """The bills and notes behind each sum of table 7."""
    cells: defaultdict[SmallKey, list[Document]] = defaultdict(list)
    for one in found.papers:
        if one.table == "b2cs":
            for key, part in small_parts(one):
                cells[key].append(_filed(one, part))
    return cells


def nil_behind(found: Gstr1) -> dict[str, list[Document]]:
    """The bills and notes behind each sum of table 8."""
    cells: defaultdict[str, list[Document]] = defaultdict(list)
    for kind, one in _untaxed(found):
        cells[kind].append(one)
    return cells


def codes_behind(found: Gstr1, *, registered: bool) -> dict[CodeKey, list[Sold]]:
    """The bills and notes behind each row of table 12, with the quantity that each adds."""
    cells: defaultdict[CodeKey, list[Sold]] = defaultdict(list)
    for key, filed, _, quantity, part in lines_by_code(found.papers, registered=registered):
        cells[key].append(Sold(_filed(filed, part), quantity))
    return cells


def advances_behind(
    found: Gstr1,
) -> tuple[dict[SmallKey, list[Document]], dict[SmallKey, list[Document]]]:
    """The receipt vouchers behind each sum of tables 11A and 11B."""
    received: defaultdict[SmallKey, list[Document]] = defaultdict(list)
    adjusted: defaultdict[SmallKey, list[Document]] = defaultdict(list)
    for one in found.moved:
        key = ("INTER" if one.inter_state else "INTRA", one.place_of_supply, one.rate)
        if one.received_on < found.month:
            adjusted[key].append(_advance(one)._replace(part=_value_of(one)))
        else:
            received[key].append(_advance(one))
    return received, adjusted


def behind_gstr3b(reader: Reader, found: Gstr3b) -> Cells:
    """Of each row of GSTR-3B."""
    start, end = month_of(found.month)
    bought, sold = under_reverse_charge(reader, start, end), found.sold
    return {
        "3.1(a)": tuple(_outward(sold)),
        "3.1(b)": tuple(_paper(one) for one in sold.one_by_one if is_zero_rated(one.document)),
        "3.1(c)": tuple(one for _, one in _untaxed(sold)),
        "3.1(d)": tuple(map(_bought, bought)),
        **_by_place(sold),
        "4(A)(3)": tuple(map(_bought, (one for one in bought if one.input_credit))),
        **_credit(reader, found, bought),
        **_exempt_inward(reader, start, end),
        "5.1": tuple(_late(reader, end)),
    }


def behind_cmp08(reader: Reader, found: Cmp08) -> Cells:
    """Of the first two rows of CMP-08: the turnover, whose tax is that of its sum, and what was
    bought under reverse charge."""
    bills = invoices_between(reader, found.start, found.end)
    notes = notes_between(reader, found.start, found.end)
    sold = [_document(one, Part(0, one.total_paise)) for one in bills]
    sold += [
        Document(one.kind, one.on_date, Part(0, one.sign * one.total_paise), one.number)
        for one in notes
    ]
    bought = under_reverse_charge(reader, found.start, found.end)
    return {"osup": tuple(sold), "isup_rev": tuple(map(_bought, bought))}


def _document(invoice: Invoice, part: Part, kind: str = "invoice") -> Document:
    return Document(kind, invoice.on_date, part, invoice.number, invoice.customer_name or None)


def _filed(filed: Filed, part: Part) -> Document:
    if filed.note is None:
        return _document(filed.document, part)
    note, party = filed.note, filed.document.customer_name or None
    return Document(note.kind, note.on_date, part, note.number, party)


def _paper(filed: Filed) -> Document:
    return _filed(filed, sum_of((part, filed.sign) for part in filed.parts))


def _taxed(filed: Filed) -> Part:
    return sum_of((part, filed.sign) for part in filed.parts if part.rate)


def _untaxed(found: Gstr1) -> Iterator[tuple[str, Document]]:
    """Supplies that are nil or exempt, each with its row of table 8."""
    for one in found.papers:
        if paise := untaxed_value(one):
            yield nil_row(one.document), _filed(one, Part(0, paise))


def _outward(found: Gstr1) -> Iterator[Document]:
    """Table 3.1(a): what bears tax and is not zero-rated, with advances and corrections."""
    zero = {one.paper.id for one in found.one_by_one if is_zero_rated(one.document)}
    for one in found.papers:
        if one.paper.id not in zero and any(part.rate for part in one.parts):
            yield _filed(one, _taxed(one))
    yield from map(_advance, found.moved)
    yield from _amended(found.amended, but=zero)


def _amended(
    amended: Iterable[Amended], *, but: frozenset[UUID] | set[UUID] = frozenset()
) -> Iterator[Document]:
    """Each corrected bill as it was filed, taken off, and as it is now."""
    for one in amended:
        yield _changed(one.before, -1)
        if one.after.id not in but:
            yield _changed(one.after, 1)


def _changed(document: Invoice, sign: int) -> Document:
    part = sum_of((part, sign) for part in parts_of(document) if part.rate)
    return _document(document, part, "amendment")


def _shipped(shipped: Iterable[ShippedLater]) -> Iterator[Document]:
    """Each export with another shipping bill: what it comes to stays."""
    for one in shipped:
        for sign in (-1, 1):
            part = sum_of((part, sign) for part in parts_of(one.document))
            yield _document(one.document, part, "amendment")


def _value_of(moved: Movement) -> Part:
    return Part(0, moved.taxable, moved.cgst, moved.sgst, moved.igst)


def _advance(moved: Movement) -> Document:
    """The tax on an advance: what was received is owed, what was billed or went back taken off."""
    part = sum_of([(_value_of(moved), 1 if moved.kind == RECEIVED else -1)])
    return Document("advance_tax", moved.on, part, moved.number, moved.customer)


def _bought(one: Bill | Charged) -> Document:
    kind = "purchase" if isinstance(one, Bill) else REVERSE_CHARGE
    part = sum_of([(of_purchase(one), one.sign)])
    return Document(kind, one.on, part, one.number, one.vendor)


def _by_place(found: Gstr1) -> Cells:
    """Table 3.2, each place a cell of its own."""
    cells: defaultdict[str, list[Document]] = defaultdict(list)
    for one in found.papers:
        document = one.document
        if one.table == "b2cl" or (one.table == "b2cs" and document.inter_state):
            cells[document.place_of_supply].append(_filed(one, _taxed(one)))
    for change in found.amended:
        for document, sign in ((change.before, -1), (change.after, 1)):
            if document.inter_state and not document.customer_gstin:
                cells[document.place_of_supply].append(_changed(document, sign))
    return {f"3.2 {place}": tuple(cells[place]) for place in sorted(cells)}


def _credit(reader: Reader, found: Gstr3b, bought: Sequence[Bill | Charged]) -> Cells:
    """Table 4 but for reverse charge, of which its own documents tell."""
    start, end = month_of(found.month)
    entries, own = _entries(reader, start, end), {one.id for one in bought}
    others = {
        entry_id: (one.on, Part(0, **one.heads))
        for entry_id, one in entries.items()
        if one.kind not in APART and one.source_id not in own
    }
    shifted = told_later.shifted(reader, start)
    for told, sign in ((shifted.here, 1), (shifted.after, -1)):
        for entry_id, (on, heads) in told.items():
            _, before = others.get(entry_id, (on, Part(0)))
            others[entry_id] = (on, before.plus(Part(0, **heads), sign))
    lost = {
        entry_id: (one.on, Part(0).plus(Part(0, **one.heads), -1))
        for entry_id, one in entries.items()
        if one.kind in GIVEN_BACK
    }
    blocked = {
        one.entry_id: (one.on, Part(0, **one.heads)) for one in blocked_between(reader, start, end)
    }
    moves = moves_between(reader, start, end)
    gained, given = _shares(found, end)
    return {
        "4(A)(5)": (*_told(reader, {**others, **blocked}, moves), *gained),
        "4(B)(1)": (*_told(reader, {**lost, **blocked}, moves), *given),
        "4(B)(2)": tuple(_moved(one) for one in moves if one.kind == REVERSED),
        "4(D)(1)": tuple(_moved(one) for one in moves if one.kind == RECLAIMED),
    }


def _entries(reader: Reader, start: date, end: date) -> dict[UUID, _Entry]:
    """What moved in the accounts of input tax, by entry."""
    head, c, undone = ledger_entries.c, ledger_postings.c, ledger_entries.alias()
    taken_anew = undone.c.kind.in_(GIVEN_BACK) & (undone.c.on_date < start)
    kind: Any = case((taken_anew, head.kind), else_=func.coalesce(undone.c.kind, head.kind))
    rows = reader.connection.execute(
        select(
            c.entry_id,
            c.on_date,
            kind.label("kind"),
            head.source_id,
            c.account,
            cast(func.sum(c.paise), BigInteger).label("paise"),
        )
        .join(ledger_entries, (head.business_id == c.business_id) & (head.id == c.entry_id))
        .outerjoin(
            undone, (undone.c.business_id == head.business_id) & (undone.c.id == head.reverses)
        )
        .where(
            c.business_id == reader.business_id,
            c.account.in_(sorted(chart.HEAD_OF_INPUT)),
            c.on_date.between(start, end),
        )
        .group_by(c.entry_id, c.on_date, kind, head.source_id, c.account)
    )
    found: dict[UUID, _Entry] = {}
    for row in rows:
        before = found.get(row.entry_id)
        heads = {**(before.heads if before else {}), chart.HEAD_OF_INPUT[row.account]: row.paise}
        found[row.entry_id] = _Entry(row.on_date, row.kind, row.source_id, heads)
    return found


def _told(
    reader: Reader, parts: Mapping[UUID, tuple[date, Part]], moves: Iterable[Moved]
) -> Iterator[Document]:
    """Entries with the number and the party of what they are about."""
    bills = {one.entry_id: one for one in moves}
    told = told_of(reader, list(parts))
    for entry_id, (on, part) in sorted(parts.items(), key=lambda one: (one[1][0], str(one[0]))):
        if not any(part[1:]):
            continue
        about, bill = told[entry_id], bills.get(entry_id)
        number, party = about.number or about.text, about.party
        if bill is not None:
            number, party = bill.number, bill.vendor
        yield Document(about.kind, on, part, number, party)


def _shares(found: Gstr3b, end: date) -> tuple[list[Document], list[Document]]:
    """What a year gets again of common credit (4(A)), and what goes back for what is sold without
    tax (4(B)(1)): these have no document but the reckoning of the month."""
    total = sum_of((part, 1) for part in found.apportioned.values())
    again = Part(0, *(max(0, -paise) for paise in total[1:]))
    if again.tax:
        back = Part(0, *(max(0, paise) for paise in total[1:]))
        rows = [Document("credit_common", end, part) for part in (again, back)]
        return rows[:1], rows[1:] if back.tax else []
    return [], [
        Document(kind, end, part) for kind, part in found.apportioned.items() if any(part[1:])
    ]


def _moved(one: Moved) -> Document:
    kind = "credit_reversal" if one.kind == REVERSED else "credit_reclaim"
    return Document(kind, one.on, Part(0, **one.heads), one.number, one.vendor)


def _exempt_inward(reader: Reader, start: date, end: date) -> Cells:
    """Table 5, by whether it came from another state."""
    cells: dict[bool, list[Document]] = {True: [], False: []}
    for bill, paise in exempt_bought(reader, start, end):
        of_bill = Document("purchase", bill.on, Part(0, paise), bill.number, bill.vendor)
        cells[bill.inter_state].append(of_bill)
    return {"5 Inter": tuple(cells[True]), "5 Intra": tuple(cells[False])}


def _late(reader: Reader, end: date) -> Iterator[Document]:
    for one in late.written(reader, told_in=f"{end:%Y-%m}"):
        yield Document(one.kind, one.since, Part(0, **one.heads))
