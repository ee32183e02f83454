"""Whoever is concerned is told, once, and nobody is told of what they just did."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from actions.phrasebook import Phrasebook
from actions.talk.tellings import Words
from erp_core.inventory.service import add_stocked_product, receive_stock, remove_stock
from erp_core.invoicing.service import cancel_invoice, invoice_order, share_invoice
from erp_core.journal.models import outbox
from erp_core.journal.outbox import claim_outbox
from erp_core.kernel.actor import SYSTEM, Actor
from erp_core.notifications.tellings import TELLINGS, TO_CUSTOMERS
from erp_core.orders import queries as orders
from erp_core.orders.service import (
    cancel_order,
    change_status,
    create_order,
    modify_order,
    note_order,
)
from erp_core.parties.queries import business
from erp_core.parties.service import add_customer, add_user, register
from erp_core.payments.service import give_credit, record_payment, record_payments
from erp_core.runtime import Bahi, default_listeners

Told = tuple[str, str, dict[str, Any]]


@dataclass
class Shop:
    """A shop with three users, a customer and a product, and who was told what since."""

    bahi: Bahi
    business: int
    owner: Actor
    manager: Actor
    staff: Actor
    customer: Actor
    product: UUID

    def __post_init__(self) -> None:
        self._keys = count()
        self._seen: set[UUID] = set()
        self._names = {
            self.owner.id: "owner",
            self.manager.id: "manager",
            self.staff.id: "staff",
            self.customer.id: "customer",
        }

    def does(self, actor: Actor, command: Any, /, **arguments: Any) -> Any:
        return self.bahi.run(self.business, actor, f"does:{next(self._keys)}", command, **arguments)

    def order(self, actor: Actor, quantity: str = "1") -> UUID:
        made = self.does(
            actor,
            create_order,
            customer_id=self.customer.id,
            lines=[{"product_id": self.product, "quantity": quantity}],
        )
        return UUID(made["order_id"])

    def told(self) -> list[Told]:
        """(who, response, facts) since the last look; every fact is one that the table names."""
        with self.bahi.database.tenant(self.business) as connection:
            rows = connection.execute(
                select(outbox).where(outbox.c.business_id == self.business).order_by(outbox.c.id)
            ).all()
        new = [row for row in rows if row.id not in self._seen]
        self._seen |= {row.id for row in new}
        found = []
        for row in new:
            facts = json.loads(row.facts)
            assert set(facts) == set(TELLINGS[row.response]), row.response
            assert (row.recipient_kind == "customer") == (row.response in TO_CUSTOMERS)
            found.append((self._names[row.recipient_id], row.response, facts))
        return sorted(found, key=lambda one: (one[1], one[0]))

    def heard(self) -> list[tuple[str, str]]:
        return [(who, response) for who, response, _ in self.told()]


@pytest.fixture
def shop(bahi: Bahi, business: int) -> Shop:
    bahi = Bahi(bahi.database, bahi.clock, listeners=default_listeners())

    def run(key: str, command: Any, **arguments: Any) -> Any:
        return bahi.run(business, SYSTEM, key, command, **arguments)

    users = {
        role: run(role, add_user, name=role, phone=f"98765000{place:02d}", role=role)["user_id"]
        for place, role in enumerate(("owner", "manager", "staff", "viewer"))
    }
    customer = run("customer", add_customer, name="Ravi Kumar", phone="9123456789")
    product = run(
        "product",
        add_stocked_product,
        name="iPhone 15",
        price_paise=79_900_00,
        stock=Decimal(8),
        reorder_level=Decimal(5),
        gst_rate="18",
    )
    made = Shop(
        bahi,
        business,
        owner=Actor("user", UUID(users["owner"]), "owner"),
        manager=Actor("user", UUID(users["manager"]), "manager"),
        staff=Actor("user", UUID(users["staff"]), "staff"),
        customer=Actor("customer", UUID(customer["customer_id"])),
        product=UUID(product["product_id"]),
    )
    assert made.told() == []
    return made


def test_a_customers_order_is_told_to_owner_and_manager(shop: Shop) -> None:
    order_id = shop.order(shop.customer, "2")
    facts = {
        "order_id": str(order_id),
        "order_number": "ORD-2026-00001",
        "total": 188_564_00,
        "customer_id": str(shop.customer.id),
        "items": 1,
    }
    assert shop.told() == [
        ("manager", "utter_notify_new_order", facts),
        ("owner", "utter_notify_new_order", facts),
    ]


def test_an_order_that_the_shop_books_is_told_to_the_customer(shop: Shop) -> None:
    order_id = shop.order(shop.staff)
    facts = {
        "order_id": str(order_id),
        "order_number": "ORD-2026-00001",
        "total": 94_282_00,
    }
    assert shop.told() == [("customer", "utter_notify_order_confirmed", facts)]


def test_each_step_of_an_order_is_told_to_the_customer(shop: Shop) -> None:
    order_id = shop.order(shop.customer)
    shop.told()
    told = []
    for status in ("confirmed", "processing", "ready", "shipped", "delivered", "returned"):
        shop.does(shop.owner, change_status, order_id=order_id, status=status)
        told.append(shop.heard())
    assert told == [
        [("customer", "utter_notify_order_confirmed")],
        [],
        [("customer", "utter_notify_order_ready")],
        [("customer", "utter_notify_order_shipped")],
        [("customer", "utter_notify_order_delivered")],
        [],
    ]


def test_a_change_is_told_to_the_other_side(shop: Shop) -> None:
    order_id = shop.order(shop.customer)
    shop.told()
    more = [{"product_id": shop.product, "quantity": "1"}]
    shop.does(shop.customer, modify_order, order_id=order_id, add=more)
    assert shop.heard() == [
        ("manager", "utter_notify_order_changed_by_customer"),
        ("owner", "utter_notify_order_changed_by_customer"),
    ]
    shop.does(shop.manager, modify_order, order_id=order_id, add=more)
    assert shop.heard() == [("customer", "utter_notify_order_changed")]


def test_what_a_customer_notes_later_is_told_to_the_shop(shop: Shop) -> None:
    order_id = shop.order(shop.customer)
    shop.told()
    shop.does(shop.customer, note_order, order_id=order_id, note="gate pe dena")
    assert shop.heard() == [
        ("manager", "utter_notify_order_noted"),
        ("owner", "utter_notify_order_noted"),
    ]
    shop.does(shop.manager, note_order, order_id=order_id, note="kal aayega")
    assert shop.heard() == []


def test_a_cancellation_is_told_to_the_other_side(shop: Shop) -> None:
    first, second = shop.order(shop.customer), shop.order(shop.customer)
    shop.told()
    shop.does(shop.customer, cancel_order, order_id=first)
    assert shop.heard() == [
        ("manager", "utter_notify_order_cancelled_by_customer"),
        ("owner", "utter_notify_order_cancelled_by_customer"),
    ]
    shop.does(shop.owner, cancel_order, order_id=second)
    assert shop.heard() == [("customer", "utter_notify_order_cancelled")]


def test_a_payment_is_acknowledged_with_what_is_left(shop: Shop) -> None:
    shop.does(shop.owner, give_credit, customer_id=shop.customer.id, amount_paise=500_00)
    assert shop.told() == [
        ("customer", "utter_notify_credit_given", {"amount": 500_00, "balance": 500_00})
    ]
    paid = {"customer_id": shop.customer.id, "amount_paise": 200_00, "method": "upi"}
    shop.does(shop.owner, record_payment, **paid)
    facts = {"amount": 200_00, "balance": 300_00}
    assert shop.told() == [("customer", "utter_notify_payment_received", facts)]


def test_money_that_staff_took_in_is_told_to_owner_and_manager(shop: Shop) -> None:
    shop.does(
        shop.staff,
        record_payment,
        customer_id=shop.customer.id,
        amount_paise=200_00,
        method="cash",
    )
    assert shop.heard() == [
        ("customer", "utter_notify_payment_received"),
        ("manager", "utter_notify_payment_recorded"),
        ("owner", "utter_notify_payment_recorded"),
    ]


def test_money_in_two_ways_is_told_of_once(shop: Shop) -> None:
    shop.does(shop.owner, give_credit, customer_id=shop.customer.id, amount_paise=1_000_00)
    shop.told()
    parts = [(500_00, "cash"), (300_00, "upi")]
    shop.does(shop.staff, record_payments, customer_id=shop.customer.id, parts=parts)
    facts = {
        "amount": 800_00, "balance": 200_00, "ways": [[500_00, "cash"], [300_00, "upi"]],
    }  # fmt: skip
    known = {**facts, "customer_id": str(shop.customer.id)}
    assert shop.told() == [
        ("customer", "utter_notify_payment_received_in_ways", facts),
        ("manager", "utter_notify_payment_recorded_in_ways", known),
        ("owner", "utter_notify_payment_recorded_in_ways", known),
    ]


def test_an_invoice_is_sent_when_it_is_shared(shop: Shop) -> None:
    order_id = shop.order(shop.owner)
    shop.told()
    issued = shop.does(shop.owner, invoice_order, order_id=order_id)
    assert shop.told() == []
    invoice_id = UUID(issued["invoice_id"])
    shop.does(shop.owner, share_invoice, invoice_id=invoice_id)
    assert shop.heard() == [("customer", "utter_invoice_shared")]
    shop.does(shop.owner, cancel_invoice, invoice_id=invoice_id, reason="mistake")
    assert shop.heard() == [("customer", "utter_notify_invoice_cancelled")]


def test_low_stock_is_told_once_for_each_crossing(shop: Shop) -> None:
    def take(quantity: int) -> None:
        shop.does(shop.owner, remove_stock, product_id=shop.product, quantity=Decimal(quantity))

    take(2)
    assert shop.told() == []
    take(1)
    facts = {"product_id": str(shop.product), "available": "5", "reorder_level": "5"}
    assert shop.told() == [
        ("manager", "utter_notify_low_stock", facts),
        ("owner", "utter_notify_low_stock", facts),
    ]
    take(1)
    assert shop.told() == []
    shop.does(shop.owner, receive_stock, product_id=shop.product, quantity=Decimal(10))
    assert shop.told() == []
    take(9)
    assert shop.heard() == [
        ("manager", "utter_notify_low_stock"),
        ("owner", "utter_notify_low_stock"),
    ]


def test_stock_that_is_promised_counts_as_gone(shop: Shop) -> None:
    shop.order(shop.staff, "3")
    assert shop.heard() == [
        ("manager", "utter_notify_low_stock"),
        ("owner", "utter_notify_low_stock"),
        ("customer", "utter_notify_order_confirmed"),
    ]


def test_several_low_products_make_one_message(shop: Shop) -> None:
    other = shop.bahi.run(
        shop.business,
        SYSTEM,
        "other",
        add_stocked_product,
        name="Cover",
        price_paise=499_00,
        stock=Decimal(3),
        reorder_level=Decimal(2),
    )
    shop.does(
        shop.staff,
        create_order,
        customer_id=shop.customer.id,
        lines=[
            {"product_id": shop.product, "quantity": "4"},
            {"product_id": other["product_id"], "quantity": "1"},
        ],
    )
    low = [one for one in shop.told() if "low_stock" in one[1]]
    assert low == [
        ("manager", "utter_notify_low_stocks", {"count": 2}),
        ("owner", "utter_notify_low_stocks", {"count": 2}),
    ]


def test_a_guest_who_becomes_a_customer_is_announced(shop: Shop) -> None:
    made = shop.does(Actor("guest"), register, name="Meena", kind="phone", value="919811122233")
    facts = {"customer_id": made["customer_id"]}
    assert shop.told() == [
        ("manager", "utter_notify_new_customer", facts),
        ("owner", "utter_notify_new_customer", facts),
    ]
    shop.does(shop.owner, add_customer, name="Gopal", phone="9811122244")
    assert shop.told() == []


def test_what_bahi_does_alone_is_told_to_nobody(shop: Shop) -> None:
    order_id = shop.order(SYSTEM, "8")
    shop.does(SYSTEM, change_status, order_id=order_id, status="shipped")
    assert shop.told() == []


def test_a_repeat_tells_nobody_again(shop: Shop) -> None:
    for _ in range(2):
        shop.bahi.run(
            shop.business,
            shop.owner,
            "credit",
            give_credit,
            customer_id=shop.customer.id,
            amount_paise=100_00,
        )
    assert shop.heard() == [("customer", "utter_notify_credit_given")]


def test_an_order_is_read_once_for_all_who_hear_of_it(shop: Shop, monkeypatch: Any) -> None:
    order_id = shop.order(shop.customer, "2")
    read: list[UUID] = []
    reads = orders.order

    def noted(reader: Any, wanted: UUID) -> Any:
        read.append(wanted)
        return reads(reader, wanted)

    monkeypatch.setattr(orders, "order", noted)
    with shop.bahi.tend(shop.business) as reader:
        rows = claim_outbox(reader.connection, shop.business, now=reader.now)
        told = Words(reader, Phrasebook.load(), shop=business(reader))
        said = {
            (row.to.id, language): told.of(row, language)["text"]
            for language in ("hindi", "english")
            for row in rows
        }
    assert len(rows) == 2
    assert read == [order_id, order_id], "once a language"
    assert said[shop.owner.id, "english"] == said[shop.manager.id, "english"]
    assert said[shop.owner.id, "hindi"] != said[shop.owner.id, "english"]
    assert all("ORD-" in text and "2" in text for text in said.values())
