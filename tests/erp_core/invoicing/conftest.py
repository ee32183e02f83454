"""A shop with goods to bill."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest

from erp_core.inventory.service import add_stocked_product
from erp_core.orders.service import create_order


@pytest.fixture
def phone(run) -> UUID:
    return UUID(
        run(
            add_stocked_product,
            name="iPhone 15",
            price_paise=79_900_00,
            cost_paise=71_000_00,
            hsn="8517",
            gst_rate="18",
            stock=Decimal(1000),
        )["product_id"]
    )


@pytest.fixture
def order_of(run, phone):
    """Book an order of phones for a customer."""

    def book(customer_id, quantity="2"):
        booked = run(
            create_order,
            customer_id=customer_id,
            lines=[{"product_id": phone, "quantity": quantity}],
        )
        return UUID(booked["order_id"])

    return book
