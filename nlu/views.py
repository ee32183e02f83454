"""What a text classifier sees of a message: counts of features in several views, and their vectors.

Each view looks at the same message in another way, and what one misses another catches: its
letters, its words and runs of words, the same with listed words and numbers made one, the topics
that its words are listed under, and the entities that a rough look finds in it.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.lists import Lists, Marks
from nlu.text import Piece, skeleton, split

# How much each view counts, found by cross-validation on training messages.
WEIGHTS = {
    "char": 1.0,
    "word": 0.7,
    "pair": 0.5,
    "skeleton": 0.5,
    "kinds2": 0.5,
    "kinds3": 0.4,
    "distant": 0.4,
    "edges": 0.3,
    "topic": 0.3,
    "topics2": 0.5,
    "topics3": 0.4,
    "entities": 0.3,
}
VIEWS = tuple(WEIGHTS)
OF_A_WORD = ("char", "word", "skeleton")
"""The views that look at one word at a time."""
LONGEST_CHARS = 5
FARTHEST = 4
MOST_DIGITS = 6
MOST_WORDS = 4096
"""Words whose letters are remembered."""

_SHARES = np.asarray(list(WEIGHTS.values()))
_NOTHING = 1e-12

Floats = NDArray[np.float32]
Document = dict[str, list[str]]
"""The features of a text by view, each as often as it stands there; for its letters, its words."""


def features(
    text: str, lists: Lists, entities: Sequence[str] = (), marks: Marks | None = None
) -> Document:
    """Return the features of `text` by view; `entities` are the kinds found in it.

    `marks` are those of its pieces in the lists, where they are known already. Signs that stand
    alone ("👍") are its words.
    """
    pieces = split(text)
    marks = marks or lists.marks(pieces)
    words = [piece.normal for piece in pieces if piece.normal] or [one.text for one in pieces]
    return {
        "char": words,
        "word": words,
        "pair": _twos(["<", *words, ">"]),
        "skeleton": [skeleton(word) for word in words],
        **_runs_of_kinds(pieces, marks.names, lists.every.sizes),
        "distant": [
            f"{first}~{later}"
            for step in range(2, FARTHEST + 1)
            for first, later in zip(words, words[step:], strict=False)
        ],
        "edges": [f"<{word}" for word in words[:2]] + [f">{word}" for word in words[-3:]],
        **_topics(pieces, marks.words),
        "entities": _kinds_of_entities(entities),
    }


def _counted(view: str, found: Iterable[str]) -> Iterable[str]:
    return itertools.chain(*map(_letters, found)) if view == "char" else found


def _letters(word: str) -> list[str]:
    padded = f" {word} "
    length = len(padded)
    return [
        padded[start : start + size]
        for size in range(1, min(LONGEST_CHARS, length) + 1)
        for start in range(length - size + 1)
    ]


def _runs_of_kinds(
    pieces: Sequence[Piece], names: Sequence[frozenset[str]], sizes: Mapping[str, int]
) -> Document:
    """Return twos and threes in which numbers and listed names stand for their kind."""
    kinds = ["<"]
    for piece, marks in zip(pieces, names, strict=True):
        kind = _kind(piece, marks, sizes)
        if kind and not (kind.startswith("#") and kind == kinds[-1]):
            kinds.append(kind)
    kinds.append(">")
    return {"kinds2": _twos(kinds), "kinds3": _threes(kinds)}


def _kind(piece: Piece, marks: frozenset[str], sizes: Mapping[str, int]) -> str:
    """Return what a piece counts as: a number's length, its most telling list, or itself."""
    if not piece.normal:
        return ""
    if piece.kind == "number":
        return f"#{min(MOST_DIGITS, sum(char.isdigit() for char in piece.text))}"
    if marks:
        return "#" + min(marks, key=lambda name: (sizes[name], name))
    return piece.normal


def _topics(pieces: Sequence[Piece], words: Sequence[frozenset[str]]) -> Document:
    """Return the topics under which words are listed, and runs in which they stand for them."""
    found: list[str] = []
    row = ["<"]
    for piece, marks in zip(pieces, words, strict=True):
        if not piece.normal:
            continue
        found += marks
        if marks:
            topic = "|".join(sorted(marks))
            if topic != row[-1]:
                row.append(topic)
        else:
            row.append("#" if piece.kind == "number" else piece.normal)
    row.append(">")
    return {"topic": found, "topics2": _twos(row), "topics3": _threes(row)}


def _kinds_of_entities(kinds: Sequence[str]) -> list[str]:
    """Return which entities there are, how many, which together and in what order."""
    if not kinds:
        return ["none"]
    times = Counter(kinds)
    return [
        *(f"{kind} {min(number, 2)}" for kind, number in times.items()),
        *(f"{a}&{b}" for a, b in itertools.combinations(sorted(times), 2)),
        *("some", f"all {'-'.join(kinds)}", f"first {kinds[0]}"),
    ]


def _twos(row: Sequence[str]) -> list[str]:
    return [f"{a} {b}" for a, b in itertools.pairwise(row)]


def _threes(row: Sequence[str]) -> list[str]:
    return [f"{a} {b} {c}" for a, b, c in zip(row, row[1:], row[2:], strict=False)]


@dataclass
class Vocabulary:
    """Feature numbers and weights of rarity, view by view; the frequent features come first."""

    index: dict[str, dict[str, int]]
    idf: Floats
    frequent: int

    @classmethod
    def learn(
        cls, documents: Sequence[Document], *, min_count: int, frequent_from: int
    ) -> Vocabulary:
        """Keep the features that at least `min_count` documents have."""
        seen: dict[str, Counter[str]] = {view: Counter() for view in VIEWS}
        for document in documents:
            for view, found in document.items():
                seen[view].update(set(_counted(view, found)))
        index: dict[str, dict[str, int]] = {view: {} for view in VIEWS}
        idf: list[float] = []
        frequent = 0
        for rare in (False, True):
            for view in VIEWS:
                for feature, count in sorted(seen[view].items()):
                    if count >= min_count and rare == (count < frequent_from):
                        index[view][feature] = len(idf)
                        idf.append(math.log((1 + len(documents)) / (1 + count)) + 1)
            frequent = frequent or len(idf)
        return cls(index, np.asarray(idf, dtype=np.float32), frequent)

    def __len__(self) -> int:
        return len(self.idf)

    def vector(self, document: Document) -> tuple[NDArray[np.int32], Floats]:
        """Return the feature numbers of a text, ascending, and their values.

        Each view has a length of its weight.
        """
        places = [
            place
            for view, found in document.items()
            if view not in OF_A_WORD
            for place in map(self.index[view].get, found)
            if place is not None
        ]
        words = map(self._of_word, document["word"])
        columns, times = _tallied(np.concatenate([*words, np.array(places, np.int32)]))
        values = (1 + np.log(times.astype(np.float32))) * self.idf.take(columns)
        views = self._view_of.take(columns)
        squares = np.bincount(views, values * values, len(VIEWS))
        values *= (_SHARES / np.sqrt(np.maximum(squares, _NOTHING))).take(views)
        return columns, values

    @cached_property
    def _of_word(self) -> Callable[[str], NDArray[np.int32]]:
        """The numbers of what a word is by itself; words come again and again."""

        @lru_cache(maxsize=MOST_WORDS)
        def numbers(word: str) -> NDArray[np.int32]:
            shown = {"char": _letters(word), "word": [word], "skeleton": [skeleton(word)]}
            found = itertools.chain(*(map(self.index[view].get, shown[view]) for view in OF_A_WORD))
            return np.array([place for place in found if place is not None], np.int32)

        return numbers

    @cached_property
    def _view_of(self) -> NDArray[np.uint8]:
        """The view of each feature, by its number."""
        views = np.zeros(len(self), dtype=np.uint8)
        for number, view in enumerate(VIEWS):
            views[list(self.index[view].values())] = number
        return views

    def as_json(self) -> dict[str, Any]:
        """Return what `from_json` reads."""
        return {
            "index": {view: list(known.items()) for view, known in self.index.items()},
            "idf": [round(float(value), 4) for value in self.idf],
            "frequent": self.frequent,
        }

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Vocabulary:
        """Return the vocabulary that `as_json` told."""
        index = {view: dict(known) for view, known in given["index"].items()}
        return cls(index, np.asarray(given["idf"], dtype=np.float32), given["frequent"])


def _tallied(numbers: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
    """Return the numbers, ascending, each once, and how often it is among them: numpy.unique."""
    if not len(numbers):
        return numbers, numbers.astype(np.intp)
    numbers.sort()
    first = np.ones(len(numbers) + 1, dtype=bool)
    np.not_equal(numbers[1:], numbers[:-1], out=first[1:-1])
    edges = np.flatnonzero(first)
    return numbers.take(edges[:-1]), edges[1:] - edges[:-1]
