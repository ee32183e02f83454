"""How the language components see a text: pieces with offsets, each with its normal form."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, NamedTuple

import regex

from erp_core.kernel.spelling import LONGEST_WORD, fold, skeleton

Kind = Literal["word", "number", "symbol"]

# Symbols that say something in a shop; all others (dots, dashes, emoji) do not.
MEANINGFUL_SYMBOLS = {"?": "?", "₹": "rs", "%": "%", "/": "/", "+": "+", "#": "#", "@": "@"}

_MORE = f"{{0,{LONGEST_WORD - 1}}}"
_PIECE = regex.compile(
    rf"(?P<number>\p{{Nd}}(?:[.,]?\p{{Nd}}){_MORE}|[½¼¾])"
    rf"|(?P<word>[\u0900-\u0963\u0970-\u097f\u200c\u200d]{{1,{LONGEST_WORD}}}"
    rf"|\p{{Latin}}[\p{{Latin}}\p{{M}}]{_MORE}"
    rf"|\p{{L}}[\p{{L}}\p{{M}}]{_MORE})"
    r"|(?P<symbol>\S)"
)
_DIGIT = regex.compile(r"\p{Nd}")
_LATIN = regex.compile(r"\p{Latin}")
_DEVANAGARI = regex.compile(r"\p{Devanagari}")


class Piece(NamedTuple):
    """A run of one kind of character: `text` is `whole[start:end]`, `normal` its folded form."""

    text: str
    start: int
    end: int
    kind: Kind
    normal: str


@lru_cache(maxsize=16)
def split(text: str) -> tuple[Piece, ...]:
    """Return the pieces of `text` in order; digits, letters of each script and symbols part.

    Several components ask this of a message in turn, so that the answer is kept for a moment.
    """
    return tuple(
        Piece(match.group(), match.start(), match.end(), kind, _normal(match.group(), kind))
        for match in _PIECE.finditer(text)
        for kind in (_kind(match.lastgroup),)
    )


def normal_words(text: str) -> list[str]:
    """Return the normal forms of what carries meaning: words, numbers as zeros, a few symbols."""
    return [piece.normal for piece in split(text) if piece.normal]


@lru_cache(maxsize=65536)
def folded(word: str) -> str:
    """Return the folded form of a piece; words come again and again."""
    return fold(word)


def script_of(text: str) -> Literal["latin", "devanagari", "mixed", "none"]:
    """Return the script of the letters in `text`."""
    latin, devanagari = bool(_LATIN.search(text)), bool(_DEVANAGARI.search(text))
    if latin and devanagari:
        return "mixed"
    if latin:
        return "latin"
    return "devanagari" if devanagari else "none"


def _kind(group: str | None) -> Kind:
    if group == "number":
        return "number"
    return "word" if group == "word" else "symbol"


@lru_cache(maxsize=65536)
def _normal(text: str, kind: Kind) -> str:
    if kind == "number":
        return _DIGIT.sub("0", text)
    if kind == "word":
        return folded(text).replace(" ", "")
    return MEANINGFUL_SYMBOLS.get(text, "")


__all__ = ["Kind", "Piece", "folded", "normal_words", "script_of", "skeleton", "split"]
