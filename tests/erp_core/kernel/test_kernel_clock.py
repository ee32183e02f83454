"""Time is UTC; the zone of the business decides the day."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp_core.kernel.clock import Clock, day_bounds, financial_year, local_date
from erp_core.kernel.errors import Invalid

UTC = timezone.utc
dates = st.dates(date(1990, 1, 1), date(2100, 12, 31))
zones = st.sampled_from(["Asia/Kolkata", "UTC", "America/New_York", "Asia/Kathmandu"])


@pytest.mark.parametrize(
    ("iso", "starts"),
    [
        ("2026-11-20T12:00:00", datetime(2026, 11, 20, 6, 30, tzinfo=UTC)),
        ("2026-11-20T12:00:00Z", datetime(2026, 11, 20, 12, tzinfo=UTC)),
        ("2026-11-20T12:00:00+09:00", datetime(2026, 11, 20, 3, tzinfo=UTC)),
        ("2026-11-20", datetime(2026, 11, 19, 18, 30, tzinfo=UTC)),
    ],
)
def test_a_clock_starts_when_it_is_told_and_goes_on(iso: str, starts: datetime) -> None:
    clock = Clock.starting(iso)
    first, second = clock.now(), clock.now()
    assert starts <= first <= second < starts + timedelta(hours=1)
    assert first.utcoffset() == timedelta(0)


@pytest.mark.parametrize("nothing", [None, ""])
def test_without_a_start_it_is_now(nothing: str | None) -> None:
    before = datetime.now(UTC)
    assert before <= Clock.starting(nothing).now() <= datetime.now(UTC)


@pytest.mark.parametrize("text", ["tomorrow", "20/11/2026", "2026-13-01"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        Clock.starting(text)
    assert refusal.value.code == "bad_time"


def test_the_day_begins_at_the_businesss_midnight() -> None:
    assert local_date(datetime(2026, 11, 20, 18, 29, tzinfo=UTC)) == date(2026, 11, 20)
    assert local_date(datetime(2026, 11, 20, 18, 30, tzinfo=UTC)) == date(2026, 11, 21)


def test_a_day_covers_its_own_moments() -> None:
    assert day_bounds(date(2026, 11, 20), date(2026, 11, 20)) == (
        datetime(2026, 11, 19, 18, 30, tzinfo=UTC),
        datetime(2026, 11, 20, 18, 30, tzinfo=UTC),
    )


def test_a_day_on_which_the_clocks_change_is_shorter() -> None:
    start, end = day_bounds(date(2026, 3, 8), date(2026, 3, 8), "America/New_York")
    assert end - start == timedelta(hours=23)


@given(dates, st.integers(0, 400), zones)
def test_bounds_hold_the_days_and_no_other(first: date, length: int, zone: str) -> None:
    last = first + timedelta(days=length)
    start, end = day_bounds(first, last, zone)
    instant = timedelta(microseconds=1)
    assert local_date(start, zone) == first
    assert local_date(start - instant, zone) == first - timedelta(days=1)
    assert local_date(end - instant, zone) == last
    assert local_date(end, zone) == last + timedelta(days=1)


@pytest.mark.parametrize(
    ("on", "year"),
    [
        (date(2026, 3, 31), "2526"),
        (date(2026, 4, 1), "2627"),
        (date(2026, 11, 20), "2627"),
        (date(2027, 1, 1), "2627"),
        (date(2099, 12, 31), "9900"),
    ],
)
def test_the_financial_year_begins_in_april(on: date, year: str) -> None:
    assert financial_year(on) == year
