"""A rate from before a change is followed where the name tells which goods of a code these are."""

from __future__ import annotations

from datetime import date

import pytest

from erp_core.tax.hsn import rule_named, sure
from erp_core.tax.rates import Asked

BEFORE, AFTER = date(2025, 9, 21), date(2025, 9, 22)


def rates(hsn, name, stated):
    return [rule_named(Asked(on, hsn, stated=stated), name).rate for on in (BEFORE, AFTER)]


@pytest.mark.parametrize(
    ("hsn", "name", "after"),
    [
        # One heading, one rate: whatever the goods are called.
        ("1806", "Dairy Milk 50g", 500), ("1806", "Something brown", 500),
        # Two rates under one heading: its name tells a bar of soap from what is washed with.
        ("3401", "Lux soap 100g", 500), ("3401", "नहाने का साबुन", 500),
        ("3401", "Dettol handwash 200ml", 1800), ("3401", "Rin bar", 1800),
        ("9025", "Thermometer", 500), ("9025", "Hydrometer", 1800),
        # A heading of which not everything is known.
        ("9603", "Oral B toothbrush", 500), ("9603", "Wall brush", 1800),
        # A name that says nothing of the goods leaves what the shop says.
        ("3401", "Zyxw", 1800),
    ],
)  # fmt: skip
def test_eighteen_that_was_said_before_the_change(hsn, name, after):
    assert rates(hsn, name, 1800) == [1800, after]


def test_a_power_bank_bore_eighteen_where_other_batteries_bore_more():
    assert rates("8507", "Power bank 10000", 1800) == [1800, 1800]
    assert rates("8507", "Exide inverter battery", 1800) == [2800, 1800]
    assert sure("power bank").hsn == "8507"


def test_what_is_said_of_a_rate_of_today_stands():
    assert rates("3401", "Lux soap 100g", 500) == [1800, 500]
    assert rates("3401", "Dettol handwash", 500)[1] == 500


def test_a_rate_that_the_goods_never_had_is_no_former_one():
    assert rates("3401", "Lux soap 100g", 1200)[1] is None
