"""What is said of the list of goods itself: a new name for some, that others are sold no longer, or
again.

"Maggi ka naam Maggi Masala kar do", "rename Maggi to Maggi Masala", "kurkure ab nahi bechte",
"kurkure phir se bechenge".
"""

from __future__ import annotations

from collections.abc import Sequence

from actions.lexicon import only, says, where, words

LONGEST_NAME = 5
"""So many words a name has at most; what is longer tells a story."""


def renamed(said: Sequence[str]) -> tuple[str, str] | None:
    """The name that goods have, and the one that they are to have."""
    row = folded(said)
    if says(row, "asking") or says(row, "negation") or not says(row, "teach.rename.verbs"):
        return None
    to = None if says(row, "rupees") else where(row, "teach.rename.to")
    place = where(row, "teach.rename.of") or to
    if place is None:
        return None
    around = ("teach.around", "teach.rename.around")
    known, new = name_in(said[: place[0]], around), name_in(said[place[1] :], around)
    return (known, new) if known and new and words(known) != words(new) else None


def no_longer_sold(said: Sequence[str]) -> str | None:
    """The goods that are to leave the list."""
    return _beside(said, "teach.retire")


def listed_again(said: Sequence[str]) -> str | None:
    """The goods that had left the list and are sold again."""
    return _beside(said, "teach.relist")


def _beside(said: Sequence[str], cue: str) -> str | None:
    """The name beside a cue, where nothing else is said: no count, no question."""
    rest = list(said)
    while place := where(folded(rest), cue):
        del rest[slice(*place)]
    if len(rest) == len(said) or says(folded(rest), "asking"):
        return None
    name = name_in(rest, ("teach.around", "teach.listing", "teach.doing"))
    return name if name and not any(one.isdigit() for one in name.split()) else None


def name_in(said: Sequence[str], around: Sequence[str] = ("teach.around",)) -> str:
    """Words without what stands around a name; "" when nothing, or too much, is left."""

    def is_around(word: str) -> bool:
        return any(only(folded([word]), one) for one in around)

    first, last = 0, len(said)
    while first < last and is_around(said[first]):
        first += 1
    while last > first and is_around(said[last - 1]):
        last -= 1
    kept = said[first:last]
    return " ".join(kept).strip(" .,!।\"'") if len(kept) <= LONGEST_NAME else ""


def folded(said: Sequence[str]) -> list[str]:
    """One folded word for each word, so that places are the same in both."""
    return [" ".join(words(word)) or word for word in said]
