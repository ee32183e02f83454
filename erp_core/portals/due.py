"""Reminding the owner of returns in time.

One job a day and business; it plans the next day's itself, and a registered shop's bill starts it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TypedDict
from zoneinfo import ZoneInfo

from sqlalchemy import select

from erp_core.invoicing.models import e_invoices
from erp_core.invoicing.registration import AWAITED
from erp_core.journal.context import Context, Recipient
from erp_core.journal.jobs import NotYet, Work
from erp_core.kernel.clock import local_date
from erp_core.ledger.periods import locked_until
from erp_core.parties.permissions import Permission, require
from erp_core.parties.queries import all_users, business
from erp_core.portals import limits
from erp_core.portals.apportioning import apportion
from erp_core.portals.periods import Due, is_open, is_settled, returns_due
from erp_core.portals.profile import Profile, profile
from erp_core.portals.settling import provide_composition_tax
from erp_core.purchases.reversing import review_credit

JOB = "portals.returns_due"
DUE = "utter_notify_return_due"
DEADLINE = "utter_notify_einvoice_deadline"
DAYS_BEFORE = (3, 1, 0)
DEADLINE_DAYS = (15, 7, 3, 1, 0)
HOUR, LAST_HOUR = 10, 19
"""Nobody is reminded of a return at night."""


class Reminded(TypedDict):
    due: list[str]


def remind(ctx: Context) -> Reminded:
    """Tell the owner of what is due in three days, tomorrow and today; plan tomorrow's look.

    Credit of bills that have been unpaid for too long is reversed on the way (rule 37), that of
    what is sold without tax given back (rule 42), and the tax of a quarter under composition
    written when it is over.
    """
    require(ctx, Permission.VIEW_REPORTS)
    review_credit(ctx)
    last = ctx.today.replace(day=1) - timedelta(days=1)
    closed = is_settled(ctx, f"{last:%Y-%m}") or last <= (locked_until(ctx) or date.min)
    if last.month % 3 == 0 and not closed:
        provide_composition_tax(ctx, month=last)
    if is_open(ctx, last):
        apportion(ctx, month=last)
    told = []
    if profile(ctx).reminds:
        for due in returns_due(ctx, ctx.today, within=max(DAYS_BEFORE)):
            days = (due.last_day - ctx.today).days
            if days in DAYS_BEFORE:
                _tell(ctx, due, days)
                told.append(due.form)
        _warn_of_deadlines(ctx)
        _plan(ctx, ctx.now)
    if told:
        ctx.record("returns.reminded", forms=told)
    return {"due": told}


def start(ctx: Context, known: Profile) -> None:
    """Plan the first look, once; a shop that is not registered needs none."""
    if known.reminds and business(ctx).gstin is not None:
        _plan(ctx, ctx.now)


def do(work: Work) -> None:
    """The job of the day; one that comes late waits for the morning."""
    with work.read() as reader:
        zone = ZoneInfo(reader.zone)
    if not HOUR <= work.now.astimezone(zone).hour <= LAST_HOUR:
        raise NotYet(_next(work.now, zone))
    work.run(remind)


def _plan(ctx: Context, now: datetime) -> None:
    at = _next(now, ZoneInfo(ctx.zone))
    ctx.later(JOB, due_at=at, unique_key=f"{JOB}:{at.date().isoformat()}")


def _next(now: datetime, zone: ZoneInfo) -> datetime:
    local = now.astimezone(zone)
    at = local.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    return at if at > local else at + timedelta(days=1)


def _tell(ctx: Context, due: Due, days: int) -> None:
    for one in all_users(ctx, roles=("owner",)):
        ctx.tell(
            DUE,
            to=Recipient("user", one.id),
            facts={
                "form": due.form,
                "period": due.period,
                "on": f"{due.last_day:%d-%m-%Y}",
                "days": days,
                "month": f"{due.end:%Y-%m}",
                "act": due.act,
            },
        )


def _warn_of_deadlines(ctx: Context) -> None:
    """Tell the owner of documents that the portal soon takes no more."""
    row = limits.in_force("einvoice_within_days", ctx.today)
    turnover = profile(ctx).turnover_paise
    if row is None or turnover is None or turnover < int(row["rupees"]) * 100:
        return
    waiting = ctx.connection.execute(
        select(e_invoices.c.invoice_id, e_invoices.c.created_at)
        .where(
            e_invoices.c.business_id == ctx.business_id,
            e_invoices.c.status.in_(sorted(AWAITED)),
        )
        .order_by(e_invoices.c.created_at)
    )
    for one in waiting:
        last = local_date(one.created_at, ctx.zone) + timedelta(days=int(row["days"]))
        days = (last - ctx.today).days
        if days in DEADLINE_DAYS:
            for owner in all_users(ctx, roles=("owner",)):
                ctx.tell(
                    DEADLINE,
                    to=Recipient("user", owner.id),
                    facts={"invoice_id": str(one.invoice_id), "days": days},
                )
