from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

import pytest

from erp_core.inventory.queries import stock_value
from erp_core.inventory.service import add_stocked_product
from erp_core.ledger import queries as ledger
from erp_core.parties.service import add_vendor
from erp_core.runtime import Bahi, default_listeners


@pytest.fixture
def books(reader_of):
    """What moved in the books besides opening balances."""

    def read():
        with reader_of() as reader:
            found = ledger.account_balances(reader)
            assert sum(found.values()) == 0
            assert found.get("INVENTORY", 0) == stock_value(reader)
            return {code: paise for code, paise in found.items() if paise}

    return read


@pytest.fixture
def bahi(database, clock) -> Bahi:
    """With what listens: the tax of goods under reverse charge is written by it."""
    return Bahi(database, clock, listeners=default_listeners())


@dataclass(frozen=True)
class Market:
    """Two registered vendors, one in Karnataka, one who is not, and three products."""

    metro: UUID
    bengaluru: UUID
    kisan: UUID
    iphone: UUID
    maggi: UUID
    chini: UUID


@pytest.fixture
def market(run) -> Market:
    def seller(name, **more):
        return UUID(run(add_vendor, name=name, **more)["vendor_id"])

    def product(name, price, rate, unit="piece", stock=None, cost=None):
        added = run(
            add_stocked_product,
            name=name,
            price_paise=price,
            gst_rate=rate,
            unit=unit,
            stock=stock,
            cost_paise=cost,
        )
        return UUID(added["product_id"])

    return Market(
        metro=seller("Metro Traders", gstin="27AAACR5055K1Z7", phone="919800000001"),
        bengaluru=seller("Bengaluru Mobiles", gstin="29AAACR5055K1Z3"),
        kisan=seller("Kisan Bhandar"),
        iphone=product("iPhone 15", 799_00, "18"),
        maggi=product("Maggi", 14_00, "5", unit="packet", stock=Decimal(10), cost=10_00),
        chini=product("Chini", 45_00, "0", unit="kg"),
    )
