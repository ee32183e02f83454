"""The three limits that Meta puts on a number: per second, per pair, and the 24-hour window."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import asdict, dataclass
from typing import Any

WINDOW_SECONDS = 24 * 3600
MOST_BUCKETS = 200_000


@dataclass
class Limits:
    """Which limits are in force, and how tight they are.

    A closed window is refused at once (`window_answer` "http") or, as Meta often does, accepted
    and reported in a failed status ("status").
    """

    window: bool = True
    window_answer: str = "http"
    pair: bool = True
    number: bool = True
    number_per_second: float = 80.0
    pair_burst: float = 45.0
    pair_every_seconds: float = 6.0

    def change(self, wanted: dict[str, Any]) -> None:
        """Set the limits named; raises ValueError for one that does not exist."""
        known = asdict(self)
        for name, value in wanted.items():
            if name not in known:
                raise ValueError(f"unknown limit: {name}")
            setattr(self, name, type(known[name])(value))
        if self.window_answer not in ("http", "status"):
            raise ValueError("window_answer is http or status")

    def shown(self) -> dict[str, Any]:
        """As the control API shows it."""
        return asdict(self)


class Buckets:
    """Token buckets by key, the least used forgotten first."""

    def __init__(self) -> None:
        self._levels: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def take(self, key: Hashable, *, now: float, size: float, per_second: float) -> bool:
        """Take one token; False if there is none."""
        level, then = self._levels.get(key, (size, now))
        level = min(size, level + max(0.0, now - then) * per_second)
        allowed = level >= 1
        self._levels[key] = (level - 1 if allowed else level, now)
        self._levels.move_to_end(key)
        if len(self._levels) > MOST_BUCKETS:
            self._levels.popitem(last=False)
        return allowed

    def clear(self) -> None:
        """Forget every bucket."""
        self._levels.clear()
