"""Answers to a question that is quoted: it may be the one in hand, one that waits, or one of long
ago, which is told as such, so that no yes is taken for another question's."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk.events import EventType, SlotSet

from actions.context import ASKS, Turn
from actions.forms.draft import Draft
from actions.forms.intents import UNSURE
from actions.lexicon import only, words
from actions.reading.said import pieces_between

MOST_KEPT = 5
"""Of so many drafts is kept what they became."""

_NUMBERS = frozenset({"quantity", "unit", "amount", "payment_method"})


def question_quoted(turn: Turn) -> str | None:
    """The draft whose question is quoted."""
    asked: str | None = (turn.metadata.get("quoted") or {}).get(ASKS)
    return asked


def tells_past(turn: Turn) -> bool:
    """Whether a mere answer to a question that is closed came; says so."""
    if question_quoted(turn) is None or not _only_answers(turn):
        return False
    turn.say("utter_question_past")
    return True


def _only_answers(turn: Turn) -> bool:
    """A yes or no, or a number; but of what is known to have been written, more can be said."""
    if turn.is_not_words or any(one.name not in _NUMBERS for one in turn.entities):
        return False
    if turn.intent in ("affirm", "deny") and not turn.entities:
        return True
    bare = bool(turn.entities) and only(words(" ".join(pieces_between(turn))), "filler")
    return bare and (turn.intent in UNSURE or not turn.quoted)


def noting_what_became(draft: Draft, events: Sequence[EventType]) -> list[EventType]:
    """The events of writing a draft; where they note what is spoken of now, that is also kept as
    what the draft became."""
    return [
        SlotSet("recent", _with_became(draft.id, one["value"]))
        if one.get("event") == "slot" and one.get("name") == "recent"
        else one
        for one in events
    ]


def became(turn: Turn, draft_id: str) -> Mapping[str, str]:
    """What a draft that was written lately became; nothing of one that was not."""
    kept = json.loads((turn.slots.get("recent") or {}).get("became") or "{}")
    found: Mapping[str, str] = kept.get(draft_id) or {}
    return found


def _with_became(draft_id: str, noted: Mapping[str, Any]) -> dict[str, Any]:
    kinds = [kind for kind in noted.get("of", "").split() if kind in OF_ENTRIES]
    before = json.loads(noted.get("became") or "{}")
    kept = {**before, draft_id: {kind: noted[kind] for kind in kinds}}
    latest = list(kept.items())[-MOST_KEPT:]
    return {**noted, "became": json.dumps(dict(latest))}


OF_ENTRIES = frozenset({"order", "invoice", "customer", "product"})
"""What of a draft may be spoken of when it is written."""
