"""A bill that turns up after the return of its month was filed: its credit waits for the next."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from own_shop import OwnShop

from demo.year import Calendar
from erp_core.expenses.service import log_expense, take_back_expense
from erp_core.invoicing.service import bill_goods
from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.parties.service import add_vendor
from erp_core.portals.settling import settle_return
from erp_core.purchases.service import record_bill
from erp_core.reports.gst.gstr3b import gstr3b
from erp_core.reports.gst.payable import payable
from erp_core.reports.gst.portal_files import gstr3b_json

APRIL, MAY, JUNE = date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1)


class Shop(OwnShop):
    """Sells pens at ₹200 and buys them at ₹100, each with 18 %; its April is filed."""

    def __init__(self, database):
        super().__init__(database, Calendar(APRIL))
        self.pen = self.goods("Pen", 200_00, "9608", rate="18")
        self.vendor = UUID(self.run(add_vendor, name="Metro", gstin="27AAACR5055K1Z7")["vendor_id"])
        self.ravi = self.customer()
        self.sell(20)
        self.spent = UUID(
            self.run(log_expense, amount_paise=1_180_00, gst_paise=180_00, item="bijli")[
                "expense_id"
            ]
        )
        self.calendar.turn_to(date(2026, 5, 20))
        self.run(settle_return, month=APRIL)
        with self.read() as reader:
            self.filed = gstr3b_json("x", gstr3b(reader, APRIL))

    def sell(self, pieces):
        lines = [{"product_id": self.pen, "quantity": str(pieces)}]
        self.run(bill_goods, customer_id=self.ravi, lines=lines)

    def buy(self, pieces, **facts):
        line = {"product_id": self.pen, "quantity": str(pieces), "unit_price_paise": 100_00}
        self.run(record_bill, vendor_id=self.vendor, lines=[line], **facts)

    def credit(self, month):
        with self.read() as reader:
            return gstr3b(reader, month).input_tax.tax

    def left(self, month):
        with self.read() as reader:
            found = payable(reader, month)
        return found.carried, found.cash, found.left


@pytest.fixture
def shop(database):
    return Shop(database)


def test_its_credit_is_told_in_the_month_that_was_open(shop):
    shop.calendar.turn_to(date(2026, 6, 2))
    shop.buy(10, on=date(2026, 4, 25))
    with shop.read() as reader:
        assert gstr3b_json("x", gstr3b(reader, APRIL)) == shop.filed
    assert (shop.credit(MAY), shop.credit(JUNE)) == (180_00, 0)
    assert shop.left(MAY) == (0, 0, 180_00)
    assert shop.left(JUNE) == (180_00, 0, 180_00)


def test_the_return_and_the_settlement_agree(shop):
    shop.sell(20)
    shop.calendar.turn_to(date(2026, 6, 2))
    shop.buy(10, on=date(2026, 4, 25))
    assert shop.left(MAY) == (0, 540_00, 0)
    shop.calendar.turn_to(date(2026, 6, 20))
    done = shop.run(settle_return, month=MAY)
    assert (done["credit"], done["cash"]) == (180_00, 540_00)
    assert shop.credit(MAY) == 180_00
    with shop.read() as reader:
        assert ledger.balance_of(reader, chart.INPUT_CGST) == 0


def test_after_two_filed_months_it_goes_into_the_third(shop):
    shop.sell(1)
    shop.calendar.turn_to(date(2026, 6, 20))
    shop.run(settle_return, month=MAY)
    shop.buy(10, on=date(2026, 4, 25))
    shop.buy(10, on=date(2026, 5, 25))
    assert (shop.credit(APRIL), shop.credit(MAY), shop.credit(JUNE)) == (180_00, 0, 360_00)


def test_what_is_taken_back_of_a_filed_month_is_told_later_too(shop):
    shop.calendar.turn_to(date(2026, 6, 2))
    shop.run(take_back_expense, expense_id=shop.spent)
    with shop.read() as reader:
        assert gstr3b_json("x", gstr3b(reader, APRIL)) == shop.filed
    assert shop.credit(MAY) == -180_00


def test_a_month_that_was_filed_with_nothing_in_it_stays_so(shop):
    shop.calendar.turn_to(date(2026, 6, 20))
    assert shop.run(settle_return, month=MAY)["owed"] == 0
    shop.calendar.turn_to(date(2026, 6, 25))
    shop.buy(10, on=date(2026, 5, 25))
    assert (shop.credit(MAY), shop.credit(JUNE)) == (0, 180_00)
    assert shop.left(JUNE) == (0, 0, 180_00)


def test_in_an_open_month_a_bill_keeps_its_month(shop):
    shop.calendar.turn_to(date(2026, 6, 2))
    shop.buy(10, on=date(2026, 5, 25))
    assert (shop.credit(MAY), shop.credit(JUNE)) == (180_00, 0)
