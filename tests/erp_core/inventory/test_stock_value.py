"""Whatever happens to stock, its value in the ledger is the value of what is there."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from erp_core.catalogue.service import add_product
from erp_core.inventory import service
from erp_core.inventory.queries import stock
from erp_core.journal.context import Context
from erp_core.kernel.actor import SYSTEM
from erp_core.kernel.errors import Conflict, Invalid
from erp_core.kernel.ids import new_id
from erp_core.ledger import chart
from erp_core.ledger.queries import balance_of

quantities = st.decimals("0.001", "999.999", places=3)
costs = st.integers(0, 10**9)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("receive"), quantities, costs),
        st.tuples(st.sampled_from(["damage", "count", "reserve", "release", "issue"]), quantities),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=40)
@given(steps=steps)
def test_value_quantity_and_promises_always_agree(database, business, clock, steps):
    with database.tenant(business) as connection:
        ctx = Context(connection, business, SYSTEM, clock.now())
        before = balance_of(ctx, chart.INVENTORY)
        added = add_product(ctx, name=f"Item {new_id()}", price_paise=1_00, unit="kg")
        product_id = UUID(added["product_id"])
        on_hand = reserved = Decimal(0)
        for step in steps:
            on_hand, reserved = take(ctx, product_id, step, on_hand, reserved)
            level = stock(ctx, product_id)
            assert (level.on_hand, level.reserved) == (on_hand, reserved)
            assert 0 <= level.reserved <= level.on_hand
            assert level.value_paise >= 0
            assert level.on_hand > 0 or level.value_paise == 0
            assert balance_of(ctx, chart.INVENTORY) - before == level.value_paise


def take(ctx, product_id, step, on_hand, reserved):
    """Do one step; the quantities that a shopkeeper's paper would show after it."""
    kind, quantity, *cost = step
    wanted = {product_id: quantity}
    try:
        if kind == "receive":
            service.receive_stock(
                ctx, product_id=product_id, quantity=quantity, unit_cost_paise=cost[0]
            )
            return on_hand + quantity, reserved
        if kind == "damage":
            service.damage_stock(ctx, product_id=product_id, quantity=quantity)
            return on_hand - quantity, reserved
        if kind == "count":
            service.set_stock(ctx, product_id=product_id, quantity=quantity)
            return quantity, reserved
        if kind == "reserve":
            service.reserve(ctx, wanted)
            return on_hand, reserved + quantity
        if kind == "release":
            service.release(ctx, wanted)
            return on_hand, reserved - quantity
        service.issue(ctx, wanted, source=("order", new_id()))
    except (Conflict, Invalid):
        assert refusable(kind, quantity, on_hand, reserved)
        return on_hand, reserved
    return on_hand - quantity, reserved - quantity


def refusable(kind, quantity, on_hand, reserved):
    return {
        "receive": False,
        "damage": quantity > on_hand - reserved,
        "count": quantity < reserved,
        "reserve": quantity > on_hand - reserved,
        "release": quantity > reserved,
        "issue": quantity > reserved,
    }[kind]
