"""`bahi shop load`: what a file becomes, and what loading it again does."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from erp_core.catalogue.queries import all_products
from erp_core.inventory.queries import stock_value
from erp_core.journal.chain import first_bad_seq
from erp_core.kernel.actor import SYSTEM
from erp_core.ledger import chart
from erp_core.ledger.queries import balance_of, trial_balance
from erp_core.orders.service import change_status, create_order
from erp_core.parties.queries import all_users, customer_by_phone

DEMO = Path(__file__).parents[3] / "demo"


def named(reader, sku):
    return next(one for one in all_products(reader) if one.sku == sku)


@pytest.fixture
def sell(bahi, number):
    """Sell and ship iPhones to Ravi."""

    def sell(pieces: int) -> None:
        business_id = bahi.business_for_number(number)
        with bahi.read(business_id) as reader:
            product = named(reader, "IPH15")
            ravi = customer_by_phone(reader, "919123456789")
        lines = [{"product_id": product.id, "quantity": Decimal(pieces)}]
        booked = bahi.run(
            business_id, SYSTEM, "sell", create_order, customer_id=ravi.id, lines=lines
        )
        bahi.run(
            business_id,
            SYSTEM,
            "ship",
            change_status,
            order_id=UUID(booked["order_id"]),
            status="shipped",
        )

    return sell


def test_a_shop_is_created(cli, show, shop_file, bahi, number):
    said = cli("shop", "load", shop_file())
    assert (said.code, said.err) == (0, "")
    assert said.out == (
        f"Sharma Electronics ({number}): "
        "1 shop added, 2 users added, 2 products added, 3 customers added.\n"
    )
    facts = show(number)
    assert facts["products"] == [
        {
            "name": "iPhone 15",
            "sku": "IPH15",
            "price": "79900.00",
            "stock": "8",
            "reserved": "0",
            "unit": "piece",
        },
        {
            "name": "Toor dal",
            "sku": "TOORDAL",
            "price": "150.00",
            "stock": "32.5",
            "reserved": "0",
            "unit": "kg",
        },
    ]
    assert facts["customers"] == [
        {"name": "Gupta Traders", "phone": "919123456701", "balance": "12500.00"},
        {"name": "Mohan Lal", "phone": "919123456702", "balance": "-300.00"},
        {"name": "Ravi Kumar", "phone": "919123456789", "balance": "0.00"},
    ]
    with bahi.read(bahi.business_for_number(number)) as reader:
        dal = named(reader, "TOORDAL")
        assert (dal.hsn, dal.gst_rate, dal.cost_paise) == ("0713", 0, 132_00)
        assert [(one.name, one.role) for one in all_users(reader)] == [
            ("Sharma", "owner"),
            ("Meena", "manager"),
        ]
        value = 8 * 71_000_00 + 4290_00
        assert balance_of(reader, chart.INVENTORY) == stock_value(reader) == value
        assert balance_of(reader, chart.OPENING_EQUITY) == -value - 12_200_00
        assert sum(one.debit - one.credit for one in trial_balance(reader)) == 0
        assert first_bad_seq(reader.connection, reader.business_id) is None


def test_loading_twice_changes_nothing(cli, show, shop_file, bahi, number):
    cli("shop", "load", shop_file())
    before, events = show(number), _last_event(bahi, number)
    said = cli("shop", "load", shop_file())
    assert said.out == f"Sharma Electronics ({number}): nothing to change.\n"
    assert show(number) == before
    assert _last_event(bahi, number) == events


def test_loading_again_undoes_no_sale(cli, show, shop_file, sell, number):
    cli("shop", "load", shop_file())
    sell(2)
    cli("shop", "load", shop_file())
    assert show(number)["products"][0]["stock"] == "6"


def test_what_the_file_changes_is_changed(cli, show, shop_file, sell, number):
    cli("shop", "load", shop_file())
    sell(2)
    swap = {
        "79900.00": "74900.00",
        'stock: "8"': 'stock: "10"',
        "Sharma Electronics": "Sharma Mobiles",
        "role: manager": "role: staff",
        "Ravi Kumar": "Ravi Kumar Singh",
    }
    said = cli("shop", "load", shop_file(swap=swap))
    assert said.out == (
        f"Sharma Mobiles ({number}): "
        "1 shop changed, 1 user changed, 1 product changed, 1 customer changed.\n"
    )
    facts = show(number)
    assert facts["business"]["name"] == "Sharma Mobiles"
    assert (facts["products"][0]["price"], facts["products"][0]["stock"]) == ("74900.00", "8")
    assert "Ravi Kumar Singh" in [one["name"] for one in facts["customers"]]


def test_what_the_file_adds_is_added(cli, show, shop_file, number):
    cli("shop", "load", shop_file())
    more = "customers:\n  - {name: Naya Grahak, phone: 9123456777, balance: 50}\n"
    cli("shop", "load", shop_file(swap={"customers:\n": more}))
    assert {"name": "Naya Grahak", "phone": "919123456777", "balance": "50.00"} in show(number)[
        "customers"
    ]


def test_a_balance_that_is_in_the_books_stays(cli, show, shop_file, number):
    cli("shop", "load", shop_file())
    said = cli("shop", "load", shop_file(swap={"12500.00": "13000.00", '"0.00"': '"75.00"'}))
    assert said.code == 0
    assert "line 10: the opening balance is in the books already" in said.err
    balances = {one["name"]: one["balance"] for one in show(number)["customers"]}
    assert (balances["Gupta Traders"], balances["Ravi Kumar"]) == ("12500.00", "75.00")


def test_stock_is_not_lowered_below_what_is_left(cli, show, shop_file, sell, number):
    cli("shop", "load", shop_file())
    sell(2)
    said = cli("shop", "load", shop_file(swap={'stock: "8"': 'stock: "1"', "79900.00": "1.00"}))
    assert said.code == 1
    assert said.err == "Line 6: the stock is lowered by more than is left; 6 are available.\n"
    assert show(number)["products"][0]["price"] == "79900.00"


def test_values_need_no_quotes(cli, show, shop_file, bahi, number):
    swap = {'"0713"': "0713", '"919876500001"': "9876500001", '"27"': "27", '"79900.00"': "79900"}
    assert cli("shop", "load", shop_file(swap=swap)).code == 0
    with bahi.read(bahi.business_for_number(number)) as reader:
        assert named(reader, "TOORDAL").hsn == "0713"
        assert all_users(reader)[0].phone == "919876500001"


def test_a_product_without_sku_is_known_by_name(cli, show, shop_file, number):
    swap = {"sku: IPH15, ": ""}
    cli("shop", "load", shop_file(swap=swap))
    assert cli("shop", "load", shop_file(swap=swap)).out.endswith("nothing to change.\n")
    assert [one["sku"] for one in show(number)["products"]] == ["IFONE15", "TOORDAL"]


def test_aliases_are_read(cli, show, shop_file, bahi, number):
    from erp_core.catalogue.queries import family

    cli("shop", "load", shop_file(swap={"sku: TOORDAL": "sku: TOORDAL, aliases: [Arhar dal]"}))
    with bahi.read(bahi.business_for_number(number)) as reader:
        assert [one.name for one in family(reader, "arhar daal")] == ["Toor dal"]


def test_the_demo_shops_load(cli, show):
    assert cli("shop", "load", DEMO / "sharma_electronics.yml").code == 0
    assert cli("shop", "load", DEMO / "big_shop.yml").code == 0
    assert [one["stock"] for one in show("1065")["products"] if one["name"] == "iPhone 15"] == ["8"]
    assert len(show("1066")["products"]) == 2000


def _last_event(bahi, number):
    from sqlalchemy import select

    from erp_core.journal.models import journal_heads

    with bahi.read(bahi.business_for_number(number)) as reader:
        return reader.connection.execute(select(journal_heads.c.seq)).scalar_one()
