"""What a line comes to is told in the way in which its rate is."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest

from actions.wording import charged
from erp_core.orders.queries import PreviewLine


@pytest.mark.parametrize(
    ("quantity", "rate", "taxable", "tax", "told"),
    [
        ("2", 4400, 8381, 419, 8800),  # the rate holds its tax
        ("3", 3100, 8857, 442, 9300),  # and a paisa was lost on the way
        ("2", 79900, 159800, 28764, 159800),  # the tax comes on top
        ("1.5", 4400, 6600, 0, 6600),
    ],
)
def test_a_line_adds_up_by_its_rate(
    quantity: str, rate: int, taxable: int, tax: int, told: int
) -> None:
    line = PreviewLine(
        product_id=UUID(int=1),
        product="x",
        unit="piece",
        quantity=Decimal(quantity),
        unit_price_paise=rate,
        gst_rate=500,
        taxable_paise=taxable,
        tax_paise=tax,
        total_paise=taxable + tax,
        available=Decimal(10),
    )
    assert charged(line) == told
