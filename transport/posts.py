"""Posts to one server, over connections that are kept.

Two posts are made for each message that comes in, a receipt and a reply, and WhatsApp makes one for
the message itself. aiohttp, which can do all that HTTP can, takes ten times as long over each as
sending and reading a few hundred bytes does.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urlsplit

from async_timeout import timeout
from httptools import HttpParserError, HttpResponseParser

MOST = 100
"""Connections at a time."""

CONNECT_SECONDS = 5.0

Answer = tuple[int, bytes]
"""Status and body."""


class NotSent(Exception):
    """There was no connection: nothing has left."""


class Unanswered(Exception):
    """No answer came that can be read: it may have arrived."""


class Poster:
    """Posts below one address ("https://graph.facebook.com/v25.0"), with the same headers."""

    def __init__(self, base: str, headers: Mapping[str, str], *, seconds: float) -> None:
        url = urlsplit(base)
        self._host, self._port = url.hostname or "", url.port
        self._tls = ssl.create_default_context() if url.scheme == "https" else None
        self._path = url.path.rstrip("/")
        self._headers = _lines({"Host": url.netloc, **headers})
        self._seconds = seconds
        self._room = asyncio.Semaphore(MOST)
        self._free: list[_Connection] = []

    async def post(
        self, path: str, body: bytes, *, headers: Mapping[str, str] = MappingProxyType({})
    ) -> Answer:
        """What the server answers. path: below the address, "" for itself. headers: of this post
        alone. Raises NotSent, Unanswered."""
        target = f"{self._path}/{quote(path)}" if path else self._path or "/"
        head = (
            f"POST {target} HTTP/1.1\r\n{self._headers}{_lines(headers)}"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        async with self._room:
            connection = self._kept() or await self._connect()
            try:
                answer = await connection.ask(head.encode() + body, self._seconds)
            except (OSError, HttpParserError, asyncio.TimeoutError) as error:
                raise Unanswered from error
            finally:
                if connection.is_idle:
                    self._free.append(connection)
                else:
                    connection.close()
            return answer

    def close(self) -> None:
        """Let go of the connections."""
        for connection in self._free:
            connection.close()

    def _kept(self) -> _Connection | None:
        while self._free:
            connection = self._free.pop()
            if connection.is_idle:
                return connection
        return None

    async def _connect(self) -> _Connection:
        port = self._port or (443 if self._tls else 80)
        loop = asyncio.get_running_loop()
        try:
            async with timeout(CONNECT_SECONDS):
                _, connection = await loop.create_connection(
                    _Connection, self._host, port, ssl=self._tls
                )
        except (OSError, asyncio.TimeoutError) as error:
            raise NotSent from error
        return connection


def _lines(headers: Mapping[str, str]) -> str:
    return "".join([f"{name}: {value}\r\n" for name, value in headers.items()])


class _Connection(asyncio.Protocol):
    """One post after the other. A connection whose answer was not read to its end is of no use."""

    def __init__(self) -> None:
        self.is_idle = True
        self._transport: Any = None
        self._answer: asyncio.Future[Answer] | None = None
        self._parser: Any = None
        self._body = b""

    async def ask(self, request: bytes, seconds: float) -> Answer:
        """Send a request, and wait for its answer. Raises TimeoutError."""
        self.is_idle = False
        self._body = b""
        self._parser = HttpResponseParser(self)
        loop = asyncio.get_running_loop()
        self._answer = loop.create_future()
        self._transport.write(request)
        late = loop.call_later(seconds, self._fail, asyncio.TimeoutError())
        try:
            return await self._answer
        finally:
            late.cancel()

    def close(self) -> None:
        """Hang up."""
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Of asyncio."""
        self._transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        """Of asyncio."""
        self.is_idle = False
        self._fail(error or ConnectionResetError())

    def data_received(self, data: bytes) -> None:
        """Of asyncio."""
        if self._parser is None:
            self.close()
            return
        try:
            self._parser.feed_data(data)
        except HttpParserError as error:
            self._fail(error)

    def on_body(self, data: bytes) -> None:
        """Of the parser: a piece of the answer."""
        self._body += data

    def on_message_complete(self) -> None:
        """Of the parser: the answer's end."""
        if self._answer is not None and not self._answer.done():
            self.is_idle = bool(self._parser.should_keep_alive())
            self._answer.set_result((self._parser.get_status_code(), self._body))
        self._parser = None

    def _fail(self, error: Exception) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)
