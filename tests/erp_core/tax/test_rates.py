"""Rates by date, value and packing: the shop's word, and where the law overrules it."""

from __future__ import annotations

from datetime import date

import pytest

from erp_core.tax.rates import (
    Asked,
    all_goods,
    choices,
    deciding_day,
    goes_by_packing,
    goods_under,
    lawful,
    packing_at,
    regime,
    rule,
)

NOW = date(2026, 11, 20)
BEFORE, AFTER = date(2025, 9, 21), date(2025, 9, 22)


def rate(hsn, on=NOW, **asked):
    return rule(Asked(on=on, hsn=hsn, **asked)).rate


@pytest.mark.parametrize(
    ("hsn", "before", "after"),
    [("0405", 1200, 500), ("1806", 1800, 500), ("2523", 2800, 1800), ("9609", 1200, 0)],
)
def test_rate_changes_on_the_day_of_the_new_regime(hsn, before, after):
    assert rate(hsn, BEFORE) == before
    assert rate(hsn, AFTER) == after


@pytest.mark.parametrize(
    ("value", "expected"), [(2_500_00, 500), (2_500_01, 1800), (100_00, 500), (99_999_00, 1800)]
)
def test_garments_by_the_value_of_one_piece(value, expected):
    assert rate("6205", unit_value=value, stated=500) == expected
    assert rate("620520", unit_value=value, stated=1800) == expected


def test_garments_before_the_change_had_their_line_at_a_thousand():
    assert rate("6205", BEFORE, unit_value=1_000_00) == 500
    assert rate("6205", BEFORE, unit_value=1_000_01) == 1200


def test_inclusive_price_is_below_the_line_when_its_value_at_the_low_rate_is():
    assert rate("6205", unit_value=2_625_00, inclusive=True) == 500
    assert rate("6205", unit_value=2_625_01, inclusive=True) == 1800


def test_footwear_above_the_line_though_the_shop_says_five():
    assert rate("6403", unit_value=3_000_00, stated=500) == 1800


def test_value_unknown_leaves_both_rates_open():
    ruling = rule(Asked(on=NOW, hsn="6205"))
    assert (ruling.rate, ruling.alternatives) == (None, (500, 1800))


def test_packing_decides_for_grain():
    assert rate("1006", packing="packed") == 500
    assert rate("1006", packing="loose") == 0
    assert rate("1006") is None


def test_packing_overrules_a_rate_that_the_shop_says():
    assert rate("1006", packing="loose", stated=500) == 0
    assert rate("0403", packing="packed", stated=0) == 500


def test_packing_of_paneer_mattered_only_before_the_change():
    assert rate("0406", BEFORE, packing="loose", stated=0) == 0
    assert rate("0406", BEFORE, packing="packed", stated=500) == 500
    assert rate("0406", AFTER, packing="packed", stated=0) == 0


def test_a_rate_tells_the_packing_of_goods_that_it_depends_on():
    assert packing_at("1006", 500, NOW) == "packed"
    assert packing_at("1006", 0, NOW) == "loose"
    assert packing_at("1905", 500, NOW) is None
    assert goes_by_packing("1006", NOW)
    assert not goes_by_packing("1905", NOW)


CESSED = date(2025, 12, 1)


@pytest.mark.parametrize(
    ("hsn", "cess", "thousand"),
    [
        ("24022030", 500, 2076),
        ("24022040", 500, 2747),
        ("24022050", 500, 3668),
        ("24022090", 3600, 4170),
    ],
)
def test_cess_of_cigarettes_by_the_length_that_their_code_tells(hsn, cess, thousand):
    for stated in (None, 2800):
        ruling = rule(Asked(on=CESSED, hsn=hsn, stated=stated))
        assert (ruling.rate, ruling.term.cess) == (2800, cess)
        assert ruling.term.cess_of_one("piece") * 1000 == thousand * 100


@pytest.mark.parametrize("hsn", ["2402", "240220", "2403"])
@pytest.mark.parametrize("stated", [None, 2800])
def test_cess_that_is_not_known_is_not_guessed(hsn, stated):
    ruling = rule(Asked(on=CESSED, hsn=hsn, stated=stated))
    assert (ruling.rate, ruling.lacks_cess) == (None, True)


def test_tobacco_bears_one_rate_and_no_cess_from_february_2026():
    for hsn in ("2402", "24022030", "24039910", "24039930"):
        ruling = rule(Asked(on=date(2026, 2, 1), hsn=hsn))
        assert (ruling.rate, ruling.term.by_rsp, ruling.term.bears_cess) == (4000, True, False)


def test_chewing_tobacco_bore_cess_of_its_retail_price():
    ruling = rule(Asked(on=CESSED, hsn="24039930"))
    assert (ruling.rate, ruling.term.cess_of_rsp) == (2800, 5600)


def test_the_shop_says_which_of_the_goods_under_a_code():
    assert rate("1905", stated=0) == 0
    assert rate("1905", stated=500) == 500


def test_a_rate_of_before_is_followed_to_the_one_after():
    assert rate("1905", stated=1800) == 500
    assert rate("0405", stated=1200) == 500


def test_an_unlawful_rate_of_an_unknown_code_is_unknown():
    assert rate("9999", stated=1200) is None
    assert rate(None, stated=2800) is None


def test_a_lawful_rate_of_an_unknown_code_is_the_shops_word():
    ruling = rule(Asked(on=NOW, hsn="9999", stated=1800))
    assert (ruling.rate, ruling.basis) == (1800, "stated")


def test_unknown_code_without_a_word_is_asked_for():
    ruling = rule(Asked(on=NOW, hsn="9999"))
    assert (ruling.rate, ruling.basis) == (None, "unknown")


def test_a_code_known_only_in_part_leaves_the_shop_its_word():
    assert rate("2106", stated=1800) == 1800


def test_tobacco_moves_to_forty_of_the_retail_price_in_february():
    assert rate("21069020", date(2026, 1, 31)) == 2800
    ruling = rule(Asked(on=date(2026, 2, 1), hsn="21069020"))
    assert ruling.rate == 4000
    assert ruling.term
    assert ruling.term.by_rsp


def test_cess_ends_with_january():
    before = rule(Asked(on=date(2026, 1, 31), hsn="21069020")).term
    assert before
    assert before.cess_of_rsp == 3200
    assert rule(Asked(on=BEFORE, hsn="220210")).term.cess == 1200


def test_a_cess_that_is_not_known_leaves_the_rate_open():
    assert rule(Asked(on=date(2026, 1, 31), hsn="2402")).rate is None


@pytest.mark.parametrize(
    ("on", "percent", "allowed"),
    [
        (BEFORE, 1200, True), (BEFORE, 4000, False), (AFTER, 1200, False), (AFTER, 4000, True),
        (date(2026, 2, 1), 2800, False),
    ],
)  # fmt: skip
def test_rates_of_a_regime(on, percent, allowed):
    assert lawful(percent, on) is allowed


def test_twenty_eight_per_cent_stays_for_tobacco_alone():
    assert lawful(2800, AFTER, "2402")
    assert not lawful(2800, AFTER, "2523")


def test_every_ruling_names_its_notification():
    assert rule(Asked(on=NOW, hsn="3402")).source == (
        "9/2025-CT(R) as amended by 19/2025-CT(R), Schedule II"
    )
    assert rule(Asked(on=NOW, hsn="0407")).source == "10/2025-CT(R)"
    assert rule(Asked(on=BEFORE, hsn="3402")).source == "1/2017-CT(R), Schedule III"


def test_nothing_is_answered_before_the_data_begins():
    assert rate("3402", date(2020, 1, 1)) is None


def test_what_was_not_compared_with_the_gazette_says_so():
    assert not rule(Asked(on=NOW, hsn="3402")).checked


def test_every_row_has_rates_that_its_day_allows():
    for goods in all_goods():
        for since, terms in goods.history:
            for term in terms:
                assert goods.service or regime(since).allows(term.rate, goods.hsn), goods.english


def test_longest_code_wins_and_shorter_codes_keep_all_kinds():
    assert [one.english for one in goods_under("190531")] == ["Biscuits"]
    assert "Biscuits" in [one.english for one in goods_under("1905")]


@pytest.mark.parametrize(
    ("supply", "invoice", "payment", "decides"),
    [
        (BEFORE, AFTER, AFTER, AFTER),
        (BEFORE, BEFORE, AFTER, BEFORE),
        (BEFORE, AFTER, BEFORE, BEFORE),
        (AFTER, BEFORE, AFTER, AFTER),
        (AFTER, BEFORE, BEFORE, BEFORE),
        (AFTER, AFTER, BEFORE, AFTER),
        (BEFORE, AFTER, None, AFTER),
        (BEFORE, BEFORE, None, BEFORE),
    ],
)
def test_two_of_three_decide_at_a_change(supply, invoice, payment, decides):
    assert deciding_day(supply=supply, invoice=invoice, payment=payment) == decides


@pytest.mark.parametrize(
    ("hsn", "value", "source"),
    [
        ("8517", None, "Schedule II, S. No. 490"),
        ("6403", 2_500_00, "Schedule I, S. No. 392"),
        ("6403", 2_500_01, "Schedule II, S. No. 204"),
        ("0401", None, "10/2025-CT(R), S. No. 15"),
        ("240319", None, "Schedule II, S. No. 4A"),
        ("6402", 3_000_00, "Schedule II"),
    ],
)
def test_a_serial_number_is_named_where_it_was_seen(hsn, value, source):
    ruling = rule(Asked(on=NOW, hsn=hsn, unit_value=value))
    assert ruling.source.endswith(source)
    assert not ruling.checked


def test_a_serial_number_holds_from_the_day_of_its_notification():
    assert "S. No." not in rule(Asked(on=date(2025, 9, 21), hsn="8517")).source


def test_no_row_is_without_a_notification():
    for goods in all_goods():
        for since, terms in goods.history:
            for term in terms:
                found = [one for one in choices(goods.hsn, since) if one.term == term]
                assert all("CT(R)" in (one.source or "") for one in found)


@pytest.mark.parametrize("hsn", ["340111", "34011190", "90251110"])
def test_a_rate_that_was_said_before_the_change_follows_it_where_the_code_leaves_one(hsn):
    assert [rate(hsn, on, stated=1800) for on in (BEFORE, AFTER)] == [1800, 500]
