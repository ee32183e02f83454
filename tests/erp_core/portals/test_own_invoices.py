"""Invoices to ourselves are numbered, and told in Table 13, by the day on which they are issued."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from own_shop import OwnShop

from demo.year import Calendar
from erp_core.expenses.service import log_expense
from erp_core.parties.service import add_vendor
from erp_core.portals.reverse_charge import charge
from erp_core.purchases.service import record_bill
from erp_core.reports.gst.gstr1 import gstr1
from erp_core.reports.gst.gstr3b import gstr3b

MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)


class Shop(OwnShop):
    def __init__(self, database):
        super().__init__(database, Calendar(date(2026, 3, 20)))
        self.cotton = self.goods("Cotton", 100_00, "5201", rate="5")
        self.vendor = UUID(self.run(add_vendor, name="Ramesh", state="27")["vendor_id"])

    def buy(self, **more):
        line = {"product_id": self.cotton, "quantity": "1", "unit_price_paise": 100_00}
        return self.run(
            record_bill, vendor_id=self.vendor, lines=[line], reverse_charge=True, **more
        )["number"]

    def own(self, month):
        """The ranges of our own invoices and of payment vouchers in Table 13, and the tax."""
        with self.read() as reader:
            found = [
                (one.kind, one.first, one.last, one.count, one.missing)
                for one in gstr1(reader, month).ranges
                if one.kind in (2, 7)
            ]
            return found, gstr3b(reader, month).reverse_charge.tax


@pytest.fixture
def shop(database):
    return Shop(database)


def test_of_goods_that_came_last_year_it_bears_a_number_of_this_one(shop):
    assert shop.buy() == "SI27-2526-00001"
    shop.on(2026, 4, 5)
    assert shop.buy(on=date(2026, 3, 28)) == "SI27-2627-00001"
    assert shop.own(MARCH) == ([(2, "SI27-2526-00001", "SI27-2526-00001", 1, ())], 10_00)
    assert shop.own(APRIL) == ([(2, "SI27-2627-00001", "SI27-2627-00001", 1, ())], 0)


def test_so_does_that_of_a_service_and_its_voucher(shop):
    shop.on(2026, 4, 5)
    spent = shop.run(
        log_expense, amount_paise=1_000_00, vendor="Vakil", item="vakil ki fees",
        on=date(2026, 3, 28),
    )  # fmt: skip
    done = shop.run(charge, expense_id=UUID(spent["expense_id"]), service="advocate")
    assert (done["number"], done["self_invoice"]) == ("PV27-2627-00001", "SI27-2627-00001")
    assert shop.own(MARCH) == ([], 180_00)
    assert shop.own(APRIL) == (
        [
            (2, "SI27-2627-00001", "SI27-2627-00001", 1, ()),
            (7, "PV27-2627-00001", "PV27-2627-00001", 1, ()),
        ],
        0,
    )


def test_those_that_are_written_late_leave_no_gap_in_a_month(shop):
    shop.on(2026, 4, 20)
    shop.buy()
    shop.on(2026, 5, 3)
    shop.buy()
    shop.buy(on=date(2026, 4, 28))
    shop.buy()
    assert shop.own(APRIL)[0] == [(2, "SI27-2627-00001", "SI27-2627-00001", 1, ())]
    assert shop.own(MAY)[0] == [(2, "SI27-2627-00002", "SI27-2627-00004", 3, ())]
