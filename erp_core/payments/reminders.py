"""Reminders on a schedule that the owner sets: polite, then firm; never at night.

They stop when the khata is clear, when the customer disputes it, while a promise runs, and for whom
the shop spares. One job a day and business does them all; it plans the next day's itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import TypedDict
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.engine import Row

from erp_core.journal.context import Context, Fact, Reader, Recipient
from erp_core.journal.jobs import NotYet, Work
from erp_core.kernel.errors import Forbidden, Invalid
from erp_core.ledger import chart
from erp_core.ledger.queries import balance_of
from erp_core.parties.permissions import Permission, require
from erp_core.parties.queries import all_users
from erp_core.payments import allocation
from erp_core.payments.models import promises, receivables, reminder_marks, reminder_plans

JOB = "payments.remind"
EARLIEST, LATEST = 9, 19
"""Hours at which a reminder may leave; the last one begins before 20:00."""

POLITE = "utter_payment_reminder"
FIRM = "utter_payment_reminder_firm"
DISPUTED = "utter_notify_disputed"
STOPPED = "utter_notify_stopped"
REMINDED = "utter_notify_reminded"
WATCHERS = ("owner", "manager")


@dataclass(frozen=True)
class Plan:
    """When customers are reminded. Days; `polite`: how many before the tone gets firm."""

    active: bool = False
    first_after_days: int = 7
    every_days: int = 3
    polite: int = 2
    hour: int = 10


class PlanSet(TypedDict):
    active: bool
    first_after_days: int
    every_days: int
    polite: int
    hour: int


class Held(TypedDict):
    customer_id: str
    hold: str | None
    balance: int


class Reminded(TypedDict):
    reminded: list[str]


def plan(reader: Reader) -> Plan:
    """The shop's plan; one that is not active when none was ever set."""
    row = reader.connection.execute(
        select(reminder_plans).where(reminder_plans.c.business_id == reader.business_id)
    ).one_or_none()
    if row is None:
        return Plan()
    return Plan(row.active, row.first_after_days, row.every_days, row.polite, row.hour)


def set_plan(
    ctx: Context,
    *,
    active: bool = True,
    first_after_days: int | None = None,
    every_days: int | None = None,
    polite: int | None = None,
    hour: int | None = None,
) -> PlanSet:
    """Start, change or stop the reminders; what is not given stays as it was.

    Raises Invalid("reminder_at_night", "bad_reminder_days").
    """
    require(ctx, Permission.CHANGE_BUSINESS)
    given = {
        "first_after_days": first_after_days,
        "every_days": every_days,
        "polite": polite,
        "hour": hour,
    }
    changed = {name: value for name, value in given.items() if value is not None}
    wanted = replace(plan(ctx), active=active, **changed)
    if not EARLIEST <= wanted.hour <= LATEST:
        raise Invalid("reminder_at_night", hour=str(wanted.hour))
    if not (0 <= wanted.first_after_days <= 365 and 1 <= wanted.every_days <= 90):
        raise Invalid("bad_reminder_days")
    values = asdict(wanted) | {"changed_at": ctx.now}
    ctx.connection.execute(
        upsert(reminder_plans)
        .values(business_id=ctx.business_id, **values)
        .on_conflict_do_update(index_elements=[reminder_plans.c.business_id], set_=values)
    )
    if active:
        _plan_next(ctx, wanted)
    done: PlanSet = {
        "active": wanted.active,
        "first_after_days": wanted.first_after_days,
        "every_days": wanted.every_days,
        "polite": wanted.polite,
        "hour": wanted.hour,
    }
    ctx.record("reminders.planned", **done)
    return done


def spare(ctx: Context, *, customer_id: UUID, spared: bool = True) -> Held:
    """Leave a customer out of the reminders, or take it in again, also after a dispute."""
    require(ctx, Permission.RECORD_PAYMENT)
    return hold(ctx, customer_id, "spared" if spared else None)


def dispute(ctx: Context, *, customer_id: UUID) -> Held:
    """A customer says that the balance is wrong: no reminder until the shop has looked into it."""
    require(ctx, Permission.REQUEST_PAYMENT, customer_id=customer_id)
    held = hold(ctx, customer_id, "disputed")
    if ctx.actor.kind == "customer":
        facts: dict[str, Fact] = {"customer_id": str(customer_id), "balance": held["balance"]}
        for one in all_users(ctx, roles=WATCHERS):
            ctx.tell(DISPUTED, to=Recipient("user", one.id), facts=facts, priority=0)
    return held


def spare_oneself(ctx: Context, *, spared: bool = True) -> Held:
    """A customer wants no reminders any more, or wants them again; the shop is told of a stop.

    Nothing changes twice: a dispute stays one when reminders are wanted again.
    """
    customer_id = ctx.actor.id
    if ctx.actor.kind != "customer" or customer_id is None:
        raise Forbidden("not_allowed")
    require(ctx, Permission.REQUEST_PAYMENT, customer_id=customer_id)
    before = held_for(ctx, customer_id)
    wanted = "spared" if spared else (None if before == "spared" else before)
    done = hold(ctx, customer_id, wanted)
    if spared and before != "spared":
        for one in all_users(ctx, roles=WATCHERS):
            ctx.tell(
                STOPPED,
                to=Recipient("user", one.id),
                facts={"customer_id": str(customer_id)},
                priority=0,
            )
    return done


def held_for(reader: Reader, customer_id: UUID) -> str | None:
    """Why a customer is not reminded: "disputed", "spared"; None when it is."""
    found = reader.connection.execute(
        select(reminder_marks.c.hold).where(
            reminder_marks.c.business_id == reader.business_id,
            reminder_marks.c.customer_id == customer_id,
        )
    ).scalar()
    return str(found) if found else None


def note_payment(ctx: Context, customer_id: UUID, *, balance: int) -> None:
    """Money has come: when nothing is owed any more, the next debt is reminded of politely anew."""
    if balance > 0:
        return
    ctx.connection.execute(
        delete(reminder_marks).where(
            reminder_marks.c.business_id == ctx.business_id,
            reminder_marks.c.customer_id == customer_id,
            func.coalesce(reminder_marks.c.hold, "") != "spared",
        )
    )


def remind(ctx: Context) -> Reminded:
    """Remind whoever is to be reminded today, and plan tomorrow's round."""
    require(ctx, Permission.REQUEST_PAYMENT)
    ctx.connection.execute(
        select(reminder_plans.c.active)
        .where(reminder_plans.c.business_id == ctx.business_id)
        .with_for_update()
    )
    current = plan(ctx)
    if not current.active:
        return {"reminded": []}
    marks = _marks(ctx)
    waiting = _promised(ctx)
    reminded = []
    for debt in _debts(ctx):
        mark = marks.get(debt.customer_id)
        if debt.customer_id in waiting or not _is_due(current, debt.since, mark, ctx.today):
            continue
        balance = balance_of(ctx, chart.RECEIVABLE, debt.customer_id)
        if balance <= 0:
            continue
        _tell(ctx, current, debt.customer_id, balance, sent=mark.sent if mark else 0)
        reminded.append(str(debt.customer_id))
    if reminded:
        for one in all_users(ctx, roles=WATCHERS):
            ctx.tell(
                REMINDED, to=Recipient("user", one.id), facts={"count": len(reminded)}, priority=2
            )
    _plan_next(ctx, current)
    return {"reminded": reminded}


def do(work: Work) -> None:
    """The job of the day. One that comes late, after an outage, waits for the next morning."""
    with work.read() as reader:
        current, zone = plan(reader), reader.zone
    local = work.now.astimezone(ZoneInfo(zone))
    if current.active and not current.hour <= local.hour <= LATEST:
        raise NotYet(next_hour(work.now, current.hour, zone))
    work.run(remind)


def next_hour(now: datetime, hour: int, zone: str) -> datetime:
    """The next moment at which it is this hour in a zone."""
    local = now.astimezone(ZoneInfo(zone))
    at = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    return at if at > local else at + timedelta(days=1)


def _plan_next(ctx: Context, current: Plan) -> None:
    at = next_hour(ctx.now, current.hour, ctx.zone)
    ctx.later(JOB, due_at=at, unique_key=f"{JOB}:{at.date().isoformat()}")


def hold(ctx: Context, customer_id: UUID, why: str | None) -> Held:
    """Remind a customer no more ("disputed", "spared"), or again (None)."""
    allocation.lock_customer(ctx, customer_id)
    ctx.connection.execute(
        upsert(reminder_marks)
        .values(business_id=ctx.business_id, customer_id=customer_id, sent=0, hold=why)
        .on_conflict_do_update(
            index_elements=[reminder_marks.c.business_id, reminder_marks.c.customer_id],
            set_={"hold": why},
        )
    )
    ctx.record("reminders.held", entity=customer_id, hold=why)
    balance = balance_of(ctx, chart.RECEIVABLE, customer_id)
    return {"customer_id": str(customer_id), "hold": why, "balance": balance}


def _debts(ctx: Context) -> list[Row]:
    """Who owes, and since when."""
    return ctx.connection.execute(
        select(receivables.c.customer_id, func.min(receivables.c.on_date).label("since"))
        .where(receivables.c.business_id == ctx.business_id, receivables.c.open_paise > 0)
        .group_by(receivables.c.customer_id)
        .order_by(receivables.c.customer_id)
    ).all()


def left_alone(reader: Reader) -> frozenset[UUID]:
    """Whom no reminder to everybody reaches: a promise runs, the khata is disputed, or the shop
    spares them."""
    held = (customer_id for customer_id, mark in _marks(reader).items() if mark.hold)
    return _promised(reader) | frozenset(held)


def _marks(reader: Reader) -> Mapping[UUID, Row]:
    rows = reader.connection.execute(
        select(reminder_marks).where(reminder_marks.c.business_id == reader.business_id)
    )
    return {row.customer_id: row for row in rows}


def _promised(reader: Reader) -> frozenset[UUID]:
    """Whose promise still runs; the job of the day after ends it."""
    rows = reader.connection.execute(
        select(promises.c.customer_id).where(
            promises.c.business_id == reader.business_id, promises.c.status == "open"
        )
    )
    return frozenset(row.customer_id for row in rows)


def _is_due(current: Plan, since: date, mark: Row | None, today: date) -> bool:
    if mark is not None and mark.hold:
        return False
    if mark is not None and mark.last_on:
        return bool(today >= mark.last_on + timedelta(days=current.every_days))
    return today >= since + timedelta(days=current.first_after_days)


def _tell(ctx: Context, current: Plan, customer_id: UUID, balance: int, *, sent: int) -> None:
    bill = ctx.connection.execute(
        select(receivables.c.source_id)
        .where(
            receivables.c.business_id == ctx.business_id,
            receivables.c.customer_id == customer_id,
            receivables.c.source_kind == "invoice",
            receivables.c.open_paise > 0,
        )
        .order_by(receivables.c.on_date, receivables.c.created_at)
        .limit(1)
    ).scalar_one_or_none()
    ctx.tell(
        POLITE if sent < current.polite else FIRM,
        to=Recipient("customer", customer_id),
        facts={"customer_id": str(customer_id), "due": balance},
        attachment={"kind": "invoice", "id": str(bill)} if bill else None,
    )
    ctx.connection.execute(
        upsert(reminder_marks)
        .values(
            business_id=ctx.business_id, customer_id=customer_id, sent=sent + 1, last_on=ctx.today
        )
        .on_conflict_do_update(
            index_elements=[reminder_marks.c.business_id, reminder_marks.c.customer_id],
            set_={"sent": sent + 1, "last_on": ctx.today},
        )
    )
    ctx.record("payment.reminded", entity=customer_id, amount=balance, times=sent + 1)
