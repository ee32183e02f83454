"""Reading the khata. A balance above zero is what the customer owes; below, an advance."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import BigInteger, Column, cast, func, literal, select, true
from sqlalchemy.engine import Row
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import Select

from erp_core.journal.context import Reader
from erp_core.kernel.errors import NotFound
from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.parties import queries as parties
from erp_core.parties.permissions import Permission, require
from erp_core.payments.methods import METHODS, OPENING
from erp_core.payments.models import allocations, payments, receivables

Status = Literal["unpaid", "partial", "paid"]


BOUNCE = "cheque_bounced"
"""The reason for which a cheque's entry is reversed."""

UNDONE = {
    "payment": "cheque_bounced",
    "invoice": "bill_cancelled",
    "khata_credit": "credit_taken_back",
}
"""What the reversal of an entry is called on a khata, by what the entry came from."""


_DEBT = receivables.alias("debt")


@dataclass(frozen=True)
class Settlement:
    """How far a debt is paid."""

    amount: int
    open: int
    status: Status

    @property
    def paid(self) -> int:
        return self.amount - self.open


@dataclass(frozen=True)
class Payment:
    """Money received. `invoice_id` is the invoice that it was given for, if one was named;
    `advance` is what has settled no debt yet."""

    id: UUID
    customer_id: UUID
    amount: int
    method: str
    on: date
    invoice_id: UUID | None
    advance: int
    status: str = "standing"


@dataclass(frozen=True)
class Debt:
    """Something owed and not yet settled in full."""

    source_kind: str
    source_id: UUID
    on: date
    amount: int
    open: int


@dataclass(frozen=True)
class CreditGiven:
    """What a customer took on some days and did not pay on the same day; `open` of it still is."""

    customer_id: UUID
    given: int
    open: int


@dataclass(frozen=True)
class StatementLine:
    """One change of a customer's balance, and the balance after it."""

    on: date
    kind: str
    source_id: UUID | None
    paise: int
    balance: int


@dataclass(frozen=True)
class Statement:
    """A customer's account over some days."""

    customer_id: UUID
    opening: int
    lines: tuple[StatementLine, ...]
    closing: int


def balance(reader: Reader, customer_id: UUID) -> int:
    """What a customer owes, in paise; below zero, what the shop holds of theirs."""
    require(reader, Permission.VIEW_BALANCE, customer_id=customer_id)
    return ledger.balance_of(reader, chart.RECEIVABLE, customer_id)


def balances(reader: Reader) -> list[tuple[parties.Customer, int]]:
    """Who owes how much, the largest debt first."""
    require(reader, Permission.VIEW_ALL_BALANCES)
    owing = [
        (customer_id, paise)
        for customer_id, paise in ledger.party_balances(reader, chart.RECEIVABLE)
        if paise > 0
    ]
    customers = {one.id: one for one in parties.all_customers(reader)} if owing else {}
    return [(customers[customer_id], paise) for customer_id, paise in owing]


def credit_given(reader: Reader, start: date, end: date) -> list[CreditGiven]:
    """Who took bills or credit from one day to another, both included, and left them unpaid on the
    day; most first."""
    require(reader, Permission.VIEW_ALL_BALANCES)
    debt, of_debt, paid = receivables.c, allocations.c, payments.c
    same_day = (
        select(func.coalesce(func.sum(of_debt.paise), 0))
        .join(
            payments,
            (paid.business_id == of_debt.business_id) & (paid.id == of_debt.payment_id),
        )
        .where(
            of_debt.business_id == debt.business_id,
            of_debt.receivable_id == debt.id,
            paid.on_date <= debt.on_date,
        )
        .scalar_subquery()
    )
    rows = reader.connection.execute(
        select(
            debt.customer_id,
            cast(debt.amount_paise - debt.forgiven_paise - same_day, BigInteger).label("given"),
            debt.open_paise,
        ).where(
            debt.business_id == reader.business_id,
            debt.source_kind.in_(("invoice", "khata_credit")),
            debt.status == "standing",
            debt.on_date >= start,
            debt.on_date <= end,
        )
    )
    found: dict[UUID, CreditGiven] = {}
    for row in rows:
        if row.given > 0:
            before = found.get(row.customer_id, CreditGiven(row.customer_id, 0, 0))
            given, left = before.given + row.given, before.open + min(row.open_paise, row.given)
            found[row.customer_id] = CreditGiven(row.customer_id, given, left)
    return sorted(found.values(), key=lambda one: (-one.given, one.customer_id))


def all_balances(reader: Reader) -> dict[UUID, int]:
    """Every balance that is not zero, advances included, by customer."""
    require(reader, Permission.VIEW_ALL_BALANCES)
    return dict(ledger.party_balances(reader, chart.RECEIVABLE))


def statement(
    reader: Reader,
    customer_id: UUID,
    *,
    start: date | None = None,
    until: date | None = None,
) -> Statement:
    """A customer's khata line by line, from one day to another, both included."""
    require(reader, Permission.VIEW_BALANCE, customer_id=customer_id)
    every = ledger.movements(reader, chart.RECEIVABLE, party_id=customer_id, until=until)
    earlier = [one for one in every if start and one.on < start]
    running = opening = sum(one.paise for one in earlier)
    lines = []
    for one in every[len(earlier) :]:
        running += one.paise
        lines.append(StatementLine(one.on, _kind(one), one.source_id, one.paise, running))
    return Statement(customer_id, opening, tuple(lines), running)


def _kind(one: ledger.Movement) -> str:
    """What a line is to the customer: a reversal is what it has undone."""
    if one.kind != "reversal":
        return one.kind
    if one.source_kind == "payment" and one.reason != BOUNCE:
        return "payment_taken_back"
    return UNDONE.get(one.source_kind or "", one.kind)


def open_debts(reader: Reader, customer_id: UUID) -> list[Debt]:
    """A customer's unsettled debts, oldest first: the order in which money will settle them."""
    require(reader, Permission.VIEW_BALANCE, customer_id=customer_id)
    rows = reader.connection.execute(
        select(receivables)
        .where(
            receivables.c.business_id == reader.business_id,
            receivables.c.customer_id == customer_id,
            receivables.c.open_paise > 0,
        )
        .order_by(receivables.c.on_date, receivables.c.created_at, receivables.c.id)
    )
    return [
        Debt(row.source_kind, row.source_id, row.on_date, row.amount_paise, row.open_paise)
        for row in rows
    ]


def payments_between(
    reader: Reader, start: date, end: date, customer_id: UUID | None = None
) -> list[Payment]:
    """Money received from one day to another, both included, newest first. Everybody's is the
    shop's takings, which not all who see payments may know."""
    require(reader, Permission.VIEW_PAYMENTS, customer_id=customer_id)
    if customer_id is None:
        require(reader, Permission.VIEW_REPORTS)
    conditions = [payments.c.on_date >= start, payments.c.on_date <= end]
    if customer_id:
        conditions.append(payments.c.customer_id == customer_id)
    rows = reader.connection.execute(
        _with_invoice(reader)
        .where(payments.c.method != OPENING, payments.c.status == "standing", *conditions)
        .order_by(payments.c.on_date.desc(), payments.c.created_at.desc(), payments.c.id.desc())
    )
    return [_payment(row) for row in rows]


def payment(reader: Reader, payment_id: UUID) -> Payment:
    """One payment. Raises NotFound("payment")."""
    row = reader.connection.execute(
        _with_invoice(reader).where(payments.c.id == payment_id)
    ).one_or_none()
    if row is None:
        raise NotFound("payment", payment_id=str(payment_id))
    require(reader, Permission.VIEW_PAYMENTS, customer_id=row.customer_id)
    return _payment(row)


def standing_cheques(reader: Reader, customer_id: UUID | None, *, limit: int = 9) -> list[Payment]:
    """A customer's cheques, or everybody's, that have not come back, newest first."""
    newest = (payments.c.on_date.desc(), payments.c.created_at.desc())
    return _standing(reader, customer_id, ["cheque"], newest, limit)


def standing_payments(reader: Reader, customer_id: UUID, *, limit: int = 9) -> list[Payment]:
    """A customer's payments that somebody has noted and that stand, the one noted last first."""
    noted_last = (payments.c.created_at.desc(), payments.c.id.desc())
    return _standing(reader, customer_id, METHODS, noted_last, limit)


def most_paid(reader: Reader, invoice_id: UUID) -> Payment | None:
    """The payment by which most of an invoice was paid; None where nothing was."""
    paid = func.sum(allocations.c.paise)
    found = reader.connection.execute(
        select(allocations.c.payment_id)
        .select_from(receivables)
        .join(
            allocations,
            (allocations.c.business_id == receivables.c.business_id)
            & (allocations.c.receivable_id == receivables.c.id),
        )
        .where(
            receivables.c.business_id == reader.business_id,
            receivables.c.source_kind == "invoice",
            receivables.c.source_id == invoice_id,
        )
        .group_by(allocations.c.payment_id)
        .having(paid > 0)
        .order_by(paid.desc(), allocations.c.payment_id)
        .limit(1)
    ).scalar_one_or_none()
    return payment(reader, found) if found else None


def _standing(
    reader: Reader,
    customer_id: UUID | None,
    methods: Collection[str],
    order: Sequence[ColumnElement[Any]],
    limit: int,
) -> list[Payment]:
    require(reader, Permission.VIEW_PAYMENTS, customer_id=customer_id)
    whose = payments.c.customer_id == customer_id if customer_id else true()
    rows = reader.connection.execute(
        select(payments, literal(None).label("invoice_id"))
        .where(
            payments.c.business_id == reader.business_id,
            whose,
            payments.c.method.in_(methods),
            payments.c.status == "standing",
        )
        .order_by(*order)
        .limit(limit)
    )
    return [_payment(row) for row in rows]


def _with_invoice(reader: Reader) -> Select:
    """Payments, each with the invoice that it was for."""
    return (
        select(payments, receivables.c.source_id.label("invoice_id"))
        .select_from(
            payments.outerjoin(
                receivables,
                (receivables.c.business_id == payments.c.business_id)
                & (receivables.c.id == payments.c.receivable_id),
            )
        )
        .where(payments.c.business_id == reader.business_id)
    )


def _payment(row: Row) -> Payment:
    return Payment(
        id=row.id,
        customer_id=row.customer_id,
        amount=row.amount_paise,
        method=row.method,
        on=row.on_date,
        invoice_id=row.invoice_id,
        advance=row.advance_paise,
        status=row.status,
    )


def settlement(reader: Reader, source_kind: str, source_id: UUID) -> Settlement | None:
    """How far a debt is paid; None when it was never raised or is void.

    Asks no permission: whoever may see the document may see whether it is paid.
    """
    c = receivables.c
    row = reader.connection.execute(
        select(c.amount_paise, c.open_paise).where(
            c.business_id == reader.business_id,
            c.source_kind == source_kind,
            c.source_id == source_id,
            c.status == "standing",
        )
    ).first()
    return settled(*row) if row else None


def with_settlement(query: Select, source_kind: str, source_id: Column[Any]) -> Select:
    """A query of documents with how far each is paid in two columns more, for `settled`.

    Where nothing is open they are empty: a month's bills are joined to the few debts that are left,
    not to all that there ever were.
    """
    c = _DEBT.c
    return query.add_columns(c.amount_paise, c.open_paise).outerjoin(
        _DEBT,
        (c.business_id == source_id.table.c.business_id)
        & (c.source_kind == source_kind)
        & (c.source_id == source_id)
        & (c.status == "standing")
        & (c.open_paise > 0),
    )


def settled(amount: int | None, unpaid: int) -> Settlement | None:
    """What the two columns say; None where they are empty."""
    return None if amount is None else Settlement(amount, unpaid, _status(amount, unpaid))


def _status(amount: int, unpaid: int) -> Status:
    if unpaid == 0:
        return "paid"
    return "unpaid" if unpaid == amount else "partial"
