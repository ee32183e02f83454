"""Stock that comes, goes, breaks and is counted; its value stands in the ledger."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest

from erp_core.catalogue.service import add_product, change_product
from erp_core.inventory import queries, service
from erp_core.kernel.errors import Conflict, Invalid, NotFound
from erp_core.kernel.ids import new_id
from erp_core.ledger import chart
from erp_core.ledger.queries import balance_of, trial_balance


@pytest.fixture
def chini(ctx) -> UUID:
    added = add_product(ctx, name="Chini", price_paise=44_00, unit="kg", cost_paise=40_50)
    return UUID(added["product_id"])


@pytest.fixture
def phone(ctx) -> UUID:
    added = add_product(ctx, name="iPhone 15", price_paise=79_900_00, cost_paise=71_000_00)
    return UUID(added["product_id"])


def balances(ctx):
    return {line.account: line.debit - line.credit for line in trial_balance(ctx)}


def test_a_new_product_has_no_stock(ctx, chini):
    found = queries.stock(ctx, chini)
    assert (found.on_hand, found.reserved, found.available) == (0, 0, 0)
    assert found.value_paise == 0
    assert found.average_cost_paise is None


def test_receiving_adds_at_cost(ctx, chini):
    result = service.receive_stock(ctx, product_id=chini, quantity=Decimal("20.5"))
    assert result == {
        "product_id": str(chini),
        "movement_id": result["movement_id"],
        "before": "0",
        "after": "20.5",
        "delta": "20.5",
        "available": "20.5",
        "value": 830_25,
    }
    assert balances(ctx) == {chart.INVENTORY: 830_25, chart.PURCHASES_PENDING: -830_25}


def test_average_cost_moves_with_each_receipt(ctx, chini):
    service.receive_stock(ctx, product_id=chini, quantity=Decimal(10), unit_cost_paise=40_00)
    service.receive_stock(ctx, product_id=chini, quantity=Decimal(30), unit_cost_paise=44_00)
    found = queries.stock(ctx, chini)
    assert found.value_paise == 1720_00
    assert found.average_cost_paise == 43_00


def test_damage_is_written_off_at_average_cost(ctx, chini):
    service.receive_stock(ctx, product_id=chini, quantity=Decimal(10), unit_cost_paise=40_00)
    service.receive_stock(ctx, product_id=chini, quantity=Decimal(30), unit_cost_paise=44_00)
    result = service.damage_stock(ctx, product_id=chini, quantity=Decimal("2.5"))
    assert (result["after"], result["delta"], result["value"]) == ("37.5", "-2.5", -107_50)
    assert balances(ctx) == {
        chart.INVENTORY: 1612_50,
        chart.PURCHASES_PENDING: -1720_00,
        chart.STOCK_LOSS: 107_50,
    }


def test_the_last_piece_takes_every_paisa_along(ctx, chini):
    service.receive_stock(ctx, product_id=chini, quantity=Decimal(3), unit_cost_paise=33_33)
    for _ in range(3):
        service.remove_stock(ctx, product_id=chini, quantity=Decimal(1))
    assert queries.stock(ctx, chini).value_paise == 0
    assert balance_of(ctx, chart.INVENTORY) == 0


def test_a_count_sets_the_total_and_books_the_difference(ctx, phone):
    service.receive_stock(ctx, product_id=phone, quantity=Decimal(8))
    result = service.set_stock(ctx, product_id=phone, quantity=Decimal(6))
    assert (result["before"], result["after"], result["delta"]) == ("8", "6", "-2")
    assert balance_of(ctx, chart.STOCK_LOSS) == 142_000_00
    result = service.set_stock(ctx, product_id=phone, quantity=Decimal(7))
    assert result["delta"] == "1"
    assert balance_of(ctx, chart.STOCK_GAIN) == -71_000_00
    assert balance_of(ctx, chart.INVENTORY) == queries.stock(ctx, phone).value_paise


def test_a_count_of_zero_empties_the_shelf(ctx, phone):
    service.receive_stock(ctx, product_id=phone, quantity=Decimal(8))
    result = service.set_stock(ctx, product_id=phone, quantity=Decimal(0))
    assert result["after"] == "0"
    assert queries.stock(ctx, phone).on_hand == 0


def test_a_count_that_agrees_changes_nothing(ctx, phone):
    service.receive_stock(ctx, product_id=phone, quantity=Decimal(8))
    events = len(ctx.events)
    assert service.set_stock(ctx, product_id=phone, quantity=Decimal(8))["delta"] == "0"
    assert len(ctx.events) == events


def test_more_than_there_is_cannot_go(ctx, phone):
    service.receive_stock(ctx, product_id=phone, quantity=Decimal(8))
    with pytest.raises(Conflict) as refused:
        service.remove_stock(ctx, product_id=phone, quantity=Decimal(9))
    assert refused.value.code == "out_of_stock"
    assert refused.value.facts == {"product_id": str(phone), "available": "8", "wanted": "9"}
    assert queries.stock(ctx, phone).on_hand == 8


def test_what_is_promised_to_orders_cannot_be_removed(ctx, phone):
    service.receive_stock(ctx, product_id=phone, quantity=Decimal(8))
    service.reserve(ctx, {phone: Decimal(5)})
    with pytest.raises(Conflict) as refused:
        service.damage_stock(ctx, product_id=phone, quantity=Decimal(4))
    assert refused.value.code == "stock_reserved"
    assert refused.value.facts["available"] == "3"
    with pytest.raises(Conflict, match="stock_reserved"):
        service.set_stock(ctx, product_id=phone, quantity=Decimal(4))
    assert service.set_stock(ctx, product_id=phone, quantity=Decimal(5))["available"] == "0"


@pytest.mark.parametrize("quantity", ["0", "-1", "1.5", "0.0001"])
def test_pieces_come_whole_and_above_zero(ctx, phone, quantity):
    with pytest.raises(Invalid, match="bad_quantity"):
        service.receive_stock(ctx, product_id=phone, quantity=Decimal(quantity))


def test_an_unknown_product_is_not_found(ctx):
    with pytest.raises(NotFound, match="product"):
        service.receive_stock(ctx, product_id=new_id(), quantity=Decimal(1))
    with pytest.raises(NotFound, match="product"):
        queries.stock(ctx, new_id())


def test_an_unknown_reason_is_refused(ctx, phone):
    service.receive_stock(ctx, product_id=phone, quantity=Decimal(8))
    with pytest.raises(Invalid, match="bad_reason"):
        service.remove_stock(ctx, product_id=phone, quantity=Decimal(1), reason="eaten")


def test_movements_tell_the_story_newest_first(ctx, phone):
    service.receive_stock(ctx, product_id=phone, quantity=Decimal(8))
    service.damage_stock(ctx, product_id=phone, quantity=Decimal(1))
    service.set_stock(ctx, product_id=phone, quantity=Decimal(10))
    story = [(m.reason, m.delta, m.on_hand_after) for m in queries.movements(ctx, phone)]
    assert story == [("counted", 3, 10), ("damaged", -1, 7), ("received", 8, 8)]
    assert len(queries.movements(ctx, phone, limit=2)) == 2


def test_low_stock_is_told_once_for_each_crossing(ctx, phone):
    service.receive_stock(ctx, product_id=phone, quantity=Decimal(8))
    change_product(ctx, product_id=phone, reorder_level=Decimal(5))
    assert queries.low_stock(ctx) == []
    for _ in range(4):
        service.remove_stock(ctx, product_id=phone, quantity=Decimal(1))
    low = [event for event in ctx.events if event.kind == "stock.low"]
    assert [event.payload["available"] for event in low] == ["5"]
    assert [one.product_id for one in queries.low_stock(ctx)] == [phone]


def test_a_reservation_too_can_make_stock_low(ctx, phone):
    service.receive_stock(ctx, product_id=phone, quantity=Decimal(8))
    change_product(ctx, product_id=phone, reorder_level=Decimal(5))
    service.reserve(ctx, {phone: Decimal(3)})
    low = [event for event in ctx.events if event.kind == "stock.low"]
    assert [event.payload for event in low] == [{"available": "5", "reorder_level": "5"}]


def test_a_product_can_start_with_stock(ctx):
    result = service.add_stocked_product(
        ctx, name="Dove sabun", price_paise=45_00, cost_paise=38_00, stock=Decimal(24)
    )
    assert result["stock"] == "24"
    assert queries.stock(ctx, UUID(result["product_id"])).on_hand == 24
    assert balances(ctx) == {chart.INVENTORY: 912_00, chart.OPENING_EQUITY: -912_00}


def test_several_products_change_together_and_answer_in_the_order_asked(ctx, chini, phone):
    lines = [
        {"product_id": str(one), "quantity": quantity}
        for one, quantity in ((phone, "2"), (chini, "7.5"), (phone, "1"))
    ]
    done = service.change_stock(ctx, change="add", lines=lines)
    assert [(one["product_id"], one["before"], one["after"]) for one in done["changes"]] == [
        (str(phone), "0", "2"),
        (str(chini), "0", "7.5"),
        (str(phone), "2", "3"),
    ]


def test_goods_that_come_bring_the_cost_that_is_said(ctx, phone):
    line = {"product_id": str(phone), "quantity": "2", "unit_cost_paise": 118_00}
    [done] = service.change_stock(ctx, change="add", lines=[line])["changes"]
    assert done["value"] == 236_00


def test_several_products_change_all_or_none(run, bahi, business):
    added = [
        run(add_product, name=name, price_paise=44_00, unit="piece") for name in ("Dove", "Lux")
    ]
    lines = [{"product_id": one["product_id"], "quantity": "2"} for one in added]
    run(service.change_stock, change="add", lines=lines[:1])
    with pytest.raises(Conflict):
        run(service.change_stock, change="remove", lines=lines)
    with bahi.read(business) as reader:
        assert queries.stock(reader, UUID(added[0]["product_id"])).on_hand == 2


def test_an_unknown_way_of_changing_stock_is_refused(ctx, chini):
    with pytest.raises(Invalid) as error:
        service.change_stock(ctx, change="eat", lines=[{"product_id": str(chini), "quantity": "1"}])
    assert error.value.code == "bad_change"
