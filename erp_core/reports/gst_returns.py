"""The GST returns of a month: GSTR-1 with all its tables, and what GSTR-3B and CMP-08 come to.

Everything is read from the documents as they were issued; amounts are paise. Credit notes are filed
with positive amounts, their type gives the sign. A bill that was cancelled counts only among the
documents. What the portal would refuse is told by the number of the document (`problems`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, NamedTuple

from erp_core.catalogue.codes import is_service
from erp_core.catalogue.queries import products_by_id
from erp_core.invoicing.advances import RECEIVED, Movement, movements
from erp_core.invoicing.notes import Note, NoteLine, notes_between, notes_of
from erp_core.invoicing.numbering import written
from erp_core.invoicing.queries import (
    Invoice,
    InvoiceLine,
    corrected_between,
    invoice,
    invoices_between,
)
from erp_core.invoicing.registration import AWAITED, statuses
from erp_core.invoicing.vouchers import vouchers_between
from erp_core.journal.context import Reader
from erp_core.kernel.quantity import UNITS
from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.parties.permissions import Permission, require
from erp_core.parties.queries import business
from erp_core.portals import apportioning, late, settling, told_later
from erp_core.portals.late import INTEREST
from erp_core.portals.periods import SET_OFF, is_settled
from erp_core.portals.periods import month_of as month_of
from erp_core.portals.reverse_charge import Charged, charges_between, documents_between
from erp_core.purchases.lost_goods import given_back
from erp_core.purchases.queries import Bill, bills_between, self_invoices_between
from erp_core.purchases.reversing import RECLAIMED, REVERSED, moved_between
from erp_core.reports.books import year_start
from erp_core.tax import gstin as gstins
from erp_core.tax.hsn import is_exempt
from erp_core.tax.rules import EXPORTS, is_composition, stands_alone

HSN_SPLIT_FROM = date(2025, 5, 1)
"""From this period on the summary by HSN is split into B2B and B2C, and its codes are validated."""
ADDRESS_ABOVE = 50_000_00
"""Rule 46(e): from here on an unregistered buyer's address stands on the invoice."""
SHORTEST_HSN = 4
LONGEST_DESCRIPTION = 30

_CODES = """
BAG BAL BDL BKL BOU BOX BTL BUN CAN CBM CCM CMS CTN DOZ DRM GGK GMS GRS GYD KGS KLR KME LTR MTR
MLT MTS NOS OTH PAC PCS PRS QTL ROL SET SQF SQM SQY TBS TGM THD TON TUB UGS UNT YDS
"""
UQC = frozenset(_CODES.split())
INVOICE_TYPES = {"sez": "SEWP", "sez_lut": "SEWOP", "deemed_export": "DE"}

OTHERS = {"self_invoice": 2, "receipt_voucher": 6, "payment_voucher": 7, "refund_voucher": 8}
"""Their numbers among the kinds of documents of Table 13."""

Table = Literal["b2b", "b2cl", "b2cs", "exp", "nil"]


class Part(NamedTuple):
    """The part of a document that has one rate. A month makes very many, which is why it is a
    tuple."""

    rate: int
    taxable: int = 0
    cgst: int = 0
    sgst: int = 0
    igst: int = 0
    cess: int = 0

    def plus(self, other: Part, sign: int = 1) -> Part:
        """The sum, or with sign=-1 the difference."""
        return Part(
            self.rate,
            self.taxable + sign * other.taxable,
            self.cgst + sign * other.cgst,
            self.sgst + sign * other.sgst,
            self.igst + sign * other.igst,
            self.cess + sign * other.cess,
        )

    @property
    def tax(self) -> int:
        """All heads, cess too."""
        return self.cgst + self.sgst + self.igst + self.cess


@dataclass(frozen=True)
class Filed:
    """A document in a table, with its parts by rate; a note also with its invoice."""

    document: Invoice
    parts: tuple[Part, ...]
    note: Note | None = None


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


SmallKey = tuple[str, str, int]
"""Supply type (INTRA, INTER), place and rate of what is filed as a sum."""


@dataclass(frozen=True)
class Code:
    """A row of the summary by HSN."""

    hsn: str
    description: str
    uqc: str
    rate: int
    quantity: Decimal
    part: Part


@dataclass(frozen=True)
class Range:
    """Documents of one kind in one series: the first and last number, and how many."""

    kind: int
    first: str
    last: str
    count: int
    cancelled: int
    missing: tuple[str, ...] = ()


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
    b2cs: Mapping[tuple[str, str, int], Part] = field(default_factory=dict)
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
    advances: Mapping[tuple[str, str, int], Part] = field(default_factory=dict)
    """Table 11A, by supply type, place and rate: received for services that are not billed yet."""
    adjusted: Mapping[tuple[str, str, int], Part] = field(default_factory=dict)
    """Table 11B: received in an earlier month, and billed or given back in this one."""

    amended: tuple[Amended, ...] = ()
    b2csa: Mapping[tuple[date, str, str], tuple[Part, ...]] = field(default_factory=dict)
    """Table 10, by month, supply type and place: what the sums of that month have become."""
    correction: Part = field(default_factory=lambda: Part(0))
    """By how much corrections of earlier months change the tax."""

    @property
    def liability(self) -> Part:
        """What the month owes: on what was billed, on advances more than on those before, and by
        corrections of what was filed earlier."""
        owed = _sum((part, 1) for part in self.advances.values())
        taken_off = _sum((part, 1) for part in self.adjusted.values())
        return self.total.plus(owed).plus(taken_off, -1).plus(self.correction)


@dataclass(frozen=True)
class Gstr3b:
    """What GSTR-3B comes to; `difference` is by how much the tax differs from the books.

    `input_tax` is all that was set off, reversals taken off, and with what was written late of
    months that were filed (told_later.py); `input_reverse` the part of it paid
    under reverse charge; `reverse_charge` is what the business owes on its purchases (3.1(d)).
    """

    month: date
    taxable: Part
    zero_rated: Part
    nil: int
    inter_unregistered: Mapping[str, Part]
    input_tax: Part
    difference: int
    reverse_charge: Part = field(default_factory=lambda: Part(0))
    input_reverse: Part = field(default_factory=lambda: Part(0))
    reversed: Part = field(default_factory=lambda: Part(0))
    """Credit of bills unpaid for 180 days (rule 37), which is taken again when they are paid."""
    reclaimed: Part = field(default_factory=lambda: Part(0))
    lost: Part = field(default_factory=lambda: Part(0))
    """Credit of goods that were lost or taken for oneself, given back for good (section 17(5))."""
    apportioned: Mapping[str, Part] = field(default_factory=dict)
    """Credit that goes back since something is sold without tax, by the entry that stands for it
    (apportioning.COST); below zero where a year gets some of it again."""
    interest: Part = field(default_factory=lambda: Part(0))
    """Table 5.1: what is paid with this return for a delay, and the fee of one that was late."""
    late_fee: Part = field(default_factory=lambda: Part(0))
    exempt_inward: Mapping[bool, int] = field(default_factory=dict)
    """Table 5: goods bought that bear no tax, by whether they came from another state."""

    @property
    def available(self) -> Part:
        """Table 4(A): all credit of the month before reversals, what is taken again in it."""
        return self.input_tax.plus(self.reversed).plus(self.given_back)

    @property
    def given_back(self) -> Part:
        """Table 4(B)(1): what never comes back of the credit (section 17(5), rules 42 and 43)."""
        shares = _sum((part, 1) for part in self.apportioned.values())
        return self.lost.plus(Part(0, *(max(0, paise) for paise in shares[1:])))


@dataclass(frozen=True)
class Cmp08:
    """What a quarter under the composition scheme comes to; the rate in basis points.

    `tax` is that on the turnover, of a trader without what is `exempt` in it; `unknown` is the part
    that is taxed since nobody knows the rate of its goods. `inward` is what was bought under
    reverse charge, whose tax is paid with it.
    """

    start: date
    end: date
    turnover: int
    rate: int
    tax: int
    inward: Part = field(default_factory=lambda: Part(0))
    gstin: str = ""
    exempt: int = 0
    unknown: int = 0
    trade: str = "trader"
    late: tuple[late.Due, ...] = ()
    """What the delay of the quarter costs: as it was paid, or if it were paid today."""

    @property
    def interest(self) -> Part:
        """Table 3, row 4."""
        return _sum((Part(0, **one.heads), 1) for one in self.late if one.kind == INTEREST)

    @property
    def outward(self) -> Part:
        """Table 3, row 1: the turnover with what is exempt, half of its tax to each government."""
        return Part(self.rate, self.turnover, cgst=self.tax // 2, sgst=self.tax // 2)

    @property
    def by_rate(self) -> tuple[Part, ...]:
        """The turnover as GSTR-4 wants it: what is taxed, and what is exempt at no rate."""
        taxed = self.outward._replace(taxable=self.turnover - self.exempt)
        return tuple(part for part in (Part(0, self.exempt), taxed) if part.taxable)

    @property
    def payable(self) -> Part:
        """Table 3, row 3."""
        return self.outward.plus(self.inward)


@dataclass(frozen=True)
class Inward:
    """What was bought of one supplier at one rate (GSTR-4, table 4): `part` is "4A" of somebody
    registered, "4B" of such under reverse charge, "4C" of somebody who is not."""

    part: str
    gstin: str
    inter_state: bool
    bought: Part


@dataclass(frozen=True)
class Gstr4:
    """The yearly return under the composition scheme (rule 62): what was bought, what the four
    statements came to, and the turnover by rate."""

    gstin: str
    start: date
    inward: tuple[Inward, ...]
    quarters: tuple[Cmp08, ...]
    outward: tuple[Part, ...]
    reverse_charge: tuple[Part, ...]

    @property
    def year(self) -> str:
        """The financial year as it is written: "2026-27"."""
        return f"{self.start.year}-{(self.start.year + 1) % 100:02d}"


def gstr1(reader: Reader, month: date) -> Gstr1:
    """GSTR-1 of the month that a day lies in. The business must have a GSTIN."""
    require(reader, Permission.VIEW_REPORTS)
    start, end = month_of(month)
    every = invoices_between(reader, start, end, cancelled=True, as_of=end)
    standing = [one for one in every if one.status == "issued"]
    filed = [(one, Filed(one, tuple(_parts(one.lines)))) for one in standing]
    noted = [_filed_note(reader, one, end) for one in notes_between(reader, start, end)]
    amended = _amended(reader, start, end)
    tables: dict[str, list[Filed]] = defaultdict(list)
    b2cs: dict[tuple[str, str, int], Part] = {}
    for document, one in filed:
        table = _table(document)
        if table == "b2cs":
            _add_small(b2cs, one, 1)
        elif table != "nil":
            tables[table].append(one)
    for one in noted:
        table = _table(one.document)
        if table == "b2cs":
            _add_small(b2cs, one, _sign(one))
        elif table == "b2b":
            tables["cdnr"].append(one)
        elif table != "nil":
            tables["cdnur"].append(one)
    # A bill that got its GSTIN afterwards is filed as one of this month, under its own date.
    tables["b2b"] += [
        Filed(one.after, tuple(_parts(one.after.lines)))
        for one in amended
        if one.table == "10" and one.after.customer_gstin
    ]
    signed = [(one, 1) for _, one in filed] + [(one, _sign(one)) for one in noted]
    numbers = {one.id: one.number for one in standing}
    numbers |= {one.note.id: one.note.number for one in noted if one.note}
    portal = statuses(reader, list(numbers))
    awaited = [numbers[at] for at, status in portal.items() if status in AWAITED]
    advances, adjusted = _advances(movements(reader, start, end), start)
    return Gstr1(
        gstin=business(reader).gstin or "",
        month=start,
        b2b=tuple(tables["b2b"]),
        b2cl=tuple(tables["b2cl"]),
        exports=tuple(tables["exp"]),
        notes_registered=tuple(tables["cdnr"]),
        notes_unregistered=tuple(tables["cdnur"]),
        b2cs=_standing_parts(b2cs),
        nil=_nil(signed),
        hsn_b2b=_codes(signed, registered=True),
        hsn_b2c=_codes(signed, registered=False),
        ranges=tuple(
            _ranges(
                every,
                [one.note for one in noted if one.note],
                [
                    *self_invoices_between(reader, start, end),
                    *documents_between(reader, start, end),
                    *vouchers_between(reader, start, end),
                ],
            )
        ),
        problems=(
            *(Problem(number, "einvoice") for number in sorted(awaited)),
            *_problems(standing),
        ),
        registered=len(portal) - len(awaited),
        advances=advances,
        adjusted=adjusted,
        amended=amended,
        b2csa=_small_amended(reader, amended, end),
        correction=_correction(amended),
        bills=len(standing),
        notes=len(noted),
        cancelled=len(every) - len(standing),
        total=_sum((part, sign) for one, sign in signed for part in one.parts if part.rate),
    )


def gstr3b(reader: Reader, month: date) -> Gstr3b:
    """What GSTR-3B of the month comes to, and whether the ledger's tax accounts agree."""
    found = gstr1(reader, month)
    start, end = month_of(month)
    signed = [(one, _sign(one)) for one in _all(found) if _zero_rated(one.document)]
    zero = _sum((part, sign) for one, sign in signed for part in one.parts)
    zero_taxed = _sum((part, sign) for one, sign in signed for part in one.parts if part.rate)
    bought = _reverse_charged(reader, start, end)
    reverse = _sum((_part_of(one), one.sign) for one in bought)
    owed = found.liability.tax + reverse.tax
    moved = _moved(reader, start, end)
    booked = -sum(moved[account] for account in chart.OUTPUT_TAX.values())
    credit = moved_between(reader, start, end)
    told = told_later.shifted(reader, start)
    shares = {
        kind: Part(0, **heads) for kind, heads in apportioning.given_back(reader, start).items()
    }
    inter: dict[str, Part] = {}
    for (kind, place, _), part in found.b2cs.items():
        if kind == "INTER":
            inter[place] = inter.get(place, Part(0)).plus(part)
    for one in (*found.b2cl, *found.notes_unregistered):
        if one.document.treatment not in EXPORTS:
            place, sign = one.document.place_of_supply, _sign(one)
            taxed = _sum((part, sign) for part in one.parts if part.rate)
            inter[place] = inter.get(place, Part(0)).plus(taxed)
    for change in found.amended:
        for document, sign in ((change.before, -1), (change.after, 1)):
            if document.inter_state and not document.customer_gstin:
                place, parts = document.place_of_supply, _parts(document.lines)
                shifted = _sum((part, sign) for part in parts)
                inter[place] = inter.get(place, Part(0)).plus(shifted)
    return Gstr3b(
        month=start,
        taxable=found.liability.plus(zero_taxed, -1),
        zero_rated=zero,
        nil=sum(found.nil.values()),
        inter_unregistered=inter,
        input_tax=Part(
            0,
            **{
                head: moved[account] + told.told_here[head] - told.told_after[head]
                for head, account in chart.INPUT_TAX.items()
            },
        ).plus(_sum((part, 1) for part in shares.values()), -1),
        apportioned=shares,
        difference=owed - booked,
        reverse_charge=reverse,
        input_reverse=_sum((_part_of(one), one.sign) for one in bought if one.input_credit),
        reversed=Part(0, **credit.get(REVERSED, {})),
        reclaimed=Part(0, **credit.get(RECLAIMED, {})),
        lost=Part(0, **given_back(reader, start, end)),
        interest=_told(reader, end, INTEREST),
        late_fee=_told(reader, end, late.LATE_FEE),
        exempt_inward=_exempt_inward(reader, start, end),
    )


def _told(reader: Reader, end: date, kind: str) -> Part:
    """What was paid late and is paid for with the return of a period."""
    told = late.written(reader, told_in=f"{end:%Y-%m}")
    return _sum((Part(0, **one.heads), 1) for one in told if one.kind == kind)


def _exempt_inward(reader: Reader, start: date, end: date) -> dict[bool, int]:
    """What somebody unregistered sells bears no tax, but that alone does not make it exempt."""
    found: dict[bool, int] = defaultdict(int)
    bills = bills_between(reader, start, end)
    goods = products_by_id(reader, list({line.product_id for one in bills for line in one.lines}))
    for one in bills:
        for line in one.lines:
            if not line.tax and (one.supplier_gstin or is_exempt(goods[line.product_id], one.on)):
                found[one.inter_state] += one.sign * line.taxable
    return dict(found)


def _advances(
    moved: Iterable[Movement], start: date
) -> tuple[dict[tuple[str, str, int], Part], dict[tuple[str, str, int], Part]]:
    """Tables 11A and 11B. What came and was billed within the month stands in neither."""
    received: dict[tuple[str, str, int], Part] = {}
    ended: dict[tuple[str, str, int], Part] = {}
    for one in moved:
        earlier = one.received_on < start
        table = ended if earlier else received
        sign = 1 if earlier or one.kind == RECEIVED else -1
        key = ("INTER" if one.inter_state else "INTRA", one.place_of_supply, one.rate)
        part = Part(one.rate, one.taxable, one.cgst, one.sgst, one.igst)
        table[key] = table.get(key, Part(one.rate)).plus(part, sign)
    return _standing_parts(received), _standing_parts(ended)


def _standing_parts(
    table: Mapping[tuple[str, str, int], Part],
) -> dict[tuple[str, str, int], Part]:
    return {key: part for key, part in sorted(table.items()) if part.taxable or part.tax}


def _reverse_charged(reader: Reader, start: date, end: date) -> list[Bill | Charged]:
    """Goods and services of some days whose tax the business owes itself."""
    goods = [one for one in bills_between(reader, start, end) if one.reverse_charge]
    return [*goods, *charges_between(reader, start, end)]


def _part_of(bought: Bill | Charged) -> Part:
    return Part(0, bought.taxable, bought.cgst, bought.sgst, bought.igst, bought.cess)


def cmp08(reader: Reader, on: date) -> Cmp08:
    """What the quarter of a day comes to under the composition scheme (section 10, rule 62)."""
    require(reader, Permission.VIEW_REPORTS)
    first = date(on.year, on.month - (on.month - 1) % 3, 1)
    end = month_of(date(first.year, first.month + 2, 1))[1]
    found = settling.turnover(reader, first, end)
    inward = _sum((_part_of(one), one.sign) for one in _reverse_charged(reader, first, end))
    owed = Part(0, cgst=found.half, sgst=found.half).plus(inward)
    gstin = business(reader).gstin or ""
    return Cmp08(
        start=first,
        end=end,
        turnover=found.paise,
        rate=found.rate,
        tax=2 * found.half,
        inward=inward,
        gstin=gstin,
        exempt=found.exempt,
        unknown=found.unknown,
        trade=found.trade,
        late=_late(reader, end, {head: getattr(owed, head) for head in late.HEADS}),
    )


def _late(reader: Reader, end: date, owed: Mapping[str, int]) -> tuple[late.Due, ...]:
    period = f"{end:%Y-%m}"
    if is_settled(reader, period) or reader.today <= end:
        return late.written(reader, period=period)
    return late.dues(reader, end, owed, on=reader.today)


def gstr4(reader: Reader, on: date) -> Gstr4:
    """GSTR-4 of the financial year of a day."""
    start = year_start(on)
    quarters = [cmp08(reader, date(start.year, month, 1)) for month in (4, 7, 10)]
    quarters.append(cmp08(reader, date(start.year + 1, 1, 1)))
    bills = bills_between(reader, start, quarters[-1].end)
    inward: dict[tuple[str, str, bool, int], Part] = {}
    for one in bills:
        if not (one.supplier_gstin or one.reverse_charge):
            continue
        registered = "4B" if one.reverse_charge else "4A"
        part = registered if one.supplier_gstin else "4C"
        for line in one.lines:
            key = (part, one.supplier_gstin or "", one.inter_state, line.gst_rate)
            of_line = Part(
                line.gst_rate, line.taxable, line.cgst, line.sgst, line.igst, line.cess
            )  # fmt: skip
            inward[key] = inward.get(key, Part(line.gst_rate)).plus(of_line, one.sign)
    for charged in charges_between(reader, start, quarters[-1].end):
        part = "4B" if charged.supplier_gstin else "4C"
        key = (part, charged.supplier_gstin or "", charged.inter_state, charged.rate)
        of_service = _part_of(charged)._replace(rate=charged.rate)
        inward[key] = inward.get(key, Part(charged.rate)).plus(of_service, charged.sign)
    rows = [Inward(*key[:3], part) for key, part in sorted(inward.items())]
    return Gstr4(
        gstin=business(reader).gstin or "",
        start=start,
        inward=tuple(rows),
        quarters=tuple(quarters),
        outward=_by_rate(part for one in quarters for part in one.by_rate),
        reverse_charge=_by_rate(one.bought for one in rows if one.part != "4A"),
    )


def _by_rate(parts: Iterable[Part]) -> tuple[Part, ...]:
    found: dict[int, Part] = {}
    for part in parts:
        found[part.rate] = found.get(part.rate, Part(part.rate)).plus(part)
    return tuple(found[rate] for rate in sorted(found))


def is_under_composition(reader: Reader) -> bool:
    """Whether the business files CMP-08 in place of GSTR-1."""
    return is_composition(business(reader))


def parts_of(document: Invoice) -> list[Part]:
    """The parts of an invoice by rate."""
    return list(_parts(document.lines))


def _table(document: Invoice) -> Table:
    """The table in which an invoice, or a note on it, is filed."""
    if document.treatment in EXPORTS:
        return "exp"
    if document.customer_gstin:
        taxed = any(line.rate for line in document.lines) or _zero_rated(document)
        return "b2b" if taxed and document.kind != "bill" else "nil"
    if not any(line.rate for line in document.lines):
        return "nil"
    alone = stands_alone(
        inter_state=document.inter_state,
        total_paise=document.total_paise,
        on=document.on_date,
    )
    return "b2cl" if alone else "b2cs"


def _zero_rated(document: Invoice) -> bool:
    return document.treatment is not None and document.treatment != "deemed_export"


def _parts(lines: Iterable[InvoiceLine]) -> Iterable[Part]:
    found: dict[int, Part] = {}
    for line in lines:
        part, before = _part(line.rate, line), found.get(line.rate)
        found[line.rate] = before.plus(part) if before else part
    return found.values()


def _part(rate: int, of: InvoiceLine | NoteLine) -> Part:
    return Part(
        rate, of.taxable_paise, of.cgst_paise, of.sgst_paise, of.igst_paise, of.cess_paise
    )  # fmt: skip


def _amended(reader: Reader, start: date, end: date) -> tuple[Amended, ...]:
    """The bills of earlier months that were corrected in this one."""
    found = []
    for invoice_id in corrected_between(reader, start, end):
        after = invoice(reader, invoice_id, as_of=end)
        if after.on_date >= start:
            continue
        before = invoice(reader, invoice_id, as_of=start - timedelta(days=1))
        notes = [
            _filed_note(reader, one, end)
            for one in notes_of(reader, invoice_id)
            if one.on_date < start and before.customer_gstin
        ]
        found.append(Amended(before, after, tuple(notes)))
    return tuple(found)


def _small_amended(
    reader: Reader, amended: Iterable[Amended], end: date
) -> dict[tuple[date, str, str], tuple[Part, ...]]:
    """What the sums of earlier months have become where bills left them or came to them."""
    touched: set[tuple[date, str, str, int]] = set()
    for one in amended:
        for document in (one.before, one.after):
            if _table(document) == "b2cs":
                kind = "INTER" if document.inter_state else "INTRA"
                month = document.on_date.replace(day=1)
                touched |= {
                    (month, kind, document.place_of_supply, line.rate)
                    for line in document.lines
                    if line.rate
                }
    months = {month: _small(reader, month, end) for month, *_ in touched}
    rows: dict[tuple[date, str, str], list[Part]] = defaultdict(list)
    for month, kind, place in sorted({one[:3] for one in touched}):
        rates = {rate for *_, rate in months[month]} | {rate for *_, rate in touched}
        for rate in sorted(rates):
            part = months[month].get((kind, place, rate))
            if part or (month, kind, place, rate) in touched:
                rows[month, kind, place].append(part or Part(rate))
    return {key: tuple(parts) for key, parts in rows.items()}


def _small(reader: Reader, month: date, as_of: date) -> dict[SmallKey, Part]:
    """Table 7 of a month with the corrections up to a day."""
    start, end = month_of(month)
    sums: dict[SmallKey, Part] = {}
    for document in invoices_between(reader, start, end, as_of=as_of):
        if _table(document) == "b2cs":
            _add_small(sums, Filed(document, tuple(_parts(document.lines))), 1)
    for noted in notes_between(reader, start, end):
        one = _filed_note(reader, noted, as_of)
        if _table(one.document) == "b2cs":
            _add_small(sums, one, _sign(one))
    return sums


def _correction(amended: Iterable[Amended]) -> Part:
    return _sum(
        (part, sign)
        for one in amended
        for document, sign in ((one.before, -1), (one.after, 1))
        for part in _parts(document.lines)
        if part.rate
    )


def _filed_note(reader: Reader, noted: Note, as_of: date) -> Filed:
    document = invoice(reader, noted.invoice_id, as_of=as_of)
    found: dict[int, Part] = {}
    for one in noted.lines:
        rate = document.lines[one.position - 1].rate
        part = _part(rate, one)
        found[rate] = found.get(rate, Part(rate)).plus(part)
    return Filed(document, tuple(found.values()), noted)


def _sign(filed: Filed) -> int:
    return filed.note.sign if filed.note else 1


def _add_small(b2cs: dict[tuple[str, str, int], Part], filed: Filed, sign: int) -> None:
    document = filed.document
    kind = "INTER" if document.inter_state else "INTRA"
    for part in filed.parts:
        if part.rate:
            key = (kind, document.place_of_supply, part.rate)
            b2cs[key] = b2cs.get(key, Part(part.rate)).plus(part, sign)


def _nil(signed: Iterable[tuple[Filed, int]]) -> dict[str, int]:
    """Supplies without tax, by whether they leave the state and whether the buyer is registered."""
    found: dict[str, int] = defaultdict(int)
    for filed, sign in signed:
        document = filed.document
        if _zero_rated(document):
            continue
        where = "INTR" if document.inter_state else "INTRA"
        who = "B2B" if document.customer_gstin else "B2C"
        for part in filed.parts:
            if not part.rate:
                found[f"{where}{who}"] += sign * part.taxable
    return {key: paise for key, paise in sorted(found.items()) if paise}


def _codes(signed: Iterable[tuple[Filed, int]], *, registered: bool) -> tuple[Code, ...]:
    found: dict[tuple[str, str, int], Code] = {}
    for filed, sign in signed:
        if bool(filed.document.customer_gstin) != registered:
            continue
        for line, quantity, part in _rows(filed):
            uqc, count = _uqc(line, quantity)
            key = (line.hsn or "", uqc, line.rate)
            before = found.get(key)
            found[key] = Code(
                hsn=line.hsn or "",
                description=line.name[:LONGEST_DESCRIPTION],
                uqc=uqc,
                rate=line.rate,
                quantity=(before.quantity if before else Decimal(0)) + sign * count,
                part=(before.part if before else Part(line.rate)).plus(part, sign),
            )
    return tuple(found[key] for key in sorted(found))


def _rows(filed: Filed) -> Iterable[tuple[InvoiceLine, Decimal, Part]]:
    if filed.note:
        for one in filed.note.lines:
            line = filed.document.lines[one.position - 1]
            yield line, one.quantity, _part(line.rate, one)
        return
    for line in filed.document.lines:
        yield line, line.quantity, _part(line.rate, line)


def _uqc(line: InvoiceLine, quantity: Decimal) -> tuple[str, Decimal]:
    """Services have no quantity; a unit that the portal does not know is "OTH"."""
    if is_service(line.hsn):
        return "NA", Decimal(0)
    code = UNITS[line.unit].uqc if line.unit in UNITS else "OTH"
    return (code if code in UQC else "OTH"), quantity


def _ranges(
    every: Sequence[Invoice], noted: Sequence[Note], given: Sequence[tuple[str, str]]
) -> Iterable[Range]:
    """Table 13, with the numbers that should be in a series and are not."""
    groups: dict[tuple[int, str], list[tuple[str, bool]]] = defaultdict(list)
    for one in every:
        groups[1, one.number[:-5]].append((one.number, one.status == "cancelled"))
    for note in noted:
        groups[5 if note.kind == "credit_note" else 4, note.number[:-5]].append(
            (note.number, False)
        )
    for document, number in given:
        groups[OTHERS[document], number[:-5]].append((number, False))
    for (kind, _), members in sorted(groups.items()):
        numbers = sorted(number for number, _ in members)
        cancelled = sum(gone for _, gone in members)
        yield Range(kind, numbers[0], numbers[-1], len(numbers), cancelled, _missing(numbers))


def _missing(numbers: Sequence[str]) -> tuple[str, ...]:
    series, first = numbers[0].rsplit("-", 1) if "-" in numbers[0] else ("", "")
    if not series or not first.isdigit() or "-" not in series:
        return ()
    head, year = series.rsplit("-", 1)
    present = set(numbers)
    last = int(numbers[-1].rsplit("-", 1)[1])
    every = (written(head, year, serial) for serial in range(int(first), last + 1))
    return tuple(number for number in every if number not in present)[:20]


def _problems(standing: Iterable[Invoice]) -> Iterable[Problem]:
    for one in standing:
        if one.customer_gstin and not gstins.is_valid(one.customer_gstin):
            yield Problem(one.number, "bad_gstin")
        if one.description_code:
            yield Problem(one.number, "no_code")
            continue
        for line in one.lines:
            if not line.hsn:
                yield Problem(one.number, "no_hsn", line.name)
            elif len(line.hsn) < SHORTEST_HSN:
                yield Problem(one.number, "short_hsn", line.name)
        bare = not one.customer_gstin and not one.customer_address
        if bare and one.subtotal_paise >= ADDRESS_ABOVE:
            yield Problem(one.number, "no_address")


def _all(found: Gstr1) -> Iterable[Filed]:
    for table in (found.b2b, found.exports, found.notes_registered, found.notes_unregistered):
        yield from table


def _sum(parts: Iterable[tuple[Part, int]]) -> Part:
    total = Part(0)
    for part, sign in parts:
        total = total.plus(part, sign)
    return total


def _moved(reader: Reader, start: date, end: date) -> dict[str, int]:
    """What moved in the tax accounts but for the payment of the tax, and the shares that are told
    of a month and not of a day: debits above zero."""
    accounts = (*chart.OUTPUT_TAX.values(), *chart.INPUT_TAX.values())
    turned = ledger.turnover(reader, start=start, until=end, accounts=accounts)
    paid = ledger.moved_by(reader, SET_OFF, *apportioning.COST, start=start, until=end)
    return {
        code: debit - credit - paid.get(code, 0)
        for code, (debit, credit) in ((code, turned.get(code, (0, 0))) for code in accounts)
    }
