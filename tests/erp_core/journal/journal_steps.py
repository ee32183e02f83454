"""Commands for the tests of the journal; another process finds them here under the same name."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from erp_core.db.engine import Database
from erp_core.journal import commands
from erp_core.journal.context import Context, Recipient
from erp_core.journal.models import jobs, journal_events, outbox
from erp_core.kernel.actor import SYSTEM
from erp_core.kernel.clock import Clock
from erp_core.kernel.errors import Conflict
from erp_core.kernel.ids import new_id

SOMEBODY = Recipient("customer", UUID(int=7))


def do_step(ctx: Context, *, amount: int, pause: float = 0) -> dict[str, Any]:
    """One event, one telling, one job."""
    made = new_id()
    ctx.record("step.done", entity=made, amount=amount)
    ctx.tell("utter_step", to=SOMEBODY, facts={"amount": amount})
    ctx.later("step", due_at=ctx.now, amount=amount)
    time.sleep(pause)
    return {"id": str(made), "amount": amount, "lines": (amount, amount)}


def refuse(ctx: Context, *, pause: float = 0) -> dict[str, Any]:
    """Changes things, then finds that it may not."""
    ctx.record("step.refused")
    ctx.tell("utter_refused", to=SOMEBODY)
    time.sleep(pause)
    raise Conflict("refused", amount=1)


def die(ctx: Context, *, amount: int) -> dict[str, Any]:
    """The process is gone before the commit."""
    do_step(ctx, amount=amount)
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def effects(database: Database, business: int) -> tuple[int, int, int]:
    """How many steps are in the journal, the outbox and the jobs."""
    with database.tenant(business) as connection:
        events = connection.execute(
            select(func.count()).where(
                journal_events.c.business_id == business, journal_events.c.kind == "step.done"
            )
        ).scalar_one()
        told = connection.execute(
            select(func.count()).where(outbox.c.business_id == business)
        ).scalar_one()
        planned = connection.execute(
            select(func.count()).where(jobs.c.business_id == business)
        ).scalar_one()
    return events, told, planned


def run_and_die(url: str, business: int, name: str) -> None:
    """Run a command with the key "k" and be killed before anybody can be told the answer."""
    commands.run(
        Database(url, pool_size=1),
        Clock(),
        business_id=business,
        actor=SYSTEM,
        key="k",
        command=globals()[name],
        arguments={"amount": 5},
    )
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    sys.modules["journal_steps"] = sys.modules["__main__"]
    do_step.__module__ = "journal_steps"
    run_and_die(sys.argv[1], int(sys.argv[2]), sys.argv[3])
