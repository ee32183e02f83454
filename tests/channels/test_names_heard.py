"""Which names a listener is told of, where a shop has more than it takes."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from channels.whatsapp.hearing import names_for
from channels.whatsapp.people import Person
from erp_core.catalogue.service import NewProduct, add_products
from erp_core.inventory.service import receive_stock
from erp_core.journal.commands import Command
from erp_core.journal.context import Context
from erp_core.kernel.actor import SYSTEM, Actor
from erp_core.orders.service import create_order
from erp_core.parties.service import NewCustomer, add_customers
from erp_core.runtime import Bahi
from erp_core.speech.port import MOST_NAMES

MANY = MOST_NAMES + 50
Run = Callable[..., dict[str, Any]]


def listed(ctx: Context, *, products: int, customers: int) -> dict[str, list[str]]:
    """So many of each, in one command."""
    goods = add_products(ctx, [NewProduct(f"Goods {at:03}", 1_000) for at in range(products)])
    people = add_customers(ctx, [NewCustomer(f"Person {at:03}") for at in range(customers)])
    return {"products": [str(one) for one in goods], "customers": [str(one) for one in people]}


@pytest.fixture
def run(bahi: Bahi, business: int) -> Run:
    count = iter(range(1000))

    def run_it(command: Command, **arguments: Any) -> dict[str, Any]:
        done = bahi.run(business, SYSTEM, f"k{next(count)}", command, **arguments)
        return dict(done)

    return run_it


def test_what_sells_and_who_orders_is_listened_for_first(
    bahi: Bahi,
    business: int,
    run: Run,
) -> None:
    made = run(listed, products=MANY, customers=MANY)
    last, one_before = (UUID(one) for one in made["products"][-1:-3:-1])
    for product in (last, one_before):
        run(receive_stock, product_id=product, quantity=Decimal(10))
    buyer = UUID(made["customers"][0])
    for _ in range(2):
        lines = [{"product_id": str(last), "quantity": "1"}]
        run(create_order, customer_id=buyer, lines=lines)
    lines = [{"product_id": str(one_before), "quantity": "1"}]
    run(create_order, customer_id=UUID(made["customers"][1]), lines=lines)
    names = names_for(bahi, Person(business, Actor("system"), "hinglish"))
    assert names.products[:3] == (f"Goods {MANY - 1:03}", f"Goods {MANY - 2:03}", "Goods 000")
    assert len(names.products) == MOST_NAMES
    newest = f"Person {MANY - 1:03}"
    assert names.customers[:3] == ("Person 000", "Person 001", newest)
    assert len(names.customers) == MOST_NAMES
    buying = names_for(bahi, Person(business, Actor("customer", buyer), "hinglish"))
    assert (buying.customers, buying.buyer) == ((), True)
