"""From a cell of a return to the documents behind it: in the workbooks, by a lead to their rows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO
from uuid import UUID

import pytest
from cells import adds_up, sum_behind
from openpyxl import load_workbook
from own_shop import OwnShop

from demo.year import Calendar
from erp_core.expenses.service import log_expense, take_back_expense
from erp_core.inventory.correcting import standing_changes, take_back_changes
from erp_core.inventory.service import damage_stock
from erp_core.invoicing.notes import credit_invoice
from erp_core.invoicing.service import bill_goods
from erp_core.parties.service import add_vendor, change_business
from erp_core.portals.reverse_charge import charge
from erp_core.portals.settling import settle_return
from erp_core.purchases.reversing import review_credit
from erp_core.purchases.service import record_bill
from erp_core.reports.gst.behind import behind_cmp08, behind_gstr3b
from erp_core.reports.gst.composition import cmp08
from erp_core.reports.gst.gstr1 import gstr1
from erp_core.reports.gst.gstr3b import gstr3b
from erp_core.reports.gst.workbooks import cmp08_excel, gstr1_excel, gstr3b_excel

APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)


class Shop(OwnShop):
    def __init__(self, database, **facts):
        super().__init__(database, Calendar(date(2026, 4, 10)), **facts)
        self.pen = self.goods("Pen", 100_00, "9608", rate="18")
        self.milk = self.goods("Milk", 60_00, "0401", rate="0")
        self.vendor = UUID(self.run(add_vendor, name="Metro", gstin="27AAACR5055K1Z7")["vendor_id"])

    def sell(self, buyer, *goods):
        lines = [{"product_id": one, "quantity": "1"} for one in goods]
        return self.run(bill_goods, customer_id=buyer, lines=lines)

    def buy(self, product, quantity="10", **facts):
        line = {"product_id": product, "quantity": quantity, "unit_price_paise": 50_00}
        return self.run(record_bill, vendor_id=self.vendor, lines=[line], **facts)


@pytest.fixture
def shop(database):
    return Shop(database)


def documents(shop, month, cell):
    with shop.read() as reader:
        found = behind_gstr3b(reader, gstr3b(reader, month))[cell]
    return [(one.kind, one.number, one.party, one.part.tax) for one in found]


def led_to(book, cell):
    """The rows of the sheet that a cell leads to."""
    sheet, rows = cell.hyperlink.location.replace("'", "").split("!")
    first, last = (int(one[1:]) for one in rows.split(":"))
    return [list(row) for row in book[sheet].iter_rows(first, last, values_only=True)]


def test_a_sum_of_small_sales_leads_to_its_bills(shop):
    ravi, far = shop.customer("Ravi"), shop.customer("Far", state="29")
    first, _ = shop.sell(ravi, shop.pen, shop.milk), shop.sell(far, shop.pen)
    shop.run(credit_invoice, invoice_id=UUID(first["invoice_id"]), amount_paise=59_00, reason="x")
    with shop.read() as reader:
        book = load_workbook(BytesIO(gstr1_excel(gstr1(reader, APRIL))))
        adds_up(reader, APRIL)
    rows = {row[0].value: row[0] for row in book["b2cs"].iter_rows(2)}
    near = led_to(book, rows["INTRA"])
    assert [row[2:4] + row[5:8] for row in near] == [
        ["Bill", "INV27-2627-00001", "Ravi", 18, 100],
        ["Credit note", "CN27-2627-00001", "Ravi", 18, -33.14],
    ]
    assert [row[3] for row in led_to(book, rows["INTER"])] == ["INV27-2627-00002"]
    [pens] = [row for row in book["hsn_b2c"].iter_rows(2) if row[0].value == "9608"]
    assert [row[4] for row in led_to(book, pens[0])] == [
        "INV27-2627-00001", "INV27-2627-00002", "CN27-2627-00001"
    ]  # fmt: skip
    [nil] = book["nil"].iter_rows(2)
    assert [row[2] for row in led_to(book, nil[0])] == ["INV27-2627-00001", "CN27-2627-00001"]


def test_credit_leads_to_bills_expenses_and_what_undid_them(shop):
    shop.buy(shop.pen, number="M/7")
    spent = shop.run(log_expense, amount_paise=1180_00, gst_paise=180_00, item="bijli bill",
                     vendor="MSEB", number="E-1")  # fmt: skip
    wrong = shop.run(log_expense, amount_paise=118_00, gst_paise=18_00, item="printer ink")
    shop.run(take_back_expense, expense_id=UUID(wrong["expense_id"]))
    assert documents(shop, APRIL, "4(A)(5)") == [
        ("purchase", "M/7", "Metro", 90_00),
        ("expense", "E-1", "MSEB", spent["gst"]),
        ("expense", "printer ink", None, 18_00),
        ("reversal", "printer ink", None, -18_00),
    ]


def test_what_is_owed_under_reverse_charge_stands_on_both_sides(shop):
    shop.buy(shop.pen, reverse_charge=True)
    spent = shop.run(log_expense, amount_paise=10_000_00, item="truck bhada", vendor="Singh")
    shop.run(charge, expense_id=UUID(spent["expense_id"]), service="gta")
    owed = documents(shop, APRIL, "3.1(d)")
    assert [(kind, tax) for kind, _, _, tax in owed] == [
        ("purchase", 90_00), ("reverse_charge", 500_00)
    ]  # fmt: skip
    assert documents(shop, APRIL, "4(A)(3)") == owed
    assert documents(shop, APRIL, "4(A)(5)") == []


def test_credit_that_goes_back_names_the_goods_and_the_bill(shop):
    product = shop.goods("Cup", 100_00, "6912", rate="5", stock=None)
    shop.buy(product, number="M/9")
    shop.run(damage_stock, product_id=UUID(product), quantity=Decimal(2))
    assert documents(shop, APRIL, "4(B)(1)") == [("credit_lost", None, None, 5_00)]
    shop.calendar.turn_to(date(2026, 10, 15))
    shop.run(review_credit)
    october = date(2026, 10, 1)
    assert documents(shop, october, "4(B)(2)") == [("credit_reversal", "M/9", "Metro", 20_00)]
    with shop.read() as reader:
        adds_up(reader, october)


def test_credit_that_goes_back_by_mistake_is_taken_anew_in_the_month_that_says_so(shop):
    product = shop.goods("Cup", 100_00, "6912", rate="5", stock=None)
    shop.buy(product, number="M/9")
    shop.run(damage_stock, product_id=UUID(product), quantity=Decimal(2))
    with shop.read() as reader:
        (wrong,) = standing_changes(reader)
    shop.calendar.turn_to(date(2026, 5, 3))
    shop.run(take_back_changes, movement_ids=[wrong.id])
    may = date(2026, 5, 1)
    assert documents(shop, APRIL, "4(B)(1)") == [("credit_lost", None, None, 5_00)]
    assert documents(shop, may, "4(B)(1)") == []
    assert [tax for *_, tax in documents(shop, may, "4(A)(5)")] == [5_00]
    with shop.read() as reader:
        found = gstr3b(reader, may)
        adds_up(reader, may)
    assert (found.given_back.tax, found.available.tax, found.input_tax.tax) == (0, 5_00, 5_00)


def test_what_is_told_later_stands_behind_the_month_that_tells_it(shop):
    shop.sell(shop.customer("Ravi"), shop.pen)
    shop.calendar.turn_to(date(2026, 5, 12))
    shop.run(settle_return, month=APRIL)
    shop.buy(shop.pen, number="OLD", on=date(2026, 4, 20))
    assert documents(shop, APRIL, "4(A)(5)") == []
    assert documents(shop, MAY, "4(A)(5)") == [("purchase", "OLD", "Metro", 90_00)]
    with shop.read() as reader:
        adds_up(reader, APRIL)
        adds_up(reader, MAY)


def test_what_a_delay_cost_stands_behind_the_return_that_pays_it(shop):
    shop.sell(shop.customer("Ravi"), shop.pen)
    shop.calendar.turn_to(date(2026, 5, 25))
    shop.run(settle_return, month=APRIL)
    with shop.read() as reader:
        found = gstr3b(reader, MAY)
        cells = behind_gstr3b(reader, found)
        adds_up(reader, MAY)
    assert [one.kind for one in cells["5.1"]] == ["late_fee"]
    assert sum_behind(cells["5.1"])[1:3] == (125_00, 125_00)


def test_each_row_of_3b_leads_to_its_documents(shop):
    shop.sell(shop.customer("Far", state="29"), shop.pen, shop.milk)
    with shop.read() as reader:
        found = gstr3b(reader, APRIL)
        book = load_workbook(BytesIO(gstr3b_excel(found, behind_gstr3b(reader, found))))
    rows = {row[0].value: row[0] for row in book["3 Supplies"].iter_rows(2)}
    for cell in ("3.1(a)", "3.1(c)", "3.2"):
        assert [row[2] for row in led_to(book, rows[cell])] == ["INV27-2627-00001"]
    assert rows["3.1(d)"].hyperlink is None


def test_the_rows_of_cmp_08_lead_to_their_documents(database):
    shop = Shop(database)
    shop.run(change_business, gst_scheme="composition")
    shop.sell(shop.customer("Ravi"), shop.pen)
    with shop.read() as reader:
        found = cmp08(reader, APRIL)
        book = load_workbook(BytesIO(cmp08_excel(found, behind_cmp08(reader, found))))
    [behind] = led_to(book, book["CMP-08"]["A2"])
    assert (behind[1], behind[4], behind[5]) == ("Bill", "Ravi", 100)


def test_tax_without_credit_is_told_among_all_and_given_back(shop):
    lunch = {"item": "lunch", "amount_paise": 105_00, "gst_paise": 5_00}
    shop.run(log_expense, **lunch, number="H-1", supplier_gstin="27AAACR5055K1Z7")
    shop.run(log_expense, **lunch, number="K-1", supplier_gstin="29AAGCB7383J1Z4")
    shop.run(log_expense, **lunch)  # of nobody who files
    told = [("expense", "H-1", None, 5_00), ("expense", "K-1", None, 5_00)]
    assert documents(shop, APRIL, "4(A)(5)") == documents(shop, APRIL, "4(B)(1)") == told
    with shop.read() as reader:
        found = gstr3b(reader, APRIL)
        adds_up(reader, APRIL)
    assert (found.blocked.cgst, found.blocked.sgst, found.blocked.igst) == (2_50, 2_50, 5_00)
    assert (found.available.tax, found.given_back.tax, found.input_tax.tax) == (10_00, 10_00, 0)
    shop.calendar.turn_to(date(2026, 5, 12))
    shop.run(settle_return, month=APRIL)
    shop.run(log_expense, **lunch, on=APRIL, number="H-2", supplier_gstin="27AAACR5055K1Z7")
    assert documents(shop, APRIL, "4(B)(1)") == told
