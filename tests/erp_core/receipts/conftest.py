from __future__ import annotations

from collections.abc import Callable

import pytest

from erp_core.receipts import reading
from erp_core.receipts.layout import Page, page_of
from erp_core.receipts.ports import Word

Typed = Callable[[str], Page]


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture is read as often as its share of a processor allows, however slow the clock."""
    monkeypatch.setattr(reading, "MOST_SECONDS", 300.0)


@pytest.fixture
def typed() -> Typed:
    """A page as an engine without a slip would read these lines."""
    return typed_page


def typed_page(text: str) -> Page:
    words = []
    for row, line in enumerate(text.strip().splitlines()):
        left = 0
        for word in line.split():
            width = 12 * len(word)
            words.append(Word(word, left, 40 * row, width, 20, 0.95, row, 0))
            left += width + 12
    return page_of(words)
