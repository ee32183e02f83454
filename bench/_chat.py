"""Both ends of WhatsApp for a benchmark: signed posts in, and a Graph API that only listens."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from itertools import count
from typing import Any

from aiohttp import web

from channels.whatsapp.signature import HEADER, sign

WEBHOOK = "/webhooks/whatsapp/webhook"
NUMBER = "1065"
SECRETS = {
    "WHATSAPP_APP_SECRET": "bench-app-secret",
    "WHATSAPP_VERIFY_TOKEN": "bench-verify-token",
    "WHATSAPP_ACCESS_TOKEN": "bench-access-token",
    "BAHI_SECRET_KEY": "bench-secret-key-bench-secret-key",
}

_numbers = count(1)


def envelope(phone: str, text: str) -> bytes:
    """One text message as Meta posts it."""
    return _posted(phone, {"type": "text", "text": {"body": text}})


def photo(phone: str, media: str) -> bytes:
    """A photo as Meta posts it; the Graph API holds the file."""
    return _posted(phone, {"type": "image", "image": {"id": media, "mime_type": "image/jpeg"}})


def _posted(phone: str, content: Mapping[str, Any]) -> bytes:
    message = {
        "from": phone,
        "id": f"wamid.BENCH{next(_numbers):012d}",
        "timestamp": str(int(time.time())),
        **content,
    }
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "911140000000", "phone_number_id": NUMBER},
        "contacts": [{"profile": {"name": "Bench"}, "wa_id": phone}],
        "messages": [message],
    }
    change = {"field": "messages", "value": value}
    post = {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}
    return json.dumps(post).encode()


def headers(body: bytes) -> dict[str, str]:
    """The headers of a signed post."""
    return {
        "Content-Type": "application/json",
        HEADER: sign(SECRETS["WHATSAPP_APP_SECRET"], body),
    }


def phone_of(number: int) -> str:
    """The phone of the n-th person who writes."""
    return f"9199{number:08d}"


@contextlib.asynccontextmanager
async def graph(
    port: int,
    said: Callable[[str, Mapping[str, Any]], None],
    photos: Mapping[str, bytes] | None = None,
) -> AsyncIterator[None]:
    """A Graph API that takes everything, tells of each message, said(to, payload), and holds
    photos by their media ids."""

    async def messages(request: web.Request) -> web.Response:
        payload = await request.json()
        if "status" in payload:
            return web.json_response({"success": True})
        said(payload["to"].lstrip("+"), payload)
        return web.json_response({"messages": [{"id": f"wamid.OUT{next(_numbers)}"}]})

    async def media(request: web.Request) -> web.Response:
        await request.read()
        return web.json_response({"id": str(next(_numbers))})

    async def about(request: web.Request) -> web.Response:
        name = request.match_info["media"]
        url = f"http://127.0.0.1:{port}/files/{name}"
        return web.json_response({"url": url, "mime_type": "image/jpeg", "id": name})

    async def file(request: web.Request) -> web.Response:
        data = (photos or {})[request.match_info["media"]]
        return web.Response(body=data, content_type="image/jpeg")

    app = web.Application(client_max_size=32 * 1024 * 1024)
    app.router.add_post("/{version}/{number}/messages", messages)
    app.router.add_post("/{version}/{number}/media", media)
    app.router.add_get("/files/{media}", file)
    app.router.add_get("/{version}/{media}", about)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield
    finally:
        await runner.cleanup()


class Http:
    """A keep-alive connection that costs little: what makes the load must not be the load."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def post(self, path: str, body: bytes, extra: Mapping[str, str]) -> tuple[int, bytes]:
        """Post and give status and body."""
        if self._writer is None or self._writer.is_closing():
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        assert self._reader is not None
        lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in extra.items()]
        self._writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = 0
        for line in head.split("\r\n"):
            if line.startswith("content-length:"):
                length = int(line.partition(":")[2])
        answer = await self._reader.readexactly(length) if length else b""
        if "connection: close" in head:
            self._writer.close()
        return int(head.split(" ", 2)[1]), answer

    def close(self) -> None:
        """Let go."""
        if self._writer is not None:
            self._writer.close()
