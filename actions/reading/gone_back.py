"""Whether goods or money are said to have gone back to where they came from."""

from __future__ import annotations

from collections.abc import Sequence

from actions.lexicon import only, says, where


def gone_back(said: Sequence[str]) -> bool:
    """ "Jeans wapas aa gayi", "return kar di", "gave back 2"; "wapas kar do" only asks for it."""
    row = tuple(said)
    if says(row, "brought_back"):
        return True
    while found := where(row, "gone_back.back"):
        row = row[found[1] :]
        told = row[1:] if only(row[:1], "gone_back.stems") else row
        if told and only(told[:1], "gone_back.done"):
            return True
    return False
