"""Answers aloud, for whoever wants them: "bolkar jawab do", "awaaz band", "/awaaz"."""

from __future__ import annotations

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.lexicon import says
from erp_core.adapters.speakers import speaker
from erp_core.parties import service

COMMANDS = frozenset({"awaaz", "awaz", "voice"})
LONGEST = 10
"""So many words such a message has at most."""


def serve(turn: Turn) -> list[EventType] | None:
    """Answer aloud from now on, or no more; None when the message wants neither."""
    speaks = _wanted(turn)
    if speaks is None or turn.actor.kind not in ("user", "customer"):
        return None
    if speaks and speaker() is None:
        turn.say("utter_voice_not_set_up")
        return []
    turn.run(service.change_voice, speaks=speaks)
    turn.speaks = speaks
    turn.say("utter_voice_on" if speaks else "utter_voice_off")
    return []


def _wanted(turn: Turn) -> bool | None:
    if turn.is_not_words or not 0 < len(turn.words) <= LONGEST:
        return None
    off = says(turn.words, "voices.unwanted")
    if turn.metadata.get("command") in COMMANDS:
        return not (off or says(turn.words, "voices.ended"))
    if off:
        return False
    return not says(turn.words, "voices.denied") if says(turn.words, "voices.wanted") else None
