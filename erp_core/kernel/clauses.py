"""Where the clauses of a message stand: "500 aaye, aur 2 maggi bheje. Kitna baaki hai?"."""

from __future__ import annotations

import re

Span = tuple[int, int]
"""Where a piece of a text begins and ends, in characters."""

SEPARATOR = re.compile(r"[,;+&\n]|\b(?:aur|or|and|or)\b|और", re.IGNORECASE)
_IN_A_NUMBER = re.compile(r"\d,\d")
_SENTENCE = re.compile(r"(?:[^.!?।]|\.(?=\d))+")


def clauses(text: str) -> list[Span]:
    """Where the parts of a message stand that commas, "aur" and line breaks set apart."""
    spans, at = [], 0
    for found in SEPARATOR.finditer(text):
        if _IN_A_NUMBER.match(text, max(found.start() - 1, 0)):
            continue
        spans.append((at, found.start()))
        at = found.end()
    spans.append((at, len(text)))
    return [(start, end) for start, end in spans if text[start:end].strip()]


def sentences(text: str) -> list[Span]:
    """As `clauses`, and where a sentence ends; what holds no word is none."""
    spans = [
        (start + piece.start(), start + piece.end())
        for start, end in clauses(text)
        for piece in _SENTENCE.finditer(text[start:end])
    ]
    return [
        (start, end) for start, end in spans if any(letter.isalnum() for letter in text[start:end])
    ]
