"""The connection to Redis, and the scripts that make several changes one."""

from __future__ import annotations

import time
from collections.abc import Sequence
from hashlib import sha1
from pathlib import Path
from typing import Any

from redis import exceptions
from redis.asyncio import Redis
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError
from redis.retry import Retry

from channels.whatsapp.wire import Argument, Command, Wire
from erp_core.kernel.errors import Unavailable
from erp_core.kernel.settings import Settings

OUTAGES = (
    exceptions.ConnectionError,
    exceptions.TimeoutError,
    exceptions.BusyLoadingError,
    OSError,
)
"""What is raised while Redis is down or starting; the work waits and goes on."""

_SOURCES = {
    path.stem: path.read_bytes() for path in sorted((Path(__file__).parent / "lua").glob("*.lua"))
}
_SHAS = {name: sha1(source, usedforsecurity=False).hexdigest() for name, source in _SOURCES.items()}


def connect(url: str) -> Redis[bytes]:
    """A client that gives bytes. It connects when it is first used."""
    options: dict[str, Any] = {
        "socket_timeout": 15,
        "socket_connect_timeout": 5,
        "retry": Retry(NoBackoff(), 1),
        "retry_on_error": [exceptions.ConnectionError],
    }
    return Redis.from_url(url, **options)


def settings_with_stores(*, patience: float = 120.0) -> Settings:
    """The settings, once they name a Redis and a database: the embedded ones tell when they are up.

    Raises Unavailable when they do not within `patience` seconds.
    """
    end = time.monotonic() + patience
    while True:
        settings = Settings.load()
        if settings.redis_url and settings.database_url:
            return settings
        if time.monotonic() > end:
            raise Unavailable("stores_not_running")
        time.sleep(0.2)


class Scripts:
    """Runs the Lua scripts by their digest, and loads them when the server does not know them."""

    def __init__(self, redis: Redis[bytes]) -> None:
        self.redis = redis
        self._wire = Wire.of(redis)

    async def call(self, name: str, keys: Sequence[str], arguments: Sequence[Argument]) -> Any:
        """Run one script."""
        try:
            return await self._run(name, keys, arguments)
        except NoScriptError:
            await self._load()
            return await self._run(name, keys, arguments)

    async def _run(self, name: str, keys: Sequence[str], arguments: Sequence[Argument]) -> Any:
        return await self._wire.call(*_evaluation(name, keys, arguments))

    async def call_all(
        self, name: str, calls: Sequence[tuple[Sequence[str], Sequence[Argument]]]
    ) -> list[Any]:
        """Run one script many times, in order, in one exchange; each run by itself is atomic."""
        evaluations = [_evaluation(name, *call) for call in calls]
        try:
            return await self._wire.call_all(evaluations)
        except NoScriptError:
            await self._load()
            return await self._wire.call_all(evaluations)

    async def _load(self) -> None:
        for source in _SOURCES.values():
            await self.redis.script_load(source)  # type: ignore[no-untyped-call]


def _evaluation(name: str, keys: Sequence[str], arguments: Sequence[Argument]) -> Command:
    return ("EVALSHA", _SHAS[name], len(keys), *keys, *arguments)


def script_source(name: str) -> str:
    """A script's text, for a client that runs it by itself."""
    return _SOURCES[name].decode()
