"""How one message leaves: posted within the limits, until it is taken, and once.

Graph has no idempotency key. So an intent is noted before each post, and whoever finds one left
behind waits for a status that carries our id before posting again.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from redis.exceptions import RedisError

from channels.whatsapp import keys
from channels.whatsapp.graph import Failure, GraphClient, GraphError
from channels.whatsapp.messages import Reply
from channels.whatsapp.metrics import Tally
from channels.whatsapp.outbound import Payload
from channels.whatsapp.outbox import CLOSED, STOPPED, Outbox
from channels.whatsapp.store import OUTAGES

logger = logging.getLogger(__name__)

SECOND = 1_000_000
PER_SECOND = int(os.environ.get("BAHI_MESSAGES_PER_SECOND") or 80)
NUMBER_LIMIT = (SECOND // PER_SECOND, max(1, PER_SECOND // 4))
"""Microseconds a message and burst: Meta lets a number send 80 a second."""

PAIR_LIMIT = (6 * SECOND, 40)
"""One message in six seconds to the same person; Meta lends up to 45 ahead, we a few less."""
FOR_ANSWERS = 10
"""So many of those ahead are left to answers, for which somebody waits: a shop's owner hears of
every order, and would wait for six seconds otherwise once these were used up."""

TRIES = 5
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 60.0
PAIR_PAUSES = 5
RECONCILE = float(os.environ.get("BAHI_RECONCILE_SECONDS") or 5.0)
"""Seconds that a status gets to show that a post of unknown outcome did arrive."""

STOP_SECONDS = 600
STOP_PAUSE = 5.0


class GivenUp(Exception):
    """This message will not leave. The reason is a code."""

    def __init__(self, reason: str, code: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


class Parked(Exception):
    """This message waits until its receiver writes."""


class Departures:
    """What leaves one sender."""

    def __init__(self, outbox: Outbox, graph: GraphClient, tally: Tally) -> None:
        self._outbox = outbox
        self._redis = outbox.redis
        self._graph = graph
        self._tally = tally
        self._ended = False

    def end(self) -> None:
        """Ask for nothing any more."""
        self._ended = True

    async def post(self, reply: Reply, payload: Payload, *, again: bool) -> str:
        """Post one payload until it is taken. Raises GivenUp, Parked."""
        reference = str(payload["biz_opaque_callback_data"])
        if again and await self.persistently(self._arrived, reference):
            return ""
        failures = throttled = 0
        while True:
            await self.persistently(partial(self._wait_for_turn, reply), reference)
            started = time.perf_counter()
            try:
                wamid = await self._graph.send(reply.phone_number_id, payload)
            except GraphError as error:
                failure = error.failure
                self._tally.count("bahi_graph_errors", kind=failure.value, code=str(error.code))
                if failure in (Failure.THROTTLED, Failure.UNAUTHORISED):
                    throttled += 1
                    slow = 30.0 if failure is Failure.UNAUTHORISED else 0.0
                    await asyncio.sleep(max(slow, pause(throttled)))
                    continue
                if failure is Failure.PAIR_THROTTLED:
                    throttled = min(throttled + 1, PAIR_PAUSES)
                    await asyncio.sleep(4.0**throttled * random.uniform(1.0, 1.2))  # noqa: S311
                    continue
                if failure is Failure.WINDOW:
                    await self.persistently(self._outbox.close_window, reply)
                    raise Parked from error
                if failure is Failure.STOPPED:
                    await self._stop_number(reply.phone_number_id)
                failures += 1
                if failure is Failure.UNCERTAIN and await self.persistently(
                    self._arrived, reference
                ):
                    return ""
                if failure not in (Failure.TRANSIENT, Failure.UNCERTAIN) or failures > TRIES:
                    raise GivenUp(failure.value, error.code) from error
                await asyncio.sleep(pause(failures))
            else:
                self._tally.observe("bahi_send_seconds", time.perf_counter() - started)
                return wamid

    async def _arrived(self, reference: str) -> bool:
        """Whether a post that was begun shows up in a status within a short while."""
        if not await self._outbox.begun(reference):
            return False
        end = time.monotonic() + RECONCILE
        while time.monotonic() < end:
            if await self._outbox.confirmed(reference):
                self._tally.count("bahi_sent", result="reconciled")
                return True
            await asyncio.sleep(0.1)
        return False

    async def _wait_for_turn(self, reply: Reply, reference: str) -> None:
        """Until a post may be made; it is noted as begun then. Raises Parked."""
        interval, burst = PAIR_LIMIT
        pair = (interval, burst if reply.answers else max(1, burst - FOR_ANSWERS))
        while wait := await self._outbox.depart(reply, reference, number=NUMBER_LIMIT, pair=pair):
            if wait == CLOSED:
                raise Parked
            await asyncio.sleep(STOP_PAUSE if wait == STOPPED else wait / 1000)

    async def _stop_number(self, phone_number_id: str) -> None:
        logger.error("Meta refuses number %s: what can wait is held back", phone_number_id)
        stop = keys.number_stop(phone_number_id)
        await self.persistently(lambda key: self._redis.set(key, "1", ex=STOP_SECONDS), stop)

    async def persistently(self, work: Callable[[Any], Awaitable[Any]], argument: Any) -> Any:
        """Ask Redis, again and again while it is away. Raises CancelledError at the end."""
        while not self._ended:
            try:
                return await work(argument)
            except (*OUTAGES, RedisError):
                await asyncio.sleep(0.5)
        raise asyncio.CancelledError


def pause(failures: int) -> float:
    """Seconds before the next try: twice as long each time, not all at once."""
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (failures - 1))
    return longest * random.uniform(0.7, 1.3)  # noqa: S311
