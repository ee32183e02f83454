"""A return is filed while others book into its month: each of them is in it, or in an open one."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from uuid import UUID

import pytest
from own_shop import OwnShop
from sqlalchemy import text

from demo.year import Calendar
from erp_core.expenses.service import log_expense, take_back_expense
from erp_core.invoicing.service import bill_goods
from erp_core.parties.service import add_vendor
from erp_core.portals.reverse_charge import charge
from erp_core.portals.settling import settle_return
from erp_core.purchases.returning import return_goods
from erp_core.purchases.service import record_bill
from erp_core.reports.gst.gstr3b import gstr3b

APRIL, MAY, DAY = date(2026, 4, 1), date(2026, 5, 1), date(2026, 4, 15)

WAITING = """
SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE NOT l.granted AND a.datname = current_database()"""


class Shop(OwnShop):
    """In May, with an April that anything can still be told in."""

    def __init__(self, database):
        super().__init__(database, Calendar(DAY))
        self.database = database
        self.scrap = self.goods("Scrap", 40_00, "7204", rate="18", unit="kg", stock=None)
        self.pen = self.goods("Pen", 200_00, "9608", rate="18")
        self.kabadi = UUID(self.run(add_vendor, name="Kabadi")["vendor_id"])
        self.metro = UUID(self.run(add_vendor, name="Metro", gstin="27AAACR5055K1Z7")["vendor_id"])
        lines = [{"product_id": self.pen, "quantity": "1000"}]
        self.run(bill_goods, customer_id=self.customer(), lines=lines)
        self.freight = self.spend()
        self.charged = self.spend()
        self.run(charge, expense_id=self.charged, service="gta")
        self.buy_scrap()
        self.on(2026, 5, 12)

    def spend(self):
        spent = self.run(log_expense, amount_paise=1_000_00, item="truck bhada", on=DAY)
        return UUID(spent["expense_id"])

    def charge_service(self):
        self.run(charge, expense_id=self.freight, service="gta")

    def take_back_service(self):
        self.run(take_back_expense, expense_id=self.charged)

    def put_service_right(self):
        self.run(take_back_expense, expense_id=self.charged, right_paise=3_000_00)

    def buy_scrap(self):
        line = {"product_id": self.scrap, "quantity": "100", "unit_price_paise": 10_00}
        self.run(record_bill, vendor_id=self.kabadi, lines=[line], reverse_charge=True, on=DAY)

    def send_scrap_back(self):
        line = {"product_id": self.scrap, "quantity": "10"}
        self.run(return_goods, vendor_id=self.kabadi, lines=[line], on=DAY)

    def buy_pens(self):
        line = {"product_id": self.pen, "quantity": "10", "unit_price_paise": 100_00}
        self.run(record_bill, vendor_id=self.metro, lines=[line], on=DAY)

    def told(self, month):
        """(what is owed, what is set off) by the return of a month."""
        with self.read() as reader:
            found = gstr3b(reader, month)
        assert found.difference == 0
        return found.taxable.tax + found.reverse_charge.tax, found.input_tax.tax

    @contextmanager
    def all_held(self):
        """Nobody comes to his end meanwhile."""
        with self.database.tenant(self.business) as connection:
            connection.execute(
                text("SELECT seq FROM journal_heads WHERE business_id = :b FOR UPDATE"),
                {"b": self.business},
            )
            yield

    def wait_for(self, count):
        """Until so many wait for a lock."""
        deadline = time.monotonic() + 10
        while self._waiting() < count:
            assert time.monotonic() < deadline, "nobody waits"
            time.sleep(0.01)

    def _waiting(self):
        with self.database.plain() as connection:
            return connection.execute(text(WAITING)).scalar_one()


TOLD = {
    "charge_service": (50_00, 50_00),
    "take_back_service": (-50_00, -50_00),
    "put_service_right": (100_00, 100_00),
    "buy_scrap": (180_00, 180_00),
    "send_scrap_back": (-18_00, -18_00),
    "buy_pens": (0, 180_00),
}
"""What each adds to the return in which it is told."""


@pytest.fixture
def shop(database):
    return Shop(database)


def _both(shop, first, second):
    with ThreadPoolExecutor(2) as pool:
        with shop.all_held():
            begun = [pool.submit(first)]
            shop.wait_for(1)
            begun.append(pool.submit(second))
            shop.wait_for(2)
        return [one.result() for one in begun]


@pytest.mark.parametrize("deed", TOLD)
def test_who_was_before_the_return_is_in_it(shop, deed):
    owed, credit = shop.told(APRIL)
    _, done = _both(shop, getattr(shop, deed), lambda: shop.run(settle_return, month=APRIL))
    filed = (owed + TOLD[deed][0], credit + TOLD[deed][1])
    assert (done["owed"], done["credit"]) == filed
    assert (shop.told(APRIL), shop.told(MAY)) == (filed, (0, 0))


@pytest.mark.parametrize("deed", TOLD)
def test_who_comes_after_the_return_is_in_the_open_month(shop, deed):
    filed = shop.told(APRIL)
    done, _ = _both(shop, lambda: shop.run(settle_return, month=APRIL), getattr(shop, deed))
    assert (done["owed"], done["credit"]) == filed
    assert (shop.told(APRIL), shop.told(MAY)) == (filed, TOLD[deed])


def test_many_who_book_while_a_return_is_filed_change_nothing_in_it(shop):
    services = [shop.spend() for _ in range(12)]

    def book(expense_id):
        shop.run(charge, expense_id=expense_id, service="gta")
        shop.buy_scrap()
        shop.send_scrap_back()

    def settle():
        time.sleep(0.1)
        return shop.run(settle_return, month=APRIL)

    with ThreadPoolExecutor(7) as pool:
        settled = pool.submit(settle)
        list(pool.map(book, services))
    done = settled.result()
    april, may = shop.told(APRIL), shop.told(MAY)
    assert april == (done["owed"], done["credit"])
    before = (36_000_00 + 50_00 + 180_00, 50_00 + 180_00)
    each = 50_00 + 180_00 - 18_00
    assert (april[0] + may[0], april[1] + may[1]) == (before[0] + 12 * each, before[1] + 12 * each)
