"""HSN codes by the words of people who sell."""

from __future__ import annotations

import pytest

from erp_core.tax.hsn import suggest, sure


@pytest.mark.parametrize(
    ("said", "hsn"),
    [
        ("sabun", "3401"), ("साबुन", "3401"), ("Dove soap 75g", "3401"), ("Dove shampoo", "3305"),
        ("Boat earphone", "8518"), ("iPhone 15 Pro", "8517"), ("maggie", "1902"),
        ("Parle-G biscuit 50g", "190531"), ("Amul ghee 1L", "0405"), ("cotton shirt", "6205"),
        ("Natraj pencil", "9609"), ("Crocin 650", "3004"), ("Coca cola 2L", "220210"),
        ("चीनी", "1701"), ("cheeni", "1701"), ("Basmati rice 5kg", "1006"), ("LED bulb 9W", "8539"),
        ("cement 50kg", "2523"), ("joota", "6403"), ("pan masala", "21069020"),
    ],
)  # fmt: skip
def test_words_find_the_code(said, hsn):
    found = sure(said)
    assert found
    assert found.hsn == hsn


@pytest.mark.parametrize("said", ["Zyxw", "", "1234", "???"])
def test_a_word_that_says_nothing_finds_nothing(said):
    assert suggest(said) == []
    assert sure(said) is None


def test_a_word_of_two_kinds_of_goods_is_not_sure():
    assert len(suggest("rin")) == 1
    assert [one.goods.hsn for one in suggest("toothpest")][:2] == ["330610", "3306"]
    assert sure("toothpest") is None


def test_one_wrong_letter_is_forgiven():
    assert suggest("detergnt")[0].goods.hsn == "3402"
