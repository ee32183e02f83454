"""What is cooked or repaired is in no stock, and nobody is told of any."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest
from harness import Talk

from erp_core.catalogue import service as catalogue
from erp_core.inventory import service as inventory
from erp_core.kernel.actor import SYSTEM


@pytest.fixture
def kitchen(talk: Talk) -> Talk:
    dish = talk.bahi.run(
        talk.business_id, SYSTEM, "dish", catalogue.add_product,
        name="Masala dosa", price_paise=90_00, hsn="996331", gst_rate="5",
    )  # fmt: skip
    talk.bahi.run(
        talk.business_id, SYSTEM, "dishes", inventory.receive_stock,
        product_id=UUID(dish["product_id"]), quantity=Decimal(9999),
    )  # fmt: skip
    return talk


def test_a_dish_ordered_is_not_kept_aside(kitchen: Talk) -> None:
    wanted = "[Ravi](customer_name) ko [2](quantity) [masala dosa](product_name)"
    kitchen.say("owner", wanted, "order_create")
    said = kitchen.tap("owner", "✅ Haan").text
    assert "pakka" in said
    assert "Stock" not in said


def test_a_dish_sold_reduces_no_stock(kitchen: Talk) -> None:
    kitchen.say("owner", "[2](quantity) [masala dosa](product_name) counter", "order_create")
    said = kitchen.tap("owner", "✅ Haan").text
    assert "Counter bikri likh di" in said
    assert "Stock" not in said


def test_goods_sold_do(kitchen: Talk) -> None:
    kitchen.say("owner", "[2](quantity) [maggi](product_name) counter", "order_create")
    assert "Stock ghata diya" in kitchen.tap("owner", "✅ Haan").text


def test_the_stock_of_a_dish_is_nobodys_question(kitchen: Talk) -> None:
    said = kitchen.say("owner", "[masala dosa](product_name) kitna hai", "inventory_query")
    assert "stock nahi rakha" in said.text
    assert "Masala dosa" not in kitchen.say("owner", "poora stock", "inventory_query").text
