"""Whatever is ordered, at whatever price: lines, heads and total agree to the paisa."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from order_steps import line

from erp_core.catalogue.queries import Product
from erp_core.kernel.money import half_up
from erp_core.orders.pricing import DraftLine, Terms, draft
from erp_core.orders.queries import order, preview
from erp_core.orders.service import create_order

whole = st.integers(1, 999).map(Decimal)
weights = st.decimals("0.001", "9999.999", places=3)
prices = st.integers(0, 10**8)
rates = st.sampled_from([0, 25, 300, 500, 1200, 1800, 2800, 4000])
drawn = st.lists(st.tuples(weights, prices, rates), min_size=1, max_size=8)


def terms(*, inter_state: bool, inclusive: bool) -> Terms:
    return Terms("27", "29" if inter_state else "27", True, inclusive, date(2026, 11, 20))


GOODS = Product(
    id=UUID(int=1),
    name="Maggi",
    sku="P1",
    unit="kg",
    price_paise=1_400,
    cost_paise=None,
    hsn=None,
    gst_rate=500,
    reorder_level=None,
    active=True,
)


def drafted(lines, given_terms):
    wanted = [DraftLine(GOODS, quantity, price, None, rate) for quantity, price, rate in lines]
    return draft(wanted, given_terms).assessment


@given(drawn, st.booleans())
def test_prices_before_tax(lines, inter_state):
    made = drafted(lines, terms(inter_state=inter_state, inclusive=False))
    assert made.taxable == sum(half_up(quantity * price) for quantity, price, _ in lines)
    exact = sum(half_up(quantity * price) * rate for quantity, price, rate in lines)
    if inter_state:
        assert (made.cgst, made.sgst) == (0, 0)
        assert made.igst == half_up(Decimal(exact) / 10_000)
    else:
        assert made.igst == 0
        assert made.cgst == made.sgst == half_up(Decimal(exact) / 20_000)
    assert made.total == made.taxable + made.tax == sum(one.total for one in made.lines)


@given(drawn, st.booleans())
def test_prices_that_hold_the_tax(lines, inter_state):
    """What is paid is the price said, to the paisa; rounding stands in the round-off."""
    made = drafted(lines, terms(inter_state=inter_state, inclusive=True))
    assert made.total == sum(half_up(quantity * price) for quantity, price, _ in lines)
    assert made.total == made.taxable + made.tax + made.round_off
    assert abs(made.round_off) <= 2 * len(lines)


@settings(max_examples=25)
@given(st.integers(1, 8), st.integers(1, 96), st.decimals("0.001", "75.500", places=3), prices)
def test_an_order_costs_what_its_preview_said(ctx, shop, phones, packets, weight, price):
    wanted = [
        line(shop.iphone, phones),
        line(shop.maggi, packets, unit_price_paise=price),
        line(shop.chini, weight),
    ]
    outer = ctx.connection.begin_nested()
    seen = preview(ctx, customer_id=shop.priya, lines=wanted)
    written = create_order(ctx, customer_id=shop.priya, lines=wanted)
    booked = order(ctx, UUID(written["order_id"]))
    outer.rollback()
    assert written["total"] == seen.total_paise == booked.total_paise
    assert written["tax"] == seen.tax_paise == booked.tax_paise
    assert booked.total_paise == sum(one.total_paise for one in booked.lines)
    assert booked.igst_paise == sum(one.igst_paise for one in booked.lines)
    assert [one.total_paise for one in seen.lines] == [one.total_paise for one in booked.lines]
