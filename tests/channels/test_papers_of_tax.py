"""The files behind a reply's references: notes, papers, rolls and returns."""

from __future__ import annotations

import json
from decimal import Decimal
from io import BytesIO
from uuid import UUID, uuid4

import pytest
from openpyxl import load_workbook

from channels.whatsapp.attachments import TEXT, XLSX, resolve
from erp_core.inventory.service import add_stocked_product
from erp_core.invoicing import notes, service
from erp_core.invoicing.papers import issue_paper
from erp_core.kernel.actor import SYSTEM
from erp_core.orders.service import create_order
from erp_core.parties.service import add_customer


@pytest.fixture
def references(bahi, business):
    """A shop with one bill, a note on it, and a proforma: a reference to each file."""

    def run(command, **arguments):
        return bahi.run(business, SYSTEM, uuid4().hex, command, **arguments)

    ravi = UUID(run(add_customer, name="Ravi")["customer_id"])
    pen = run(
        add_stocked_product, name="Pen", price_paise=100_00, hsn="9608", gst_rate="18",
        stock=Decimal(9),
    )["product_id"]  # fmt: skip
    booked = run(create_order, customer_id=ravi, lines=[{"product_id": pen, "quantity": "2"}])
    order_id = UUID(booked["order_id"])
    paper = run(issue_paper, order_id=order_id, kind="proforma")
    invoice_id = UUID(run(service.invoice_order, order_id=order_id)["invoice_id"])
    note = run(notes.credit_invoice, invoice_id=invoice_id, back={"1": "1"}, reason="goods_back")
    return {
        "invoice": {"kind": "invoice", "id": str(invoice_id)},
        "roll": {"kind": "invoice", "id": str(invoice_id), "paper": "roll"},
        "note": {"kind": "note", "id": note["note_id"]},
        "paper": {"kind": "paper", "id": paper["paper_id"]},
        **{
            form: {"kind": "gst_return", "month": "2026-11", "form": form}
            for form in ("json", "excel", "gstr3b")
        },
    }


@pytest.mark.parametrize(
    ("name", "filename"),
    [
        ("invoice", "INV27-2627-00001.pdf"),
        ("roll", "INV27-2627-00001.pdf"),
        ("note", "CN27-2627-00001.pdf"),
        ("paper", "PF27-2627-00001.pdf"),
    ],
)
@pytest.mark.parametrize("language", ["hindi", "english"])
def test_documents_are_pdfs(bahi, business, references, name, filename, language):
    found = resolve(bahi, business, references[name], language)
    assert (found.kind, found.mime, found.filename) == ("document", "application/pdf", filename)
    assert found.data.startswith(b"%PDF")


def test_returns_are_files_for_the_portal_and_for_people(bahi, business, references):
    found = resolve(bahi, business, references["json"], "english")
    assert (found.mime, found.filename) == (TEXT, "GSTR1_112026.json")
    assert json.loads(found.data)["b2cs"][0]["txval"] == 100
    excel = resolve(bahi, business, references["excel"], "english")
    assert (excel.mime, excel.filename) == (XLSX, "GSTR1_112026.xlsx")
    assert load_workbook(BytesIO(excel.data))["b2cs"]["D2"].value == 100
    preview = resolve(bahi, business, references["gstr3b"], "english")
    assert preview.filename == "GSTR3B_112026.json"
    assert json.loads(preview.data)["sup_details"]["osup_det"]["camt"] == 9
