"""`bahi shop show`: the facts of a shop, as other programs rely on them."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest
from by_sku import product_by_sku

from erp_core.expenses.service import log_expense
from erp_core.invoicing.service import invoice_order
from erp_core.kernel.actor import SYSTEM
from erp_core.orders.service import create_order
from erp_core.parties.queries import customer_by_phone
from erp_core.payments.service import record_payment


@pytest.fixture
def shop(cli, shop_file, bahi, number):
    cli("shop", "load", shop_file())
    business_id = bahi.business_for_number(number)
    with bahi.read(business_id) as reader:
        iphone = product_by_sku(reader, "IPH15").id
        ravi = customer_by_phone(reader, "919123456789").id

    def run(key, command, **arguments):
        return bahi.run(business_id, SYSTEM, key, command, **arguments)

    run.iphone, run.ravi = iphone, ravi
    return run


def test_a_new_shop_has_every_key(cli, show, shop_file, number):
    cli("shop", "load", shop_file())
    facts = show(number)
    assert list(facts) == [
        "business",
        "products",
        "customers",
        "orders",
        "invoices",
        "payments",
        "expenses",
        "splits",
    ]
    assert facts["business"] == {"name": "Sharma Electronics", "phone_number_id": number}
    assert [facts[key] for key in list(facts)[3:]] == [[], [], [], [], []]


def test_a_day_of_business(shop, show, number):
    lines = [{"product_id": shop.iphone, "quantity": Decimal(2)}]
    booked = shop("1", create_order, customer_id=shop.ravi, lines=lines)
    order_id = UUID(booked["order_id"])
    assert show(number)["orders"] == [
        {
            "number": "ORD-2026-00001",
            "customer": "Ravi Kumar",
            "status": "confirmed",
            "lines": [{"product": "iPhone 15", "quantity": "2", "unit_price": "79900.00"}],
            "subtotal": "159800.00",
            "tax": "28764.00",
            "total": "188564.00",
            "payment_status": "unpaid",
        }
    ]
    assert show(number)["products"][0]["reserved"] == "2"

    billed = shop("2", invoice_order, order_id=order_id)
    invoice_id = UUID(billed["invoice_id"])
    shop(
        "3",
        record_payment,
        customer_id=shop.ravi,
        amount_paise=100_000_00,
        method="upi",
        invoice_id=invoice_id,
    )
    facts = show(number)
    assert facts["invoices"] == [
        {
            "number": "INV27-2627-00001",
            "type": "tax_invoice",
            "customer": "Ravi Kumar",
            "subtotal": "159800.00",
            "cgst": "14382.00",
            "sgst": "14382.00",
            "igst": "0.00",
            "total": "188564.00",
            "payment_status": "partial",
            "status": "issued",
        }
    ]
    assert facts["payments"] == [
        {
            "customer": "Ravi Kumar",
            "amount": "100000.00",
            "method": "upi",
            "invoice": "INV27-2627-00001",
        }
    ]
    assert facts["orders"][0]["payment_status"] == "partial"
    balances = {one["name"]: one["balance"] for one in facts["customers"]}
    assert balances["Ravi Kumar"] == "88564.00"

    shop("4", record_payment, customer_id=shop.ravi, amount_paise=90_000_00, method="cash")
    facts = show(number)
    assert facts["orders"][0]["payment_status"] == "paid"
    assert facts["invoices"][0]["payment_status"] == "paid"
    assert facts["payments"][1]["invoice"] is None
    balances = {one["name"]: one["balance"] for one in facts["customers"]}
    assert balances["Ravi Kumar"] == "-1436.00"


def test_expenses_are_shown(shop, show, number):
    shop("1", log_expense, amount_paise=500_00, item="petrol")
    shop("2", log_expense, amount_paise=12_000_00, item="rent", vendor="Patil")
    assert [
        (one["vendor"], one["amount"], one["gst"], one["date"], one["confirmed"])
        for one in show(number)["expenses"]
    ] == [
        (None, "500.00", "0.00", "2026-11-20", True),
        ("Patil", "12000.00", "0.00", "2026-11-20", True),
    ]


def test_an_unknown_shop_is_one_sentence(cli):
    said = cli("shop", "show", "404", "--json")
    assert (said.code, said.out) == (1, "")
    assert said.err == "No shop has the phone number id 404: `bahi shop list` names them all.\n"


def test_shops_are_listed(cli, shop_file, number):
    cli("shop", "load", shop_file())
    assert f"{number}\tSharma Electronics\n" in cli("shop", "list").out
