"""Changing what is ordered, with the stock promised to it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from order_steps import line

from erp_core.catalogue.service import change_price, change_product
from erp_core.inventory.queries import stock
from erp_core.kernel.errors import Conflict, Invalid, NotFound
from erp_core.kernel.ids import new_id
from erp_core.orders.queries import order
from erp_core.orders.service import (
    change_status,
    create_order,
    mark_invoiced,
    mark_not_invoiced,
    modify_order,
    note_order,
)


@pytest.fixture
def booked(ctx, shop) -> UUID:
    lines = [line(shop.iphone, 2), line(shop.maggi, 10)]
    return UUID(create_order(ctx, customer_id=shop.ravi, lines=lines)["order_id"])


def held(ctx, shop):
    return [int(stock(ctx, one).reserved) for one in (shop.iphone, shop.maggi, shop.chini)]


def lines_of(ctx, order_id):
    return {one.product: one.quantity for one in order(ctx, order_id).lines}


def test_goods_are_added(ctx, shop, booked):
    written = modify_order(ctx, order_id=booked, add=[line(shop.maggi, 5), line(shop.chini, "2")])
    assert lines_of(ctx, booked) == {"iPhone 15": 2, "Maggi": 15, "Chini": 2}
    assert held(ctx, shop) == [2, 15, 2]
    assert written["subtotal"] == 159_800_00 + 15 * 14_00 + 2 * 44_00


def test_a_quantity_is_set_anew(ctx, shop, booked):
    modify_order(ctx, order_id=booked, set_=[line(shop.iphone, 3), line(shop.maggi, 1)])
    assert lines_of(ctx, booked) == {"iPhone 15": 3, "Maggi": 1}
    assert held(ctx, shop) == [3, 1, 0]


def test_a_product_is_left_out(ctx, shop, booked):
    modify_order(ctx, order_id=booked, remove=[shop.iphone])
    assert lines_of(ctx, booked) == {"Maggi": 10}
    assert held(ctx, shop) == [0, 10, 0]


def test_what_is_said_later_is_noted_and_changes_no_goods(ctx, shop, booked):
    note_order(ctx, order_id=booked, note="  gate  pe dena ", wanted_on=date(2026, 11, 29))
    note_order(ctx, order_id=booked, wanted_at="evening")
    now = order(ctx, booked)
    assert (now.note, now.wanted_on, now.wanted_at) == (
        "gate pe dena",
        date(2026, 11, 29),
        "evening",
    )
    assert lines_of(ctx, booked) == {"iPhone 15": 2, "Maggi": 10}


def test_nothing_is_noted_of_goods_that_left(ctx, booked):
    change_status(ctx, order_id=booked, status="shipped")
    with pytest.raises(Conflict, match="order_not_changeable"):
        note_order(ctx, order_id=booked, note="gate pe dena")


def test_it_is_wanted_on_another_day_and_then_at_an_hour(ctx, shop, booked):
    modify_order(ctx, order_id=booked, wanted_on=date(2026, 11, 29))
    modify_order(ctx, order_id=booked, wanted_at="evening 6:00")
    modify_order(ctx, order_id=booked, set_=[line(shop.maggi, 1)])
    found = order(ctx, booked)
    assert (found.wanted_on, found.wanted_at) == (date(2026, 11, 29), "evening 6:00")
    assert lines_of(ctx, booked) == {"iPhone 15": 2, "Maggi": 1}


def test_everything_at_once(ctx, shop, booked):
    modify_order(
        ctx,
        order_id=booked,
        remove=[shop.iphone],
        set_=[line(shop.maggi, 4)],
        add=[line(shop.chini, "1.5"), line(shop.maggi, 1)],
    )
    assert lines_of(ctx, booked) == {"Maggi": 5, "Chini": Decimal("1.5")}


def test_more_than_there_is_changes_nothing(database, ctx, shop, booked):
    with pytest.raises(Conflict) as refused, ctx.connection.begin_nested():
        modify_order(ctx, order_id=booked, set_=[line(shop.iphone, 9)], add=[line(shop.maggi, 1)])
    assert refused.value.code == "out_of_stock"
    assert refused.value.facts["product_id"] == str(shop.iphone)
    assert held(ctx, shop) == [2, 10, 0]
    assert lines_of(ctx, booked) == {"iPhone 15": 2, "Maggi": 10}


def test_the_last_pieces_can_still_be_swapped(ctx, shop, booked):
    """All of the stock may go to this order: what it holds already counts as its own."""
    modify_order(ctx, order_id=booked, set_=[line(shop.iphone, 8)])
    assert stock(ctx, shop.iphone).available == 0
    modify_order(ctx, order_id=booked, set_=[line(shop.iphone, 7)])
    assert stock(ctx, shop.iphone).available == 1


def test_booked_lines_keep_price_and_rate(ctx, shop, booked):
    change_price(ctx, product_id=shop.maggi, price_paise=15_00)
    change_product(ctx, product_id=shop.maggi, gst_rate="18")
    modify_order(ctx, order_id=booked, add=[line(shop.maggi, 1)])
    maggi = order(ctx, booked).lines[1]
    assert (maggi.quantity, maggi.unit_price_paise, maggi.gst_rate) == (11, 14_00, 500)


def test_a_new_price_may_be_named(ctx, shop, booked):
    modify_order(ctx, order_id=booked, set_=[line(shop.iphone, 2, unit_price_paise=75_000_00)])
    assert order(ctx, booked).lines[0].unit_price_paise == 75_000_00


def test_an_empty_order_is_refused(ctx, shop, booked):
    with pytest.raises(Invalid, match="no_lines"):
        modify_order(ctx, order_id=booked, remove=[shop.iphone, shop.maggi])


def test_what_is_not_in_the_order_cannot_be_left_out(ctx, shop, booked):
    with pytest.raises(NotFound, match="order_line"):
        modify_order(ctx, order_id=booked, remove=[shop.chini])


def test_an_unknown_order_is_not_found(ctx, shop):
    with pytest.raises(NotFound, match="order"):
        modify_order(ctx, order_id=new_id(), add=[line(shop.maggi, 1)])


def test_a_shipped_order_stays_as_it_is(ctx, shop, booked):
    change_status(ctx, order_id=booked, status="shipped")
    with pytest.raises(Conflict) as refused:
        modify_order(ctx, order_id=booked, add=[line(shop.maggi, 1)])
    assert (refused.value.code, refused.value.facts) == (
        "order_not_changeable",
        {"status": "shipped"},
    )


def test_a_billed_order_stays_as_it_is_until_the_bill_is_cancelled(ctx, shop, booked):
    mark_invoiced(ctx, order_id=booked, invoice_id=new_id())
    with pytest.raises(Conflict, match="order_invoiced"):
        modify_order(ctx, order_id=booked, add=[line(shop.maggi, 1)])
    with pytest.raises(Conflict, match="order_invoiced"):
        mark_invoiced(ctx, order_id=booked, invoice_id=new_id())
    mark_not_invoiced(ctx, order_id=booked)
    modify_order(ctx, order_id=booked, add=[line(shop.maggi, 1)])
    assert lines_of(ctx, booked)["Maggi"] == 11


def test_a_customer_changes_its_own_order_while_it_is_pending(ctx, as_customer, shop):
    ravi = as_customer(shop.ravi)
    written = create_order(ravi, customer_id=shop.ravi, lines=[line(shop.maggi, 2)])
    own = UUID(written["order_id"])
    modify_order(ravi, order_id=own, set_=[line(shop.maggi, 3)])
    assert lines_of(ravi, own) == {"Maggi": 3}
    assert held(ctx, shop) == [0, 0, 0]
    change_status(ctx, order_id=own, status="confirmed")
    with pytest.raises(Conflict, match="order_not_changeable"):
        modify_order(ravi, order_id=own, set_=[line(shop.maggi, 4)])


def test_another_customers_order_is_not_there(as_customer, shop, booked):
    with pytest.raises(NotFound, match="order"):
        modify_order(as_customer(shop.priya), order_id=booked, set_=[line(shop.maggi, 1)])
