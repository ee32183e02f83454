"""What a message says beside its entities: what it is about, or the answer that it is."""

from __future__ import annotations

from actions.context import Turn
from actions.entities import Entity, without_denied
from actions.forms.intents import QUESTIONS, UNSURE
from actions.lexicon import only, says, words

LONGEST = 4
"""A subject of more words is more likely a sentence that was not understood."""
LONGEST_ANSWER = 60
"""So many characters answer a question at most."""

_NO_ANSWERS = frozenset({"affirm", "deny", "help", "language_change"})


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


def bare_text(turn: Turn) -> str | None:
    """The message itself as an answer, when it is short and no known word."""
    text = turn.text.strip()
    if not text or len(text) > LONGEST_ANSWER or turn.intent in _NO_ANSWERS:
        return None
    if turn.intent in QUESTIONS - UNSURE and len(turn.words) > 3:
        return None
    return None if only(turn.words, "filler") else text


def pieces_between(turn: Turn) -> list[str]:
    """What a message says beside its entities, piece by piece."""
    pieces, at = [], 0
    for entity in sorted(turn.entities, key=lambda one: one.start):
        pieces.append(turn.text[at : entity.start])
        at = max(at, entity.end)
    return [*pieces, turn.text[at:]]


def spoils_goods(turn: Turn) -> bool:
    """Whether counted goods are said to have gone bad: a matter of stock, whatever is written."""
    if turn.first("product_name") is None or turn.first("quantity") is None:
        return False
    return says(words(" | ".join(pieces_between(turn))), "stock.damage")


def denied_entities(turn: Turn) -> list[Entity]:
    """The entities of the message without those that it names only to refuse them."""
    return without_denied(turn.text, turn.entities)
