"""A worker on a real Redis: what it has in hand is of the chat as it stands, in order."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

import pytest
from test_inbox import VAULT, message, on_redis

from channels.whatsapp import keys
from channels.whatsapp.inbox import Inbox, Outcome, Taken
from channels.whatsapp.leases import Leases
from channels.whatsapp.metrics import Tally
from channels.whatsapp.serving import Worker
from channels.whatsapp.store import connect


class SlowInbox(Inbox):
    """An inbox whose answers can be held back on their way."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.gate = asyncio.Event()
        self.gate.set()
        self.answers = 0

    async def take(self, *arguments: Any) -> list[Taken]:
        rows = await super().take(*arguments)
        if rows:
            self.answers += 1
            await self.gate.wait()
        return rows


class Counting(Worker):
    """A worker whose turns count the messages of a chat; each waits for its turn to be let go."""

    def __init__(self, inbox: SlowInbox, leases: Leases) -> None:
        class Models:
            about: ClassVar[dict[str, str]] = {}

        with_nothing: dict[str, Any] = {
            "turns": None,
            "bahi": None,
            "threads": ThreadPoolExecutor(1),
        }
        super().__init__(
            inbox=inbox,
            leases=leases,
            models=Models(),
            tally=Tally(),
            **with_nothing,  # type: ignore[arg-type]
        )
        self.counted: list[tuple[str, int]] = []
        self.let_go = asyncio.Semaphore(0)

    async def _outcome(self, taken: Taken, session: bytes | None) -> Outcome:
        count = int(session or 0) + 1
        self.counted.append((self._inbox.read(taken).id, count))
        await self.let_go.acquire()
        return Outcome(session=str(count).encode())


class Work:
    """A worker at work, and what is needed to see it."""

    def __init__(self, url: str) -> None:
        self.redis = connect(url)
        self.inbox = SlowInbox(self.redis, VAULT)
        self.leases = Leases(
            self.redis, key=keys.lease, roll=keys.WORKERS, consumer="w1", lease_ms=600_000
        )
        self.worker = Counting(self.inbox, self.leases)
        self.chat = self.inbox.chat_of("1065", "919000000001")
        self.lease = keys.lease(keys.partition(self.chat))

    async def __aenter__(self) -> Work:
        self._task = asyncio.create_task(self.worker.run())
        await self.until(lambda: len(self.leases.ready) == keys.PARTITIONS)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.worker.stop()
        await self._task
        await self.redis.close()

    async def until(self, done: Any) -> None:
        for _ in range(6_000):
            if done():
                return
            await asyncio.sleep(0.01)
        pytest.fail("it did not come to be")

    async def session(self) -> bytes | None:
        return await self.redis.get(keys.session(self.chat))


@on_redis
async def test_a_message_that_was_on_its_way_while_a_turn_ended_sees_what_the_turn_left(
    url: str,
) -> None:
    async with Work(url) as work:
        await work.inbox.put([message("a")])
        await work.until(lambda: work.worker.counted == [("a", 1)])
        work.inbox.gate.clear()
        await work.inbox.put([message("b")])
        await work.until(lambda: work.inbox.answers == 2)

        work.worker.let_go.release()
        await work.until(lambda: not work.worker._queues)
        work.inbox.gate.set()

        await work.until(lambda: len(work.worker.counted) == 2)
        work.worker.let_go.release()
        assert work.worker.counted == [("a", 1), ("b", 2)]


@on_redis
async def test_a_turn_that_lost_its_lease_runs_again_before_what_came_after_it(url: str) -> None:
    async with Work(url) as work:
        await work.inbox.put([message("a"), message("b")])
        await work.until(lambda: work.worker.counted == [("a", 1)])
        await work.redis.delete(work.lease)

        work.worker.let_go.release()
        await work.until(lambda: len(work.worker.counted) == 2)
        for _ in range(2):
            work.worker.let_go.release()
        await work.until(lambda: not work.worker._queues)

        assert work.worker.counted == [("a", 1), ("a", 1), ("b", 2)]
        assert await work.session() == b"2"
        assert await work.inbox.depth() == [0, 0, 0, 0]
