"""What people write in a day: composed of a shop's goods and people, so that few texts come twice.

A benchmark that says the same dozen sentences over and over measures a cache.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import yaml

WORDS: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_name("talk.yml").read_text("utf-8"))

OWNER, CUSTOMER, PAPERS = "owner", "customer", "papers"

SMALL, LARGE = (1, 2, 3, 4, 5, 6, 8, 10, 12), (15, 20, 24, 25, 30, 40, 48, 50)
SPOKEN = ("ek", "do", "teen", "char", "paanch", "दो", "तीन")


@dataclass(frozen=True)
class Line:
    """A message of a visit. answer: whether it says yes or no to what was asked."""

    text: str
    answer: bool = False


class Talk:
    """An endless day of visits, the same for the same seed. kinds: OWNER, CUSTOMER, PAPERS."""

    def __init__(self, seed: str, *kinds: str) -> None:
        self._random = Random(seed)
        self._topics = [topic for kind in kinds for topic in WORDS[kind].values()]
        self._shares = [topic["often"] for topic in self._topics]

    def visit(self) -> list[Line]:
        """The messages of one visit, in order."""
        (topic,) = self._random.choices(self._topics, self._shares)
        filled = {"who": self._one_of(list(WORDS["who"].values()))}
        return [self._line(ways, filled) for ways in topic["lines"]]

    def lines(self) -> Iterator[Line]:
        """Visit after visit."""
        while True:
            yield from self.visit()

    def _line(self, ways: str | Sequence[str], filled: Mapping[str, str]) -> Line:
        if isinstance(ways, str):
            return Line(self._random.choice(WORDS[ways]), answer=True)
        words = self._random.choice(ways)
        for name, fill in self._fills(filled).items():
            while f"{{{name}}}" in words:
                words = words.replace(f"{{{name}}}", fill(), 1)
        return Line(words)

    def _fills(self, filled: Mapping[str, str]) -> dict[str, Any]:
        return {
            "who": lambda: filled["who"],
            "goods": lambda: self._one_of(list(WORDS["goods"].values())),
            "number": self._number,
            "amount": self._amount,
            "way": lambda: self._random.choice(WORDS["ways"]),
            "cost": lambda: self._one_of(WORDS["costs"]),
        }

    def _one_of(self, things: Sequence[Sequence[str]]) -> str:
        return self._random.choice(self._random.choice(things))

    def _number(self) -> str:
        kind = self._random.random()
        if kind < 0.15:
            return self._random.choice(SPOKEN)
        return str(self._random.choice(SMALL if kind < 0.85 else LARGE))

    def _amount(self) -> str:
        kind = self._random.random()
        if kind < 0.5:
            return str(10 * self._random.randint(2, 500))
        return str(self._random.randint(11, 4999))
