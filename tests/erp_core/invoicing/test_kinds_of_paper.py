"""What each kind of document says, on A4 and on the roll of a counter's printer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import BytesIO
from uuid import UUID

import pypdfium2
import pytest
from papers import BISCUIT, PHONE, RICE, paper
from PIL import Image, ImageDraw

from erp_core.invoicing import notes, pdf, receipt, service
from erp_core.invoicing import papers as slips
from erp_core.invoicing.dress import Dress, colour_of, dress_of, set_logo
from erp_core.invoicing.queries import all_invoices
from erp_core.kernel.errors import Conflict, Invalid
from erp_core.parties.queries import business
from erp_core.parties.service import change_business

MILK = ("Milk", "0401", "litre", "2", 60_00, 0)


def words_of(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def a4(document, **options) -> str:
    return words_of(pdf.draw(document, **{"language": "english", "vpa": "a@b", **options}))


def roll(document, **options) -> str:
    return words_of(receipt.draw(document, **{"language": "english", "vpa": "a@b", **options}))


RULE_46 = {
    "a supplier's name": "Sharma Electronics",
    "a supplier's address": "12, Laxmi Road, Pune 411030",
    "a supplier's GSTIN": "GSTIN 27AAPFU0939F1ZV",
    "b number": "INV27-2627-00001",
    "c date": "20-11-2026",
    "d recipient's name": "Ravi Kumar",
    "d recipient's address": "Flat 4, MG Road, Pune 411001",
    "d recipient's GSTIN": "GSTIN 27AAGCB7383J1Z8",
    "g HSN": "HSN 8517",
    "h description": "iPhone 15",
    "i quantity": "2",
    "j total value": "₹1,88,564.00",
    "k taxable value": "1,59,800.00",
    "l rate": "18%",
    "m amount by head, central": "CGST",
    "m amount by head": "14,382.00",
    "n place of supply": "Maharashtra (27)",
    "p reverse charge": "Reverse charge",
    "q signature": "Authorised signatory",
}


@pytest.mark.parametrize("write", [a4, roll])
@pytest.mark.parametrize("field", RULE_46)
def test_every_field_of_rule_46_on_both_papers(write, field):
    document = paper(PHONE, customer_gstin="27AAGCB7383J1Z8")
    assert RULE_46[field] in write(document)


def test_reverse_charge_says_yes():
    assert "Yes" in a4(paper(PHONE, reverse_charge=True))


def test_delivery_elsewhere_is_named():
    text = a4(paper(PHONE, delivery_address="Plot 9, MIDC, Nagpur"))
    assert "Delivery at: Plot 9, MIDC, Nagpur" in text


LEGENDS = {
    "sez": "ON PAYMENT OF INTEGRATED TAX",
    "sez_lut": "LETTER OF UNDERTAKING WITHOUT PAYMENT OF INTEGRATED TAX",
    "export": "SUPPLY MEANT FOR EXPORT ON PAYMENT OF INTEGRATED TAX",
    "export_lut": "SUPPLY MEANT FOR EXPORT UNDER BOND OR LETTER OF UNDERTAKING",
    "deemed_export": "DEEMED EXPORT",
}


@pytest.mark.parametrize("treatment", LEGENDS)
def test_zones_and_exports_bear_their_legend(treatment):
    one_line = " ".join(a4(paper(PHONE, treatment=treatment)).split())
    assert LEGENDS[treatment] in one_line


@pytest.mark.parametrize("write", [a4, roll])
def test_composition_bears_its_words(write):
    text = write(paper((*PHONE[:5], 0), kind="bill_of_supply", composition=True))
    assert "BILL OF SUPPLY" in text
    one_line = " ".join(text.split())
    words = "Composition taxable person, not eligible to collect tax on supplies"
    assert one_line.index(words) < one_line.index("Sharma Electronics")  # at the top, rule 5(1)(f)
    assert "CGST" not in text


def test_both_kinds_of_goods_on_one_paper():
    text = a4(paper(PHONE, MILK, kind="invoice_cum_bill"))
    for words in ("INVOICE-CUM-BILL OF SUPPLY", "18%", "0%", "nil-rated or exempt"):
        assert words in text


@pytest.mark.parametrize("write", [a4, roll])
@pytest.mark.parametrize(
    ("kind", "title"), [("credit_note", "CREDIT NOTE"), ("debit_note", "DEBIT NOTE")]
)
def test_a_note_names_its_invoice_and_asks_for_nothing(write, kind, title):
    noted = paper(
        PHONE,
        kind=kind,
        number="CN27-2627-00001",
        against=("INV27-2627-00009", date(2026, 11, 1)),
        due_paise=0,
    )
    text = write(noted)
    for words in (title, "CN27-2627-00001", "INV27-2627-00009, 01-11-2026", "14,382.00"):
        assert words in text
    for words in ("Paid", "Balance due", "a@b"):
        assert words not in text


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("proforma", ["PROFORMA INVOICE", "Not a tax invoice"]),
        ("delivery_challan", ["DELIVERY CHALLAN", "Triplicate for consigner"]),
    ],
)
def test_what_bills_nothing_says_so(kind, words):
    text = a4(paper(PHONE, kind=kind, due_paise=0))
    assert all(one in text for one in words)
    assert "a@b" not in text


def test_the_roll_is_eighty_millimetres_wide_and_as_long_as_it_needs():
    short, long = (
        pypdfium2.PdfDocument(receipt.draw(paper(*goods), language="english", vpa=None))
        for goods in ((PHONE,), (PHONE, BISCUIT, RICE) * 10)
    )
    assert (len(short), len(long)) == (1, 1)
    assert round(short[0].get_width() / 72 * 25.4) == 80
    assert long[0].get_height() > short[0].get_height() + 27 * 20


@pytest.mark.parametrize("draw", [pdf.draw, receipt.draw])
def test_a_shops_colour_and_logo(draw, reader_of, run):
    picture = Image.new("RGBA", (900, 300), (0, 0, 0, 0))
    ImageDraw.Draw(picture).rectangle((0, 0, 899, 299), fill=(10, 120, 60, 255))
    data = BytesIO()
    picture.save(data, "PNG")
    assert run(set_logo, image_hex=data.getvalue().hex()) == {"width": 480, "height": 160}
    run(change_business, colour="#0A783C")
    with reader_of() as reader:
        dress = dress_of(reader, business(reader))
    assert dress.colour == (10, 120, 60)
    content = draw(paper(PHONE), language="english", vpa=None, dress=dress)
    image = pypdfium2.PdfDocument(content)[0].render(scale=1).to_pil().convert("RGB")
    green = sum(1 for r, g, b in image.getdata() if abs(g - 120) < 12 and r < 40 and b < 90)
    assert green > 400


@pytest.mark.parametrize("data", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_picture_is_no_logo(run, data):
    with pytest.raises(Invalid, match="bad_logo"):
        run(set_logo, image_hex=data.hex())


def test_a_colour_is_three_bytes(run):
    assert colour_of(None) is None
    assert Dress().logo is None
    with pytest.raises(Invalid, match="bad_colour"):
        run(change_business, colour="red")


def test_a_proforma_and_a_challan_are_frozen_and_bill_nothing(run, reader_of, ravi, order_of):
    order_id = order_of(ravi)
    proforma = run(slips.issue_paper, order_id=order_id, kind="proforma")
    challan = run(slips.issue_paper, order_id=order_id, kind="delivery_challan")
    assert (proforma["number"], challan["number"]) == ("PF27-2627-00001", "DC27-2627-00001")
    run(change_business, name="Another name")
    with reader_of() as reader:
        drawn = slips.paper(reader, UUID(proforma["paper_id"]))
        assert (drawn.supplier_name, drawn.total_paise) == ("Sharma Electronics", 188_564_00)
        assert drawn.lines[0].quantity == 2
        assert all_invoices(reader) == []
        assert b"%PDF" in pdf.draw_for(reader, drawn, "hindi")[:10]


def test_a_paper_of_an_unknown_kind_is_refused(run, ravi, order_of):
    with pytest.raises(Invalid, match="bad_kind"):
        run(slips.issue_paper, order_id=order_of(ravi), kind="poem")


def test_a_credit_note_of_the_shop_is_drawn(run, reader_of, ravi, order_of):
    issued = run(service.invoice_order, order_id=order_of(ravi))
    noted = run(
        notes.credit_invoice,
        invoice_id=UUID(issued["invoice_id"]),
        back={"1": "1"},
        reason="goods_back",
    )
    with reader_of() as reader:
        drawn = notes.as_paper(reader, notes.note(reader, UUID(noted["note_id"])))
        text = words_of(pdf.draw_for(reader, drawn, "english"))
    assert "94,282.00" in text
    assert replace(drawn, number="x").against == ("INV27-2627-00001", date(2026, 11, 20))


def test_numbers_of_every_series_begin_with_a_letter_and_fit(run, ravi, order_of):
    order_id = order_of(ravi)
    issued = run(service.invoice_order, order_id=order_id)
    invoice_id = UUID(issued["invoice_id"])
    numbers = [
        issued["number"],
        run(slips.issue_paper, order_id=order_id, kind="proforma")["number"],
        run(slips.issue_paper, order_id=order_id, kind="delivery_challan")["number"],
        run(notes.debit_invoice, invoice_id=invoice_id, amount_paise=100, reason="price")["number"],
        run(notes.credit_invoice, invoice_id=invoice_id, reason="mistake")["number"],
    ]
    for number in numbers:
        assert len(number) <= 16
        assert number[0].isalpha()
        assert number == number.upper()
    with pytest.raises(Conflict, match="nothing_to_credit"):
        run(notes.credit_invoice, invoice_id=invoice_id, reason="mistake")


def test_a_bill_shows_what_was_credited_apart_from_what_was_paid(run, reader_of, ravi, order_of):
    issued = run(service.invoice_order, order_id=order_of(ravi))
    invoice_id = UUID(issued["invoice_id"])
    run(notes.credit_invoice, invoice_id=invoice_id, back={"1": "1"}, reason="goods_back")
    with reader_of() as reader:
        text = words_of(pdf.render(reader, invoice_id, "english"))
    assert "Credit notes" in text
    assert "Paid" not in text
    run(notes.credit_invoice, invoice_id=invoice_id, reason="goods_back")
    with reader_of() as reader:
        assert "PAID" not in words_of(pdf.render(reader, invoice_id, "english"))
