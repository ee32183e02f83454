"""What an expense is for, told from the words for it."""

from __future__ import annotations

import pytest

from erp_core.expenses.categories import CATEGORIES, category, guess_category
from erp_core.kernel.errors import Invalid
from erp_core.ledger import chart


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ("petrol", "fuel"),
        ("पेट्रोल", "fuel"),
        ("petrol bharwaya", "fuel"),
        ("dukaan ka rent", "rent"),
        ("dukan kiraaya", "rent"),
        ("bijli ka bill", "electricity"),
        ("बिजली का बिल", "electricity"),
        ("bijlee bill", "electricity"),
        ("chai paani", "food"),
        ("चाय", "food"),
        ("paani ka bill", "water"),
        ("Raju ki tankhwah", "salary"),
        ("mazdoori", "salary"),
        ("tempo bhada", "transport"),
        ("jio recharge", "phone_internet"),
        ("bill book printing", "stationery"),
        ("AC service", "repairs"),
        ("jhaadu", "cleaning"),
        ("bank charges", "bank_charges"),
        ("tally subscription", "software"),
        ("CA fees", "professional_fees"),
        ("ghar kharch", "personal"),
        ("deep freezer", "equipment"),
        ("laptop repair", "repairs"),
        ("printer paper", "stationery"),
        ("coffee machine", "equipment"),
        ("elektrician", "repairs"),
        ("car insurance", "insurance"),
        ("LIC ka premium", "insurance"),
        ("dukaan ka fire insurance", "shop_insurance"),
        ("दुकान का बीमा", "shop_insurance"),
        ("xyz", "other"),
        ("", "other"),
        (None, "other"),
    ],
)
def test_words_tell_the_category(item, code):
    assert guess_category(item) == code


def test_every_category_posts_to_an_account_of_the_chart():
    for one in CATEGORIES.values():
        kinds = {"personal": "equity", "equipment": "asset"}
        assert chart.account(one.account).kind == kinds.get(one.code, "expense")


def test_credit_is_blocked_by_what_is_insured():
    assert not category("insurance").input_credit
    assert category("shop_insurance").input_credit


def test_no_word_is_claimed_by_two_categories():
    claims = [(word, one.code) for one in CATEGORIES.values() for word in one.words.split(",")]
    assert [(word, guess_category(word)) for word, _ in claims] == claims


def test_what_is_no_category_is_refused():
    with pytest.raises(Invalid, match="bad_category"):
        category("bribes")
