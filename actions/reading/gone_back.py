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


def handed_back(said: Sequence[str]) -> bool:
    """The same in few words, beside whoever it was: "komal 1 kurti wapas", "…, paise de diye"."""
    found = where(said, "gone_back.back")
    behind = tuple(said[found[1] :]) if found else ()
    bare = found is not None and (not behind or says(behind[:1], "money_back.money"))
    return bare or gone_back(said)
