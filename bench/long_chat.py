"""What message 10, 100, 1,000 and 10,000 of one chat cost: from the post until the answer is ready.

One person writes, each message when the last is answered. The sender is left out: WhatsApp allows
one person a message in six seconds, which would hide what Bahi itself takes.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time
from itertools import cycle
from typing import Any

from redis.asyncio import Redis

from bench import _bahi
from bench._chat import WEBHOOK, Http, envelope, headers, phone_of
from bench._servers import free_port, own_stores, percentile, report, say
from channels.whatsapp import keys

SCRIPT = (
    "iphone 15 ka stock kitna hai",
    "maggi ka rate",
    "Ravi Kumar ko 2 Maggi ka order",
    "haan",
    "kiska kitna udhaar baaki hai",
)
ANSWER_MS = 30_000


async def chat(port: int, redis_url: str, *, messages: int) -> list[float]:
    """Seconds that each message took until its reply was handed to the sender's queue."""
    redis: Redis[bytes] = Redis.from_url(redis_url)
    http = Http(port)
    streams = {keys.outbound(number): "$" for number in range(keys.PARTITIONS)}
    last: dict[Any, Any] = dict.fromkeys(streams, "0-0")
    times = []
    texts = cycle(SCRIPT)
    try:
        for number in range(messages):
            body = envelope(phone_of(0), next(texts))
            began = time.perf_counter()
            status, _ = await http.post(WEBHOOK, body, headers(body))
            found = await redis.xread(last, block=ANSWER_MS)
            times.append(time.perf_counter() - began)
            if status != 200 or not found:
                raise RuntimeError(f"message {number + 1} was not answered")
            for stream, entries in found:
                # Nobody sends here: what is ready is taken off, or the queue would be measured.
                await redis.delete(stream)
                last[stream.decode()] = entries[-1][0]
            if (number + 1) % 500 == 0:
                say(f"  {number + 1} messages, {statistics.median(times[-500:]) * 1e3:.1f} ms")
    finally:
        http.close()
        await redis.close()
    return times


def at(times: list[float], number: int) -> dict[str, float]:
    """The cost around a message: that of the script's turns before and after it."""
    half = 2 * len(SCRIPT)
    around = times[max(0, number - half) : number + half]
    return {
        "p50_ms": round(statistics.median(around) * 1e3, 2),
        "mean_ms": round(statistics.fmean(around) * 1e3, 2),
        "p95_ms": round(percentile(around, 0.95) * 1e3, 2),
    }


def main() -> None:
    arguments = _arguments()
    _bahi.pin_model()
    with (
        own_stores() as (folder, stores),
        _bahi.serving(
            folder, stores, graph_port=free_port(), writers=1, processes=("gateway", "worker")
        ) as site,
    ):
        try:
            times = asyncio.run(
                chat(site.port, stores.urls["redis_url"], messages=arguments.messages)
            )
        except BaseException:
            print(site.logs(), file=sys.stderr)
            raise
    marks = [mark for mark in (10, 100, 1_000, 10_000) if mark <= arguments.messages]
    cost = {str(mark): at(times, mark) for mark in marks}
    first, last = cost[str(marks[0])], cost[str(marks[-1])]
    report(
        {
            "bench": "long_chat",
            "messages": arguments.messages,
            "at_message": cost,
            "last_to_first": round(last["mean_ms"] / first["mean_ms"], 2),
        }
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.long_chat", description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--quick", action="store_true", help="20 messages")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.messages = 20
    return arguments


if __name__ == "__main__":
    main()
