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

from hiredis import pack_command
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as LostConnection
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
        self._line: _Line | None = None
        self._opening = asyncio.Lock()

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
        line = self._line
        if line is None or line.is_lost:
            line = await self._open()
        return line.send(commands)

    async def _open(self) -> _Line:
        async with self._opening:
            if self._line is not None and self._line.is_lost:
                connection, self._line = self._line.connection, None
                await connection.disconnect(nowait=True)
                await self._pool.release(connection)
            if self._line is None:
                self._line = _Line(await self._pool.get_connection("EVALSHA"))
            return self._line


class _Line(asyncio.Protocol):
    """A connection of redis-py's, which has made it and logged in, with the answers read as they
    come in: no task waits for them, and no timer is set for each."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.is_lost = False
        self._reader = connection._parser._reader
        self._transport = connection._writer.transport
        self._before = self._transport.get_protocol()
        self._waiting: deque[tuple[float, Answer]] = deque()
        self._transport.set_protocol(self)
        self._watch()

    def send(self, commands: Sequence[Command]) -> list[Answer]:
        """Ask; the answers come in this order."""
        loop, now = asyncio.get_running_loop(), time.monotonic()
        answers = [loop.create_future() for _ in commands]
        self._waiting += [(now, answer) for answer in answers]
        packed = [pack_command(command) for command in commands]  # type: ignore[arg-type]
        self._transport.write(b"".join(packed))
        return answers

    def data_received(self, data: bytes) -> None:
        """Of asyncio: hand out the answers."""
        self._reader.feed(data)
        while (reply := self._reader.gets()) is not False:
            _, answer = self._waiting.popleft()
            if answer.done():
                continue
            if isinstance(reply, Exception):
                answer.set_exception(reply)
            else:
                answer.set_result(reply)

    def connection_lost(self, error: Exception | None) -> None:
        """Of asyncio: whoever waits is told."""
        self._lose(LostConnection(str(error or "the connection was closed")))
        self._before.connection_lost(error)

    def _watch(self) -> None:
        if self.is_lost:
            return
        if self._waiting and time.monotonic() - self._waiting[0][0] > PATIENCE:
            self._lose(NoAnswer("Redis does not answer"))
            self._transport.abort()
            return
        asyncio.get_running_loop().call_later(PATIENCE, self._watch)

    def _lose(self, error: Exception) -> None:
        self.is_lost = True
        lost, self._waiting = self._waiting, deque()
        for _, answer in lost:
            if not answer.done():
                answer.set_exception(error)
