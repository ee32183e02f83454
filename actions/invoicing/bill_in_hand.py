"""The bill that was just made or shown, sent by a word: "bhej do unko"; and whose note is sent."""

from __future__ import annotations

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.lexicon import only, says, where
from actions.match import just_spoken_of
from actions.payments.taking_back import sends_credit_note

TAKEN_FOR = frozenset({"nlu_fallback", "out_of_scope", "affirm", "order_create", "order_modify"})
"""Intents that so short a message is often taken for."""
_BESIDE = ("filler", "same_person", "the_customer")


def send_bill(turn: Turn) -> list[EventType] | None:
    """Send it; None where something else is said."""
    from actions.invoicing.sending_bills import ShareInvoice

    if sends_credit_note(turn):
        return ShareInvoice().for_user(turn) or []
    if not _says_only_send(turn) or not just_spoken_of(turn, "invoice"):
        return None
    return ShareInvoice().for_user(turn) or []


def _says_only_send(turn: Turn) -> bool:
    if not turn.is_user or turn.entities or turn.is_not_words or "?" in turn.text:
        return False
    found = where(turn.words, "and_send")
    if turn.intent not in TAKEN_FOR or found is None or says(turn.words, "negation"):
        return False
    rest = (*turn.words[: found[0]], *turn.words[found[1] :])
    return all(any(only([word], cue) for cue in _BESIDE) for word in rest)
