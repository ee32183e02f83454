"""Booking an order: prices, tax, numbers, and stock promised or refused."""

from __future__ import annotations

from datetime import date, datetime, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from order_steps import line

from erp_core.catalogue.service import change_price
from erp_core.inventory.queries import stock
from erp_core.journal.context import Context
from erp_core.kernel.actor import SYSTEM
from erp_core.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from erp_core.kernel.ids import new_id
from erp_core.orders.queries import order, preview
from erp_core.orders.service import create_order
from erp_core.parties.service import change_business


def test_two_phones_come_to_the_rupee(ctx, shop):
    written = create_order(ctx, customer_id=shop.ravi, lines=[line(shop.iphone, 2)])
    assert written == {
        "order_id": written["order_id"],
        "number": "ORD-2026-00001",
        "customer_id": str(shop.ravi),
        "status": "confirmed",
        "subtotal": 159_800_00,
        "tax": 28_764_00,
        "total": 188_564_00,
    }
    found = order(ctx, UUID(written["order_id"]))
    assert (found.cgst_paise, found.sgst_paise, found.igst_paise) == (14_382_00, 14_382_00, 0)
    assert (found.customer, found.status, str(found.ordered_on)) == (
        "Ravi Kumar",
        "confirmed",
        "2026-11-20",
    )
    assert [(one.product, one.quantity, one.unit_price_paise) for one in found.lines] == [
        ("iPhone 15", 2, 79_900_00)
    ]


def test_when_an_order_is_wanted_is_kept(ctx, shop):
    written = create_order(
        ctx,
        customer_id=shop.ravi,
        lines=[line(shop.maggi, 1)],
        wanted_on=date(2026, 11, 21),
        wanted_at="evening 6:30",
    )
    found = order(ctx, UUID(written["order_id"]))
    assert (found.wanted_on, found.wanted_at) == (date(2026, 11, 21), "evening 6:30")
    said_nothing = create_order(ctx, customer_id=shop.ravi, lines=[line(shop.maggi, 1)])
    found = order(ctx, UUID(said_nothing["order_id"]))
    assert (found.wanted_on, found.wanted_at, found.note) == (None, None, None)


def test_a_note_is_kept_in_one_line_as_far_as_there_is_room(ctx, shop):
    note = "at the\n school gate"
    for said, kept in ((note, "at the school gate"), ("x" * 300, "x" * 200), (" ", None)):
        written = create_order(ctx, customer_id=shop.ravi, lines=[line(shop.maggi, 1)], note=said)
        assert order(ctx, UUID(written["order_id"])).note == kept


def test_a_customer_of_another_state_pays_igst(ctx, shop):
    written = create_order(ctx, customer_id=shop.priya, lines=[line(shop.maggi, 10)])
    found = order(ctx, UUID(written["order_id"]))
    assert (found.cgst_paise, found.sgst_paise, found.igst_paise) == (0, 0, 7_00)
    assert (found.place_of_supply, found.total_paise) == ("29", 147_00)


def test_prices_may_hold_the_tax(ctx, shop):
    change_business(ctx, prices_include_tax=True)
    written = create_order(ctx, customer_id=shop.ravi, lines=[line(shop.iphone, 1)])
    found = order(ctx, UUID(written["order_id"]))
    assert (found.subtotal_paise, found.tax_paise, found.total_paise) == (
        67_711_86,
        12_188_14,
        79_900_00,
    )


def test_a_confirmed_order_promises_its_stock(ctx, shop):
    create_order(ctx, customer_id=shop.ravi, lines=[line(shop.iphone, 3), line(shop.chini, "2.5")])
    assert (stock(ctx, shop.iphone).reserved, stock(ctx, shop.iphone).available) == (3, 5)
    assert stock(ctx, shop.chini).available == 73


def test_an_order_for_more_than_there_is_is_refused(ctx, shop):
    create_order(ctx, customer_id=shop.ravi, lines=[line(shop.iphone, 3)])
    with pytest.raises(Conflict) as refused:
        create_order(ctx, customer_id=shop.priya, lines=[line(shop.iphone, 6)])
    assert refused.value.code == "out_of_stock"
    assert refused.value.facts == {
        "product_id": str(shop.iphone),
        "available": "5",
        "wanted": "6",
    }


def test_a_product_without_any_stock_is_out_of_stock(ctx, shop):
    from erp_core.catalogue.service import add_product

    new = add_product(ctx, name="Dove sabun", price_paise=45_00)
    with pytest.raises(Conflict) as refused:
        create_order(ctx, customer_id=shop.ravi, lines=[line(new["product_id"], 1)])
    assert refused.value.facts["available"] == "0"


def test_numbers_count_within_the_year_of_the_shop(database, business, ctx, shop):
    numbers = [
        create_order(ctx, customer_id=shop.ravi, lines=[line(shop.maggi, 1)])["number"]
        for _ in range(2)
    ]
    new_year_in_india = datetime(2026, 12, 31, 18, 30, tzinfo=timezone.utc)
    later = Context(ctx.connection, business, SYSTEM, new_year_in_india)
    numbers.append(
        create_order(later, customer_id=shop.ravi, lines=[line(shop.maggi, 1)])["number"]
    )
    assert numbers == ["ORD-2026-00001", "ORD-2026-00002", "ORD-2027-00001"]


def test_lines_of_one_product_become_one(ctx, shop):
    written = create_order(
        ctx, customer_id=shop.ravi, lines=[line(shop.maggi, 2), line(shop.maggi, 3)]
    )
    assert [one.quantity for one in order(ctx, UUID(written["order_id"])).lines] == [5]
    with pytest.raises(Invalid, match="two_prices"):
        create_order(
            ctx,
            customer_id=shop.ravi,
            lines=[line(shop.maggi, 2), line(shop.maggi, 3, unit_price_paise=10_00)],
        )


def test_the_shop_may_name_its_price(ctx, shop):
    written = create_order(
        ctx, customer_id=shop.ravi, lines=[line(shop.iphone, 1, unit_price_paise=75_000_00)]
    )
    assert written["subtotal"] == 75_000_00


def test_a_later_price_does_not_touch_an_order(ctx, shop):
    written = create_order(ctx, customer_id=shop.ravi, lines=[line(shop.maggi, 1)])
    change_price(ctx, product_id=shop.maggi, price_paise=15_00)
    assert order(ctx, UUID(written["order_id"])).subtotal_paise == 14_00


def test_what_a_customer_orders_waits_for_the_shop(as_customer, ctx, shop):
    written = create_order(
        as_customer(shop.ravi), customer_id=shop.ravi, lines=[line(shop.iphone, 2)]
    )
    assert written["status"] == "pending"
    assert stock(ctx, shop.iphone).reserved == 0


def test_a_customer_orders_only_for_itself_at_our_prices(as_customer, shop):
    ravi = as_customer(shop.ravi)
    with pytest.raises(Forbidden):
        create_order(ravi, customer_id=shop.priya, lines=[line(shop.maggi, 1)])
    with pytest.raises(Forbidden):
        create_order(ravi, customer_id=shop.ravi, lines=[line(shop.maggi, 1, unit_price_paise=1)])
    with pytest.raises(Forbidden):
        create_order(ravi, customer_id=shop.ravi, lines=[line(shop.maggi, 1)], status="confirmed")


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([], "no_lines"),
        ([("maggi", "0")], "bad_quantity"),
        ([("maggi", "-2")], "bad_quantity"),
        ([("iphone", "1.5")], "bad_quantity"),
        ([("chini", "0.0001")], "bad_quantity"),
    ],
)
def test_an_order_of_nothing_sensible_is_refused(ctx, shop, lines, code):
    wanted = [line(getattr(shop, name), quantity) for name, quantity in lines]
    with pytest.raises(Invalid, match=code):
        create_order(ctx, customer_id=shop.ravi, lines=wanted)


def test_unknown_products_and_customers_are_not_found(ctx, shop):
    with pytest.raises(NotFound, match="product"):
        create_order(ctx, customer_id=shop.ravi, lines=[line(new_id(), 1)])
    with pytest.raises(NotFound, match="customer"):
        create_order(ctx, customer_id=new_id(), lines=[line(shop.maggi, 1)])


def test_a_preview_writes_nothing_and_tells_what_is_short(ctx, shop):
    events = len(ctx.events)
    seen = preview(ctx, customer_id=shop.ravi, lines=[line(shop.iphone, 9), line(shop.maggi, 1)])
    assert [(one.product, one.available, one.enough) for one in seen.lines] == [
        ("iPhone 15", 8, False),
        ("Maggi", 96, True),
    ]
    assert not seen.enough
    assert seen.total_paise == seen.subtotal_paise + seen.tax_paise == 848_552_70
    assert len(ctx.events) == events
    assert stock(ctx, shop.iphone).reserved == Decimal(0)
