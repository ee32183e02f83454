"""A message without what could say of whom it speaks: names and numbers.

A list of all names of India would always miss one. So it is done the other way round: a word stays
only when it is known to be an everyday word or goods of the shop; any other becomes `NAME`, and
every figure `0`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

LONGEST = 300
"""A longer message says more of a life than of a wording, and is not kept at all."""
NAME = "NAME"

_LETTERS = r"\w\u0900-\u0963\u0966-\u097f"  # a Devanagari vowel sign is no \w
_PIECES = re.compile(rf"[{_LETTERS}]+|[^{_LETTERS}\s]+|\s+")
_DIGIT = re.compile(r"\d")
_NAMES = re.compile(rf"{NAME}(?:[\s.'-]+{NAME})+")
_LINKED = re.compile(r"\S*(?:@|://|www\.)\S*")
_MARKS = re.compile(rf"[^{_LETTERS}\s.,?!%₹+/()।-]")


def mask(text: str, *, is_everyday: Callable[[str], bool]) -> str:
    """The text with every figure as 0 and every word that is not everyday as NAME; "" if too long.

    Addresses with an @ and links go as a whole, and so do signs that are no punctuation.
    """
    plain = _MARKS.sub("", _LINKED.sub(NAME, text))
    if len(plain) > LONGEST or not plain.strip():
        return ""
    masked = "".join(_piece(one, is_everyday) for one in _PIECES.findall(plain))
    return _NAMES.sub(NAME, " ".join(masked.split()))[:LONGEST]


def is_masked(text: str) -> bool:
    """Whether no figure is left but the zeros that stand for figures."""
    return not any(one.isdigit() and one != "0" for one in text)


def _piece(piece: str, is_everyday: Callable[[str], bool]) -> str:
    if not piece[0].isalnum() and piece[0] != "_":
        return piece
    if piece == NAME:
        return piece
    if _DIGIT.search(piece):
        letters = re.sub(r"[\d_]+", " ", piece).split()
        known = all(is_everyday(one) for one in letters)
        return re.sub(r"\d", "0", piece) if known else NAME
    return piece if is_everyday(piece) else NAME
