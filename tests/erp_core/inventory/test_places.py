"""Goods in several places: carried, fetched for a sale, and never more of them than there are."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select

from erp_core.inventory import places
from erp_core.inventory.models import location_levels, location_moves
from erp_core.inventory.queries import stock
from erp_core.inventory.service import add_stocked_product, change_stock, remove_stock
from erp_core.kernel.errors import BahiError, Conflict, Invalid, NotFound
from erp_core.orders.service import change_status, create_order


@pytest.fixture
def maggi(run) -> UUID:
    added = run(
        add_stocked_product,
        name="Maggi",
        price_paise=14_00,
        cost_paise=10_00,
        unit="packet",
        stock=Decimal(50),
    )
    return UUID(added["product_id"])


@pytest.fixture
def carry(run, maggi):
    def move(quantity, source=None, target=None):
        lines = [{"product_id": str(maggi), "quantity": str(quantity)}]
        return run(places.move_goods, lines=lines, source=source, target=target)

    return move


@pytest.fixture
def there(reader_of, maggi):
    """How much lies elsewhere, by name; every quantity is explained by what was carried."""

    def read():
        with reader_of() as reader:
            found = {
                one.place.name: int(one.quantity) for one in places.lying(reader, product_id=maggi)
            }
            moved: dict[UUID, Decimal] = {}
            for row in reader.connection.execute(
                select(location_moves).where(location_moves.c.product_id == maggi)
            ):
                for place, sign in ((row.source_id, -1), (row.target_id, 1)):
                    if place:
                        moved[place] = moved.get(place, Decimal(0)) + sign * row.quantity
            levels = dict(
                reader.connection.execute(
                    select(location_levels.c.location_id, location_levels.c.on_hand).where(
                        location_levels.c.product_id == maggi
                    )
                ).all()
            )
            assert moved == levels
            assert sum(levels.values()) <= stock(reader, maggi).on_hand
            return found

    return read


def test_goods_are_carried_there_and_back(carry, there):
    assert carry(30, target="Godown") == {
        "source": None,
        "target": "Godown",
        "left": ["20"],
        "there": ["30"],
    }
    carry(10, source="godown")
    carry(5, source="Godown", target="Branch")
    assert there() == {"Godown": 15, "Branch": 5}


def test_no_more_is_carried_than_is_there(carry, there):
    carry(30, target="Godown")
    for source, target, wanted in ((None, "Godown", 21), ("Godown", None, 31)):
        with pytest.raises(Conflict, match="not_there"):
            carry(wanted, source=source, target=target)
    with pytest.raises(NotFound):
        carry(1, source="Nowhere")
    with pytest.raises(Invalid, match="same_place"):
        carry(1, source="Godown", target="godown")
    assert there() == {"Godown": 30}


def test_what_the_shop_lacks_for_a_sale_is_fetched(run, ravi, maggi, carry, there):
    carry(30, target="Godown")
    carry(10, target="Branch")
    line = {"product_id": maggi, "quantity": Decimal(25)}
    done = run(create_order, customer_id=ravi, lines=[line])
    assert there() == {"Godown": 30, "Branch": 10}
    run(change_status, order_id=UUID(done["order_id"]), status="delivered")
    assert there() == {"Godown": 15, "Branch": 10}
    run(remove_stock, product_id=maggi, quantity=Decimal(25))
    assert there() == {}


def test_goods_come_straight_to_a_place(run, maggi, there):
    lines = [{"product_id": str(maggi), "quantity": "40"}]
    run(change_stock, change="add", lines=lines, place="Godown")
    assert there() == {"Godown": 40}


def test_sixteen_at_once_carry_and_sell_only_what_there_is(run, ravi, maggi, carry, there):
    carry(45, target="Godown")
    line = {"product_id": maggi, "quantity": Decimal(5)}

    def deed(number):
        try:
            if number % 2:
                carry(5, source="Godown" if number % 4 == 1 else None, target="Branch")
            else:
                done = run(create_order, customer_id=ravi, lines=[line])
                run(change_status, order_id=UUID(done["order_id"]), status="delivered")
        except BahiError as error:
            return error.code
        return "done"

    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(deed, range(32)))
    assert [found[at] for at in range(0, 32, 2)].count("done") == 10
    assert set(found) <= {"done", "out_of_stock", "not_there"}
    assert there() == {}
