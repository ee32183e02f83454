"""A shop whose rates hold their tax bills just what was agreed, though no rates of whole paise make
it."""

from __future__ import annotations

import pytest
from harness import Talk

from erp_core.kernel.actor import SYSTEM
from erp_core.parties.service import change_business

WHOLE = "[Ravi](customer_name) ko [3](quantity) [maggi](product_name) [40](amount) me diya"
LISTED = (
    "[Ravi](customer_name) ko [3](quantity) [maggi](product_name), "
    "[1](quantity) [surf](product_name)"
)


@pytest.fixture
def retail(talk: Talk) -> Talk:
    talk.bahi.run(talk.business_id, SYSTEM, "retail", change_business, prices_include_tax=True)
    return talk


def test_a_price_for_all_is_what_the_order_and_its_bill_come_to(retail: Talk) -> None:
    assert "Kul: *₹40*" in retail.say("owner", WHOLE, "order_create").text
    retail.tap("owner", "✅ Haan")
    assert retail.show()["orders"][0]["total"] == "40.00"
    retail.say("owner", "bill bana do", "invoice_generate")
    retail.tap("owner", "✅ Haan")
    assert retail.show()["invoices"][0]["total"] == "40.00"


def test_rupees_taken_off_are_taken_off_to_the_paisa(retail: Talk) -> None:
    listed = retail.say("owner", LISTED, "order_create").text
    assert "Kul: *₹" in listed
    said = retail.say("owner", "[27](quantity) rupaye discount de do", "order_modify").text
    assert "Chhoot: −₹27" in said
    assert "Kul: *₹155*" in said
    retail.tap("owner", "✅ Haan")
    assert retail.show()["orders"][0]["total"] == "155.00"


def test_rupees_taken_off_an_order_that_stands_are_too(retail: Talk) -> None:
    retail.say("owner", LISTED, "order_create")
    retail.tap("owner", "✅ Haan")
    taken = "[maggi](product_name) pe [5](amount) rupaye discount de do"
    assert "Kul: *₹177*" in retail.say("owner", taken, "order_modify").text
    retail.tap("owner", "✅ Haan")
    assert retail.show()["orders"][0]["total"] == "177.00"
