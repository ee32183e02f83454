"""Words put into rows as they stand on the paper, whatever lines and columns an engine made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from statistics import median

import yaml
from rapidfuzz import fuzz

from erp_core.receipts import figures
from erp_core.receipts.ports import Word

LEAST_CONFIDENCE = 0.05
ALIKE = 84
_LETTERS = re.compile(r"[^\W\d_]+(?:[\u0900-\u097f]+)*")
_JOINS = (
    (re.compile(r"(?<=\d)\s*([.,])\s*(?=[\dOo]{2}(?!\d))"), r"\1"),
    (re.compile(r"(?<=\d)\s?=\s?(?=\d)"), " "),
    (re.compile(r"[“”\"‘’`~*_=|]+"), " "),
    (re.compile(r"\s+"), " "),
)


@dataclass(frozen=True)
class Row:
    """The words of one row, from the left."""

    words: tuple[Word, ...]

    @cached_property
    def text(self) -> str:
        """The row as a line of text, figures that were torn apart joined again."""
        text = " ".join(word.text for word in self.words)
        for pattern, replacement in _JOINS:
            text = pattern.sub(replacement, text)
        return text.strip()

    @cached_property
    def label(self) -> str:
        """Its letters only, in small: what a figure is called."""
        letters = " ".join(_LETTERS.findall(self.text)).lower()
        return re.sub(r"\s+", " ", re.sub(r"\b(rm|rs|inr|r)\b", " ", letters)).strip()

    @cached_property
    def kind(self) -> str | None:
        """Which of the groups of labels.yml it is called by."""
        return kind_of(self.label)

    @cached_property
    def amounts(self) -> list[int]:
        """Paise, from the left."""
        return figures.amounts(self.text)

    @property
    def top(self) -> float:
        return float(min(word.top for word in self.words))

    @property
    def bottom(self) -> float:
        return float(max(word.top + word.height for word in self.words))

    @property
    def height(self) -> float:
        return float(median(word.height for word in self.words))

    @property
    def confidence(self) -> float:
        return sum(word.confidence for word in self.words) / len(self.words)


@dataclass(frozen=True)
class Page:
    """One reading of the picture, or with `partial` of some rows of it, from the top.

    `roles` say for each row how likely it is what (roles.py); empty where nothing was learnt.
    """

    rows: tuple[Row, ...]
    partial: bool = False
    roles: Sequence[Mapping[str, float]] = ()

    def likely(self, at: int, role: str) -> float:
        """How likely the row at this place is that, 0..1; 0 where nothing was learnt."""
        return self.roles[at].get(role, 0.0) if at < len(self.roles) else 0.0

    @property
    def words(self) -> int:
        return sum(len(row.words) for row in self.rows)


def page_of(words: Iterable[Word]) -> Page:
    """Words in rows: the engine's lines, joined where one goes on in another across a gap."""
    kept = [word for word in words if word.confidence >= LEAST_CONFIDENCE and word.height > 3]
    if not kept:
        return Page(())
    usual = median(word.height for word in kept)
    lines: dict[tuple[int, int], list[Word]] = {}
    for word in kept:
        if word.height < 5 * usual:
            lines.setdefault((word.block, word.line), []).append(word)
    rows: list[list[Word]] = []
    for line in sorted(lines.values(), key=_middle):
        words_of = sorted(line, key=lambda word: word.left)
        near = [row for row in rows[-4:] if _goes_on(row, words_of, usual)]
        if near:
            row = min(near, key=lambda row: abs(_middle(row) - _middle(words_of)))
            row.extend(words_of)
            row.sort(key=lambda word: word.left)
        else:
            rows.append(words_of)
    rows.sort(key=_middle)
    return Page(tuple(Row(tuple(row)) for row in rows))


def _middle(words: Sequence[Word]) -> float:
    return float(median(word.top + word.height / 2 for word in words))


def _goes_on(row: Sequence[Word], line: Sequence[Word], usual: float) -> bool:
    """Whether a line stands beside a row: where they come nearest, at the same height."""
    left, right = (row, line) if row[0].left < line[0].left else (line, row)
    end, start = left[-1], right[0]
    if end.left + end.width > start.left + 0.3 * usual:
        return False
    middles = (end.top + end.height / 2) - (start.top + start.height / 2)
    return abs(middles) < 0.5 * usual


@lru_cache(maxsize=1)
def labels() -> dict[str, list[str]]:
    """The groups of labels.yml, in the order in which they are tried."""
    path = Path(__file__).with_name("labels.yml")
    found: dict[str, list[str]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


@lru_cache(maxsize=4096)
def kind_of(label: str) -> str | None:
    """The group that a label belongs to: the longest of its phrases that begins or fills it."""
    if not label:
        return None
    best: tuple[float, int, str] | None = None
    words = label.split()
    for rank, (kind, phrases) in enumerate(labels().items()):
        for phrase in phrases:
            size = len(phrase.split())
            if size > len(words):
                continue
            likeness = max(
                fuzz.ratio(" ".join(words[at : at + size]), phrase)
                for at in range(len(words) - size + 1)
            )
            exact = 100 if len(phrase) <= 4 else ALIKE
            if likeness < exact:
                continue
            score = (size * 10 + len(phrase) / 10 + likeness / 100, -rank, kind)
            best = max(best, score) if best else score
    return best[2] if best else None
