"""The words for when an order is wanted and what was written beside it, also where no turn is."""

from __future__ import annotations

from datetime import date

from actions.phrasebook import Phrasebook

PARTS_OF_DAY = ("morning", "noon", "evening", "night")


def wanted_words(book: Phrasebook, language: str, on: date | None, at: str | None) -> str:
    """When an order is wanted: "21-11-2026, shaam 6 baje"; nothing where it was not said."""
    first, _, rest = (at or "").partition(" ")
    part, hour = (first, rest) if first.isalpha() else ("", first)
    time = [
        book.line(f"word_{part}", language) if part else "",
        book.line("word_hour", language, hour=hour) if hour else "",
    ]
    said = [on.strftime("%d-%m-%Y") if on else "", " ".join(filter(None, time))]
    return ", ".join(filter(None, said))


def noted_words(note: str) -> str:
    """What was written beside an order: somebody's own words, which no language of ours is for."""
    return f"🗒️ *{note}*"
