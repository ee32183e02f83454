"""What a message is about when no entity says so: the words left over beside those that ask."""

from __future__ import annotations

from actions.context import Turn
from actions.lexicon import only, words

LONGEST = 4
"""A subject of more words is more likely a sentence that was not understood."""


def subject(turn: Turn) -> str | None:
    """The text after a quick command ("/stock iphone" → "iphone"); None otherwise."""
    command = turn.metadata.get("command")
    if not command:
        return None
    rest = turn.text.strip().split(maxsplit=1)
    if len(rest) < 2:
        return None
    kept = rest[1].strip()
    return None if only(words(kept), "stock.all") or len(kept.split()) > 2 * LONGEST else kept
