"""What the machinery keeps is let go of: keys, dispatched tellings and done jobs.

Once a day, of every business, by whichever process comes first. The note of when it is next due
stands among the notes of due work, under a tenant that no business has.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from erp_core.db.engine import Database
from erp_core.journal.models import due_work, idempotency_keys, jobs, outbox
from erp_core.kernel.clock import Clock

KEYS = timedelta(days=30)
"""WhatsApp repeats a message for seven days, Razorpay a notice for one; an app may be offline for
weeks."""

DONE = timedelta(days=30)
NOBODY = 0
QUEUE = "retention"
EVERY = timedelta(days=1)


def tidy_if_due(database: Database, clock: Clock, businesses: Callable[[], list[int]]) -> int:
    """Let go of what is too old, if it was not done within a day; how many rows went.

    The note is locked meanwhile: a second process passes by, and one that dies leaves it due.
    """
    now = clock.now()
    with database.plain() as connection:
        mine = (due_work.c.tenant == NOBODY) & (due_work.c.queue == QUEUE)
        later = select(due_work.c.due_at).where(mine, due_work.c.due_at > now)
        if connection.execute(later).first():
            return 0
        connection.execute(
            upsert(due_work)
            .values(tenant=NOBODY, queue=QUEUE, due_at=now, generation=0)
            .on_conflict_do_nothing()
        )
    with database.plain() as connection:
        note = connection.execute(
            select(due_work.c.due_at)
            .where(mine, due_work.c.due_at <= now)
            .with_for_update(skip_locked=True)
        ).first()
        if note is None:
            return 0
        gone = sum(tidy(database, business_id, now=now) for business_id in businesses())
        connection.execute(update(due_work).where(mine).values(due_at=now + EVERY))
    return gone


def tidy(database: Database, business_id: int, *, now: datetime) -> int:
    """Let go of one business's old rows; how many went."""
    gone = 0
    with database.tenant(business_id) as connection:
        for statement in (
            delete(idempotency_keys).where(
                idempotency_keys.c.business_id == business_id,
                idempotency_keys.c.created_at < now - KEYS,
            ),
            delete(outbox).where(
                outbox.c.business_id == business_id,
                outbox.c.status != "waiting",
                outbox.c.due_at < now - DONE,
            ),
            delete(jobs).where(
                jobs.c.business_id == business_id,
                jobs.c.status != "waiting",
                jobs.c.due_at < now - DONE,
            ),
        ):
            gone += connection.execute(statement).rowcount
    return gone
