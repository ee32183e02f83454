"""Many calls on one connection: each gets its own answer, whatever becomes of the others."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from redis.exceptions import ConnectionError as LostConnection
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as NoAnswer

from channels.whatsapp import wire
from channels.whatsapp.store import OUTAGES, connect
from channels.whatsapp.wire import Wire


def on_wire(work: Callable[[Wire, Any], Awaitable[None]]) -> Callable[..., None]:
    """Run an async test with a wire to the empty Redis of the test, and a client beside it."""

    async def run(url: str) -> None:
        redis = connect(url)
        try:
            await work(Wire(redis), redis)
        finally:
            await redis.close()

    def test(stores: Any, redis: Any) -> None:
        asyncio.run(run(stores.redis))

    test.__name__ = work.__name__
    return test


@on_wire
async def test_everybody_gets_their_own_answer(line: Wire, redis: Any) -> None:
    answers = await asyncio.gather(*(line.call("ECHO", str(n)) for n in range(100)))
    assert answers == [str(n).encode() for n in range(100)]
    assert await line.call_all([("SET", "a", 1), ("GET", "a"), ("GET", "b")]) == [b"OK", b"1", None]
    assert await redis.get("a") == b"1"


@on_wire
async def test_an_error_is_its_callers_alone(line: Wire, redis: Any) -> None:
    wrong, right = line.call("NO SUCH COMMAND"), line.call("ECHO", "x")
    found = await asyncio.gather(wrong, right, return_exceptions=True)
    assert isinstance(found[0], ResponseError)
    assert found[1] == b"x"
    assert await redis.ping()
    with pytest.raises(ResponseError):
        await line.call_all([("ECHO", "x"), ("NO SUCH COMMAND",), ("NOR THIS",)])


@on_wire
async def test_a_lost_connection_is_made_anew(line: Wire, redis: Any) -> None:
    assert await line.call("ECHO", "before") == b"before"
    await redis.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    assert await line.call("ECHO", "after") == b"after"


@on_wire
async def test_who_waits_when_the_connection_is_lost_asks_again(line: Wire, redis: Any) -> None:
    waiting = asyncio.create_task(line.call("BLPOP", "bell", "120"))
    await until(lambda: blocked(redis))
    await redis.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    await until(lambda: blocked(redis))
    await redis.rpush("bell", "rings")
    assert await waiting == [b"bell", b"rings"]


@on_wire
async def test_the_answer_to_a_cancelled_call_is_nobodys(line: Wire, redis: Any) -> None:
    waiting = asyncio.create_task(line.call("BLPOP", "bell", "120"))
    await until(lambda: blocked(redis))
    waiting.cancel()
    asked = asyncio.create_task(line.call("ECHO", "mine"))
    await redis.rpush("bell", "rings")
    assert await asked == b"mine"


def test_redis_away_is_an_outage(tmp_path: Path) -> None:
    async def ask() -> None:
        await Wire(connect(f"unix://{tmp_path}/nobody.sock?db=0")).call("PING")

    with pytest.raises(LostConnection):
        asyncio.run(ask())
    assert issubclass(LostConnection, OUTAGES)
    assert issubclass(NoAnswer, OUTAGES)


def test_redis_that_says_nothing_is_given_up(
    stores: Any, redis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "PATIENCE", 0.1)

    async def ask() -> None:
        client = connect(stores.redis)
        line = Wire(client)
        with pytest.raises(NoAnswer):
            await line.call("BLPOP", "bell", "120")
        monkeypatch.setattr(wire, "PATIENCE", 60)
        assert await line.call("ECHO", "again") == b"again"
        await client.close()

    asyncio.run(ask())


async def blocked(redis: Any) -> bool:
    return bool((await redis.info("clients"))["blocked_clients"])


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(6_000):
        if await holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come to hold")
