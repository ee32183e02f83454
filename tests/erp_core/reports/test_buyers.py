"""Who buys most is told by what was billed less what was credited."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from own_shop import OwnShop

from demo.year import Calendar
from erp_core.invoicing.notes import credit_invoice
from erp_core.invoicing.service import bill_goods, cancel_invoice, sell_at_counter
from erp_core.parties.service import walk_in
from erp_core.reports.buyers import Absent, Buyer, absent, best_buyers

OCTOBER, NOVEMBER = (date(2026, 10, 1), date(2026, 10, 31)), (date(2026, 11, 1), date(2026, 11, 30))


class Shop(OwnShop):
    """Sells pens at ₹100 and 18 %."""

    def __init__(self, database):
        super().__init__(database, Calendar(date(2026, 10, 5)))
        self.pen = self.goods("Pen", 100_00, "9608", rate="18")

    def bill(self, buyer, quantity):
        lines = [{"product_id": self.pen, "quantity": quantity}]
        return UUID(self.run(bill_goods, customer_id=buyer, lines=lines)["invoice_id"])

    def best(self, days, limit=5):
        with self.read() as reader:
            return best_buyers(reader, *days, limit=limit)

    def absent(self, days):
        with self.read() as reader:
            return absent(reader, days)


@pytest.fixture
def shop(database):
    return Shop(database)


def test_what_was_credited_or_cancelled_was_not_bought(shop):
    ravi, meena, gone = (shop.customer(name) for name in ("Ravi", "Meena", "Gone"))
    shop.bill(ravi, "3"), shop.bill(ravi, "1")
    large = shop.bill(meena, "5")
    shop.run(cancel_invoice, invoice_id=shop.bill(gone, "9"), reason="wrong")
    assert shop.best(OCTOBER) == [Buyer("Meena", 590_00, 1), Buyer("Ravi", 472_00, 2)]
    shop.on(2026, 11, 3)
    shop.run(credit_invoice, invoice_id=large, reason="sales_return")
    assert shop.best(OCTOBER, limit=1) == [Buyer("Meena", 590_00, 1)]
    assert shop.best(NOVEMBER) == []
    assert shop.best((OCTOBER[0], NOVEMBER[1])) == [Buyer("Ravi", 472_00, 2)]


def test_the_counter_is_nobody(shop):
    shop.run(
        sell_at_counter,
        customer_id=UUID(shop.run(walk_in)["customer_id"]),
        lines=[{"product_id": shop.pen, "quantity": "2"}],
        method="cash",
    )
    assert shop.best(OCTOBER) == []
    shop.on(2027, 1, 1)
    assert shop.absent(30) == []


def test_who_has_not_come_for_so_many_days(shop):
    ravi, meena = shop.customer("Ravi"), shop.customer("Meena")
    shop.customer("Never")
    shop.bill(ravi, "1")
    shop.on(2026, 10, 8)
    shop.bill(meena, "1")
    shop.on(2026, 11, 5)
    assert shop.absent(30) == [Absent("Ravi", date(2026, 10, 5))]
    assert shop.absent(31) == []
    assert [one.name for one in shop.absent(10)] == ["Meena", "Ravi"]
