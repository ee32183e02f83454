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
from dataclasses import dataclass
from itertools import cycle

from redis.asyncio import Redis

from bench import _bahi
from bench._chat import WEBHOOK, Http, envelope, headers, phone_of
from bench._servers import cpu_seconds, free_port, own_stores, percentile, report, say
from channels.whatsapp import keys

SCRIPT = (
    "iphone 15 ka stock kitna hai",
    "maggi ka rate",
    "Ravi Kumar ko 2 Maggi ka order",
    "haan",
    "kiska kitna udhaar baaki hai",
)
MARKS = (10, 100, 1_000, 10_000)
STREAMS = tuple(keys.outbound(number) for number in range(keys.PARTITIONS))
ANSWER_MS = 30_000


@dataclass(frozen=True)
class Window:
    """The messages around one of which the cost is told."""

    mark: int
    first: int
    last: int

    @classmethod
    def around(cls, mark: int) -> Window:
        half = min(mark, 5 * len(SCRIPT))
        return cls(mark, mark - half, mark + half)


class Chat:
    """One person who writes, and what each message cost."""

    def __init__(self, site: _bahi.Site) -> None:
        self._site = site
        self._redis: Redis[bytes] = Redis.from_url(site.stores.urls["redis_url"])
        self._http = Http(site.port)
        self._texts = cycle(SCRIPT)
        self.seconds: list[float] = []
        self.cpu_at: dict[int, float] = {}

    async def run(self, messages: int, *, note_cpu_at: set[int]) -> None:
        """Write so many messages, each when the last is answered."""
        try:
            for number in range(messages + 1):
                if number in note_cpu_at:
                    self.cpu_at[number] = self._cpu()
                if number < messages:
                    await self._message()
                if number and number % 500 == 0:
                    recent = statistics.median(self.seconds[-500:])
                    say(f"  {number} messages, {recent * 1e3:.1f} ms")
        finally:
            self._http.close()
            await self._redis.close()

    def cost(self, window: Window) -> dict[str, float]:
        """Milliseconds of a message around the mark: elapsed, and of all processors."""
        around = self.seconds[window.first : window.last]
        cpu = self.cpu_at[window.last] - self.cpu_at[window.first]
        return {
            "p50_ms": round(statistics.median(around) * 1e3, 2),
            "p95_ms": round(percentile(around, 0.95) * 1e3, 2),
            "cpu_ms": round(cpu / len(around) * 1e3, 2),
        }

    async def _message(self) -> None:
        body = envelope(phone_of(0), next(self._texts))
        began = time.perf_counter()
        status, _ = await self._http.post(WEBHOOK, body, headers(body))
        found = await self._redis.xread(dict.fromkeys(STREAMS, "0-0"), block=ANSWER_MS)
        self.seconds.append(time.perf_counter() - began)
        if status != 200 or not found:
            raise RuntimeError(f"message {len(self.seconds)} was not answered")
        # Nobody sends here: what is ready is taken off, or the next would find it.
        await self._redis.delete(*(stream for stream, _ in found))

    def _cpu(self) -> float:
        pids = [running.pid for running in self._site.running.values()]
        return sum(map(cpu_seconds, [*pids, *filter(None, self._site.stores.pids.values())]))


def main() -> None:
    arguments = _arguments()
    _bahi.pin_model()
    windows = [Window.around(mark) for mark in MARKS if mark <= arguments.messages]
    bounds = {bound for window in windows for bound in (window.first, window.last)}
    with (
        own_stores() as (folder, stores),
        _bahi.serving(
            folder, stores, graph_port=free_port(), writers=1, processes=("gateway", "worker")
        ) as site,
    ):
        chat = Chat(site)
        try:
            asyncio.run(chat.run(max(bounds), note_cpu_at=bounds))
        except BaseException:
            print(site.logs(), file=sys.stderr)
            raise
    cost = {str(window.mark): chat.cost(window) for window in windows}
    first, last = cost[str(windows[0].mark)], cost[str(windows[-1].mark)]
    report(
        {
            "bench": "long_chat",
            "messages": len(chat.seconds),
            "at_message": cost,
            "last_to_first_cpu": round(last["cpu_ms"] / first["cpu_ms"], 2),
            "last_to_first_p50": round(last["p50_ms"] / first["p50_ms"], 2),
        }
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.long_chat", description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--quick", action="store_true", help="the first 20 messages")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.messages = 10
    return arguments


if __name__ == "__main__":
    main()
