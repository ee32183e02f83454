"""The models that a process serves: the current one, and perhaps a candidate for some chats."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.constants import REQUESTED_SLOT
from rasa.shared.core.events import SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from actions.context import ASKS
from channels.whatsapp.keys import PARTITIONS
from channels.whatsapp.metrics import BUCKETS, Tally
from channels.whatsapp.sessions import SessionTrackerStore

FALLBACK = "nlu_fallback"
SPOKEN_OF = "recent"
"""The slot in which actions note what the conversation is about."""
IN_HAND = "draft"
"""The slot that holds what is being written; an answer that leaves it asks about that."""

CONFIRMED = "_confirmed"
"""What the names of the slots end with that a yes fills."""


@dataclass(frozen=True)
class Served:
    """A loaded model. Each has a store, because a store knows one domain; the sessions that they
    read and write are the same."""

    id: str
    agent: Agent
    store: SessionTrackerStore


@dataclass(frozen=True)
class Models:
    """Which model a chat talks to: always the same one, whichever worker has it. share: percent."""

    current: Served
    candidate: Served | None = None
    share: int = 0

    def of(self, chat: str) -> Served:
        """The model of a chat. A greater share keeps the chats that a smaller one had."""
        if self.candidate is not None and is_tried(chat, self.share):
            return self.candidate
        return self.current

    async def converse(self, message: UserMessage) -> None:
        """Have the chat's model handle a message."""
        await self.of(message.sender_id).agent.processor.handle_message(message)

    @property
    def about(self) -> dict[str, str]:
        """What the roll of workers tells of them."""
        told = {"model": self.current.id}
        if self.candidate is not None:
            told |= {"candidate": self.candidate.id, "share": str(self.share)}
        return told


def is_tried(chat: str, share: int) -> bool:
    """Whether a chat is among the share (percent) that talks to a candidate."""
    return UUID(chat).int // PARTITIONS % 100 < share


def note(tally: Tally, model: str, tracker: DialogueStateTracker, seconds: float) -> None:
    """Count what a turn tells about its model; `bahi model figures` sets models side by side."""
    message = tracker.latest_message
    if message is None:
        return
    tally.count("bahi_model_turns", model=model)
    tally.count("bahi_model_seconds", seconds, model=model)
    bound = next((str(one) for one in BUCKETS if seconds <= one), "+Inf")
    tally.count("bahi_model_turns_within", model=model, le=bound)
    intent = message.intent.get("name") or ""
    if message.text and not (message.metadata or {}).get("kind"):
        ranking = message.parse_data.get("intent_ranking") or [message.intent]
        sure = next((one["confidence"] for one in ranking if one["name"] != FALLBACK), 0.0)
        tally.count("bahi_model_texts", model=model)
        tally.count("bahi_model_confidence", sure, model=model)
        if intent == FALLBACK:
            tally.count("bahi_model_fallbacks", model=model)
    if asked_before(tracker).endswith(CONFIRMED) and intent in ("affirm", "deny"):
        tally.count("bahi_model_confirmations", model=model, answer=intent)


def spoken_of(tracker: DialogueStateTracker) -> dict[str, str]:
    """What the last turn spoke of, as its actions noted it, and which draft it asked about."""
    asked = (tracker.get_slot(IN_HAND) or {}).get("id")
    return {**_noted(tracker), **({ASKS: asked} if asked else {})}


def _noted(tracker: DialogueStateTracker) -> dict[str, str]:
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            return {}
        if isinstance(event, SlotSet) and event.key == SPOKEN_OF:
            noted = event.value or {}
            return {kind: noted[kind] for kind in noted.get("of", "").split() if kind in noted}
    return {}


def asked_before(tracker: DialogueStateTracker) -> str:
    """The slot that the last message found being asked for."""
    answering = False
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            if answering:
                continue
            answering = True
        elif answering and isinstance(event, SlotSet) and event.key == REQUESTED_SLOT:
            return str(event.value or "")
    return ""
