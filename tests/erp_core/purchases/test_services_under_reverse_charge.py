"""A service under reverse charge: its tax is owed in cash, set off, filed, and documented."""

from __future__ import annotations

import json
from datetime import date
from uuid import UUID

import pypdfium2
import pytest
from own_shop import OwnShop
from sqlalchemy import update

from channels.whatsapp.attachments import reverse_charge_pdf
from demo.year import Calendar
from erp_core.expenses.service import log_expense, take_back_expense
from erp_core.kernel.errors import Conflict, NotFound
from erp_core.ledger import chart
from erp_core.ledger.periods import lock_books
from erp_core.parties.models import businesses
from erp_core.parties.service import add_vendor, change_business
from erp_core.portals.reverse_charge import charge, charges_between
from erp_core.portals.settling import settle_return
from erp_core.reports.gst.composition import cmp08, gstr4
from erp_core.reports.gst.gstr1 import gstr1
from erp_core.reports.gst.gstr3b import gstr3b
from erp_core.reports.gst.portal_files import gstr1_json, gstr3b_json
from erp_core.tax.reverse_charge import goods_listed, meant, services

APRIL = date(2026, 4, 10)
FAR = "29AAGCB7383J1Z4"
COMPANY = "27AAACR5055K1Z7"


class Shop(OwnShop):
    def __init__(self, database, **facts):
        super().__init__(database, Calendar(APRIL), **facts)

    def spend(self, amount, item, **facts):
        done = self.run(log_expense, amount_paise=amount, item=item, **facts)
        return UUID(done["expense_id"])


@pytest.fixture
def shop(database):
    return Shop(database)


def test_freight_of_a_transporter_is_taxed_here_and_set_off(shop):
    spent = shop.spend(10_000_00, "truck ka bhada", vendor="Sharma Roadlines")
    done = shop.run(charge, expense_id=spent, service="gta")
    assert done == {
        "charge_id": done["charge_id"], "expense_id": str(spent), "service": "gta",
        "number": "PV27-2627-00001", "self_invoice": "SI27-2627-00001",
        "taxable": 10_000_00, "rate": 500, "tax": 500_00, "credit": 500_00,
        "due": None,
    }  # fmt: skip
    assert shop.balances(chart.INPUT_CGST, chart.INPUT_SGST, chart.OUTPUT_CGST) == (
        250_00, 250_00, -250_00
    )  # fmt: skip
    with shop.read() as reader:
        found = gstr3b(reader, APRIL)
        documents = json.loads(gstr1_json(gstr1(reader, APRIL)))["doc_issue"]["doc_det"]
        filed = json.loads(gstr3b_json("27AAPFU0939F1ZV", found))
    assert (found.reverse_charge.taxable, found.reverse_charge.tax) == (10_000_00, 500_00)
    assert (found.input_reverse.tax, found.difference) == (500_00, 0)
    assert [(one["doc_num"], one["docs"][0]["from"]) for one in documents] == [
        (2, "SI27-2627-00001"), (7, "PV27-2627-00001")
    ]  # fmt: skip
    assert filed["sup_details"]["isup_rev"]["txval"] == 10_000


def test_it_is_paid_in_cash_though_there_is_credit(shop):
    spent = shop.spend(10_000_00, "truck ka bhada")
    shop.run(charge, expense_id=spent, service="gta")
    shop.calendar.turn_to(date(2026, 5, 20))
    done = shop.run(settle_return, month=APRIL)
    assert (done["owed"], done["credit"], done["cash"]) == (500_00, 0, 500_00)


def test_across_states_it_is_integrated_and_a_registered_supplier_needs_no_invoice_of_ours(shop):
    shop.run(add_vendor, name="Bangalore Legal", gstin=FAR)
    spent = shop.spend(5_000_00, "vakil ki fees", vendor="Bangalore Legal")
    done = shop.run(charge, expense_id=spent, service="advocate")
    assert (done["tax"], done["self_invoice"]) == (900_00, None)
    assert shop.balances(chart.INPUT_IGST, chart.OUTPUT_IGST) == (900_00, -900_00)


def test_under_composition_it_is_a_cost_and_stands_in_cmp08_and_gstr4(database):
    shop = Shop(database, gst_scheme="composition")
    spent = shop.spend(10_000_00, "truck ka bhada")
    assert shop.run(charge, expense_id=spent, service="gta")["credit"] == 0
    assert shop.balances("EXPENSE:transport", chart.INPUT_CGST) == (10_500_00, 0)
    with shop.read() as reader:
        quarter, year = cmp08(reader, APRIL), gstr4(reader, APRIL)
    assert (quarter.inward.taxable, quarter.payable.tax) == (10_000_00, 500_00)
    assert [(one.part, one.bought.taxable, one.bought.tax) for one in year.inward] == [
        ("4C", 10_000_00, 500_00)
    ]  # fmt: skip
    rent = shop.spend(20_000_00, "dukaan ka kiraya")
    with pytest.raises(Conflict) as refused:
        shop.run(charge, expense_id=rent, service="rent")
    assert refused.value.code == "no_reverse_charge"


def test_rent_is_on_the_list_since_october_2024_and_only_of_who_is_not_registered(shop):
    assert services()["rent"].rate_on(date(2024, 10, 9)) is None
    assert services()["rent"].rate_on(date(2024, 10, 10)) == 1800
    shop.run(add_vendor, name="Estates", gstin="27AAACR5055K1Z7")
    spent = shop.spend(20_000_00, "dukaan ka kiraya", vendor="Estates")
    with pytest.raises(Conflict) as refused:
        shop.run(charge, expense_id=spent, service="rent")
    assert refused.value.code == "charged_by_vendor"


def test_what_the_supplier_charged_is_not_owed_again_and_nothing_is_owed_twice(shop):
    taxed = shop.spend(11_800_00, "security guard", gst_paise=1_800_00)
    with pytest.raises(Conflict) as refused:
        shop.run(charge, expense_id=taxed, service="security")
    assert refused.value.code == "charged_by_vendor"
    spent = shop.spend(10_000_00, "security guard")
    shop.run(charge, expense_id=spent, service="security")
    with pytest.raises(Conflict) as refused:
        shop.run(charge, expense_id=spent, service="security")
    assert refused.value.facts == {"number": "PV27-2627-00001"}


def test_with_an_expense_that_is_taken_back_goes_its_tax(shop):
    spent = shop.spend(10_000_00, "truck ka bhada")
    shop.run(charge, expense_id=spent, service="gta")
    shop.run(take_back_expense, expense_id=spent)
    assert shop.balances(chart.INPUT_CGST, chart.OUTPUT_CGST) == (0, 0)
    with shop.read() as reader:
        found = gstr3b(reader, APRIL)
    assert (found.reverse_charge.tax, found.input_reverse.tax, found.difference) == (0, 0, 0)
    with pytest.raises(NotFound):
        shop.run(charge, expense_id=spent, service="gta")


def test_an_amount_put_right_bears_the_tax_of_what_is_right(shop):
    spent = shop.spend(10_000_00, "truck ka bhada", vendor="Sharma Roadlines")
    shop.run(charge, expense_id=spent, service="gta")
    shop.run(take_back_expense, expense_id=spent, right_paise=12_000_00)
    assert shop.balances(chart.INPUT_CGST, chart.OUTPUT_CGST) == (300_00, -300_00)
    with shop.read() as reader:
        found = gstr3b(reader, APRIL)
    assert (found.reverse_charge.taxable, found.reverse_charge.tax) == (12_000_00, 600_00)
    assert found.difference == 0


def test_in_closed_books_it_is_taken_back_in_the_month_of_today(shop):
    spent = shop.spend(10_000_00, "truck ka bhada")
    shop.run(charge, expense_id=spent, service="gta")
    shop.calendar.turn_to(date(2026, 5, 10))
    shop.run(lock_books, until=date(2026, 4, 30))
    shop.run(take_back_expense, expense_id=spent)
    with shop.read() as reader:
        april, may = gstr3b(reader, APRIL), gstr3b(reader, date(2026, 5, 1))
    assert (april.reverse_charge.tax, may.reverse_charge.tax) == (500_00, -500_00)
    assert (april.difference, may.difference) == (0, 0)


def test_what_is_put_right_after_the_list_changed_bears_the_tax_of_the_day_it_was_paid(shop):
    shop.run(change_business, gst_scheme="composition")
    shop.calendar.turn_to(date(2025, 1, 10))
    spent = shop.spend(10_000_00, "dukan ka kiraya")
    shop.run(charge, expense_id=spent, service="rent")
    shop.calendar.turn_to(date(2025, 2, 10))
    shop.run(lock_books, until=date(2025, 1, 31))
    shop.run(take_back_expense, expense_id=spent, right_paise=12_000_00)
    with shop.read() as reader:
        found = charges_between(reader, date(2025, 2, 1), date(2025, 2, 28))
    assert sorted((one.sign, one.tax) for one in found) == [(-1, 1_800_00), (1, 2_160_00)]


def test_what_is_not_on_the_list_is_refused(shop):
    spent = shop.spend(1_000_00, "office chair")
    with pytest.raises(Conflict) as refused:
        shop.run(charge, expense_id=spent, service="haircut")
    assert refused.value.code == "no_reverse_charge"


def test_rent_was_owed_under_composition_until_january_2025():
    rent, shop = services()["rent"], "27AAPFU0939F1ZV"
    assert rent.rate_for(shop, date(2025, 1, 15), composition=True) == 1800
    assert rent.rate_for(shop, date(2025, 1, 16), composition=True) is None
    assert rent.rate_for(shop, date(2025, 1, 16), composition=False) == 1800


@pytest.mark.parametrize(
    ("service", "recipient", "rate"),
    [
        ("motor", COMPANY, 500), ("motor", "27AAPFU0939F1ZV", None),
        ("director", COMPANY, 1800), ("director", "27AAPFU0939F1ZV", None),
        ("sponsorship", COMPANY, 1800), ("sponsorship", "27AAPFU0939F1ZV", 1800),
        ("municipal", "27AAPFU0939F1ZV", 1800), ("municipal", None, None),
    ],
)  # fmt: skip
def test_some_services_are_owed_by_companies_or_firms_alone(service, recipient, rate):
    assert services()[service].rate_for(recipient, APRIL, composition=False) == rate


def test_a_company_charges_what_others_leave_to_the_recipient():
    security, sponsorship = services()["security"], services()["sponsorship"]
    assert security.is_charged_by(COMPANY, APRIL)
    assert not security.is_charged_by("27AAPFU0939F1ZV", APRIL)
    assert not sponsorship.is_charged_by(COMPANY, date(2025, 1, 15))
    assert sponsorship.is_charged_by(COMPANY, date(2025, 1, 16))


def test_the_tax_on_a_hired_car_is_a_cost(database):
    shop = Shop(database)
    with shop.bahi.database.tenant(shop.business) as connection:
        connection.execute(
            update(businesses).where(businesses.c.id == shop.business).values(gstin=COMPANY)
        )
    spent = shop.spend(10_000_00, "gaadi kiraye par")
    done = shop.run(charge, expense_id=spent, service="motor")
    assert (done["tax"], done["credit"]) == (500_00, 0)


@pytest.mark.parametrize(
    ("hsn", "on", "seller"),
    [
        ("7204", date(2024, 10, 9), None), ("72044900", date(2024, 10, 10), "unregistered"),
        ("7323", APRIL, None), ("2401", APRIL, "farmer"), ("0801", APRIL, None),
        ("080131", APRIL, "farmer"), ("5201", date(2017, 11, 14), None), (None, APRIL, None),
    ],
)  # fmt: skip
def test_goods_are_listed_by_their_codes(hsn, on, seller):
    found = goods_listed(hsn, on)
    assert (found.seller if found else None) == seller


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ("transporter ka bilti kharcha", "gta"), ("वकील की फीस", "advocate"),
        ("security guard november", "security"), ("dukaan ka kiraya", "rent"),
        ("nagar palika ka kiraya", "municipal"), ("gaadi ka kiraya", "motor"),
        ("chai nashta", None), (None, None),
    ],
)  # fmt: skip
def test_words_name_a_service(item, code):
    found = meant(item)
    assert (found.code if found else None) == code


@pytest.mark.parametrize("language", ["english", "hindi"])
def test_the_voucher_says_what_rule_52_asks_for(shop, language):
    spent = shop.spend(10_000_00, "truck ka bhada", vendor="Sharma Roadlines")
    done = shop.run(charge, expense_id=spent, service="gta")
    with shop.read() as reader:
        made = reverse_charge_pdf(reader, {"id": done["charge_id"]}, language)
    assert made.filename == "PV27-2627-00001.pdf"
    if language == "english":
        page = pypdfium2.PdfDocument(made.data)[0].get_textpage().get_text_range()
        for text in (
            "Payment Voucher PV27-2627-00001", "Self-invoice SI27-2627-00001", "Sharma Roadlines",
            "10-04-2026", "CGST 2.5 %", "250.00", "500.00", "Maharashtra (27)", "charge: Yes",
        ):  # fmt: skip
            assert text in page
