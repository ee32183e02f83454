"""A figure is taken without asking only when the rest of the bill says the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from erp_core.receipts.bill import Field
from erp_core.receipts.layout import Row
from erp_core.receipts.reading import read_pages

if TYPE_CHECKING:
    from tests.erp_core.receipts.conftest import Typed

TODAY = date(2026, 11, 20)

BILL = """
Sharma Electricals
12 MG Road, Pune 411001
GSTIN: 27AAPFU0939F1ZV
Invoice No: GST/94256 Date: 02/11/2026
Description HSN Qty Rate Amount
Anchor Switch 8539 2 35.00 70.00
Pigeon Kettle 8516 2 749.00 1498.00
Taxable Amt 1568.00
CGST @ 9% 141.12
SGST @ 9% 141.12
Round Off -0.24
Grand Total 1850.00
"""


def test_a_bill_that_adds_up_is_not_asked(typed: Typed) -> None:
    page = typed(BILL)
    reading = read_pages([page, page], today=TODAY)
    assert reading.kind == "receipt"
    assert (reading.total_paise.value, reading.total_paise.ask) == (185000, False)
    assert reading.taxable_paise.value == 156800
    assert (reading.cgst_paise.value, reading.sgst_paise.value) == (14112, 14112)
    assert reading.igst_paise == Field()
    assert not any(f.ask for f in (reading.taxable_paise, reading.cgst_paise, reading.sgst_paise))
    assert (reading.vendor.value, reading.vendor.ask) == ("Sharma Electricals", False)
    assert (reading.vendor_gstin.value, reading.vendor_gstin.ask) == ("27AAPFU0939F1ZV", False)
    assert reading.buyer_gstin == Field()
    assert reading.number.value == "GST/94256"
    assert (reading.on.value, reading.on.ask) == (date(2026, 11, 2), False)
    assert [
        (line.text, line.quantity, line.rate_paise, line.amount_paise) for line in reading.lines
    ] == [
        ("Anchor Switch", 2, 3500, 7000),
        ("Pigeon Kettle", 2, 74900, 149800),
    ]


def test_one_reading_alone_is_asked(typed: Typed) -> None:
    assert read_pages([typed(BILL)], today=TODAY).total_paise.ask


def test_a_total_that_does_not_come_out_is_asked(typed: Typed) -> None:
    page = typed(BILL.replace("Grand Total 1850.00", "Grand Total 1350.00"))
    reading = read_pages([page, page], today=TODAY)
    assert reading.total_paise.ask
    assert reading.taxable_paise.ask
    assert reading.cgst_paise.ask


def test_readings_that_disagree_are_asked(typed: Typed) -> None:
    plain = "Om Sai Store\nBill No 12\nDate 02/11/2026\nTotal {}\nThank you come again"
    pages = [typed(plain.format("850.00")), typed(plain.format("350.00"))]
    assert read_pages(pages, today=TODAY).total_paise.ask


def test_change_proves_a_total(typed: Typed) -> None:
    page = typed(
        "Om Sai Kirana Store\nBill No 123\nDate 02/11/2026\nTotal 850.00\nCash 1000.00\n"
        "Change 150.00\nThank you"
    )
    total = read_pages([page, page], today=TODAY).total_paise
    assert (total.value, total.ask) == (85000, False)


def test_a_lost_half_of_the_tax_is_known_by_its_twin(typed: Typed) -> None:
    page = typed(BILL.replace("SGST @ 9% 141.12", "SGST @ 9%"))
    reading = read_pages([page, page], today=TODAY)
    assert (reading.sgst_paise.value, reading.total_paise.value) == (14112, 185000)


def test_igst(typed: Typed) -> None:
    page = typed(
        "Sold By: Omnitech Retail Pvt Ltd\nGSTIN: 27AAPFU0939F1ZV\nInvoice Number: IN-000123\n"
        "Invoice Date: 02/11/2026\nSub Total 1000.00\nIGST @ 18% 180.00\nTotal 1180.00"
    )
    reading = read_pages([page, page], today=TODAY)
    assert (reading.vendor.value, reading.number.value) == ("Omnitech Retail Pvt Ltd", "IN-000123")
    assert (reading.igst_paise.value, reading.igst_paise.ask) == (18000, False)
    assert (reading.cgst_paise, reading.sgst_paise) == (Field(), Field())
    assert (reading.total_paise.value, reading.total_paise.ask) == (118000, False)


@pytest.mark.parametrize("name", ["Omnitech Retail Pvt Ltd", "Bluecart Sellers LLP"])
def test_who_sold_is_named_without_the_words_that_say_so(typed: Typed, name: str) -> None:
    page = typed(BILL.replace(BILL.strip().splitlines()[0], f"Sold By {name}"))
    again = replace(page, partial=True)
    assert read_pages([page, again, again], today=TODAY).vendor.value == name


def test_an_old_date_is_asked(typed: Typed) -> None:
    page = typed(BILL.replace("02/11/2026", "02/11/2024"))
    on = read_pages([page, page], today=TODAY).on
    assert (on.value, on.ask) == (date(2024, 11, 2), True)


def test_an_expiry_is_not_the_date(typed: Typed) -> None:
    page = typed(
        "Jain Medical Hall\nBill No A44691 Date: 01/10/2026\nMedicine Batch Exp Qty MRP Amount\n"
        "Dolo 650 B123 Exp 01/02/2026 2 34.00 68.00\nNet Payable 68.00"
    )
    reading = read_pages([page, page], today=TODAY)
    assert (reading.on.value, reading.category) == (date(2026, 10, 1), "medical")


def test_rate_times_litres_proves_what_a_pump_takes(typed: Typed) -> None:
    page = typed(
        "Shiv Shakti Petroleum\nBill No : 63277\nDate : 06/10/2026\nProduct : Petrol\n"
        "Rate/Ltr : 104.49\nVolume(L) : 18.26\nSale Rs : 1907.99\nThank You"
    )
    reading = read_pages([page, page], today=TODAY)
    assert (reading.total_paise.value, reading.total_paise.ask) == (190799, False)
    assert reading.category == "fuel"
    wrong = typed(
        "Shiv Shakti Petroleum\nBill No : 63277\nDate : 06/10/2026\nProduct : Petrol\n"
        "Rate/Ltr : 104.49\nVolume(L) : 18.26\nSale Rs : 1967.99\nThank You"
    )
    assert read_pages([wrong, wrong], today=TODAY).total_paise.ask


OURS, NEAR, FAR = "27AAPFU0939F1ZV", "27AAACG1234F1Z4", "29AAACG1234F1Z0"
ACROSS = """
Sold By: Omnitech Retail Pvt Ltd
GSTIN: {seller}
Invoice Number: IN-000123
Invoice Date: 02/11/2026
Bill to: Sharma Electronics
GSTIN: {buyer}
Sub Total 1000.00
{tax}
Total 1180.00
"""


@pytest.mark.parametrize(
    ("seller", "buyer", "tax", "asked"),
    [
        (FAR, OURS, "IGST @ 18% 180.00", False),
        (NEAR, OURS, "IGST @ 18% 180.00", True),
        (NEAR, OURS, "CGST @ 9% 90.00\nSGST @ 9% 90.00", False),
        (FAR, OURS, "CGST @ 9% 90.00\nSGST @ 9% 90.00", True),
    ],
)
def test_heads_that_the_states_forbid_are_asked(
    typed: Typed, seller: str, buyer: str, tax: str, asked: bool
) -> None:
    page = typed(ACROSS.format(seller=seller, buyer=buyer, tax=tax))
    reading = read_pages([page, page], today=TODAY)
    heads = [reading.cgst_paise, reading.sgst_paise, reading.igst_paise]
    assert [head.ask for head in heads if head.value] == [asked] * sum(bool(h.value) for h in heads)
    assert (reading.total_paise.value, reading.total_paise.ask) == (118000, False)


@pytest.mark.parametrize(("place", "asked"), [("27", False), ("29", True), (None, False)])
def test_the_shops_own_state_tells_where_the_bill_names_no_buyer(
    typed: Typed, place: str | None, asked: bool
) -> None:
    page = typed(BILL)
    reading = read_pages([page, page], today=TODAY, place=place)
    assert (reading.cgst_paise.value, reading.cgst_paise.ask) == (14112, asked)


def test_two_figures_apart_by_a_rounding_are_asked(typed: Typed) -> None:
    page = typed(
        "Om Sai Store\nBill No 12\nDate 02/11/2026\nTotal Amount 5238.53\nRounding 0.02\n"
        "Zahlbetrag 5238.55\nThank you come again"
    )
    assert read_pages([page, page], today=TODAY).total_paise.ask


@pytest.mark.parametrize(
    ("sums", "paise"),
    [
        ("Total Sales Incl GST 41.48\nRounding 0.02\nTotal 41.50", 4150),
        ("Total Sales Incl GST 64.13\nRounding Adj 0.02", 6415),
        ("Total Amount (incl. GST) 31.47\nRounding -0.02\nCash 50.00\nChange 18.55", 3145),
        ("Total 13.58\nRounding 0.02\nTotal Rounding 13.60", 1360),
        ("Total Sales Incl GST 13.58\nRounding 13.60\nCash 50.00", 1360),
        ("Total Sales Incl GST 13.58\nRounding 13.40\nCash 50.00", 1358),
    ],
)
def test_what_is_paid_is_what_is_left_after_rounding(typed: Typed, sums: str, paise: int) -> None:
    page = typed(f"Om Sai Store\nBill No 12\nDate 02/11/2026\n{sums}\nThank you come again")
    assert read_pages([page, page], today=TODAY).total_paise.value == paise


def test_the_last_row_of_a_table_of_taxes_is_not_the_total(typed: Typed) -> None:
    page = typed(
        "Om Sai Cafe\nBill No 12\nDate 02/11/2026\nSub Total 10.94\nTotal GST 0.66\nTOTAL 11.60\n"
        "GST Summary\nTax Code Amount GST\nSR 10.94 0.66\nTotal : 10.94 0.66"
    )
    total = read_pages([page, page], today=TODAY).total_paise
    assert (total.value, total.ask) == (1160, False)


def test_a_name_goes_on_in_the_next_row(typed: Typed) -> None:
    page = typed(
        "WESTERN EASTERN\nSTATIONERS PVT LTD (U210038K)\n12 MG Road, Pune 411001\n"
        "Date 02/11/2026\nTotal 64.50\nThank you come again"
    )
    vendor = read_pages([page, page], today=TODAY).vendor
    assert (vendor.value, vendor.ask) == ("WESTERN EASTERN STATIONERS PVT LTD", False)


def test_a_name_that_two_readings_spell_apart_is_asked(typed: Typed) -> None:
    slip = "{}\n12 MG Road, Pune 411001\nBill No 12\nDate 02/11/2026\nTotal 64.50\nThank you"
    pages = [typed(slip.format(name)) for name in ("RESTAURANT SIN DU", "RESTAURANT SlW DV")]
    both = [replace(page, rows=tuple(_doubtful(row) for row in page.rows)) for page in pages]
    assert read_pages(both, today=TODAY).vendor.ask
    assert not read_pages([both[0], both[0]], today=TODAY).vendor.ask


def test_spellings_that_differ_by_a_slip_speak_for_one_another(typed: Typed) -> None:
    slip = "{}\n12 MG Road, Pune 411001\nBill No 12\nDate 02/11/2026\nTotal 64.50\nThank you"
    pages = [typed(slip.format(name)) for name in ("GARDENIA BAKERIES", "GARDENLA BAKERIES")]
    both = [replace(page, rows=tuple(_doubtful(row) for row in page.rows)) for page in pages]
    assert not read_pages(both, today=TODAY).vendor.ask


def test_who_is_registered_sold_it_though_a_logo_stands_larger_above(typed: Typed) -> None:
    page = typed(
        "Nandos\nPERI PERI CHICKEN\nNandos Chickenland India\nPvt Ltd\n12 MG Road, Pune 411001\n"
        "Bill No 12\nDate 02/11/2026\nTotal 64.50\nThank you come again"
    )
    logo = Row(tuple(replace(word, height=50, top=-40) for word in page.rows[0].words))
    page = replace(page, rows=(logo, *page.rows[1:]))
    vendor = read_pages([page, page], today=TODAY).vendor
    assert vendor.value == "Nandos Chickenland India Pvt Ltd"


def _doubtful(row: Row) -> Row:
    return Row(tuple(replace(word, confidence=0.7) for word in row.words))


@pytest.mark.parametrize(
    ("says", "owed"),
    [
        ("Whether tax is payable on reverse charge basis: Yes", True),
        ("Tax payable on Reverse Charge (Y/N): Y", True),
        ("Tax payable on Reverse Charge (Y/N): N", False),
        ("Reverse Charge : No", False),
        ("Reverse Charge : No  E-Way Bill : Yes", False),
    ],
)
def test_a_bill_says_itself_that_its_buyer_owes_the_tax(
    typed: Typed, says: str, *, owed: bool
) -> None:
    page = typed(BILL.replace("Round Off", f"{says}\nRound Off"))
    assert read_pages([page], today=TODAY).reverse_charge is owed
