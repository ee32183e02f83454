"""A change of stock that was written wrongly is taken back by its opposite: stock, cost, batches
and places are as if it had never been."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from erp_core.inventory import batches, correcting, places
from erp_core.inventory.queries import movements, stock, stock_value
from erp_core.inventory.service import add_stocked_product, change_stock
from erp_core.kernel.actor import Actor
from erp_core.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from erp_core.kernel.ids import new_id
from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.orders.service import change_status, create_order


@pytest.fixture
def maggi(run) -> UUID:
    """50 packets that have cost ₹10 each."""
    added = run(
        add_stocked_product,
        name="Maggi",
        price_paise=14_00,
        cost_paise=10_00,
        unit="packet",
        stock=Decimal(50),
    )
    return UUID(added["product_id"])


@pytest.fixture
def change(run, maggi):
    def write(kind, quantity, *, place=None, **line) -> UUID:
        lines = [{"product_id": str(maggi), "quantity": str(quantity), **line}]
        (done,) = run(change_stock, change=kind, lines=lines, place=place)["changes"]
        return UUID(done["movement_id"])

    return write


@pytest.fixture
def back(run):
    def take(*movement_ids, right=None, actor=None):
        known = {"actor": actor} if actor else {}
        right = None if right is None else Decimal(right)
        return run(
            correcting.take_back_changes, movement_ids=list(movement_ids), right=right, **known
        )["changes"]

    return take


@pytest.fixture
def sell(run, maggi, ravi):
    def sold(quantity):
        line = {"product_id": maggi, "quantity": Decimal(quantity)}
        order = UUID(run(create_order, customer_id=ravi, lines=[line])["order_id"])
        run(change_status, order_id=order, status="delivered")

    return sold


@pytest.fixture
def here(reader_of, maggi):
    """(quantity, cost in paise); the ledger says the same."""

    def read():
        with reader_of() as reader:
            found = stock(reader, maggi)
            assert ledger.balance_of(reader, chart.INVENTORY) == stock_value(reader)
            assert sum(one.value_paise for one in movements(reader, maggi)) == found.value_paise
            return int(found.on_hand), found.value_paise

    return read


@pytest.fixture
def booked(reader_of):
    def balance(account):
        with reader_of() as reader:
            return ledger.balance_of(reader, account)

    return balance


def test_goods_that_never_came_go_at_the_cost_at_which_they_came(change, back, here, booked):
    wrong = change("add", 10, unit_cost_paise=12_00)
    assert here() == (60, 620_00)
    (done,) = back(wrong)
    assert (done["before"], done["after"], done["value"]) == ("60", "50", -120_00)
    assert here() == (50, 500_00)
    assert booked(chart.PURCHASES_PENDING) == 0


@pytest.mark.parametrize(("kind", "quantity"), [("damage", 7), ("remove", 7), ("set", 43)])
def test_goods_that_never_went_come_back_at_their_cost(change, back, here, booked, kind, quantity):
    wrong = change(kind, quantity)
    assert (here(), booked(chart.STOCK_LOSS)) == ((43, 430_00), 70_00)
    back(wrong)
    assert (here(), booked(chart.STOCK_LOSS)) == ((50, 500_00), 0)


def test_a_count_that_found_too_much_is_taken_back(change, back, here, booked):
    wrong = change("set", 80)
    assert booked(chart.STOCK_GAIN) == -300_00
    back(wrong)
    assert (here(), booked(chart.STOCK_GAIN)) == ((50, 500_00), 0)


def test_both_movements_stand(change, back, reader_of, maggi):
    wrong = change("add", 10)
    back(wrong)
    with reader_of() as reader:
        undone, written, _ = movements(reader, maggi)
        assert (written.id, written.reason, written.delta) == (wrong, "received", 10)
        assert (undone.reason, undone.delta) == ("taken_back", -10)
        assert (undone.source_kind, undone.source_id) == ("stock_movement", wrong)
        assert correcting.standing_changes(reader) == []


def test_what_stands_is_told_newest_first(change, back, reader_of, maggi):
    first, second, third = change("add", 10), change("damage", 2), change("set", 40)
    back(second)
    with reader_of() as reader:
        found = correcting.standing_changes(reader, product_id=maggi)
        assert [(one.id, one.reason, one.delta) for one in found] == [
            (third, "counted", -18),
            (first, "received", 10),
        ]
        assert [one.id for one in correcting.standing_changes(reader, ids=[first])] == [first]


def test_twice_is_refused(change, back, here):
    wrong = change("add", 10)
    back(wrong)
    with pytest.raises(Conflict, match="already_reversed"):
        back(wrong)
    assert here() == (50, 500_00)


def test_of_sixteen_at_once_one_takes_it_back(change, back, here):
    wrong = change("add", 10)

    def try_it(_):
        try:
            back(wrong)
        except Conflict as error:
            return error.code
        return "done"

    with ThreadPoolExecutor(16) as pool:
        answers = sorted(pool.map(try_it, range(16)))
    assert answers == ["already_reversed"] * 15 + ["done"]
    assert here() == (50, 500_00)


def test_goods_that_are_gone_since_cannot_be_taken_back(change, back, sell, here, maggi):
    wrong = change("add", 10)
    sell(55)
    with pytest.raises(Conflict) as refused:
        back(wrong)
    assert refused.value.code == "goods_gone"
    assert refused.value.facts == {"product_id": str(maggi), "available": "5", "wanted": "10"}
    assert here() == (5, 50_00)


def test_goods_sold_at_a_wrong_average_cost_what_the_others_did(change, back, sell, here, booked):
    wrong = change("add", 50, unit_cost_paise=20_00)
    sell(50)
    assert (here(), booked(chart.COGS)) == ((50, 750_00), 750_00)
    back(wrong)
    assert (here(), booked(chart.COGS)) == ((0, 0), 500_00)


def test_the_cost_of_what_is_left_never_falls_below_nothing(change, back, sell, here, booked):
    wrong = change("add", 50, unit_cost_paise=30_00)
    sell(45)
    assert here() == (55, 1100_00)
    back(wrong)
    assert (here(), booked(chart.COGS)) == ((5, 0), 500_00)


def test_the_right_quantity_comes_in_its_place(change, back, here):
    wrong = change("add", 10, unit_cost_paise=12_00)
    (done,) = back(wrong, right=8)
    assert (done["before"], done["after"]) == ("60", "58")
    assert here() == (58, 596_00)


def test_the_right_count_is_that_of_its_own_time(change, back, sell, here):
    wrong = change("set", 40)
    sell(3)
    back(wrong, right=45)
    assert here() == (42, 420_00)


def test_a_wrong_right_quantity_leaves_everything(change, back, here):
    wrong = change("damage", 4)
    with pytest.raises(Conflict, match="out_of_stock"):
        back(wrong, right=70)
    with pytest.raises(Invalid, match="bad_quantity"):
        back(wrong, right="1.5")
    assert here() == (46, 460_00)


def test_several_go_back_together_or_not_at_all(change, back, sell, here):
    first, second = change("add", 10), change("add", 40)
    sell(65)
    with pytest.raises(Conflict, match="goods_gone"):
        back(first, second)
    assert here()[0] == 35
    sell(25)
    back(first)
    assert here()[0] == 0


def test_the_batch_that_came_is_the_one_that_goes(change, back, reader_of, maggi):
    change("add", 10, expires_on="2027-01-31", batch="A1")
    wrong = change("add", 10, expires_on="2026-12-31", batch="B2")

    def left():
        with reader_of() as reader:
            return {one.number: int(one.quantity) for one in batches.batches_of(reader, maggi)}

    assert left() == {"A1": 10, "B2": 10}
    back(wrong)
    assert left() == {"A1": 10}
    lost = change("damage", 4)
    assert left() == {"A1": 6}
    back(lost)
    assert left() == {"A1": 10}


def test_the_right_quantity_is_of_the_same_batch(change, back, reader_of, maggi):
    wrong = change("add", 10, expires_on="2026-12-31", batch="B2")
    back(wrong, right=12)
    with reader_of() as reader:
        (left,) = batches.batches_of(reader, maggi)
        assert (left.number, left.expires_on, left.quantity) == ("B2", date(2026, 12, 31), 12)


def test_a_batch_that_is_sold_cannot_be_taken_back(change, back, sell):
    wrong = change("add", 10, expires_on="2026-12-31", batch="B2")
    sell(6)
    with pytest.raises(Conflict, match="goods_gone"):
        back(wrong)


def test_goods_without_a_batch_are_gone_when_only_dated_ones_are_left(change, back, sell):
    wrong = change("add", 10)
    sell(55)
    change("add", 20, expires_on="2026-12-31", batch="B2")
    with pytest.raises(Conflict, match="goods_gone"):
        back(wrong)


def test_goods_put_down_elsewhere_go_from_there(change, back, reader_of, maggi):
    wrong = change("add", 10, place="Godown")
    back(wrong)
    with reader_of() as reader:
        assert places.lying(reader, product_id=maggi) == []
        assert stock(reader, maggi).on_hand == 50


def test_what_a_document_moved_is_undone_there(back, sell, reader_of, maggi):
    sell(5)
    with reader_of() as reader:
        sold, opened = movements(reader, maggi)
    for one in (sold.id, opened.id, new_id()):
        with pytest.raises(NotFound):
            back(one)


def test_who_may_not_change_stock_takes_none_back(change, back):
    wrong = change("add", 10)
    with pytest.raises(Forbidden):
        back(wrong, actor=Actor("user", new_id(), "viewer"))
