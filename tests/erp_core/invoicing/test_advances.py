"""The tax on an advance for a service: owed with it, printed, filed, and taken off the bill."""

from __future__ import annotations

import json
from datetime import date
from uuid import UUID

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from own_shop import OwnShop

from demo.year import Calendar
from erp_core.invoicing import notes, receipt_pdf, service, vouchers
from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.orders.service import cancel_order, create_order
from erp_core.payments.correcting import take_back_payment
from erp_core.payments.returns import bounce_cheque, refund_customer
from erp_core.payments.service import record_payment
from erp_core.reports.gst.gstr1 import gstr1
from erp_core.reports.gst.gstr3b import gstr3b
from erp_core.reports.gst.portal_files import gstr1_json

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)


class Shop(OwnShop):
    """A shop that repairs phones and sells covers, on a calendar that can be turned."""

    def __init__(self, database):
        super().__init__(database, Calendar(date(2026, 10, 10)))
        self.repair = self.goods("Repair", 1_000_00, "998719", rate="18")
        self.cover = self.goods("Cover", 1_000_00, "3926", rate="18")

    def order(self, customer, *goods):
        lines = [{"product_id": one, "quantity": "1"} for one in goods]
        return UUID(self.run(create_order, customer_id=customer, lines=lines)["order_id"])

    def pay(self, customer, paise, method="upi"):
        done = self.run(record_payment, customer_id=customer, amount_paise=paise, method=method)
        return UUID(done["payment_id"])

    def bill(self, order_id):
        return UUID(self.run(service.invoice_order, order_id=order_id)["invoice_id"])

    def tables(self, month):
        """AT and TXPD as the portal takes them; the return must agree with the books."""
        with self.read() as reader:
            found, summary = gstr1(reader, month), gstr3b(reader, month)
        assert summary.difference == 0
        content = json.loads(gstr1_json(found))
        return content.get("at"), content.get("txpd"), summary

    def owed(self):
        with self.read() as reader:
            return ledger.balance_of(reader, chart.GST_ON_ADVANCES)


@pytest.fixture
def shop(database):
    return Shop(database)


def test_an_advance_for_a_service_owes_its_tax_until_it_is_billed(shop):
    ravi = shop.customer()
    order_id = shop.order(ravi, shop.repair)
    payment_id = shop.pay(ravi, 590_00)
    with shop.read() as reader:
        given_ = vouchers.voucher_of(reader, payment_id)
        _, content = receipt_pdf.render(reader, payment_id, "english")
    assert given_.taxes == ((1800, 500_00, 45_00, 45_00, 0),)
    text = pypdfium2.PdfDocument(content)[0].get_textpage().get_text_range()
    for field in ("RECEIPT VOUCHER", "GST 18%", "₹500 + CGST ₹45 + SGST ₹45", "13(2)"):
        assert field in text
    at, txpd, month = shop.tables(OCTOBER)
    assert at == [
        {"pos": "27", "sply_ty": "INTRA",
         "itms": [{"rt": 18, "ad_amt": 500, "camt": 45, "samt": 45, "csamt": 0}]}
    ]  # fmt: skip
    assert txpd is None
    assert (month.taxable.taxable, month.taxable.tax) == (500_00, 90_00)
    assert shop.owed() == 90_00
    shop.calendar.turn_to(date(2026, 11, 5))
    shop.bill(order_id)
    at, txpd, month = shop.tables(NOVEMBER)
    assert at is None
    assert txpd[0]["itms"][0]["ad_amt"] == 500
    assert (month.taxable.taxable, month.taxable.tax) == (500_00, 90_00)
    assert shop.owed() == 0


def test_what_is_billed_in_its_own_month_stands_in_neither_table(shop):
    ravi = shop.customer()
    order_id = shop.order(ravi, shop.repair)
    shop.pay(ravi, 500_00)
    shop.bill(order_id)
    at, txpd, month = shop.tables(OCTOBER)
    assert (at, txpd, month.taxable.tax) == (None, None, 180_00)


def test_only_the_share_of_the_services_owes_tax(shop):
    ravi = shop.customer(state="29")
    shop.order(ravi, shop.repair, shop.cover)
    shop.pay(ravi, 1_180_00)
    at, _, _ = shop.tables(OCTOBER)
    assert at == [
        {"pos": "29", "sply_ty": "INTER",
         "itms": [{"rt": 18, "ad_amt": 500, "iamt": 90, "csamt": 0}]}
    ]  # fmt: skip


def test_an_advance_for_goods_owes_nothing(shop):
    ravi = shop.customer()
    shop.order(ravi, shop.cover)
    shop.pay(ravi, 500_00)
    assert shop.tables(OCTOBER)[0] is None
    assert shop.owed() == 0


def test_a_service_that_costs_nothing_owes_nothing(shop):
    ravi = shop.customer()
    shop.order(ravi, shop.goods("Looking", 0, "998719", rate="18"))
    shop.pay(ravi, 100_00)
    assert (shop.tables(OCTOBER)[0], shop.owed()) == (None, 0)


def test_more_than_the_service_costs_is_no_advance_for_it(shop):
    ravi = shop.customer()
    shop.order(ravi, shop.repair)
    shop.pay(ravi, 1_000_00)
    shop.pay(ravi, 1_000_00)
    assert shop.tables(OCTOBER)[0][0]["itms"][0]["ad_amt"] == 1_000


def test_a_refund_takes_its_part_of_the_tax_off(shop):
    ravi = shop.customer()
    shop.order(ravi, shop.repair)
    shop.pay(ravi, 590_00)
    shop.calendar.turn_to(date(2026, 11, 5))
    shop.run(refund_customer, customer_id=ravi, amount_paise=118_00, method="cash")
    at, txpd, month = shop.tables(NOVEMBER)
    assert (at[0]["itms"][0]["ad_amt"], txpd[0]["itms"][0]["ad_amt"]) == (400, 500)
    assert month.taxable.tax == -18_00
    assert shop.owed() == 72_00


def test_a_payment_that_never_was_owes_nothing(shop):
    ravi = shop.customer()
    shop.order(ravi, shop.repair)
    shop.run(bounce_cheque, payment_id=shop.pay(ravi, 590_00, "cheque"))
    assert (shop.tables(OCTOBER)[0], shop.owed()) == (None, 0)
    payment_id = shop.pay(ravi, 236_00)
    shop.run(take_back_payment, payment_id=payment_id, reason="mistake", right_paise=118_00)
    assert shop.tables(OCTOBER)[0][0]["itms"][0]["ad_amt"] == 100


def test_the_tax_is_owed_again_when_the_bill_is_cancelled(shop):
    ravi = shop.customer()
    order_id = shop.order(ravi, shop.repair)
    shop.pay(ravi, 590_00)
    invoice_id = shop.bill(order_id)
    assert shop.owed() == 0
    shop.run(notes.undo_bill, invoice_id=invoice_id, reason="mistake")
    assert shop.owed() == 90_00
    assert shop.tables(OCTOBER)[0][0]["itms"][0]["ad_amt"] == 500
    shop.bill(order_id)
    assert shop.owed() == 0


def test_money_of_an_order_that_came_to_nothing_goes_to_the_next_bill(shop):
    ravi = shop.customer()
    order_id = shop.order(ravi, shop.repair)
    shop.pay(ravi, 590_00)
    shop.run(cancel_order, order_id=order_id)
    assert shop.owed() == 90_00
    shop.bill(shop.order(ravi, shop.cover))
    assert shop.owed() == 0


steps = st.lists(
    st.tuples(
        st.sampled_from(["order", "pay", "pay", "bill", "refund", "cancel", "undo", "month"]),
        st.integers(1, 2_500_00),
    ),
    min_size=1,
    max_size=10,
)


@settings(max_examples=12)
@given(steps)
def test_any_advances_agree_with_the_tax_accounts_to_the_paisa(database, steps):
    shop = Shop(database)
    ravi, orders, bills = shop.customer(state="29"), [], []
    day = date(2026, 10, 10)
    for step, number in steps:
        if step == "order":
            goods = [shop.repair, shop.cover][: 1 + number % 2]
            orders.append(shop.order(ravi, *goods))
        elif step == "pay":
            shop.pay(ravi, number)
        elif step == "bill" and orders:
            bills.append(shop.bill(orders.pop(number % len(orders))))
        elif step == "refund":
            shop.run(refund_customer, customer_id=ravi, amount_paise=number, method="cash")
        elif step == "cancel" and orders:
            shop.run(cancel_order, order_id=orders.pop(number % len(orders)))
        elif step == "undo" and bills:
            shop.run(notes.undo_bill, invoice_id=bills.pop(), reason="mistake")
        elif step == "month" and day < date(2027, 1, 1):
            day = date(day.year + day.month // 12, day.month % 12 + 1, 10)
            shop.calendar.turn_to(day)
    for month in (date(2026, at, 1) for at in (10, 11, 12)):
        shop.tables(month)
    with shop.read() as reader:
        assert sum(ledger.account_balances(reader).values()) == 0
        assert ledger.balance_of(reader, chart.GST_ON_ADVANCES) >= 0
