"""GSTR-2B: what suppliers have filed about the shop, against the input credit in its books.

The file is the JSON that the portal lets people download. Bills are matched by the supplier's GSTIN
and the bill's number, however it is written; what has no number in the books, as expenses may
have none, by the supplier, the tax and a near date. Amounts are paise.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, TypedDict
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, cast, delete, func, insert, select
from sqlalchemy.engine import Row

from erp_core.expenses.categories import category
from erp_core.expenses.models import expenses
from erp_core.expenses.queries import standing
from erp_core.journal.context import Context, Reader, Recipient
from erp_core.journal.jobs import Handler, Work
from erp_core.kernel.clock import INDIA
from erp_core.kernel.errors import Invalid, NotFound
from erp_core.kernel.ids import new_id
from erp_core.kernel.matching import bare_number
from erp_core.kernel.money import half_up
from erp_core.ledger import chart
from erp_core.ledger.models import ledger_postings
from erp_core.parties.models import vendors
from erp_core.parties.permissions import Permission, require
from erp_core.parties.queries import business
from erp_core.portals.models import gstr2b_lines
from erp_core.portals.reverse_charge import charges_between
from erp_core.purchases.documents import is_taken_back
from erp_core.purchases.models import purchase_bills
from erp_core.tax.rules import last_day_for

JOB = "portals.gstr2b"
READ = "utter_notify_gstr2b"
UNREADABLE = "utter_error_bad_gstr2b"

SLACK = 100
"""Paise by which the tax of a bill may differ: suppliers round to the rupee."""
NEAR = timedelta(days=31)
LOOK_BACK = timedelta(days=366)
LARGEST_FILE = 20_000_000
YEARS = range(2017, 2100)
"""GST began in July 2017."""
CHARGED = "reverse_charge"
NOTES = {"C": "credit_note", "D": "debit_note"}


@dataclass(frozen=True)
class Line:
    """A document that a supplier has filed. A credit note lowers the credit."""

    supplier_gstin: str
    supplier_name: str | None
    kind: str
    number: str
    on_date: date
    value_paise: int
    taxable_paise: int
    cgst_paise: int
    sgst_paise: int
    igst_paise: int
    cess_paise: int
    creditable: bool

    @property
    def tax_paise(self) -> int:
        """Its tax, less than nothing for a credit note."""
        tax = self.cgst_paise + self.sgst_paise + self.igst_paise + self.cess_paise
        return -tax if self.kind == "credit_note" else tax


@dataclass(frozen=True)
class Statement:
    """A file: whose, of which month, and its lines."""

    gstin: str
    period: date
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Booked:
    """Input tax in the books: a vendor's bill or debit note, an expense, or what came under reverse
    charge, whose tax was paid by the business itself whether its supplier files it or not.
    `credit_paise` is what of the tax was taken as credit, `late` that none was since the time for
    it was over (section 16(4))."""

    source: str
    id: UUID
    supplier_gstin: str | None
    supplier: str
    number: str | None
    on_date: date
    tax_paise: int
    credit_paise: int
    late: bool = False


Pair = tuple[Line, Booked]


@dataclass(frozen=True)
class Reconciled:
    """How a month's statement and the books agree. `untaken` are written in the books without
    credit, whatever the statement says of their tax."""

    period: date
    matched: tuple[Pair, ...]
    differs: tuple[Pair, ...]
    untaken: tuple[Pair, ...]
    missing_2b: tuple[Booked, ...]
    missing_books: tuple[Line, ...]

    @property
    def credit_paise(self) -> int:
        """The credit taken of what agrees and may be credited."""
        return sum(book.credit_paise for line, book in self.matched if line.creditable)

    @property
    def refused(self) -> tuple[Pair, ...]:
        """What agrees, but bears no credit as the portal says, and was credited in the books."""
        return tuple((line, book) for line, book in self.matched if not line.creditable)

    def counts(self) -> dict[str, int]:
        """How many there are of each kind."""
        return {
            "matched": len(self.matched),
            "differs": len(self.differs),
            "untaken": len(self.untaken),
            "missing_2b": len(self.missing_2b),
            "missing_books": len(self.missing_books),
        }


class Imported(TypedDict):
    period: str
    lines: int
    matched: int
    differs: int
    untaken: int
    missing_2b: int
    missing_books: int


class Planned(TypedDict):
    media: str


def read(data: bytes) -> Statement:
    """The statement in a file. Raises Invalid("bad_gstr2b")."""
    try:
        if len(data) > LARGEST_FILE:
            raise ValueError
        content = json.loads(data)
        inner = content.get("data", content)
        tables = inner["docdata"]
        period = _day(inner["rtnprd"], "%m%Y")
        lines = [*_bills(tables.get("b2b") or []), *_notes(tables.get("cdnr") or [])]
        return Statement(str(inner["gstin"]).upper(), period, tuple(lines))
    except (ValueError, KeyError, TypeError, AttributeError, InvalidOperation):
        raise Invalid("bad_gstr2b") from None


def import_statement(
    ctx: Context, *, period: str, gstin: str, lines: Sequence[Mapping[str, Any]],
    tell: UUID | None = None,
) -> Imported:  # fmt: skip
    """Keep a month's statement in place of what was known of it, and set it against the books.

    `tell`: the user who is told how it went. Raises Invalid("gstr2b_of_other").
    """
    require(ctx, Permission.WRITE_VOUCHERS)
    if (business(ctx).gstin or "").upper() != gstin:
        raise Invalid("gstr2b_of_other")
    month = date.fromisoformat(period)
    _keep(ctx, month, lines)
    counts = reconcile(ctx, month).counts()
    ctx.record("gstr2b.imported", entity=None, period=period, lines=len(lines), **counts)
    if tell is not None:
        ctx.tell(
            READ,
            to=Recipient("user", tell),
            facts={"period": f"{month:%m-%Y}", "month": f"{month:%Y-%m}", **counts},
        )
    return {
        "period": period,
        "lines": len(lines),
        "matched": counts["matched"],
        "differs": counts["differs"],
        "untaken": counts["untaken"],
        "missing_2b": counts["missing_2b"],
        "missing_books": counts["missing_books"],
    }


def _keep(ctx: Context, month: date, lines: Sequence[Mapping[str, Any]]) -> None:
    """Keep a month's lines in place of those that were known."""
    ctx.connection.execute(
        delete(gstr2b_lines).where(
            gstr2b_lines.c.business_id == ctx.business_id, gstr2b_lines.c.period == month
        )
    )
    rows = [
        {
            **one,
            "on_date": date.fromisoformat(str(one["on_date"])),
            "business_id": ctx.business_id,
            "id": new_id(),
            "period": month,
        }
        for one in lines
    ]
    if rows:
        ctx.connection.execute(insert(gstr2b_lines), rows)


def read_later(ctx: Context, *, media: str) -> Planned:
    """Have a file that was sent read as a GSTR-2B."""
    require(ctx, Permission.WRITE_VOUCHERS)
    user_id = str(ctx.actor.id) if ctx.actor.id else None
    ctx.later(JOB, due_at=ctx.now, media=media, user_id=user_id)
    return {"media": media}


def tell_unreadable(ctx: Context, *, user_id: UUID) -> Planned:
    """Say that a file was no GSTR-2B of this shop."""
    ctx.tell(UNREADABLE, to=Recipient("user", user_id))
    return {"media": ""}


def reads(load: Callable[[str], bytes]) -> Handler:
    """The handler of JOB; `load` gives the bytes of a file that was sent."""

    def do(work: Work) -> None:
        told = work.arguments.get("user_id")
        user_id = UUID(str(told)) if told else None
        try:
            found = read(load(str(work.arguments["media"])))
            work.run(import_statement, **as_facts(found), tell=user_id)
        except (Invalid, NotFound):
            if user_id is not None:
                work.run(tell_unreadable, user_id=user_id)

    return do


def as_facts(found: Statement) -> dict[str, Any]:
    """A statement as import_statement takes it."""
    return {
        "period": found.period.isoformat(),
        "gstin": found.gstin,
        "lines": [{**vars(one), "on_date": one.on_date.isoformat()} for one in found.lines],
    }


def has_statement(reader: Reader, period: date) -> bool:
    """Whether a statement of the month is kept."""
    return bool(_kept(reader, period, period))


def reconcile(reader: Reader, period: date) -> Reconciled:
    """A month's statement against the books.

    A bill of an earlier month may stand in this statement, and one of this month in another.
    """
    require(reader, Permission.VIEW_REPORTS)
    lines = [one for _, one in _kept(reader, period, period)]
    # A supplier may file a bill more than a year after its day.
    first = min([period - LOOK_BACK, *(one.on_date - NEAR for one in lines)])
    last = (period + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    booked = _booked(reader, first, last)
    elsewhere = [one for one in _kept(reader, first, date.max) if one[0] != period]
    taken = {book.id for _, book in _pairs([one for _, one in elsewhere], booked)}
    free = [one for one in booked if one.id not in taken]
    pairs = _pairs(lines, free)
    credited = [(line, book) for line, book in pairs if book.credit_paise]
    paired_lines = {id(line) for line, _ in pairs}
    paired_books = {book.id for _, book in pairs}
    return Reconciled(
        period=period,
        matched=tuple(one for one in credited if _same(*one)),
        differs=tuple(one for one in credited if not _same(*one)),
        untaken=tuple(one for one in pairs if not one[1].credit_paise),
        missing_2b=tuple(
            one
            for one in free
            if one.id not in paired_books
            and one.on_date >= period
            and one.credit_paise
            and one.source != CHARGED
        ),
        missing_books=tuple(one for one in lines if id(one) not in paired_lines),
    )


def _pairs(lines: Iterable[Line], booked: Sequence[Booked]) -> list[Pair]:
    """Each line with what the books have of it: by number first, then by tax and date."""
    left = list(booked)
    pairs: list[Pair] = []
    rest = []
    for line in lines:
        named = next((one for one in left if _named(line, one)), None)
        if named is None:
            rest.append(line)
        else:
            pairs.append((line, named))
            left.remove(named)
    for line in rest:
        like = next((one for one in left if _like(line, one)), None)
        if like is not None:
            pairs.append((line, like))
            left.remove(like)
    return pairs


def _named(line: Line, book: Booked) -> bool:
    return (
        book.number is not None
        and book.supplier_gstin == line.supplier_gstin
        and bare_number(book.number) == bare_number(line.number)
        and (book.tax_paise < 0) == (line.tax_paise < 0)
    )


def _like(line: Line, book: Booked) -> bool:
    """What has no number in the books goes by what it says; another number is another bill."""
    near = abs(line.on_date - book.on_date) <= NEAR
    return (
        book.number is None
        and book.supplier_gstin == line.supplier_gstin
        and near
        and _same(line, book)
    )


def _same(line: Line, book: Booked) -> bool:
    return abs(line.tax_paise - book.tax_paise) <= SLACK


def _kept(reader: Reader, first: date, last: date) -> list[tuple[date, Line]]:
    rows = reader.connection.execute(
        select(gstr2b_lines)
        .where(
            gstr2b_lines.c.business_id == reader.business_id,
            gstr2b_lines.c.period.between(first, last),
        )
        .order_by(gstr2b_lines.c.on_date, gstr2b_lines.c.id)
    )
    return [
        (row.period, Line(**{name: row[name] for name in Line.__dataclass_fields__}))
        for row in rows
    ]


def _booked(reader: Reader, first: date, last: date) -> list[Booked]:
    """What the books have of tax on what was bought from one day to another."""
    found = [
        *_bills_booked(reader, first, last),
        *_expenses_booked(reader, first, last),
        *_charges_booked(reader, first, last),
    ]
    return [one for one in found if one.tax_paise]


def _bills_booked(reader: Reader, first: date, last: date) -> list[Booked]:
    c, vendor = purchase_bills.c, vendors.c
    rows = reader.connection.execute(
        select(purchase_bills, vendor.name, vendor.gstin)
        .join(vendors, (vendor.business_id == c.business_id) & (vendor.id == c.vendor_id))
        .where(
            c.business_id == reader.business_id,
            c.on_date.between(first, last),
            c.kind.in_(["bill", "self_invoice", "debit_note"]),
            ~is_taken_back(func.coalesce(c.against, c.id)),
        )
        .order_by(c.on_date, c.id)
    )
    return [_bill_booked(row) for row in rows]


def _bill_booked(row: Row) -> Booked:
    sign = -1 if row.kind == "debit_note" else 1
    tax = sign * (row.cgst_paise + row.sgst_paise + row.igst_paise + row.cess_paise)
    return Booked(
        source=CHARGED if row.reverse_charge else "purchase",
        id=row.id,
        supplier_gstin=row.supplier_gstin or row.gstin,
        supplier=row.name,
        # A debit note of ours is the supplier's credit note, under a number of its own.
        number=row.number if row.kind == "bill" else None,
        on_date=row.on_date,
        tax_paise=tax,
        credit_paise=tax if row.input_credit else 0,
        late=not row.input_credit and _written_late(row),
    )


def _expenses_booked(reader: Reader, first: date, last: date) -> list[Booked]:
    c, vendor, posting = expenses.c, vendors.c, ledger_postings.c
    credit = (
        select(cast(func.coalesce(func.sum(posting.paise), 0), BigInteger))
        .where(
            posting.business_id == c.business_id,
            posting.entry_id == c.entry_id,
            posting.account.in_(sorted(chart.HEAD_OF_INPUT)),
        )
        .scalar_subquery()
    )
    rows = reader.connection.execute(
        select(
            expenses,
            func.coalesce(c.supplier_gstin, vendor.gstin).label("gstin"),
            vendor.name,
            credit.label("credit"),
        )
        .join(vendors, (vendor.business_id == c.business_id) & (vendor.id == c.vendor_id))
        .where(
            c.business_id == reader.business_id,
            c.on_date.between(first, last),
            c.gst_paise > 0,
            standing(),
        )
        .order_by(c.on_date, c.id)
    )
    return [_expense_booked(row) for row in rows]


def _expense_booked(row: Row) -> Booked:
    creditable = category(row.category).input_credit
    return Booked(
        source="expense",
        id=row.id,
        supplier_gstin=row.gstin,
        supplier=row.name,
        number=row.number,
        on_date=row.on_date,
        tax_paise=row.gst_paise,
        credit_paise=row.credit,
        late=creditable and not row.credit and _written_late(row),
    )


def _written_late(row: Row) -> bool:
    """Whether a document was written after the last day for its credit."""
    written_on = row.created_at.astimezone(ZoneInfo(INDIA)).date()
    return bool(written_on > last_day_for(row.on_date))


def _charges_booked(reader: Reader, first: date, last: date) -> list[Booked]:
    charges = charges_between(reader, first, last)
    undone = {one.id for one in charges if one.sign < 0}
    return [
        Booked(
            source=CHARGED,
            id=one.id,
            supplier_gstin=one.supplier_gstin,
            supplier=one.vendor or "",
            number=one.bill_number,
            on_date=one.on,
            tax_paise=one.tax,
            credit_paise=one.tax if one.input_credit else 0,
        )
        for one in charges
        if one.id not in undone
    ]


def _bills(suppliers: Iterable[Mapping[str, Any]]) -> Iterable[Line]:
    for supplier in suppliers:
        for one in supplier["inv"]:
            yield _line(supplier, one, "invoice", str(one["inum"]))


def _notes(suppliers: Iterable[Mapping[str, Any]]) -> Iterable[Line]:
    for supplier in suppliers:
        for one in supplier["nt"]:
            yield _line(supplier, one, NOTES[str(one["typ"])], str(one["ntnum"]))


def _line(supplier: Mapping[str, Any], one: Mapping[str, Any], kind: str, number: str) -> Line:
    name = supplier.get("trdnm")
    return Line(
        supplier_gstin=str(supplier["ctin"]).upper(),
        supplier_name=str(name) if name else None,
        kind=kind,
        number=number,
        on_date=_day(one["dt"], "%d-%m-%Y"),
        value_paise=_paise(one["val"]),
        taxable_paise=_paise(_amount(one, "txval")),
        cgst_paise=_paise(_amount(one, "cgst")),
        sgst_paise=_paise(_amount(one, "sgst")),
        igst_paise=_paise(_amount(one, "igst")),
        cess_paise=_paise(_amount(one, "cess")),
        creditable=str(one.get("itcavl") or "Y") == "Y",
    )


def _day(told: Any, form: str) -> date:
    on = datetime.strptime(str(told), form).replace(tzinfo=ZoneInfo(INDIA)).date()
    if on.year not in YEARS:
        raise ValueError
    return on


def _amount(one: Mapping[str, Any], name: str) -> Decimal:
    """A sum of the document, or of its items where the document has none."""
    if one.get(name) is not None:
        return Decimal(str(one[name]))
    return sum((Decimal(str(item.get(name) or 0)) for item in one.get("items") or []), Decimal(0))


def _paise(rupees: Any) -> int:
    return half_up(Decimal(str(rupees)) * 100)
