"""Everything the simulator knows: shops, people, chats and files. In memory, and bounded."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from simulator.clock import TurnableClock
from simulator.events import Events
from simulator.faults import Faults
from simulator.media import MediaShelf
from simulator.rates import WINDOW_SECONDS, Buckets, Limits
from simulator.shops import GUEST, Person, Shop

MOST_CHATS = 20_000
MOST_MESSAGES = 500
MOST_TRACES = 2_000
MOST_PEOPLE = 50_000
STATUS_RANK = {"accepted": 0, "sent": 1, "delivered": 2, "read": 3, "played": 4}

Message = dict[str, Any]
ChatKey = tuple[str, str]


@dataclass
class Chat:
    """One person's conversation with one business number, oldest message first."""

    phone_number_id: str
    phone: str
    messages: deque[Message] = field(default_factory=deque)
    last_seq: int = 0
    last_inbound: float | None = None
    typing_until: float = 0.0
    unread: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """Let those who wait for this chat look again."""
        self.changed.set()
        self.changed = asyncio.Event()

    def after(self, mark: str | int, by: str | None = None) -> list[Message]:
        """The messages after a sequence number or a message id."""
        start = self._seq(mark)
        return [m for m in self.messages if m["seq"] > start and (by is None or m["by"] == by)]

    def _seq(self, mark: str | int) -> int:
        if isinstance(mark, int) or mark.isdecimal():
            return int(mark)
        return next((int(m["seq"]) for m in self.messages if m["id"] == mark), 0)


class World:
    """The state of the simulator."""

    def __init__(self, clock: TurnableClock) -> None:
        self.clock = clock
        self.events = Events()
        self.faults = Faults()
        self.limits = Limits()
        self.buckets = Buckets()
        self.media = MediaShelf()
        self.shops: dict[str, Shop] = {}
        self.people: dict[str, Person] = {}
        self.templates: dict[str, dict[str, Any]] = {}
        self._user_ids: dict[str, str] = {}
        self._chats: OrderedDict[ChatKey, Chat] = OrderedDict()
        self._by_id: dict[str, tuple[ChatKey, Message]] = {}
        self._traces: OrderedDict[str, dict[str, Any]] = OrderedDict()

    def add_shop(self, shop: Shop, people: list[Person]) -> None:
        """Take in a shop and its people; known ones are replaced."""
        self.shops[shop.phone_number_id] = shop
        for person in people:
            self.add_person(person)

    def shop(self, phone_number_id: str) -> Shop:
        """The shop of a number; an unknown number becomes a shop without a name."""
        if phone_number_id not in self.shops:
            self.shops[phone_number_id] = Shop(phone_number_id, phone_number_id)
        return self.shops[phone_number_id]

    def add_person(self, person: Person) -> Person:
        """Take in a person, by phone."""
        self.people[person.phone] = person
        self._user_ids[person.user_id] = person.phone
        if len(self.people) > MOST_PEOPLE:
            self._forget_a_stranger()
        self.events.tell("person", person=person.shown())
        return person

    def person(self, phone: str, *, home: str | None = None) -> Person:
        """The person with a phone; an unknown phone is a guest's."""
        return self.people.get(phone) or self.add_person(Person(phone, "", home=home))

    def phone_of(self, user_id: str) -> str | None:
        """The phone behind a business-scoped user id."""
        return self._user_ids.get(user_id)

    def chat(self, phone_number_id: str, phone: str) -> Chat:
        """The conversation of a pair, begun if need be."""
        key = (phone_number_id, phone)
        chat = self._chats.get(key)
        if chat is None:
            chat = self._chats[key] = Chat(phone_number_id, phone)
            self._make_room()
        self._chats.move_to_end(key)
        return chat

    def chats(self) -> Iterator[Chat]:
        """All conversations, the least used first."""
        yield from self._chats.values()

    def add_message(self, chat: Chat, message: Message) -> Message:
        """Append a message {id, by, type, …} and tell everybody who waits for it."""
        chat.last_seq += 1
        now = self.clock.now()
        message.update(
            seq=chat.last_seq,
            phone_number_id=chat.phone_number_id,
            phone=chat.phone,
            timestamp=int(now.timestamp()),
            at=now.isoformat(timespec="milliseconds"),
            reactions={},
        )
        if message["by"] == "person":
            chat.last_inbound = now.timestamp()
            chat.unread = 0
        else:
            chat.unread += 1
            chat.typing_until = 0.0
        chat.messages.append(message)
        self._by_id[message["id"]] = ((chat.phone_number_id, chat.phone), message)
        if len(chat.messages) > MOST_MESSAGES:
            self._by_id.pop(chat.messages.popleft()["id"], None)
        self.events.tell("message", message=message, unread=chat.unread)
        chat.wake()
        return message

    def message(self, wamid: str) -> tuple[Chat, Message] | None:
        """A message and its conversation, by id."""
        found = self._by_id.get(wamid)
        if not found or found[0] not in self._chats:
            return None
        return self._chats[found[0]], found[1]

    def set_status(
        self, message: Message, status: str, error: dict[str, Any] | None = None
    ) -> bool:
        """Raise a message's status; False if it already stands as high. Failure is final."""
        old = message.get("status", "accepted")
        if old == "failed":
            return False
        if status != "failed" and STATUS_RANK[status] <= STATUS_RANK[old]:
            return False
        message["status"] = status
        if error:
            message["error"] = error
        self.events.tell(
            "status",
            phone_number_id=message["phone_number_id"],
            phone=message["phone"],
            id=message["id"],
            status=status,
            error=error,
        )
        return True

    def set_typing(self, chat: Chat, seconds: float) -> None:
        """Show "typing…" for a while, or until the next message."""
        chat.typing_until = self.clock.seconds() + seconds
        self.events.tell(
            "typing", phone_number_id=chat.phone_number_id, phone=chat.phone, seconds=seconds
        )

    def react(self, message: Message, by: str, emoji: str) -> None:
        """Put a reaction on a message, or take it away with an empty emoji."""
        message["reactions"].pop(by, None)
        if emoji:
            message["reactions"][by] = emoji
        self.events.tell(
            "reaction",
            phone_number_id=message["phone_number_id"],
            phone=message["phone"],
            id=message["id"],
            reactions=message["reactions"],
        )

    def window_is_open(self, chat: Chat) -> bool:
        """Whether the person wrote within the last 24 hours."""
        return (
            chat.last_inbound is not None
            and self.clock.seconds() - chat.last_inbound < WINDOW_SECONDS
        )

    def add_trace(self, wamid: str, trace: dict[str, Any]) -> None:
        """Keep what happened underneath a message."""
        self._traces[wamid] = trace
        if len(self._traces) > MOST_TRACES:
            self._traces.popitem(last=False)
        self.events.tell("trace", wamid=wamid, trace=trace)

    def trace(self, wamid: str) -> dict[str, Any] | None:
        """What happened underneath a message, if it was told."""
        return self._traces.get(wamid)

    def forget_conversations(self) -> None:
        """Empty every chat and undo every fault, limit and clock change; people stay."""
        for chat in self._chats.values():
            chat.wake()
        self._chats.clear()
        self._by_id.clear()
        self._traces.clear()
        self.media.clear()
        self.buckets.clear()
        self.faults, self.limits = Faults(), Limits()
        self.clock.reset()
        self.events.tell("reset")

    def _forget_a_stranger(self) -> None:
        oldest = next((p for p in self.people.values() if p.role == GUEST), None)
        if oldest:
            del self.people[oldest.phone]
            self._user_ids.pop(oldest.user_id, None)

    def _make_room(self) -> None:
        while len(self._chats) > MOST_CHATS:
            _, oldest = self._chats.popitem(last=False)
            for message in oldest.messages:
                self._by_id.pop(message["id"], None)
