"""Sales over the counter that are put right: whoever bought there keeps no account."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Event
from time import sleep
from uuid import UUID

import pytest
from own_shop import OwnShop

from demo.year import Calendar
from erp_core.inventory.queries import stock
from erp_core.invoicing import counter, notes, queries
from erp_core.invoicing.service import bill_goods, sell_at_counter
from erp_core.kernel.errors import Conflict
from erp_core.ledger import chart
from erp_core.parties.service import walk_in
from erp_core.payments import queries as khata


class Counter(OwnShop):
    def __init__(self, database):
        super().__init__(database, Calendar(date(2026, 11, 20)))
        self.maggi = self.goods("Maggi", 14_00, "1902", rate="5", stock=Decimal(100))
        self.tea = self.goods("Tea", 140_00, "0902", rate="5", stock=Decimal(100))
        self.nobody = UUID(self.run(walk_in)["customer_id"])

    def sell(self, method="cash", parts=()):
        sold = self.run(
            sell_at_counter, customer_id=self.nobody, lines=lines(self.maggi, "10"),
            method=method, parts=parts,
        )  # fmt: skip
        return UUID(sold["invoice_id"])

    def again(self, bill, *wanted):
        return self.run(counter.sell_again, invoice_id=bill, lines=list(wanted))

    def money(self):
        """In hand, by UPI, and what nobody by name owes."""
        with self.read() as reader:
            owed = khata.balance(reader, self.nobody)
        return (*self.balances(chart.CASH, chart.UPI_CLEARING), owed)

    def left(self, product):
        with self.read() as reader:
            return stock(reader, UUID(product)).on_hand


def lines(product, quantity, **facts):
    return [{"product_id": product, "quantity": quantity, **facts}]


@pytest.fixture
def shop(database):
    return Counter(database)


def test_fewer_goods_give_money_back_by_the_way_it_came(shop):
    done = shop.again(shop.sell("upi"), *lines(shop.maggi, "8"))
    assert (done["moved"], done["way"], done["total"]) == (-29_40, "upi", 117_60)
    assert shop.money() == (0, 117_60, 0)
    assert shop.left(shop.maggi) == Decimal(92)
    with shop.read() as reader:
        assert [one.amount for one in khata.standing_payments(reader, shop.nobody)] == [117_60]


def test_more_goods_at_another_rate_take_money(shop):
    wanted = lines(shop.maggi, "12", unit_price_paise=15_00)
    done = shop.again(shop.sell(), *wanted, *lines(shop.tea, "1"))
    assert done["moved"] == done["total"] - 147_00 > 0
    assert shop.money() == (done["total"], 0, 0)
    with shop.read() as reader:
        assert queries.invoice(reader, UUID(done["invoice_id"])).payment_status == "paid"
    assert (shop.left(shop.maggi), shop.left(shop.tea)) == (Decimal(88), Decimal(99))


def test_it_is_put_right_as_often_as_it_was_wrong(shop):
    wrong = shop.sell(parts=[(100_00, "cash"), (47_00, "upi")])
    once = shop.again(wrong, *lines(shop.maggi, "8"))
    shop.again(UUID(once["invoice_id"]), *lines(shop.maggi, "10"))
    assert shop.money() == (100_00, 47_00, 0)
    with pytest.raises(Conflict, match="order_not_billable"):
        shop.again(wrong, *lines(shop.maggi, "8"))


def test_goods_that_come_back_leave_no_advance_of_nobody(shop):
    bill = shop.sell("upi")
    undo = {"invoice_id": bill, "reason": "goods_back", "goods_back": True}
    done = shop.run(notes.undo_bill, back={"1": "2"}, **undo)
    assert (done["given_back"], done["way"]) == (29_40, "upi")
    assert shop.money() == (0, 117_60, 0)
    shop.run(notes.undo_bill, back={"1": "3"}, way="cash", **undo)
    assert shop.money() == (-44_10, 117_60, 0)
    shop.run(notes.undo_bill, **undo)
    assert shop.money() == (-44_10, 44_10, 0)


def test_what_is_billed_beside_it_moves_no_money_of_it(shop):
    """Everybody at the counter is one account, on which somebody else's bill stands meanwhile."""
    wrong, billed, put_right = shop.sell(), Event(), Event()

    def bill_slowly(ctx, **what):
        done = bill_goods(ctx, **what)
        billed.set()
        put_right.wait(10)
        return done

    with ThreadPoolExecutor(2) as hands:
        other = hands.submit(
            shop.run, bill_slowly, customer_id=shop.nobody, lines=lines(shop.tea, "1")
        )
        assert billed.wait(10)
        again = hands.submit(shop.again, wrong, *lines(shop.maggi, "8"))
        sleep(1)  # so that it has read all that it reads before it waits
        put_right.set()
        assert other.result()["total"] == 147_00
        assert again.result()["moved"] == -29_40
    assert shop.money() == (117_60, 0, 147_00)
