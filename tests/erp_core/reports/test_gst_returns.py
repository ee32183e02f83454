"""GSTR-1 with all its tables, GSTR-3B against the books, and CMP-08."""

from __future__ import annotations

import itertools
import json
from datetime import date
from decimal import Decimal
from io import BytesIO
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from erp_core.inventory.service import add_stocked_product
from erp_core.invoicing import notes, service
from erp_core.kernel.actor import SYSTEM
from erp_core.orders.service import change_status, create_order
from erp_core.parties.bootstrap import NewBusiness, register_business
from erp_core.parties.service import add_customer, add_vendor, change_business, change_customer
from erp_core.portals.profile import set_profile
from erp_core.purchases.service import record_bill
from erp_core.reports.gst.behind import behind_cmp08, behind_gstr3b
from erp_core.reports.gst.composition import cmp08
from erp_core.reports.gst.gstr1 import gstr1
from erp_core.reports.gst.gstr3b import gstr3b
from erp_core.reports.gst.portal_files import cmp08_json, gstr1_json, gstr3b_json
from erp_core.reports.gst.workbooks import cmp08_excel, gstr1_excel, gstr3b_excel

NOVEMBER = date(2026, 11, 1)
OTHER_GSTIN = "29AAGCB7383J1Z4"


@pytest.fixture
def shop(bahi, database, clock):
    """A registered shop of its own; a function that runs its commands."""
    new = NewBusiness("Sharma", uuid4().hex, "27", gstin="27AAPFU0939F1ZV")
    return _Shop(bahi, register_business(database, clock, new))


class _Shop:
    def __init__(self, bahi, business):
        self.bahi, self.business = bahi, business
        self.keys = itertools.count()
        self.goods = {}

    def run(self, command, **arguments):
        return self.bahi.run(self.business, SYSTEM, f"t{next(self.keys)}", command, **arguments)

    def read(self):
        return self.bahi.read(self.business, SYSTEM)

    def customer(self, name, **facts):
        treatment = facts.pop("treatment", None)
        found = UUID(self.run(add_customer, name=name, **facts)["customer_id"])
        if treatment:
            self.run(change_customer, customer_id=found, treatment=treatment)
        return found

    def sell(self, customer, *lines, delivered=False):
        """Bill lines of (name, price in rupees, rate, HSN, quantity)."""
        wanted = []
        for name, price, rate, hsn, quantity in lines:
            if name not in self.goods:
                added = self.run(
                    add_stocked_product, name=name, price_paise=price * 100, gst_rate=rate,
                    hsn=hsn, stock=Decimal(10**6),
                )  # fmt: skip
                self.goods[name] = added["product_id"]
            wanted.append({"product_id": self.goods[name], "quantity": str(quantity)})
        booked = self.run(create_order, customer_id=customer, lines=wanted)
        order_id = UUID(booked["order_id"])
        if delivered:
            self.run(change_status, order_id=order_id, status="delivered")
        return UUID(self.run(service.invoice_order, order_id=order_id)["invoice_id"])

    def gstr1(self, month=NOVEMBER):
        with self.read() as reader:
            return gstr1(reader, month)

    def json(self):
        return json.loads(gstr1_json(self.gstr1()))


PEN = ("Pen", 100, "18", "9608", 1)
MILK = ("Milk", 60, "0", "0401", 2)
PHONE = ("Phone", 50_000, "18", "8517", 1)


def test_a_registered_buyer_stands_in_b2b(shop):
    shop.sell(shop.customer("Anand", gstin=OTHER_GSTIN), PEN, MILK)
    found = shop.json()
    assert found["gstin"] == "27AAPFU0939F1ZV"
    assert found["fp"] == "112026"
    assert found["b2b"] == [
        {
            "ctin": OTHER_GSTIN,
            "inv": [
                {
                    "inum": "INV27-2627-00001", "idt": "20-11-2026", "val": 238, "pos": "29",
                    "rchrg": "N", "inv_typ": "R",
                    "itms": [
                        {"num": 1,
                         "itm_det": {"rt": 18, "txval": 100, "iamt": 18, "csamt": 0}}
                    ],
                }
            ],
        }
    ]  # fmt: skip
    assert found["nil"] == {
        "inv": [{"sply_ty": "INTRB2B", "nil_amt": 0, "expt_amt": 120, "ngsup_amt": 0}]
    }


def test_small_sales_are_added_up(shop):
    ravi = shop.customer("Ravi")
    shop.sell(ravi, PEN)
    shop.sell(ravi, PEN)
    shop.sell(shop.customer("Far", state="29"), PEN)
    assert shop.json()["b2cs"] == [
        {"sply_ty": "INTER", "pos": "29", "typ": "OE", "rt": 18, "txval": 100, "iamt": 18,
         "csamt": 0},
        {"sply_ty": "INTRA", "pos": "27", "typ": "OE", "rt": 18, "txval": 200, "camt": 18,
         "samt": 18, "csamt": 0},
    ]  # fmt: skip


@pytest.mark.parametrize(("price", "alone"), [(99_882, False), (99_883, True)])
def test_a_large_sale_across_states_stands_alone(shop, price, alone):
    # 99,882 of books and a pen with its tax come to exactly one lakh.
    shop.sell(shop.customer("Far", state="29"), ("Books", price, "0", "4901", 1), PEN)
    assert bool(shop.gstr1().b2cl) is alone


def test_zones_and_exports(shop):
    shop.sell(shop.customer("Zone", gstin="27AAGCB7383J1Z8", treatment="sez"), PEN)
    shop.sell(shop.customer("Lut", gstin="27AAGCB7383J1Z8", treatment="sez_lut"), PEN)
    shop.sell(shop.customer("Abroad", treatment="export"), PEN)
    shop.sell(shop.customer("Abroad LUT", treatment="export_lut"), PEN)
    found = shop.json()
    assert [(one["inv_typ"], one["itms"][0]["itm_det"]) for one in found["b2b"][0]["inv"]] == [
        ("SEWP", {"rt": 18, "txval": 100, "iamt": 18, "csamt": 0}),
        ("SEWOP", {"rt": 0, "txval": 100, "iamt": 0, "csamt": 0}),
    ]
    assert [(one["exp_typ"], one["inv"][0]["itms"][0]["iamt"]) for one in found["exp"]] == [
        ("WPAY", 18),
        ("WOPAY", 0),
    ]
    with shop.read() as reader:
        month = gstr3b(reader, NOVEMBER)
    assert (month.zero_rated.taxable, month.zero_rated.igst) == (400_00, 36_00)
    assert (month.taxable.taxable, month.difference) == (0, 0)


def test_notes_go_where_their_invoice_went(shop):
    anand, ravi = shop.customer("Anand", gstin=OTHER_GSTIN), shop.customer("Ravi")
    far = shop.customer("Far", state="29")
    named = shop.sell(anand, PEN)
    small = shop.sell(ravi, PEN)
    shop.sell(ravi, PEN)
    large = shop.sell(far, ("Big", 2_00_000, "18", "8517", 1))
    for invoice_id in (named, small, large):
        shop.run(notes.credit_invoice, invoice_id=invoice_id, reason="goods_back")
    shop.run(notes.debit_invoice, invoice_id=named, amount_paise=118_00, reason="price")
    found = shop.json()
    assert [(one["ntty"], one["val"]) for one in found["cdnr"][0]["nt"]] == [
        ("C", 118), ("D", 118)
    ]  # fmt: skip
    assert [(one["typ"], one["ntty"], one["val"]) for one in found["cdnur"]] == [
        ("B2CL", "C", 2_36_000)
    ]
    assert [one["txval"] for one in found["b2cs"]] == [100]
    assert found["doc_issue"]["doc_det"] == [
        {"doc_num": 1, "docs": [{"num": 1, "from": "INV27-2627-00001", "to": "INV27-2627-00004",
                                 "totnum": 4, "cancel": 0, "net_issue": 4}]},
        {"doc_num": 4, "docs": [{"num": 1, "from": "DN27-2627-00001", "to": "DN27-2627-00001",
                                 "totnum": 1, "cancel": 0, "net_issue": 1}]},
        {"doc_num": 5, "docs": [{"num": 1, "from": "CN27-2627-00001", "to": "CN27-2627-00003",
                                 "totnum": 3, "cancel": 0, "net_issue": 3}]},
    ]  # fmt: skip


def test_a_cancelled_bill_counts_among_the_documents_alone(shop):
    ravi = shop.customer("Ravi")
    shop.run(notes.undo_bill, invoice_id=shop.sell(ravi, PEN), reason="mistake")
    found = shop.json()
    assert "b2cs" not in found
    assert found["doc_issue"]["doc_det"][0]["docs"][0]["cancel"] == 1


def test_the_summary_by_hsn_is_split_and_takes_notes_off(shop):
    anand, ravi = shop.customer("Anand", gstin=OTHER_GSTIN), shop.customer("Ravi")
    shop.sell(anand, PEN)
    back = shop.sell(ravi, ("Pen", 100, "18", "9608", 5))
    shop.run(notes.credit_invoice, invoice_id=back, back={"1": "2"}, reason="goods_back")
    found = shop.json()["hsn"]
    assert found["hsn_b2b"] == [
        {"num": 1, "hsn_sc": "9608", "desc": "Pen", "uqc": "PCS", "qty": 1, "rt": 18,
         "txval": 100, "iamt": 18, "camt": 0, "samt": 0, "csamt": 0}
    ]  # fmt: skip
    assert [(one["qty"], one["txval"], one["camt"]) for one in found["hsn_b2c"]] == [(3, 300, 27)]


def test_what_the_portal_would_refuse_is_told_by_number(shop):
    bare = shop.customer("Bare")
    shop.sell(bare, ("Thing", 60_000, "18", None, 1))
    shop.sell(bare, ("Short", 10, "5", "61", 1))
    shop.run(service.invoice_amount, customer_id=bare, amount_paise=100_00)
    told = [(one.number, one.code, one.what) for one in shop.gstr1().problems]
    assert told == [
        ("INV27-2627-00001", "no_hsn", "Thing"),
        ("INV27-2627-00001", "no_address", ""),
        ("INV27-2627-00002", "short_hsn", "Short"),
        ("INV27-2627-00003", "no_code", ""),
    ]


@pytest.mark.parametrize(("crore", "told"), [(5, []), (6, [("short_hsn", "Pen")])])
def test_above_five_crore_codes_have_six_digits(shop, crore, told):
    shop.run(set_profile, turnover_paise=crore * 1_00_00_000_00)
    lines = (PEN, ("Mobile", 100, "18", "851713", 1))
    shop.sell(shop.customer("Ravi"), *lines)
    assert [(one.code, one.what) for one in shop.gstr1().problems] == told


def test_another_month_is_empty(shop):
    shop.sell(shop.customer("Ravi"), PEN)
    assert shop.gstr1(date(2026, 10, 5)).bills == 0


def test_the_preview_of_3b_in_the_portals_form(shop):
    shop.sell(shop.customer("Far", state="29"), PEN, MILK)
    with shop.read() as reader:
        found = json.loads(gstr3b_json("27AAPFU0939F1ZV", gstr3b(reader, NOVEMBER)))
    assert found["sup_details"]["osup_det"] == {
        "txval": 100, "iamt": 18, "camt": 0, "samt": 0, "csamt": 0
    }  # fmt: skip
    assert found["sup_details"]["osup_nil_exmp"] == {"txval": 120}
    assert found["inter_sup"]["unreg_details"] == [{"pos": "29", "txval": 100, "iamt": 18}]


def test_excel_holds_every_table(shop):
    shop.sell(shop.customer("Anand", gstin=OTHER_GSTIN), PEN)
    book = load_workbook(BytesIO(gstr1_excel(shop.gstr1())))
    assert book.sheetnames == [
        "b2b", "b2cl", "b2cs", "exp", "cdnr", "cdnur", "amended", "expa", "at", "txpd", "nil",
        "hsn_b2b", "hsn_b2c", "eco", "docs", "check",
        "b2cs bills", "at bills", "txpd bills", "nil bills", "hsn_b2b bills", "hsn_b2c bills",
    ]  # fmt: skip
    row = [cell.value for cell in book["b2b"][2]]
    assert row[2] == "INV27-2627-00001"
    assert row[-5:] == [100, 18, 0, 0, 0]


def test_a_quarter_under_composition(shop):
    shop.run(change_business, gst_scheme="composition")
    shop.sell(shop.customer("Ravi"), ("Thali", 1_000, "5", "996331", 1))
    with shop.read() as reader:
        found = cmp08(reader, date(2026, 11, 20))
    assert (found.start, found.end) == (date(2026, 10, 1), date(2026, 12, 31))
    assert (found.turnover, found.rate, found.tax) == (1_000_00, 500, 50_00)


def test_the_statement_of_a_quarter_row_by_row_of_its_form(shop):
    shop.run(change_business, gst_scheme="composition")
    shop.sell(
        shop.customer("Ravi"), ("Thali", 1_001, "5", "996331", 1), ("Onion", 20, "0", "0703", 1)
    )
    vendor = shop.run(add_vendor, name="Kisan")["vendor_id"]
    line = {
        "product_id": shop.goods["Onion"],
        "quantity": "10",
        "unit_price_paise": 10_00,
        "rate": 500,
    }
    shop.run(record_bill, vendor_id=UUID(vendor), lines=[line], reverse_charge=True)
    with shop.read() as reader:
        found = cmp08(reader, date(2026, 11, 20))
        cells = behind_cmp08(reader, found)
    assert json.loads(cmp08_json(found)) == {
        "gstin": "27AAPFU0939F1ZV", "ret_period": "122026",
        "osup": {"txval": 1021, "iamt": 0, "camt": 25.53, "samt": 25.53, "csamt": 0},
        "isup_rev": {"txval": 100, "iamt": 0, "camt": 2.5, "samt": 2.5, "csamt": 0},
        "tax_pay": {"txval": 0, "iamt": 0, "camt": 28.03, "samt": 28.03, "csamt": 0},
        "intr": {"txval": 0, "iamt": 0, "camt": 0, "samt": 0, "csamt": 0},
    }  # fmt: skip
    sheet = load_workbook(BytesIO(cmp08_excel(found, cells)))["CMP-08"]
    assert [cell.value for cell in sheet[4]] == [
        "3", "Tax payable (1 + 2)", 0, 0, 28.03, 28.03, 0
    ]  # fmt: skip


trades = st.lists(
    st.tuples(
        st.sampled_from(["near", "far", "named", "zone", "abroad"]),
        st.lists(st.sampled_from([PEN, MILK, PHONE]), min_size=1, max_size=3, unique=True),
        st.sampled_from(["", "", "undo", "part", "debit"]),
        st.booleans(),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=12)
@given(trades)
def test_any_month_agrees_with_the_tax_accounts_to_the_paisa(bahi, database, clock, trades):
    new = NewBusiness("Sharma", uuid4().hex, "27", gstin="27AAPFU0939F1ZV")
    shop = _Shop(bahi, register_business(database, clock, new))
    buyers = {
        "near": shop.customer("Near"),
        "far": shop.customer("Far", state="29"),
        "named": shop.customer("Named", gstin=OTHER_GSTIN),
        "zone": shop.customer("Zone", gstin="27AAGCB7383J1Z8", treatment="sez"),
        "abroad": shop.customer("Abroad", treatment="export_lut"),
    }
    for who, goods, after, delivered in trades:
        invoice_id = shop.sell(buyers[who], *goods, delivered=delivered)
        if after == "undo":
            shop.run(notes.undo_bill, invoice_id=invoice_id, reason="mistake")
        elif after == "part":
            shop.run(notes.credit_invoice, invoice_id=invoice_id, amount_paise=33_33, reason="x")
        elif after == "debit":
            shop.run(notes.debit_invoice, invoice_id=invoice_id, amount_paise=77_77, reason="x")
    with shop.read() as reader:
        month, found = gstr3b(reader, NOVEMBER), gstr1(reader, NOVEMBER)
    assert month.difference == 0
    by_code = [one.part for one in (*found.hsn_b2b, *found.hsn_b2c) if one.rate]
    assert sum(one.tax for one in by_code) == found.total.tax


def test_the_preview_of_3b_for_people(shop):
    shop.sell(shop.customer("Far", state="29"), PEN, MILK)
    with shop.read() as reader:
        found = gstr3b(reader, NOVEMBER)
        book = load_workbook(BytesIO(gstr3b_excel(found, behind_gstr3b(reader, found))))
    assert book.sheetnames == ["3 Supplies", "4 ITC", "5 Inward", "5.1 Interest", "Documents"]
    rows = {row[0]: row for row in book["3 Supplies"].values}
    assert rows["3.1(a)"][2:] == (100, 18, 0, 0, 0)
    assert rows["3.1(c)"][2] == 120
    assert rows["3.2"][1:4] == ("To unregistered persons in 29", 100, 18)
    assert [row[0] for row in book["4 ITC"].values][1:] == [
        "4(A)(3)", "4(A)(5)", "4(B)(1)", "4(B)(2)", "4(C)", "4(D)(1)"
    ]  # fmt: skip
