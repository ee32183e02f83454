"""Random months with cess, retail prices, advances, corrections and late payments, across both
changes of rates: the returns are the tax accounts head by head, and sums hold to the paisa."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from cells import adds_up
from hypothesis import given, settings
from hypothesis import strategies as st
from own_shop import OwnShop

from demo.year import Calendar, months
from erp_core.invoicing import notes
from erp_core.invoicing.queries import invoices_between
from erp_core.invoicing.service import invoice_order
from erp_core.kernel.errors import Conflict, Invalid
from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.orders.service import create_order
from erp_core.parties.service import add_vendor, change_business
from erp_core.payments.returns import refund_customer
from erp_core.payments.service import record_payment
from erp_core.portals import inv01
from erp_core.portals.amending import correct_buyer
from erp_core.portals.periods import month_of
from erp_core.purchases.paying import pay_vendor
from erp_core.purchases.reversing import review_credit
from erp_core.purchases.service import record_bill
from erp_core.reports.gst.gstr1 import gstr1
from erp_core.reports.gst.gstr3b import gstr3b
from erp_core.reports.gst.portal_files import gstr1_json

FIRST, LAST = date(2025, 8, 25), date(2026, 4, 30)
HOME, FAR = "27AAGCB7383J1Z8", "29AAGCB7383J1Z4"
OUTPUT = {
    "cgst": chart.OUTPUT_CGST,
    "sgst": chart.OUTPUT_SGST,
    "igst": chart.OUTPUT_IGST,
    "cess": chart.OUTPUT_CESS,
}
GOODS = {
    "cola": ("Thums Up", 33_33, "220210", "28", 40_00),
    "masala": ("Rajnigandha", 10_61, "21069020", "28", 20_00),
    "shirt": ("Shirt", 2_499_99, "6205", "5", None),
    "repair": ("Repair", 777_77, "998719", "18", None),
    "milk": ("Milk", 29_99, "0401", "0", None),
    "coal": ("Koyla", 12_34, "2701", "5", None),
}
ADDRESS = {HOME: "1 MG Road, Pune 411001", FAR: "1 MG Road, Bengaluru 560001"}


class Shop(OwnShop):
    """A shop that sells what is taxed in each way there is."""

    def __init__(self, database, *, inclusive):
        super().__init__(database, Calendar(FIRST), address="12 Laxmi Road, Pune 411030")
        self.day = FIRST
        if inclusive:
            self.run(change_business, prices_include_tax=True)
        self.on_sale = {
            key: self.goods(
                name, price, hsn, rate=rate, mrp_paise=mrp, unit="kg" if key == "coal" else "piece"
            )
            for key, (name, price, hsn, rate, mrp) in GOODS.items()
        }
        self.buyers = [
            self._buyer(), self._buyer(state="29"), self._buyer(HOME), self._buyer(FAR)
        ]  # fmt: skip
        self.vendor = UUID(self.run(add_vendor, name="Metro", gstin="27AAACR5055K1Z7")["vendor_id"])
        self.orders: list[tuple[UUID, UUID]] = []
        self.bills: list[UUID] = []

    def _buyer(self, gstin=None, **facts):
        return self.customer(gstin=gstin, address=ADDRESS.get(gstin), **facts)

    def do(self, deed, at, number, goods):
        """A deed; what the law or the state of things refuses is left undone."""
        buyer = self.buyers[at % len(self.buyers)]
        if deed == "order":
            lines = [
                {"product_id": self.on_sale[one], "quantity": str(1 + number % 7)} for one in goods
            ]
            done = self.run(create_order, customer_id=buyer, lines=lines)
            self.orders.append((UUID(done["order_id"]), buyer))
        elif deed == "bill" and self.orders:
            order_id, _ = self.orders.pop(at % len(self.orders))
            self.bills.append(UUID(self.run(invoice_order, order_id=order_id)["invoice_id"]))
        elif deed == "pay":
            self.run(record_payment, customer_id=buyer, amount_paise=number, method="upi")
        elif deed == "refund":
            self.run(refund_customer, customer_id=buyer, amount_paise=number, method="cash")
        elif deed in ("credit", "debit", "undo", "correct") and self.bills:
            self._change(deed, self.bills[at % len(self.bills)], number)
        elif deed == "buy":
            line = {
                "product_id": self.on_sale[goods[0]],
                "quantity": str(1 + number % 9),
                "unit_price_paise": number,
            }
            self.run(
                record_bill, vendor_id=self.vendor, lines=[line], reverse_charge=number % 5 == 0
            )
        elif deed == "pay_vendor":
            self.run(pay_vendor, vendor_id=self.vendor, amount_paise=number)
        elif deed == "wait" and self.day < LAST - timedelta(days=60):
            self.day += timedelta(days=1 + number % 55)
            self.calendar.turn_to(self.day)
            self.run(review_credit)

    def _change(self, deed, invoice_id, number):
        if deed == "credit":
            facts = {"amount_paise": number} if number % 2 else {"back": {"1": "1"}}
            self.run(notes.credit_invoice, invoice_id=invoice_id, reason="x", **facts)
        elif deed == "debit":
            self.run(notes.debit_invoice, invoice_id=invoice_id, amount_paise=number, reason="x")
        elif deed == "undo":
            self.run(notes.undo_bill, invoice_id=invoice_id, reason="mistake")
        else:
            to = [{"gstin": HOME}, {"gstin": FAR}, {"state": "29"}, {"state": "30"}][number % 4]
            self.run(correct_buyer, invoice_id=invoice_id, **to)


deeds = st.lists(
    st.tuples(
        st.sampled_from(
            ["order", "order", "bill", "bill", "pay", "refund", "credit", "debit", "undo",
             "correct", "buy", "pay_vendor", "wait", "wait"]
        ),
        st.integers(0, 11),
        st.integers(1, 1_500_00),
        st.lists(st.sampled_from(sorted(GOODS)), min_size=1, max_size=3, unique=True),
    ),
    min_size=6,
    max_size=24,
)  # fmt: skip


@settings(max_examples=15)
@given(deeds, st.booleans())
def test_any_months_of_trade_file_what_the_books_say(database, deeds, inclusive):
    shop = Shop(database, inclusive=inclusive)
    for deed, at, number, goods in deeds:
        with suppress(Conflict, Invalid):
            shop.do(deed, at, number, goods)
    with shop.read() as reader:
        assert sum(ledger.account_balances(reader).values()) == 0
        assert ledger.balance_of(reader, chart.GST_ON_ADVANCES) >= 0
        assert ledger.balance_of(reader, chart.CREDIT_REVERSED) >= 0
        for bill in invoices_between(reader, FIRST, LAST):
            _holds(bill)
        for month in months(FIRST, LAST):
            _files_what_is_booked(reader, month)
            adds_up(reader, month)


def _holds(bill):
    """A bill to the paisa: its lines are its total, its heads its tax; the portal takes it."""
    assert sum(line.total_paise for line in bill.lines) == bill.total_paise
    for head in ("cgst", "sgst", "igst", "cess"):
        name = f"{head}_paise"
        assert sum(getattr(line, name) for line in bill.lines) == getattr(bill, name)
    assert bill.cgst_paise == bill.sgst_paise
    parts = bill.subtotal_paise + bill.tax_paise + bill.round_off_paise
    assert parts == bill.total_paise
    if inv01.is_registrable(bill) and bill.corrected_on is None:
        assert inv01.faults(inv01.payload(bill)) == []


def _files_what_is_booked(reader, month):
    found, summary = gstr1(reader, month), gstr3b(reader, month)
    start, end = month_of(month)
    moved = ledger.turnover(reader, start=start, until=end, accounts=list(OUTPUT.values()))
    for head, account in OUTPUT.items():
        debit, credit = moved.get(account, (0, 0))
        owed = getattr(found.liability, head) + getattr(summary.reverse_charge, head)
        assert owed == credit - debit
    assert summary.difference == 0
    by_code = [one.part for one in (*found.hsn_b2b, *found.hsn_b2c) if one.rate]
    assert sum(one.tax for one in by_code) == found.total.tax
    told = json.loads(gstr1_json(found))
    cess = sum(Decimal(str(one["csamt"])) for one in told.get("b2cs", []))
    assert cess * 100 == sum(part.cess for part in found.b2cs.values())
