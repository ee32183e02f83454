"""A process that takes files of a lane up, each in a process of its own that may die.

This one holds the queue, the sealed files and the deadlines; what becomes of a file is for those
who derive from it (reader.py, hearing.py).
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from redis.exceptions import RedisError

from channels.whatsapp.inbox import Full, Inbox
from channels.whatsapp.leases import consumer_name
from channels.whatsapp.metrics import Tally
from channels.whatsapp.reading_pool import Died, Reader
from channels.whatsapp.readings import InHand, Readings
from channels.whatsapp.store import OUTAGES

logger = logging.getLogger(__name__)

IDLE_MS = 12_000
BEAT = 3.0
LOOK_BACK = 3.0
TRIES = 3
"""A file that so many processes took up and none finished is told to be unreadable."""

LISTEN = 1.0
LAST_WORDS = 8.0


class FileProcess(ABC):
    """Takes files up, one a slot."""

    def __init__(
        self, *, readings: Readings, inbox: Inbox, slots: Sequence[Reader], tally: Tally | None
    ) -> None:
        self._readings = readings
        self._inbox = inbox
        self._slots = slots
        self._consumer = consumer_name()
        self._mine: dict[str, InHand] = {}
        self._tally = tally or Tally()
        self._looked_back = 0.0
        self._stopping = asyncio.Event()

    @abstractmethod
    async def handle(self, slot: Reader, taken: InHand) -> None:
        """Have a file read, tell of it, and end it. What it raises leaves the file in the queue."""

    def stop(self) -> None:
        """Take nothing new; finish what is in hand."""
        self._stopping.set()

    async def run(self) -> None:
        """Work until stopped."""
        await self._patiently(self._readings.open)
        beats = asyncio.create_task(self._show_life())
        slots = [asyncio.create_task(self._serve(slot)) for slot in self._slots]
        try:
            await self._stopping.wait()
            await asyncio.wait(slots, timeout=LAST_WORDS)
        finally:
            for task in (beats, *slots):
                task.cancel()
            await asyncio.gather(beats, *slots, return_exceptions=True)
            for slot in self._slots:
                await slot.stop()
            await self._surviving(partial(self._tally.flush, self._inbox.redis))

    async def _serve(self, slot: Reader) -> None:
        await self._warm_up(slot)
        while not self._stopping.is_set():
            await self._surviving(partial(self._take_one, slot))

    async def _warm_up(self, slot: Reader) -> None:
        """The first file shall not wait for the libraries to load."""
        try:
            await slot.start()
        except Died:
            logger.error("the process that reads files does not start")

    async def _take_one(self, slot: Reader) -> None:
        taken = await self._next()
        if taken is None:
            await self._readings.listen(LISTEN)
            return
        self._mine[taken.id] = taken
        try:
            await self.handle(slot, taken)
        finally:
            self._mine.pop(taken.id, None)

    async def _next(self) -> InHand | None:
        taken = await self._readings.take(self._consumer)
        if taken is not None or time.monotonic() - self._looked_back < LOOK_BACK:
            return taken
        self._looked_back = time.monotonic()
        return await self._readings.take_over(self._consumer, IDLE_MS, self._mine)

    async def until_there_is_room(self, step: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await step()
            except Full:
                await asyncio.sleep(1)
            else:
                return

    async def _show_life(self) -> None:
        while True:
            await self._surviving(self._beat)
            await asyncio.sleep(BEAT)

    async def _beat(self) -> None:
        await self._readings.show_life(self._consumer, list(self._mine.values()))
        await self._tally.flush(self._inbox.redis)

    async def _patiently(self, step: Callable[[], Awaitable[None]]) -> None:
        while not self._stopping.is_set() and not await self._surviving(step):
            await asyncio.sleep(0.5)

    async def _surviving(self, step: Callable[[], Awaitable[Any]]) -> bool:
        """Do a step; while Redis is away, wait."""
        try:
            await step()
        except (*OUTAGES, RedisError) as error:
            logger.warning("the queue does not answer: %s", type(error).__name__)
            await asyncio.sleep(0.5)
            if "NOGROUP" in str(error):
                await self._readings.open()
            return False
        except Exception:
            logger.exception("a file stays in the queue")
            await asyncio.sleep(0.5)
            return False
        return True


def sweep(folder: Path) -> None:
    """Remove what processes that are gone have left."""
    for left in folder.glob("*"):
        if left.name.isdigit() and not Path(f"/proc/{left.name}").exists():
            remove(left)


def remove(folder: Path) -> None:
    """Remove a folder, if it is there."""
    shutil.rmtree(folder, ignore_errors=True)
