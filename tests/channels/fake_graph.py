"""A Graph API that takes everything and remembers it, and can be told to misbehave."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

from aiohttp import web

Answer = tuple[int, dict[str, Any]]


class FakeGraph:
    """Runs in a thread. `messages` holds what was taken, `reads` receipts, `uploads` files."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.times: list[float] = []
        self.reads: list[str] = []
        self.uploads: list[bytes] = []
        self.files: dict[str, bytes] = {}
        self.faults: list[Callable[[dict[str, Any]], Answer | None]] = []
        self._ids = itertools.count(1)
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> FakeGraph:
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def texts(self, to: str | None = None) -> list[str]:
        """The words of the messages to somebody, in order."""
        return [words(m) for m in self.messages if to is None or m.get("to") == f"+{to}"]

    def fail(
        self, code: int | None, status: int = 400, *, times: int = 1, take: bool = False
    ) -> None:
        """Answer the next messages with an error; with `take`, after taking them all the same."""

        def fault(message: dict[str, Any]) -> Answer:
            if take:
                self._take(message)
            return status, {"error": {"code": code}} if code is not None else {}

        self.faults += [fault] * times

    def _take(self, message: dict[str, Any]) -> str:
        self.messages.append(message)
        self.times.append(time.monotonic())
        return f"wamid.out{next(self._ids)}"

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._start())
        self._loop.run_forever()

    async def _start(self) -> None:
        app = web.Application()
        app.add_routes(
            [
                web.post("/v25.0/{number}/messages", self._send),
                web.post("/v25.0/{number}/media", self._upload),
                web.get("/v25.0/{media}", self._describe),
                web.get("/file/{media}", self._download),
            ]
        )
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = site._server.sockets[0].getsockname()[:2]  # type: ignore[union-attr]
        self.url = f"http://{host}:{port}"
        self._ready.set()

    async def _send(self, request: web.Request) -> web.Response:
        message = await request.json()
        if message.get("status") == "read":
            self.reads.append(message["message_id"])
            return web.json_response({"success": True})
        if self.faults:
            status, answer = self.faults.pop(0)(message)
            return web.json_response(answer, status=status)
        return web.json_response({"messages": [{"id": self._take(message)}]})

    async def _upload(self, request: web.Request) -> web.Response:
        form = await request.post()
        self.uploads.append(form["file"].file.read())  # type: ignore[union-attr]
        return web.json_response({"id": f"media{len(self.uploads)}"})

    async def _describe(self, request: web.Request) -> web.Response:
        media = request.match_info["media"]
        if media not in self.files:
            return web.json_response({"error": {"code": 100}}, status=404)
        return web.json_response({"url": f"{self.url}/file/{media}", "mime_type": "image/jpeg"})

    async def _download(self, request: web.Request) -> web.Response:
        return web.Response(body=self.files[request.match_info["media"]])


def words(message: dict[str, Any]) -> str:
    """What a message says."""
    kind = message["type"]
    if kind == "text":
        return str(message["text"]["body"])
    if kind == "interactive":
        return str(message["interactive"]["body"]["text"])
    return str(message[kind].get("caption", ""))
