"""What the open pages are told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

QUEUE = 2_000


class Events:
    """Fans events out to the open pages. A page too slow to read is told to load afresh."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[str]] = set()

    @property
    def listeners(self) -> int:
        """How many pages are open."""
        return len(self._listeners)

    def tell(self, event: str, **facts: Any) -> None:
        """Send one event to every page."""
        if not self._listeners:
            return
        text = json.dumps({"event": event, **facts})
        for queue in self._listeners:
            if queue.qsize() < QUEUE:
                queue.put_nowait(text)
            elif queue.qsize() == QUEUE:
                queue.put_nowait(json.dumps({"event": "reset"}))

    async def listen(self) -> AsyncGenerator[str, None]:
        """The events from now on, as JSON texts."""
        queue: asyncio.Queue[str] = asyncio.Queue()
        self._listeners.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self._listeners.discard(queue)
