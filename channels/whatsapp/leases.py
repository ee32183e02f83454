"""Who works on which partition: a lease a partition, shared out evenly among those alive."""

from __future__ import annotations

import os
import random
import secrets
import socket
import time
from collections.abc import Callable, Collection

import orjson
from redis.asyncio import Redis

from channels.whatsapp.keys import PARTITIONS
from channels.whatsapp.store import Scripts

LEASE_MS = int(os.environ.get("BAHI_LEASE_MS") or 6_000)
BEATS_PER_LEASE = 3


def consumer_name() -> str:
    """A name that no process had before, so that nobody takes another's lease for their own."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


class Leases:
    """The partitions that this process holds.

    A process that is stopped for longer than a lease loses its partitions; every script that
    matters checks the lease's token, so what it does afterwards has no effect.
    """

    def __init__(
        self,
        redis: Redis[bytes],
        *,
        key: Callable[[int], str],
        roll: str,
        consumer: str,
        lease_ms: int = LEASE_MS,
    ) -> None:
        self.consumer = consumer
        self.mine: set[int] = set()
        self.ready: set[int] = set()
        """Those of mine whose last holder's work has been taken over; the holder adds them here."""
        self.lease_ms = lease_ms
        self._redis = redis
        self._scripts = Scripts(redis)
        self._key = key
        self._roll = roll

    @property
    def beat(self) -> float:
        """Seconds between two calls of tick()."""
        return self.lease_ms / 1000 / BEATS_PER_LEASE

    async def tick(self, *, about: dict[str, str], busy: Collection[int] = ()) -> list[int]:
        """Show that we live, keep what we hold, take or give back our share; gives the new ones.

        busy: partitions with work in hand, which are not given back now.
        """
        await self._show_life(about)
        await self._renew()
        share = -(-PARTITIONS // await self._alive())
        for number in sorted(self.mine - set(busy))[: max(0, len(self.mine) - share)]:
            await self.give_back([number])
        return await self._take(share - len(self.mine))

    async def give_back(self, numbers: Collection[int]) -> None:
        """Let others have these partitions at once."""
        self.mine -= set(numbers)
        self.ready &= self.mine
        if numbers:
            await self._scripts.call("release", [self._key(n) for n in numbers], [self.consumer])

    async def leave(self) -> None:
        """Give everything back and go off the roll."""
        await self.give_back(list(self.mine))
        await self._redis.hdel(self._roll, self.consumer)

    async def _show_life(self, about: dict[str, str]) -> None:
        beat = orjson.dumps({**about, "at": time.time()})
        await self._redis.hset(self._roll, self.consumer, beat)

    async def _alive(self) -> int:
        alive = 0
        for consumer, beat in (await self._redis.hgetall(self._roll)).items():
            age_ms = (time.time() - orjson.loads(beat)["at"]) * 1000
            if age_ms < self.lease_ms:
                alive += 1
            elif age_ms > 10 * self.lease_ms:
                await self._redis.hdel(self._roll, consumer)
        return max(alive, 1)

    async def _renew(self) -> None:
        held = sorted(self.mine)
        if held:
            answers = await self._scripts.call(
                "renew", [self._key(n) for n in held], [self.consumer, self.lease_ms]
            )
            self.mine = {number for number, answer in zip(held, answers, strict=True) if answer}
            self.ready &= self.mine

    async def _take(self, wanted: int) -> list[int]:
        free = [number for number in range(PARTITIONS) if number not in self.mine]
        random.shuffle(free)
        taken: list[int] = []
        for number in free:
            if len(taken) >= wanted:
                break
            if await self._redis.set(self._key(number), self.consumer, nx=True, px=self.lease_ms):
                self.mine.add(number)
                taken.append(number)
        return taken


async def roll_call(
    redis: Redis[bytes], roll: str, *, lease_ms: int = LEASE_MS
) -> list[dict[str, str]]:
    """What each process alive tells about itself."""
    beats = [orjson.loads(beat) for beat in (await redis.hgetall(roll)).values()]
    return [beat for beat in beats if (time.time() - beat["at"]) * 1000 < 2 * lease_ms]
