"""What a message says of a vendor's bill: its number, and that its GST is under reverse charge."""

from __future__ import annotations

import re

from actions.context import Turn
from actions.forms.draft import Draft
from actions.reading.parts import without

_NUMBER = re.compile(
    r"(?:\b(?:bill|bil|invoice|inv)\b|बिल|इनवॉ?इस)\s*(?:ka\s+)?(?:\bno\b\.?|\bnumber\b|\bnum\b|\bnambar\b|#|नं\.?|नंबर|नम्बर)"
    r"\s*(?:hai\b|=|:|-)?\s*([a-z0-9][a-z0-9/-]*)",
    re.IGNORECASE,
)
"""The number that stands on a vendor's bill: "bill no 123", "invoice number MT/26-27/45"."""
_REVERSE = re.compile(r"\b(?:reverse\s*charge|rcm)\b|रिवर्स\s*चार्ज", re.IGNORECASE)


def number_said(text: str) -> re.Match[str] | None:
    """Where a message says the number of a vendor's bill: it has a figure in it."""
    found = _NUMBER.search(text)
    return found if found and any(one.isdigit() for one in found[1]) else None


def reverse_said(text: str) -> re.Match[str] | None:
    """Where a message speaks of reverse charge."""
    return _REVERSE.search(text)


def is_said(text: str) -> bool:
    """Whether a message says any of it."""
    return bool(number_said(text) or reverse_said(text))


def take_number(turn: Turn, draft: Draft) -> tuple[Turn, bool]:
    """Take the bill's number and that its tax is under reverse charge, and both out of the
    message."""
    number, reverse = number_said(turn.text), reverse_said(turn.text)
    if number:
        draft["number"] = number[1].upper()
    if reverse:
        draft["reverse"] = True
    for found in (number, reverse):
        if found:
            turn = without(turn, *found.span())
    return turn, bool(number or reverse)
