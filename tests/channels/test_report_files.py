"""The files that reports name: drawn when they are sent, each of its kind."""

from __future__ import annotations

from io import BytesIO
from uuid import UUID

import pytest
from openpyxl import load_workbook

from channels.whatsapp.attachments import XLSX, resolve
from erp_core.kernel.actor import SYSTEM
from erp_core.kernel.errors import BahiError
from erp_core.parties.service import add_customer
from erp_core.payments.service import give_credit
from simulator.media import DOCUMENTS

DAYS = {"start": "2026-04-01", "end": "2026-11-20"}


@pytest.fixture
def ravi(bahi, business):
    ravi = bahi.run(business, SYSTEM, "add", add_customer, name="Ravi Kumar")["customer_id"]
    bahi.run(business, SYSTEM, "give", give_credit, customer_id=UUID(ravi), amount_paise=1_234_50)
    return ravi


def test_a_statement_is_a_pdf_or_a_sheet(bahi, business, ravi):
    reference = {"kind": "report", "report": "statement", "party": ravi, **DAYS}
    paper = resolve(bahi, business, {**reference, "format": "pdf"}, "english")
    assert (paper.kind, paper.mime) == ("document", "application/pdf")
    assert paper.filename == "statement-2026-11-20.pdf"
    assert paper.data.startswith(b"%PDF")
    sheet = resolve(bahi, business, {**reference, "format": "xlsx"}, "hindi")
    assert (sheet.mime, sheet.filename) == (XLSX, "statement-2026-11-20.xlsx")
    rows = load_workbook(BytesIO(sheet.data)).active.iter_rows(values_only=True)
    assert 1234.5 in [cell for row in rows for cell in row]


@pytest.mark.parametrize(
    ("to", "ending"),
    [("tally", "xml"), ("hledger", "journal"), ("beancount", "beancount")],
)
def test_the_books_travel_as_a_file(bahi, business, ravi, to, ending):
    """As text: WhatsApp takes no application/xml."""
    found = resolve(bahi, business, {"kind": "books", "format": to, **DAYS}, "english")
    assert (found.kind, found.mime) == ("document", "text/plain")
    assert found.filename == f"books-2026-11-20.{ending}"
    assert found.mime in DOCUMENTS
    assert XLSX in DOCUMENTS
    assert b"1234.50" in found.data


@pytest.mark.parametrize(
    "reference",
    [
        {"kind": "report", "report": "gossip", **DAYS},
        {"kind": "report", "report": "statement", **DAYS},
        {"kind": "books", "format": "paper", **DAYS},
    ],
)
def test_what_is_no_report_is_refused(bahi, business, reference):
    with pytest.raises(BahiError):
        resolve(bahi, business, reference, "english")
