"""What a document's tax comes to, line by line and in sum."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp_core.kernel.errors import Invalid
from erp_core.kernel.money import half_up
from erp_core.tax.gst import Line, assess, parse_rate, percent

RATES = [0, 25, 150, 300, 500, 1200, 1800, 2800, 4000]

lines = st.builds(
    Line,
    quantity=st.decimals("0.001", "500", places=3),
    unit_price=st.integers(0, 10**8),
    rate=st.sampled_from(RATES),
    inclusive=st.booleans(),
)
documents = st.lists(lines, min_size=1, max_size=12)


def intra(items, **options):
    return assess(items, supplier_state="27", place_of_supply="27", **options)


def inter(items, **options):
    return assess(items, supplier_state="27", place_of_supply="29", **options)


def test_two_phones_within_the_state():
    found = intra([Line(Decimal(2), 79_900_00, 1800)])
    assert (found.taxable, found.cgst, found.sgst, found.igst) == (
        159_800_00,
        14_382_00,
        14_382_00,
        0,
    )
    assert (found.total, found.round_off) == (188_564_00, 0)


def test_the_same_phones_across_states():
    found = inter([Line(Decimal(2), 79_900_00, 1800)])
    assert (found.cgst, found.sgst, found.igst) == (0, 0, 28_764_00)
    assert found.total == 188_564_00


def test_the_rounding_error_of_a_line_is_carried_to_the_next():
    found = intra([Line(Decimal(1), 7_60, 1200), Line(Decimal(1), 7_60, 1200)])
    assert [line.cgst for line in found.lines] == [46, 45]
    assert [line.sgst for line in found.lines] == [46, 45]
    assert (found.cgst, found.sgst, found.total) == (91, 91, 17_02)


def test_a_nil_rated_line_takes_no_carried_paisa():
    found = intra([Line(Decimal(1), 50, 200), Line(Decimal(1), 100_00, 0)])
    assert [line.cgst for line in found.lines] == [1, 0]


def test_an_inclusive_price_holds_its_tax():
    found = intra([Line(Decimal(1), 118_00, 1800, inclusive=True)])
    assert (found.taxable, found.cgst, found.sgst, found.total) == (100_00, 9_00, 9_00, 118_00)


def test_what_an_inclusive_price_cannot_hold_stands_in_round_off():
    found = intra([Line(Decimal(1), 100_00, 1800, inclusive=True)])
    assert (found.taxable, found.cgst, found.sgst) == (84_75, 7_63, 7_63)
    assert (found.round_off, found.total) == (-1, 100_00)


def test_a_discount_lowers_the_taxable_value():
    found = inter([Line(Decimal(3), 100_00, 500, discount=50_00)])
    assert (found.lines[0].gross, found.taxable, found.igst, found.total) == (
        300_00,
        250_00,
        12_50,
        262_50,
    )


def test_a_supplier_without_registration_charges_nothing():
    found = intra(
        [Line(Decimal(1), 100_00, 1800), Line(Decimal(1), 59_00, 1800, inclusive=True)],
        charge_tax=False,
    )
    assert (found.taxable, found.tax, found.total) == (159_00, 0, 159_00)
    assert [line.rate for line in found.lines] == [0, 0]


@pytest.mark.parametrize(
    ("price", "total", "round_off"),
    [(100_49, 100_00, -49), (100_50, 101_00, 50), (100_00, 100_00, 0)],
)
def test_a_document_may_be_rounded_to_the_rupee(price, total, round_off):
    found = intra([Line(Decimal(1), price)], whole_rupees=True)
    assert (found.total, found.round_off) == (total, round_off)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (Line(Decimal(1), 100, rate=-1), "bad_rate"),
        (Line(Decimal(1), 100, rate=10_001), "bad_rate"),
        (Line(Decimal(1), 100, discount=101), "bad_discount"),
        (Line(Decimal(1), 100, discount=-1), "bad_discount"),
    ],
)
def test_a_line_that_makes_no_sense_is_refused(line, code):
    with pytest.raises(Invalid, match=code):
        intra([line])


def test_a_document_has_lines():
    with pytest.raises(Invalid, match="no_lines"):
        intra([])


@pytest.mark.parametrize(("text", "points"), [("18", 1800), ("0.25", 25), ("0", 0), ("1.5", 150)])
def test_rates_read_and_write(text, points):
    assert parse_rate(text) == points
    assert percent(points) == text


@pytest.mark.parametrize("text", ["", "x", "-1", "101", "0.125", "NaN", "Infinity"])
def test_what_is_no_rate_is_refused(text):
    with pytest.raises(Invalid, match="bad_rate"):
        parse_rate(text)


@given(documents, st.booleans(), st.booleans())
def test_the_sum_of_a_document_holds_to_the_paisa(items, across, whole_rupees):
    found = (inter if across else intra)(items, whole_rupees=whole_rupees)
    assert found.total == found.taxable + found.cgst + found.sgst + found.igst + found.round_off
    for head in ("taxable", "cgst", "sgst", "igst"):
        assert getattr(found, head) == sum(getattr(line, head) for line in found.lines)


@given(documents)
def test_the_two_halves_are_equal_and_exclude_igst(items):
    found = intra(items)
    assert all(line.cgst == line.sgst for line in found.lines)
    assert found.igst == 0
    assert inter(items).cgst == inter(items).sgst == 0


@given(documents)
def test_a_head_is_the_exact_tax_rounded_once(items):
    found = inter(items)
    exact = sum(Decimal(line.taxable) * line.rate / 10_000 for line in found.lines)
    assert found.igst == half_up(exact)
    half = sum(Decimal(line.taxable) * line.rate / 20_000 for line in intra(items).lines)
    assert intra(items).cgst == half_up(half)


@given(documents)
def test_no_line_is_off_by_more_than_a_paisa(items):
    for line in inter(items).lines:
        assert abs(line.igst - Decimal(line.taxable) * line.rate / 10_000) <= 1
        assert line.igst >= 0


@given(documents)
def test_an_inclusive_line_costs_what_its_price_says(items):
    for line in intra(items).lines:
        if line.line.inclusive:
            assert line.total == line.gross
            assert abs(line.round_off) <= 3
        else:
            assert line.round_off == 0


cess_lines = st.builds(
    Line,
    quantity=st.decimals("0.001", "500", places=3),
    unit_price=st.integers(0, 10**7),
    rate=st.sampled_from(RATES),
    inclusive=st.booleans(),
    cess=st.sampled_from([0, 300, 1200, 6000]),
    cess_per_unit=st.sampled_from([0, 0, 76, 4_17]),
)


@given(
    st.lists(cess_lines, min_size=1, max_size=8),
    st.booleans(),
    st.integers(0, 10**6),
    st.booleans(),
)
def test_every_document_adds_up_to_the_paisa(items, abroad, freight, reverse):
    found = assess(
        items,
        supplier_state="27",
        place_of_supply="29" if abroad else "27",
        freight=freight,
        reverse_charge=reverse,
    )
    for name in ("taxable", "cgst", "sgst", "igst", "cess", "beyond"):
        assert getattr(found, name) == sum(getattr(line, name) for line in found.lines)
    assert found.cgst == found.sgst
    assert found.tax == found.cgst + found.sgst + found.igst
    assert found.total == (found.taxable + found.tax + found.cess + found.round_off + found.beyond)
    assert found.total == sum(line.total for line in found.lines)
    assert found.payable == found.total - (found.tax + found.cess if reverse else 0)


@given(st.integers(0, 10**7), st.sampled_from(RATES), st.integers(1, 40))
def test_an_inclusive_price_is_paid_as_it_is_and_its_value_bears_its_tax(price, rate, count):
    inclusive = intra([Line(Decimal(count), price, rate, inclusive=True)])
    assert inclusive.total == price * count
    again = intra([Line(Decimal(1), inclusive.taxable, rate)])
    assert again.tax == inclusive.tax
    assert abs(again.total - inclusive.total) <= 1


@given(documents, st.integers(0, 10**5))
def test_a_discount_on_the_document_is_a_discount_on_its_lines(items, discount):
    prices = sum(half_up(one.quantity * one.unit_price) for one in items)
    if discount > prices:
        with pytest.raises(Invalid, match="bad_discount"):
            intra(items, discount=discount)
        return
    found, without = intra(items, discount=discount), intra(items)
    if not any(one.inclusive for one in items):
        assert found.taxable == without.taxable - discount
    assert found.tax <= without.tax + len(items)


def test_a_discount_after_tax_leaves_the_tax_alone():
    found = intra([Line(Decimal(1), 1_000_00, 1800)], discount_after_tax=100_00)
    assert (found.taxable, found.tax, found.total, found.payable) == (
        1_000_00, 180_00, 1_180_00, 1_080_00,
    )  # fmt: skip


def test_freight_bears_the_rates_of_the_goods():
    found = intra([Line(Decimal(1), 300_00, 500), Line(Decimal(1), 100_00, 1800)], freight=40_00)
    assert [line.taxable for line in found.lines] == [330_00, 110_00]
    assert found.tax == 16_50 + 19_80


def test_a_special_economic_zone_is_another_country_within_the_state():
    found = intra([Line(Decimal(1), 100_00, 1800)], always_inter_state=True)
    assert (found.igst, found.cgst) == (18_00, 0)
    assert intra([Line(Decimal(1), 100_00, 1800)], charge_tax=False).total == 100_00


def test_under_reverse_charge_the_tax_is_not_the_suppliers_to_collect():
    found = intra([Line(Decimal(1), 1_000_00, 500)], reverse_charge=True)
    assert (found.tax, found.payable) == (50_00, 1_000_00)


def test_cess_is_on_the_value_and_never_on_the_tax():
    found = intra([Line(Decimal(2), 100_00, 2800, cess=1200, cess_per_unit=5_00)])
    assert (found.tax, found.cess, found.total) == (56_00, 34_00, 290_00)


def test_an_inclusive_price_holds_its_cess():
    found = intra([Line(Decimal(1), 140_00, 2800, cess=1200, inclusive=True)])
    assert (found.taxable, found.tax, found.cess, found.total) == (100_00, 28_00, 12_00, 140_00)


def test_the_tax_of_tobacco_is_worked_out_of_its_retail_price():
    found = intra([Line(Decimal(10), 60_00, 4000, rsp=100_00, by_rsp=True)])
    assert found.tax == 285_72
    assert found.taxable == 714_29
    assert found.total == 600_00 + 285_72


def test_at_the_retail_price_itself_rule_31d_says_what_an_inclusive_price_says():
    by_rsp = intra([Line(Decimal(1), 140_00, 4000, inclusive=True, rsp=140_00, by_rsp=True)])
    plain = intra([Line(Decimal(1), 140_00, 4000, inclusive=True)])
    assert (by_rsp.taxable, by_rsp.tax, by_rsp.total) == (plain.taxable, plain.tax, plain.total)
    with pytest.raises(Invalid, match="no_rsp"):
        intra([Line(Decimal(1), 100_00, 4000, by_rsp=True)])
