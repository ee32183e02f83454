"""Text without characters that nobody sees: they reverse, hide or split what is read."""

from __future__ import annotations

import unicodedata

_KEPT = frozenset("\n\t\u200c\u200d")
"""Line ends, tabs, and the two joiners that Devanagari and emoji are written with."""


def visible(text: str) -> str:
    """The text without control and format characters (Unicode's Cc and Cf), a few kept."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        letter
        for letter in text
        if letter in _KEPT or unicodedata.category(letter) not in ("Cc", "Cf")
    )
