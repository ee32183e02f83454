"""Drafts that wait: what was being written when something else came between, and the rest of a
message that asked for several things. Each is asked when the one before it is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from rasa_sdk.events import EventType, SlotSet

from actions.context import Turn, runtime

SLOT = "waiting"
MOST = 4
"""So many drafts wait at most."""
MOST_TIMES = 1
"""So often a draft waits for others; then it is dropped, which is said."""
FRESH = timedelta(minutes=30)
"""What waits longer is forgotten: nobody knows any more what it was about."""

_OF_THE_MOMENT = frozenset(
    {
        "asked", "answering", "confirmed", "aside", "others", "kept", "passed", "kind", "bill",
        "send", "customer", "customer_said", "method", "met",
    }
)  # fmt: skip
"""What alone makes no draft worth asking again: a name without goods or money."""


def worth_keeping(draft: Mapping[str, Any]) -> bool:
    """Whether a draft holds anything, and has not waited too often: nobody is asked for ever."""
    data = draft["data"]
    return int(data.get("kept") or 0) < MOST_TIMES and any(
        value for key, value in data.items() if key not in _OF_THE_MOMENT
    )


def put_aside(turn: Turn, drafts: Sequence[Mapping[str, Any]], *, first: bool) -> list[EventType]:
    """Let drafts wait: those that came between others first, the rest of a message last."""
    waiting = _fresh(turn)
    now = runtime().clock.now().isoformat()
    added = [{"draft": dict(one), "since": now} for one in drafts]
    waiting = [*added, *waiting] if first else [*waiting, *added]
    return [SlotSet(SLOT, waiting[:MOST])]


def taken_out(turn: Turn, draft_id: str) -> tuple[dict[str, Any], list[dict[str, Any]]] | None:
    """One of the drafts that wait, as it is asked now, and the others; None when it waits not."""
    waiting = _fresh(turn)
    for one in waiting:
        if one["draft"]["id"] == draft_id:
            return _asked_again(one["draft"]), [other for other in waiting if other is not one]
    return None


def next_waiting(turn: Turn) -> tuple[dict[str, Any] | None, list[EventType]]:
    """The draft that is asked now, and the event that takes it from those that wait."""
    kept = turn.slots.get(SLOT) or []
    waiting = _fresh(turn)
    events = [SlotSet(SLOT, waiting[1:] or None)] if kept else []
    if not waiting:
        return None, events
    return _asked_again(waiting[0]["draft"]), events


def _asked_again(draft: Mapping[str, Any]) -> dict[str, Any]:
    data = {key: value for key, value in draft["data"].items() if key != "met"}
    again = {"kept": int(data.get("kept") or 0) + 1, "confirmed": None, "passed": None}
    return {**draft, "data": {**data, **again}}


def _fresh(turn: Turn) -> list[dict[str, Any]]:
    oldest = runtime().clock.now() - FRESH
    waiting = turn.slots.get(SLOT) or []
    return [one for one in waiting if datetime.fromisoformat(one["since"]) >= oldest]
