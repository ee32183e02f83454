"""Jobs for the tests of their runner; another process finds them here under the same name."""

from __future__ import annotations

import os
import signal
import sys
import time

from journal_steps import do_step

from erp_core.db.engine import Database
from erp_core.journal.jobs import Work, run_due
from erp_core.kernel.clock import Clock
from erp_core.runtime import Bahi


def step(work: Work) -> None:
    """One effect, slowly, so that another runner would have its chance."""
    work.run(do_step, amount=int(work.arguments["amount"]))
    time.sleep(0.02)


def step_and_die(work: Work) -> None:
    """The effect is committed; then the process is gone before the job is marked as done."""
    work.run(do_step, amount=int(work.arguments["amount"]))
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    run_due(Bahi(Database(sys.argv[1]), Clock()), {"first": step_and_die})
