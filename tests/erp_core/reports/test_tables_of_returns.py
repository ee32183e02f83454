"""Tables of the returns that come of other things than sales: what came back, what was bought."""

from __future__ import annotations

import json
from datetime import date
from uuid import UUID

import pytest
from own_shop import OwnShop

from erp_core.invoicing import notes
from erp_core.invoicing.service import bill_goods
from erp_core.parties.service import add_vendor, change_business
from erp_core.purchases.service import record_bill
from erp_core.reports.gst.composition import gstr4
from erp_core.reports.gst.gstr1 import gstr1
from erp_core.reports.gst.gstr3b import gstr3b
from erp_core.reports.gst.portal_files import gstr1_json, gstr3b_json, gstr4_json

NOVEMBER = date(2026, 11, 1)
OTHER_GSTIN = "29AAGCB7383J1Z4"
NEAR_GSTIN = "27AAGCB7383J1Z8"
PEN = ("Pen", 100, "18", "9608", 1)


class Shop(OwnShop):
    def sell(self, customer, *lines):
        """Bill lines of (name, price in rupees, rate, HSN, quantity)."""
        wanted = [
            {"product_id": self.goods(name, price * 100, hsn, rate=rate), "quantity": str(quantity)}
            for name, price, rate, hsn, quantity in lines
        ]
        issued = self.run(bill_goods, customer_id=customer, lines=wanted)
        return UUID(issued["invoice_id"])

    def gstr1(self):
        with self.read() as reader:
            return json.loads(gstr1_json(gstr1(reader, NOVEMBER)))


@pytest.fixture
def shop(database, clock):
    return Shop(database, clock)


def test_what_went_to_consumers_of_other_states_is_less_what_came_back(shop):
    far = shop.customer("Far", state="29")
    large = shop.sell(far, ("Big", 2_00_000, "18", "8517", 1))
    shop.sell(far, ("Books", 2_00_000, "0", "4901", 1), PEN)
    shop.run(notes.credit_invoice, invoice_id=large, amount_paise=1_18_000_00, reason="goods_back")
    with shop.read() as reader:
        told = gstr3b(reader, NOVEMBER).inter_unregistered
    assert {place: (part.taxable, part.igst) for place, part in told.items()} == {
        "29": (1_00_100_00, 18_018_00)
    }


def test_goods_that_bear_no_tax_stand_in_table_5_by_where_they_came_from(shop):
    def bought(vendor, hsn, rate, rupees):
        goods = shop.goods(f"Goods {rupees}", 100_00, hsn, rate=rate, stock=None)
        line = {"product_id": goods, "quantity": "1", "unit_price_paise": rupees * 100}
        shop.run(record_bill, vendor_id=UUID(vendor["vendor_id"]), lines=[line])

    near = shop.run(add_vendor, name="Near", gstin=NEAR_GSTIN)
    far = shop.run(add_vendor, name="Far", gstin=OTHER_GSTIN)
    nobody = shop.run(add_vendor, name="Ramlal")
    bought(near, "4901", "0", 100)
    bought(far, "4901", "0", 200)
    bought(far, "9608", "18", 400)
    bought(nobody, "4901", "0", 800)
    bought(nobody, "9608", "18", 1600)
    with shop.read() as reader:
        told = json.loads(gstr3b_json("x", gstr3b(reader, NOVEMBER)))
    assert told["inward_sup"]["isup_details"][0] == {"ty": "GST", "inter": 200, "intra": 900}


def test_our_invoices_to_ourselves_stand_in_table_13(shop):
    goods = shop.goods("Cashew", 100_00, "0801", rate="5", stock=None)
    line = {"product_id": goods, "quantity": "1", "unit_price_paise": 100_00}
    vendor = UUID(shop.run(add_vendor, name="Kisan")["vendor_id"])
    for _ in range(2):
        shop.run(record_bill, vendor_id=vendor, lines=[line], reverse_charge=True)
    assert shop.gstr1()["doc_issue"]["doc_det"] == [
        {"doc_num": 2, "docs": [{"num": 1, "from": "SI27-2627-00001", "to": "SI27-2627-00002",
                                 "totnum": 2, "cancel": 0, "net_issue": 2}]},
    ]  # fmt: skip


def test_the_year_under_composition_names_what_was_bought_and_sums_its_statements(shop):
    shop.run(change_business, gst_scheme="composition")
    goods = shop.goods("Pen", 100_00, "9608", rate="18", stock=None)
    line = {"product_id": goods, "quantity": "2", "unit_price_paise": 50_00}
    registered = UUID(shop.run(add_vendor, name="Far", gstin=OTHER_GSTIN)["vendor_id"])
    nobody = UUID(shop.run(add_vendor, name="Kisan")["vendor_id"])
    shop.run(record_bill, vendor_id=registered, lines=[line])
    shop.run(record_bill, vendor_id=nobody, lines=[line])
    shop.run(record_bill, vendor_id=nobody, lines=[line], reverse_charge=True)
    shop.sell(shop.customer("Ravi"), ("Pens", 1_000, "18", "9608", 1))
    with shop.read() as reader:
        told = json.loads(gstr4_json(gstr4(reader, NOVEMBER)))
    at_18 = {"rt": 18, "txval": 100, "csamt": 0}
    assert told["inward"] == [
        {"table": "4A", "ctin": OTHER_GSTIN, "sply_ty": "INTER", **at_18, "iamt": 18, "camt": 0,
         "samt": 0},
        {"table": "4C", "ctin": "", "sply_ty": "INTRA", **at_18, "iamt": 0, "camt": 9, "samt": 9},
    ]  # fmt: skip
    assert [(one["ret_period"], one["txval"], one["camt"]) for one in told["cmp08"]] == [
        ("062026", 0, 0), ("092026", 0, 0), ("122026", 1000, 14), ("032027", 0, 0)
    ]  # fmt: skip
    assert [(one["rt"], one["txval"], one["camt"]) for one in told["outward"]] == [(1, 1000, 5)]
    assert [(one["rt"], one["txval"], one["camt"]) for one in told["isup_rev"]] == [(18, 100, 9)]
