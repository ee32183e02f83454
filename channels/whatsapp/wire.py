"""One connection to Redis that all the calls of a process share.

redis-py takes a connection from its pool for each call, looks whether it is still good, and has it
wait for that one answer: several times the work that Redis has with the call. On a wire calls go
out one behind the other, and their answers come back in the same order.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from typing import Any

from async_timeout import timeout
from hiredis import pack_command
from redis.asyncio import Connection, Redis
from redis.exceptions import ConnectionError as LostConnection
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as NoAnswer

Argument = str | bytes | int
Command = tuple[Argument, ...]
Answer = asyncio.Future[Any]

PATIENCE = 15.0
"""Seconds without an answer after which a connection is given up."""


class Wire:
    """Calls to Redis on one connection, which is made when it is first needed.

    All of them wait behind one that blocks (BLPOP): that one needs a wire of its own.
    """

    def __init__(self, redis: Redis[bytes]) -> None:
        self._pool: Any = redis.connection_pool
        self._connection: Any = None
        self._opening = asyncio.Lock()
        self._waiting: deque[tuple[float, Answer]] = deque()
        self._listener: asyncio.Task[None] | None = None

    @classmethod
    def of(cls, redis: Redis[bytes]) -> Wire:
        """The wire that everybody who has this client shares."""
        wire: Wire = redis.__dict__.setdefault("_wire", cls(redis))
        return wire

    async def call(self, *command: Argument) -> Any:
        """What Redis answers. Like the clients of store.connect(), it tries a second time when the
        connection is lost. Raises what redis-py raises."""
        try:
            return await (await self._send([command]))[0]
        except LostConnection:
            return await (await self._send([command]))[0]

    async def call_all(self, commands: Sequence[Command]) -> list[Any]:
        """The answers to several calls, made one right after the other."""
        try:
            return await asyncio.gather(*await self._send(commands))
        except LostConnection:
            return await asyncio.gather(*await self._send(commands))

    async def _send(self, commands: Sequence[Command]) -> list[Answer]:
        if self._connection is None:
            await self._open()
        loop, now = asyncio.get_running_loop(), time.monotonic()
        answers = [loop.create_future() for _ in commands]
        self._waiting += [(now, answer) for answer in answers]
        packed = [pack_command(command) for command in commands]  # type: ignore[arg-type]
        self._connection._writer.write(b"".join(packed))
        return answers

    async def _open(self) -> None:
        async with self._opening:
            if self._connection is None:
                self._connection = await self._pool.get_connection("EVALSHA")
                self._listener = asyncio.create_task(self._listen(self._connection))

    async def _listen(self, connection: Connection) -> None:
        """Hand out the answers until the connection is lost; then whoever waits is told."""
        error: Exception = LostConnection("the connection was closed")
        try:
            while True:
                await self._read(connection)
        except (OSError, RedisError) as trouble:
            error = trouble if isinstance(trouble, RedisError) else LostConnection(str(trouble))
        finally:
            self._connection = None
            lost, self._waiting = self._waiting, deque()
            for _, answer in lost:
                if not answer.done():
                    answer.set_exception(error)
            await connection.disconnect(nowait=True)
            await self._pool.release(connection)

    async def _read(self, connection: Any) -> None:
        parser = connection._parser
        try:
            async with timeout(PATIENCE):
                await parser.read_from_socket()
        except asyncio.TimeoutError:
            if self._waiting and time.monotonic() - self._waiting[0][0] > PATIENCE:
                raise NoAnswer("Redis does not answer") from None
            return
        while (reply := parser._reader.gets()) is not False:
            _, answer = self._waiting.popleft()
            if answer.done():
                continue
            if isinstance(reply, Exception):
                answer.set_exception(reply)
            else:
                answer.set_result(reply)
