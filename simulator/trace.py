"""What happened underneath: the worker's traces, heard on Redis while it tells them."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

from erp_core.kernel.settings import Settings
from simulator.world import World

CHANNEL = "bahi:trace"
LOOK_AGAIN_SECONDS = 2.0

log = logging.getLogger(__name__)


async def listen(world: World) -> None:
    """Hear traces for ever; where Redis is not there yet, look again."""
    while True:
        address = Settings.load().redis_url
        if address:
            try:
                await _hear(world, address)
            except (OSError, _redis_error()) as error:
                log.debug("trace listener lost Redis: %s", type(error).__name__)
        await asyncio.sleep(LOOK_AGAIN_SECONDS)


async def _hear(world: World, address: str) -> None:
    from redis import asyncio as redis

    client = redis.Redis.from_url(address)
    try:
        async with client.pubsub(ignore_subscribe_messages=True) as channel:
            await channel.subscribe(CHANNEL)
            async for told in channel.listen():
                _take(world, told["data"])
    finally:
        await client.close()


def _take(world: World, data: Any) -> None:
    try:
        trace = json.loads(data)
        world.add_trace(str(trace["wamid"]), trace)
    except (ValueError, KeyError, TypeError):
        log.debug("unreadable trace")


def _redis_error() -> type[Exception]:
    from redis.exceptions import RedisError

    return RedisError
