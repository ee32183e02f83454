"""Counts and timings, without a word of what was said.

The gateway counts for itself; worker and sender keep their tallies in Redis, where the gateway's
/metrics reads them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from redis.asyncio import Redis

TALLIES = "bahi:tallies"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 15.0)
"""Seconds."""

HELP = {
    "bahi_turns": "Turns of the conversation, by how they ended",
    "bahi_turn_seconds": "Time from taking a message up to its reply being handed over",
    "bahi_wait_seconds": "Time from a message's arrival up to its turn",
    "bahi_intents": "Messages understood, by intent",
    "bahi_parses": "Texts read, by whether they had just been read before",
    "bahi_sent": "Messages posted to Graph, by how it went",
    "bahi_send_seconds": "Time of one post to Graph",
    "bahi_statuses": "Delivery statuses, by status",
    "bahi_priced": "Messages that Meta priced, by category and type",
    "bahi_outbox": "Outbox rows, by what became of them",
    "bahi_hearings": "Voice notes heard, or what stood in the way",
    "bahi_hearing_seconds": "Time of hearing one voice note",
    "bahi_hearing_wait_seconds": "Time from a voice note's arrival up to what was heard",
    "bahi_readings": "Pictures and PDFs read, by what they were and what stood in the way",
    "bahi_reading_seconds": "Time of reading one picture or PDF",
    "bahi_reading_wait_seconds": "Time from a picture's arrival up to what it says",
    "bahi_jobs": "Jobs that were due, by what became of them",
}


class Tally:
    """Counters of one process, added to the common ones by flush()."""

    def __init__(self) -> None:
        self._counts: dict[str, float] = defaultdict(float)

    def count(self, name: str, amount: float = 1, **labels: str) -> None:
        """Add to a counter."""
        self._counts[_field(name, labels)] += amount

    def observe(self, name: str, seconds: float) -> None:
        """Add a timing to a histogram."""
        place = bisect_left(BUCKETS, seconds)
        bound = str(BUCKETS[place]) if place < len(BUCKETS) else "+Inf"
        self._counts[_field(f"{name}:bucket", {"le": bound})] += 1
        self._counts[_field(f"{name}:sum", {})] += seconds

    async def flush(self, redis: Redis[bytes]) -> None:
        """Add what was counted to the common tallies."""
        counts, self._counts = self._counts, defaultdict(float)
        if counts:
            pipeline = redis.pipeline(transaction=False)
            for field, amount in counts.items():
                pipeline.hincrbyfloat(TALLIES, field, round(amount, 6))
            await pipeline.execute()


def _field(name: str, labels: Mapping[str, str]) -> str:
    return "|".join([name, *(f"{key}={value}" for key, value in sorted(labels.items()))])


class _Snapshot:
    """A collector of tallies and gauges as they were read."""

    def __init__(
        self, tallies: Mapping[str, float], gauges: Mapping[str, Mapping[str, float]]
    ) -> None:
        self._tallies = tallies
        self._gauges = gauges

    def collect(self) -> Iterator[Metric]:
        """What prometheus_client asks a collector for."""
        counters: dict[str, list[tuple[dict[str, str], float]]] = defaultdict(list)
        for field, amount in sorted(self._tallies.items()):
            name, *pairs = field.split("|")
            counters[name].append((dict(pair.split("=", 1) for pair in pairs), amount))
        for name, samples in counters.items():
            base, _, part = name.partition(":")
            if not part:
                yield _counter(base, samples)
            elif part == "bucket":
                yield _histogram(base, samples, counters[f"{base}:sum"][0][1])
        for name, values in self._gauges.items():
            gauge = GaugeMetricFamily(name, HELP.get(name, name), labels=["of"])
            for label, value in values.items():
                gauge.add_metric([label], value)
            yield gauge


def _counter(name: str, samples: list[tuple[dict[str, str], float]]) -> CounterMetricFamily:
    labels = sorted({key for labels, _ in samples for key in labels})
    family = CounterMetricFamily(name, HELP.get(name, name), labels=labels)
    for values, amount in samples:
        family.add_metric([values.get(key, "") for key in labels], amount)
    return family


def _histogram(
    name: str, samples: list[tuple[dict[str, str], float]], total: float
) -> HistogramMetricFamily:
    counted = {labels["le"]: amount for labels, amount in samples}
    running = 0.0
    buckets = []
    for bound in (*map(str, BUCKETS), "+Inf"):
        running += counted.get(bound, 0)
        buckets.append((bound, running))
    return HistogramMetricFamily(name, HELP.get(name, name), buckets=buckets, sum_value=total)


class GatewayMetrics:
    """The gateway's own counters, and the page with everybody's."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.posts = Counter(
            "bahi_webhook_posts",
            "Posts to the webhook, by answer",
            ["status"],
            registry=self.registry,
        )
        self.updates = Counter(
            "bahi_webhook_updates", "Updates in posts, by kind", ["kind"], registry=self.registry
        )
        self.seconds = Histogram(
            "bahi_webhook_seconds",
            "Time to acknowledge a post",
            buckets=BUCKETS,
            registry=self.registry,
        )

    def page(
        self, tallies: Mapping[str, float], gauges: Mapping[str, Mapping[str, float]]
    ) -> bytes:
        """Everything in Prometheus' text format."""
        shared = CollectorRegistry()
        shared.register(_Snapshot(tallies, gauges))
        return generate_latest(self.registry) + generate_latest(shared)


async def read_tallies(redis: Redis[bytes]) -> dict[str, float]:
    """The common tallies."""
    stored: dict[bytes, Any] = await redis.hgetall(TALLIES)
    return {field.decode(): float(amount) for field, amount in stored.items()}
