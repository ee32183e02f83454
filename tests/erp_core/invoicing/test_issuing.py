"""Billing an order or an amount: the document, the ledger and the debt."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from erp_core.inventory.service import add_stocked_product
from erp_core.invoicing import queries, service
from erp_core.journal.context import Recipient
from erp_core.kernel.actor import SYSTEM, Actor
from erp_core.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.orders.queries import order
from erp_core.orders.service import cancel_order, change_status, create_order
from erp_core.parties.bootstrap import NewBusiness, register_business
from erp_core.parties.service import add_customer, change_business, change_customer
from erp_core.payments import queries as khata
from erp_core.payments.service import record_payment

TODAY = date(2026, 11, 20)


def test_an_order_within_the_state(run, reader_of, ravi, order_of):
    order_id = order_of(ravi)
    issued = run(service.invoice_order, order_id=order_id)
    assert issued == {
        "invoice_id": issued["invoice_id"],
        "number": "INV27-2627-00001",
        "kind": "tax_invoice",
        "customer_id": str(ravi),
        "order_id": str(order_id),
        "subtotal": 159_800_00,
        "cgst": 14_382_00,
        "sgst": 14_382_00,
        "igst": 0,
        "cess": 0,
        "round_off": 0,
        "total": 188_564_00,
        "due": 188_564_00,
    }
    with reader_of() as reader:
        assert ledger.balance_of(reader, chart.RECEIVABLE, ravi) == 188_564_00
        assert ledger.balance_of(reader, chart.SALES) == -159_800_00
        assert ledger.balance_of(reader, chart.OUTPUT_CGST) == -14_382_00
        assert ledger.balance_of(reader, chart.OUTPUT_SGST) == -14_382_00
        assert order(reader, order_id).invoice_id == UUID(issued["invoice_id"])
        found = queries.invoice(reader, UUID(issued["invoice_id"]))
        assert (found.customer_name, found.supplier_gstin) == ("Ravi Kumar", "27AAPFU0939F1ZV")
        assert (found.place_of_supply, found.inter_state) == ("27", False)
        assert [(line.name, line.quantity, line.rate) for line in found.lines] == [
            ("iPhone 15", Decimal(2), 1800)
        ]
        assert (found.due_paise, found.payment_status) == (188_564_00, "unpaid")


def test_an_order_across_states(run, reader_of, order_of):
    customer = UUID(run(add_customer, name="Anand", state="29")["customer_id"])
    issued = run(service.invoice_order, order_id=order_of(customer, "1"))
    assert (issued["cgst"], issued["sgst"], issued["igst"]) == (0, 0, 14_382_00)
    with reader_of() as reader:
        found = queries.invoice(reader, UUID(issued["invoice_id"]))
        assert (found.place_of_supply, found.inter_state) == ("29", True)
        assert ledger.balance_of(reader, chart.OUTPUT_IGST) == -14_382_00


def test_inclusive_prices_post_their_residue_to_round_off(run, reader_of, ravi):
    run(change_business, prices_include_tax=True)
    pen = run(add_stocked_product, name="Pen", price_paise=100_00, gst_rate="18", stock=Decimal(9))
    booked = run(
        create_order,
        customer_id=ravi,
        lines=[{"product_id": pen["product_id"], "quantity": "1"}],
    )
    issued = run(service.invoice_order, order_id=UUID(booked["order_id"]))
    assert (issued["subtotal"], issued["cgst"], issued["round_off"], issued["total"]) == (
        84_75,
        7_63,
        -1,
        100_00,
    )
    with reader_of() as reader:
        assert ledger.balance_of(reader, chart.ROUND_OFF) == 1
        assert queries.invoice(reader, UUID(issued["invoice_id"])).lines[0].round_off_paise == -1


def test_an_order_is_billed_once(run, ravi, order_of):
    order_id = order_of(ravi)
    first = run(service.invoice_order, order_id=order_id)
    with pytest.raises(Conflict, match="already_invoiced") as error:
        run(service.invoice_order, order_id=order_id)
    assert error.value.facts == {"invoice_id": first["invoice_id"]}


def test_an_order_that_is_not_agreed_is_not_billed(run, ravi, phone, order_of):
    pending = run(
        create_order,
        customer_id=ravi,
        lines=[{"product_id": phone, "quantity": "1"}],
        status="pending",
    )
    cancelled = order_of(ravi)
    run(cancel_order, order_id=cancelled)
    for order_id in (UUID(pending["order_id"]), cancelled):
        with pytest.raises(Conflict, match="order_not_billable"):
            run(service.invoice_order, order_id=order_id)
    with pytest.raises(NotFound, match="order"):
        run(service.invoice_order, order_id=uuid4())


def test_a_refused_invoice_takes_no_number(run, ravi, order_of):
    order_id = order_of(ravi)
    run(service.invoice_order, order_id=order_id)
    with pytest.raises(Conflict):
        run(service.invoice_order, order_id=order_id)
    assert run(service.invoice_order, order_id=order_of(ravi))["number"] == "INV27-2627-00002"


def test_an_invoice_keeps_what_was_true_when_it_was_issued(run, reader_of, ravi, order_of):
    issued = run(service.invoice_order, order_id=order_of(ravi))
    run(change_customer, customer_id=ravi, name="Ravi Kumar Sharma", state="29")
    run(change_business, name="Sharma Mobiles")
    with reader_of() as reader:
        found = queries.invoice(reader, UUID(issued["invoice_id"]))
        assert (found.customer_name, found.supplier_name) == ("Ravi Kumar", "Sharma Electronics")


def test_a_bare_amount_is_billed_without_tax(run, reader_of, ravi):
    issued = run(service.invoice_amount, customer_id=ravi, amount_paise=5_000_00)
    assert (issued["kind"], issued["subtotal"], issued["total"]) == ("bill", 5_000_00, 5_000_00)
    assert (issued["cgst"], issued["order_id"]) == (0, None)
    with reader_of() as reader:
        assert khata.balance(reader, ravi) == 5_000_00
        assert ledger.balance_of(reader, chart.OUTPUT_CGST) == 0
        assert queries.invoice(reader, UUID(issued["invoice_id"])).description_code == "goods"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"amount_paise": 0}, "bad_amount"),
        ({"amount_paise": -1}, "bad_amount"),
        ({"description_code": "x"}, "bad_description"),
    ],
)
def test_an_amount_that_makes_no_sense_is_not_billed(run, ravi, wrong, code):
    with pytest.raises(Invalid, match=code):
        run(service.invoice_amount, **{"customer_id": ravi, "amount_paise": 1_00, **wrong})


def test_an_advance_pays_the_invoice(run, reader_of, ravi):
    run(record_payment, customer_id=ravi, amount_paise=2_000_00, method="upi")
    part = run(service.invoice_amount, customer_id=ravi, amount_paise=5_000_00)
    assert part["due"] == 3_000_00
    run(
        record_payment,
        customer_id=ravi,
        amount_paise=3_000_00,
        method="cash",
        invoice_id=UUID(part["invoice_id"]),
    )
    with reader_of() as reader:
        found = queries.invoice(reader, UUID(part["invoice_id"]))
        assert (found.due_paise, found.payment_status) == (0, "paid")
        assert khata.balance(reader, ravi) == 0


def test_a_business_without_registration_writes_plain_bills(bahi, database, clock):
    business = register_business(database, clock, NewBusiness("Chai", uuid4().hex, "27"))

    def run(command, **arguments):
        return bahi.run(business, SYSTEM, uuid4().hex, command, **arguments)

    customer = UUID(run(add_customer, name="Ravi")["customer_id"])
    tea = run(add_stocked_product, name="Tea", price_paise=10_00, gst_rate="5", stock=Decimal(9))
    booked = run(
        create_order,
        customer_id=customer,
        lines=[{"product_id": tea["product_id"], "quantity": "3"}],
    )
    issued = run(service.invoice_order, order_id=UUID(booked["order_id"]))
    assert (issued["kind"], issued["cgst"], issued["total"]) == ("bill", 0, 30_00)
    with bahi.read(business) as reader:
        assert queries.invoice(reader, UUID(issued["invoice_id"])).lines[0].rate == 0


def test_nil_rated_goods_of_a_registered_business_go_on_a_bill_of_supply(run, ravi):
    milk = run(add_stocked_product, name="Milk", price_paise=60_00, gst_rate="0", stock=Decimal(9))
    booked = run(
        create_order,
        customer_id=ravi,
        lines=[{"product_id": milk["product_id"], "quantity": "1"}],
    )
    assert run(service.invoice_order, order_id=UUID(booked["order_id"]))["kind"] == "bill_of_supply"


def test_a_cancelled_invoice_is_kept_and_undone(run, reader_of, ravi, order_of):
    order_id = order_of(ravi)
    issued = run(service.invoice_order, order_id=order_id)
    invoice_id = UUID(issued["invoice_id"])
    run(record_payment, customer_id=ravi, amount_paise=100_00, method="cash")
    run(service.cancel_invoice, invoice_id=invoice_id, reason="wrong_customer")
    with reader_of() as reader:
        assert khata.balance(reader, ravi) == -100_00
        assert ledger.balance_of(reader, chart.SALES) == 0
        found = queries.invoice(reader, invoice_id)
        assert (found.status, found.number, found.cancel_reason) == (
            "cancelled",
            "INV27-2627-00001",
            "wrong_customer",
        )
        assert (found.due_paise, found.payment_status) == (0, "unpaid")
        assert queries.latest_invoice(reader) is None
    again = run(service.invoice_order, order_id=order_id)
    assert (again["number"], again["due"]) == ("INV27-2627-00002", again["total"] - 100_00)
    with pytest.raises(Conflict, match="invoice_cancelled"):
        run(service.cancel_invoice, invoice_id=invoice_id, reason="again")
    with reader_of() as reader:
        assert order(reader, order_id).invoice_id == UUID(again["invoice_id"])


def test_an_invoiced_order_goes_on_to_delivery(run, ravi, order_of):
    order_id = order_of(ravi)
    run(service.invoice_order, order_id=order_id)
    run(change_status, order_id=order_id, status="delivered")
    with pytest.raises(Conflict, match="illegal_transition"):
        run(cancel_order, order_id=order_id)


def test_sharing_tells_the_customer_with_the_document(run, bahi, business, ravi, order_of):
    issued = run(service.invoice_order, order_id=order_of(ravi))
    invoice_id = UUID(issued["invoice_id"])
    assert run(service.share_invoice, invoice_id=invoice_id)["to"] == str(ravi)
    (row,) = outbox_of(bahi, business)
    assert (row.response, row.recipient_kind, row.recipient_id) == (
        "utter_invoice_shared",
        "customer",
        ravi,
    )
    assert row.attachment == f'{{"id":"{invoice_id}","kind":"invoice"}}'
    run(service.cancel_invoice, invoice_id=invoice_id, reason="mistake")
    with pytest.raises(Conflict, match="invoice_cancelled"):
        run(service.share_invoice, invoice_id=invoice_id)


def test_customers_share_their_own_invoices_with_themselves(run, ravi, gupta, order_of):
    invoice_id = UUID(run(service.invoice_order, order_id=order_of(ravi))["invoice_id"])
    run(service.share_invoice, actor=Actor("customer", ravi), invoice_id=invoice_id)
    with pytest.raises(Forbidden):
        run(service.share_invoice, actor=Actor("customer", gupta), invoice_id=invoice_id)
    with pytest.raises(NotFound):
        run(
            service.share_invoice,
            actor=Actor("customer", ravi),
            invoice_id=invoice_id,
            to=Recipient("customer", gupta),
        )


def test_only_the_shop_bills_and_only_managers_cancel(run, ravi, order_of):
    order_id = order_of(ravi)
    with pytest.raises(Forbidden):
        run(service.invoice_order, actor=Actor("customer", ravi), order_id=order_id)
    staff = Actor("user", uuid4(), "staff")
    issued = run(service.invoice_order, actor=staff, order_id=order_id)
    with pytest.raises(Forbidden):
        run(
            service.cancel_invoice,
            actor=staff,
            invoice_id=UUID(issued["invoice_id"]),
            reason="mistake",
        )


def outbox_of(bahi, business):
    from sqlalchemy import select

    from erp_core.journal.models import outbox

    with bahi.read(business) as reader:
        return reader.connection.execute(
            select(outbox).where(outbox.c.business_id == business)
        ).all()
