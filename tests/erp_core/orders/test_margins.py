"""What is left of a price is reckoned without the tax in it, from what the goods have cost."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from own_shop import OwnShop

from demo.year import Calendar
from erp_core.catalogue.queries import product
from erp_core.kernel.actor import Actor
from erp_core.kernel.errors import Forbidden
from erp_core.orders.margins import Margin, margin
from erp_core.parties.service import add_vendor
from erp_core.purchases.service import record_bill


class Shop(OwnShop):
    def __init__(self, database, **facts):
        super().__init__(database, Calendar(date(2026, 11, 5)), **facts)

    def margin(self, product_id):
        with self.read() as reader:
            return margin(reader, product(reader, UUID(product_id)))


@pytest.mark.parametrize(("included", "price"), [(False, 118_00), (True, 100_00)])
def test_the_tax_in_a_price_is_nobodys_gain(database, included, price):
    shop = Shop(database, prices_include_tax=included)
    pen = shop.goods("Pen", 118_00, "9608", rate="18", cost_paise=80_00, stock=Decimal(5))
    assert shop.margin(pen) == Margin(price, 80_00)
    assert shop.margin(pen).gained == price - 80_00


def test_goods_cost_what_they_were_bought_at_on_average(database):
    shop = Shop(database)
    pen = shop.goods("Pen", 150_00, "9608", rate="18", cost_paise=80_00, stock=Decimal(10))
    vendor = UUID(shop.run(add_vendor, name="Camlin", gstin="27AAACC1206D1ZM")["vendor_id"])
    line = {"product_id": pen, "quantity": "30", "unit_price_paise": 100_00}
    shop.run(record_bill, vendor_id=vendor, lines=[line])
    assert shop.margin(pen) == Margin(150_00, 95_00)
    assert shop.margin(pen).percent == Decimal("36.7")


def test_without_a_cost_nothing_is_said_of_a_gain(database):
    shop = Shop(database)
    pen = shop.goods("Pen", 150_00, "9608", rate="18", stock=Decimal(0))
    told = shop.margin(pen)
    assert (told.cost, told.gained, told.percent) == (None, None, None)


def test_staff_see_no_costs(database):
    shop = Shop(database)
    pen = shop.goods("Pen", 150_00, "9608", rate="18")
    clerk = Actor("user", UUID(int=1), "staff")
    with shop.bahi.read(shop.business, clerk) as reader, pytest.raises(Forbidden):
        margin(reader, product(reader, UUID(pen)))
