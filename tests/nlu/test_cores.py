"""Work on all cores leaves nobody behind."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
WORKING = """\
import functools, time
from nlu import cores
cores.each([functools.partial(time.sleep, 600)] * 2, examples=cores.FEW)
"""


def _eventually(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def _workers(parent: psutil.Process) -> list[psutil.Process]:
    return [one for one in parent.children() if "spawn_main" in " ".join(one.cmdline())]


def test_workers_end_with_a_parent_that_is_killed() -> None:
    running = subprocess.Popen([sys.executable, "-c", WORKING], cwd=ROOT)
    parent = psutil.Process(running.pid)
    _eventually(lambda: len(_workers(parent)) == 2)
    workers = _workers(parent)
    running.kill()
    running.wait()
    _eventually(lambda: not any(one.is_running() for one in workers))
