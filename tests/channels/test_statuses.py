"""What became of messages, between Redis and the database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from channels.whatsapp import keys, statuses
from channels.whatsapp.crypto import Vault
from channels.whatsapp.inbox import Inbox, ensure_group
from channels.whatsapp.messages import Status
from channels.whatsapp.metrics import TALLIES, Tally
from channels.whatsapp.outbox import Outbox
from channels.whatsapp.statuses import Statuses
from channels.whatsapp.store import connect
from erp_core.notifications.deliveries import deliveries_of
from erp_core.runtime import Bahi

Scene = Callable[[Statuses, Inbox, Tally], Awaitable[None]]


@pytest.fixture
def play(stores: Any, redis: Any, bahi: Bahi) -> Callable[[Scene], None]:
    """Run a test with one sender's share of the statuses."""

    async def whole(test: Scene) -> None:
        client, vault, tally = connect(stores.redis), Vault("k"), Tally()
        outbox, threads = Outbox(client, vault), ThreadPoolExecutor(1)
        await ensure_group(client, keys.STATUSES, keys.SENDERS_GROUP)
        share = Statuses(outbox, "one", bahi=bahi, threads=threads, tally=tally)
        await test(share, Inbox(client, vault), tally)
        await client.close()

    return lambda test: asyncio.run(whole(test))


def told(number: str, status: str = "sent") -> Status:
    return Status("w", number, status, 1, str(uuid4()))


def status_of(bahi: Bahi, business: int, status: Status) -> str | None:
    one = UUID(status.reference)
    with bahi.read(business) as reader:
        found = deliveries_of(reader, [one]).get(one)
    return found.status if found else None


def test_what_waits_for_the_database_is_heard_once(
    play: Any, bahi: Bahi, business: int, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statuses, "ORPHANED", 0)
    news = told(number)

    async def test(share: Statuses, inbox: Inbox, tally: Tally) -> None:
        await inbox.put([], [news])
        await share.hear()
        await share.reclaim()
        await share.write_down()
        await tally.flush(inbox.redis)
        assert await inbox.redis.hget(TALLIES, "bahi_statuses|status=sent") == b"1"
        assert await inbox.redis.xlen(keys.STATUSES) == 0

    play(test)
    assert status_of(bahi, business, news) == "sent"


def test_what_could_not_be_confirmed_comes_again(
    play: Any, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statuses, "ORPHANED", 0)
    news = told(number)

    async def test(share: Statuses, inbox: Inbox, _: Tally) -> None:
        outbox, confirm = share._outbox, share._outbox.confirm
        await inbox.put([], [news])
        await inbox.redis.set(keys.intent(str(news.reference)), "1")

        async def lost(_references: Any) -> None:
            raise ConnectionError

        monkeypatch.setattr(outbox, "confirm", lost)
        with pytest.raises(ConnectionError):
            await share.hear()
        await share.write_down()
        assert await inbox.redis.xlen(keys.STATUSES) == 1
        monkeypatch.setattr(outbox, "confirm", confirm)
        await share.reclaim()
        assert await outbox.confirmed(str(news.reference))

    play(test)


def test_a_status_that_cannot_be_kept_holds_up_no_other(
    play: Any, bahi: Bahi, business: int, number: str
) -> None:
    bad, good = replace(told(number), error_code=2**40), told(number, "read")

    async def test(share: Statuses, inbox: Inbox, _: Tally) -> None:
        for news in (bad, good):
            await inbox.put([], [news])
            await share.hear()
            await share.write_down()
        assert await inbox.redis.xlen(keys.STATUSES) == 0

    play(test)
    assert status_of(bahi, business, bad) is None
    assert status_of(bahi, business, good) == "read"
