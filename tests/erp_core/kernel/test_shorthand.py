"""What hurried thumbs type, written out before it is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp_core.kernel.shorthand import written_out


@pytest.mark.parametrize(
    ("typed", "whole"),
    [
        ("rohan pd 500 csh", "rohan paid 500 cash"),
        ("Purch 20 covers @100 frm sai", "purchase 20 covers @100 from sai"),
        ("wat abt deccan order", "wat about deccan order"),
        ("amt due rohan?", "amount due rohan?"),
        ("amt ko 2 maggi", "amt ko 2 maggi"),
        ("PD Sharma ko 2 maggi", "PD Sharma ko 2 maggi"),
        ("PD SHARMA KURTI 5 BHJ DO", "PD SHARMA KURTI 5 bhej DO"),
        ("50 kurti aa gyi", "50 kurti aa gayi"),
        ("dia ne 500 dye", "dia ne 500 diye"),
        ("pd@okaxis", "pd@okaxis"),
        ("2maggi1lux", "2maggi 1lux"),
        ("3tsalt2lux1colgate bhanwar", "3tsalt 2lux 1colgate bhanwar"),
        ("dono ko 1-1 litre doodh", "dono ko 1 litre doodh"),
        ("1-1-2026 ko", "1-1-2026 ko"),
        ("1. atta 5kg 2. maggi 4 3. tel 1 ltr", "atta 5kg, maggi 4, tel 1 ltr"),
        ("1) 2 maggi 2) chini 1kg", "2 maggi, chini 1kg"),
        ("bhej do (1)2 maggi (2)1 chini", "bhej do, 2 maggi, 1 chini"),
        ("bhaiya:\n1. atta\n2. maggi 4\n", "bhaiya:\natta\nmaggi 4\n"),
        ("1\ufe0f\u20e3 atta 2\ufe0f\u20e3 maggi", "atta, maggi"),
        ("१. आटा ५ किलो २. मैगी", "आटा ५ किलो, मैगी"),
        ("maggi 1. chini 2. surf 3", "maggi 1. chini 2. surf 3"),
        ("1.5 kg chini 2.5 kg atta", "1.5 kg chini 2.5 kg atta"),
        ("chini 1. maggi 2.", "chini 1. maggi 2."),
        ("2. maggi 3. chini", "2. maggi 3. chini"),
        ("iphone15pro", "iphone15pro"),
        ("08ABCPK1234LAZS", "08ABCPK1234LAZS"),
        ("दो पैकेट मैगी", "दो पैकेट मैगी"),
    ],
)
def test_what_is_cut_short_is_made_whole(typed: str, whole: str) -> None:
    assert written_out(typed) == whole


@given(st.text(max_size=60))
def test_what_is_written_out_stays(text: str) -> None:
    once = written_out(text)
    assert written_out(once) == once
