"""A chemist's bill names licence, batch and expiry; a food seller's its FSSAI number."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import pypdfium2
import pytest
from own_shop import OwnShop

from demo.year import Calendar
from erp_core.inventory.service import receive_stock
from erp_core.invoicing import pdf, receipt
from erp_core.invoicing.papers import issue_paper, paper
from erp_core.invoicing.queries import invoice
from erp_core.invoicing.service import bill_goods, sell_at_counter
from erp_core.kernel.errors import Invalid
from erp_core.orders.service import change_status, create_order
from erp_core.parties.service import change_business

TODAY = date(2026, 11, 20)


class Chemist(OwnShop):
    def __init__(self, database):
        super().__init__(database, Calendar(TODAY))
        self.dolo = self.goods("Dolo 650", 31_00, "3004", rate="5", stock=None)
        self.ravi = self.customer()

    def come(self, quantity, expires, batch=None):
        self.run(
            receive_stock, product_id=UUID(self.dolo), quantity=Decimal(quantity),
            expires_on=expires, batch=batch,
        )  # fmt: skip

    def bill(self, quantity):
        lines = [{"product_id": self.dolo, "quantity": str(quantity)}]
        return self.run(bill_goods, customer_id=self.ravi, lines=lines)

    def printed(self, issued):
        """The words of the A4 sheet and of the roll."""
        with self.read() as reader:
            document = invoice(reader, UUID(issued["invoice_id"]))
            sheets = (
                pdf.draw_for(reader, document, "english"),
                receipt.render(reader, document, "english"),
            )
        return tuple(words_of(sheet) for sheet in sheets)


def words_of(sheet):
    pages = pypdfium2.PdfDocument(sheet)
    return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in pages)


@pytest.fixture
def chemist(database):
    return Chemist(database)


def test_a_bill_names_the_batches_that_were_handed_out(chemist):
    chemist.come(3, date(2027, 6, 30), "dl 07")
    chemist.come(10, date(2027, 8, 15), "DL09")
    lines = [{"product_id": chemist.dolo, "quantity": "5"}]
    sold = chemist.run(sell_at_counter, customer_id=chemist.ravi, lines=lines, method="cash")
    for text in chemist.printed(sold):
        assert "Batch DL07 Exp 06/2027 (3) Batch DL09 Exp 15-08-2027 (2)" in text


def test_until_goods_leave_it_names_those_that_would(chemist):
    chemist.come(5, date(2026, 12, 31), "SOON")
    chemist.come(10, date(2027, 6, 30), "LATE")
    first = chemist.bill(4)
    assert "Batch SOON Exp 12/2026" in chemist.printed(first)[0]
    second = chemist.bill(4)
    chemist.run(change_status, order_id=UUID(second["order_id"]), status="delivered")
    chemist.run(change_status, order_id=UUID(first["order_id"]), status="delivered")
    assert "Batch SOON Exp 12/2026" in chemist.printed(second)[0]
    assert "Batch SOON Exp 12/2026 (1) Batch LATE Exp 06/2027 (3)" in chemist.printed(first)[0]


def test_a_batch_without_a_number_goes_by_its_expiry_and_other_goods_by_nothing(chemist):
    chemist.come(5, date(2027, 6, 30))
    for text in chemist.printed(chemist.bill(1)):
        assert "Exp 06/2027" in text
        assert "Batch" not in text
    chemist.dolo = chemist.goods("Comb", 20_00, "9615", rate="18")
    for text in chemist.printed(chemist.bill(1)):
        assert "Exp" not in text


def test_licences_stand_on_bills_made_after_they_were_told(chemist):
    chemist.come(5, date(2027, 6, 30))
    before = chemist.bill(1)
    chemist.run(
        change_business, drug_licence="20b/TN/1234,  21b/TN/1235", fssai="1001 2022 0001 23"
    )
    for text in chemist.printed(chemist.bill(1)):
        assert "Drug licence 20B/TN/1234, 21B/TN/1235" in text
        assert "FSSAI Lic. No. 10012022000123" in text
    for text in chemist.printed(before):
        assert "FSSAI" not in text


@pytest.mark.parametrize("kind", ["proforma", "delivery_challan"])
def test_licences_stand_on_the_papers_of_an_order_too(chemist, kind):
    chemist.come(5, date(2027, 6, 30))
    chemist.run(change_business, drug_licence="20B/TN/1234", fssai="10012022000123")
    lines = [{"product_id": chemist.dolo, "quantity": "1"}]
    booked = chemist.run(create_order, customer_id=chemist.ravi, lines=lines)
    issued = chemist.run(issue_paper, order_id=UUID(booked["order_id"]), kind=kind)
    with chemist.read() as reader:
        document = paper(reader, UUID(issued["paper_id"]))
        text = words_of(pdf.draw_for(reader, document, "english"))
    assert "Drug licence 20B/TN/1234" in text
    assert "FSSAI Lic. No. 10012022000123" in text


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("fssai", "1001202200012", "bad_fssai"),
        ("fssai", "50012022000123", "bad_fssai"),
        ("drug_licence", "none", "bad_drug_licence"),
        ("drug_licence", "1" * 81, "bad_drug_licence"),
    ],
)
def test_what_is_no_licence_is_refused(chemist, field, value, code):
    with pytest.raises(Invalid) as refused:
        chemist.run(change_business, **{field: value})
    assert refused.value.code == code
