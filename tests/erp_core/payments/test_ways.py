"""Money that comes half and half."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp_core.payments.ways import in_halves


@pytest.mark.parametrize(
    ("amount", "halves"),
    [(2_000_00, (1_000_00, 1_000_00)), (29_40, (15_40, 14_00)), (1_51, (76, 75)), (1, (1, 0))],
)
def test_the_second_half_is_whole_rupees(amount: int, halves: tuple[int, int]) -> None:
    assert in_halves(amount) == halves


@given(st.integers(2, 10**9))
def test_halves_make_the_whole_and_differ_by_less_than_two_rupees(amount: int) -> None:
    first, second = in_halves(amount)
    assert first + second == amount
    assert 0 <= first - second < 2_00
    assert second > 0
