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
from erp_core.purchases.service import record_bill
from erp_core.reports.gst.gstr1 import gstr1
from erp_core.reports.gst.gstr3b import gstr3b
from erp_core.reports.gst.series import OTHERS

APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)


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
