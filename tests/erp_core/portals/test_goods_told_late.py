"""Goods under reverse charge whose bill is written after the return of their day was filed."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from own_shop import OwnShop

from demo.year import Calendar
from erp_core.inventory.queries import stock
from erp_core.ledger import chart
from erp_core.ledger.queries import balance_of
from erp_core.parties.service import add_vendor, change_business
from erp_core.portals.settling import settle_return
from erp_core.purchases.returning import return_goods
from erp_core.purchases.service import record_bill
from erp_core.reports.gst.gstr1 import gstr1
from erp_core.reports.gst.gstr3b import gstr3b
from erp_core.reports.gst.payable import payable
from erp_core.reports.gst.portal_files import gstr3b_json
from erp_core.reports.gst.series import OTHERS

APRIL, MAY, JUNE = date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1)


class Shop(OwnShop):
    def __init__(self, database):
        super().__init__(database, Calendar(date(2026, 4, 10)))
        self.scrap = self.goods("Scrap", 40_00, "7204", rate="18", unit="kg", stock=None)
        self.vendor = UUID(self.run(add_vendor, name="Kabadi")["vendor_id"])

    def buy(self, on):
        line = {"product_id": self.scrap, "quantity": "100", "unit_price_paise": 1_000_00}
        return self.run(
            record_bill, vendor_id=self.vendor, lines=[line], reverse_charge=True, on=on
        )

    def send_back(self, on=None, quantity="40"):
        line = {"product_id": self.scrap, "quantity": quantity}
        return self.run(return_goods, vendor_id=self.vendor, lines=[line], on=on)

    def filed(self, month):
        with self.read() as reader:
            return gstr3b_json("x", gstr3b(reader, month))

    def owed(self, month):
        with self.read() as reader:
            found = gstr3b(reader, month)
            assert found.difference == 0
            return found.reverse_charge.tax, found.input_reverse.tax

    def self_invoices(self, month):
        with self.read() as reader:
            return [
                one.first
                for one in gstr1(reader, month).ranges
                if one.kind == OTHERS["self_invoice"]
            ]


@pytest.fixture
def shop(database):
    return Shop(database)


def test_its_tax_goes_into_the_first_open_month_with_interest(shop):
    shop.on(2026, 5, 12)
    shop.run(settle_return, month=APRIL)
    done = shop.buy(date(2026, 4, 15))
    assert (shop.owed(APRIL), shop.owed(MAY)) == ((0, 0), (18_000_00, 18_000_00))
    assert shop.self_invoices(APRIL) == []
    assert shop.self_invoices(MAY) == [done["number"]]
    shop.on(2026, 6, 19)
    paid = shop.run(settle_return, month=MAY)
    assert paid["cash"] == 18_000_00
    # 9,000 × 18 % × 30 days / 365 = 133.15 of each half, from 20 May
    assert (paid["interest"], paid["next"]) == (2 * 133_00, 0)
    assert shop.balances(chart.OUTPUT_CGST, chart.OUTPUT_SGST) == (0, 0)


def test_in_an_open_month_it_keeps_its_day(shop):
    shop.on(2026, 5, 12)
    shop.buy(date(2026, 4, 15))
    assert (shop.owed(APRIL)[0], shop.owed(MAY)[0]) == (18_000_00, 0)


def test_the_goods_and_their_debt_keep_their_day(shop):
    shop.on(2026, 5, 12)
    shop.run(settle_return, month=APRIL)
    shop.buy(date(2026, 4, 15))
    with shop.read() as reader:
        on_the_day = date(2026, 4, 15)
        assert balance_of(reader, chart.PAYABLE, shop.vendor, until=on_the_day) == -1_00_000_00
        assert balance_of(reader, chart.INVENTORY, until=on_the_day) == 1_00_000_00
        assert stock(reader, UUID(shop.scrap)).on_hand == 100


def test_under_composition_it_is_a_cost_of_the_goods_in_the_open_quarter(shop):
    shop.run(change_business, gst_scheme="composition")
    shop.on(2026, 7, 10)
    shop.run(settle_return, month=APRIL)
    shop.buy(date(2026, 6, 15))
    with shop.read() as reader:
        assert balance_of(reader, chart.INVENTORY) == 1_18_000_00
        assert balance_of(reader, chart.OUTPUT_CGST, until=date(2026, 6, 30)) == 0
        assert balance_of(reader, chart.OUTPUT_CGST) == -9_000_00


def test_what_goes_back_on_a_day_of_a_filed_month_is_told_in_the_open_one(shop):
    shop.on(2026, 4, 15)
    shop.buy(None)
    shop.on(2026, 5, 12)
    shop.run(settle_return, month=APRIL)
    filed = shop.filed(APRIL)
    done = shop.send_back(on=date(2026, 4, 28))
    assert (done["tax"], done["total"]) == (7_200_00, 40_000_00)
    assert shop.filed(APRIL) == filed
    assert (shop.owed(APRIL), shop.owed(MAY)) == ((18_000_00,) * 2, (-7_200_00,) * 2)


def test_more_that_goes_back_than_is_owed_is_taken_off_in_the_month_after(shop):
    shop.on(2026, 4, 15)
    shop.buy(None)
    shop.on(2026, 5, 12)
    shop.run(settle_return, month=APRIL)
    shop.send_back()
    shop.on(2026, 6, 19)
    paid = shop.run(settle_return, month=MAY)
    assert (paid["owed"], paid["cash"], paid["paid"], paid["interest"]) == (0, 0, 0, 0)
    shop.buy(None)
    shop.on(2026, 7, 19)
    with shop.read() as reader:
        assert payable(reader, JUNE).cash == 10_800_00
    assert shop.run(settle_return, month=JUNE)["cash"] == 10_800_00
    assert shop.balances(chart.OUTPUT_CGST, chart.OUTPUT_SGST, chart.GST_CASH) == (0, 0, 0)


def test_what_goes_back_on_a_day_of_an_open_month_keeps_its_day(shop):
    shop.on(2026, 4, 15)
    shop.buy(None)
    shop.on(2026, 5, 12)
    shop.send_back(on=date(2026, 4, 28))
    assert (shop.owed(APRIL), shop.owed(MAY)) == ((10_800_00,) * 2, (0, 0))


def test_nothing_goes_back_of_tax_before_it_is_told(shop):
    shop.on(2026, 5, 12)
    shop.run(settle_return, month=APRIL)
    shop.on(2026, 6, 5)
    shop.buy(date(2026, 4, 15))
    shop.send_back(on=date(2026, 5, 30))
    assert (shop.owed(APRIL), shop.owed(MAY)) == ((0, 0), (0, 0))
    assert shop.owed(JUNE) == (10_800_00,) * 2


def test_the_goods_that_go_back_and_their_debt_keep_their_day(shop):
    shop.on(2026, 4, 15)
    shop.buy(None)
    shop.on(2026, 5, 12)
    shop.run(settle_return, month=APRIL)
    shop.send_back(on=date(2026, 4, 28))
    with shop.read() as reader:
        on_the_day = date(2026, 4, 28)
        assert balance_of(reader, chart.PAYABLE, shop.vendor, until=on_the_day) == -60_000_00
        assert balance_of(reader, chart.INVENTORY, until=on_the_day) == 60_000_00
        assert balance_of(reader, chart.COGS) == 0


def test_under_composition_what_goes_back_lowers_the_open_quarter_and_costs_nothing(shop):
    shop.run(change_business, gst_scheme="composition")
    shop.buy(date(2026, 4, 10))
    shop.on(2026, 7, 10)
    shop.run(settle_return, month=APRIL)
    shop.send_back(on=date(2026, 6, 15))
    with shop.read() as reader:
        assert balance_of(reader, chart.INVENTORY) == 70_800_00
        assert balance_of(reader, chart.COGS) == 0
        assert balance_of(reader, chart.OUTPUT_CGST, until=date(2026, 6, 30)) == -9_000_00
        assert balance_of(reader, chart.OUTPUT_CGST) == 3_600_00
