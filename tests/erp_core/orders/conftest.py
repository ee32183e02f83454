from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

import pytest

from erp_core.inventory.service import add_stocked_product
from erp_core.journal.context import Context
from erp_core.kernel.actor import SYSTEM, Actor
from erp_core.parties.service import add_customer


@dataclass(frozen=True)
class Shop:
    """Two customers, one of them in Karnataka, and three products."""

    ravi: UUID
    priya: UUID
    iphone: UUID
    maggi: UUID
    chini: UUID


@pytest.fixture
def ctx(database, business, clock):
    with database.tenant(business) as connection:
        yield Context(connection, business, SYSTEM, clock.now())


@pytest.fixture
def shop(ctx) -> Shop:
    def customer(name, phone, state):
        return UUID(add_customer(ctx, name=name, phone=phone, state=state)["customer_id"])

    def product(name, price, rate, stock, cost, unit):
        added = add_stocked_product(
            ctx,
            name=name,
            price_paise=price,
            gst_rate=rate,
            cost_paise=cost,
            unit=unit,
            stock=Decimal(stock),
        )
        return UUID(added["product_id"])

    return Shop(
        ravi=customer("Ravi Kumar", "919123456789", "27"),
        priya=customer("Priya Nair", "919123456705", "29"),
        iphone=product("iPhone 15", 79_900_00, "18", "8", 71_000_00, "piece"),
        maggi=product("Maggi", 14_00, "5", "96", 11_60, "packet"),
        chini=product("Chini", 44_00, "5", "75.5", 40_50, "kg"),
    )


@pytest.fixture
def as_customer(ctx):
    """The same transaction, seen and used by a customer."""

    def become(customer_id: UUID) -> Context:
        return replace(ctx, actor=Actor("customer", customer_id))

    return become


@pytest.fixture
def as_user(ctx):
    def become(role: str) -> Context:
        return replace(ctx, actor=Actor("user", UUID(int=7), role))

    return become
