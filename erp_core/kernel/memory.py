"""The memory of a process that serves for days."""

from __future__ import annotations

import gc

YOUNG = 10_000
"""Objects made, over those let go, before the collector looks for circles among the new ones."""


def settle() -> None:
    """Have the collector leave alone what is loaded by now: it lives as long as the process.

    A full collection looks through all of it otherwise, and holds up everybody for half a second
    or more. Among the young ones it looks less often than every 700 objects, as Python has it:
    a process that posts messages spends a good part of its time on that.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 10, 10)
