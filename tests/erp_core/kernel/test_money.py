"""Money is exact."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from erp_core.kernel.errors import Invalid
from erp_core.kernel.money import (
    LARGEST_AMOUNT,
    from_decimal,
    half_up,
    inr,
    parse_rupees,
    rupees,
    split_by_largest_remainder,
)

amounts = st.integers(-LARGEST_AMOUNT, LARGEST_AMOUNT)
weights = st.one_of(
    st.integers(0, 10**9),
    st.decimals(min_value=0, max_value=10**9, places=3, allow_nan=False),
)


@pytest.mark.parametrize(
    ("paise", "plain", "shown"),
    [
        (0, "0.00", "₹0"),
        (5, "0.05", "₹0.05"),
        (-5, "-0.05", "-₹0.05"),
        (99_900, "999.00", "₹999"),
        (100_000, "1000.00", "₹1,000"),
        (123_450, "1234.50", "₹1,234.50"),
        (9_999_999, "99999.99", "₹99,999.99"),
        (10_000_000, "100000.00", "₹1,00,000"),
        (12_345_678_900, "123456789.00", "₹12,34,56,789"),
        (-12_345_678_901, "-123456789.01", "-₹12,34,56,789.01"),
    ],
)
def test_amounts_are_written(paise: int, plain: str, shown: str) -> None:
    assert (rupees(paise), inr(paise)) == (plain, shown)


@given(amounts)
def test_what_is_written_is_read_back(paise: int) -> None:
    assert parse_rupees(rupees(paise)) == paise
    assert parse_rupees(inr(paise).replace("₹", "")) == paise


@given(amounts)
def test_grouping_adds_commas_only(paise: int) -> None:
    groups = inr(paise).lstrip("-").removeprefix("₹").partition(".")[0].split(",")
    assert len(groups[-1]) <= 3
    assert all(len(group) == 2 for group in groups[1:-1])
    assert "".join(groups) == str(abs(paise) // 100)


@pytest.mark.parametrize("text", [" 1,234.5 ", "+1234.50", "1234.5", "01234.50"])
def test_rupees_are_read(text: str) -> None:
    assert parse_rupees(text) == 123_450


@pytest.mark.parametrize(
    "text",
    ["", ".", "1.", ".5", "1.234", "1e3", "0x10", "12 34", "₹5", "NaN", "inf", "--1", "1.2.3"],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_rupees(text)
    assert refusal.value.code == "bad_amount"


@pytest.mark.parametrize(
    "rupees",
    [
        Decimal("0.001"),
        Decimal("10000000000000.01"),
        Decimal("-1e400"),
        Decimal("Infinity"),
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("123.00000000000000000000000000000001"),
    ],
)
def test_what_paise_cannot_hold_is_refused(rupees: Decimal) -> None:
    with pytest.raises(Invalid) as refusal:
        from_decimal(rupees)
    assert refusal.value.code == "bad_amount"


@given(st.fractions(min_value=-(10**12), max_value=10**12, max_denominator=1000))
def test_halves_round_away_from_zero(value: Fraction) -> None:
    thousandths = round(value * 1000)
    exact = Fraction(thousandths, 1000)
    rounded = half_up(Decimal(thousandths) / 1000)
    assert abs(rounded - exact) <= Fraction(1, 2)
    if abs(rounded - exact) == Fraction(1, 2):
        assert abs(rounded) > abs(exact)


@given(amounts, st.lists(weights, min_size=1, max_size=30).filter(lambda ws: sum(ws) > 0))
@example(amount=100, weights=[1, 1, 1])
@example(amount=LARGEST_AMOUNT, weights=[Decimal(10) ** 12, 1, Decimal("0.001")])
def test_shares_sum_to_the_amount_and_are_fair(amount: int, weights: list[int | Decimal]) -> None:
    shares = split_by_largest_remainder(amount, weights)
    assert sum(shares) == amount
    total = sum(Fraction(weight) for weight in weights)
    for share, weight in zip(shares, weights, strict=True):
        exact = amount * Fraction(weight) / total
        assert abs(share - exact) < 1
        assert share == 0 or (share > 0) == (amount > 0)
        assert weight != 0 or share == 0


@given(st.integers(0, LARGEST_AMOUNT), st.lists(weights, min_size=1, max_size=10))
def test_a_debt_is_split_like_a_credit(amount: int, weights: list[int | Decimal]) -> None:
    weights = [*weights, 1]
    shares = split_by_largest_remainder(amount, weights)
    assert split_by_largest_remainder(-amount, weights) == [-share for share in shares]


def test_what_is_left_over_goes_to_who_lost_most() -> None:
    assert split_by_largest_remainder(100, [1, 1, 1]) == [34, 33, 33]
    assert split_by_largest_remainder(101, [1, 1, 1]) == [34, 34, 33]
    assert split_by_largest_remainder(10, [6, 6, 1]) == [5, 4, 1]


@pytest.mark.parametrize("weights", [[], [0], [0, 0], [2, -1], [-1]])
def test_weights_that_share_nothing_out_are_refused(weights: list[int]) -> None:
    with pytest.raises(Invalid) as refusal:
        split_by_largest_remainder(100, weights)
    assert refusal.value.code == "bad_weights"
