"""One bill is not written as goods and as an expense, in either order, nor by two at once."""

from __future__ import annotations

import threading
from datetime import date
from uuid import UUID

import pytest
from own_shop import OwnShop

from demo.year import Calendar
from erp_core.expenses.queries import expenses_between
from erp_core.expenses.service import log_expense, take_back_expense
from erp_core.kernel.errors import Conflict
from erp_core.parties.service import add_vendor
from erp_core.purchases.queries import bills_between
from erp_core.purchases.service import record_bill

TODAY = date(2026, 11, 20)
METRO = "27AAACR5055K1Z7"


class Shop(OwnShop):
    def __init__(self, database):
        super().__init__(database, Calendar(TODAY))
        self.pen = self.goods("Pen", 200_00, "9608", rate="18")
        self.metro = UUID(self.run(add_vendor, name="Metro", gstin=METRO)["vendor_id"])

    def buy(self, number, **facts):
        line = {"product_id": self.pen, "quantity": "10", "unit_price_paise": 100_00}
        facts = {"vendor_id": self.metro, **facts}
        return self.run(record_bill, lines=[line], number=number, **facts)

    def spend(self, number, **facts):
        facts = {"vendor": "Metro", "item": "packing", **facts}
        return self.run(log_expense, amount_paise=1180_00, number=number, **facts)


@pytest.fixture
def shop(database):
    return Shop(database)


@pytest.mark.parametrize("written", ["M/00012", "m-12", "M 12"])
def test_goods_are_not_an_expense_too(shop, written):
    shop.buy("M/00012")
    with pytest.raises(Conflict) as refused:
        shop.spend(written)
    assert (refused.value.code, refused.value.facts) == (
        "expense_known", {"number": "M/00012", "on": "2026-11-20", "amount": 1180_00}
    )  # fmt: skip
    with shop.read() as reader:
        assert expenses_between(reader, TODAY, TODAY) == []


def test_an_expense_is_not_goods_too(shop):
    done = shop.spend("M/12")
    with pytest.raises(Conflict) as refused:
        shop.buy("M-12")
    assert refused.value.code == "expense_known"
    shop.run(take_back_expense, expense_id=UUID(done["expense_id"]))
    assert shop.buy("M-12")["number"] == "M-12"


def test_a_supplier_is_known_by_its_gstin(shop):
    shop.buy("12")
    with pytest.raises(Conflict):
        shop.spend("12", vendor="Metro Pune", supplier_gstin=METRO)


def test_other_numbers_vendors_and_years_are_other_bills(shop):
    shop.buy("12", on=date(2026, 3, 31))
    shop.spend("12")
    shop.spend("13")
    shop.buy("14", vendor_id=None, vendor_name="Kapoor")
    shop.spend("14")
    shop.spend(None)
    shop.spend(None)


def test_of_two_at_once_one_is_written(shop):
    start, said = threading.Barrier(2), []

    def do(write):
        start.wait()
        try:
            write("77")
            said.append("written")
        except Conflict as conflict:
            said.append(conflict.code)

    threads = [threading.Thread(target=do, args=(one,)) for one in (shop.buy, shop.spend)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(said) == ["expense_known", "written"]
    with shop.read() as reader:
        written = len(bills_between(reader, TODAY, TODAY)) + len(
            expenses_between(reader, TODAY, TODAY)
        )
    assert written == 1
