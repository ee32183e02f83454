"""Finding a thing by what somebody calls it, in any script or spelling, with words left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from rapidfuzz import fuzz, process

from erp_core.kernel.spelling import fold

T = TypeVar("T")

EXACT = 100.0
CERTAIN = 85.0
"""From here on every word that was said is in the name; below, a match is a "did you mean"."""
ALL_SAID = 95.0
"""From here on every word that was said stands in the name as it was said."""
WORTH_ASKING = 60.0

_SIMILAR = 75.0
_BEGINNING = 94.0
_SHORTEST = 3
_LOOK_ALIKE = 5
"""Shorter words say too little to be taken for one another."""
_MOST_LOOK_ALIKES = 50
_BOUNDARY = re.compile(r"(?<=\D)(?=\d)|(?<=\d)(?=\D)")
FILLERS = frozenset({"vala", "vali", "vale", "wala", "wali", "wale"})


@dataclass(frozen=True)
class Match(Generic[T]):
    """Something found, and how well it fits: 0 to 100, see EXACT and CERTAIN."""

    item: T
    score: float


def search_key(name: str, *, without: frozenset[str] = FILLERS) -> str:
    """The form in which names are compared: folded, numbers apart from letters, no filler words.

    "iPhone15" and "आईफोन 15" have one key. A name of fillers alone keeps them.
    """
    words = " ".join(_BOUNDARY.sub(" ", word) for word in fold(name).split()).split()
    return " ".join([word for word in words if word not in without] or words)


class NameIndex(Generic[T]):
    """Many names, made ready for many searches."""

    def __init__(self, candidates: Iterable[tuple[str, T]]) -> None:
        """Take (key, item) pairs; an item may have several keys."""
        self._items: list[T] = []
        self._words: list[list[str]] = []
        self._joined: list[str] = []
        self._by_word: dict[str, list[int]] = {}
        for number, (key, item) in enumerate(candidates):
            words = key.split()
            self._items.append(item)
            self._words.append(words)
            self._joined.append("".join(words))
            for word in words:
                self._by_word.setdefault(word, []).append(number)
        self._vocabulary = list(self._by_word)

    def __len__(self) -> int:
        return len(self._items)

    def keys(self) -> Iterator[str]:
        """The names' keys."""
        return map(" ".join, self._words)

    def rank(self, query: str, *, limit: int) -> list[Match[T]]:
        """The items that fit a query's key, best first, each once.

        One that is named exactly leaves out all others; those that hold every word just as it was
        said leave out those that hold words like them, and these leave out what merely looks alike.
        So "iphone" gives each iPhone, "iphone 15" not the 15 Pro, and "rampur" not Sitapur.
        """
        words = query.split()
        if not words:
            return []
        scores = self._whole_names(words)
        for number, score in self._word_by_word(words):
            scores[number] = max(score, scores.get(number, 0.0))
        ranked = sorted(scores, key=lambda number: (-scores[number], number))
        best: dict[T, float] = {}
        for number in _best_kind(ranked, scores):
            best.setdefault(self._items[number], scores[number])
            if len(best) == limit:
                break
        return [Match(item, score) for item, score in best.items()]

    def _whole_names(self, words: Sequence[str]) -> dict[int, float]:
        """Names that look like all that was said, spaces aside."""
        alike = process.extract(
            "".join(words),
            self._joined,
            scorer=fuzz.ratio,
            score_cutoff=WORTH_ASKING,
            limit=_MOST_LOOK_ALIKES,
        )
        return {
            number: score if score == EXACT else min(score, CERTAIN - 1)
            for _, score, number in alike
        }

    def _word_by_word(self, words: Sequence[str]) -> Iterator[tuple[int, float]]:
        """Names that hold words which were said, each with its score."""
        similar = [self._similar(word) for word in words]
        numbers = {number for known in similar for word in known for number in self._by_word[word]}
        for number in numbers:
            names = self._words[number]
            best = [max([known.get(name, 0.0) for name in names]) for known in similar]
            score = _score(words, best, len(names))
            if score >= WORTH_ASKING:
                yield number, score

    def _similar(self, said: str) -> dict[str, float]:
        """The words of names for which a word that was said may stand."""
        if said in self._by_word and (said.isdigit() or len(said) < _SHORTEST):
            return {said: EXACT}
        if said.isdigit() or len(said) < _SHORTEST:
            return {}
        similar = {
            known: score
            for known, score, _ in process.extract(
                said, self._vocabulary, scorer=fuzz.ratio, score_cutoff=_SIMILAR, limit=None
            )
        }
        for known in self._vocabulary:
            if known.startswith(said) and known != said:
                similar[known] = _BEGINNING
        return similar


def _best_kind(ranked: Sequence[int], scores: Mapping[int, float]) -> Sequence[int]:
    for floor in (EXACT, ALL_SAID, CERTAIN):
        kind = [number for number in ranked if scores[number] >= floor]
        if kind:
            return kind
    return ranked


def _is_sure(said: str, score: float) -> bool:
    """One letter of a short word makes another word: "ata" is not "tata", "mohan" may be "mohn"."""
    return score >= _BEGINNING or (score > 0 and len(said) >= _LOOK_ALIKE)


def _score(words: Sequence[str], best: Sequence[float], length: int) -> float:
    """How well a name of so many words fits, by the best similarity of each word that was said."""
    if all(_is_sure(word, score) for word, score in zip(words, best, strict=True)):
        mean = sum(best) / len(best)
        fullness = min(1.0, len(words) / length)
        score = CERTAIN + (mean - _SIMILAR) / (EXACT - _SIMILAR) * 10 + 4 * fullness
        return score if mean == EXACT else min(score, ALL_SAID - 0.1)
    letters = [len(word) for word in words]
    covered = sum(score * count for score, count in zip(best, letters, strict=True)) / sum(letters)
    if any(
        score == EXACT and count >= _SHORTEST for score, count in zip(best, letters, strict=True)
    ):
        covered = max(covered, WORTH_ASKING)
    return min(covered, CERTAIN - 1)
