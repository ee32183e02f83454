"""Lists of words and names that the training data gives, found in a message."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from erp_core.kernel.spelling import fold, skeleton
from nlu.text import Piece, folded

if TYPE_CHECKING:
    from rasa.shared.nlu.training_data.training_data import TrainingData

LONGEST = 5
"""Longer entries are not looked for."""
SHORTEST_HURRIED = 3
"""Fewer letters do not tell a word that is typed without its vowels."""
NOTHING: frozenset[str] = frozenset()


class WordLists:
    """Named lists whose entries are found by their folded words.

    An entry of one word is also found when the vowels inside it are left out ("khta").
    """

    def __init__(self, lists: Mapping[str, Sequence[str]]) -> None:
        self.sizes = {name: len(entries) for name, entries in lists.items()}
        # What begins an entry, and the lists of those that end with it.
        self._ends: dict[str, frozenset[str]] = {}
        self._hurried: dict[str, frozenset[str]] = {}
        for name, entries in lists.items():
            for entry in entries:
                words = fold(entry).split()
                if 0 < len(words) <= LONGEST:
                    self._add(words, frozenset({name}))

    def _add(self, words: Sequence[str], names: frozenset[str]) -> None:
        for size in range(1, len(words)):
            self._ends.setdefault(" ".join(words[:size]), NOTHING)
        whole = " ".join(words)
        self._ends[whole] = self._ends.get(whole, NOTHING) | names
        for hurried in _hurried(whole) if len(words) == 1 else ():
            self._hurried[hurried] = self._hurried.get(hurried, NOTHING) | names

    def marks(self, pieces: Sequence[Piece]) -> list[frozenset[str]]:
        """Return for each piece the lists in which it stands, alone or as part of an entry."""
        return [whole or hurried for whole, hurried in zip(*self.found(pieces), strict=True)]

    def found(self, pieces: Sequence[Piece]) -> tuple[list[frozenset[str]], list[frozenset[str]]]:
        """Return for each piece the lists in which it stands as it is, and if it is hurried."""
        result, hurried = [NOTHING] * len(pieces), [NOTHING] * len(pieces)
        places = [i for i, one in enumerate(pieces) if one.kind != "symbol"]
        words = [folded(pieces[i].text) for i in places]
        for first, run in enumerate(words):
            hurried[places[first]] = self._hurried.get(run, NOTHING)
            ending, size = self._ends.get(run), 1
            while ending is not None:
                for place in places[first : first + size] if ending else ():
                    result[place] |= ending
                size += 1
                if size > LONGEST or first + size > len(words):
                    break
                run = f"{run} {words[first + size - 1]}"
                ending = self._ends.get(run)
        return result, hurried


def _hurried(word: str) -> set[str]:
    """Return how a folded word is typed in a hurry: without its vowels, or with its outer ones."""
    typed = {skeleton(word), skeleton(word[:-1]) + word[-1:]}
    return {one for one in typed if len(one) >= SHORTEST_HURRIED}


class Marks(NamedTuple):
    """The lists in which each piece of a message stands: all of them, and by what they hold."""

    every: list[frozenset[str]]
    names: list[frozenset[str]]
    words: list[frozenset[str]]


@dataclass(frozen=True)
class Lists:
    """All lists; those in `names` hold names of entities, the others words used for one thing."""

    every: WordLists
    names: frozenset[str]

    def marks(self, pieces: Sequence[Piece]) -> Marks:
        """Return for each piece the lists in which it stands."""
        marks = Marks([], [], [])
        for whole, hurried in zip(*self.every.found(pieces), strict=True):
            marks.every.append(whole or hurried)
            marks.names.append((whole & self.names) or (hurried & self.names))
            marks.words.append((whole - self.names) or (hurried - self.names))
        return marks


NO_LISTS = Lists(WordLists({}), NOTHING)


def of_training_data(training_data: TrainingData) -> dict[str, list[str]]:
    """Return the lookup tables that stand in the training data itself, by name."""
    return {
        table["name"]: list(table["elements"])
        for table in training_data.lookup_tables
        if not isinstance(table["elements"], str)
    }


def parted(tables: Mapping[str, Sequence[str]], entities: Collection[str]) -> Lists:
    """Return lookup tables as lists: one named like an entity holds names, any other words."""
    return Lists(WordLists(tables), frozenset(tables).intersection(entities))
