"""Input credit of a shop that also sells without tax: rules 42 and 43, by month and by year."""

from __future__ import annotations

import json
from datetime import date
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
from erp_core.ledger import chart
from erp_core.ledger.periods import lock_books
from erp_core.parties.service import add_vendor, change_business
from erp_core.portals.apportioning import Share, apportioned
from erp_core.portals.due import remind
from erp_core.portals.periods import NONE
from erp_core.portals.profile import set_profile
from erp_core.portals.reverse_charge import charge
from erp_core.portals.settling import settle_return
from erp_core.purchases.reversing import review_credit
from erp_core.purchases.service import record_bill
from erp_core.reports.gst.payable import payable
from erp_core.reports.gst.portal_files import gstr3b_json

APRIL, MAY, MARCH = date(2026, 4, 1), date(2026, 5, 1), date(2027, 3, 1)


class Shop(OwnShop):
    """Sells pens with 18 % and loose rice without tax."""

    def __init__(self, database, **facts):
        super().__init__(database, Calendar(APRIL), **facts)
        self.pen = self.goods("Pen", 100_00, "9608", rate="18")
        self.rice = self.goods("Loose rice", 100_00, "1006", rate="0", packing="loose")
        self.metro = UUID(self.run(add_vendor, name="Metro", gstin="27AAACR5055K1Z7")["vendor_id"])
        self.ravi = self.customer()

    def sell(self, pens=0, rice=0):
        lines = [
            {"product_id": one, "quantity": str(count)}
            for one, count in ((self.pen, pens), (self.rice, rice))
            if count
        ]
        return UUID(self.run(bill_goods, customer_id=self.ravi, lines=lines)["invoice_id"])

    def buy(self, product, pieces, rate, **facts):
        line = {"product_id": product, "quantity": str(pieces), "unit_price_paise": 100_00}
        self.run(record_bill, vendor_id=self.metro, lines=[{**line, "rate": rate}], **facts)

    def spend(self, amount, gst, item="bijli ka bill", **facts):
        done = self.run(log_expense, amount_paise=amount, gst_paise=gst, item=item, **facts)
        return UUID(done["expense_id"])

    def found(self, month):
        with self.read() as reader:
            return apportioned(reader, month)


@pytest.fixture
def shop(database):
    return Shop(database)


def halves(paise):
    return {**NONE, "cgst": paise, "sgst": paise}


def test_of_common_credit_the_share_of_what_is_exempt_goes_back(shop):
    shop.sell(pens=75, rice=25)
    shop.spend(11_800_00, 1_800_00)  # 900.00 of each half
    found = shop.found(APRIL)
    assert (found.share, found.own) == (Share(2_500_00, 10_000_00), halves(225_00))
    told = shop.summary(APRIL)
    assert (told.given_back.tax, told.available.tax, told.input_tax.tax, told.difference) == (
        450_00, 1_800_00, 1_350_00, 0
    )  # fmt: skip
    filed = json.loads(gstr3b_json("x", told))["itc_elg"]
    assert filed["itc_rev"][0] == {"ty": "RUL", "iamt": 0, "camt": 225, "samt": 225, "csamt": 0}
    assert filed["itc_net"]["camt"] == 675


def test_the_settlement_writes_it_as_a_cost_and_pays_what_it_leaves(shop):
    shop.sell(pens=75, rice=25)  # 1,350.00 of tax
    shop.spend(11_800_00, 1_800_00)
    with shop.read() as reader:
        before = payable(reader, APRIL)
    shop.on(2026, 5, 20)
    done = shop.run(settle_return, month=APRIL)
    assert (before.cash, done["cash"], done["credit"]) == (0, 0, 1_350_00)
    assert shop.balances(chart.CREDIT_NOT_ALLOWED, chart.INPUT_CGST) == (450_00, 0)
    assert shop.summary(APRIL).input_tax.tax == 1_350_00


def test_credit_on_goods_goes_by_the_goods_alone(shop):
    shop.sell(pens=50, rice=50)
    shop.buy(shop.pen, 10, 1800)  # 180.00, stands
    shop.buy(shop.rice, 10, 500)  # bought packed with 5 %, sold loose without: 50.00 goes back
    found = shop.found(APRIL)
    assert (found.exempt, found.own) == (halves(25_00), NONE)
    assert shop.summary(APRIL).input_tax.tax == 180_00
    shop.on(2026, 5, 1)
    shop.run(remind)
    assert shop.balances(chart.COGS, chart.INPUT_CGST) == (50_00, 90_00)


def test_credit_under_reverse_charge_goes_back_with_the_return_that_tells_its_tax(shop):
    shop.sell(pens=50, rice=50)
    shop.on(2026, 5, 20)
    shop.run(settle_return, month=APRIL)
    shop.buy(shop.rice, 10, 500, reverse_charge=True, on=APRIL)
    assert (shop.found(APRIL).exempt, shop.found(MAY).exempt) == (NONE, halves(25_00))
    told = shop.summary(MAY)
    assert (told.input_reverse.tax, told.given_back.tax, told.input_tax.tax) == (50_00, 50_00, 0)


def test_services_under_reverse_charge_are_common_too(shop):
    shop.sell(pens=50, rice=50)
    spent = shop.spend(10_000_00, 0, "truck bhada")
    shop.run(charge, expense_id=spent, service="gta")
    assert shop.found(APRIL).own == halves(125_00)
    shop.run(take_back_expense, expense_id=spent)
    assert shop.found(APRIL).common == NONE


def test_a_shop_without_exempt_sales_gives_nothing_back(shop):
    shop.sell(pens=10)
    shop.spend(11_800_00, 1_800_00)
    assert shop.found(APRIL).total == NONE


def test_goods_that_came_back_are_not_in_the_turnover(shop):
    bill = shop.sell(pens=50, rice=50)
    shop.run(credit_invoice, invoice_id=bill, reason="returned", back={"2": "50"})
    assert shop.found(APRIL).share == Share(0, 5_000_00)


def test_what_was_sold_under_composition_is_no_turnover_of_who_takes_credit(database):
    shop = Shop(database, gst_scheme="composition")
    shop.sell(pens=50)
    shop.on(2026, 7, 1)
    shop.run(change_business, gst_scheme="regular")
    shop.spend(11_800_00, 1_800_00)
    assert shop.found(date(2026, 7, 1)).own == NONE
    shop.sell(pens=75, rice=25)
    assert shop.found(date(2026, 7, 1)).own == halves(225_00)
    shop.on(2027, 3, 1)
    assert shop.found(MARCH).year == halves(225_00)  # July's, which is not filed yet


def test_in_a_month_without_sales_the_last_that_had_some_counts(shop):
    shop.sell(pens=75, rice=25)
    shop.on(2026, 6, 10)
    shop.spend(11_800_00, 1_800_00)
    assert shop.found(date(2026, 6, 1)).own == halves(225_00)


def test_five_percent_goes_back_where_some_of_it_serves_no_business(shop):
    shop.sell(pens=10)
    shop.spend(11_800_00, 1_800_00)
    shop.run(set_profile, private_use=True)
    assert shop.found(APRIL).private == halves(45_00)
    shop.on(2026, 5, 1)
    shop.run(remind)
    assert shop.balances(chart.DRAWINGS, chart.INPUT_SGST) == (90_00, 855_00)


def test_of_capital_goods_a_sixtieth_bears_it_for_sixty_months(shop):
    shop.sell(pens=50, rice=50)
    shop.spend(70_800_00, 10_800_00, "fridge")
    found = shop.found(APRIL)
    assert (found.common, found.capital) == (NONE, halves(45_00))  # 5,400 / 60, half of it
    assert shop.found(date(2031, 3, 1)).capital == halves(45_00)
    assert shop.found(date(2031, 4, 1)).capital == NONE


def test_march_sets_right_what_the_months_gave_by_the_turnover_of_the_year(shop):
    shop.sell(pens=50, rice=50)
    shop.spend(11_800_00, 1_800_00)  # half of it: 450.00 of each
    shop.on(2026, 5, 20)
    shop.run(settle_return, month=APRIL)
    shop.on(2027, 3, 10)
    shop.sell(pens=300)
    found = shop.found(MARCH)  # in the year an eighth: 112.50 of each
    assert (found.own, found.year) == (NONE, halves(-337_50))
    told = shop.summary(MARCH)
    assert (told.given_back.tax, told.available.tax) == (0, 675_00)
    shop.on(2027, 4, 20)
    shop.run(settle_return, month=MARCH)
    assert shop.balances(chart.CREDIT_NOT_ALLOWED) == (225_00,)


def test_a_filed_month_stays_as_it_was_filed(shop):
    shop.sell(pens=75, rice=25)
    spent = shop.spend(11_800_00, 1_800_00)
    shop.on(2026, 5, 20)
    shop.run(settle_return, month=APRIL)
    filed = gstr3b_json("x", shop.summary(APRIL))
    shop.run(lock_books, until=date(2026, 4, 30))
    shop.run(take_back_expense, expense_id=spent)
    assert gstr3b_json("x", shop.summary(APRIL)) == filed


def test_what_is_written_late_bears_its_share_in_the_month_that_tells_it(shop):
    shop.sell(pens=75, rice=25)
    shop.on(2026, 5, 12)
    shop.run(settle_return, month=APRIL)
    shop.sell(pens=50, rice=50)
    shop.spend(11_800_00, 1_800_00, on=date(2026, 4, 20))
    with shop.read() as reader:
        april, may = apportioned(reader, APRIL), apportioned(reader, MAY)
    assert (sum(april.common.values()), sum(may.common.values())) == (0, 1_800_00)
    assert (shop.summary(APRIL).given_back.tax, shop.summary(MAY).given_back.tax) == (0, 900_00)


def test_goods_sold_without_tax_that_are_written_late_give_back_where_they_are_told(shop):
    shop.sell(pens=75, rice=25)
    shop.on(2026, 5, 12)
    shop.run(settle_return, month=APRIL)
    shop.buy(shop.rice, 10, 500, on=date(2026, 4, 20))
    assert shop.summary(APRIL).given_back.tax == 0
    assert shop.summary(MAY).given_back.tax == shop.summary(MAY).available.tax > 0


def test_what_went_back_since_it_is_sold_without_tax_is_not_reversed_again_as_unpaid(shop):
    shop.sell(pens=75, rice=25)
    goods = [(shop.rice, 500), (shop.pen, 1800)]
    lines = [
        {"product_id": one, "quantity": "10", "unit_price_paise": 100_00, "rate": rate}
        for one, rate in goods
    ]
    shop.run(record_bill, vendor_id=shop.metro, lines=lines)
    assert shop.summary(APRIL).given_back.tax == 50_00
    shop.on(2026, 10, 10)
    assert shop.run(review_credit)["reversed"] == 180_00


def test_in_closed_books_it_is_dated_today_and_told_in_its_month(shop):
    shop.sell(pens=75, rice=25)
    shop.spend(11_800_00, 1_800_00)
    shop.on(2026, 5, 10)
    shop.run(lock_books, until=date(2026, 4, 30))
    shop.on(2026, 5, 20)
    done = shop.run(settle_return, month=APRIL)
    assert done["credit"] == 1_350_00
    april, may = shop.summary(APRIL), shop.summary(MAY)
    assert (april.given_back.tax, may.given_back.tax, may.input_tax.tax) == (450_00, 0, 0)
    with shop.read() as reader:
        assert payable(reader, MAY).carried == 0


def test_what_is_dated_after_a_month_that_is_paid_late_is_no_credit_of_it(shop):
    shop.sell(pens=75, rice=25)
    shop.spend(11_800_00, 1_800_00)
    shop.on(2026, 5, 10)
    shop.sell(pens=75)
    shop.run(lock_books, until=date(2026, 4, 30))
    shop.on(2026, 6, 10)
    shop.run(settle_return, month=APRIL)
    with shop.read() as reader:
        assert (payable(reader, MAY).carried, payable(reader, MAY).cash) == (0, 1_350_00)
    done = shop.run(settle_return, month=MAY)
    assert (done["credit"], done["cash"]) == (0, 1_350_00)


@given(
    paise=st.integers(-(10**12), 10**12),
    exempt=st.integers(0, 10**13),
    taxed=st.integers(0, 10**13),
)
def test_what_goes_back_is_the_exact_share_to_the_paisa_and_never_more(paise, exempt, taxed):
    found = Share(exempt, exempt + taxed).of(paise)
    if exempt + taxed == 0:
        assert found == 0
        return
    exact = (Decimal(paise) * exempt / (exempt + taxed)).quantize(Decimal(1), ROUND_HALF_UP)
    assert found == int(exact)
    assert abs(found) <= abs(paise)
