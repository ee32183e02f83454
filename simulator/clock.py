"""The simulator's clock: the real one, until somebody turns its hands."""

from __future__ import annotations

from datetime import datetime, timedelta

from erp_core.kernel.clock import Clock


class TurnableClock:
    """A clock that can be moved, so that a 24-hour window passes in a test."""

    def __init__(self, starts_at: str | None = None) -> None:
        self._starts_at = starts_at
        self._base = Clock.starting(starts_at)
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        """This moment, UTC."""
        return self._base.now() + self._ahead

    def seconds(self) -> float:
        """This moment as Unix time."""
        return self.now().timestamp()

    def advance(self, seconds: float) -> None:
        """Move the hands forward (or back, if negative)."""
        self._ahead += timedelta(seconds=seconds)

    def turn_to(self, iso: str) -> None:
        """Go on from a given ISO 8601 moment; without an offset it is Indian time."""
        self._base, self._ahead = Clock.starting(iso), timedelta(0)

    def reset(self) -> None:
        """Back to where the clock began."""
        self._base, self._ahead = Clock.starting(self._starts_at), timedelta(0)
