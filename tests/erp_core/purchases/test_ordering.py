"""What to order, the orders themselves, and goods that come against them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from erp_core.inventory.service import add_stocked_product, receive_stock, remove_stock
from erp_core.journal import outbox
from erp_core.kernel.clock import Clock
from erp_core.kernel.errors import BahiError, Conflict, Invalid, NotFound
from erp_core.orders.service import change_status, create_order
from erp_core.purchases import ordering, service
from erp_core.purchases.reordering import suggestions
from erp_core.runtime import Bahi


def line(product_id, quantity, price):
    return {"product_id": str(product_id), "quantity": str(quantity), "unit_price_paise": price}


@pytest.fixture
def sell(run, ravi):
    def sold(product_id, quantity):
        done = run(
            create_order,
            customer_id=ravi,
            lines=[{"product_id": product_id, "quantity": Decimal(quantity)}],
        )
        run(change_status, order_id=UUID(done["order_id"]), status="delivered")

    return sold


def test_what_sells_fast_is_ordered_before_it_runs_out(run, market, sell, reader_of):
    """Fourteen in seven days are two a day; the vendor takes three days until somebody knows."""
    bought = [line(market.maggi, 20, 10_00)]
    run(service.record_bill, vendor_id=market.metro, lines=bought)
    sell(market.maggi, 14)
    with reader_of() as reader:
        assert suggestions(reader) == []
    sell(market.maggi, 7)
    with reader_of() as reader:
        (one,) = suggestions(reader)
    assert (one.name, one.per_day, one.available, one.days, one.why) == (
        "Maggi",
        Decimal(3),
        Decimal(9),
        3,
        "sells",
    )
    assert one.quantity == Decimal(3 * (3 + 14) - 9)
    assert one.usual
    assert (one.usual.vendor, one.usual.unit_price) == ("Metro Traders", 10_00)


def test_a_rate_that_was_agreed_stands_on_the_order(run, market, reader_of):
    run(service.record_bill, vendor_id=market.metro, lines=[line(market.maggi, 20, 10_00)])
    wanted = {"product_id": str(market.maggi), "quantity": "5"}
    agreed = run(
        ordering.place_order,
        vendor_id=market.metro,
        lines=[{**wanted, "unit_price_paise": 9_00}],
    )
    usual = run(ordering.place_order, vendor_id=market.metro, lines=[wanted])
    with reader_of() as reader:
        placed = [ordering.order(reader, UUID(one["order_id"])) for one in (agreed, usual)]
    assert [one.lines[0].unit_price for one in placed] == [9_00, 10_00]
    with pytest.raises(Invalid, match="bad_amount"):
        run(
            ordering.place_order,
            vendor_id=market.metro,
            lines=[{**wanted, "unit_price_paise": 0}],
        )


def test_what_is_at_its_level_is_ordered_and_what_is_out_stands_first(run, reader_of):
    def product(name, level, stock):
        run(
            add_stocked_product,
            name=name,
            price_paise=10_00,
            reorder_level=Decimal(level),
            stock=Decimal(stock) if stock else None,
        )

    product("Surf", 8, 6)
    product("Lux", 5, 0)
    product("Dove", 5, 6)
    with reader_of() as reader:
        found = [(one.name, one.quantity, one.why) for one in suggestions(reader)]
    assert found == [("Lux", Decimal(10), "out"), ("Surf", Decimal(10), "level")]


def test_what_is_on_its_way_is_not_ordered_again(run, market, sell, reader_of):
    sell(market.maggi, 10)
    with reader_of() as reader:
        (one,) = suggestions(reader)
    run(
        ordering.place_order,
        vendor_id=market.metro,
        lines=[{"product_id": str(market.maggi), "quantity": str(one.quantity)}],
    )
    with reader_of() as reader:
        assert suggestions(reader) == []
        assert ordering.coming(reader) == {market.maggi: one.quantity}


def test_a_vendor_with_a_number_is_told(run, market, reader_of, bahi, business):
    wanted = [{"product_id": str(market.maggi), "quantity": "40"}]
    done = run(ordering.place_order, vendor_id=market.metro, lines=wanted)
    assert (done["number"], done["told"]) == ("PO27-2627-00001", True)
    assert not run(ordering.place_order, vendor_id=market.kisan, lines=wanted)["told"]
    with reader_of() as reader:
        (row,) = outbox.claim_outbox(reader.connection, business, now=bahi.clock.now())
        assert (row.to.kind, row.to.id) == ("vendor", market.metro)
        assert row.attachment == {"kind": "purchase_order", "id": done["order_id"]}


def test_goods_come_against_the_oldest_order(run, market, reader_of):
    def order(quantity):
        wanted = [
            {"product_id": str(market.maggi), "quantity": str(quantity)},
            {"product_id": str(market.chini), "quantity": "10"},
        ]
        placed = run(ordering.place_order, vendor_id=market.metro, lines=wanted)
        return UUID(placed["order_id"])

    first, second = order(40), order(5)

    def bring(*lines):
        done = run(service.record_bill, vendor_id=market.metro, lines=list(lines))
        return done["order_id"] and UUID(done["order_id"])

    assert bring(line(market.iphone, 1, 500_00)) is None
    assert bring(line(market.maggi, 30, 10_00)) == first
    with reader_of() as reader:
        found = ordering.order(reader, first)
        assert (found.status, [one.open for one in found.lines]) == (
            "partly",
            [Decimal(10), Decimal(10)],
        )
    assert bring(line(market.maggi, 12, 10_00), line(market.chini, 10, 40_00)) == first
    with reader_of() as reader:
        assert ordering.order(reader, first).status == "received"
        assert [one.id for one in ordering.open_orders(reader)] == [second]


def test_the_time_that_a_vendor_takes_is_learned(run, market, reader_of, database, business, clock):
    wanted = [{"product_id": str(market.maggi), "quantity": "40"}]
    run(ordering.place_order, vendor_id=market.metro, lines=wanted)
    later = Bahi(database, Clock.starting((clock.now() + timedelta(days=6)).isoformat()))
    from erp_core.kernel.actor import SYSTEM

    later.run(
        business,
        SYSTEM,
        "later",
        service.record_bill,
        vendor_id=market.metro,
        lines=[line(market.maggi, 40, 10_00)],
    )
    with reader_of() as reader:
        assert ordering.lead_days(reader) == {market.metro: 6}


def test_what_is_done_cannot_be_cancelled(run, market):
    wanted = [{"product_id": str(market.maggi), "quantity": "4"}]
    order_id = UUID(run(ordering.place_order, vendor_id=market.metro, lines=wanted)["order_id"])
    run(ordering.cancel_order, order_id=order_id)
    with pytest.raises(BahiError):
        run(ordering.cancel_order, order_id=order_id)
    with pytest.raises(Conflict, match="not_open"):
        run(
            service.record_bill,
            vendor_id=market.metro,
            order_id=order_id,
            lines=[line(market.maggi, 4, 10_00)],
        )
    with pytest.raises(NotFound):
        run(ordering.cancel_order, order_id=market.metro)
    with pytest.raises(Invalid, match="no_lines"):
        run(ordering.place_order, vendor_id=market.metro, lines=[])


def test_losses_and_counts_are_no_sales(run, market, reader_of):
    run(receive_stock, product_id=market.maggi, quantity=Decimal(5))
    run(remove_stock, product_id=market.maggi, quantity=Decimal(15))
    with reader_of() as reader:
        assert suggestions(reader) == []
