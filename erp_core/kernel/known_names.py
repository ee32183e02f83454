"""The names that a shop knows already, ready to be found in a message.

Whoever serves a shop builds its `KnownNames` once a version of its lists, and holds them up with
`shown` while a message is read; the language components see them there. No list travels with a
turn, and neither side need know of the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from erp_core.kernel.spelling import fold, skeleton

LONGEST = 5
"""So many words of a name are looked at together."""
_FEWEST_CONSONANTS = 3
"""Words with fewer are told apart by their vowels too."""


class KnownNames:
    """Names by kind, found by their spelling-free form, whole or in part.

    People type less than a catalogue says ("dairy milk" for "Cadbury Dairy Milk 50g"), so that
    runs of a name's words count too.
    """

    def __init__(self, names: Mapping[str, Iterable[str]]) -> None:
        """Take names by kind, say {"product_name": ["Maggi", …]}, in any script and spelling."""
        self._names: dict[str, tuple[set[str], set[str]]] = {}
        for kind, listed in names.items():
            whole: set[str] = set()
            runs: set[str] = set()
            for name in listed:
                words = [_key(word) for word in fold(name).split()]
                whole.add(" ".join(words))
                for first in range(len(words)):
                    for end in range(first + 1, min(first + LONGEST, len(words)) + 1):
                        runs.add(" ".join(words[first:end]))
            self._names[kind] = (whole, runs)

    def marks(self, words: Sequence[str]) -> list[list[str]]:
        """Return for each folded word what is known of the longest run in which it stands:
        "product_name:whole", ":part1" or ":part2" (one word of a name, more), ":first", ":next"."""
        keys = [_key(word) for word in words]
        result: list[list[str]] = [[] for _ in keys]
        for kind, (whole, runs) in self._names.items():
            first = 0
            while first < len(keys):
                size = _longest(keys, first, runs)
                run = " ".join(keys[first : first + size])
                how = "whole" if run in whole else f"part{min(size, 2)}"
                for place in range(first, first + size):
                    order = "first" if place == first else "next"
                    result[place] += [f"{kind}:{how}", f"{kind}:{order}"]
                first += size or 1
        return result


def _key(word: str) -> str:
    bones = skeleton(word)
    return bones if len(bones) >= _FEWEST_CONSONANTS else word


def _longest(keys: Sequence[str], first: int, runs: set[str]) -> int:
    run, size = "", 0
    for key in keys[first : first + LONGEST]:
        run = f"{run} {key}" if run else key
        if run not in runs:
            break
        size += 1
    return size


_shown: ContextVar[KnownNames | None] = ContextVar("known_names", default=None)


@contextmanager
def shown(names: KnownNames | None) -> Iterator[None]:
    """Let whoever reads a message see `names` while the block runs, in this task alone."""
    token = _shown.set(names)
    try:
        yield
    finally:
        _shown.reset(token)


def now_shown() -> KnownNames | None:
    """Return the names that are shown at this moment."""
    return _shown.get()
