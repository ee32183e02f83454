"""What each of the shop's people sold is what they billed, on the days of the bills."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

import pytest
from own_shop import OwnShop

from demo.year import Calendar
from erp_core.invoicing.service import bill_goods, cancel_invoice
from erp_core.kernel.actor import SYSTEM, Actor
from erp_core.kernel.errors import Forbidden
from erp_core.parties.service import add_user
from erp_core.reports.sellers import Seller, sold_by

OCTOBER = (date(2026, 10, 1), date(2026, 10, 31))


class Shop(OwnShop):
    """Sells pens at ₹100 and 18 %, by two of its people."""

    def __init__(self, database):
        super().__init__(database, Calendar(date(2026, 10, 5)))
        self.pen = self.goods("Pen", 100_00, "9608", rate="18")
        self.ravi = self.customer("Ravi")
        self.asha, self.raju = self.hire("Asha", "manager"), self.hire("Raju", "staff")

    def hire(self, name, role):
        phone = f"9198765{uuid4().int % 100000:05d}"
        user = self.run(add_user, name=name, phone=phone, role=role)["user_id"]
        return Actor("user", UUID(user), role)

    def bill(self, who, quantity):
        lines = [{"product_id": self.pen, "quantity": quantity}]
        done = self.bahi.run(
            self.business, who, uuid4().hex, bill_goods, customer_id=self.ravi, lines=lines
        )
        return UUID(done["invoice_id"])

    def sellers(self, days, who=SYSTEM):
        with self.bahi.read(self.business, who) as reader:
            return sold_by(reader, *days)


@pytest.fixture
def shop(database):
    return Shop(database)


def test_each_sold_what_they_billed_and_was_not_cancelled(shop):
    shop.bill(shop.raju, "3"), shop.bill(shop.raju, "1"), shop.bill(shop.asha, "10")
    gone = shop.bill(shop.raju, "7")
    shop.run(cancel_invoice, invoice_id=gone, reason="wrong")
    assert shop.sellers(OCTOBER) == [Seller("Asha", 1, 1180_00), Seller("Raju", 2, 472_00)]
    shop.on(2026, 11, 3)
    shop.bill(shop.raju, "2")
    assert shop.sellers((date(2026, 11, 3), date(2026, 11, 3))) == [Seller("Raju", 1, 236_00)]
    assert shop.sellers(OCTOBER) == [Seller("Asha", 1, 1180_00), Seller("Raju", 2, 472_00)]


def test_who_may_not_see_reports_is_not_told(shop):
    with pytest.raises(Forbidden):
        shop.sellers(OCTOBER, shop.raju)
