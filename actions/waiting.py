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
        "send", "customer", "customer_said", "method",
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


def next_waiting(turn: Turn) -> tuple[dict[str, Any] | None, list[EventType]]:
    """The draft that is asked now, and the event that takes it from those that wait."""
    kept = turn.slots.get(SLOT) or []
    waiting = _fresh(turn)
    events = [SlotSet(SLOT, waiting[1:] or None)] if kept else []
    if not waiting:
        return None, events
    draft = waiting[0]["draft"]
    again = {"kept": int(draft["data"].get("kept") or 0) + 1, "confirmed": None, "passed": None}
    return {**draft, "data": {**draft["data"], **again}}, events


def _fresh(turn: Turn) -> list[dict[str, Any]]:
    oldest = runtime().clock.now() - FRESH
    waiting = turn.slots.get(SLOT) or []
    return [one for one in waiting if datetime.fromisoformat(one["since"]) >= oldest]
