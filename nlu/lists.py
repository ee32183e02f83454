"""Lists of words and names that the training data gives, found in a message."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from erp_core.kernel.spelling import fold, skeleton
from nlu.text import Piece, folded

if TYPE_CHECKING:
    from rasa.shared.nlu.training_data.training_data import TrainingData

LONGEST = 5
"""Longer entries are not looked for."""
SHORTEST_HURRIED = 3
"""Fewer letters do not tell a word that is typed without its vowels."""


class WordLists:
    """Named lists whose entries are found by their folded words.

    An entry of one word is also found when the vowels inside it are left out ("khta").
    """

    def __init__(self, lists: Mapping[str, Sequence[str]]) -> None:
        self.lists = lists
        self.names: Collection[str] = frozenset(lists)
        self.sizes = {name: len(entries) for name, entries in lists.items()}
        self._entries: dict[str, set[str]] = {}
        self._hurried: dict[str, set[str]] = {}
        self._beginnings: set[str] = set()
        for name, entries in lists.items():
            for entry in entries:
                words = fold(entry).split()
                if 0 < len(words) <= LONGEST:
                    self._entries.setdefault(" ".join(words), set()).add(name)
                    for hurried in _hurried(words[0]) if len(words) == 1 else ():
                        self._hurried.setdefault(hurried, set()).add(name)
                    self._beginnings.update(" ".join(words[:n]) for n in range(1, len(words) + 1))

    def marks(self, pieces: Sequence[Piece]) -> list[set[str]]:
        """Return for each piece the lists in which it stands, alone or as part of an entry."""
        result: list[set[str]] = [set() for _ in pieces]
        words = [(i, folded(one.text)) for i, one in enumerate(pieces) if one.kind != "symbol"]
        for first in range(len(words)):
            run = ""
            for size in range(1, min(LONGEST, len(words) - first) + 1):
                word = words[first + size - 1][1]
                run = f"{run} {word}" if run else word
                if run not in self._beginnings:
                    break
                for name in self._entries.get(run, ()):
                    for index, _ in words[first : first + size]:
                        result[index].add(name)
        for index, word in words:
            if not result[index]:
                result[index].update(self._hurried.get(word, ()))
        return result


def _hurried(word: str) -> set[str]:
    """Return how a folded word is typed in a hurry: without its vowels, or with its outer ones."""
    typed = {skeleton(word), skeleton(word[:-1]) + word[-1:]}
    return {one for one in typed if len(one) >= SHORTEST_HURRIED}


@dataclass(frozen=True)
class Lists:
    """Lists of the `names` of entities, and of the `words` that people use for one thing."""

    names: WordLists
    words: WordLists


NO_LISTS = Lists(WordLists({}), WordLists({}))


def of_training_data(training_data: TrainingData) -> dict[str, list[str]]:
    """Return the lookup tables that stand in the training data itself, by name."""
    return {
        table["name"]: list(table["elements"])
        for table in training_data.lookup_tables
        if not isinstance(table["elements"], str)
    }


def parted(tables: Mapping[str, Sequence[str]], entities: Collection[str]) -> Lists:
    """Return lookup tables as lists: one named like an entity holds names, any other words."""
    return Lists(
        WordLists({name: table for name, table in tables.items() if name in entities}),
        WordLists({name: table for name, table in tables.items() if name not in entities}),
    )
