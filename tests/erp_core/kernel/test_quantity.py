"""Quantities are exact, of at most three places, and pieces come whole."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp_core.kernel.errors import Invalid
from erp_core.kernel.quantity import (
    LARGEST_QUANTITY,
    SPELLINGS,
    UNITS,
    checked,
    convert,
    parse_quantity,
    parse_unit,
    plain,
    positive,
)

quantities = st.decimals(
    min_value=-LARGEST_QUANTITY, max_value=LARGEST_QUANTITY, places=3, allow_nan=False
)


@given(quantities)
def test_what_is_written_is_read_back(quantity: Decimal) -> None:
    assert parse_quantity(plain(quantity)) == quantity


@pytest.mark.parametrize(
    ("quantity", "text"),
    [
        ("8.000", "8"),
        ("2.500", "2.5"),
        ("0.000", "0"),
        ("-0.000", "0"),
        ("100", "100"),
        ("1E+3", "1000"),
        ("-2.50", "-2.5"),
        ("0.001", "0.001"),
    ],
)
def test_quantities_are_written_without_padding(quantity: str, text: str) -> None:
    assert plain(Decimal(quantity)) == text


@pytest.mark.parametrize("text", ["", "abc", "1.2345", "1e3", "1.", "NaN", "1000000000001"])
def test_what_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_quantity(text)
    assert refusal.value.code == "bad_quantity"


@pytest.mark.parametrize("quantity", ["NaN", "sNaN", "Infinity", "-1e50", "0.0001"])
def test_what_a_column_cannot_hold_is_refused(quantity: str) -> None:
    with pytest.raises(Invalid):
        checked(Decimal(quantity))


@pytest.mark.parametrize(("quantity", "unit"), [("2.5", "kg"), ("3", "piece"), ("0.5", "dozen")])
def test_a_unit_takes_what_it_can_be_divided_into(quantity: str, unit: str) -> None:
    assert positive(Decimal(quantity), unit) == Decimal(quantity)


@pytest.mark.parametrize(("quantity", "unit"), [("2.5", "piece"), ("0", "kg"), ("-1", "kg")])
def test_half_a_piece_and_nothing_at_all_are_refused(quantity: str, unit: str) -> None:
    with pytest.raises(Invalid) as refusal:
        positive(Decimal(quantity), unit)
    assert refusal.value.code == "bad_quantity"


def test_every_spelling_names_its_unit_alone() -> None:
    named = [(word, unit) for unit, line in SPELLINGS.items() for word in {unit, *line.split()}]
    assert all(parse_unit(word) == unit for word, unit in named)
    assert set(SPELLINGS) == set(UNITS)


@pytest.mark.parametrize(
    ("word", "unit"), [(" KG. ", "kg"), ("किलो", "kg"), ("Pcs", "piece"), ("darjan", "dozen")]
)
def test_units_are_read_as_they_are_written(word: str, unit: str) -> None:
    assert parse_unit(word) == unit


def test_an_unknown_unit_is_none() -> None:
    assert parse_unit("furlong") is None


@pytest.mark.parametrize(
    ("quantity", "source", "target", "result"),
    [
        ("2", "dozen", "piece", "24"),
        ("18", "piece", "dozen", "1.5"),
        ("500", "gram", "kg", "0.5"),
        ("1.5", "quintal", "kg", "150"),
        ("3", "kg", "kg", "3"),
    ],
)
def test_units_of_a_fixed_ratio_are_converted(
    quantity: str, source: str, target: str, result: str
) -> None:
    assert convert(Decimal(quantity), source, target) == Decimal(result)


def test_a_box_has_no_fixed_number_of_pieces() -> None:
    assert convert(Decimal(1), "box", "piece") is None


def test_the_portal_knows_each_unit_s_code() -> None:
    """The codes of GSTR-1's and the e-invoice's list; any other has the file refused."""
    codes = (
        "BAG BAL BDL BKL BOU BOX BTL BUN CAN CBM CCM CMS CTN DOZ DRM GGK GMS GRS GYD KGS KLR KME "
        "LTR MLT MTR MTS NOS OTH PAC PCS PRS QTL ROL SET SQF SQM SQY TBS TGM THD TON TUB UGS UNT "
        "YDS"
    )
    assert {unit.uqc for unit in UNITS.values()} <= set(codes.split())
