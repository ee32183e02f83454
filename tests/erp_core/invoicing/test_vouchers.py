"""Vouchers for advances and refunds: numbered without a gap, with what rules 50 and 51 want."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from uuid import UUID

import pypdfium2
import pytest
from sqlalchemy import select

from channels.whatsapp.attachments import resolve
from erp_core.inventory.service import add_stocked_product
from erp_core.invoicing import receipt_pdf, vouchers
from erp_core.invoicing.service import invoice_amount
from erp_core.journal.models import outbox
from erp_core.orders.service import create_order
from erp_core.parties.service import add_customer, walk_in
from erp_core.payments import returns, service
from erp_core.reports.gst.gstr1 import gstr1
from erp_core.runtime import Bahi, default_listeners


@pytest.fixture
def bahi(database, clock):
    return Bahi(database, clock, listeners=default_listeners())


@pytest.fixture
def pay(run, ravi):
    def record(rupees):
        done = run(
            service.record_payment, customer_id=ravi, amount_paise=rupees * 100, method="upi"
        )
        return UUID(done["payment_id"])

    return record


def text_of(content):
    return pypdfium2.PdfDocument(content)[0].get_textpage().get_text_range()


def test_an_advance_gets_a_voucher_with_all_its_particulars(pay, reader_of):
    payment_id = pay(500)
    with reader_of() as reader:
        number, content = receipt_pdf.render(reader, payment_id, "english")
    assert number == "RV27-2627-00001"
    text = text_of(content)
    for field in (
        "RECEIPT VOUCHER", "Sharma Electronics", "27AAPFU0939F1ZV", number, "20-11-2026",
        "Ravi Kumar", "Goods", "₹500", "Maharashtra (27)", "Reverse charge", "66/2017",
    ):  # fmt: skip
        assert field in text


def test_only_what_is_left_after_the_debts_is_an_advance(run, ravi, pay, reader_of):
    run(invoice_amount, customer_id=ravi, amount_paise=300_00)
    first, second = pay(300), pay(200)
    with reader_of() as reader:
        assert vouchers.voucher_of(reader, first) is None
        given = vouchers.voucher_of(reader, second)
        assert (given.number, given.amount) == ("RV27-2627-00001", 200_00)
        assert receipt_pdf.render(reader, first, "english")[0].startswith("RC-")


def test_a_voucher_names_a_registered_buyer_of_another_state(run, reader_of):
    buyer = run(
        add_customer, name="Bengal Retail", phone="919123456700", gstin="29AAGCB7383J1Z4",
        address="14, Brigade Road, Bengaluru 560025",
    )  # fmt: skip
    done = run(
        service.record_payment, customer_id=UUID(buyer["customer_id"]), amount_paise=900_00,
        method="cash",
    )  # fmt: skip
    with reader_of() as reader:
        text = text_of(receipt_pdf.render(reader, UUID(done["payment_id"]), "english")[1])
    for field in ("29AAGCB7383J1Z4", "Karnataka (29)", "Brigade Road"):
        assert field in text


def test_an_advance_for_services_states_its_tax(run, ravi, pay, reader_of):
    service_id = run(
        add_stocked_product, name="Repair", price_paise=500_00, hsn="998716", gst_rate="18",
        stock=Decimal(9),
    )  # fmt: skip
    run(
        create_order,
        customer_id=ravi,
        lines=[{"product_id": service_id["product_id"], "quantity": "1"}],
    )
    payment_id = pay(500)
    with reader_of() as reader:
        given = vouchers.voucher_of(reader, payment_id)
    assert given.taxes == ((1800, 423_72, 38_14, 38_14, 0),)


def test_an_advance_that_goes_back_gets_a_refund_voucher_which_the_customer_is_sent(
    run, ravi, pay, reader_of, bahi, business
):
    pay(500)
    run(returns.refund_customer, customer_id=ravi, amount_paise=500_00, method="cash")
    with bahi.database.tenant(business) as connection:
        sent = connection.execute(
            select(outbox.c.attachment).where(outbox.c.response == "utter_notify_refunded")
        ).scalar_one()
    file = resolve(bahi, business, json.loads(sent), "english")
    assert file.filename == "RF27-2627-00001.pdf"
    text = text_of(file.data)
    for field in ("REFUND VOUCHER", "RV27-2627-00001", "₹500", "Ravi Kumar"):
        assert field in text


def test_a_refund_without_an_advance_gets_none(run, ravi, reader_of):
    run(invoice_amount, customer_id=ravi, amount_paise=300_00)
    run(service.record_payment, customer_id=ravi, amount_paise=300_00, method="cash")
    run(service.record_payment, customer_id=ravi, amount_paise=50_00, method="cash")
    run(invoice_amount, customer_id=ravi, amount_paise=50_00)
    run(returns.refund_customer, customer_id=ravi, amount_paise=100_00, method="cash")
    with reader_of() as reader:
        assert vouchers.vouchers_between(reader, date(2026, 11, 1), date(2026, 11, 30)) == [
            ("receipt_voucher", "RV27-2627-00001")
        ]


def test_what_lies_at_the_counter_of_nobody_in_particular_gets_none(run, reader_of):
    """Money was not given back to somebody; it settles the next one's bill, whose own money is no
    advance."""
    counter = UUID(run(walk_in)["customer_id"])
    for _ in range(2):
        run(service.record_payment, customer_id=counter, amount_paise=50_00, method="cash")
        run(invoice_amount, customer_id=counter, amount_paise=30_00)
    with reader_of() as reader:
        assert vouchers.vouchers_between(reader, date(2026, 11, 1), date(2026, 11, 30)) == []


def test_table_13_counts_them(run, ravi, pay, reader_of):
    pay(500)
    pay(100)
    run(returns.refund_customer, customer_id=ravi, amount_paise=600_00, method="cash")
    with reader_of() as reader:
        found = gstr1(reader, date(2026, 11, 1))
    assert [(one.kind, one.first, one.last, one.count) for one in found.ranges] == [
        (6, "RV27-2627-00001", "RV27-2627-00002", 2),
        (8, "RF27-2627-00001", "RF27-2627-00001", 1),
    ]
