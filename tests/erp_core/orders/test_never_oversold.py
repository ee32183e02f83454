"""Many buyers at once: every piece is sold once, and nobody waits for ever."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from uuid import UUID

import pytest
from order_steps import line

from erp_core.inventory.queries import stock, stock_value
from erp_core.inventory.service import add_stocked_product
from erp_core.journal.chain import first_bad_seq
from erp_core.kernel.actor import SYSTEM
from erp_core.kernel.errors import Conflict
from erp_core.ledger import chart
from erp_core.ledger.queries import balance_of, trial_balance
from erp_core.orders.queries import all_orders
from erp_core.orders.service import cancel_order, change_status, create_order, modify_order
from erp_core.parties.service import add_customer

BUYERS = 16


@pytest.fixture
def run(bahi, business):
    def run(key, command, **arguments):
        return bahi.run(business, SYSTEM, key, command, **arguments)

    return run


@pytest.fixture
def customer(run) -> UUID:
    return UUID(run("customer", add_customer, name="Ravi Kumar")["customer_id"])


@pytest.fixture
def product(run):
    def make(name, pieces):
        added = run(
            f"product {name}",
            add_stocked_product,
            name=name,
            price_paise=100_00,
            cost_paise=33_33,
            stock=Decimal(pieces),
        )
        return UUID(added["product_id"])

    return make


def at_once(work):
    """Run work(0) … work(15) at the same moment; what each gave, or the code of its refusal."""
    start = Barrier(BUYERS)

    def one(number):
        start.wait()
        try:
            return work(number)
        except Conflict as refusal:
            return refusal.code

    with ThreadPoolExecutor(BUYERS) as pool:
        return list(pool.map(one, range(BUYERS)))


def test_sixteen_buyers_of_ten_pieces(bahi, business, run, customer, product):
    iphone = product("iPhone 15", 10)
    results = at_once(
        lambda n: run(f"buy {n}", create_order, customer_id=customer, lines=[line(iphone, 1)])
    )
    refused = [one for one in results if one == "out_of_stock"]
    numbers = sorted(one["number"] for one in results if one != "out_of_stock")
    assert len(refused) == 6
    assert numbers == [f"ORD-2026-{count:05d}" for count in range(1, 11)]
    with bahi.read(business) as reader:
        level = stock(reader, iphone)
        assert (level.on_hand, level.reserved, level.available) == (10, 10, 0)
        assert first_bad_seq(reader.connection, business) is None


def test_sixteen_buyers_of_several_products_in_any_order(bahi, business, run, customer, product):
    """Half name the goods the other way round: locked in that order, they would deadlock."""
    both = [product("Maggi", 12), product("Chini", 40)]

    def buy(number):
        wanted = both if number % 2 else both[::-1]
        lines = [line(one, 2) for one in wanted]
        return run(f"buy {number}", create_order, customer_id=customer, lines=lines)

    results = at_once(buy)
    assert results.count("out_of_stock") == 10
    with bahi.read(business) as reader:
        assert [int(stock(reader, one).reserved) for one in both] == [12, 12]


def test_a_message_delivered_sixteen_times_is_one_order(bahi, business, run, customer, product):
    iphone = product("iPhone 15", 10)
    results = at_once(
        lambda _: run("wamid.1:0", create_order, customer_id=customer, lines=[line(iphone, 3)])
    )
    assert len({one["number"] for one in results}) == 1
    with bahi.read(business) as reader:
        assert stock(reader, iphone).reserved == 3
        assert len(all_orders(reader)) == 1


def test_one_order_shipped_by_sixteen_leaves_once(bahi, business, run, customer, product):
    iphone = product("iPhone 15", 10)
    booked = run("buy", create_order, customer_id=customer, lines=[line(iphone, 3)])
    order_id = UUID(booked["order_id"])
    results = at_once(
        lambda n: run(f"ship {n}", change_status, order_id=order_id, status="shipped")
    )
    assert results.count("illegal_transition") == 15
    with bahi.read(business) as reader:
        assert stock(reader, iphone).on_hand == 7
        assert balance_of(reader, chart.INVENTORY) == stock_value(reader) == 7 * 33_33


def test_orders_that_come_change_ship_and_go_at_once(bahi, business, run, customer, product):
    goods = [product(name, 30) for name in ("Maggi", "Chini", "Parle-G")]

    def live(number):
        def key(step):
            return f"{number} {step}"

        first, second = goods[number % 3], goods[(number + 1) % 3]
        booked = run(key("book"), create_order, customer_id=customer, lines=[line(first, 2)])
        order_id = UUID(booked["order_id"])
        run(key("add"), modify_order, order_id=order_id, add=[line(second, 1)])
        run(key("set"), modify_order, order_id=order_id, set_=[line(first, 1)])
        if number % 2:
            run(key("ship"), change_status, order_id=order_id, status="shipped")
        else:
            run(key("cancel"), cancel_order, order_id=order_id)
        return booked["number"]

    assert len(set(at_once(live))) == BUYERS
    with bahi.read(business) as reader:
        levels = [stock(reader, one) for one in goods]
        assert sum(level.on_hand for level in levels) == 90 - 8 * 2
        assert [level.reserved for level in levels] == [0, 0, 0]
        assert balance_of(reader, chart.INVENTORY) == stock_value(reader)
        assert sum(one.debit - one.credit for one in trial_balance(reader)) == 0
        assert first_bad_seq(reader.connection, business) is None
