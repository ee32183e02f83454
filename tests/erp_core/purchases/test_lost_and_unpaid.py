"""Goods of a bill that is unpaid for 180 days and lost lose their credit once, and for good."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pen_shop import PenShop

from erp_core.inventory.correcting import standing_changes, take_back_changes
from erp_core.inventory.service import damage_stock
from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.purchases.reversing import review_credit
from erp_core.reports.gst.gstr3b import gstr3b


class Shop(PenShop):
    """Has bought ten pens; one of them holds ₹18 of tax."""

    def __init__(self, database):
        super().__init__(database)
        self.buy()

    def lose(self, pieces):
        self.run(damage_stock, product_id=UUID(self.pen), quantity=Decimal(pieces))

    def review(self):
        return self.run(review_credit)

    def stands(self):
        """Credit in the books, credit to come again, and tax that became a loss."""
        with self.read() as reader:
            cost = ledger.balance_of(reader, chart.STOCK_LOSS)
            pens = -ledger.balance_of(reader, chart.INVENTORY) + 1_000_00
        return *self.credit(), cost - pens


@pytest.fixture
def shop(database):
    return Shop(database)


def test_what_is_reversed_already_does_not_go_again_and_never_comes_back(shop):
    shop.on(181)
    assert shop.review()["reversed"] == 180_00
    shop.lose(2)
    assert shop.stands() == (0, 144_00, 36_00)
    assert shop.review()["bills"] == 0
    with shop.read() as reader:
        found = gstr3b(reader, date(2026, 9, 1))
    assert (found.reversed.tax, found.lost.tax, found.difference) == (180_00, 0, 0)
    shop.pay(1_180_00)
    assert shop.stands() == (144_00, 0, 36_00)


def test_what_was_lost_before_is_not_reversed_later(shop):
    shop.lose(2)
    assert shop.stands() == (144_00, 0, 36_00)
    shop.on(181)
    assert shop.review()["reversed"] == 144_00
    assert shop.stands() == (0, 144_00, 36_00)
    shop.pay(1_180_00)
    assert shop.stands() == (144_00, 0, 36_00)


def test_of_a_bill_that_is_paid_in_part_each_share_goes_once(shop):
    shop.pay(590_00)
    shop.on(181)
    assert shop.review()["reversed"] == 90_00
    shop.lose(2)
    assert shop.stands() == (72_00, 72_00, 36_00)
    with shop.read() as reader:
        assert gstr3b(reader, date(2026, 9, 1)).lost.tax == 18_00
    assert shop.review()["bills"] == 0
    shop.pay(590_00)
    assert shop.stands() == (144_00, 0, 36_00)


def test_a_loss_that_was_none_waits_for_the_payment_again(shop):
    shop.on(181)
    shop.review()
    shop.lose(2)
    with shop.read() as reader:
        (wrong,) = standing_changes(reader)
    shop.run(take_back_changes, movement_ids=[wrong.id])
    assert shop.stands() == (0, 180_00, 0)
    assert shop.review()["bills"] == 0
    shop.pay(1_180_00)
    assert shop.stands() == (180_00, 0, 0)


steps = st.lists(
    st.one_of(
        st.tuples(st.just("lose"), st.integers(1, 3)),
        st.tuples(st.just("pay"), st.integers(1, 700_00)),
        st.tuples(st.just("wait"), st.integers(1, 150)),
        st.tuples(st.just("review"), st.just(0)),
    ),
    min_size=2,
    max_size=8,
)


@settings(max_examples=15)
@given(steps)
def test_in_any_order_no_credit_goes_twice_and_none_of_what_is_lost_comes_back(database, steps):
    shop, day, left, paid = Shop(database), 0, 10, 0
    for what, how_much in steps:
        if what == "lose" and how_much <= left:
            shop.lose(how_much)
            left -= how_much
        elif what == "pay":
            shop.pay(how_much)
            paid += how_much
        elif what == "wait":
            day += how_much
            shop.on(day)
        shop.review()
    held, waits, lost = shop.stands()
    assert (held + waits, lost) == (18_00 * left, 18_00 * (10 - left))
    late, unpaid = day > 180, max(0, 1_180_00 - paid)
    expected = 18_00 * left * unpaid / 1_180_00 if late else 0
    assert abs(waits - expected) <= 2
    assert shop.review()["bills"] == 0
