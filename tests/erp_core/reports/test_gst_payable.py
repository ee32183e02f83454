"""What a month's GST comes to after credit: of the month, with what earlier months left of both."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from own_shop import OwnShop

from demo.year import Calendar
from erp_core.invoicing.service import bill_goods
from erp_core.parties.service import add_vendor
from erp_core.portals.settling import settle_return
from erp_core.purchases.service import record_bill
from erp_core.reports.gst.payable import payable

APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)


class Shop(OwnShop):
    """Sells pens at ₹200 and buys them at ₹100, each with 18 %."""

    def __init__(self, database):
        super().__init__(database, Calendar(APRIL))
        self.pen = self.goods("Pen", 200_00, "9608", rate="18")
        self.vendor = UUID(self.run(add_vendor, name="Metro", gstin="27AAACR5055K1Z7")["vendor_id"])
        self.ravi = self.customer()

    def buy(self, pieces, **facts):
        line = {"product_id": self.pen, "quantity": str(pieces), "unit_price_paise": 100_00}
        self.run(record_bill, vendor_id=self.vendor, lines=[line], **facts)

    def sell(self, pieces):
        lines = [{"product_id": self.pen, "quantity": str(pieces)}]
        self.run(bill_goods, customer_id=self.ravi, lines=lines)

    def payable(self, month):
        with self.read() as reader:
            return payable(reader, month)


@pytest.fixture
def shop(database):
    return Shop(database)


def test_credit_is_taken_off_and_the_rest_is_due_by_the_20th(shop):
    shop.buy(10)
    shop.sell(20)
    found = shop.payable(APRIL)
    assert found.month.owed == {"igst": 0, "cgst": 360_00, "sgst": 360_00, "cess": 0}
    assert found.month.cash == {"igst": 0, "cgst": 270_00, "sgst": 270_00, "cess": 0}
    assert (found.cash, found.last_day) == (540_00, date(2026, 5, 20))
    assert (found.carried, found.left, found.earlier, found.settled) == (0, 0, 0, False)


def test_tax_under_reverse_charge_is_paid_in_cash_and_is_credit(shop):
    shop.buy(10, reverse_charge=True)
    shop.sell(5)
    found = shop.payable(APRIL)
    assert sum(found.month.owed.values()) == 360_00
    assert (found.cash, found.left) == (180_00, 0)


def test_credit_that_is_left_goes_into_the_next_month(shop):
    shop.buy(30)
    shop.sell(5)
    assert (shop.payable(APRIL).cash, shop.payable(APRIL).left) == (0, 360_00)
    shop.calendar.turn_to(date(2026, 5, 4))
    shop.sell(20)
    found = shop.payable(MAY)
    assert (found.carried, found.cash, found.left) == (360_00, 360_00, 0)


def test_what_the_books_do_not_show_as_paid_is_told_apart(shop):
    shop.sell(10)
    shop.calendar.turn_to(date(2026, 5, 4))
    shop.sell(5)
    found = shop.payable(MAY)
    assert (found.cash, found.earlier) == (180_00, 360_00)
    shop.run(settle_return, month=APRIL)
    found = shop.payable(MAY)
    assert (found.cash, found.earlier, found.settled) == (180_00, 0, False)
    assert shop.payable(APRIL).settled


def test_a_settled_month_is_told_as_it_was_settled(shop):
    shop.buy(30)
    shop.sell(5)
    shop.calendar.turn_to(date(2026, 5, 4))
    shop.sell(20)
    shop.calendar.turn_to(date(2026, 6, 4))
    shop.sell(1)
    april, may = shop.payable(APRIL), shop.payable(MAY)
    shop.run(settle_return, month=APRIL)
    shop.run(settle_return, month=MAY)
    for before, month in ((april, APRIL), (may, MAY)):
        after = shop.payable(month)
        assert (after.settled, after.month, after.carried, after.left, after.earlier) == (
            True, before.month, before.carried, before.left, 0
        )  # fmt: skip


def test_what_a_settled_month_paid_of_those_before_is_no_part_of_it(shop):
    shop.sell(10)
    shop.calendar.turn_to(date(2026, 6, 4))
    shop.run(settle_return, month=MAY)
    found = shop.payable(MAY)
    assert (sum(found.month.owed.values()), found.earlier) == (0, 0)
