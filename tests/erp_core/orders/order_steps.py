"""Steps that the tests of orders share."""

from __future__ import annotations

from decimal import Decimal


def line(product_id, quantity, **more):
    return {"product_id": product_id, "quantity": Decimal(quantity), **more}
