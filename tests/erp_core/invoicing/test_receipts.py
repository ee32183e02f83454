"""A receipt says who paid how much, how, for what, and what is owed after it."""

from __future__ import annotations

from uuid import UUID

import pypdfium2
import pytest

from erp_core.invoicing import receipt_pdf
from erp_core.invoicing.service import invoice_amount
from erp_core.kernel.actor import Actor
from erp_core.kernel.errors import Forbidden, NotFound
from erp_core.payments import returns, service
from erp_core.payments.receipts import send_receipt


def _words(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    return " ".join(document[0].get_textpage().get_text_range().split())


def test_a_receipt_for_a_bill(run, ravi, reader_of):
    bill = run(invoice_amount, customer_id=ravi, amount_paise=1_50_000_50)
    paid = run(
        service.record_payment,
        customer_id=ravi,
        amount_paise=1_25_000_50,
        method="cheque",
        invoice_id=UUID(bill["invoice_id"]),
    )
    with reader_of() as reader:
        number, pdf = receipt_pdf.render(reader, UUID(paid["payment_id"]), "hinglish")
    said = _words(pdf)
    assert number.startswith("RC-261120-")
    for wanted in (
        "RECEIPT", number, "Ravi Kumar", "₹1,25,000.50", "Sharma Electronics", "27AAPFU0939F1ZV",
        "Rupees one lakh twenty five thousand and fifty paise only", bill["number"],
        "Cheque (subject to clearing)", "Balance due after this ₹25,000",
    ):  # fmt: skip
        assert wanted in said, (wanted, said)


def test_in_hindi_and_on_account(run, ravi, reader_of):
    paid = run(service.record_payment, customer_id=ravi, amount_paise=500_00, method="upi")
    with reader_of() as reader:
        _, pdf = receipt_pdf.render(reader, UUID(paid["payment_id"]), "hindi")
    assert pdf.startswith(b"%PDF")
    assert "₹500" in _words(pdf)


def test_a_bounced_cheques_receipt_says_so(run, ravi, reader_of):
    paid = run(service.record_payment, customer_id=ravi, amount_paise=500_00, method="cheque")
    run(returns.bounce_cheque, payment_id=UUID(paid["payment_id"]))
    with reader_of() as reader:
        _, pdf = receipt_pdf.render(reader, UUID(paid["payment_id"]), "english")
    assert "BOUNCED" in _words(pdf)


def test_nobody_gets_anothers_receipt(run, ravi, gupta, bahi, business):
    paid = run(service.record_payment, customer_id=ravi, amount_paise=500_00, method="upi")
    payment_id = UUID(paid["payment_id"])
    with bahi.read(business, Actor("customer", gupta)) as reader, pytest.raises(Forbidden):
        receipt_pdf.render(reader, payment_id, "english")
    with pytest.raises(NotFound):
        run(send_receipt, payment_id=UUID(int=1))
    assert run(send_receipt, payment_id=payment_id)["customer_id"] == str(ravi)
