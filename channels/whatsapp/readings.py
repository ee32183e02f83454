"""Files that wait to be read, and what was read of them on its way back into the chat.

Reading a bill takes seconds, so a turn only asks for it (ask); a reader takes it up, and what it
found comes into the inbox as a message of its own kind, in order with the rest of the chat. A file
is asked for once, taken up again when its reader dies, and told once, whatever happens.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from redis.asyncio import Redis

from channels.whatsapp import keys
from channels.whatsapp.crypto import Unsealable, Vault
from channels.whatsapp.inbox import REMEMBER, Full, Inbox, ensure_group
from channels.whatsapp.messages import InboundMessage
from channels.whatsapp.store import Scripts
from channels.whatsapp.wire import Argument

FEW = 3
"""So many files of one chat go before those of whoever sends a pile."""

BOUND = int(os.environ.get("BAHI_READING_BOUND") or 1_000)
"""Files that may wait; what comes past them is put off until there is time."""

PUT_OFF_BOUND = 20_000

Room = Literal["now", "later", "none"]


@dataclass(frozen=True)
class Lane:
    """Where files of one kind wait: their streams by priority and the keys beside them, what their
    bodies are sealed for, and how many of one chat go first."""

    stream: Callable[[int], str]
    chats: str
    bell: str
    purpose: str
    few: int


READING = Lane(keys.readings, keys.READING_CHATS, keys.READING_BELL, "reading", FEW)


@dataclass(frozen=True)
class Ask:
    """A file to be read. `media`: its id in the MediaStore; `message`: the one that brought it,
    bare of its words; `hint`: what they said of the file, in codes."""

    media: str
    message: InboundMessage
    hint: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class InHand:
    """A file that a reader has taken up, for the how-manieth time."""

    stream: str
    id: str
    chat: str
    body: bytes
    tries: int


class Readings:
    """Both ends of the queue."""

    def __init__(
        self,
        redis: Redis[bytes],
        vault: Vault,
        *,
        bound: int = BOUND,
        later: int = PUT_OFF_BOUND,
        lane: Lane = READING,
    ) -> None:
        self.redis = redis
        self._lane = lane
        self._vault = vault
        self._bound = bound
        self._later = later
        self._scripts = Scripts(redis)

    # The turn's end.

    async def room(self, chat: str) -> tuple[Room, int]:
        """Whether a file would be read now or later, and how many of the chat are waiting."""
        pipeline = self.redis.pipeline(transaction=False)
        for priority in range(keys.READING_PRIORITIES):
            pipeline.xlen(self._lane.stream(priority))
        pipeline.hget(self._lane.chats, chat)
        *lengths, own = await pipeline.execute()
        waiting = int(own or 0)
        if sum(lengths[:2]) < self._bound:
            return "now", waiting
        return ("later" if lengths[2] < self._later else "none"), waiting

    async def ask(self, chat: str, ask: Ask) -> int:
        """Have a file read; a turn that runs again asks no second time. Gives the priority, or -1
        when too much is waiting."""
        names = [
            keys.asked(self._vault.short_name("asked", ask.message.id)),
            *map(self._lane.stream, range(keys.READING_PRIORITIES)),
            self._lane.chats,
            self._lane.bell,
        ]
        body = self._vault.seal(ask, self._lane.purpose)
        values: list[Argument] = [chat, body, self._lane.few, self._bound, self._later, REMEMBER]
        return int(await self._scripts.call("ask_reading", names, values))

    # The reader's end.

    async def open(self) -> None:
        """Make sure that the streams exist."""
        for priority in range(keys.READING_PRIORITIES):
            await ensure_group(self.redis, self._lane.stream(priority), keys.READERS_GROUP)

    async def take(self, consumer: str) -> InHand | None:
        """The most urgent file that nobody has in hand."""
        for priority in range(keys.READING_PRIORITIES):
            stream = self._lane.stream(priority)
            read = await self.redis.xreadgroup(keys.READERS_GROUP, consumer, {stream: ">"}, count=1)
            if read and read[0][1]:
                entry, fields = read[0][1][0]
                return InHand(stream, entry.decode(), fields[b"c"].decode(), fields[b"b"], 1)
        return None

    async def take_over(self, consumer: str, idle_ms: int, mine: Collection[str]) -> InHand | None:
        """A file whose reader has shown no life for so long."""
        for priority in range(keys.READING_PRIORITIES):
            stream = self._lane.stream(priority)
            answer = await self.redis.xautoclaim(
                stream, keys.READERS_GROUP, consumer, min_idle_time=idle_ms, count=1
            )
            for entry, fields in answer[1]:
                if fields and entry.decode() not in mine:
                    tries = await self._tries(stream, entry)
                    return InHand(
                        stream, entry.decode(), fields[b"c"].decode(), fields[b"b"], tries
                    )
        return None

    async def _tries(self, stream: str, entry: bytes) -> int:
        pending = await self.redis.xpending_range(
            stream, keys.READERS_GROUP, min=entry, max=entry, count=1
        )
        return int(pending[0]["times_delivered"]) if pending else 1

    async def show_life(self, consumer: str, mine: Collection[InHand]) -> None:
        """What we have in hand is not to be taken over."""
        for one in mine:
            await self.redis.xclaim(  # type: ignore[no-untyped-call]
                one.stream,
                keys.READERS_GROUP,
                consumer,
                min_idle_time=0,
                message_ids=[one.id],
                justid=True,
            )

    async def listen(self, seconds: float) -> None:
        """Wait until a file may have come."""
        await self.redis.blpop([self._lane.bell], timeout=seconds)

    def read(self, taken: InHand) -> Ask | None:
        """The question itself; None when it cannot be opened any more."""
        try:
            values = self._vault.open(taken.body, self._lane.purpose)
            message = InboundMessage.from_dict(values["message"])
            return Ask(values["media"], message, values["hint"])
        except (Unsealable, KeyError, TypeError):
            return None

    async def show_typing(self, ask: Ask) -> None:
        """Have the sender show "typing…": words that were said meanwhile have ended it."""
        body = self._vault.seal([ask.message.phone_number_id, ask.message.id], "receipt")
        await self.redis.xadd(keys.RECEIPTS, {"r": body}, maxlen=1000, approximate=True)

    async def tell(
        self, inbox: Inbox, taken: InHand, ask: Ask, results: Sequence[dict[str, Any]]
    ) -> None:
        """Bring what was read into the chat, each result a message. Raises Full."""
        for place, result in enumerate(results):
            await inbox.put_own(told(ask, place, result), taken.chat)

    async def end(self, taken: InHand) -> bool:
        """The file waits no more."""
        done = await self._scripts.call(
            "end_reading",
            [taken.stream, self._lane.chats],
            [keys.READERS_GROUP, taken.id, taken.chat],
        )
        return bool(done)

    async def depth(self) -> list[int]:
        """Files waiting or in hand, by priority."""
        return [
            await self.redis.xlen(self._lane.stream(priority))
            for priority in range(keys.READING_PRIORITIES)
        ]


def told(ask: Ask, place: int, result: dict[str, Any]) -> InboundMessage:
    """What was read, as a message of the chat that the file came from. Its id comes of the file's,
    so that it is taken in once."""
    return replace(
        ask.message,
        id=f"{ask.message.id}.read{place}",
        kind="reading",
        timestamp=int(time.time()),
        media=None,
        facts={
            "reading": {
                **result,
                "hint": ask.hint,
                "media": ask.media,
                "source": f"{ask.message.id}:{place}",
            }
        },
    )


__all__ = ["Ask", "Full", "InHand", "Readings", "Room", "told"]
