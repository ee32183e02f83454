"""Amounts as bills print them and as engines misread them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp_core.kernel.money import inr, rupees
from erp_core.receipts.figures import amounts, quantity, torn_amounts, whole_amounts


@pytest.mark.parametrize(
    ("text", "paise"),
    [
        ("GRAND TOTAL 1756.00", [175600]),
        ("Total Rs.1,23,456.50", [12345650]),
        ("Total ₹ 450/-", [45000]),
        ("RM1.38", [138]),
        ("Round Off -0.42", [-42]),
        ("कुल राशि ३६८.००", [36800]),
        ("3 285.00 855.00", [28500, 85500]),
        ("TOTAL 12O.5O", [12050]),
        ("CASH 2000,00", [200000]),
        ("CGST @ 9% 271.71", [27171]),
    ],
)
def test_amounts_of_a_row(text: str, paise: list[int]) -> None:
    assert amounts(text) == paise


@pytest.mark.parametrize(
    "text", ["12/03/2018", "10:25:49", "GST 18%", "4.0.1.2", "Ph: 9864799765", "2.5% 9.125"]
)
def test_what_is_no_amount(text: str) -> None:
    assert amounts(text) == []


@given(st.integers(0, 10**9))
def test_every_printed_amount_is_read_back(paise: int) -> None:
    assert amounts(f"Total {rupees(paise)}") == [paise] or paise >= 10**9
    if paise % 100 >= 10:
        assert amounts(f"Total {inr(paise)}") == [paise]


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading(text: str) -> None:
    assert all(isinstance(paise, int) for paise in amounts(text))
    assert all(isinstance(paise, int) for paise in [*whole_amounts(text), *torn_amounts(text)])


def test_an_amount_whose_point_was_lost() -> None:
    assert torn_amounts("Total Sales RM 64 13") == [6413]
    assert torn_amounts("TOTAL 11.6") == [1160]
    assert torn_amounts("TOTAL RMS:O0") == [500]
    assert torn_amounts("Total Rs. SO.50") == [5050]
    assert torn_amounts("Total 64.13") == []


def test_whole_rupees() -> None:
    assert whole_amounts("Total 1,450") == [145000]
    assert whole_amounts("9% 12/3") == []


def test_quantities() -> None:
    assert quantity("1.5") == Decimal("1.5")
    assert quantity("3No") == Decimal(3)
    assert quantity("०") is None
    assert quantity("x") is None
