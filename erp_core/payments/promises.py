"""Promises to pay: "shukravar ko dunga". Who promised is not reminded until the day is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypedDict
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, select, update
from sqlalchemy.engine import Row

from erp_core.journal.context import Context, Fact, Reader, Recipient
from erp_core.journal.jobs import Work
from erp_core.kernel.errors import Invalid
from erp_core.kernel.ids import new_id
from erp_core.kernel.money import LARGEST_AMOUNT
from erp_core.ledger import chart
from erp_core.ledger.queries import balance_of
from erp_core.parties.permissions import Permission, require
from erp_core.parties.queries import all_users
from erp_core.payments import allocation
from erp_core.payments.models import payments, promises

JOB = "payments.promise_over"
FURTHEST = timedelta(days=366)
MORNING = 10
"""The hour at which a promise that was not kept is told, on the day after."""

PROMISED = "utter_notify_promised"
PROMISED_PART = "utter_notify_promised_part"
BROKEN = "utter_notify_promise_broken"
WATCHERS = ("owner", "manager")


@dataclass(frozen=True)
class Promise:
    """Who wants to pay by when; without an amount, all that is owed."""

    customer_id: UUID
    due_on: date
    amount: int | None


class Promised(TypedDict):
    promise_id: str
    customer_id: str
    due_on: str
    amount: int | None
    balance: int


def promise(
    ctx: Context,
    *,
    customer_id: UUID,
    due_on: date,
    amount_paise: int | None = None,
    of_cheque: bool = False,
) -> Promised:
    """Remember when a customer wants to pay; an earlier promise gives way. A cheque that is dated
    ahead stands beside it, and beside those of other days or amounts.

    Raises Invalid("promise_in_past", "bad_amount"), NotFound("customer").
    """
    require(ctx, Permission.REQUEST_PAYMENT, customer_id=customer_id)
    if not ctx.today <= due_on <= ctx.today + FURTHEST:
        raise Invalid("promise_in_past")
    if amount_paise is not None and not 0 < amount_paise <= LARGEST_AMOUNT:
        raise Invalid("bad_amount")
    allocation.lock_customer(ctx, customer_id)
    made = Promise(customer_id, due_on, amount_paise)
    for earlier in _open_rows(ctx, customer_id):
        if earlier.of_cheque == of_cheque and (not of_cheque or _is_again(made, earlier)):
            _close(ctx, earlier.id, "replaced")
    promise_id = _insert(ctx, made, of_cheque=of_cheque)
    ctx.later(JOB, due_at=_morning_after(due_on, ctx.zone), promise_id=str(promise_id))
    done: Promised = {
        "promise_id": str(promise_id),
        "customer_id": str(customer_id),
        "due_on": due_on.isoformat(),
        "amount": amount_paise,
        "balance": balance_of(ctx, chart.RECEIVABLE, customer_id),
    }
    ctx.record(
        "payment.promised",
        entity=promise_id,
        customer_id=str(customer_id),
        due_on=due_on.isoformat(),
        amount=amount_paise,
    )
    if ctx.actor.kind == "customer":
        part = {} if amount_paise is None else {"amount": amount_paise}
        response = PROMISED_PART if part else PROMISED
        _tell_watchers(ctx, response, customer_id, due_on, done["balance"], **part)
    return done


def _insert(ctx: Context, made: Promise, *, of_cheque: bool) -> UUID:
    promise_id = new_id()
    ctx.connection.execute(
        insert(promises).values(
            business_id=ctx.business_id,
            id=promise_id,
            customer_id=made.customer_id,
            amount_paise=made.amount,
            due_on=made.due_on,
            status="open",
            told_by="customer" if ctx.actor.kind == "customer" else "user",
            of_cheque=of_cheque,
            created_at=ctx.now,
        )
    )
    return promise_id


def _tell_watchers(
    ctx: Context, response: str, customer_id: UUID, due_on: date, balance: int, **part: int
) -> None:
    """Tell those who run the shop how it stands with a customer's promise."""
    facts: dict[str, Fact] = {
        "customer_id": str(customer_id),
        "on": due_on.strftime("%d-%m-%Y"),
        "balance": balance,
        **part,
    }
    for one in all_users(ctx, roles=WATCHERS):
        ctx.tell(response, to=Recipient("user", one.id), facts=facts)


def open_promises(reader: Reader) -> list[Promise]:
    """All promises that are neither kept nor over, the nearest first."""
    require(reader, Permission.VIEW_ALL_BALANCES)
    rows = reader.connection.execute(
        select(promises)
        .where(promises.c.business_id == reader.business_id, promises.c.status == "open")
        .order_by(promises.c.due_on, promises.c.created_at)
    )
    return [Promise(row.customer_id, row.due_on, row.amount_paise) for row in rows]


def note_payment(ctx: Context, customer_id: UUID, *, amount_paise: int, balance: int) -> None:
    """Money has come, and this is owed after it: the promise is kept when it was for no more, and
    of cheques dated ahead the first of just so much."""
    rows = _open_rows(ctx, customer_id)
    if balance <= 0:
        kept = rows
    else:
        kept = [one for one in rows if not one.of_cheque and _paid_as_promised(ctx, one)]
        so_much = (one for one in rows if one.of_cheque and one.amount_paise == amount_paise)
        kept += [*so_much][:1]
    for one in kept:
        _close(ctx, one.id, "kept")


class PromiseOver(TypedDict):
    broken: bool


def promise_over(ctx: Context, *, promise_id: str) -> PromiseOver:
    """The day after a promise: when it still stands it was not kept, and the shop hears of it."""
    require(ctx, Permission.RECORD_PAYMENT)
    customer_id = ctx.connection.execute(
        select(promises.c.customer_id).where(
            promises.c.business_id == ctx.business_id, promises.c.id == UUID(promise_id)
        )
    ).scalar_one()
    allocation.lock_customer(ctx, customer_id)
    row = next((one for one in _open_rows(ctx, customer_id) if str(one.id) == promise_id), None)
    if row is None:
        return {"broken": False}
    balance = balance_of(ctx, chart.RECEIVABLE, row.customer_id)
    if balance <= 0 or (not row.of_cheque and _paid_as_promised(ctx, row)):
        _close(ctx, row.id, "kept")
        return {"broken": False}
    _close(ctx, row.id, "broken")
    ctx.record("promise.broken", entity=row.id, customer_id=str(row.customer_id))
    _tell_watchers(ctx, BROKEN, row.customer_id, row.due_on, balance)
    return {"broken": True}


def do(work: Work) -> None:
    """The job of the day after."""
    work.run(promise_over, promise_id=str(work.arguments["promise_id"]))


def _open_rows(ctx: Context, customer_id: UUID) -> list[Row]:
    """What a customer has promised, the nearest first."""
    rows = ctx.connection.execute(
        select(promises)
        .where(
            promises.c.business_id == ctx.business_id,
            promises.c.customer_id == customer_id,
            promises.c.status == "open",
        )
        .order_by(promises.c.due_on, promises.c.id)
    )
    return list(rows)


def _is_again(made: Promise, earlier: Row) -> bool:
    """Whether the cheque of so much for that day is known."""
    return bool((made.due_on, made.amount) == (earlier.due_on, earlier.amount_paise))


def _paid_as_promised(ctx: Context, row: Row) -> bool:
    if row.amount_paise is None:
        return False
    paid = ctx.connection.execute(
        select(func.coalesce(func.sum(payments.c.amount_paise), 0)).where(
            payments.c.business_id == ctx.business_id,
            payments.c.customer_id == row.customer_id,
            payments.c.created_at >= row.created_at,
            payments.c.status == "standing",
        )
    ).scalar_one()
    return bool(paid >= row.amount_paise)


def _close(ctx: Context, promise_id: UUID, status: str) -> None:
    ctx.connection.execute(
        update(promises)
        .where(promises.c.business_id == ctx.business_id, promises.c.id == promise_id)
        .values(status=status)
    )


def _morning_after(day: date, zone: str) -> datetime:
    after = day + timedelta(days=1)
    return datetime(after.year, after.month, after.day, MORNING, tzinfo=ZoneInfo(zone))
