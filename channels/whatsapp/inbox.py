"""The inbox: what came in and waits for its turn, in Redis Streams.

Sixteen partitions by chat, four streams each by priority. One worker holds a partition, so a chat
has one worker; a chat's waiting messages lie in one stream, so they stay in order while urgent
chats overtake. A message leaves the stream in the same script that hands over its reply.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from channels.whatsapp import keys
from channels.whatsapp.buttons import context
from channels.whatsapp.crypto import Unsealable, Vault
from channels.whatsapp.messages import InboundMessage, Reply, Sender, Status
from channels.whatsapp.store import Scripts
from channels.whatsapp.wire import Argument, Command, Wire

BOUND = 200_000
"""Messages that may wait. Above it the gateway refuses, and Meta brings them again later."""

STATUS_BOUND = 500_000
REMEMBER = 8 * 86_400
"""Seconds: Meta repeats a post for up to seven days."""

WINDOW = 86_400
BUTTON_LIFE = 7 * 86_400
ALIAS_LIFE = 90 * 86_400
CLAIM_LIMIT = 1_000

URGENCY: dict[str, int] = {
    "choice": 0, "form": 0,
    "text": 1, "welcome": 1,
    "media": 2, "reading": 2, "location": 2, "contacts": 2, "order": 2, "unsupported": 2,
    "unknown": 2,
    "reaction": 3, "edit": 3, "revoke": 3, "system": 3,
}  # fmt: skip
"""Who taps an answer waits for nobody; what needs no answer comes last."""


class Full(Exception):
    """Too much is waiting to take more in."""


@dataclass(frozen=True)
class Put:
    """How many of the messages were new."""

    taken: int
    known: int


@dataclass(frozen=True)
class Taken:
    """A message in hand. `session` is what the chat's session was when it was taken."""

    stream: str
    id: str
    chat: str
    body: bytes
    session: bytes | None
    deliveries: int

    @property
    def partition(self) -> int:
        """Where it lies."""
        return keys.partition(self.chat)


@dataclass
class Outcome:
    """What a turn leaves behind. quoted: what its message spoke of, by name.
    reason: why the message goes to the dead letters, if it does."""

    session: bytes | None = None
    session_seconds: int = 3600
    reply: Reply | None = None
    buttons: dict[str, bytes] = field(default_factory=dict)
    quoted: dict[str, bytes] = field(default_factory=dict)
    reason: str | None = None


class Inbox:
    """Both ends of the inbox; every change is one script."""

    def __init__(self, redis: Redis[bytes], vault: Vault, *, bound: int = BOUND) -> None:
        self.redis = redis
        self.vault = vault
        self.bound = bound
        self._scripts = Scripts(redis)
        self._wire = Wire.of(redis)
        self._ear = Wire(redis)

    async def put(self, messages: Sequence[InboundMessage], statuses: Sequence[Status] = ()) -> Put:
        """Take in one post, each message once whatever happens.

        Raises Full; what was taken by then is known when the post comes again.
        """
        if statuses:
            await self._put_statuses(statuses)
        if not messages:
            return Put(0, 0)
        aliases = await self._aliases(messages)
        calls = [self._enqueue_call(message, aliases) for message in in_time_order(messages)]
        if len(calls) == 1:
            answers = [await self._scripts.call("enqueue", *calls[0])]
        else:
            answers = await self._scripts.call_all("enqueue", calls)
        if -1 in answers:
            raise Full
        return Put(taken=answers.count(1), known=answers.count(0))

    async def put_own(self, message: InboundMessage, chat: str) -> bool:
        """Take in a message that we make ourselves, once; False when it was known. It is no word of
        the person's: it opens no window. Raises Full."""
        names, values = self._enqueue_call(message, {}, chat=chat)
        answer = await self._scripts.call("enqueue", names, values)
        if answer == -1:
            raise Full
        return bool(answer)

    def chat_of(self, phone_number_id: str, sender_key: str) -> str:
        """The chat's name: a UUID that tells nothing of the number."""
        return str(self.vault.uuid("chat", phone_number_id, sender_key))

    def pair_of(self, phone_number_id: str, person: str) -> str:
        """The name of a number and a person, for limits and windows."""
        return self.vault.short_name("pair", phone_number_id, person)

    def pairs_of(self, phone_number_id: str, sender: Sender) -> list[str]:
        """The pair's name under each id that the person is known by."""
        return [self.pair_of(phone_number_id, p) for p in (sender.phone, sender.bsuid) if p]

    async def _put_statuses(self, statuses: Sequence[Status]) -> None:
        if await self._wire.call("XLEN", keys.STATUSES) >= STATUS_BOUND:
            raise Full
        bodies = [self.vault.seal(status, "status") for status in statuses]
        await self._wire.call_all([("XADD", keys.STATUSES, "*", "b", body) for body in bodies])

    async def _aliases(self, messages: Sequence[InboundMessage]) -> dict[str, str]:
        """Chats of people whose phone number is told no more; notes those of whom it still is."""
        told: dict[str, str] = {}
        wanted: dict[str, str] = {}
        for message in messages:
            sender, number = message.sender, message.phone_number_id
            if sender.bsuid and sender.phone:
                told[self._alias(number, sender.bsuid)] = self.chat_of(number, sender.phone)
            elif sender.bsuid:
                wanted[self._alias(number, sender.bsuid)] = sender.bsuid
        if not told and not wanted:
            return {}
        notes: list[Command] = [
            ("SET", keys.chat_alias(alias), chat, "EX", ALIAS_LIFE) for alias, chat in told.items()
        ]
        questions: list[Command] = [("GET", keys.chat_alias(alias)) for alias in wanted]
        found = (await self._wire.call_all(notes + questions))[len(told) :]
        return {alias: chat.decode() for alias, chat in zip(wanted, found, strict=True) if chat}

    def _alias(self, number: str, bsuid: str) -> str:
        return self.vault.short_name("alias", number, bsuid)

    def _enqueue_call(
        self, message: InboundMessage, aliases: dict[str, str], *, chat: str = ""
    ) -> tuple[list[str], list[Argument]]:
        """`chat`: the one that a message of our own is for."""
        number, sender = message.phone_number_id, message.sender
        alias = self._alias(number, sender.bsuid) if sender.bsuid and not sender.phone else ""
        own = bool(chat)
        chat = chat or aliases.get(alias) or self.chat_of(number, sender.key)
        part = keys.partition(chat)
        pairs = [] if own else self.pairs_of(number, sender)
        names = [
            keys.seen(self.vault.short_name("seen", message.id)),
            keys.waiting(part),
            keys.TOTAL,
            keys.bell(part),
            keys.REOPENED,
            keys.FRESH,
            *(keys.inbox(part, priority) for priority in range(keys.PRIORITIES)),
        ]
        for pair in pairs:
            names += [keys.window(pair), keys.parked(pair)]
        urgency = URGENCY[message.kind]
        values: list[Argument] = [
            chat,
            urgency,
            self.vault.seal(message, chat),
            self._receipt(message) if urgency < 3 and not own else b"",
            self.bound,
            REMEMBER,
            WINDOW,
            *pairs,
        ]
        return names, values

    def _receipt(self, message: InboundMessage) -> bytes:
        """What the sender needs to show blue ticks and "typing…" when the turn begins."""
        return self.vault.seal([message.phone_number_id, message.id], "receipt")

    async def open_partition(self, number: int) -> None:
        """Make sure that the partition's consumer groups exist."""
        for priority in range(keys.PRIORITIES):
            await ensure_group(self.redis, keys.inbox(number, priority), keys.WORKERS_GROUP)
        await self.redis.sadd(keys.FRESH, *self._streams(number))

    async def take(self, consumer: str, partitions: Sequence[int], room: int) -> list[Taken]:
        """New messages of the partitions that we hold, the most urgent first."""
        values: list[Argument] = [
            *(consumer, keys.WORKERS_GROUP, consumer, room),
            *(keys.session(""), keys.LEASE, keys.BELL, keys.INBOX),
            *partitions,
        ]
        rows = await self._scripts.call("take", [keys.RECEIPTS, keys.FRESH], values)
        return [_taken(row) for row in rows]

    async def claim(self, consumer: str, number: int) -> list[Taken]:
        """What the partition's last holder had in hand, in order."""
        rows = await self._scripts.call(
            "claim",
            [keys.lease(number), *self._streams(number)],
            [consumer, keys.WORKERS_GROUP, consumer, CLAIM_LIMIT, keys.session("")],
        )
        return [_taken(row) for row in rows]

    async def listen(self, partitions: Collection[int], seconds: float) -> None:
        """Wait until a message may have come in."""
        await self._ear.call("BLPOP", *map(keys.bell, partitions), str(seconds))

    def read(self, taken: Taken) -> InboundMessage:
        """The message itself. Raises Unsealable."""
        return InboundMessage.from_dict(self.vault.open(taken.body, taken.chat))

    async def finish(self, consumer: str, taken: Taken, outcome: Outcome) -> bool:
        """End the turn. False when the partition is another's by now, or the message was done
        before: then nothing of it counts."""
        part = taken.partition
        reply = outcome.reply
        reply_body = self.vault.seal(reply, reply.id) if reply else b""
        names = [
            keys.lease(part),
            taken.stream,
            keys.waiting(part),
            keys.TOTAL,
            keys.session(taken.chat),
            keys.outbound(part),
            keys.reply(reply.id if reply else ""),
            keys.DEAD,
            keys.outbound_bell(part),
            keys.FRESH_OUTBOUND,
            *map(keys.button, outcome.buttons),
            *map(keys.quoted, outcome.quoted),
        ]
        values: list[Argument] = [
            consumer,
            keys.WORKERS_GROUP,
            taken.id,
            taken.chat,
            outcome.session or b"",
            outcome.session_seconds,
            reply.id if reply else "",
            reply_body,
            REMEMBER,
            outcome.reason or "",
            taken.body if outcome.reason else b"",
            BUTTON_LIFE,
            reply.priority if reply else 1,
            *outcome.buttons.values(),
            *outcome.quoted.values(),
        ]
        return await self._scripts.call("finish", names, values) == 1

    async def meaning(self, chat: str, button: str) -> dict[str, Any] | None:
        """What a tapped button of this chat means; None when it is old or another chat's."""
        sealed = await self._wire.call("GET", keys.button(button)) if button else None
        if sealed is None:
            return None
        try:
            meaning: dict[str, Any] = self.vault.open(sealed, context(chat))
        except Unsealable:
            return None
        return meaning

    async def depth(self) -> list[int]:
        """Messages waiting or in hand, by priority."""
        pipeline = self.redis.pipeline(transaction=False)
        for priority in range(keys.PRIORITIES):
            for number in range(keys.PARTITIONS):
                pipeline.xlen(keys.inbox(number, priority))
        lengths = await pipeline.execute()
        count = keys.PARTITIONS
        return [sum(lengths[p * count : (p + 1) * count]) for p in range(keys.PRIORITIES)]

    @staticmethod
    def _streams(number: int) -> list[str]:
        return [keys.inbox(number, priority) for priority in range(keys.PRIORITIES)]


def in_time_order(messages: Sequence[InboundMessage]) -> list[InboundMessage]:
    """By Meta's time, in seconds; those of one second as they came."""
    return sorted(messages, key=_timestamp)


def _timestamp(message: InboundMessage) -> int:
    return message.timestamp


def _taken(row: list[Any]) -> Taken:
    stream, entry, chat, body, session, deliveries = row
    return Taken(stream.decode(), entry.decode(), chat.decode(), body, session, deliveries)


async def ensure_group(redis: Redis[bytes], stream: str, group: str) -> None:
    """Create the stream and its consumer group unless they exist."""
    try:
        await redis.xgroup_create(stream, group, id="0", mkstream=True)
    except ResponseError as error:
        if "BUSYGROUP" not in str(error):
            raise
