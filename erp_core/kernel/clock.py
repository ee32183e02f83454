"""Time is UTC; a business's zone decides what day it is there."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from erp_core.kernel.errors import Invalid

INDIA = "Asia/Kolkata"


class Clock:
    """The system's time, optionally shifted so that it starts at a given moment (BAHI_NOW)."""

    def __init__(self, starts_at: datetime | None = None) -> None:
        self._shift = starts_at - _system_now() if starts_at else timedelta(0)

    @classmethod
    def starting(cls, iso: str | None) -> Clock:
        """A clock that starts at an ISO 8601 time; a time without an offset is Indian time."""
        if not iso:
            return cls()
        try:
            moment = datetime.fromisoformat(iso.replace("Z", "+00:00"))
        except ValueError:
            raise Invalid("bad_time") from None
        return cls(moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(INDIA)))

    def now(self) -> datetime:
        """This moment in UTC."""
        return _system_now() + self._shift

    def today(self, zone: str = INDIA) -> date:
        """The date now in a zone."""
        return local_date(self.now(), zone)


def _system_now() -> datetime:
    return datetime.now(timezone.utc)


def local_date(moment: datetime, zone: str = INDIA) -> date:
    """The date of a moment in a zone."""
    return moment.astimezone(ZoneInfo(zone)).date()


def day_bounds(first: date, last: date, zone: str = INDIA) -> tuple[datetime, datetime]:
    """UTC moments [start, end) that cover the days first..last, both included, in a zone."""
    start = datetime(first.year, first.month, first.day, tzinfo=ZoneInfo(zone))
    after = last + timedelta(days=1)
    end = datetime(after.year, after.month, after.day, tzinfo=ZoneInfo(zone))
    return start.astimezone(timezone.utc), end.astimezone(timezone.utc)


def financial_year(on: date) -> str:
    """The Indian financial year (April to March) of a date: 2026-11-20 → "2627"."""
    start = on.year if on.month >= 4 else on.year - 1
    return f"{start % 100:02d}{(start + 1) % 100:02d}"
