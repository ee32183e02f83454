"""Work that all cores of the machine share."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import connection, get_context, parent_process
from threading import Thread
from typing import TypeVar

Result = TypeVar("Result")

FEW = 1000
"""Fewer examples are learned sooner than processes start."""


def each(jobs: Sequence[Callable[[], Result]], *, examples: int) -> list[Result]:
    """Return what the jobs return, in their order; `examples`: how many they learn from.

    Each has a process of its own. Threads would wait for each other wherever Python is at work,
    and a library's random numbers, which they share, would fall otherwise each time.
    """
    workers = min(len(jobs), len(os.sched_getaffinity(0)))
    if workers < 2 or examples < FEW:
        return [job() for job in jobs]
    context = get_context("spawn")
    with ProcessPoolExecutor(workers, context, initializer=_end_with_parent) as pool:
        return [one.result() for one in [pool.submit(job) for job in jobs]]


def _end_with_parent() -> None:
    """A worker would wait for ever for work of a parent that was killed."""
    parent = parent_process()
    if parent is not None:
        Thread(target=_end_after, args=[parent.sentinel], daemon=True).start()


def _end_after(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)
