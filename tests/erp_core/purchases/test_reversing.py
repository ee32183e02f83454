"""Credit of bills unpaid for 180 days goes, and comes back when they are paid (rule 37)."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pen_shop import PenShop

from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.purchases.returning import return_goods
from erp_core.purchases.reversing import review_credit, unpaid_too_long
from erp_core.purchases.service import record_bill
from erp_core.reports.gst.portal_files import gstr3b_json


@pytest.fixture
def shop(database):
    return PenShop(database)


def test_credit_goes_on_the_181st_day_and_comes_back_when_it_is_paid(shop):
    shop.buy()
    shop.on(180)
    assert shop.run(review_credit) == {"reversed": 0, "reclaimed": 0, "bills": 0}
    shop.on(181)
    assert shop.run(review_credit) == {"reversed": 180_00, "reclaimed": 0, "bills": 1}
    assert shop.credit() == (0, 180_00)
    assert shop.run(review_credit)["bills"] == 0
    told = json.loads(gstr3b_json("x", shop.summary(date(2026, 9, 1))))["itc_elg"]
    assert told["itc_rev"][1] == {"ty": "OTH", "iamt": 0, "camt": 90, "samt": 90, "csamt": 0}
    assert told["itc_net"] == {"iamt": 0, "camt": -90, "samt": -90, "csamt": 0}
    shop.on(200)
    shop.pay(1_180_00)
    assert shop.credit() == (180_00, 0)
    found = shop.summary(date(2026, 10, 1))
    told = json.loads(gstr3b_json("x", found))["itc_elg"]
    assert told["itc_avl"][4]["camt"] == 90
    assert told["itc_inelg"][0] == {"ty": "RUL", "iamt": 0, "camt": 90, "samt": 90, "csamt": 0}
    assert (found.reclaimed.tax, found.difference) == (180_00, 0)


def test_only_the_unpaid_share_of_the_oldest_bills_goes(shop):
    shop.buy()
    shop.on(100)
    second = shop.buy(50)
    shop.pay(590_00)
    shop.on(181)
    assert shop.run(review_credit)["reversed"] == 90_00
    with shop.read() as reader:
        late = unpaid_too_long(reader, shop.vendor)
    assert [one.unpaid for one in late] == [590_00]
    assert second not in [one.bill.id for one in late]
    shop.pay(295_00)
    assert shop.credit() == (225_00, 45_00)


def test_goods_that_went_back_are_not_unpaid(shop):
    bill_id = shop.buy()
    back = [{"product_id": shop.pen, "quantity": "4"}]
    shop.run(return_goods, vendor_id=shop.vendor, bill_id=bill_id, lines=back)
    shop.on(181)
    assert shop.run(review_credit)["reversed"] == 108_00
    back = [{"product_id": shop.pen, "quantity": "6"}]
    shop.run(return_goods, vendor_id=shop.vendor, bill_id=bill_id, lines=back)
    shop.run(review_credit)
    assert shop.credit() == (0, 0)


def test_reverse_charge_is_no_affair_of_rule_37(shop):
    line = {"product_id": shop.pen, "quantity": "1", "unit_price_paise": 100_00}
    shop.run(record_bill, vendor_id=shop.vendor, lines=[line], reverse_charge=True)
    shop.on(300)
    assert shop.run(review_credit)["bills"] == 0


trade = st.lists(
    st.tuples(st.sampled_from(["buy", "pay", "back", "wait"]), st.integers(1, 200)),
    min_size=1,
    max_size=9,
)


@settings(max_examples=12)
@given(trade)
def test_the_credit_that_stands_is_that_of_what_is_paid_or_young(database, trade):
    shop, day, bills = PenShop(database), 0, []
    for step, number in trade:
        if step == "buy":
            bills.append(shop.buy(number, "3"))
        elif step == "pay":
            shop.pay(number * 3_33)
        elif step == "back" and bills:
            back = [{"product_id": shop.pen, "quantity": "3"}]
            shop.run(return_goods, vendor_id=shop.vendor, bill_id=bills.pop(), lines=back)
        else:
            day += number
            shop.on(day)
        shop.run(review_credit)
    with shop.read() as reader:
        late = unpaid_too_long(reader, shop.vendor)
        assert ledger.balance_of(reader, chart.CREDIT_REVERSED) == sum(
            sum(one.heads.values()) for one in late
        )
        assert sum(ledger.account_balances(reader).values()) == 0
        assert all(one.unpaid > 0 for one in late)
