"""The life of an order: which step may follow which, and what each does to stock and ledger."""

from __future__ import annotations

from uuid import UUID

import pytest
from order_steps import line

from erp_core.inventory.queries import movements, stock, stock_value
from erp_core.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from erp_core.kernel.ids import new_id
from erp_core.ledger import chart
from erp_core.ledger.queries import balance_of
from erp_core.orders.queries import order
from erp_core.orders.service import (
    cancel_order,
    change_and_move,
    change_status,
    create_order,
    mark_invoiced,
)
from erp_core.orders.states import TRANSITIONS

LIFE = {
    "pending": {"confirmed", "cancelled"},
    "confirmed": {"processing", "ready", "shipped", "delivered", "cancelled"},
    "processing": {"ready", "shipped", "delivered", "cancelled"},
    "ready": {"shipped", "delivered", "cancelled"},
    "shipped": {"delivered"},
    "delivered": {"returned"},
    "cancelled": set(),
    "returned": set(),
}
PATHS = {
    "pending": [],
    "confirmed": ["confirmed"],
    "processing": ["confirmed", "processing"],
    "ready": ["confirmed", "ready"],
    "shipped": ["confirmed", "shipped"],
    "delivered": ["confirmed", "delivered"],
    "cancelled": ["cancelled"],
    "returned": ["confirmed", "delivered", "returned"],
}


@pytest.fixture
def order_in(ctx, shop):
    def bring(status: str) -> UUID:
        written = create_order(
            ctx, customer_id=shop.ravi, lines=[line(shop.iphone, 3)], status="pending"
        )
        for step in PATHS[status]:
            change_status(ctx, order_id=UUID(written["order_id"]), status=step)
        return UUID(written["order_id"])

    return bring


def test_the_table_of_steps_is_this_one():
    assert {state: set(TRANSITIONS.after(state)) for state in TRANSITIONS.states} == LIFE


@pytest.mark.parametrize("after", sorted(LIFE))
@pytest.mark.parametrize("before", sorted(LIFE))
def test_every_step_is_taken_or_refused(ctx, order_in, before, after):
    order_id = order_in(before)
    if after in LIFE[before]:
        moved = change_status(ctx, order_id=order_id, status=after)
        assert (moved["before"], moved["status"]) == (before, after)
        assert order(ctx, order_id).status == after
    else:
        with pytest.raises(Conflict) as refused:
            change_status(ctx, order_id=order_id, status=after)
        assert refused.value.code == "illegal_transition"
        assert refused.value.facts == {
            "before": before,
            "after": after,
            "allowed": sorted(LIFE[before]),
        }
        assert order(ctx, order_id).status == before


def test_an_unknown_status_is_refused(ctx, order_in):
    with pytest.raises(Invalid, match="bad_status"):
        change_status(ctx, order_id=order_in("pending"), status="lost")


@pytest.mark.parametrize(
    ("status", "on_hand", "reserved"),
    [
        ("pending", 8, 0),
        ("confirmed", 8, 3),
        ("processing", 8, 3),
        ("ready", 8, 3),
        ("shipped", 5, 0),
        ("delivered", 5, 0),
        ("cancelled", 8, 0),
        ("returned", 8, 0),
    ],
)
def test_stock_follows_the_status(ctx, shop, order_in, status, on_hand, reserved):
    order_in(status)
    level = stock(ctx, shop.iphone)
    assert (level.on_hand, level.reserved) == (on_hand, reserved)
    assert balance_of(ctx, chart.INVENTORY) == stock_value(ctx)
    assert balance_of(ctx, chart.COGS) == (8 - on_hand) * 71_000_00


@pytest.mark.parametrize("status", ["confirmed", "processing", "ready"])
def test_cancelling_frees_the_stock(ctx, shop, order_in, status):
    order_id = order_in(status)
    cancel_order(ctx, order_id=order_id, reason="customer_asked")
    assert stock(ctx, shop.iphone).reserved == 0
    assert order(ctx, order_id).cancel_reason == "customer_asked"


def test_confirming_what_has_meanwhile_gone_is_refused(ctx, shop, order_in):
    waiting = order_in("pending")
    create_order(ctx, customer_id=shop.priya, lines=[line(shop.iphone, 6)])
    with pytest.raises(Conflict, match="out_of_stock"):
        change_status(ctx, order_id=waiting, status="confirmed")
    assert order(ctx, waiting).status == "pending"


def test_an_order_that_waits_is_changed_taken_on_and_sent_at_once(ctx, shop, order_in):
    waiting = order_in("pending")
    moved = change_and_move(ctx, order_id=waiting, status="shipped", set_=[line(shop.iphone, 2)])
    assert (moved["before"], moved["status"]) == ("confirmed", "shipped")
    assert [one.quantity for one in order(ctx, waiting).lines] == [2]
    level = stock(ctx, shop.iphone)
    assert (level.on_hand, level.reserved) == (6, 0)


def test_an_order_that_waits_is_not_taken_on_to_be_cancelled(ctx, shop, order_in):
    waiting = order_in("pending")
    create_order(ctx, customer_id=shop.priya, lines=[line(shop.iphone, 8)])
    moved = change_and_move(ctx, order_id=waiting, status="cancelled")
    assert (moved["before"], moved["status"]) == ("pending", "cancelled")


def test_a_customer_takes_no_order_on(as_customer, shop, order_in):
    waiting = order_in("pending")
    with pytest.raises(Forbidden):
        change_and_move(as_customer(shop.ravi), order_id=waiting, status="shipped")


def test_a_return_comes_back_at_the_cost_at_which_it_left(ctx, shop, order_in):
    from decimal import Decimal

    from erp_core.inventory.service import receive_stock

    order_id = order_in("delivered")
    receive_stock(ctx, product_id=shop.iphone, quantity=Decimal(5), unit_cost_paise=60_000_00)
    change_status(ctx, order_id=order_id, status="returned")
    assert balance_of(ctx, chart.COGS) == 0
    assert stock(ctx, shop.iphone).value_paise == 8 * 71_000_00 + 5 * 60_000_00
    assert [m.reason for m in movements(ctx, shop.iphone, 2)] == ["returned", "received"]


def test_shipping_then_delivering_moves_stock_once(ctx, shop, order_in):
    order_id = order_in("shipped")
    change_status(ctx, order_id=order_id, status="delivered")
    assert stock(ctx, shop.iphone).on_hand == 5
    assert [m.reason for m in movements(ctx, shop.iphone)] == ["sold", "opening"]


def test_a_billed_order_is_not_cancelled(ctx, order_in):
    order_id = order_in("confirmed")
    mark_invoiced(ctx, order_id=order_id, invoice_id=new_id())
    with pytest.raises(Conflict, match="order_invoiced"):
        cancel_order(ctx, order_id=order_id)


def test_only_what_is_confirmed_can_be_billed(ctx, order_in):
    for status in ("pending", "cancelled"):
        with pytest.raises(Conflict, match="order_not_billable"):
            mark_invoiced(ctx, order_id=order_in(status), invoice_id=new_id())


def test_each_step_is_in_the_journal(ctx, order_in):
    order_id = order_in("delivered")
    story = [event.kind for event in ctx.events if event.entity == order_id]
    assert story == ["order.created", "order.confirmed", "order.delivered"]


def test_a_customer_cancels_its_own_order_until_the_shop_starts_on_it(
    ctx, as_customer, shop, order_in
):
    ravi = as_customer(shop.ravi)
    cancel_order(ravi, order_id=order_in("confirmed"))
    with pytest.raises(Conflict, match="order_not_changeable"):
        cancel_order(ravi, order_id=order_in("processing"))
    with pytest.raises(NotFound, match="order"):
        cancel_order(as_customer(shop.priya), order_id=order_in("confirmed"))


def test_customers_and_viewers_move_no_order(as_customer, as_user, shop, order_in):
    order_id = order_in("pending")
    for who in (as_customer(shop.ravi), as_user("viewer")):
        with pytest.raises(Forbidden):
            change_status(who, order_id=order_id, status="confirmed")
    with pytest.raises(Forbidden):
        cancel_order(as_user("viewer"), order_id=order_id)
