"""Books read line by line: day book, cash book, the ledger of an account, statements, ageing.

Where a period holds more entries than anybody reads, its days stand for them, and its months for
its days: a book of ten years is as quick as one of a day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal
from uuid import UUID

from sqlalchemy import BigInteger, and_, case, cast, func, select

from erp_core.expenses.models import expenses
from erp_core.invoicing.models import invoices, notes
from erp_core.journal.context import Reader
from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.ledger.models import ledger_entries, ledger_postings
from erp_core.orders.models import orders
from erp_core.parties.models import customers, vendors
from erp_core.parties.permissions import Permission, require
from erp_core.payments.models import payments, receivables
from erp_core.purchases.models import purchase_bills

MOST_ENTRIES = 400
"""More lines than this are told by days; more days than this, by months."""

BANDS = (30, 60, 90)
"""Days since a debt began, each the end of a band; the last band has none."""

Grain = Literal["entry", "day", "month"]


@dataclass(frozen=True)
class Told:
    """What an entry is about: its kind, the number of its document, whom or what it concerns.

    `text` is what somebody wrote of an expense; `against` the accounts on the other side.
    """

    kind: str
    number: str | None = None
    party: str | None = None
    text: str | None = None
    against: tuple[str, ...] = ()
    reason: str | None = None


@dataclass(frozen=True)
class BookLine:
    """A line of an account: above zero is a debit. `count` entries stand behind it."""

    on: date
    told: Told | None
    debit: int
    credit: int
    balance: int
    count: int = 1


@dataclass(frozen=True)
class AccountBook:
    """An account, or one party of it, from one day to another; balances above zero are debits."""

    account: str
    party_id: UUID | None
    start: date
    end: date
    opening: int
    lines: tuple[BookLine, ...]
    grain: Grain

    @property
    def debit(self) -> int:
        return sum(line.debit for line in self.lines)

    @property
    def credit(self) -> int:
        return sum(line.credit for line in self.lines)

    @property
    def closing(self) -> int:
        return self.opening + self.debit - self.credit


@dataclass(frozen=True)
class DayEntry:
    """An entry of the day book, by its whole amount."""

    on: date
    told: Told | None
    paise: int
    debits: tuple[str, ...]
    credits: tuple[str, ...]
    count: int = 1


@dataclass(frozen=True)
class DayBook:
    """Every entry of some days, in the order in which they were made."""

    start: date
    end: date
    entries: tuple[DayEntry, ...]
    grain: Grain

    @property
    def count(self) -> int:
        return sum(one.count for one in self.entries)

    @property
    def paise(self) -> int:
        return sum(one.paise for one in self.entries)


@dataclass(frozen=True)
class Aged:
    """A customer's open debts by how old they are, newest band first, and an advance to set off."""

    customer_id: UUID
    name: str
    bands: tuple[int, ...]
    advance: int
    oldest: date | None

    @property
    def paise(self) -> int:
        """The customer's balance."""
        return sum(self.bands) - self.advance


def account_book(
    reader: Reader, account: str, start: date, end: date, *, party_id: UUID | None = None
) -> AccountBook:
    """One account line by line. Raises Invalid("unknown_account"), Forbidden."""
    if party_id:
        require(reader, Permission.VIEW_BALANCE, customer_id=party_id)
    else:
        require(reader, Permission.VIEW_LEDGER)
    chart.account(account)
    before = start - timedelta(days=1)
    opening = ledger.balance_of(reader, account, party_id, until=before)
    moved = ledger.movements(
        reader, account, party_id=party_id, start=start, until=end, limit=MOST_ENTRIES + 1
    )
    if len(moved) > MOST_ENTRIES and party_id is None:
        lines, grain = _by_time(ledger.turnover_by_day(reader, account, start=start, until=end))
        return AccountBook(account, None, start, end, opening, _run_on(opening, lines), grain)
    if len(moved) > MOST_ENTRIES:
        moved = ledger.movements(reader, account, party_id=party_id, start=start, until=end)
        lines, grain = _by_time(_days_of(moved))
        return AccountBook(account, party_id, start, end, opening, _run_on(opening, lines), grain)
    told = told_of(reader, [one.entry_id for one in moved], but=account)
    single = [
        BookLine(one.on, told[one.entry_id], max(one.paise, 0), max(-one.paise, 0), 0)
        for one in moved
    ]
    return AccountBook(account, party_id, start, end, opening, _run_on(opening, single), "entry")


def day_book(reader: Reader, start: date, end: date) -> DayBook:
    """Every entry of some days, or of each day its number and sum when there are too many."""
    require(reader, Permission.VIEW_LEDGER)
    head = ledger_entries.c
    ids = reader.connection.execute(
        select(head.id, head.on_date)
        .where(head.business_id == reader.business_id, head.on_date.between(start, end))
        .order_by(head.on_date, head.recorded_at, head.id)
        .limit(MOST_ENTRIES + 1)
    ).all()
    if len(ids) > MOST_ENTRIES:
        return DayBook(start, end, *_entries_by_time(reader, start, end))
    told = told_of(reader, [row.id for row in ids])
    postings = _postings_of(reader, [row.id for row in ids])
    entries = [
        DayEntry(
            row.on_date,
            told[row.id],
            sum(paise for _, paise in postings[row.id] if paise > 0),
            tuple(account for account, paise in postings[row.id] if paise > 0),
            tuple(account for account, paise in postings[row.id] if paise < 0),
        )
        for row in ids
    ]
    return DayBook(start, end, tuple(entries), "entry")


def ageing(reader: Reader) -> list[Aged]:
    """Who owes since when, the largest balance first; sums to the balance of Sundry debtors."""
    require(reader, Permission.VIEW_ALL_BALANCES)
    bands = _open_bands(reader)
    advances = {
        row[0]: int(row[1])
        for row in reader.connection.execute(
            select(payments.c.customer_id, func.sum(payments.c.advance_paise))
            .where(
                payments.c.business_id == reader.business_id,
                payments.c.advance_paise > 0,
            )
            .group_by(payments.c.customer_id)
        )
    }
    ids = list({*bands, *advances})
    names = names_of(reader, ids)
    found = []
    for one in ids:
        amounts, oldest = bands.get(one, ((0,) * (len(BANDS) + 1), None))
        found.append(Aged(one, names.get(one, ""), amounts, advances.get(one, 0), oldest))
    return sorted(found, key=lambda one: (-one.paise, one.name, one.customer_id))


def open_until(reader: Reader, until: date) -> dict[UUID, int]:
    """What is still open of debts made up to a day, by customer. Raises Forbidden."""
    require(reader, Permission.VIEW_ALL_BALANCES)
    unpaid = receivables.c.open_paise
    rows = reader.connection.execute(
        select(receivables.c.customer_id, cast(func.sum(unpaid), BigInteger))
        .where(
            receivables.c.business_id == reader.business_id,
            unpaid > 0,
            receivables.c.on_date <= until,
        )
        .group_by(receivables.c.customer_id)
    )
    return {row[0]: row[1] for row in rows}


def _open_bands(reader: Reader) -> dict[UUID, tuple[tuple[int, ...], date | None]]:
    ends = [reader.today - timedelta(days=days) for days in BANDS]
    on, unpaid = receivables.c.on_date, receivables.c.open_paise
    bands = [
        on >= ends[0],
        *(and_(on < newer, on >= older) for newer, older in pairwise(ends)),
        on < ends[-1],
    ]
    columns = [cast(func.sum(case((band, unpaid), else_=0)), BigInteger) for band in bands]
    rows = reader.connection.execute(
        select(receivables.c.customer_id, func.min(on), *columns)
        .where(receivables.c.business_id == reader.business_id, unpaid > 0)
        .group_by(receivables.c.customer_id)
    )
    return {row[0]: (tuple(row[2:]), row[1]) for row in rows}


def _run_on(opening: int, lines: Iterable[BookLine]) -> tuple[BookLine, ...]:
    balance, done = opening, []
    for line in lines:
        balance += line.debit - line.credit
        done.append(BookLine(line.on, line.told, line.debit, line.credit, balance, line.count))
    return tuple(done)


def _days_of(moved: Iterable[ledger.Movement]) -> list[tuple[date, int, int]]:
    days: dict[date, tuple[int, int]] = {}
    for one in moved:
        debit, credit = days.get(one.on, (0, 0))
        days[one.on] = (debit + max(one.paise, 0), credit + max(-one.paise, 0))
    return [(on, debit, credit) for on, (debit, credit) in sorted(days.items())]


def _by_time(days: Sequence[tuple[date, int, int]]) -> tuple[list[BookLine], Grain]:
    """Days, or months when there are too many days; a month stands under its first day."""
    if len(days) <= MOST_ENTRIES:
        return [BookLine(on, None, debit, credit, 0) for on, debit, credit in days], "day"
    months: dict[date, list[int]] = {}
    for on, debit, credit in days:
        sums = months.setdefault(on.replace(day=1), [0, 0])
        sums[0] += debit
        sums[1] += credit
    return [BookLine(on, None, debit, credit, 0) for on, (debit, credit) in months.items()], "month"


def _entries_by_time(reader: Reader, start: date, end: date) -> tuple[tuple[DayEntry, ...], Grain]:
    """Counted from the entries' index, summed from the days' sums: no posting is read."""
    head = ledger_entries.c
    counted = reader.connection.execute(
        select(head.on_date, func.count())
        .where(head.business_id == reader.business_id, head.on_date.between(start, end))
        .group_by(head.on_date)
        .order_by(head.on_date)
    ).all()
    sums = ledger.debits_by_day(reader, start=start, until=end)
    grain: Grain = "day" if len(counted) <= MOST_ENTRIES else "month"
    merged: dict[date, list[int]] = {}
    for on, count in counted:
        one = merged.setdefault(on if grain == "day" else on.replace(day=1), [0, 0])
        one[0] += sums.get(on, 0)
        one[1] += count
    return tuple(DayEntry(on, None, paise, (), (), n) for on, (paise, n) in merged.items()), grain


def _postings_of(
    reader: Reader, entry_ids: Collection[UUID]
) -> Mapping[UUID, list[tuple[str, int]]]:
    found: defaultdict[UUID, list[tuple[str, int]]] = defaultdict(list)
    if entry_ids:
        c = ledger_postings.c
        rows = reader.connection.execute(
            select(c.entry_id, c.account, c.paise)
            .where(c.business_id == reader.business_id, c.entry_id.in_(entry_ids))
            .order_by(c.entry_id, c.position)
        )
        for entry_id, account, paise in rows:
            found[entry_id].append((account, paise))
    return found


def told_of(
    reader: Reader, entry_ids: Collection[UUID], *, but: str | None = None
) -> dict[UUID, Told]:
    """What entries are about, with the names and numbers of today, a handful of queries for all."""
    if not entry_ids:
        return {}
    head, c = ledger_entries.c, ledger_postings.c
    heads = reader.connection.execute(
        select(head.id, head.kind, head.source_kind, head.source_id, head.reason).where(
            head.business_id == reader.business_id, head.id.in_(entry_ids)
        )
    ).all()
    parties: dict[UUID, UUID] = {}
    against: defaultdict[UUID, list[str]] = defaultdict(list)
    for row in reader.connection.execute(
        select(c.entry_id, c.account, c.party_id)
        .where(c.business_id == reader.business_id, c.entry_id.in_(entry_ids))
        .order_by(c.entry_id, c.position)
    ):
        if row.party_id:
            parties[row.entry_id] = row.party_id
        if row.account != but:
            against[row.entry_id].append(row.account)
    sources = [(row.source_kind, row.source_id) for row in heads]
    numbers = _numbers(reader, sources)
    spent = _expenses(reader, [one for kind, one in sources if kind == "expense"])
    names = names_of(reader, {*parties.values(), *(v for _, v in spent.values() if v)})
    told = {}
    for row in heads:
        text, vendor = spent.get(row.source_id, (None, None))
        party = parties.get(row.id) or vendor
        told[row.id] = Told(
            kind=row.kind,
            number=numbers.get(row.source_id),
            party=names.get(party) if party else None,
            text=text,
            against=tuple(dict.fromkeys(against[row.id])),
            reason=row.reason,
        )
    return told


def _numbers(reader: Reader, sources: Iterable[tuple[str | None, UUID | None]]) -> dict[UUID, str]:
    """The numbers of the documents behind entries."""
    numbers: dict[UUID, str] = {}
    wanted = list(sources)
    documents = (
        ("invoice", invoices), ("note", notes), ("order", orders), ("purchase", purchase_bills),
        ("expense", expenses),
    )  # fmt: skip
    for kind, table in documents:
        ids = [one for named, one in wanted if named == kind and one]
        if ids:
            rows = reader.connection.execute(
                select(table.c.id, table.c.number).where(
                    table.c.business_id == reader.business_id, table.c.id.in_(ids)
                )
            )
            numbers.update({row.id: row.number for row in rows if row.number})
    return numbers


def _expenses(
    reader: Reader, ids: Collection[UUID | None]
) -> dict[UUID, tuple[str | None, UUID | None]]:
    if not ids:
        return {}
    rows = reader.connection.execute(
        select(expenses.c.id, expenses.c.item, expenses.c.vendor_id).where(
            expenses.c.business_id == reader.business_id, expenses.c.id.in_(ids)
        )
    )
    return {row.id: (row.item, row.vendor_id) for row in rows}


def names_of(reader: Reader, ids: Collection[UUID]) -> dict[UUID, str]:
    """The names of customers and vendors."""
    names: dict[UUID, str] = {}
    if ids:
        for table in (customers, vendors):
            rows = reader.connection.execute(
                select(table.c.id, table.c.name).where(
                    table.c.business_id == reader.business_id, table.c.id.in_(ids)
                )
            )
            names.update({row.id: row.name for row in rows})
    return names
