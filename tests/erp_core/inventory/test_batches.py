"""Batches: first expiry first, nothing expired is sold, and the batches explain the count."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from erp_core.inventory import batches
from erp_core.inventory.models import batch_movements, stock_batches
from erp_core.inventory.queries import movements, stock, stock_value
from erp_core.inventory.service import (
    add_stocked_product,
    damage_stock,
    receive_stock,
    remove_stock,
    set_stock,
    write_off_expired,
)
from erp_core.kernel.actor import SYSTEM
from erp_core.kernel.clock import Clock
from erp_core.kernel.errors import BahiError, Conflict, Invalid
from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.orders.service import change_status, create_order
from erp_core.parties.bootstrap import NewBusiness, register_business
from erp_core.parties.service import add_customer
from erp_core.runtime import Bahi

TODAY = date(2026, 11, 20)


class Chemist:
    """A medical shop whose clock can be set ahead."""

    def __init__(self, database: Any, number: str) -> None:
        self.database, self.keys, self.day = database, 0, 0
        new = NewBusiness("Jeevan Medical", number, "27")
        self.business = register_business(database, self.clock(), new)
        self.ravi = UUID(self.run(add_customer, name="Ravi")["customer_id"])
        added = self.run(
            add_stocked_product, name="Crocin", price_paise=30_00, cost_paise=20_00, unit="strip"
        )
        self.crocin = UUID(added["product_id"])

    def clock(self) -> Clock:
        return Clock.starting(f"{TODAY + timedelta(days=self.day)}T08:00:00")

    def run(self, command: Any, **arguments: Any) -> Any:
        self.keys += 1
        bahi = Bahi(self.database, self.clock())
        return bahi.run(self.business, SYSTEM, f"k{self.keys}", command, **arguments)

    def read(self) -> Any:
        return Bahi(self.database, self.clock()).read(self.business)

    def come(self, quantity: int, days: int | None, batch: str | None = None) -> None:
        expires = None if days is None else TODAY + timedelta(days=days)
        self.run(
            receive_stock,
            product_id=self.crocin,
            quantity=Decimal(quantity),
            expires_on=expires,
            batch=batch,
        )

    def sell(self, quantity: int) -> UUID:
        line = {"product_id": self.crocin, "quantity": Decimal(quantity)}
        done = self.run(create_order, customer_id=self.ravi, lines=[line])
        order_id = UUID(done["order_id"])
        self.run(change_status, order_id=order_id, status="delivered")
        return order_id

    def left(self) -> dict[str, int]:
        with self.read() as reader:
            return {
                one.number: int(one.quantity) for one in batches.batches_of(reader, self.crocin)
            }


@pytest.fixture
def chemist(database, request) -> Chemist:
    return Chemist(database, f"chemist-{request.node.name}")


def test_what_expires_first_is_sold_first(chemist):
    chemist.come(5, None)
    chemist.come(10, 300, "late")
    chemist.come(10, 30, "soon")
    chemist.sell(4)
    assert chemist.left() == {"SOON": 6, "LATE": 10}
    chemist.sell(8)
    assert chemist.left() == {"LATE": 8}
    chemist.sell(10)
    assert chemist.left() == {}
    with chemist.read() as reader:
        assert stock(reader, chemist.crocin).on_hand == Decimal(3)


def test_what_has_expired_is_not_sold(chemist):
    chemist.come(10, 5)
    chemist.come(3, 90)
    chemist.day = 6
    with chemist.read() as reader:
        found = stock(reader, chemist.crocin)
        assert (found.on_hand, found.expired, found.available) == (13, 10, 3)
    with pytest.raises(Conflict, match="out_of_stock") as refused:
        chemist.sell(4)
    assert refused.value.facts["available"] == "3"
    chemist.sell(3)
    assert chemist.left() == {"EXP 2026-11-25": 10}
    done = chemist.run(write_off_expired)
    assert [one["delta"] for one in done["changes"]] == ["-10"]
    with chemist.read() as reader:
        assert "expired" in {one.reason for one in movements(reader, chemist.crocin)}
        assert ledger.balance_of(reader, chart.STOCK_LOSS) == 200_00
        assert stock_value(reader) == 0


def test_it_can_be_sold_on_its_last_day(chemist):
    chemist.come(1, 5)
    chemist.day = 5
    chemist.sell(1)
    assert chemist.left() == {}


def test_what_expires_while_it_waits_for_its_buyer_is_not_handed_out(chemist):
    chemist.come(2, 5)
    line = {"product_id": chemist.crocin, "quantity": Decimal(2)}
    done = chemist.run(create_order, customer_id=chemist.ravi, lines=[line])
    chemist.day = 6
    with pytest.raises(Conflict, match="goods_expired"):
        chemist.run(change_status, order_id=UUID(done["order_id"]), status="delivered")
    chemist.run(change_status, order_id=UUID(done["order_id"]), status="cancelled")
    with chemist.read() as reader:
        assert stock(reader, chemist.crocin).reserved == 0


def test_what_comes_back_is_of_the_batch_that_it_left(chemist):
    chemist.come(4, 30, "a")
    chemist.come(4, 60, "b")
    order_id = chemist.sell(6)
    chemist.run(change_status, order_id=order_id, status="returned")
    assert chemist.left() == {"A": 4, "B": 4}


def test_goods_of_one_batch_come_twice_and_never_with_two_dates(chemist):
    chemist.come(4, 30, "ab 12")
    chemist.come(6, 30, "AB12")
    assert chemist.left() == {"AB12": 10}
    with pytest.raises(Conflict, match="other_expiry"):
        chemist.come(1, 31, "AB12")
    with pytest.raises(Invalid, match="expired_already"):
        chemist.come(1, -1)


def test_what_breaks_or_is_counted_away_is_what_expires_first(chemist):
    chemist.come(5, 10, "a")
    chemist.come(5, 20, "b")
    chemist.run(damage_stock, product_id=chemist.crocin, quantity=Decimal(2))
    assert chemist.left() == {"A": 3, "B": 5}
    chemist.run(set_stock, product_id=chemist.crocin, quantity=Decimal(4))
    assert chemist.left() == {"B": 4}


def test_what_expires_soon_is_listed(chemist):
    chemist.come(5, 10, "a")
    chemist.come(5, 70, "b")
    with chemist.read() as reader:
        (one,) = batches.expiring(reader)
        assert (one.product, one.number, one.days, one.quantity) == ("Crocin", "A", 10, 5)


def test_sixteen_buyers_at_once_get_no_more_than_is_good(chemist, database):
    chemist.come(10, 5, "old")
    chemist.come(7, 90, "good")
    chemist.day = 6
    bahi = Bahi(database, chemist.clock())
    line = {"product_id": chemist.crocin, "quantity": Decimal(1)}

    def buy(number: int) -> str:
        try:
            done = bahi.run(
                chemist.business,
                SYSTEM,
                f"rush{number}",
                create_order,
                customer_id=chemist.ravi,
                lines=[line],
            )
            bahi.run(
                chemist.business,
                SYSTEM,
                f"hand{number}",
                change_status,
                order_id=UUID(done["order_id"]),
                status="delivered",
            )
        except Conflict as error:
            return error.code
        return "sold"

    with ThreadPoolExecutor(16) as pool:
        found = sorted(pool.map(buy, range(16)))
    assert found == ["out_of_stock"] * 9 + ["sold"] * 7
    assert chemist.left() == {"OLD": 10}


deeds = st.lists(
    st.tuples(
        st.sampled_from(["come", "sell", "lose", "count", "return", "write off", "wait"]),
        st.integers(1, 12),
        st.integers(0, 40),
    ),
    min_size=5,
    max_size=25,
)


@settings(max_examples=15, database=None, suppress_health_check=list(HealthCheck))
@given(history=deeds)
def test_batches_explain_the_count_after_any_history(database, history):
    chemist = Chemist(database, f"random-{id(history)}-{len(history)}-{hash(str(history))}")
    orders: list[UUID] = []
    for deed, size, days in history:
        try:
            if deed == "come":
                chemist.come(size, chemist.day + days if days % 4 else None)
            elif deed == "sell":
                orders.append(chemist.sell(size))
            elif deed == "lose":
                chemist.run(remove_stock, product_id=chemist.crocin, quantity=Decimal(size))
            elif deed == "count":
                chemist.run(set_stock, product_id=chemist.crocin, quantity=Decimal(size))
            elif deed == "return" and orders:
                order_id = orders.pop(days % len(orders))
                chemist.run(change_status, order_id=order_id, status="returned")
            elif deed == "write off":
                chemist.run(write_off_expired)
            elif deed == "wait":
                chemist.day += size
        except BahiError:
            continue
    with chemist.read() as reader:
        found = stock(reader, chemist.crocin)
        assert stock_value(reader) == ledger.balance_of(reader, chart.INVENTORY)
        c, moved = stock_batches.c, batch_movements.c
        rows = reader.connection.execute(
            select(c.quantity, func.coalesce(func.sum(moved.delta), 0))
            .select_from(
                stock_batches.outerjoin(
                    batch_movements,
                    (moved.business_id == c.business_id) & (moved.batch_id == c.id),
                )
            )
            .where(c.business_id == chemist.business)
            .group_by(c.id, c.quantity)
        ).all()
    assert all(quantity == explained for quantity, explained in rows)
    assert sum(quantity for quantity, _ in rows) <= found.on_hand
