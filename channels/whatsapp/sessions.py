"""Conversations as Rasa sees them: only the current session, capped, sealed, expiring.

Rasa's own Redis store keeps every session for ever, replays and compares all of it on each turn and
costs tens of milliseconds. Here a session is at most its last few turns and the state that was
reached before them, so the ten-thousandth message of a chat costs what the first did.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import (
    ACTION_LISTEN_NAME,
    ACTION_SESSION_START_NAME,
    REQUESTED_SLOT,
)
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionReverted,
    ActiveLoop,
    Event,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker

from channels.whatsapp import keys
from channels.whatsapp.crypto import Unsealable, Vault
from channels.whatsapp.store import OUTAGES, connect
from erp_core.kernel.settings import Settings

logger = logging.getLogger(__name__)

TURNS = 6
"""Turns that are kept; a story or a rule looks back over less."""

MOST_EVENTS = 200
RANKING = 3
"""Intents of a ranking that are kept."""

UNDOING = (ActionReverted, UserUtteranceReverted)

PACKED = "_packed"
"""Where an event keeps the dict that it was made of: what has happened changes no more."""

OF_THE_MODEL = ("model_id", "assistant_id")
"""What Rasa adds to the metadata of every event; nobody asks which model an old one was of."""

LIFE = 3600
"""Seconds that a session lives after its last message."""

_resolve_slowly = Event.resolve_by_type


@lru_cache(maxsize=256)
def _resolve(type_name: str, default: type[Event] | None = None) -> type[Event] | None:
    return _resolve_slowly(type_name, default)


def speed_up_events() -> None:
    """Rasa walks all event classes for each event that it reads; remember the answer instead."""
    Event.resolve_by_type = staticmethod(_resolve)


speed_up_events()


@dataclass(frozen=True)
class InHand:
    """A session during its turn; the tracker is there once it was saved."""

    session: bytes | None = None
    tracker: DialogueStateTracker | None = None


class SessionTrackerStore(TrackerStore):
    """A Rasa tracker store (endpoints.yml: `type: channels.whatsapp.sessions.SessionTrackerStore`).

    A worker hands a turn's session in with begin() and takes the new one out with end(), to store
    it together with the turn's reply. Anybody else (`rasa run`, `rasa shell`) gets it from Redis,
    or from memory where there is no Redis.
    """

    def __init__(
        self,
        domain: Domain | None = None,
        host: str | None = None,
        event_broker: Any = None,
        *,
        life: int = LIFE,
        turns: int = TURNS,
        vault: Vault | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(domain, event_broker, **kwargs)
        self.life = life
        self.turns = turns
        self._host = host
        self._given_vault = vault
        self._redis: Any = None
        self._opened = False
        self._memory: dict[str, bytes] = {}
        self._in_hand: dict[str, InHand] = {}

    def begin(self, chat: str, session: bytes | None) -> None:
        """A turn of this chat starts from this session."""
        self._in_hand[chat] = InHand(session)

    def end(self, chat: str) -> InHand:
        """The turn is over; gives the session as it was last saved, and its tracker."""
        return self._in_hand.pop(chat)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store the session."""
        sealed = self._vault.seal(self.pack(tracker), _context(tracker.sender_id))
        if tracker.sender_id in self._in_hand:
            self._in_hand[tracker.sender_id] = InHand(sealed, tracker)
            return
        await self._open()
        if self._redis is None:
            self._memory[tracker.sender_id] = sealed
        else:
            await self._redis.set(keys.session(tracker.sender_id), sealed, ex=self.life)

    async def create_tracker(
        self, sender_id: str, append_action_listen: bool = True
    ) -> DialogueStateTracker:
        """A new, empty session; stored when the first turn is."""
        tracker = self.init_tracker(sender_id)
        if append_action_listen:
            tracker.update(ActionExecuted(ACTION_LISTEN_NAME))
        return tracker

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The current session, or None."""
        sealed = await self._sealed(sender_id)
        if sealed is None:
            return None
        try:
            events = self._vault.open(sealed, _context(sender_id))
        except Unsealable:
            logger.warning("a session was sealed with another key; starting anew")
            return None
        return self.unpack(sender_id, events)

    async def keys(self) -> Iterable[str]:
        """The chats that have a session."""
        await self._open()
        if self._redis is None:
            return list(self._memory)
        prefix = keys.session("")
        return [key.decode()[len(prefix) :] async for key in self._redis.scan_iter(f"{prefix}*")]

    def pack(self, tracker: DialogueStateTracker) -> list[dict[str, Any]]:
        """The events that are kept, as JSON-able dicts; those that were unpacked as they came."""
        return [
            event.__dict__.get(PACKED) or _slim(event.as_dict()) for event in self._kept(tracker)
        ]

    def unpack(self, sender_id: str, events: Sequence[dict[str, Any]]) -> DialogueStateTracker:
        """The tracker of packed events."""
        tracker = self.init_tracker(sender_id)
        for values in events:
            event = Event.from_parameters(values)
            if event is not None and self._is_known(event, tracker):
                event.__dict__[PACKED] = values
                tracker.update(event)
        return tracker

    def _is_known(self, event: Event, tracker: DialogueStateTracker) -> bool:
        """A session may have been another model's, with slots and forms that this one has not."""
        if isinstance(event, SlotSet):
            return event.key in tracker.slots
        if isinstance(event, ActiveLoop) and event.name and self.domain:
            return event.name in self.domain.forms
        return True

    def _kept(self, tracker: DialogueStateTracker) -> list[Event]:
        events = _current_session(list(tracker.events))
        start = _start_of_last_turns(events, self.turns)
        while len(events) - start > MOST_EVENTS and _next_turn(events, start) is not None:
            start = _next_turn(events, start) or start
        if start:
            events = [*self._state_after(tracker.sender_id, events[:start]), *events[start:]]
        return _without_overwritten(events, tracker.slots)

    def _state_after(self, sender_id: str, events: Sequence[Event]) -> list[Event]:
        """The fewest events that lead to the same slots and loop; ends with an action, as a
        conversation that has gone on for a while does."""
        before = self.init_tracker(sender_id)
        for event in events:
            before.update(event)
        at = events[-1].timestamp
        slots = [
            SlotSet(slot.name, slot.value, at)
            for slot in before.slots.values()
            if slot.value != slot.initial_value
        ]
        loop = [ActiveLoop(before.active_loop.name, at)] if before.active_loop else []
        return [
            ActionExecuted(ACTION_SESSION_START_NAME, timestamp=at),
            SessionStarted(at),
            *slots,
            *loop,
            ActionExecuted(_last_action(events), timestamp=at),
        ]

    async def _sealed(self, sender_id: str) -> bytes | None:
        if sender_id in self._in_hand:
            return self._in_hand[sender_id].session
        await self._open()
        if self._redis is None:
            return self._memory.get(sender_id)
        sealed: bytes | None = await self._redis.get(keys.session(sender_id))
        return sealed

    @property
    def _vault(self) -> Vault:
        if self._given_vault is None:
            self._given_vault = Vault(Settings.load().secret_key)
        return self._given_vault

    async def _open(self) -> None:
        if self._opened:
            return
        self._opened = True
        url = self._host or os.environ.get("REDIS_URL") or Settings.load().redis_url
        if not url:
            return
        redis = connect(url)
        try:
            await redis.ping()
        except OUTAGES:
            logger.warning("no Redis at hand: conversations are kept in memory only")
        else:
            self._redis = redis


def _without_overwritten(events: list[Event], slots: Mapping[str, Slot]) -> list[Event]:
    """A slot is what it was set to last, unless events are undone. Predictions look back at those
    that influence them, and figures at what was asked for."""
    if any(type(event) in UNDOING for event in events):
        return events
    kept: list[Event] = []
    set_later = set()
    for event in reversed(events):
        if type(event) is SlotSet and event.key != REQUESTED_SLOT:
            slot = slots.get(event.key)
            if event.key in set_later and not (slot and slot.influence_conversation):
                continue
            set_later.add(event.key)
        kept.append(event)
    return kept[::-1]


def _context(chat: str) -> str:
    return f"session:{chat}"


def _current_session(events: list[Event]) -> list[Event]:
    """From the last session start on, with the action that announced it."""
    for place in range(len(events) - 1, -1, -1):
        if isinstance(events[place], SessionStarted):
            announced = place > 0 and _is_action(events[place - 1], ACTION_SESSION_START_NAME)
            return events[place - 1 if announced else place :]
    return events


def _start_of_last_turns(events: Sequence[Event], turns: int) -> int:
    """Where the last turns begin: at the listening before the first of their messages."""
    left = turns
    for place in range(len(events) - 1, 0, -1):
        if isinstance(events[place], UserUttered):
            left -= 1
            if left == 0:
                return place - 1 if _is_action(events[place - 1], ACTION_LISTEN_NAME) else place
    return 0


def _next_turn(events: Sequence[Event], start: int) -> int | None:
    uttered = [p for p in range(start, len(events)) if isinstance(events[p], UserUttered)]
    return uttered[1] - 1 if len(uttered) > 1 else None


def _last_action(events: Sequence[Event]) -> str:
    for event in reversed(events):
        if isinstance(event, ActionExecuted) and event.action_name not in (
            None,
            ACTION_LISTEN_NAME,
        ):
            return str(event.action_name)
    return ACTION_SESSION_START_NAME


def _is_action(event: Event, name: str) -> bool:
    return isinstance(event, ActionExecuted) and event.action_name == name


def _slim(event: dict[str, Any]) -> dict[str, Any]:
    """Without what no later turn reads: long rankings, tokens, copies of the metadata."""
    metadata = event.pop("metadata", None) or {}
    own = {name: value for name, value in metadata.items() if name not in OF_THE_MODEL}
    if own:
        event["metadata"] = own
    parse = event.get("parse_data")
    if parse:
        slim = {k: v for k, v in parse.items() if k in ("intent", "entities", "text")}
        slim["intent_ranking"] = parse.get("intent_ranking", [])[:RANKING]
        event["parse_data"] = slim
    return event
