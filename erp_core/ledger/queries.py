"""Reading the ledger. Amounts are signed paise: a debit balance is above zero."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, and_, bindparam, cast, exists, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from erp_core.db.statements import Statement
from erp_core.journal.context import Context, Reader
from erp_core.ledger import chart
from erp_core.ledger.models import (
    ledger_days,
    ledger_entries,
    ledger_parties,
    ledger_postings,
)
from erp_core.ledger.service import Posting

_balance = cast(func.coalesce(func.sum(ledger_postings.c.paise), 0), BigInteger)


@dataclass(frozen=True)
class TrialLine:
    """One account of a trial balance; one of debit and credit is zero."""

    account: str
    name: str
    kind: str
    debit: int
    credit: int


@dataclass(frozen=True)
class Movement:
    """One posting to an account, with the entry that it belongs to."""

    entry_id: UUID
    on: date
    kind: str
    party_id: UUID | None
    paise: int
    source_kind: str | None
    source_id: UUID | None
    reason: str | None = None


@dataclass(frozen=True)
class Entry:
    """An entry with its postings in order."""

    id: UUID
    kind: str
    on: date
    source_kind: str | None
    source_id: UUID | None
    reverses: UUID | None
    reason: str | None
    postings: tuple[Posting, ...]


def refunded(reader: Reader, start: date, end: date) -> int:
    """What was given back to customers from one day to another, in paise, less what of it was
    undone since."""
    undone = ledger_entries.alias()
    entry, c = ledger_entries.c, ledger_postings.c
    found = reader.connection.execute(
        select(func.coalesce(func.sum(c.paise), 0))
        .select_from(ledger_entries)
        .join(
            ledger_postings,
            and_(c.business_id == entry.business_id, c.entry_id == entry.id),
        )
        .outerjoin(
            undone,
            and_(undone.c.business_id == entry.business_id, undone.c.reverses == entry.id),
        )
        .where(
            entry.business_id == reader.business_id,
            entry.kind == "refund",
            entry.on_date.between(start, end),
            c.account == chart.RECEIVABLE,
            undone.c.id.is_(None),
        )
    ).scalar_one()
    return int(found)


def balance_of(
    reader: Reader, account: str, party_id: UUID | None = None, *, until: date | None = None
) -> int:
    """The balance of an account, of one party of it if given, at the end of a day if given."""
    if party_id is None:
        debit, credit = turnover(reader, until=until, accounts=[account]).get(account, (0, 0))
        return debit - credit
    found = _BALANCE.one(
        reader.connection,
        tenant=reader.business_id,
        of_account=account,
        party=party_id,
        until=until or date.max,
    )
    paise: int = found.paise
    return paise


_BALANCE = Statement(
    select(_balance.label("paise")).where(
        ledger_postings.c.business_id == bindparam("tenant"),
        ledger_postings.c.account == bindparam("of_account"),
        ledger_postings.c.party_id == bindparam("party"),
        ledger_postings.c.on_date <= bindparam("until"),
    )
)


def party_balances(
    reader: Reader, account: str, *, until: date | None = None
) -> list[tuple[UUID, int]]:
    """The balances that are not zero of an account kept by party, the largest debit first."""
    rows = reader.connection.execute(
        select(ledger_parties.c.party_id, ledger_parties.c.paise).where(
            ledger_parties.c.business_id == reader.business_id,
            ledger_parties.c.account == account,
        )
    )
    balances = {row[0]: int(row[1]) for row in rows}
    for one in _own_postings(reader, accounts=[account]):
        if one.party_id:
            balances[one.party_id] = balances.get(one.party_id, 0) + one.paise
    for party_id, later in _posted_after(reader, account, until).items():
        balances[party_id] -= later
    owing = [(party_id, paise) for party_id, paise in balances.items() if paise]
    return sorted(owing, key=lambda one: (-one[1], one[0]))


def _posted_after(reader: Reader, account: str, until: date | None) -> dict[UUID, int]:
    """What came after a day is little: taking it off is faster than adding up all before."""
    if until is None or until >= reader.today:
        return {}
    rows = reader.connection.execute(
        select(ledger_postings.c.party_id, _balance)
        .where(
            ledger_postings.c.business_id == reader.business_id,
            ledger_postings.c.account == account,
            ledger_postings.c.on_date > until,
        )
        .group_by(ledger_postings.c.party_id)
    )
    return {row[0]: int(row[1]) for row in rows}


def turnover(
    reader: Reader,
    *,
    start: date | None = None,
    until: date | None = None,
    accounts: Collection[str] | None = None,
) -> dict[str, tuple[int, int]]:
    """(debits, credits) of each account from one day to another, both included, in paise."""
    rows = reader.connection.execute(
        select(
            ledger_days.c.account,
            cast(func.sum(ledger_days.c.debit_paise), BigInteger),
            cast(func.sum(ledger_days.c.credit_paise), BigInteger),
        )
        .where(_days(reader, start, until, accounts))
        .group_by(ledger_days.c.account)
    )
    moved = {row[0]: (row[1], row[2]) for row in rows}
    for one in _own_postings(reader, start=start, until=until, accounts=accounts):
        debit, credit = moved.get(one.account, (0, 0))
        moved[one.account] = (debit + max(one.paise, 0), credit + max(-one.paise, 0))
    return moved


def turnover_by_day(
    reader: Reader, account: str, *, start: date | None = None, until: date | None = None
) -> list[tuple[date, int, int]]:
    """(day, debits, credits) of an account on the days on which it moved."""
    rows = reader.connection.execute(
        select(ledger_days.c.on_date, ledger_days.c.debit_paise, ledger_days.c.credit_paise).where(
            _days(reader, start, until, [account])
        )
    )
    moved = {row[0]: (row[1], row[2]) for row in rows}
    for one in _own_postings(reader, start=start, until=until, accounts=[account]):
        debit, credit = moved.get(one.on, (0, 0))
        moved[one.on] = (debit + max(one.paise, 0), credit + max(-one.paise, 0))
    return [(day, debit, credit) for day, (debit, credit) in sorted(moved.items())]


def debits_by_day(
    reader: Reader, *, start: date | None = None, until: date | None = None
) -> dict[date, int]:
    """The debits of all accounts together: what was posted on each day, once."""
    rows = reader.connection.execute(
        select(ledger_days.c.on_date, cast(func.sum(ledger_days.c.debit_paise), BigInteger))
        .where(_days(reader, start, until, None))
        .group_by(ledger_days.c.on_date)
    )
    moved = {row[0]: int(row[1]) for row in rows}
    for one in _own_postings(reader, start=start, until=until):
        moved[one.on] = moved.get(one.on, 0) + max(one.paise, 0)
    return moved


def moved_by(
    reader: Reader,
    *kinds: str,
    start: date | None = None,
    until: date | None = None,
    reason_before: str | None = None,
    undone_since: date | None = None,
) -> dict[str, int]:
    """What entries of some kinds, and what undid them, moved in each account; debits above zero.
    Of entries that bear a period as their reason, those of the periods before one can be told; and
    of what undid them only what undid entries since a day."""
    undone = ledger_entries.alias()
    head, c = ledger_entries.c, ledger_postings.c
    undoes = (
        exists()
        .where(undone.c.business_id == reader.business_id)
        .where(undone.c.id == head.reverses)
        .where(undone.c.kind.in_(kinds))
        .where(*([undone.c.reason < reason_before] if reason_before else []))
        .where(*([undone.c.on_date >= undone_since] if undone_since else []))
    )
    told = [head.reason < reason_before] if reason_before else []
    rows = reader.connection.execute(
        select(c.account, cast(func.sum(c.paise), BigInteger))
        .join(ledger_entries, and_(head.business_id == c.business_id, head.id == c.entry_id))
        .where(
            c.business_id == reader.business_id,
            or_(and_(head.kind.in_(kinds), *told), and_(head.reverses.isnot(None), undoes)),
            *_entered(start=start, until=until),
        )
        .group_by(c.account)
    )
    return {row[0]: row[1] for row in rows}


def account_balances(reader: Reader, *, until: date | None = None) -> dict[str, int]:
    """The balance of every account that ever moved, a debit above zero."""
    moved = turnover(reader, until=until)
    return {account: debit - credit for account, (debit, credit) in moved.items()}


def trial_balance(reader: Reader, *, until: date | None = None) -> list[TrialLine]:
    """Every account with a balance, in the chart's order. Debits and credits sum alike."""
    balances = {
        chart.account(code): paise
        for code, paise in account_balances(reader, until=until).items()
        if paise
    }
    return [
        TrialLine(account.code, account.name, account.kind, max(balance, 0), max(-balance, 0))
        for account, balance in sorted(
            balances.items(), key=lambda item: (item[0].number, item[0].code)
        )
    ]


def _days(
    reader: Reader,
    start: date | None,
    until: date | None,
    accounts: Collection[str] | None,
) -> ColumnElement[Boolean]:
    conditions = [ledger_days.c.business_id == reader.business_id]
    if accounts is not None:
        conditions.append(ledger_days.c.account.in_(accounts))
    if start:
        conditions.append(ledger_days.c.on_date >= start)
    if until:
        conditions.append(ledger_days.c.on_date <= until)
    return and_(*conditions)


@dataclass(frozen=True)
class _Own:
    account: str
    on: date
    paise: int
    party_id: UUID | None


def _own_postings(
    reader: Reader,
    *,
    start: date | None = None,
    until: date | None = None,
    accounts: Collection[str] | None = None,
) -> Iterator[_Own]:
    """What a command has posted itself, which the sums get when it commits.

    Making them now would hold rows that all sales share while it waits for the journal's head,
    whose holder waits for these rows.
    """
    if not isinstance(reader, Context):
        return
    for event in reader.events:
        if event.kind != "ledger.posted":
            continue
        facts: Any = event.payload
        on = date.fromisoformat(facts["on"])
        if (start and on < start) or (until and on > until):
            continue
        for account, paise, party_id in facts["postings"]:
            if accounts is None or account in accounts:
                yield _Own(account, on, paise, UUID(party_id) if party_id else None)


def movements(
    reader: Reader,
    account: str,
    *,
    party_id: UUID | None = None,
    start: date | None = None,
    until: date | None = None,
    limit: int | None = None,
) -> list[Movement]:
    """An account's postings from one day to another, both included, oldest first."""
    rows = reader.connection.execute(
        select(
            ledger_postings.c.entry_id,
            ledger_postings.c.on_date,
            ledger_entries.c.kind,
            ledger_postings.c.party_id,
            ledger_postings.c.paise,
            ledger_entries.c.source_kind,
            ledger_entries.c.source_id,
            ledger_entries.c.reason,
        )
        .join(
            ledger_entries,
            and_(
                ledger_entries.c.business_id == ledger_postings.c.business_id,
                ledger_entries.c.id == ledger_postings.c.entry_id,
            ),
        )
        .where(
            _of(reader, account, party_id, start=start, until=until),
            *_entered(start=start, until=until),
        )
        .order_by(
            ledger_postings.c.on_date,
            ledger_entries.c.recorded_at,
            ledger_postings.c.entry_id,
            ledger_postings.c.position,
        )
        .limit(limit)
    )
    return [Movement(*row) for row in rows]


def entry(reader: Reader, entry_id: UUID) -> Entry | None:
    """An entry by its id."""
    found = _entries(reader, ledger_entries.c.id == entry_id)
    return found[0] if found else None


def entries_of(reader: Reader, source_kind: str, source_id: UUID) -> list[Entry]:
    """What was posted for an invoice, a payment or another source, in the order of posting."""
    return _entries(
        reader,
        and_(ledger_entries.c.source_kind == source_kind, ledger_entries.c.source_id == source_id),
    )


def _entries(reader: Reader, condition: ColumnElement[Boolean]) -> list[Entry]:
    rows = reader.connection.execute(
        select(
            ledger_entries,
            ledger_postings.c.account,
            ledger_postings.c.paise,
            ledger_postings.c.party_id,
        )
        .join(
            ledger_postings,
            and_(
                ledger_postings.c.business_id == ledger_entries.c.business_id,
                ledger_postings.c.entry_id == ledger_entries.c.id,
            ),
        )
        .where(ledger_entries.c.business_id == reader.business_id, condition)
        .order_by(ledger_entries.c.recorded_at, ledger_entries.c.id, ledger_postings.c.position)
    ).all()
    postings: dict[UUID, list[Posting]] = {}
    for row in rows:
        postings.setdefault(row.id, []).append(Posting(row.account, row.paise, row.party_id))
    heads = {row.id: row for row in rows}
    return [
        Entry(
            id=head.id,
            kind=head.kind,
            on=head.on_date,
            source_kind=head.source_kind,
            source_id=head.source_id,
            reverses=head.reverses,
            reason=head.reason,
            postings=tuple(postings[head.id]),
        )
        for head in heads.values()
    ]


def _entered(*, start: date | None, until: date | None) -> Iterator[ColumnElement[Boolean]]:
    """A posting has its entry's day; told so, the database reads only the entries of these days."""
    if start:
        yield ledger_entries.c.on_date >= start
    if until:
        yield ledger_entries.c.on_date <= until


def _of(
    reader: Reader,
    account: str,
    party_id: UUID | None = None,
    *,
    start: date | None = None,
    until: date | None = None,
) -> ColumnElement[Boolean]:
    conditions = [
        ledger_postings.c.business_id == reader.business_id,
        ledger_postings.c.account == account,
    ]
    if party_id:
        conditions.append(ledger_postings.c.party_id == party_id)
    if start:
        conditions.append(ledger_postings.c.on_date >= start)
    if until:
        conditions.append(ledger_postings.c.on_date <= until)
    return and_(*conditions)
