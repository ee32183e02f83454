"""Days and periods as they are said in a shop. The day is Friday 20 November 2026."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp_core.kernel.hindi_dates import Lean, Period, parse_period

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("aaj", "2026-11-20", "2026-11-20"),
        ("आज", "2026-11-20", "2026-11-20"),
        ("kal", "2026-11-19", "2026-11-19"),
        ("कल", "2026-11-19", "2026-11-19"),
        ("parso", "2026-11-18", "2026-11-18"),
        ("yesterday", "2026-11-19", "2026-11-19"),
        ("tomorrow", "2026-11-21", "2026-11-21"),
        ("aaj subah", "2026-11-20", "2026-11-20"),
        ("pichhle hafte", "2026-11-09", "2026-11-15"),
        ("पिछले हफ़्ते", "2026-11-09", "2026-11-15"),
        ("last week", "2026-11-09", "2026-11-15"),
        ("is mahine", "2026-11-01", "2026-11-20"),
        ("ye mahine", "2026-11-01", "2026-11-20"),
        ("ये महीने", "2026-11-01", "2026-11-20"),
        ("ye hafte", "2026-11-16", "2026-11-20"),
        ("इस महीने", "2026-11-01", "2026-11-20"),
        ("pichle mahine", "2026-10-01", "2026-10-31"),
        ("is hafte", "2026-11-16", "2026-11-20"),
        ("is saal", "2026-01-01", "2026-11-20"),
        ("last year", "2025-01-01", "2025-12-31"),
        ("October", "2026-10-01", "2026-10-31"),
        ("अक्टूबर", "2026-10-01", "2026-10-31"),
        ("sitambar", "2026-09-01", "2026-09-30"),
        ("pehli tarikh", "2026-11-01", "2026-11-01"),
        ("December", "2025-12-01", "2025-12-31"),
        ("October 2025", "2025-10-01", "2025-10-31"),
        ("15 tarikh", "2026-11-15", "2026-11-15"),
        ("25 tarikh", "2026-10-25", "2026-10-25"),
        ("pandrah tarikh", "2026-11-15", "2026-11-15"),
        ("15 October", "2026-10-15", "2026-10-15"),
        ("2nd oct", "2026-10-02", "2026-10-02"),
        ("15/10", "2026-10-15", "2026-10-15"),
        ("15-10-2025", "2025-10-15", "2025-10-15"),
        ("2025-10-15", "2025-10-15", "2025-10-15"),
        ("last 7 days", "2026-11-14", "2026-11-20"),
        ("pichhle 10 din", "2026-11-11", "2026-11-20"),
        ("10 din", "2026-11-11", "2026-11-20"),
        ("3 din pehle", "2026-11-17", "2026-11-17"),
        ("somvar", "2026-11-16", "2026-11-16"),
        ("last friday", "2026-11-13", "2026-11-13"),
        ("जुलाई से सितंबर", "2026-07-01", "2026-09-30"),
        ("april se june", "2026-04-01", "2026-06-30"),
        ("1 oct se 15 oct", "2026-10-01", "2026-10-15"),
        ("1 tarikh se ab tak", "2026-11-01", "2026-11-20"),
        ("q2", "2026-07-01", "2026-09-30"),
        ("2025-26", "2025-04-01", "2026-03-31"),
        ("diwali", "2026-11-08", "2026-11-08"),
        ("diwali week", "2026-11-02", "2026-11-08"),
        ("Q2 FY25-26", "2025-07-01", "2025-09-30"),
        ("FY 25-26", "2025-04-01", "2026-03-31"),
        ("FY26", "2025-04-01", "2026-03-31"),
        ("financial year 2025-26", "2025-04-01", "2026-03-31"),
        ("वित्त वर्ष 2025-26", "2025-04-01", "2026-03-31"),
        ("is financial year", "2026-04-01", "2026-11-20"),
        ("pichhle vitt varsh", "2025-04-01", "2026-03-31"),
        ("doosri timahi", "2026-07-01", "2026-09-30"),
        ("dusri timahi 25-26", "2025-07-01", "2025-09-30"),
        ("1 se 15 October", "2026-10-01", "2026-10-15"),
        ("1-15 oct", "2026-10-01", "2026-10-15"),
        ("October 1 se 15", "2026-10-01", "2026-10-15"),
        ("1/10 se 15/10", "2026-10-01", "2026-10-15"),
        ("25 tarikh se 5 tarikh", "2026-10-25", "2026-11-05"),
        ("day before yesterday", "2026-11-18", "2026-11-18"),
        ("होली", "2026-03-04", "2026-03-04"),
        ("eid", "2026-03-21", "2026-03-21"),
        ("Raksha Bandhan ke din", "2026-08-28", "2026-08-28"),
        ("navratri", "2026-10-11", "2026-10-19"),
        ("pichhle saal diwali", "2025-10-20", "2025-10-20"),
        ("Diwali 2025", "2025-10-20", "2025-10-20"),
        ("guru nanak jayanti", "2025-11-05", "2025-11-05"),
        ("diwali se aaj tak", "2026-11-08", "2026-11-20"),
        ("independence day", "2026-08-15", "2026-08-15"),
        ("monthly", "2026-11-01", "2026-11-20"),
        ("daily", "2026-11-20", "2026-11-20"),
        ("1 se 15 tak", "2026-11-01", "2026-11-15"),
        ("20 se 28 tak", "2026-10-20", "2026-10-28"),
        ("is mahine ke pehle hafte", "2026-11-01", "2026-11-07"),
        ("October ke aakhri hafte", "2026-10-25", "2026-10-31"),
        ("last week of october", "2026-10-25", "2026-10-31"),
        ("pichhle mahine ke pehle 10 din", "2026-10-01", "2026-10-10"),
        ("October ke dusri week", "2026-10-08", "2026-10-14"),
        ("अक्टूबर के पहले हफ्ते", "2026-10-01", "2026-10-07"),
    ],
)
def test_a_period_is_read_as_past(text: str, start: str, end: str) -> None:
    expected = Period(date.fromisoformat(start), date.fromisoformat(end))
    assert parse_period(text, today=TODAY) == expected


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("kal", "2026-11-21"),
        ("parso", "2026-11-22"),
        ("25 tarikh", "2026-11-25"),
        ("somvar", "2026-11-23"),
        ("2 din baad", "2026-11-22"),
        ("agli holi", "2027-03-22"),
        ("diwali", "2027-10-29"),
        ("christmas", "2026-12-25"),
        ("day after tomorrow", "2026-11-22"),
        ("yesterday", "2026-11-19"),
    ],
)
def test_a_day_is_read_as_future(text: str, day: str) -> None:
    expected = date.fromisoformat(day)
    assert parse_period(text, today=TODAY, lean="future") == Period(expected, expected)


@pytest.mark.parametrize(
    "text", ["", "maggi", "32 tarikh", "99/99", "5", "2 kg", "15 se 10 tak", "2 se 5"]
)
def test_what_names_no_day_is_refused(text: str) -> None:
    assert parse_period(text, today=TODAY) is None


@pytest.mark.parametrize("name", ["Diwali", "होली", "dussehra", "Eid", "rakhi", "navratri"])
@given(st.integers(2024, 2027))
def test_a_festival_falls_once_in_each_known_year(name: str, year: int) -> None:
    found = parse_period(f"{name} {year}", today=TODAY)
    assert found is not None
    assert found.start.year == year
    assert parse_period(name, today=found.start) == found
    assert parse_period(name, today=found.end, lean="future") == found


@given(st.integers(2020, 2035), st.integers(1, 4))
def test_quarters_make_up_the_financial_year(first: int, number: int) -> None:
    year = parse_period(f"FY {first}-{(first + 1) % 100:02}", today=TODAY)
    quarter = parse_period(f"q{number} fy {first}-{(first + 1) % 100:02}", today=TODAY)
    assert year is not None
    assert quarter is not None
    assert year.start <= quarter.start < quarter.end <= year.end
    assert (number == 1) == (quarter.start == year.start)
    assert (number == 4) == (quarter.end == year.end)


@given(st.text(max_size=30), st.dates(date(2020, 1, 1), date(2035, 1, 1)))
def test_any_text_is_answered_in_order(text: str, today: date) -> None:
    leans: tuple[Lean, ...] = ("past", "future")
    for lean in leans:
        period = parse_period(text, today=today, lean=lean)
        assert period is None or period.start <= period.end
