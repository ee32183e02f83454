"""What is cooked or done when it is wanted is in no stock, and orders of it move none."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest
from order_steps import line

from erp_core.catalogue.queries import food_served
from erp_core.catalogue.service import add_product, change_product
from erp_core.inventory.queries import movements, stock
from erp_core.inventory.service import receive_stock, set_stock
from erp_core.orders.queries import order, preview
from erp_core.orders.service import cancel_order, change_status, create_order, modify_order


@pytest.fixture
def dosa(ctx) -> UUID:
    added = add_product(ctx, name="Masala dosa", price_paise=90_00, hsn="996331", gst_rate="5")
    return UUID(added["product_id"])


def test_a_dish_of_which_nobody_counted_any_is_sold(ctx, shop, dosa):
    booked = create_order(ctx, customer_id=shop.ravi, lines=[line(dosa, 3), line(shop.maggi, 2)])
    there = stock(ctx, dosa)
    assert (there.on_hand, there.reserved, there.counted) == (0, 0, False)
    assert stock(ctx, shop.maggi).reserved == 2
    change_status(ctx, order_id=UUID(booked["order_id"]), status="delivered")
    assert movements(ctx, dosa) == []
    assert stock(ctx, shop.maggi).on_hand == 94


def test_an_order_of_dishes_is_changed_and_cancelled(ctx, shop, dosa):
    booked = UUID(create_order(ctx, customer_id=shop.ravi, lines=[line(dosa, 3)])["order_id"])
    modify_order(ctx, order_id=booked, add=[line(dosa, 2), line(shop.maggi, 1)])
    assert [one.quantity for one in order(ctx, booked).lines] == [5, 1]
    assert (stock(ctx, dosa).reserved, stock(ctx, shop.maggi).reserved) == (0, 1)
    cancel_order(ctx, order_id=booked)
    assert (stock(ctx, dosa).reserved, stock(ctx, shop.maggi).reserved) == (0, 0)


def test_a_dish_can_be_had_until_none_is_counted(ctx, shop, dosa):
    many = Decimal(500)
    assert stock(ctx, dosa).has(many)
    assert preview(ctx, customer_id=shop.ravi, lines=[line(dosa, 500)]).enough
    set_stock(ctx, product_id=dosa, quantity=Decimal(0))
    assert not stock(ctx, dosa).has(Decimal(1))
    receive_stock(ctx, product_id=dosa, quantity=Decimal(1))
    assert stock(ctx, dosa).has(many)


def test_goods_can_be_had_as_far_as_they_are_there(ctx, shop):
    assert stock(ctx, shop.iphone).has(Decimal(8))
    assert not stock(ctx, shop.iphone).has(Decimal(9))


def test_where_all_is_served_what_is_added_is_too(ctx, dosa):
    assert food_served(ctx) == ("996331", 500)
    add_product(ctx, name="Chini", price_paise=44_00)
    assert food_served(ctx) == ("996331", 500)
    cola = UUID(add_product(ctx, name="Cola", price_paise=40_00, hsn="2202")["product_id"])
    assert food_served(ctx) is None
    change_product(ctx, product_id=cola, active=False)
    assert food_served(ctx) == ("996331", 500)
