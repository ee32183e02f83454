"""What was used latest, kept at hand as long as there is room."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Latest(Generic[K, V]):
    """Values that weigh no more than `most` all together, without those used longest ago.

    The one that came last is kept whatever it weighs. Threads may share it.
    """

    def __init__(self, most: int, *, weight: Callable[[V], int]) -> None:
        self._most = most
        self._weight = weight
        self._kept: OrderedDict[K, tuple[int, V]] = OrderedDict()
        self._total = 0
        self._lock = Lock()

    @property
    def total(self) -> int:
        """What all that is kept weighs."""
        return self._total

    def get(self, key: K) -> V | None:
        """What was kept, which is used by that."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is None:
                return None
            self._kept.move_to_end(key)
            return kept[1]

    def keep(self, key: K, value: V) -> None:
        """Keep a value in place of what was kept under this key."""
        weighs = self._weight(value)
        with self._lock:
            before, _ = self._kept.pop(key, (0, None))
            self._kept[key] = (weighs, value)
            self._total += weighs - before
            while self._total > self._most and len(self._kept) > 1:
                _, (dropped, _) = self._kept.popitem(last=False)
                self._total -= dropped
