"""Credit of goods that nobody buys any more goes back for good (section 17(5)(g) and (h))."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from own_shop import OwnShop

from demo.year import Calendar
from erp_core.inventory.correcting import standing_changes, take_back_changes
from erp_core.inventory.service import damage_stock, set_stock, write_off_expired
from erp_core.journal.context import Context
from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.parties.service import add_vendor
from erp_core.purchases.lost_goods import lost_without_bill
from erp_core.purchases.service import record_bill
from erp_core.reports.gst.portal_files import gstr3b_json

FIRST = date(2025, 9, 1)
INPUT = (chart.INPUT_CGST, chart.INPUT_SGST, chart.INPUT_IGST)


class Chemist(OwnShop):
    def __init__(self, database):
        super().__init__(database, Calendar(FIRST))
        self.syrup = self.goods("Syrup", 100_00, "3004", rate="12", stock=None)
        self.near = self.vendor("Metro", "27AAACR5055K1Z7")
        self.far = self.vendor("Bengaluru Pharma", "29AAACR5055K1Z3")

    def vendor(self, name, gstin=None):
        return UUID(self.run(add_vendor, name=name, gstin=gstin)["vendor_id"])

    def buy(self, vendor, pieces, rupees=100, **batch):
        line = {"product_id": self.syrup, "quantity": str(pieces)}
        line |= {"unit_price_paise": rupees * 100, **batch}
        self.run(record_bill, vendor_id=vendor, lines=[line])

    def lose(self, pieces, reason="damaged"):
        lost = {"product_id": UUID(self.syrup), "quantity": Decimal(pieces)}
        self.run(damage_stock, **lost, reason=reason)

    def on(self, days):
        self.calendar.turn_to(FIRST + timedelta(days=days))

    def balance(self, account):
        with self.read() as reader:
            return ledger.balance_of(reader, account)

    def credit(self):
        return tuple(self.balance(account) for account in INPUT)


@pytest.fixture
def shop(database):
    return Chemist(database)


def test_what_breaks_costs_its_tax_too(shop):
    shop.buy(shop.near, 10)
    shop.lose(2)
    assert shop.credit() == (48_00, 48_00, 0)
    assert shop.balance(chart.STOCK_LOSS) == 200_00 + 24_00
    found = shop.summary(FIRST)
    told = json.loads(gstr3b_json("x", found))["itc_elg"]
    assert told["itc_avl"][4] == {"ty": "OTH", "iamt": 0, "camt": 60, "samt": 60, "csamt": 0}
    assert told["itc_rev"][0] == {"ty": "RUL", "iamt": 0, "camt": 12, "samt": 12, "csamt": 0}
    assert told["itc_net"] == {"iamt": 0, "camt": 48, "samt": 48, "csamt": 0}
    assert found.difference == 0


def test_an_expired_batch_gives_back_what_was_taken_on_its_own_bill(shop):
    shop.buy(shop.far, 10, expires_on="2025-12-31", batch="A1")
    shop.on(60)  # by now the rate is 5 %
    shop.buy(shop.near, 10, expires_on="2026-12-31", batch="B1")
    shop.on(130)
    shop.run(write_off_expired)
    assert shop.credit() == (25_00, 25_00, 0)
    assert shop.balance(chart.STOCK_LOSS) == 1_000_00 + 120_00


def test_of_other_goods_the_oldest_that_lay_there_are_gone(shop):
    shop.buy(shop.far, 10)
    shop.on(60)
    shop.buy(shop.near, 10)
    shop.lose(12)
    assert shop.credit() == (20_00, 20_00, 0)


def test_a_shortage_in_a_count_and_what_is_taken_for_oneself_count_alike(shop):
    shop.buy(shop.near, 10)
    shop.run(set_stock, product_id=UUID(shop.syrup), quantity=Decimal(9))
    shop.lose(1, reason="own_use")
    assert shop.credit() == (48_00, 48_00, 0)
    assert shop.balance(chart.DRAWINGS) == 100_00 + 12_00


def test_no_credit_was_taken_on_what_came_without_tax(shop):
    shop.buy(shop.vendor("Ramlal"), 10)
    shop.lose(4)
    assert shop.credit() == (0, 0, 0)
    assert shop.balance(chart.STOCK_LOSS) == 400_00


def test_goods_that_came_by_no_bill_give_back_nothing_and_are_told(shop):
    old = {"rate": "12", "stock": Decimal(10), "cost_paise": 70_00}
    shop.syrup = shop.goods("Old syrup", 100_00, "3004", **old)
    shop.buy(shop.near, 5)
    shop.lose(12)
    assert shop.credit() == (18_00, 18_00, 0)
    with shop.read() as reader:
        assert lost_without_bill(reader, FIRST, FIRST) == 800_00
        assert lost_without_bill(reader, FIRST + timedelta(days=1), FIRST + timedelta(days=9)) == 0


def test_what_was_not_lost_after_all_has_its_credit_again(shop):
    shop.buy(shop.near, 10)
    shop.lose(4)
    with shop.read() as reader:
        (wrong,) = standing_changes(reader)
    shop.run(take_back_changes, movement_ids=[wrong.id], right=Decimal(1))
    assert shop.credit() == (54_00, 54_00, 0)
    assert shop.balance(chart.STOCK_LOSS) == 100_00 + 12_00
    found = shop.summary(FIRST)
    assert (found.lost.tax, found.available.tax) == (12_00, 120_00)


@pytest.mark.parametrize("order", [("near", "far"), ("far", "near")])
def test_several_vendors_credit_is_locked_in_one_order(shop, monkeypatch, order):
    """Two who lose goods at once would wait for each other otherwise."""
    locked = []
    take_turns = Context.take_turns

    def noted(ctx, key):
        if key.startswith("credit:") and key not in locked:
            locked.append(key)
        take_turns(ctx, key)

    for name in order:
        shop.buy(getattr(shop, name), 10)
    monkeypatch.setattr(Context, "take_turns", noted)
    shop.lose(12)
    assert locked == [f"credit:{one}" for one in sorted([shop.near, shop.far])]
