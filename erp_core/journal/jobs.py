"""Doing the jobs that commands have planned, each with one effect.

A runner locks a job's row while it works on it; another one passes by. When the runner is killed
the lock goes with its connection and the job is taken up again, and every command of the job
carries a key made from the job's id: what was already done is not done twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DataError, IntegrityError

from erp_core.db.engine import Database
from erp_core.journal import outbox
from erp_core.journal.commands import Command
from erp_core.journal.context import CommandResult, Reader
from erp_core.journal.models import jobs
from erp_core.journal.outbox import Due, JobRow
from erp_core.kernel.actor import SYSTEM, Actor
from erp_core.kernel.clock import Clock
from erp_core.kernel.errors import BahiError, Unavailable

logger = logging.getLogger(__name__)

FAULTS = (
    BahiError, LookupError, ValueError, TypeError, ArithmeticError, DataError, IntegrityError
)  # fmt: skip
"""What goes wrong with one job, such as a figure that the database has no room for: it is put off,
since it would hold up those of everybody behind it."""
AT_ONCE = 20
"""So many jobs of one business in a row; then the others have their turn."""


class Runs(Protocol):
    """What runs commands and opens readers: runtime.Bahi."""

    database: Database
    clock: Clock

    def run(
        self,
        business_id: int,
        actor: Actor,
        key: str,
        command: Command,
        /,
        **arguments: Any,
    ) -> CommandResult:
        """Run a command once for its key."""

    def read(self, business_id: int, actor: Actor = SYSTEM) -> AbstractContextManager[Reader]:
        """A reader of one business."""


class NotYet(Exception):
    """The job cannot be done now, and this is no failure: again at `due_at`."""

    def __init__(self, due_at: datetime) -> None:
        super().__init__("not yet")
        self.due_at = due_at


@dataclass
class Work:
    """One job in hand, and the ways to read and to change its business."""

    bahi: Runs
    business_id: int
    job: JobRow
    _commands: int = field(default=0)

    @property
    def arguments(self) -> Mapping[str, Any]:
        """What the job was planned with."""
        return self.job.arguments

    @property
    def now(self) -> datetime:
        """This moment."""
        return self.bahi.clock.now()

    def run(self, command: Command, /, **arguments: Any) -> CommandResult:
        """Run a command once for this job and its place in it."""
        self._commands += 1
        key = f"job:{self.job.id}:{self._commands}"
        return self.bahi.run(self.business_id, SYSTEM, key, command, **arguments)

    def read(self) -> AbstractContextManager[Reader]:
        """A reader of the business."""
        return self.bahi.read(self.business_id)


Handler = Callable[[Work], None]
"""Does a job. Raises NotYet; Unavailable, to be tried again; another of FAULTS, likewise."""


def run_due(bahi: Runs, handlers: Mapping[str, Handler]) -> dict[str, int]:
    """Do whatever is due, of every business; counts by result. Blocking."""
    counts = {"done": 0, "put_off": 0, "unreachable": 0}
    with bahi.database.plain() as connection:
        due = outbox.due_businesses(connection, outbox.JOBS, now=bahi.clock.now())
    for business in due:
        for _ in range(AT_ONCE):
            result = _run_one(bahi, handlers, business)
            if result is None:
                break
            counts[result] += 1
            if result == "unreachable":
                # What is away is away for this business's other jobs too; the others wait for us.
                break
    return counts


def _run_one(bahi: Runs, handlers: Mapping[str, Handler], due: Due) -> str | None:
    """Do one job of a business; None when none is free.

    What cannot be reached is waited for however long it takes.
    """
    with bahi.database.tenant(due.business_id) as connection:
        now = bahi.clock.now()
        claimed = outbox.claim_jobs(connection, due.business_id, now=now, limit=1)
        if not claimed:
            outbox.settle(connection, due)
            return None
        job = claimed[0]
        try:
            handlers[job.kind](Work(bahi, due.business_id, job))
        except NotYet as later:
            _move(connection, due.business_id, job, later.due_at)
            return "put_off"
        except FAULTS as error:
            code = error.code if isinstance(error, BahiError) else type(error).__name__
            logger.error("job %s (%s) waits: %s", job.id, job.kind, code)
            patient = isinstance(error, Unavailable)
            _put_off(connection, due.business_id, job, code, now, patient=patient)
            return "unreachable" if patient else "put_off"
        outbox.mark_done(connection, due.business_id, [job.id])
        return "done"


def _move(connection: Connection, business_id: int, job: JobRow, due_at: datetime) -> None:
    connection.execute(
        update(jobs)
        .where(jobs.c.business_id == business_id, jobs.c.id == job.id)
        .values(due_at=due_at)
    )


LONGEST_PAUSE = timedelta(hours=1)


def _put_off(
    connection: Connection,
    business_id: int,
    job: JobRow,
    code: str,
    now: datetime,
    *,
    patient: bool,
) -> None:
    if not patient:
        outbox.put_off(connection, outbox.JOBS, business_id, job.id, attempts=job.attempts, now=now)
    values: dict[str, Any] = {"error_code": code}
    if patient:
        pause = min(LONGEST_PAUSE, outbox.FIRST_PAUSE * 2 ** min(job.attempts, 12))
        values |= {"attempts": job.attempts + 1, "due_at": now + pause}
    connection.execute(
        update(jobs).where(jobs.c.business_id == business_id, jobs.c.id == job.id).values(**values)
    )
