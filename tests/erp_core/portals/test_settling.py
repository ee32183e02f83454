"""A month's tax is set off against its credit, and the rest is paid (sections 49 to 49B)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import UUID

import pytest
from own_shop import OwnShop

from demo.year import Calendar
from erp_core.invoicing.notes import credit_invoice
from erp_core.invoicing.service import bill_goods
from erp_core.kernel.errors import Conflict
from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.ledger.periods import lock_books
from erp_core.ledger.vouchers import reverse_voucher
from erp_core.parties.service import add_vendor
from erp_core.portals.due import remind
from erp_core.portals.profile import set_profile
from erp_core.portals.settling import (
    COST,
    provide_composition_tax,
    set_off,
    settle_return,
    turnover,
)
from erp_core.purchases.service import record_bill
from erp_core.reports.gst.composition import cmp08
from erp_core.reports.gst.gstr3b import gstr3b

APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)


def heads(igst=0, cgst=0, sgst=0, cess=0):
    return {"igst": igst, "cgst": cgst, "sgst": sgst, "cess": cess}


@pytest.mark.parametrize(
    ("owed", "credit", "used", "cash"),
    [
        # Each head's own credit pays it.
        (heads(0, 900, 900), heads(0, 500, 900), heads(0, 500, 900), heads(0, 400)),
        # Integrated credit is used up first, and where own credit falls short.
        (heads(0, 900, 900), heads(1000, 100, 900), heads(1000, 0, 800), heads()),
        (heads(500, 900, 900), heads(600, 900, 100), heads(600, 900, 100), heads(sgst=700)),
        # Central and state credit pay integrated tax, never each other.
        (heads(1000, 0, 900), heads(0, 700, 1000), heads(0, 700, 1000), heads(200)),
        (heads(0, 900, 0), heads(0, 0, 5000), heads(), heads(cgst=900)),
        # Credit below zero is owed.
        (heads(0, 900, 900), heads(-100, 1200, 0), heads(-100, 1000, 0), heads(sgst=900)),
        # Cess pays cess.
        (heads(0, 90, 90, 500), heads(0, 90, 90, 200), heads(0, 90, 90, 200), heads(cess=300)),
    ],
)  # fmt: skip
def test_credit_is_used_in_the_order_of_the_law(owed, credit, used, cash):
    rupees = [{head: paise * 100 for head, paise in one.items()} for one in (owed, credit)]
    found = set_off(rupees[0], {}, rupees[1])
    assert {head: paise // 100 for head, paise in found.credit.items()} == used
    assert {head: paise // 100 for head, paise in found.cash.items()} == cash
    assert found.rounding == 0


def test_reverse_charge_is_paid_in_cash_and_cash_in_whole_rupees():
    found = set_off(heads(0, 900_49, 900_51), heads(0, 90_49, 90_51), heads(0, 5000_00, 5000_00))
    assert (found.cash, found.credit) == (heads(0, 90_00, 91_00), heads(0, 810_00, 810_00))
    assert found.rounding == 0


class Shop(OwnShop):
    def __init__(self, database, **facts):
        super().__init__(database, Calendar(APRIL), **facts)
        self.pen = self.goods("Pen", 200_00, "9608", rate="18")
        self.vendor = UUID(self.run(add_vendor, name="Metro", gstin="27AAACR5055K1Z7")["vendor_id"])
        self.ravi = self.customer()

    def buy(self, pieces, **facts):
        line = {"product_id": self.pen, "quantity": str(pieces), "unit_price_paise": 100_00}
        self.run(record_bill, vendor_id=self.vendor, lines=[line], **facts)

    def sell(self, pieces):
        lines = [{"product_id": self.pen, "quantity": str(pieces)}]
        return UUID(self.run(bill_goods, customer_id=self.ravi, lines=lines)["invoice_id"])


def test_a_month_is_paid_once_and_stands_for_nothing_then(database):
    shop = Shop(database)
    shop.buy(10)
    shop.buy(10, reverse_charge=True)
    shop.sell(20)
    with pytest.raises(Conflict) as refused:
        shop.run(settle_return, month=APRIL)
    assert refused.value.code == "period_not_over"
    shop.calendar.turn_to(date(2026, 5, 20))
    shop.sell(5)
    done = shop.run(settle_return, month=APRIL)
    assert done == {
        "period": "2026-04", "owed": 900_00, "credit": 360_00, "cash": 540_00, "interest": 0,
        "late_fee": 0, "days": 0, "dues": 0, "next": 0, "paid": 540_00,
    }  # fmt: skip
    assert shop.balances(chart.BANK, chart.GST_CASH, chart.INPUT_CGST) == (-540_00, 0, 0)
    assert shop.balances(*chart.OUTPUT_TAX.values()) == (0, -90_00, -90_00, 0)
    with shop.read() as reader:
        april, may = gstr3b(reader, APRIL), gstr3b(reader, MAY)
    assert (april.input_tax.tax, may.input_tax.tax) == (360_00, 0)
    assert (april.difference, may.difference) == (0, 0)
    with pytest.raises(Conflict) as refused:
        shop.run(settle_return, month=APRIL)
    assert refused.value.code == "already_settled"


def test_two_who_pay_at_once_pay_it_once(database):
    shop = Shop(database)
    shop.sell(5)
    shop.calendar.turn_to(date(2026, 5, 20))

    def settle(_):
        try:
            return shop.run(settle_return, month=APRIL)["period"]
        except Conflict as refused:
            return refused.code

    with ThreadPoolExecutor(4) as pool:
        done = sorted(pool.map(settle, range(4)))
    assert done == ["2026-04", *["already_settled"] * 3]
    assert shop.balances(chart.BANK, chart.OUTPUT_CGST, chart.GST_CASH) == (-180_00, 0, 0)


def test_credit_beyond_the_tax_is_kept_and_cash_that_lies_there_is_used(database):
    shop = Shop(database)
    shop.buy(30)
    shop.sell(5)
    shop.calendar.turn_to(date(2026, 5, 20))
    assert shop.run(settle_return, month=APRIL)["cash"] == 0
    assert shop.balances(chart.INPUT_CGST, chart.INPUT_SGST) == (180_00, 180_00)


def test_a_settlement_that_was_undone_can_be_made_again(database):
    shop = Shop(database)
    shop.sell(5)
    shop.calendar.turn_to(date(2026, 5, 20))
    shop.run(settle_return, month=APRIL)
    with shop.read() as reader:
        entry = next(one for one in ledger.movements(reader, chart.OUTPUT_CGST) if one.paise > 0)
    shop.run(reverse_voucher, voucher_id=entry.source_id, reason="mistake")
    done = shop.run(settle_return, month=APRIL)
    assert (done["cash"], done["paid"]) == (180_00, 0)


def test_under_composition_the_share_of_the_turnover_is_a_cost_of_its_quarter(database):
    shop = Shop(database, gst_scheme="composition")
    bill = shop.sell(50)
    shop.calendar.turn_to(date(2026, 6, 30))
    assert shop.run(provide_composition_tax, month=APRIL) == {"period": "2026-06", "tax": 100_00}
    shop.run(credit_invoice, invoice_id=bill, reason="returned", back={"1": "10"}, goods_back=True)
    shop.run(provide_composition_tax, month=APRIL)
    assert shop.balances(COST, chart.OUTPUT_CGST, chart.OUTPUT_SGST) == (80_00, -40_00, -40_00)
    shop.calendar.turn_to(date(2026, 7, 18))
    done = shop.run(settle_return, month=APRIL)
    assert (done["period"], done["paid"]) == ("2026-06", 80_00)
    assert shop.balances(COST, *chart.OUTPUT_TAX.values()) == (80_00, 0, 0, 0, 0)
    with shop.read() as reader:
        assert cmp08(reader, APRIL).payable.tax == 80_00


def test_dishes_tell_the_rate_of_a_quarter_in_which_nothing_was_billed(database):
    shop = OwnShop(database, Calendar(APRIL), gst_scheme="composition")
    with shop.read() as reader:
        assert turnover(reader, APRIL, date(2026, 6, 30)).rate == 100
    shop.goods("Masala dosa", 90_00, "996331")
    with shop.read() as reader:
        found = turnover(reader, APRIL, date(2026, 6, 30))
    assert (found.trade, found.rate, found.paise) == ("food", 500, 0)


def test_the_job_of_the_day_writes_the_tax_of_a_quarter_that_is_over(database):
    shop = Shop(database, gst_scheme="composition")
    shop.sell(50)
    shop.calendar.turn_to(date(2026, 6, 30))
    shop.run(remind)
    assert shop.balances(COST) == (0,)
    shop.calendar.turn_to(date(2026, 7, 2))
    shop.sell(50)
    shop.run(remind)
    assert shop.balances(COST, chart.OUTPUT_CGST) == (100_00, -50_00)
    shop.calendar.turn_to(date(2026, 10, 2))
    shop.run(lock_books, until=date(2026, 9, 30))
    shop.run(remind)
    assert shop.balances(COST) == (100_00,)


def test_the_job_of_the_day_changes_nothing_in_a_quarter_that_is_filed(database):
    shop = Shop(database, gst_scheme="composition")
    shop.sell(50)
    shop.calendar.turn_to(date(2026, 7, 2))
    shop.run(settle_return, month=APRIL)
    shop.run(set_profile, trade="food")
    shop.run(remind)
    assert shop.balances(COST, chart.OUTPUT_CGST) == (100_00, 0)
