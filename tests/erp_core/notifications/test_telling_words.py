"""Everything that Bahi tells on its own has words in all languages, and the words their facts."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from actions.phrasebook import LANGUAGES, Phrasebook
from actions.talk import tellings as words
from erp_core.inventory.service import add_stocked_product
from erp_core.invoicing.service import invoice_order
from erp_core.notifications.tellings import TELLINGS
from erp_core.orders.service import create_order
from erp_core.parties import queries as parties
from erp_core.runtime import Bahi


@pytest.fixture
def facts(run: Callable[..., Any], ravi: UUID) -> dict[str, Any]:
    """A value for every fact that a telling may have."""
    product = run(add_stocked_product, name="iPhone 15", price_paise=79_900_00, stock=Decimal(8))
    order = run(
        create_order,
        customer_id=ravi,
        lines=[{"product_id": product["product_id"], "quantity": "2"}],
    )
    invoice = run(invoice_order, order_id=UUID(order["order_id"]))
    return {
        "customer_id": str(ravi),
        "product_id": product["product_id"],
        "order_id": order["order_id"],
        "order_number": order["number"],
        "invoice_id": invoice["invoice_id"],
        "invoice_number": invoice["number"],
        "total": order["total"],
        "due": 1_23_456_00,
        "amount": 500_00,
        "method": "upi",
        "balance": 1_300_00,
        "items": 1,
        "count": 3,
        "available": "5",
        "reorder_level": "5",
        "link": "https://rzp.io/i/x",
        "on": "27-11-2026",
        "lines": 12,
        "matched": 5,
        "booked": 2,
        "suggested": 3,
        "open": 2,
        "why": "no_pin_buyer",
        "note": "CN27-2627-00001",
        "eway": "181026000001",
        "until": "27-11-2026 23:59",
        "form": "GSTR-1",
        "period": "10-2026",
        "days": 3,
        "month": "2026-10",
        "act": "gstr1",
        "ways": [[500_00, "cash"], [300_00, "upi"]],
        "differs": 1,
        "untaken": 2,
        "missing_2b": 2,
        "missing_books": 1,
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("response", TELLINGS)
def test_every_telling_can_be_said(
    bahi: Bahi, business: int, facts: dict[str, Any], response: str, language: str
) -> None:
    book = Phrasebook.load()
    assert book.languages(response) == set(LANGUAGES)
    given = {name: facts[name] for name in TELLINGS[response]}
    with bahi.read(business) as reader:
        shop = parties.business(reader)
        ready = words.facts_of(reader, given, book, language, shop=shop)
    said = book.render(response, language, **ready)
    assert said["text"].strip()
    assert "None" not in said["text"]


def test_a_new_order_is_accepted_or_rejected_by_a_tap(
    bahi: Bahi, business: int, facts: dict[str, Any]
) -> None:
    given = {name: facts[name] for name in TELLINGS["utter_notify_new_order"]}
    book = Phrasebook.load()
    with bahi.read(business) as reader:
        shop = parties.business(reader)
        ready = words.facts_of(reader, given, book, "english", shop=shop)
    buttons = book.render("utter_notify_new_order", "english", **ready)["buttons"]
    assert len(buttons) >= 2
    assert all(facts["order_id"] in button["payload"] for button in buttons)
