"""Numbers in digits and words, in both scripts and free spelling."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp_core.kernel.hindi_numbers import (
    LARGEST_IN_WORDS,
    Script,
    is_number_word,
    parse_amount,
    parse_number,
    to_words,
)

SCRIPTS: tuple[Script, ...] = ("roman", "devanagari", "english")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10", "10"),
        ("१०", "10"),
        ("1,20,000", "120000"),
        ("1,200.50", "1200.50"),
        ("12k", "12000"),
        ("1.5L", "150000"),
        ("1.5 lakh", "150000"),
        ("2cr", "20000000"),
        ("½", "0.5"),
        ("2½", "2.5"),
        ("1/2", "0.5"),
        ("2 1/4", "2.25"),
        ("paanch", "5"),
        ("PANCH", "5"),
        ("dhai", "2.5"),
        ("ढाई", "2.5"),
        ("dedh", "1.5"),
        ("aadha", "0.5"),
        ("pav", "0.25"),
        ("teen pav", "0.75"),
        ("do darjan", "24"),
        ("aadha darjan", "6"),
        ("sawa", "1.25"),
        ("sawa sau", "125"),
        ("सवा सौ", "125"),
        ("paune sau", "75"),
        ("paune teen sau", "275"),
        ("sawa do lakh", "225000"),
        ("saadhe teen sau", "350"),
        ("साढ़े चार हज़ार", "4500"),
        ("saade char hajar", "4500"),
        ("sadhe char hajar", "4500"),
        ("dhai sau", "250"),
        ("dedh lakh", "150000"),
        ("ek hazaar paanch sau pachaas", "1550"),
        ("ek hajar panch so pachas", "1550"),
        ("pandrah sau", "1500"),
        ("2 lakh 50 hazar", "250000"),
        ("5 hazaar 200", "5200"),
        ("एक लाख बीस हज़ार", "120000"),
        ("twenty five", "25"),
        ("twenty-five", "25"),
        ("one fifty", "150"),
        ("two thousand five hundred", "2500"),
        ("one hundred and fifty", "150"),
        ("saat", "7"),
        ("saath", "60"),
        ("do hazaar crore", "20000000000"),
    ],
)
def test_a_number_is_read(text: str, value: str) -> None:
    assert parse_number(text) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "maggi",
        "10-12",
        "do teen",
        "1,2",
        "10 kg",
        "saadhe",
        "sau pachas sau",
        "and",
        "-5",
        "1.2.3",
    ],
)
def test_what_is_not_one_number_is_refused(text: str) -> None:
    assert parse_number(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("₹1,200", "1200"),
        ("Rs. 500", "500"),
        ("rs 500/-", "500"),
        ("paanch hazaar rupaye", "5000"),
        ("साढ़े तीन सौ रुपये", "350"),
        ("₹४२.५०", "42.50"),
        ("12 rupaye 50 paise", "12.5"),
        ("50 paise", "0.5"),
        ("1.2k", "1200"),
        ("500 only", "500"),
    ],
)
def test_an_amount_is_read(text: str, value: str) -> None:
    assert parse_amount(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "₹", "Sharma", "500 Sharma"])
def test_what_is_not_an_amount_is_refused(text: str) -> None:
    assert parse_amount(text) is None


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_number_below_a_thousand_comes_back(script: Script) -> None:
    assert [parse_number(to_words(n, script)) for n in range(1000)] == list(range(1000))


@given(st.integers(0, LARGEST_IN_WORDS - 1), st.sampled_from(SCRIPTS))
def test_every_number_in_words_comes_back(number: int, script: Script) -> None:
    assert parse_number(to_words(number, script)) == number


@given(st.decimals(0, 10**9, places=2, allow_nan=False))
def test_digits_are_exact(value: Decimal) -> None:
    assert parse_number(str(value)) == value


@given(st.text(max_size=40))
def test_any_text_is_answered(text: str) -> None:
    assert parse_number(text) is None or isinstance(parse_number(text), Decimal)
    assert parse_amount(text) is None or isinstance(parse_amount(text), Decimal)


def test_words_are_indian() -> None:
    assert to_words(188564) == "ek lakh athasi hazaar paanch sau chausath"
    assert to_words(150000, "devanagari") == "एक लाख पचास हज़ार"
    assert to_words(1500, "english") == "one thousand five hundred"


def test_number_words_are_known_in_any_spelling() -> None:
    words = ["Paanch", "हजार", "saaadhe", "maggi"]
    assert [is_number_word(word) for word in words] == [True, True, True, False]


def test_tea_is_no_number() -> None:
    assert [parse_number(word) for word in ("chai", "चाय", "do chai")] == [None, None, None]
    assert parse_number("chhai") == 6
