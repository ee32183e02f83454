"""Drafts that wait: what was being written when something else came between, and the rest of a
message that asked for several things. Each is asked when the one before it is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from rasa_sdk.events import EventType, SlotSet

from actions.context import Turn, runtime
from erp_core.kernel.money import inr
from erp_core.parties.names import person_key

SLOT = "waiting"
LEFT = "left"
"""What a draft notes that something else came between: it was begun before what is asked now."""
MOST = 4
"""So many drafts wait at most, beside the money for their sales."""
MOST_TIMES = 5
"""So often a draft waits for others; then it is dropped, which is said."""
FRESH = timedelta(minutes=30)
"""What waits longer is dropped, which is said: nobody knows any more what it was about."""

_OF_THE_MOMENT = frozenset(
    {
        "asked", "answering", "confirmed", "aside", "others", "kept", "passed", "kind", "bill",
        "send", "sold", "customer", "customer_said", "method", "noted", "goods_noted", "told",
        LEFT,
    }
)  # fmt: skip
"""What alone makes no draft worth asking again: a name without goods or money."""


def worth_keeping(draft: Mapping[str, Any]) -> bool:
    """Whether a draft holds anything, and has not waited too often: nobody is asked for ever."""
    data = draft["data"]
    return int(data.get("kept") or 0) < MOST_TIMES and any(
        value for key, value in data.items() if key not in _OF_THE_MOMENT
    )


def what_of(turn: Turn, form: str, data: Mapping[str, Any]) -> str:
    """What a draft is, with whose and how much: "payment (Ravi Kumar, ₹500)"."""
    name = (data.get("customer") or {}).get("name") or data.get("customer_said") or data.get("item")
    goods = [line.get("name") or line["said"] for line in data.get("lines") or []]
    amount = data.get("amount")
    known = [name, *goods[:1], inr(amount) if isinstance(amount, int) else None]
    told = ", ".join(str(one) for one in known if one)
    what = turn.line(f"what_{form}")
    return f"{what} ({told})" if told else what


def put_aside(turn: Turn, drafts: Sequence[Mapping[str, Any]], *, first: bool) -> list[EventType]:
    """Let drafts wait: those that came between others first, the rest of a message last."""
    waiting = _kept(turn)
    now = runtime().clock.now().isoformat()
    added = [{"draft": dict(one), "since": now} for one in drafts]
    waiting = [*added, *waiting] if first else [*waiting, *added]
    alone = [one for one in waiting if not _sale_of(one)]
    new = [one for one in alone[MOST:] if one in added]
    former = [one for one in alone[MOST:] if one not in added]
    kept = _without(turn, waiting, new, "utter_not_in_it")
    return [SlotSet(SLOT, _without(turn, kept, former, "utter_former_dropped"))]


def waits(turn: Turn, form: str, whose: str | None = None) -> str | None:
    """The draft of a form that waits, if one does: of whoever is named, if anybody is."""
    drafts = (one["draft"] for one in _kept(turn) if one["draft"]["form"] == form)
    theirs = (one for one in drafts if whose is None or _is_for(one["data"], whose))
    return next((str(one["id"]) for one in theirs), None)


def _is_for(data: Mapping[str, Any], whose: str) -> bool:
    name = (data.get("customer") or {}).get("name") or data.get("customer_said") or ""
    return set(person_key(whose).split()) <= set(person_key(name).split())


def taken_out(turn: Turn, draft_id: str) -> tuple[dict[str, Any], list[dict[str, Any]]] | None:
    """One of the drafts that wait, as it is asked now, and the others; None when it waits not."""
    waiting = _kept(turn)
    for one in waiting:
        if one["draft"]["id"] == draft_id:
            return _asked_again(one["draft"]), [other for other in waiting if other is not one]
    return None


def next_waiting(turn: Turn) -> tuple[dict[str, Any] | None, list[EventType]]:
    """The draft that is asked now, and the event that takes it from those that wait."""
    waiting = _kept(turn)
    events = [SlotSet(SLOT, waiting[1:] or None)] if turn.slots.get(SLOT) else []
    if not waiting:
        return None, events
    return _asked_again(waiting[0]["draft"]), events


def _asked_again(draft: Mapping[str, Any]) -> dict[str, Any]:
    data = {key: value for key, value in draft["data"].items() if not key.endswith("noted")}
    again = {"kept": int(data.get("kept") or 0) + 1, "confirmed": None, "passed": None, LEFT: None}
    pending = draft.get("pending")
    if (pending or {}).get("kind") == "short":
        pending = None  # there may be more of it by now
    return {**draft, "data": {**data, **again}, "pending": pending}


def _kept(turn: Turn) -> list[dict[str, Any]]:
    """What waits, without what has waited too long; that is told, and only once in a turn."""
    oldest = runtime().clock.now() - FRESH
    waiting = turn.slots.get(SLOT) or []
    stale = [
        one
        for one in waiting
        if not _sale_of(one) and datetime.fromisoformat(one["since"]) < oldest
    ]
    return _without(turn, waiting, stale, "utter_waited_too_long")


def _without(
    turn: Turn,
    waiting: Sequence[dict[str, Any]],
    fallen: Sequence[dict[str, Any]],
    telling: str,
) -> list[dict[str, Any]]:
    """What still waits, after it was told what does not; money for a sale falls with the sale."""
    gone = {one["draft"]["id"] for one in fallen}
    lost = [one for one in waiting if one["draft"]["id"] in gone or _sale_of(one) in gone]
    told = {message.get("text") for message in turn.dispatcher.messages}
    for one in lost:
        what = what_of(turn, one["draft"]["form"], one["draft"]["data"])
        if turn.line(telling, what=what, said=what) not in told:
            turn.say(telling, what=what, said=what)
    return [one for one in waiting if one not in lost]


def _sale_of(waiting: Mapping[str, Any]) -> str | None:
    """The sale whose money waits for it to be written; it waits as long as its sale does."""
    sale: str | None = waiting["draft"]["data"].get("sale")
    return sale
