"""The shipping bill of an export: in its own month's return, or as an amendment after it."""

from __future__ import annotations

import itertools
import json
from datetime import date
from io import BytesIO
from uuid import UUID

import pytest
from openpyxl import load_workbook
from own_shop import OwnShop

from demo.year import Calendar
from erp_core.invoicing.service import bill_goods, cancel_invoice
from erp_core.kernel.errors import Conflict, Invalid
from erp_core.parties.service import change_customer
from erp_core.portals.shipping import write_shipping_bill
from erp_core.reports.gst.behind import behind_gstr1
from erp_core.reports.gst.gstr1 import gstr1
from erp_core.reports.gst.gstr3b import gstr3b
from erp_core.reports.gst.parts import sum_of
from erp_core.reports.gst.portal_files import gstr1_json
from erp_core.reports.gst.workbooks import gstr1_excel

SEPTEMBER, OCTOBER, NOVEMBER = date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)
BILL = "INV27-2627-00001"
SHIPPING = {"number": "1234567", "port": "innsa1", "shipped_on": date(2026, 9, 25)}
AS_FILED = {"sbpcode": "INNSA1", "sbnum": "1234567", "sbdt": "25-09-2026"}


class Shop(OwnShop):
    def __init__(self, database):
        super().__init__(database, Calendar(date(2026, 9, 20)))
        self.names = itertools.count(1)
        self.pen = self.goods("Pen", 100_00, "9608", rate="18")
        self.repair = self.goods("Design", 100_00, "998391", rate="18")

    def sell(self, treatment="export", *goods):
        lines = [{"product_id": one, "quantity": "1"} for one in goods or (self.pen,)]
        customer = self.customer(f"Buyer {next(self.names)}")
        if treatment:
            self.run(change_customer, customer_id=customer, treatment=treatment)
        return UUID(self.run(bill_goods, customer_id=customer, lines=lines)["invoice_id"])

    def ship(self, invoice_id, **other):
        return self.run(write_shipping_bill, invoice_id=invoice_id, **{**SHIPPING, **other})

    def gstr1(self, month):
        with self.read() as reader:
            return gstr1(reader, month)

    def json(self, month):
        return json.loads(gstr1_json(self.gstr1(month)))


@pytest.fixture
def shop(database):
    return Shop(database)


def test_until_its_return_is_due_it_stands_in_6a(shop):
    invoice_id = shop.sell()
    assert [(one.number, one.code) for one in shop.gstr1(SEPTEMBER).problems] == [
        (BILL, "no_shipping_bill")
    ]
    shop.calendar.turn_to(date(2026, 10, 11))
    assert shop.ship(invoice_id) == {
        "invoice_id": str(invoice_id),
        "number": BILL,
        "on": "2026-09-30",
        "filed": False,
    }
    found = shop.json(SEPTEMBER)
    assert found["exp"] == [
        {"exp_typ": "WPAY",
         "inv": [{"inum": BILL, "idt": "20-09-2026", "val": 118, **AS_FILED,
                  "itms": [{"rt": 18, "txval": 100, "iamt": 18, "csamt": 0}]}]}
    ]  # fmt: skip
    assert shop.gstr1(SEPTEMBER).problems == ()
    assert "expa" not in shop.json(OCTOBER)


def test_after_it_an_amendment_stands_in_9a_of_the_month_in_which_it_was_written(shop):
    with_tax, without = shop.sell(), shop.sell("export_lut")
    shop.calendar.turn_to(date(2026, 10, 12))
    assert shop.ship(with_tax)["filed"] is True
    shop.ship(without, number="765", port="INBOM4")
    assert "sbnum" not in shop.json(SEPTEMBER)["exp"][0]["inv"][0]
    own = {"oinum": BILL, "oidt": "20-09-2026", "inum": BILL, "idt": "20-09-2026"}
    second = "INV27-2627-00002"
    assert shop.json(OCTOBER)["expa"] == [
        {"exp_typ": "WPAY",
         "inv": [{**own, "val": 118, **AS_FILED,
                  "itms": [{"rt": 18, "txval": 100, "iamt": 18, "csamt": 0}]}]},
        {"exp_typ": "WOPAY",
         "inv": [{**own, "oinum": second, "inum": second, "val": 100, "sbpcode": "INBOM4",
                  "sbnum": "765", "sbdt": "25-09-2026",
                  "itms": [{"rt": 0, "txval": 100, "iamt": 0, "csamt": 0}]}]},
    ]  # fmt: skip


def test_it_moves_no_figure_of_a_return(shop):
    invoice_id = shop.sell()
    shop.calendar.turn_to(date(2026, 10, 12))
    shop.ship(invoice_id)
    with shop.read() as reader:
        found, summary = gstr1(reader, OCTOBER), gstr3b(reader, OCTOBER)
    behind = behind_gstr1(found)["9A"]
    assert [(one.number, one.part.taxable, one.part.igst) for one in behind] == [
        (BILL, -100_00, -18_00),
        (BILL, 100_00, 18_00),
    ]
    assert not any(sum_of((one.part, 1) for one in behind)[1:])
    assert (summary.difference, summary.inter_unregistered) == (0, {})
    assert (summary.zero_rated.taxable, summary.taxable.tax) == (0, 0)


def test_another_is_amended_again_and_the_sheet_has_both(shop):
    invoice_id = shop.sell()
    shop.calendar.turn_to(date(2026, 10, 12))
    shop.ship(invoice_id)
    shop.calendar.turn_to(date(2026, 11, 12))
    shop.ship(invoice_id, number="7654321")
    assert shop.json(OCTOBER)["expa"][0]["inv"][0]["sbnum"] == "1234567"
    assert shop.json(NOVEMBER)["expa"][0]["inv"][0]["sbnum"] == "7654321"
    book = load_workbook(BytesIO(gstr1_excel(shop.gstr1(NOVEMBER))))
    head, row = ([cell.value for cell in one] for one in book["expa"].iter_rows())
    found = dict(zip(head, row, strict=True))
    names = ("Number", "Shipping bill before", "Shipping bill", "Port", "Taxable value", "IGST")
    assert [found[name] for name in names] == [BILL, "1234567", "7654321", "INNSA1", 100, 18]


def test_the_last_one_of_an_open_month_counts(shop):
    invoice_id = shop.sell()
    shop.calendar.turn_to(date(2026, 9, 30))
    shop.ship(invoice_id)
    shop.ship(invoice_id, number="222")
    assert shop.json(SEPTEMBER)["exp"][0]["inv"][0]["sbnum"] == "222"


def test_what_is_no_shipping_bill_is_refused(shop):
    invoice_id = shop.sell()
    shop.calendar.turn_to(date(2026, 9, 30))
    for wrong in ({"number": "12"}, {"number": "12345678"}, {"number": "A23"}, {"port": "NSA1"}):
        with pytest.raises(Invalid, match="bad_shipping_bill"):
            shop.ship(invoice_id, **wrong)
    for day in (date(2026, 9, 19), date(2026, 10, 1)):
        with pytest.raises(Invalid, match="bad_shipping_date"):
            shop.ship(invoice_id, shipped_on=day)
    for other in (shop.sell(None), shop.sell("export", shop.repair)):
        with pytest.raises(Conflict, match="not_an_export"):
            shop.ship(other)
    shop.run(cancel_invoice, invoice_id=invoice_id, reason="mistake")
    with pytest.raises(Conflict, match="invoice_cancelled"):
        shop.ship(invoice_id)


def test_a_service_that_goes_abroad_lacks_none(shop):
    shop.sell("export", shop.repair)
    assert shop.gstr1(SEPTEMBER).problems == ()


def test_a_year_that_is_over_is_not_amended(shop):
    invoice_id = shop.sell()
    shop.calendar.turn_to(date(2027, 11, 30))
    shop.ship(invoice_id)
    shop.calendar.turn_to(date(2027, 12, 1))
    with pytest.raises(Conflict, match="amendment_too_late"):
        shop.ship(invoice_id)
