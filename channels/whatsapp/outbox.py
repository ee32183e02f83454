"""The sender's end of Redis: what is to be sent, what waits for its reader, what has left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis

from channels.whatsapp import keys, quotes
from channels.whatsapp.buttons import Meanings, options_of
from channels.whatsapp.crypto import Vault
from channels.whatsapp.inbox import REMEMBER, Inbox, ensure_group
from channels.whatsapp.messages import Option, Reply, Status
from channels.whatsapp.store import Scripts
from channels.whatsapp.wire import Argument, Wire

CLAIM_LIMIT = 1_000
PARKED_LIFE = 7 * 86_400
CONFIRMED_LIFE = 86_400
INTENT_LIFE = 86_400
QUOTED_LIFE = 7 * 86_400
ID_LENGTH = 36

CLOSED, STOPPED = -1, -2
"""Why a message may not leave: its receiver's 24 hours are over, Meta refuses the number."""


@dataclass(frozen=True)
class Parcel:
    """A message in the sender's hand."""

    partition: int
    stream: str
    entry: str
    reply_id: str
    body: bytes
    deliveries: int


class Outbox:
    """Replies and notifications on their way to Graph; every change is one script."""

    def __init__(self, redis: Redis[bytes], vault: Vault) -> None:
        self.redis = redis
        self.vault = vault
        self._scripts = Scripts(redis)
        self._ear = Wire(redis)
        self._names = Inbox(redis, vault)

    def pairs(self, reply: Reply) -> list[str]:
        """The names of sender number and receiver, under each id of the receiver."""
        return self._names.pairs_of(reply.phone_number_id, reply.to)

    def partition_of(self, reply: Reply) -> int:
        """The partition of the chat that the reply belongs to."""
        return keys.partition(self._names.chat_of(reply.phone_number_id, reply.to.key))

    def options(
        self, reply: Reply, buttons: Sequence[Mapping[str, Any]]
    ) -> tuple[tuple[Option, ...], Meanings]:
        """What can be tapped on a notification, and what each means."""
        chat = self._names.chat_of(reply.phone_number_id, reply.to.key)
        return options_of(
            self.vault, buttons, chat=chat, reply_id=reply.id, text=reply.text, words=reply.words
        )

    def hand_over_call(
        self, reply: Reply, *, again: bool = False
    ) -> tuple[list[str], list[Argument]]:
        """Keys and arguments of the script that hands a message to the sender, once for its id."""
        part = self.partition_of(reply)
        names = [
            *(keys.outbound(part), keys.reply(reply.id)),
            *(keys.outbound_bell(part), keys.FRESH_OUTBOUND),
        ]
        body = self.vault.seal(reply, reply.id)
        return names, [reply.id, body, REMEMBER, reply.priority, "1" if again else ""]

    async def hand_over(self, reply: Reply, *, again: bool = False) -> bool:
        """Give a message to the sender; False when it was given before."""
        return bool(await self._scripts.call("hand_over", *self.hand_over_call(reply, again=again)))

    async def open_partition(self, number: int) -> None:
        """Make sure that the partition's consumer group exists."""
        await ensure_group(self.redis, keys.outbound(number), keys.SENDERS_GROUP)
        await self.redis.sadd(keys.FRESH_OUTBOUND, keys.outbound(number))

    async def take(self, consumer: str, partitions: Sequence[int], room: int) -> list[Parcel]:
        """New messages of the partitions that we hold."""
        values: list[Argument] = [
            *(consumer, keys.SENDERS_GROUP, consumer, room),
            *(keys.OUTBOUND_LEASE, keys.OUTBOUND_BELL, keys.OUTBOUND),
            *partitions,
        ]
        rows = await self._scripts.call("take_outbound", [keys.FRESH_OUTBOUND], values)
        return [_parcel(row) for row in rows]

    async def claim(self, consumer: str, number: int) -> list[Parcel]:
        """What the partition's last holder had in hand."""
        rows = await self._scripts.call(
            "claim",
            [keys.outbound_lease(number), keys.outbound(number)],
            [consumer, keys.SENDERS_GROUP, consumer, CLAIM_LIMIT, keys.PREFIX],
        )
        return [_parcel(row) for row in rows]

    async def listen(self, partitions: Sequence[int], seconds: float) -> None:
        """Wait until a message may have come."""
        await self._ear.call("BLPOP", *map(keys.outbound_bell, partitions), str(seconds))

    def read(self, parcel: Parcel) -> Reply:
        """The message itself. Raises Unsealable."""
        return Reply.from_dict(self.vault.open(parcel.body, parcel.reply_id))

    async def finish(
        self,
        consumer: str,
        parcel: Parcel,
        *,
        status: Status | None = None,
        reason: str = "",
        park_for: str = "",
        left: Reply | None = None,
        parts: Sequence[str] = (),
    ) -> bool:
        """Take a message from the stream: it has left, is given up (reason), or waits for its
        reader (park_for, a pair). left: what left, as the messages with the ids of `parts`; of each
        is noted what it spoke of. False when the partition is another's now."""
        names = [
            keys.outbound_lease(parcel.partition),
            parcel.stream,
            keys.intent(parcel.reply_id),
            keys.STATUSES,
            keys.DEAD,
            keys.parked(park_for),
            keys.window(park_for),
            keys.REOPENED,
            *(keys.quoted(quotes.name_of(self.vault, one)) for one in parts),
        ]
        news = self.vault.seal(status, "status") if status else b""
        values: list[Argument] = [
            consumer,
            keys.SENDERS_GROUP,
            parcel.entry,
            news,
            reason,
            parcel.reply_id,
            parcel.body,
            park_for,
            PARKED_LIFE,
            self._about(left) if left else b"",
            QUOTED_LIFE,
        ]
        return bool(await self._scripts.call("finish_outbound", names, values))

    def _about(self, reply: Reply) -> bytes:
        """What a message spoke of, sealed for its chat; empty when nothing was noted."""
        chat = self._names.chat_of(reply.phone_number_id, reply.to.key)
        return quotes.seal(self.vault, reply.about, chat) if reply.about else b""

    async def window_open(self, reply: Reply) -> bool:
        """Whether the receiver wrote within the last 24 hours."""
        names = [keys.window(pair) for pair in self.pairs(reply)]
        return bool(names and await self.redis.exists(*names))

    async def close_window(self, reply: Reply) -> None:
        """Graph says that the 24 hours are over."""
        names = [keys.window(pair) for pair in self.pairs(reply)]
        await self.redis.delete(*names)

    async def unpark(self) -> list[Reply]:
        """Messages whose receivers have written meanwhile."""
        pairs: list[bytes] = await self.redis.spop(keys.REOPENED, 100) or []  # type: ignore[assignment]
        replies = []
        for pair in pairs:
            waiting = []
            while True:
                parked = await self.redis.lpop(keys.parked(pair.decode()))
                if parked is None:
                    break
                reply_id = parked[:ID_LENGTH].decode()
                waiting.append(Reply.from_dict(self.vault.open(parked[ID_LENGTH:], reply_id)))
            replies += latest_of_each(waiting)
        return replies

    async def depart(
        self, reply: Reply, reference: str, *, number: tuple[int, int], pair: tuple[int, int]
    ) -> int:
        """0 when a post may be made now: then it is counted, and noted as begun. Else how many
        milliseconds to wait, or CLOSED, or STOPPED.

        number, pair: microseconds a message, and burst.
        """
        pairs = self.pairs(reply)
        names = [
            keys.number_rate(reply.phone_number_id),
            keys.pair_rate(pairs[0]),
            keys.number_stop(reply.phone_number_id),
            keys.intent(reference),
            *map(keys.window, pairs),
        ]
        can_wait = "1" if reply.priority > 1 else ""
        values: list[Argument] = [*number, *pair, can_wait, INTENT_LIFE]
        return int(await self._scripts.call("depart", names, values))

    async def begun(self, reference: str) -> bool:
        """Whether a post was about to be made by somebody who did not come back to tell."""
        return bool(await self.redis.exists(keys.intent(reference)))

    async def confirmed(self, reference: str) -> bool:
        """Whether a status has shown that the message did leave."""
        return bool(await self.redis.exists(keys.confirmed(reference)))

    async def confirm(self, references: Sequence[str]) -> None:
        """Statuses have come for these."""
        names = [name for one in references for name in (keys.intent(one), keys.confirmed(one))]
        if names:
            await self._scripts.call("confirm", names, [CONFIRMED_LIFE])


def latest_of_each(replies: Sequence[Reply]) -> list[Reply]:
    """Messages that waited, without those that a later one says anew: one bill sent four times
    arrives once, with what is due now."""
    kept: list[Reply] = []
    for reply in reversed(replies):
        if not any(_says_the_same(reply, later) for later in kept):
            kept.insert(0, reply)
    return kept


def _says_the_same(reply: Reply, later: Reply) -> bool:
    if reply.attachment is not None:
        return reply.attachment == later.attachment
    return (reply.text, reply.options) == (later.text, later.options)


def _parcel(row: list[Any]) -> Parcel:
    stream, entry, reply_id, body, _, deliveries = row
    name = stream.decode()
    number = int(name.rpartition(":")[2])
    return Parcel(number, name, entry.decode(), reply_id.decode(), body, deliveries)
