"""Bills of goods that bore a cess, or whose tax goes by the retail price: every paisa of them."""

from __future__ import annotations

import json
from datetime import date
from uuid import UUID

import pytest
from own_shop import OwnShop

from erp_core.catalogue.service import change_product
from erp_core.invoicing import notes, papers, pdf, receipt, service
from erp_core.invoicing.queries import invoice
from erp_core.kernel.clock import Clock
from erp_core.kernel.errors import Conflict
from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.orders.queries import order
from erp_core.orders.service import create_order
from erp_core.parties.service import add_vendor, change_business
from erp_core.portals import inv01
from erp_core.purchases.returning import return_goods
from erp_core.purchases.service import record_bill
from erp_core.reports.gst.gstr1 import gstr1
from erp_core.reports.gst.gstr3b import gstr3b
from erp_core.reports.gst.portal_files import gstr1_json, gstr3b_json

OTHER_GSTIN = "29AAGCB7383J1Z4"
VENDOR_GSTIN = "27AAACH1111A1ZL"
BEFORE_SEPTEMBER = "2025-08-20T12:00:00"
BEFORE_FEBRUARY = "2026-01-20T12:00:00"
NOW = "2026-11-20T12:00:00"


class Shop(OwnShop):
    """A registered shop on some day."""

    def order(self, customer, *lines):
        wanted = [{"product_id": one, "quantity": str(count)} for one, count in lines]
        return UUID(self.run(create_order, customer_id=customer, lines=wanted)["order_id"])

    def bill(self, customer, *lines):
        return self.run(service.invoice_order, order_id=self.order(customer, *lines))

    def returns(self, month):
        with self.read() as reader:
            return gstr1(reader, month), gstr3b(reader, month)


@pytest.fixture
def shop_on(database):
    return lambda moment: Shop(database, Clock.starting(moment))


def test_a_cold_drink_bore_a_cess_beside_its_tax(shop_on):
    shop = shop_on(BEFORE_SEPTEMBER)
    cola = shop.goods("Thums Up", 40_00, "220210", rate="28")
    order_id = shop.order(shop.customer(), (cola, 3))
    with shop.read() as reader:
        booked = order(reader, order_id)
    assert (booked.cess_paise, booked.tax_paise, booked.total_paise) == (14_40, 48_00, 168_00)
    issued = shop.run(service.invoice_order, order_id=order_id)
    amounts = [issued[head] for head in ("subtotal", "cgst", "sgst", "igst", "cess", "total")]
    assert amounts == [120_00, 16_80, 16_80, 0, 14_40, 168_00]
    with shop.read() as reader:
        line = invoice(reader, UUID(issued["invoice_id"])).lines[0]
        assert (line.cess_rate, line.cess_paise, line.cess_units_paise) == (1200, 14_40, 0)
        assert ledger.balance_of(reader, chart.OUTPUT_CESS) == -14_40
    filed, month = shop.returns(date(2025, 8, 1))
    assert filed.total.cess == 14_40
    assert month.difference == 0
    small = json.loads(gstr1_json(filed))["b2cs"][0]
    assert (small["txval"], small["camt"], small["csamt"]) == (120, 16.8, 14.4)
    told = json.loads(gstr3b_json("x", month))["sup_details"]["osup_det"]
    assert told == {"txval": 120, "iamt": 0, "camt": 16.8, "samt": 16.8, "csamt": 14.4}


def test_cess_by_weight(shop_on):
    shop = shop_on(BEFORE_SEPTEMBER)
    coal = shop.goods("Koyla", 12_00, "2701", unit="kg", rate="5")
    issued = shop.bill(shop.customer(), (coal, 50))
    # ₹400 a tonne: 40 paise on each kilogram.
    assert (issued["subtotal"], issued["cess"], issued["total"]) == (600_00, 20_00, 650_00)
    with shop.read() as reader:
        line = invoice(reader, UUID(issued["invoice_id"])).lines[0]
    assert (line.cess_rate, line.cess_units_paise) == (0, 20_00)


def test_cess_by_the_retail_price(shop_on):
    shop = shop_on(BEFORE_FEBRUARY)
    masala = shop.goods("Rajnigandha", 15_00, "21069020", rate="28", mrp_paise=20_00)
    issued = shop.bill(shop.customer(), (masala, 10))
    assert (issued["subtotal"], issued["cgst"], issued["cess"]) == (150_00, 21_00, 64_00)
    assert issued["total"] == 150_00 + 42_00 + 64_00


def test_tax_of_tobacco_goes_by_the_retail_price_and_is_told_at_the_price_of_sale(shop_on):
    shop = shop_on(NOW)
    zarda = shop.goods("Zarda", 60_00, "240399", mrp_paise=100_00)
    buyer = shop.customer("Anand", gstin=OTHER_GSTIN, address="1 MG Road, Bengaluru 560001")
    issued = shop.bill(buyer, (zarda, 10))
    # 10 × 100 at 40 %: 1000 × 40 ÷ 140, whatever they were sold for.
    assert (issued["subtotal"], issued["igst"], issued["total"]) == (600_00, 285_71, 885_71)
    with shop.read() as reader:
        document = invoice(reader, UUID(issued["invoice_id"]))
        assert (document.lines[0].rsp_paise, document.lines[0].by_rsp) == (100_00, True)
        assert pdf.render(reader, document.id, "hindi").startswith(b"%PDF")
        assert receipt.render(reader, document, "english").startswith(b"%PDF")
    filed, month = shop.returns(date(2026, 11, 1))
    row = json.loads(gstr1_json(filed))["b2b"][0]["inv"][0]
    assert row["itms"][0]["itm_det"] == {"rt": 40, "txval": 600, "iamt": 285.71, "csamt": 0}
    assert month.difference == 0
    item = inv01.payload(document)["ItemList"][0]
    assert (item["AssAmt"], item["IgstAmt"], item["TotItemVal"]) == (600, 285.71, 885.71)


def test_a_bill_waits_for_a_retail_price_that_nobody_has_said(shop_on):
    shop = shop_on(NOW)
    masala = shop.goods("Rajnigandha", 20_00, "21069020")
    order_id = shop.order(shop.customer(), (masala, 1))
    with pytest.raises(Conflict, match="mrp_unknown"):
        shop.run(service.invoice_order, order_id=order_id)
    shop.run(change_product, product_id=UUID(masala), mrp_paise=25_00)
    issued = shop.run(service.invoice_order, order_id=order_id)
    assert (issued["subtotal"], issued["cgst"], issued["sgst"]) == (20_00, 3_57, 3_57)


def test_an_inclusive_price_at_the_retail_price_is_what_the_customer_pays(shop_on):
    shop = shop_on(NOW)
    shop.run(change_business, prices_include_tax=True)
    masala = shop.goods("Rajnigandha", 20_00, "21069020", mrp_paise=20_00)
    issued = shop.bill(shop.customer(), (masala, 7))
    assert (issued["subtotal"], issued["cgst"], issued["total"]) == (100_00, 20_00, 140_00)


def test_what_an_e_invoice_says_of_a_cess(shop_on):
    shop = shop_on(BEFORE_FEBRUARY)
    masala = shop.goods("Rajnigandha", 15_00, "21069020", rate="28", mrp_paise=20_00)
    buyer = shop.customer("Anand", gstin=OTHER_GSTIN, address="1 MG Road, Bengaluru 560001")
    issued = shop.bill(buyer, (masala, 10))
    with shop.read() as reader:
        content = inv01.payload(invoice(reader, UUID(issued["invoice_id"])))
    item = content["ItemList"][0]
    assert (item["CesRt"], item["CesAmt"], item["CesNonAdvlAmt"]) == (0, 0, 64)
    assert (content["ValDtls"]["CesVal"], content["ValDtls"]["TotInvVal"]) == (64, 256)
    content["SellerDtls"] |= {"Addr1": "1 Road", "Loc": "Pune", "Pin": 411001}
    assert inv01.faults(content) == []


def test_a_credit_note_takes_its_part_of_the_cess_back(shop_on):
    shop = shop_on(BEFORE_SEPTEMBER)
    cola = shop.goods("Thums Up", 33_33, "220210", rate="28")
    issued = shop.bill(shop.customer(), (cola, 3))
    invoice_id = UUID(issued["invoice_id"])
    first = shop.run(notes.credit_invoice, invoice_id=invoice_id, reason="x", back={"1": "1"})
    rest = shop.run(notes.credit_invoice, invoice_id=invoice_id, reason="x")
    assert first["cess"] == 4_00
    for head in ("taxable", "cgst", "sgst", "cess", "total"):
        was = issued["subtotal" if head == "taxable" else head]
        assert first[head] + rest[head] == was
    with shop.read() as reader:
        assert ledger.balance_of(reader, chart.OUTPUT_CESS) == 0
        paper = notes.as_paper(reader, notes.note(reader, UUID(first["note_id"])))
        assert sum(line.total_paise for line in paper.lines) == paper.total_paise
    assert shop.returns(date(2025, 8, 1))[1].difference == 0


def test_a_proforma_keeps_the_cess(shop_on):
    shop = shop_on(BEFORE_SEPTEMBER)
    cola = shop.goods("Thums Up", 40_00, "220210", rate="28")
    order_id = shop.order(shop.customer(), (cola, 1))
    made = shop.run(papers.issue_paper, order_id=order_id, kind="proforma")
    with shop.read() as reader:
        drawn = papers.paper(reader, UUID(made["paper_id"]))
    assert (drawn.cess_paise, drawn.lines[0].cess_paise, drawn.total_paise) == (4_80, 4_80, 56_00)


def test_cess_on_what_is_bought_is_set_off_under_its_own_head(shop_on):
    shop = shop_on(BEFORE_SEPTEMBER)
    cola = shop.goods("Thums Up", 40_00, "220210", rate="28")
    vendor = UUID(shop.run(add_vendor, name="Cola Depot", gstin=VENDOR_GSTIN)["vendor_id"])
    line = {"product_id": cola, "quantity": "10", "unit_price_paise": 30_00}
    bill = shop.run(record_bill, vendor_id=vendor, number="A1", lines=[line])
    assert (bill["taxable"], bill["tax"], bill["credit"], bill["total"]) == (
        300_00, 120_00, 120_00, 420_00,
    )  # fmt: skip
    with shop.read() as reader:
        assert ledger.balance_of(reader, chart.INPUT_CESS) == 36_00
    back = [{"product_id": cola, "quantity": "10"}]
    shop.run(return_goods, vendor_id=vendor, lines=back)
    with shop.read() as reader:
        assert ledger.balance_of(reader, chart.INPUT_CESS) == 0
    assert shop.returns(date(2025, 8, 1))[1].input_tax.cess == 0
