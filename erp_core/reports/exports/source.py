"""What every export is made of: accounts with unique names, what there was at first, entries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import groupby, islice
from uuid import UUID

from sqlalchemy import and_, func, select

from erp_core.db.statements import Statement
from erp_core.journal.context import Reader
from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.ledger.models import ledger_entries, ledger_parties, ledger_postings
from erp_core.parties.models import customers, vendors
from erp_core.parties.queries import Business, business
from erp_core.reports import books
from erp_core.reports.paper import kind_label
from erp_core.reports.registers import Told, names_of, told_of

AT_ONCE = 1000


@dataclass(frozen=True)
class Leaf:
    """An account as others know it: one of the chart, or one party of a chart's account."""

    code: str
    party_id: UUID | None = None


@dataclass(frozen=True)
class Posted:
    """An entry with its postings; debits are above zero."""

    id: UUID
    on: date
    kind: str
    told: Told
    postings: tuple[tuple[Leaf, int], ...]

    @property
    def words(self) -> str:
        """What it is, as a person would say it: "Stock damaged, phenyl, mistake"."""
        told = self.told
        parts = (kind_label(told.kind, "english"), told.text, told.reason)
        return ", ".join(part for part in parts if part)


EARLIER = Leaf(books.EARLIER_PROFIT)


@dataclass(frozen=True)
class Books:
    """The books of one business up to a day; from a day on, or from their beginning."""

    reader: Reader
    start: date | None
    end: date

    @cached_property
    def business(self) -> Business:
        return business(self.reader)

    @cached_property
    def party_names(self) -> dict[UUID, str]:
        rows = self.reader.connection.execute(
            select(ledger_parties.c.party_id)
            .where(ledger_parties.c.business_id == self.reader.business_id)
            .distinct()
        )
        return names_of(self.reader, [row[0] for row in rows])

    @cached_property
    def party_gstins(self) -> dict[UUID, str]:
        """The GSTINs of those who have one."""
        found: dict[UUID, str] = {}
        for table in (customers, vendors):
            rows = self.reader.connection.execute(
                select(table.c.id, table.c.gstin).where(
                    table.c.business_id == self.reader.business_id, table.c.gstin.isnot(None)
                )
            )
            found.update({row.id: row.gstin for row in rows})
        return found

    @cached_property
    def leaves(self) -> dict[Leaf, date]:
        """Every account that moves or stands in the export, with its first day in it."""
        c = ledger_postings.c
        conditions = [c.business_id == self.reader.business_id, c.on_date <= self.end]
        if self.start:
            conditions.append(c.on_date >= self.start)
        rows = self.reader.connection.execute(
            select(c.account, c.party_id, func.min(c.on_date))
            .where(and_(*conditions))
            .group_by(c.account, c.party_id)
        )
        found = {Leaf(row[0], row[1]): row[2] for row in rows}
        for leaf in self.opening:
            found[leaf] = self.start or found[leaf]
        return dict(sorted(found.items(), key=lambda one: (self._number(one[0]), one[0].code,
                                                           str(one[0].party_id))))  # fmt: skip

    @cached_property
    def opening(self) -> dict[Leaf, int]:
        """What there was before the first day; income and expense stand there as profit."""
        return self._balances(self.start - timedelta(days=1)) if self.start else {}

    @cached_property
    def closing(self) -> dict[Leaf, int]:
        """What the sums of the ledger say that there is at the end: for others to check."""
        closing = self._balances(self.end, nominal_from=self.start)
        return {leaf: closing.get(leaf, 0) for leaf in self.leaves}

    def entries(self) -> Iterator[Posted]:
        """Every entry in the order of its day and of its writing."""
        for some in self._chunks():
            told = told_of(self.reader, [one[0] for one in some])
            for entry_id, on, kind, postings in some:
                yield Posted(entry_id, on, kind, told[entry_id], tuple(postings))

    def _chunks(self) -> Iterator[list[tuple[UUID, date, str, list[tuple[Leaf, int]]]]]:
        e, c = ledger_entries.c, ledger_postings.c
        conditions = [e.business_id == self.reader.business_id, e.on_date <= self.end]
        if self.start:
            conditions.append(e.on_date >= self.start)
        query = Statement(
            select(e.id, e.on_date, e.kind, c.account, c.party_id, c.paise)
            .join(ledger_postings, and_(c.business_id == e.business_id, c.entry_id == e.id))
            .where(and_(*conditions))
            .order_by(e.on_date, e.recorded_at, e.id, c.position)
        )
        rows = query.each(self.reader.connection, at_once=AT_ONCE)
        grouped = (
            (*head, [(Leaf(row.account, row.party_id), row.paise) for row in postings])
            for head, postings in groupby(rows, key=lambda row: (row.id, row.on_date, row.kind))
        )
        while some := list(islice(grouped, AT_ONCE)):
            yield some

    def _balances(self, until: date, *, nominal_from: date | None = None) -> dict[Leaf, int]:
        """With a day to begin from, income and expense count from it on, the rest as profit."""
        balances: dict[Leaf, int] = {}
        earlier = 0
        whole = self.start is None
        moved = ledger.turnover(self.reader, start=nominal_from, until=until)
        for code, paise in ledger.account_balances(self.reader, until=until).items():
            known = chart.account(code)
            if known.by_party:
                for party_id, owed in ledger.party_balances(self.reader, code, until=until):
                    balances[Leaf(code, party_id)] = owed
            elif known.nominal and not whole:
                debit, credit = moved.get(code, (0, 0)) if nominal_from else (0, 0)
                balances[Leaf(code)] = debit - credit
                earlier += paise - (debit - credit)
            else:
                balances[Leaf(code)] = paise
        balances[EARLIER] = earlier
        return {leaf: paise for leaf, paise in balances.items() if paise}

    @staticmethod
    def _number(leaf: Leaf) -> int:
        return 3090 if leaf == EARLIER else chart.account(leaf.code).number
