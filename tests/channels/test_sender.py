"""The sender on a real Redis and a real database, against a Graph that misbehaves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from fake_graph import FakeGraph

from channels.whatsapp import attachments, departures, keys, sender
from channels.whatsapp.attachments import File
from channels.whatsapp.crypto import Vault
from channels.whatsapp.graph import GraphClient
from channels.whatsapp.inbox import Inbox
from channels.whatsapp.leases import Leases, consumer_name
from channels.whatsapp.media import MediaStore
from channels.whatsapp.messages import InboundMessage, Reply, Status
from channels.whatsapp.messages import Sender as Person
from channels.whatsapp.outbox import Outbox
from channels.whatsapp.phrases import DomainPhrases
from channels.whatsapp.quotes import Quotes
from channels.whatsapp.store import connect
from erp_core.journal.context import Context, Recipient
from erp_core.journal.outbox import OutboxRow
from erp_core.kernel.actor import SYSTEM
from erp_core.kernel.money import inr
from erp_core.kernel.settings import Settings
from erp_core.notifications.deliveries import deliveries_of
from erp_core.parties.service import add_customer
from erp_core.runtime import Bahi


def words(row: OutboxRow, _language: str) -> dict[str, Any]:
    """The words of a telling, from the test's own phrases."""
    facts = {"total": inr(row.facts["total_paise"])} if "total_paise" in row.facts else {}
    return PHRASES.render(row.response, "hinglish", **facts)


RAVI = Person(phone="919123456789")
PHRASES = DomainPhrases(
    {
        "utter_shipped": [
            {
                "text": "{total} is on its way",
                "buttons": [{"title": "Where?", "payload": "/order_status"}],
            }
        ],
        "utter_plain": [{"text": "x"}],
    }
)


class Desk:
    """A sender at work, and hands to give it something to send."""

    def __init__(self, work: sender.Sender, outbox: Outbox, inbox: Inbox, bahi: Bahi) -> None:
        self.work = work
        self.outbox = outbox
        self.inbox = inbox
        self.bahi = bahi

    async def wrote(self, number: str, person: Person = RAVI) -> None:
        """The person writes, which opens the 24 hours."""
        message = InboundMessage(f"wamid.{uuid4()}", number, person, "text", 1, "hi")
        await self.inbox.put([message])

    async def say(self, number: str, text: str, person: Person = RAVI, **more: Any) -> str:
        reply = Reply(str(uuid4()), number, person, text, **{"answers": True, **more})
        await self.outbox.hand_over(reply)
        return reply.id

    async def until(self, found: Callable[[], Any], seconds: float = 120.0) -> Any:
        for _ in range(int(seconds / 0.05)):
            value = found()
            if asyncio.iscoroutine(value):
                value = await value
            if value:
                return value
            await asyncio.sleep(0.05)
        raise AssertionError(f"not within {seconds} s")

    async def delivered(self, business: int, reply_id: str) -> str | None:
        with self.bahi.read(business) as reader:
            found = deliveries_of(reader, [UUID(reply_id)]).get(UUID(reply_id))
        return found.status if found else None


@pytest.fixture
def at_desk(
    stores: Any, redis: Any, bahi: Bahi, graph: FakeGraph, tmp_path: Path
) -> Callable[[Callable[[Desk], Awaitable[None]]], None]:
    """Run a test with a sender beside it."""
    settings = Settings.load(
        {
            "BAHI_DATA_DIR": str(tmp_path),
            "WHATSAPP_API_URL": graph.url,
            "REDIS_URL": stores.redis,
            "BAHI_SECRET_KEY": "k",
        }
    )

    @asynccontextmanager
    async def desk() -> AsyncIterator[Desk]:
        vault, client = Vault("k"), connect(stores.redis)
        outbox = Outbox(client, vault)
        calls = GraphClient(settings, timeout=60)
        work = sender.Sender(
            outbox=outbox,
            leases=Leases(
                client,
                key=keys.outbound_lease,
                roll=keys.SENDERS,
                consumer=consumer_name(),
                lease_ms=600_000,
            ),
            graph=calls,
            bahi=bahi,
            phrases=PHRASES,
            renders=lambda _reader, _shop: words,
            media=MediaStore(tmp_path / "media", vault),
            redis_url=stores.redis,
            threads=ThreadPoolExecutor(4),
        )
        task = asyncio.create_task(work.run())
        try:
            yield Desk(work, outbox, Inbox(client, vault), bahi)
        finally:
            work.stop()
            await task
            await calls.close()
            await client.close()

    def run(test: Callable[[Desk], Awaitable[None]]) -> None:
        async def whole() -> None:
            async with desk() as one:
                await test(one)

        asyncio.run(whole())

    return run


def test_replies_leave_in_order_and_their_statuses_are_joined_in_any_order(
    at_desk: Any, graph: FakeGraph, business: int, number: str
) -> None:
    async def test(desk: Desk) -> None:
        await desk.wrote(number)
        ids = [await desk.say(number, f"message {n}") for n in range(5)]
        await desk.until(lambda: len(graph.messages) == 5)
        assert graph.texts() == [f"message {n}" for n in range(5)]
        assert [m["biz_opaque_callback_data"] for m in graph.messages] == ids
        await desk.until(lambda: desk.delivered(business, ids[0]))
        news = [
            Status(
                "w", number, state, 1, ids[0], pricing_category="service", pricing_type="regular"
            )
            for state in ("read", "sent", "delivered")
        ]
        await desk.inbox.put([], news)
        await desk.inbox.put([], [Status("w", number, "failed", 1, ids[1], error_code=131026)])
        await desk.until(lambda: _is(desk, business, ids[0], "read"))
        await desk.until(lambda: _is(desk, business, ids[1], "failed"))
        assert await desk.delivered(business, ids[2]) == "accepted"
        await desk.until(lambda: _none_left(desk, keys.STATUSES))

    at_desk(test)


def test_what_a_message_spoke_of_is_kept_for_whoever_quotes_it(
    at_desk: Any, graph: FakeGraph, number: str
) -> None:
    async def test(desk: Desk) -> None:
        await desk.wrote(number)
        await desk.say(number, "booked", about={"order": "0192"})
        await desk.say(number, "hello")
        await desk.until(lambda: len(graph.messages) == 2)
        chat = desk.inbox.chat_of(number, RAVI.key)
        known = Quotes(desk.outbox.redis, desk.outbox.vault)
        booked, hello = "wamid.out1", "wamid.out2"

        async def is_known() -> bool:
            return await known.about(chat, booked) == {"order": "0192"}

        await desk.until(is_known)
        assert await known.about(chat, hello) == {}

    at_desk(test)


def test_of_an_answer_in_several_messages_each_may_be_quoted(
    at_desk: Any, graph: FakeGraph, number: str
) -> None:
    async def test(desk: Desk) -> None:
        await desk.wrote(number)
        await desk.say(number, "a line of a long list\n" * 300, about={"order": "0192"})
        await desk.until(lambda: len(graph.messages) == 2)
        chat = desk.inbox.chat_of(number, RAVI.key)
        known = Quotes(desk.outbox.redis, desk.outbox.vault)
        for wamid in ("wamid.out1", "wamid.out2"):

            async def is_known(wamid: str = wamid) -> bool:
                return await known.about(chat, wamid) == {"order": "0192"}

            await desk.until(is_known)

    at_desk(test)


async def _none_left(desk: Desk, stream: str) -> bool:
    return await desk.outbox.redis.xlen(stream) == 0


async def _is(desk: Desk, business: int, reply_id: str, status: str) -> bool:
    return await desk.delivered(business, reply_id) == status


def test_throttling_and_failures_pass_and_the_order_stays(
    at_desk: Any, graph: FakeGraph, number: str
) -> None:
    graph.fail(130429, 429, times=2)
    graph.fail(131000, 500)

    async def test(desk: Desk) -> None:
        await desk.wrote(number)
        for n in range(3):
            await desk.say(number, str(n))
        await desk.until(lambda: len(graph.messages) == 3)
        assert graph.texts() == ["0", "1", "2"]

    at_desk(test)


def test_nothing_overtakes_a_message_whose_sending_broke_off(
    at_desk: Any, graph: FakeGraph, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode, broken = sender.encode, iter([True])

    def breaks_once(*arguments: Any) -> Any:
        if next(broken, False):
            raise RuntimeError
        return encode(*arguments)

    monkeypatch.setattr(sender, "encode", breaks_once)

    async def test(desk: Desk) -> None:
        await desk.wrote(number)
        await desk.say(number, "0")
        await asyncio.sleep(0.2)
        await desk.say(number, "1")
        await desk.until(lambda: len(graph.messages) == 2)
        assert graph.texts() == ["0", "1"]

    at_desk(test)


def test_a_mistake_of_ours_is_put_aside_and_the_next_goes_on(
    at_desk: Any, graph: FakeGraph, business: int, number: str
) -> None:
    graph.fail(131009)

    async def test(desk: Desk) -> None:
        await desk.wrote(number)
        bad = await desk.say(number, "bad")
        await desk.say(number, "good")
        await desk.until(lambda: graph.texts() == ["good"])
        await desk.until(lambda: _is(desk, business, bad, "failed"))
        ((_, letter),) = await desk.outbox.redis.xrange(keys.DEAD)
        assert letter[b"reason"] == b"refused"

    at_desk(test)


def test_a_lost_answer_is_not_sent_again_when_a_status_tells_that_it_arrived(
    at_desk: Any, graph: FakeGraph, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(departures, "RECONCILE", 600.0)
    graph.fail(None, 504, take=True)

    async def test(desk: Desk) -> None:
        await desk.wrote(number)
        sent = await desk.say(number, "once")
        await desk.until(lambda: graph.messages)
        await desk.inbox.put([], [Status("w", number, "sent", 1, sent)])
        await desk.say(number, "next")
        await desk.until(lambda: len(graph.messages) == 2)
        assert graph.texts() == ["once", "next"]

    at_desk(test)


def test_a_post_that_never_arrived_is_made_again(
    at_desk: Any, graph: FakeGraph, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(departures, "RECONCILE", 0.3)
    graph.fail(None, 504)

    async def test(desk: Desk) -> None:
        await desk.wrote(number)
        await desk.say(number, "again")
        await desk.until(lambda: graph.texts() == ["again"])

    at_desk(test)


def test_outside_the_24_hours_a_message_waits_for_its_reader(
    at_desk: Any, graph: FakeGraph, number: str
) -> None:
    async def test(desk: Desk) -> None:
        await desk.say(number, "first")
        await desk.say(number, "second")
        pair = desk.inbox.pairs_of(number, RAVI)[0]
        await desk.until(lambda: _parked(desk, pair, 2))
        assert graph.messages == []
        await desk.wrote(number)
        await desk.until(lambda: len(graph.messages) == 2)
        assert graph.texts() == ["first", "second"]

    at_desk(test)


def test_graph_knows_better_when_the_24_hours_are_over(
    at_desk: Any, graph: FakeGraph, number: str
) -> None:
    graph.fail(131047)

    async def test(desk: Desk) -> None:
        await desk.wrote(number)
        await desk.say(number, "late")
        pair = desk.inbox.pairs_of(number, RAVI)[0]
        await desk.until(lambda: _parked(desk, pair, 1))
        await asyncio.sleep(1.5)
        assert graph.messages == []
        await desk.wrote(number)
        await desk.until(lambda: graph.texts() == ["late"])

    at_desk(test)


async def _parked(desk: Desk, pair: str, count: int) -> bool:
    return await desk.outbox.redis.llen(keys.parked(pair)) == count


def test_one_person_gets_a_burst_and_then_one_at_a_time(
    at_desk: Any, graph: FakeGraph, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(departures, "PAIR_LIMIT", (1_000_000, 3))

    async def test(desk: Desk) -> None:
        await desk.wrote(number)
        began = time.monotonic()
        for n in range(5):
            await desk.say(number, str(n))
        await desk.until(lambda: len(graph.messages) == 5)
        assert graph.texts() == ["0", "1", "2", "3", "4"]
        assert graph.times[4] - began >= 1.9

    at_desk(test)


def test_who_has_had_too_much_holds_nobody_else_up(
    at_desk: Any, graph: FakeGraph, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(departures, "PAIR_LIMIT", (600_000_000, 3))
    other = Person(phone="919000000002")

    async def test(desk: Desk) -> None:
        await desk.wrote(number)
        await desk.wrote(number, other)
        for n in range(5):
            await desk.say(number, str(n))
        await desk.say(number, "other", other)
        await desk.until(lambda: len(graph.messages) == 4)
        assert graph.texts(RAVI.phone) == ["0", "1", "2"]
        assert "other" in graph.texts()

    at_desk(test)


def test_an_answer_waits_for_no_notification(
    at_desk: Any, graph: FakeGraph, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(departures, "PAIR_LIMIT", (600_000_000, departures.FOR_ANSWERS + 2))

    async def test(desk: Desk) -> None:
        await desk.wrote(number)
        for n in range(4):
            await desk.say(number, f"notification {n}", answers=False)
        await desk.until(lambda: len(graph.messages) == 2)
        for n in range(departures.FOR_ANSWERS):
            await desk.say(number, f"answer {n}")
        await desk.until(lambda: len(graph.messages) == 2 + departures.FOR_ANSWERS)
        answers = [f"answer {n}" for n in range(departures.FOR_ANSWERS)]
        assert graph.texts() == ["notification 0", "notification 1", *answers]

    at_desk(test)


def test_a_number_keeps_to_its_rate(
    at_desk: Any, graph: FakeGraph, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(departures, "NUMBER_LIMIT", (50_000, 1))
    people = [Person(phone=f"91900000{n:04}") for n in range(20)]

    async def test(desk: Desk) -> None:
        began = time.monotonic()
        for person in people:
            await desk.wrote(number, person)
            await desk.say(number, "hi", person)
        await desk.until(lambda: len(graph.messages) == 20)
        assert graph.times[-1] - began >= 0.9

    at_desk(test)


def test_a_file_is_made_and_uploaded_when_its_reply_leaves(
    at_desk: Any, graph: FakeGraph, business: int, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pdf = File("document", b"%PDF", "application/pdf", "INV-1.pdf")
    monkeypatch.setitem(attachments.MAKERS, "test", lambda *_: pdf)

    async def test(desk: Desk) -> None:
        await desk.wrote(number)
        reference = {"kind": "test", "id": "1"}
        await desk.say(number, "Bill", attachment=reference, business_id=business)
        await desk.say(number, "No bill", attachment={"kind": "?"}, business_id=business)
        await desk.until(lambda: len(graph.messages) == 2)
        assert graph.uploads == [b"%PDF"]
        assert graph.messages[0]["document"] == {
            "id": "media1",
            "filename": "INV-1.pdf",
            "caption": "Bill",
        }
        assert graph.messages[1]["text"]["body"] == "No bill"

    at_desk(test)


def test_a_second_file_follows_in_a_message_of_its_own(
    at_desk: Any, graph: FakeGraph, business: int, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def made(_: Any, reference: dict[str, Any], *__: Any) -> File:
        return File("document", b"%PDF", "application/pdf", f"{reference['id']}.pdf")

    monkeypatch.setitem(attachments.MAKERS, "test", made)

    async def test(desk: Desk) -> None:
        await desk.wrote(number)
        first, second, bad = (
            {"kind": "test", "id": "1"},
            {"kind": "test", "id": "2"},
            {"kind": "?"},
        )
        await desk.say(number, "Both", attachment=first, more=(bad, second), business_id=business)
        await desk.say(number, "Next", business_id=business)
        await desk.until(lambda: len(graph.messages) == 3)
        names = [one.get("document", {}).get("filename") for one in graph.messages]
        assert names == ["1.pdf", "2.pdf", None]
        assert "caption" not in graph.messages[1]["document"]

    at_desk(test)


def test_what_a_command_tells_leaves_once_and_what_has_no_words_waits(
    at_desk: Any, graph: FakeGraph, bahi: Bahi, business: int, number: str
) -> None:
    added = bahi.run(
        business, SYSTEM, "c1", add_customer, name="Ravi Kumar", phone=f"+{RAVI.phone}"
    )
    customer_id = UUID(added["customer_id"])

    def ship(ctx: Context) -> dict[str, Any]:
        to = Recipient("customer", customer_id)
        facts = {"customer_id": str(customer_id), "total_paise": 18_856_400}
        ctx.tell("utter_shipped", to=to, facts=facts)
        ctx.tell("utter_missing", to=to)
        return {}

    async def test(desk: Desk) -> None:
        await desk.wrote(number)
        bahi.run(business, SYSTEM, "s1", ship)
        await desk.until(lambda: graph.messages)
        button = graph.messages[0]["interactive"]["action"]["buttons"][0]["reply"]["id"]
        chat = desk.inbox.chat_of(number, RAVI.key)
        assert await desk.inbox.meaning(chat, button) == {"payload": "/order_status"}
        await asyncio.sleep(1)
        assert graph.texts() == ["₹1,88,564 is on its way"]

    at_desk(test)
