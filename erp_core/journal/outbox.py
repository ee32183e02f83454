"""The outbox and the job queue: rows that commit with the command, and a note of who has work due.

A dispatcher must find work without reading any business's rows. `due_work` tells it which
businesses have some and when; it holds no personal data. The dispatcher then opens that business's
session, claims rows with SKIP LOCKED, and clears the note only if nothing new came in the meantime.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Table, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.engine import Connection, Row

from erp_core.db.statements import Statement, insertion
from erp_core.journal.chain import canonical
from erp_core.journal.context import Context, Job, Recipient, Telling
from erp_core.journal.models import due_work, jobs, outbox
from erp_core.kernel.ids import new_id

OUTBOX = "outbox"
JOBS = "jobs"
MAX_ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=5)


_TELL = insertion(
    outbox, "business_id", "id", "response", "recipient_kind", "recipient_id", "facts",
    "said", "attachment", "priority", "status", "attempts", "due_at", "created_at",
)  # fmt: skip
_QUEUE = Statement(
    upsert(jobs).on_conflict_do_nothing(),
    columns=(
        "business_id", "id", "kind", "arguments", "unique_key", "status", "attempts", "due_at",
        "created_at",
    ),
)  # fmt: skip
_note = upsert(due_work)
_ANNOUNCE = Statement(
    _note.on_conflict_do_update(
        index_elements=[due_work.c.tenant, due_work.c.queue],
        set_={
            "due_at": func.least(due_work.c.due_at, _note.excluded.due_at),
            "generation": due_work.c.generation + 1,
        },
    ),
    columns=("tenant", "queue", "due_at", "generation"),
)


_DUE = Statement(
    select(due_work.c.tenant, due_work.c.queue, due_work.c.generation)
    .where(due_work.c.queue == bindparam("wanted"), due_work.c.due_at <= bindparam("now"))
    .order_by(due_work.c.due_at)
    .limit(bindparam("most"))
)
_THIS_NOTE = (
    (due_work.c.tenant == bindparam("of"))
    & (due_work.c.queue == bindparam("wanted"))
    & (due_work.c.generation == bindparam("seen"))
)
_CLEAR = Statement(delete(due_work).where(_THIS_NOTE))
_MOVE = Statement(update(due_work).where(_THIS_NOTE).values(due_at=bindparam("next")))


def _waiting_of(table: Table) -> Any:
    return (table.c.business_id == bindparam("of")) & (table.c.status == "waiting")


def _claim(table: Table, *order: Any) -> Statement:
    """Locks the rows that are due and nobody else has locked."""
    return Statement(
        select(table)
        .where(_waiting_of(table), table.c.due_at <= bindparam("now"))
        .order_by(*order, table.c.due_at, table.c.id)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True)
    )


_CLAIM_OUTBOX = _claim(outbox, outbox.c.priority)
_CLAIM_JOBS = _claim(jobs)
_NEXT = {
    queue: Statement(select(func.min(table.c.due_at).label("at")).where(_waiting_of(table)))
    for queue, table in ((OUTBOX, outbox), (JOBS, jobs))
}
_FINISH = {
    table: Statement(
        update(table)
        .where(table.c.business_id == bindparam("of"), table.c.id == bindparam("row"))
        .values(status=bindparam("then"), **gone)
    )
    for table, gone in ((outbox, {"said": None}), (jobs, {}))
}


@dataclass(frozen=True)
class Due:
    """A business with work waiting; its generation tells whether more has come since."""

    business_id: int
    queue: str
    generation: int


@dataclass(frozen=True)
class OutboxRow:
    """A telling that is to leave now."""

    id: UUID
    response: str
    to: Recipient
    facts: Mapping[str, Any]
    attachment: Mapping[str, Any] | None
    priority: int
    attempts: int
    created_at: datetime


@dataclass(frozen=True)
class JobRow:
    """A job that is to be done now."""

    id: UUID
    kind: str
    arguments: Mapping[str, Any]
    attempts: int


def write_all(ctx: Context) -> None:
    """Store what a command told and planned, in its own transaction."""
    if ctx.tellings:
        _TELL.run_many(ctx.connection, [_outbox_row(ctx, told) for told in ctx.tellings])
        _announce_work(ctx.connection, ctx.business_id, OUTBOX, min(t.due_at for t in ctx.tellings))
    # A job that is queued already has been announced: the note is a row that all sales would share.
    new = [job for job in ctx.jobs if _queue(ctx, job)]
    if new:
        _announce_work(ctx.connection, ctx.business_id, JOBS, min(job.due_at for job in new))


def due_businesses(
    connection: Connection, queue: str, *, now: datetime, limit: int = 100
) -> list[Due]:
    """Businesses that have work due in a queue, the longest waiting first. Needs no tenant."""
    rows = _DUE.all(connection, wanted=queue, now=now, most=limit)
    return [Due(*row) for row in rows]


def claim_outbox(
    connection: Connection, business_id: int, *, now: datetime, limit: int = 100
) -> list[OutboxRow]:
    """Lock the rows that are due; they stay locked until the transaction ends."""
    rows = _CLAIM_OUTBOX.all(connection, of=business_id, now=now, most=limit)
    return [
        OutboxRow(
            id=row.id,
            response=row.response,
            to=Recipient(row.recipient_kind, row.recipient_id),
            facts=_facts(row),
            attachment=json.loads(row.attachment) if row.attachment else None,
            priority=row.priority,
            attempts=row.attempts,
            created_at=row.created_at,
        )
        for row in rows
    ]


def claim_jobs(
    connection: Connection, business_id: int, *, now: datetime, limit: int = 20
) -> list[JobRow]:
    """Lock the jobs that are due; they stay locked until the transaction ends."""
    rows = _CLAIM_JOBS.all(connection, of=business_id, now=now, most=limit)
    return [JobRow(row.id, row.kind, json.loads(row.arguments), row.attempts) for row in rows]


def mark_dispatched(connection: Connection, business_id: int, ids: Sequence[UUID]) -> None:
    """These tellings have been handed to the sender."""
    _finish(connection, outbox, business_id, ids, "dispatched")


def mark_done(connection: Connection, business_id: int, ids: Sequence[UUID]) -> None:
    """These jobs are done."""
    _finish(connection, jobs, business_id, ids, "done")


def put_off(
    connection: Connection,
    queue: str,
    business_id: int,
    row_id: UUID,
    *,
    attempts: int,
    now: datetime,
) -> None:
    """Try again later, each time twice as late, and give up after MAX_ATTEMPTS."""
    table = outbox if queue == OUTBOX else jobs
    connection.execute(
        update(table)
        .where(table.c.business_id == business_id, table.c.id == row_id)
        .values(attempts=attempts + 1, due_at=now + FIRST_PAUSE * 2**attempts)
    )
    if attempts + 1 >= MAX_ATTEMPTS:
        _finish(connection, table, business_id, [row_id], "failed")


def settle(connection: Connection, due: Due) -> None:
    """Clear a business's note, or move it to its next due time, unless more work came meanwhile.

    Runs in the business's own transaction after its rows were handled. A command that commits
    beside us has raised the generation, so its note stays.
    """
    next_due = _NEXT[due.queue].one(connection, of=due.business_id).at
    note = {"of": due.business_id, "wanted": due.queue, "seen": due.generation}
    if next_due is None:
        _CLEAR.run(connection, **note)
    else:
        _MOVE.run(connection, **note, next=next_due)


def _queue(ctx: Context, job: Job) -> bool:
    """Store a job; whether it was not there yet."""
    return bool(_QUEUE.run(ctx.connection, **_job_row(ctx, job)))


def _announce_work(connection: Connection, business_id: int, queue: str, due_at: datetime) -> None:
    """A new note starts at a random generation: one cleared and made anew is another note."""
    generation = secrets.randbits(62)
    _ANNOUNCE.run(connection, tenant=business_id, queue=queue, due_at=due_at, generation=generation)


def _finish(
    connection: Connection, table: Table, business_id: int, ids: Sequence[UUID], status: str
) -> None:
    if ids:
        rows = [{"of": business_id, "row": row, "then": status} for row in ids]
        _FINISH[table].run_many(connection, rows)


def _facts(row: Row) -> dict[str, Any]:
    """What a row's response is worded with."""
    facts: dict[str, Any] = json.loads(row.facts)
    return facts if row.said is None else {**facts, "said": row.said}


def _outbox_row(ctx: Context, telling: Telling) -> dict[str, Any]:
    return {
        "business_id": ctx.business_id,
        "id": new_id(),
        "response": telling.response,
        "recipient_kind": telling.to.kind,
        "recipient_id": telling.to.id,
        "facts": canonical(telling.facts),
        "said": telling.said,
        "attachment": canonical(telling.attachment) if telling.attachment else None,
        "priority": telling.priority,
        "status": "waiting",
        "attempts": 0,
        "due_at": telling.due_at,
        "created_at": ctx.now,
    }


def _job_row(ctx: Context, job: Job) -> dict[str, Any]:
    return {
        "business_id": ctx.business_id,
        "id": new_id(),
        "kind": job.kind,
        "arguments": canonical(job.arguments),
        "unique_key": job.unique_key,
        "status": "waiting",
        "attempts": 0,
        "due_at": job.due_at,
        "created_at": ctx.now,
    }
