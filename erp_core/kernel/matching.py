"""Finding a thing by what somebody calls it, in any script or spelling, with words left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from rapidfuzz import fuzz

from erp_core.kernel.spelling import fold

T = TypeVar("T")

EXACT = 100.0
CERTAIN = 85.0
"""From here on every word that was said is in the name; below, a match is a "did you mean"."""
WORTH_ASKING = 60.0

_SIMILAR = 75.0
_BOUNDARY = re.compile(r"(?<=\D)(?=\d)|(?<=\d)(?=\D)")
_FILLERS = frozenset({"vala", "vali", "vale", "wala", "wali", "wale"})


@dataclass(frozen=True)
class Match(Generic[T]):
    """Something found, and how well it fits: 0 to 100, see EXACT and CERTAIN."""

    item: T
    score: float


def search_key(name: str, *, without: frozenset[str] = _FILLERS) -> str:
    """The form in which names are compared: folded, numbers apart from letters, no filler words.

    "iPhone15" and "आईफोन 15" have one key. A name of fillers alone keeps them.
    """
    words = " ".join(_BOUNDARY.sub(" ", word) for word in fold(name).split()).split()
    return " ".join([word for word in words if word not in without] or words)


def rank(query: str, candidates: Iterable[tuple[str, T]], *, limit: int) -> list[Match[T]]:
    """The candidates (key, item) that fit a query's key, best first.

    One that is named exactly leaves out all others; those that hold every word that was said leave
    out those that merely look alike. So "iphone" gives each iPhone, and "iphone 15" not the 15 Pro.
    """
    pool = list(candidates)
    words = query.split()
    if not words:
        return []
    similarity = _similarities(words, {word for key, _ in pool for word in key.split()})
    joined = query.replace(" ", "")
    found = [
        Match(item, score)
        for key, item in pool
        if (score := _score(words, joined, key, similarity)) >= WORTH_ASKING
    ]
    found.sort(key=lambda match: -match.score)
    return _best_kind(found)[:limit]


def _best_kind(found: list[Match[T]]) -> list[Match[T]]:
    for floor in (EXACT, CERTAIN):
        kind = [match for match in found if match.score >= floor]
        if kind:
            return kind
    return found


def _similarities(words: Sequence[str], vocabulary: set[str]) -> list[dict[str, float]]:
    """For each word that was said, the words of the names that it may stand for."""
    return [
        {known: score for known in vocabulary if (score := _alike(word, known)) >= _SIMILAR}
        for word in words
    ]


def _alike(said: str, known: str) -> float:
    if said == known:
        return EXACT
    if said.isdigit() or known.isdigit() or len(said) < 3:
        return 0.0
    if known.startswith(said):
        return 94.0
    return fuzz.ratio(said, known, score_cutoff=_SIMILAR)


def _score(
    words: Sequence[str], joined: str, key: str, similarity: Sequence[dict[str, float]]
) -> float:
    if key.replace(" ", "") == joined:
        return EXACT
    names = key.split()
    best = [max((alike.get(name, 0.0) for name in names), default=0.0) for alike in similarity]
    if all(best):
        fullness = min(1.0, len(words) / len(names))
        mean = sum(best) / len(best)
        return CERTAIN + (mean - _SIMILAR) / (EXACT - _SIMILAR) * 10 + 4 * fullness
    weights = [len(word) for word in words]
    covered = sum(score * weight for score, weight in zip(best, weights, strict=True)) / sum(
        weights
    )
    if any(score == EXACT and len(word) > 2 for score, word in zip(best, words, strict=True)):
        covered = max(covered, WORTH_ASKING)
    whole = fuzz.ratio(joined, key.replace(" ", ""), score_cutoff=WORTH_ASKING)
    return min(max(covered, whole), CERTAIN - 1)
