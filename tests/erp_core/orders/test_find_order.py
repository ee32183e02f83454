"""Finding orders by number, customer and day; a customer sees only its own."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from order_steps import line

from erp_core.kernel.errors import Forbidden, NotFound
from erp_core.orders import queries
from erp_core.orders.service import cancel_order, create_order


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("ORD-2026-00012", "ORD-2026-00012"),
        ("ord-2026-00012", "ORD-2026-00012"),
        ("ord 2025 12", "ORD-2025-00012"),
        ("ORD202600012", "ORD-2026-00012"),
        ("12", "ORD-2026-00012"),
        ("#12", "ORD-2026-00012"),
        ("ORD-12", "ORD-2026-00012"),
        ("ORD-2026-123456", "ORD-2026-123456"),
        ("INV27-2627-00001", None),
        ("order", None),
        ("", None),
    ],
)
def test_numbers_are_read_in_any_way_of_writing(text, number):
    assert queries.parse_number(text, this_year=2026) == number


@pytest.fixture
def booked(ctx, shop):
    """Two orders of Ravi's, then one of Priya's."""
    return [
        UUID(create_order(ctx, customer_id=who, lines=[line(shop.maggi, 1)])["order_id"])
        for who in (shop.ravi, shop.ravi, shop.priya)
    ]


def test_by_number(ctx, booked):
    assert queries.order_by_number(ctx, "2").id == booked[1]
    assert queries.order_by_number(ctx, "4") is None


def test_the_latest_one_of_a_customer(ctx, shop, booked):
    assert queries.latest_order(ctx).id == booked[2]
    assert queries.latest_order(ctx, shop.ravi).id == booked[1]
    cancel_order(ctx, order_id=booked[1])
    assert queries.latest_order(ctx, shop.ravi).id == booked[0]
    assert queries.latest_order(ctx, shop.ravi, open_only=False).id == booked[1]
    assert [one.id for one in queries.open_orders(ctx)] == [booked[2], booked[0]]


def test_of_some_days(ctx, shop, booked):
    day = date(2026, 11, 20)
    assert [one.id for one in queries.orders_between(ctx, day, day)] == booked
    assert queries.orders_between(ctx, date(2026, 11, 21), date(2026, 11, 30)) == []
    of_priya = queries.orders_between(ctx, day, day, customer_id=shop.priya)
    assert [one.id for one in of_priya] == [booked[2]]


def test_a_customer_sees_its_own_alone(as_customer, shop, booked):
    ravi = as_customer(shop.ravi)
    assert [one.id for one in queries.all_orders(ravi)] == booked[:2]
    assert queries.latest_order(ravi).id == booked[1]
    assert queries.order_by_number(ravi, "3") is None
    with pytest.raises(NotFound, match="order"):
        queries.order(ravi, booked[2])
    with pytest.raises(Forbidden):
        queries.latest_order(ravi, shop.priya)
    with pytest.raises(Forbidden):
        queries.preview(ravi, customer_id=shop.priya, lines=[line(shop.maggi, 1)])
