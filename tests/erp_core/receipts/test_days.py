"""Dates as bills print them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp_core.receipts.days import OLDEST, dates

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Date: 05/11/2026", date(2026, 11, 5)),
        ("5-3-18 10:22", date(2018, 3, 5)),
        ("2016/05/01 14:11", date(2016, 5, 1)),
        ("28 Mar 18 18:32:36", date(2018, 3, 28)),
        ("OCT 3, 2016 PM", date(2016, 10, 3)),
        ("1st November 2026", date(2026, 11, 1)),
        ("दिनांक ०५/११/२०२६", date(2026, 11, 5)),
        ("5 नवंबर 2026", date(2026, 11, 5)),
        ("O5/11/2O26", date(2026, 11, 5)),
        ("02.09.2026", date(2026, 9, 2)),
        ("12/25/2025", date(2025, 12, 25)),
        ("27.08.2826", date(2026, 8, 27)),
    ],
)
def test_a_date(text: str, day: date) -> None:
    assert dates(text, today=TODAY) == [day]


@pytest.mark.parametrize(
    "text", ["21/11/2026", "31/02/2026", "12.50 13.60 99.10", "12/03/2001", "Batch B1234 10/29"]
)
def test_what_is_no_date_of_a_bill(text: str) -> None:
    assert dates(text, today=TODAY) == []


def test_strokes_that_were_lost_count_only_beside_the_word_date() -> None:
    assert dates("5 3 2018", today=TODAY) == []
    assert dates("Date 5 3 2018", today=TODAY, labelled=True) == [date(2018, 3, 5)]


FORMS = ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d %b %Y", "%d-%b-%y", "%Y-%m-%d", "%d/%m/%y")


@given(st.integers(0, OLDEST.days), st.sampled_from(FORMS))
def test_every_form_is_read_back(days_ago: int, form: str) -> None:
    day = TODAY - timedelta(days=days_ago)
    assert dates(f"Date: {day.strftime(form)} 10:22", today=TODAY)[0] == day


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading(text: str) -> None:
    assert all(day <= TODAY for day in dates(text, today=TODAY, labelled=True))
