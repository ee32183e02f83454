"""What a return that is late costs: interest on the cash, a fee with its caps, each once."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from own_shop import OwnShop

from demo.year import Calendar
from erp_core.expenses.service import log_expense, take_back_expense
from erp_core.invoicing.notes import credit_invoice
from erp_core.invoicing.service import bill_goods
from erp_core.kernel.errors import Conflict
from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.ledger.vouchers import reverse_voucher, write_voucher
from erp_core.parties.service import add_vendor
from erp_core.portals import late
from erp_core.portals.profile import set_profile
from erp_core.portals.reverse_charge import charge
from erp_core.portals.settling import settle_return
from erp_core.purchases.service import record_bill
from erp_core.reports.gst.composition import cmp08
from erp_core.reports.gst.gstr3b import gstr3b
from erp_core.reports.gst.payable import payable
from erp_core.reports.gst.portal_files import cmp08_json, gstr3b_json

APRIL, MAY, JUNE = date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1)


class Shop(OwnShop):
    """Sells pens at ₹1,000, with 18 %."""

    def __init__(self, database, **facts):
        super().__init__(database, Calendar(APRIL), **facts)
        self.pen = self.goods("Pen", 1_000_00, "9608", rate="18")
        self.ravi = self.customer()

    def sell(self, pieces):
        lines = [{"product_id": self.pen, "quantity": str(pieces)}]
        return UUID(self.run(bill_goods, customer_id=self.ravi, lines=lines)["invoice_id"])

    def settle(self, month):
        done = self.run(settle_return, month=month)
        return {name: done[name] for name in ("cash", "interest", "late_fee", "dues", "next")}


@pytest.fixture
def shop(database):
    return Shop(database)


def test_ten_days_late_cost_interest_and_a_fee_that_the_next_return_pays(shop):
    shop.sell(100)  # 9,000.00 of each half
    shop.on(2026, 5, 30)
    with shop.read() as reader:
        before = payable(reader, APRIL)
    # 9,000 × 18 % × 10 / 365 = 44.38 of each half, in rupees; ten days at 25 of each half.
    assert [(one.kind, one.days, one.heads["cgst"], one.heads["sgst"]) for one in before.late] == [
        ("interest", 10, 44_00, 44_00), ("late_fee", 10, 250_00, 250_00)
    ]  # fmt: skip
    assert shop.settle(APRIL) == {
        "cash": 18_000_00, "interest": 88_00, "late_fee": 500_00, "dues": 0, "next": 588_00
    }  # fmt: skip
    assert shop.balances(chart.GST_INTEREST, chart.GST_LATE_FEE, chart.GST_DUES, chart.BANK) == (
        88_00, 500_00, -588_00, -18_000_00
    )  # fmt: skip
    shop.sell(1)
    shop.on(2026, 6, 20)
    with shop.read() as reader:
        assert [one.paise for one in payable(reader, APRIL).late] == [88_00, 500_00]
        assert payable(reader, MAY).dues == 588_00
        april, may = gstr3b(reader, APRIL), gstr3b(reader, MAY)
    assert (april.interest.tax, april.late_fee.tax) == (0, 0)
    assert json.loads(gstr3b_json("x", may))["intr_ltfee"] == {
        "intr_details": {"iamt": 0, "camt": 44, "samt": 44, "csamt": 0},
        "ltfee_details": {"camt": 250, "samt": 250},
    }
    assert shop.settle(MAY) == {
        "cash": 180_00, "interest": 0, "late_fee": 0, "dues": 588_00, "next": 0
    }  # fmt: skip
    assert shop.balances(chart.GST_DUES, chart.GST_CASH, chart.BANK) == (0, 0, -18_768_00)


def test_what_credit_pays_bears_no_interest(shop):
    metro = UUID(shop.run(add_vendor, name="Metro", gstin="27AAACR5055K1Z7")["vendor_id"])
    line = {"product_id": shop.pen, "quantity": "90", "unit_price_paise": 1_000_00}
    shop.run(record_bill, vendor_id=metro, lines=[line])
    shop.sell(100)
    shop.on(2026, 5, 30)
    done = shop.settle(APRIL)
    assert (done["cash"], done["interest"]) == (1_800_00, 8_00)  # 900 × 18 % × 10 / 365 = 4.44


def test_what_lay_in_the_cash_ledger_since_the_last_day_bears_none(shop):
    shop.sell(100)
    shop.on(2026, 5, 20)
    shop.run(write_voucher, kind="gst_paid", amount_paise=9_000_00, account=chart.BANK)
    shop.on(2026, 5, 25)
    shop.run(write_voucher, kind="gst_paid", amount_paise=4_000_00, account=chart.BANK)
    shop.on(2026, 5, 30)
    # What came after the last day bears it all the same: 4,500 × 18 % × 10 / 365 = 22.19.
    assert shop.settle(APRIL)["interest"] == 44_00


def test_on_the_last_day_nothing_is_late(shop):
    shop.sell(100)
    shop.on(2026, 5, 20)
    done = shop.settle(APRIL)
    assert (done["interest"], done["late_fee"], shop.balances(chart.GST_DUES)) == (0, 0, (0,))


@pytest.mark.parametrize(
    ("crore", "days", "fee"),
    [(None, 1, 50), (1, 41, 2_000), (2, 100, 5_000), (2, 101, 5_000), (6, 200, 10_000)],
)
def test_the_fee_has_its_cap_by_the_turnover_of_the_year_before(database, crore, days, fee):
    shop = Shop(database)
    if crore:
        shop.run(set_profile, turnover_paise=crore * 10**9)
    shop.sell(1)
    shop.calendar.turn_to(date(2026, 5, 20) + timedelta(days=days))
    assert shop.settle(APRIL)["late_fee"] == fee * 100


@pytest.mark.parametrize(("days", "fee"), [(3, 60), (40, 500)])
def test_the_fee_of_a_return_without_tax_is_smaller(database, days, fee):
    shop = Shop(database)
    shop.run(write_voucher, kind="capital", amount_paise=100_00)
    shop.calendar.turn_to(date(2026, 5, 20) + timedelta(days=days))
    done = shop.settle(APRIL)
    assert (done["cash"], done["interest"], done["late_fee"]) == (0, 0, fee * 100)


def test_a_return_of_nothing_that_was_filed_in_time_never_becomes_late(shop):
    shop.run(write_voucher, kind="capital", amount_paise=100_00)
    shop.on(2026, 5, 20)
    assert shop.settle(APRIL)["late_fee"] == 0
    shop.on(2026, 7, 1)
    with shop.read() as reader:
        found = payable(reader, APRIL)
        assert found.late == ()
    with pytest.raises(Conflict) as refused:
        shop.settle(APRIL)
    assert refused.value.code == "already_settled"
    assert shop.balances(chart.GST_LATE_FEE) == (0,)


def test_a_month_in_which_more_came_back_than_was_sold_is_one_without_tax(shop):
    bill = shop.sell(1)
    shop.on(2026, 5, 20)
    shop.settle(APRIL)
    shop.run(credit_invoice, invoice_id=bill, reason="returned", back={"1": "1"})
    shop.on(2026, 6, 23)
    assert shop.settle(MAY)["late_fee"] == 60_00


def test_before_the_books_began_nothing_is_late(shop):
    shop.on(2026, 7, 1)
    shop.sell(1)
    assert shop.settle(APRIL)["late_fee"] == 0


def test_within_a_quarter_tax_is_late_after_the_25th_and_there_is_no_return(shop):
    shop.run(set_profile, quarterly=True)
    shop.sell(100)
    shop.on(2026, 6, 4)
    done = shop.settle(APRIL)
    assert (done["interest"], done["late_fee"]) == (88_00, 0)
    shop.on(2026, 7, 23)
    shop.sell(1)
    assert shop.settle(JUNE)["late_fee"] == 50_00  # its quarter was due on the 22nd


def test_under_composition_interest_is_paid_with_its_statement_and_there_is_no_fee(database):
    shop = Shop(database, gst_scheme="composition")
    shop.sell(10_000)
    shop.on(2026, 7, 28)
    with shop.read() as reader:
        told = json.loads(cmp08_json(cmp08(reader, APRIL)))["intr"]
    # 50,000 × 18 % × 10 / 365 = 246.58 of each half.
    assert told == {"txval": 0, "iamt": 0, "camt": 247, "samt": 247, "csamt": 0}
    assert shop.settle(APRIL) == {
        "cash": 1_00_000_00, "interest": 494_00, "late_fee": 0, "dues": 494_00, "next": 0
    }  # fmt: skip
    assert shop.balances(chart.GST_DUES, chart.BANK) == (0, -1_00_494_00)
    shop.on(2026, 9, 1)
    with shop.read() as reader:
        assert cmp08(reader, APRIL).interest.tax == 494_00


def test_with_a_settlement_that_is_undone_goes_what_it_cost(shop):
    shop.sell(100)
    shop.on(2026, 5, 30)
    shop.settle(APRIL)
    with shop.read() as reader:
        entry = next(one for one in ledger.movements(reader, chart.OUTPUT_CGST) if one.paise > 0)
    shop.run(reverse_voucher, voucher_id=entry.source_id, reason="mistake")
    with shop.read() as reader:
        assert late.written(reader, period="2026-04") == ()
    assert shop.balances(chart.GST_INTEREST, chart.GST_LATE_FEE, chart.GST_DUES) == (0, 0, 0)
    assert shop.settle(APRIL)["next"] == 588_00


def spent_on_freight(shop):
    spent = UUID(shop.run(log_expense, amount_paise=1_00_000_00, item="truck bhada")["expense_id"])
    shop.on(2026, 5, 20)
    shop.settle(APRIL)
    return spent


def test_reverse_charge_told_after_its_month_was_filed_goes_into_the_open_one(shop):
    shop.sell(1)
    spent = spent_on_freight(shop)
    shop.on(2026, 6, 5)
    with shop.read() as reader:
        filed = gstr3b_json("x", gstr3b(reader, APRIL))
    done = shop.run(charge, expense_id=spent, service="gta")
    assert (done["due"], done["number"], done["tax"]) == (
        "2026-05-20", "PV27-2627-00001", 5_000_00
    )  # fmt: skip
    with shop.read() as reader:
        assert gstr3b_json("x", gstr3b(reader, APRIL)) == filed
        june = gstr3b(reader, JUNE)
    assert (june.reverse_charge.tax, june.input_reverse.tax, june.difference) == (
        5_000_00, 5_000_00, 0
    )  # fmt: skip
    shop.on(2026, 6, 20)
    shop.settle(MAY)
    shop.on(2026, 7, 20)
    # 2,500 × 18 % × 61 / 365 = 75.21 of each half, though June itself is in time.
    assert shop.settle(JUNE) == {
        "cash": 5_000_00, "interest": 150_00, "late_fee": 0, "dues": 150_00, "next": 0
    }  # fmt: skip
    with shop.read() as reader:
        assert gstr3b(reader, JUNE).interest.tax == 150_00


def test_in_an_open_month_it_is_dated_as_it_was_paid(shop):
    spent = UUID(shop.run(log_expense, amount_paise=1_00_000_00, item="truck bhada")["expense_id"])
    shop.on(2026, 5, 20)
    assert shop.run(charge, expense_id=spent, service="gta")["due"] is None
    with shop.read() as reader:
        assert gstr3b(reader, APRIL).reverse_charge.tax == 5_000_00


def test_taken_back_in_the_same_month_it_bears_no_interest(shop):
    shop.sell(1)
    spent = spent_on_freight(shop)
    shop.on(2026, 6, 5)
    shop.run(charge, expense_id=spent, service="gta")
    shop.run(take_back_expense, expense_id=spent)
    shop.on(2026, 7, 20)
    assert shop.settle(JUNE)["interest"] == 0


def test_of_an_expense_that_is_put_right_only_the_rest_was_late(shop):
    shop.sell(1)
    spent = UUID(shop.run(log_expense, amount_paise=1_00_000_00, item="truck bhada")["expense_id"])
    shop.run(charge, expense_id=spent, service="gta")
    shop.on(2026, 5, 20)
    shop.settle(APRIL)
    shop.on(2026, 6, 5)
    shop.run(take_back_expense, expense_id=spent, right_paise=1_20_000_00)
    shop.on(2026, 7, 20)
    # 6,000 instead of 5,000: 500 × 18 % × 61 / 365 = 15.04 of each half.
    done = shop.settle(JUNE)
    assert (done["cash"], done["interest"]) == (1_000_00, 30_00)


def test_tax_that_was_paid_in_time_and_taken_back_later_bears_no_interest(shop):
    spent = UUID(shop.run(log_expense, amount_paise=1_00_000_00, item="truck bhada")["expense_id"])
    shop.run(charge, expense_id=spent, service="gta")
    shop.on(2026, 5, 20)
    shop.settle(APRIL)
    shop.sell(100)
    shop.run(take_back_expense, expense_id=spent)
    shop.on(2026, 6, 30)
    # Of May's 18,000 the 5,000 are taken off: 6,500 × 18 % × 10 / 365 = 32.05 of each half.
    done = shop.settle(MAY)
    assert (done["cash"], done["interest"]) == (13_000_00, 64_00)


@given(
    paise=st.integers(0, 10**12),
    days=st.integers(0, 3000),
)
def test_interest_is_what_the_formula_of_the_portal_gives_in_rupees(paise, days):
    since = date(2026, 5, 20)
    found = late.interest(
        {"cgst": paise}, since=since, on=since + timedelta(days=days), told_in="2026-05"
    )
    exact = Decimal(paise) * 18 * days / 36500 / 100
    assert found.heads["cgst"] == int(exact.quantize(Decimal(1), ROUND_HALF_UP)) * 100
    assert found.days == days


def fee_of_sales(shop, month):
    with shop.read() as reader:
        found = late.fee_of_sales(reader, month, on=reader.today)
    return found and (found[0].days, found[0].paise, found[1])


@pytest.mark.parametrize(
    ("crore", "days", "fee"),
    [
        (None, 0, None),
        (None, 1, (1, 50_00, 2_000_00)),
        (1, 41, (41, 2_000_00, 2_000_00)),
        (2, 101, (101, 5_000_00, 5_000_00)),
        (6, 200, (200, 10_000_00, 10_000_00)),
    ],
)
def test_gstr1_has_a_fee_of_its_own_after_the_11th(database, crore, days, fee):
    shop = Shop(database)
    if crore:
        shop.run(set_profile, turnover_paise=crore * 10**9)
    shop.sell(1)
    shop.calendar.turn_to(date(2026, 5, 11) + timedelta(days=days))
    assert fee_of_sales(shop, APRIL) == fee
    assert shop.balances(chart.GST_LATE_FEE, chart.GST_DUES) == (0, 0)


def test_that_of_a_gstr1_without_supplies_is_smaller(shop):
    shop.run(write_voucher, kind="capital", amount_paise=100_00)
    shop.on(2026, 5, 14)
    assert fee_of_sales(shop, APRIL) == (3, 60_00, 500_00)


def test_no_gstr1_is_late_once_its_tax_is_settled(shop):
    shop.sell(1)
    shop.on(2026, 5, 20)
    assert fee_of_sales(shop, APRIL) == (9, 450_00, 2_000_00)
    shop.settle(APRIL)
    assert fee_of_sales(shop, APRIL) is None


def test_a_quarterly_gstr1_is_late_after_the_13th_whichever_month_sold(shop):
    shop.run(set_profile, quarterly=True)
    shop.sell(1)
    shop.on(2026, 7, 13)
    assert fee_of_sales(shop, APRIL) is None
    shop.on(2026, 7, 15)
    assert {month: fee_of_sales(shop, month) for month in (APRIL, MAY, JUNE)} == dict.fromkeys(
        (APRIL, MAY, JUNE), (2, 100_00, 2_000_00)
    )


def test_before_the_books_began_no_gstr1_is_late(shop):
    shop.on(2026, 7, 1)
    shop.sell(1)
    assert fee_of_sales(shop, APRIL) is None
