"""The words of words.yml, in rows that an engine may have misread."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml
from rapidfuzz import fuzz

from erp_core.kernel.spelling import fold

ALIKE = 80
SHORTEST = 5
"""Letters of a word that is compared loosely; shorter ones are alike too soon."""


@lru_cache(maxsize=1)
def _entries() -> dict[str, tuple[tuple[str, ...], ...]]:
    path = Path(__file__).with_name("words.yml")
    read: dict[str, list[str]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {
        name: tuple(tuple(fold(str(phrase)).split()) for phrase in phrases)
        for name, phrases in read.items()
    }


def says(text: str, name: str) -> bool:
    """Whether a row holds a word or phrase of an entry, a letter or two misread."""
    row = fold(text).split()
    return any(
        all(_is(said, word) for said, word in zip(row[at:], phrase, strict=False))
        for phrase in _entries()[name]
        for at in range(len(row) - len(phrase) + 1)
    )


def is_one(word: str, name: str) -> bool:
    """Whether a single word is one of an entry, letter by letter."""
    return (fold(word),) in _entries()[name]


def _is(said: str, word: str) -> bool:
    if said == word:
        return True
    return min(len(said), len(word)) >= SHORTEST and fuzz.ratio(said, word) >= ALIKE
