"""Voice notes that wait to be heard: a lane of their own, in which none overtakes another.

Nothing of a note is stored but Meta's name for it; it is fetched when it is heard.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace

from redis.asyncio import Redis

from channels.whatsapp import keys
from channels.whatsapp.crypto import Vault
from channels.whatsapp.messages import InboundMessage
from channels.whatsapp.readings import Ask, InHand, Lane, Readings

BOUND = 500
"""Notes that may wait. Whoever speaks when so many do is asked to write."""

OWN = 20
"""Notes of one chat that may wait."""

LANE = Lane(keys.hearings, keys.HEARING_CHATS, keys.HEARING_BELL, "hearing", few=BOUND + 1)
"""All wait in one stream: a note never overtakes another of its chat."""


def engine_of(environment: Mapping[str, str] = os.environ) -> str:
    """Who hears: "off", "service", "whisper" or "embedded"."""
    if environment.get("BAHI_SPEECH") == "off":
        return "off"
    if environment.get("BAHI_SPEECH_URL"):
        return "service"
    return "whisper" if environment.get("BAHI_SPEECH_FOLDER") else "embedded"


class Hearings(Readings):
    """Both ends of the queue of voice notes."""

    def __init__(self, redis: Redis[bytes], vault: Vault, *, bound: int = BOUND) -> None:
        super().__init__(redis, vault, bound=bound, later=0, lane=LANE)

    async def ask_for(self, message: InboundMessage, chat: str) -> bool:
        """Have a note heard; False when too much is waiting, or when it is no note."""
        if message.media is None or message.media.kind != "audio":
            return False
        _, own = await self.room(chat)
        if own >= OWN:
            return False
        bare = replace(message, text="", media=None)
        return await self.ask(chat, Ask(message.media.id, bare)) >= 0

    async def is_next(self, taken: InHand) -> bool:
        """Whether no earlier note of the chat is in somebody's hand."""
        pending = await self.redis.xpending_range(
            taken.stream, keys.READERS_GROUP, min="-", max=f"({taken.id}", count=BOUND
        )
        for row in pending:
            entry = row["message_id"]
            found = await self.redis.xrange(taken.stream, entry, entry)
            if found and found[0][1][b"c"].decode() == taken.chat:
                return False
        return True
