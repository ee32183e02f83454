"""What lies in the shop unsold is told with most money first."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from own_shop import OwnShop

from demo.year import Calendar
from erp_core.kernel.actor import Actor
from erp_core.kernel.errors import Forbidden
from erp_core.orders.service import cancel_order, change_status, create_order
from erp_core.reports.slow_sellers import SlowSeller, slow_sellers


class Shop(OwnShop):
    """Has two pens of ₹50, ten inks of ₹20 and no paper left."""

    def __init__(self, database):
        super().__init__(database, Calendar(date(2026, 10, 5)))
        self.pen = self.goods("Pen", 100_00, "9608", cost_paise=50_00, stock=Decimal(2))
        self.ink = self.goods("Ink", 40_00, "3215", cost_paise=20_00, stock=Decimal(10))
        self.goods("Paper", 40_00, "4802", cost_paise=20_00, stock=None)
        self.ravi = self.customer()

    def order(self, product, quantity):
        lines = [{"product_id": product, "quantity": quantity}]
        return UUID(self.run(create_order, customer_id=self.ravi, lines=lines)["order_id"])

    def slow(self, days):
        with self.read() as reader:
            return [(one.name, one.last_on) for one in slow_sellers(reader, days)]


@pytest.fixture
def shop(database):
    return Shop(database)


def test_what_nobody_ever_bought_and_what_was_last_bought_long_ago(shop):
    assert shop.slow(30) == [("Ink", None), ("Pen", None)]
    shop.order(shop.ink, "1")
    assert shop.slow(30) == [("Pen", None)]
    shop.on(2026, 11, 5)
    assert shop.slow(31) == [("Pen", None)]
    assert shop.slow(30) == [("Ink", date(2026, 10, 5)), ("Pen", None)]


def test_an_order_that_was_cancelled_was_no_sale(shop):
    shop.run(cancel_order, order_id=shop.order(shop.pen, "1"))
    assert shop.slow(1) == [("Ink", None), ("Pen", None)]


def test_the_newest_sale_that_stands_is_the_last_one(shop):
    shop.order(shop.pen, "1")
    shop.on(2026, 10, 6)
    shop.order(shop.pen, "1")
    returned = shop.order(shop.ink, "1")
    shop.run(change_status, order_id=returned, status="delivered")
    shop.on(2026, 10, 7)
    shop.run(cancel_order, order_id=shop.order(shop.ink, "2"))
    shop.run(change_status, order_id=returned, status="returned")
    shop.on(2026, 10, 20)
    with shop.read() as reader:
        assert slow_sellers(reader, 10) == [
            SlowSeller(UUID(shop.ink), "Ink", "piece", Decimal(10), None),
            SlowSeller(UUID(shop.pen), "Pen", "piece", Decimal(2), date(2026, 10, 6)),
        ]
    assert shop.slow(14) == [("Ink", None)]


def test_staff_are_not_told(shop):
    clerk = Actor("user", UUID(int=1), "staff")
    with shop.bahi.read(shop.business, clerk) as reader, pytest.raises(Forbidden):
        slow_sellers(reader, 30)
