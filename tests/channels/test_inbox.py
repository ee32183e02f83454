"""The inbox on a real Redis: once, in order, and never lost with the one who had it in hand."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.whatsapp import keys, quotes
from channels.whatsapp.crypto import Vault
from channels.whatsapp.inbox import Full, Inbox, Outcome, Put, Taken
from channels.whatsapp.leases import Leases, roll_call
from channels.whatsapp.messages import InboundMessage, MessageKind, Reply, Sender, Status
from channels.whatsapp.store import connect

VAULT = Vault("test")


def message(
    wamid: str, text: str = "hi", *, phone: str = "919000000001", kind: MessageKind = "text"
) -> InboundMessage:
    return InboundMessage(wamid, "1065", Sender(phone=phone), kind, 1, text)


@asynccontextmanager
async def inbox_at(url: str, **options: Any) -> AsyncIterator[Inbox]:
    redis = connect(url)
    try:
        yield Inbox(redis, VAULT, **options)
    finally:
        await redis.close()


async def holder(inbox: Inbox, name: str = "w1", *, lease_ms: int = 60_000) -> Leases:
    """A worker that holds all partitions."""
    leases = Leases(
        inbox.redis, key=keys.lease, roll=keys.WORKERS, consumer=name, lease_ms=lease_ms
    )
    for number in await leases.tick(about={}):
        await inbox.open_partition(number)
    return leases


async def forget_leases(inbox: Inbox) -> None:
    """As when their holders have been dead for long."""
    await inbox.redis.delete(*map(keys.lease, range(keys.PARTITIONS)), keys.WORKERS)


async def take(inbox: Inbox, leases: Leases, room: int = 10) -> list[Taken]:
    return await inbox.take(leases.consumer, sorted(leases.mine), room)


def on_redis(work: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Run an async test on the empty Redis of the test."""

    def test(stores: Any, redis: Any) -> None:
        asyncio.run(work(stores.redis))  # type: ignore[arg-type]

    test.__name__, test.__doc__ = work.__name__, work.__doc__
    return test


@on_redis
async def test_a_message_is_taken_once_by_its_id(url: str) -> None:
    async with inbox_at(url) as inbox:
        assert await inbox.put([message("a"), message("b"), message("a")]) == Put(2, 1)
        assert await inbox.put([message("b")]) == Put(0, 1)
        leases = await holder(inbox)
        assert [inbox.read(one).id for one in await take(inbox, leases)] == ["a", "b"]
        assert await take(inbox, leases) == []


@on_redis
async def test_the_same_post_many_times_at_once_is_taken_once(url: str) -> None:
    async with inbox_at(url) as inbox:
        posts = [[message(f"m{n}", phone=f"91{n}") for n in range(20)] for _ in range(30)]
        puts = await asyncio.gather(*map(inbox.put, posts))
        assert sum(put.taken for put in puts) == 20
        assert await inbox.depth() == [0, 20, 0, 0]


@on_redis
async def test_a_finished_turn_leaves_reply_session_and_button_and_no_message(url: str) -> None:
    async with inbox_at(url) as inbox:
        await inbox.put([message("a")])
        leases = await holder(inbox)
        (taken,) = await take(inbox, leases)
        assert taken.session is None
        reply = Reply("r1", "1065", Sender(phone="919000000001"), "hello")
        button = inbox.vault.seal({"payload": "/affirm"}, f"button:{taken.chat}")
        outcome = Outcome(session=b"state", reply=reply, buttons={"b1": button})

        assert await inbox.finish(leases.consumer, taken, outcome)

        assert await inbox.depth() == [0, 0, 0, 0]
        assert int(await inbox.redis.get(keys.TOTAL)) == 0
        assert await inbox.redis.exists(keys.waiting(taken.partition)) == 0
        ((_, sent),) = await inbox.redis.xrange(keys.outbound(taken.partition))
        assert Reply.from_dict(inbox.vault.open(sent[b"b"], "r1")) == reply
        assert await inbox.meaning(taken.chat, "b1") == {"payload": "/affirm"}
        await inbox.put([message("b")])
        (after,) = await take(inbox, leases)
        assert after.session == b"state"


@on_redis
async def test_what_a_message_spoke_of_is_known_in_its_own_chat(url: str) -> None:
    async with inbox_at(url) as inbox:
        await inbox.put([message("a")])
        leases = await holder(inbox)
        (taken,) = await take(inbox, leases)
        about = {"order": "0192", "customer": "0193"}
        sealed = quotes.seal(inbox.vault, about, taken.chat)
        outcome = Outcome(quoted={quotes.name_of(inbox.vault, "a"): sealed})
        assert await inbox.finish(leases.consumer, taken, outcome)

        known = quotes.Quotes(inbox.redis, inbox.vault)
        assert await known.about(taken.chat, "a") == about
        assert await known.about(taken.chat, "b") == {}
        assert await known.about(inbox.chat_of("1065", "919000000002"), "a") == {}


@on_redis
async def test_finishing_twice_sends_one_reply(url: str) -> None:
    async with inbox_at(url) as inbox:
        await inbox.put([message("a")])
        leases = await holder(inbox)
        (taken,) = await take(inbox, leases)
        outcome = Outcome(reply=Reply("r1", "1065", Sender(phone="9"), "hello"))
        for _ in range(2):
            await inbox.finish(leases.consumer, taken, outcome)
        assert await inbox.redis.xlen(keys.outbound(taken.partition)) == 1


@on_redis
async def test_what_a_dead_worker_had_in_hand_is_taken_over_first_and_its_ghost_changes_nothing(
    url: str,
) -> None:
    async with inbox_at(url) as inbox:
        await inbox.put([message("a"), message("b")])
        dead = await holder(inbox, "dead")
        (left,) = await take(inbox, dead, room=1)
        await forget_leases(inbox)
        heir = await holder(inbox, "heir")
        assert heir.mine == set(range(16))

        claimed = await inbox.claim("heir", left.partition)

        assert [inbox.read(one).id for one in claimed] == ["a"]
        assert claimed[0].deliveries == 2
        reply = Outcome(reply=Reply("r1", "1065", Sender(phone="9"), "hello"))
        assert not await inbox.finish("dead", left, reply)
        assert await take(inbox, dead) == []
        assert await inbox.finish("heir", claimed[0], reply)
        assert [inbox.read(one).id for one in await take(inbox, heir)] == ["b"]


@on_redis
async def test_urgent_chats_overtake_others(url: str) -> None:
    async with inbox_at(url) as inbox:
        kinds: list[MessageKind] = ["reaction", "location", "text", "choice"]
        for n, kind in enumerate(kinds):
            await inbox.put([message(f"m{n}", phone=f"9100{n}", kind=kind)])
        leases = await holder(inbox)
        taken = [inbox.read(one).kind for one in await take(inbox, leases)]
        assert taken == ["choice", "text", "location", "reaction"]


@on_redis
async def test_too_much_waiting_is_refused_until_there_is_room(url: str) -> None:
    async with inbox_at(url, bound=2) as inbox:
        await inbox.put([message("a"), message("b")])
        with pytest.raises(Full):
            await inbox.put([message("c")])
        assert await inbox.put([message("a")]) == Put(0, 1)
        leases = await holder(inbox)
        for taken in await take(inbox, leases):
            await inbox.finish(leases.consumer, taken, Outcome())
        assert await inbox.put([message("c")]) == Put(1, 0)


@on_redis
async def test_a_dead_letter_tells_why(url: str) -> None:
    async with inbox_at(url) as inbox:
        await inbox.put([message("a")])
        leases = await holder(inbox)
        (taken,) = await take(inbox, leases)
        await inbox.finish(leases.consumer, taken, Outcome(reason="RuntimeError"))
        ((_, letter),) = await inbox.redis.xrange(keys.DEAD)
        assert letter[b"reason"] == b"RuntimeError"
        assert inbox.vault.open(letter[b"b"], taken.chat)["id"] == "a"
        assert await inbox.depth() == [0, 0, 0, 0]


@on_redis
async def test_a_button_means_nothing_to_another_chat(url: str) -> None:
    async with inbox_at(url) as inbox:
        sealed = inbox.vault.seal({"payload": "/affirm"}, "button:chat-1")
        await inbox.redis.set(keys.button("b1"), sealed)
        assert await inbox.meaning("chat-1", "b1") == {"payload": "/affirm"}
        assert await inbox.meaning("chat-2", "b1") is None
        assert await inbox.meaning("chat-1", "b2") is None
        assert await inbox.meaning("chat-1", '/affirm{"x": 1}') is None


@on_redis
async def test_a_chat_stays_the_same_when_the_phone_number_is_hidden(url: str) -> None:
    async with inbox_at(url) as inbox:
        both = InboundMessage("a", "1065", Sender("919", "IN.1"), "text", 1)
        hidden = InboundMessage("b", "1065", Sender(None, "IN.1"), "text", 2)
        stranger = InboundMessage("c", "1065", Sender(None, "IN.2"), "text", 3)
        for one in (both, hidden, stranger):
            await inbox.put([one])
        leases = await holder(inbox)
        chats = {inbox.read(one).id: one.chat for one in await take(inbox, leases)}
        assert chats["a"] == chats["b"] == inbox.chat_of("1065", "919")
        assert chats["c"] != chats["a"]


@on_redis
async def test_nothing_in_redis_can_be_read(url: str) -> None:
    async with inbox_at(url) as inbox:
        secret = message("wamid.SECRETWORD", "SECRETWORD", phone="919876543210")
        await inbox.put([secret], [Status("wamid.SECRETWORD", "1065", "sent", 1)])
        leases = await holder(inbox)
        (taken,) = await take(inbox, leases)
        reply = Reply("r1", "1065", secret.sender, "SECRETWORD back")
        await inbox.finish(leases.consumer, taken, Outcome(reply=reply, reason="x"))
        for key in await inbox.redis.keys("*"):
            stored = key + (await inbox.redis.dump(key) or b"")
            assert b"SECRETWORD" not in stored
            assert b"9876543210" not in stored


@on_redis
async def test_two_workers_share(url: str) -> None:
    async with inbox_at(url) as inbox:
        first = await holder(inbox, "first")
        assert len(first.mine) == 16
        second = await holder(inbox, "second")
        await first.tick(about={"model": "m"})
        await second.tick(about={})
        assert (len(first.mine), len(second.mine)) == (8, 8)
        assert not first.mine & second.mine
        assert len(await roll_call(inbox.redis, keys.WORKERS, lease_ms=60_000)) == 2


@on_redis
async def test_whoever_shows_no_life_loses_all_to_the_survivor(url: str) -> None:
    async with inbox_at(url) as inbox:
        first = await holder(inbox, "first", lease_ms=1)
        assert len(first.mine) == 16
        long_ago = json.dumps({"at": time.time() - 61})
        await inbox.redis.hset(keys.WORKERS, "first", long_ago)
        second = await holder(inbox, "second")
        while len(second.mine) < 16:
            await second.tick(about={})
        await first.tick(about={})
        assert first.mine == set()


KINDS: list[MessageKind] = ["choice", "text", "location", "reaction"]
STEPS = st.lists(
    st.tuples(st.sampled_from(["put", "put", "take", "finish", "die"]), st.integers(0, 50)),
    min_size=5,
    max_size=60,
)


@settings(max_examples=40)
@given(steps=STEPS)
def test_a_chat_is_served_in_its_order_whatever_happens(
    stores: Any, redis: Any, steps: list[tuple[str, int]]
) -> None:
    """Five chats write with any urgency while workers take, finish and die; then all is drained."""
    redis.flushdb()
    asyncio.run(_serve_in_order(stores.redis, steps))


async def _serve_in_order(url: str, steps: list[tuple[str, int]]) -> None:
    async with inbox_at(url) as inbox:
        written: dict[str, list[str]] = {}
        served: dict[str, list[str]] = {}
        leases = await holder(inbox, "worker-0")
        hand: list[Taken] = []
        generation = 0

        async def finish(place: int) -> None:
            chats = list(dict.fromkeys(one.chat for one in hand))
            chat = chats[place % len(chats)]
            one = next(taken for taken in hand if taken.chat == chat)
            hand.remove(one)
            assert await inbox.finish(leases.consumer, one, Outcome())
            read = inbox.read(one)
            served.setdefault(read.sender.key, []).append(read.id)

        for at, (step, number) in enumerate(steps):
            if step == "put":
                phone, kind = f"9100000000{number % 5}", KINDS[number % 4]
                await inbox.put([message(f"m{at}", phone=phone, kind=kind)])
                written.setdefault(phone, []).append(f"m{at}")
            elif step == "take":
                hand += await take(inbox, leases, room=1 + number % 4)
            elif step == "finish" and hand:
                await finish(number)
            elif step == "die":
                generation += 1
                await forget_leases(inbox)
                leases = await holder(inbox, f"worker-{generation}")
                hand = [
                    one
                    for n in sorted(leases.mine)
                    for one in await inbox.claim(leases.consumer, n)
                ]
        while hand or (hand := await take(inbox, leases)):
            await finish(0)
        assert served == written
        assert int(await inbox.redis.get(keys.TOTAL) or 0) == 0
        assert await inbox.redis.keys("bahi:waiting:*") == []
