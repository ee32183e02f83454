"""Five kinds of shop trade for a whole year, with fewer bills a day; their books hold."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from checkers import BEAN_CHECK, HLEDGER, check_beancount, check_hledger, check_tally

from demo import year
from erp_core.db.engine import Database
from erp_core.expenses.queries import expenses_between
from erp_core.inventory.queries import movements
from erp_core.invoicing.queries import invoices_between
from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.portals.settling import COST
from erp_core.purchases.queries import bills_between
from erp_core.reports.gst.composition import cmp08, is_under_composition
from erp_core.reports.gst.gstr3b import gstr3b
from erp_core.reports.gst.payable import payable

DAYS = 365
LAST = year.YEAR + timedelta(days=DAYS - 1)
FEW = {"kirana": 0.03, "mobile": 0.08, "garments": 0.08, "medical": 0.04, "restaurant": 0.02}
"""The share of a shop's usual bills that is enough to meet everything that a year brings."""

Of = Callable[[str], year.Trade]


@pytest.fixture(scope="module")
def year_of(database: Database) -> Of:
    """A shop after its year of trade, made once."""
    traded: dict[str, year.Trade] = {}

    def shop(name: str) -> year.Trade:
        if name not in traded:
            number = str(uuid4().int % 10**15)
            bahi, business_id = year.open_shop(database, name, number=number)
            habits = year.habits_of(name)
            traded[name] = year.trade(bahi, business_id, habits, DAYS, seed=7, pace=FEW[name])
        return traded[name]

    return shop


@pytest.mark.parametrize("name", year.names())
def test_an_accountant_has_nothing_to_correct(year_of: Of, name: str, tmp_path: Path) -> None:
    shop = year_of(name)
    with shop.read() as reader:
        assert len(invoices_between(reader, year.YEAR, LAST)) > 60
        assert year.faults(reader, year.YEAR, LAST) == []
        papers = year.write_papers(reader, year.YEAR, LAST, tmp_path, shop.habits, printed=False)
    assert all(paper.stat().st_size for paper in papers)
    check_tally((tmp_path / "books.xml").read_text())
    if BEAN_CHECK:
        check_beancount((tmp_path / "books.beancount").read_text(), tmp_path)
    if HLEDGER:
        check_hledger((tmp_path / "books.journal").read_text(), tmp_path)


@pytest.mark.parametrize("name", year.names())
def test_at_the_years_end_only_the_tax_of_its_last_return_is_owed(year_of: Of, name: str) -> None:
    with year_of(name).read() as reader:
        owed = -sum(ledger.balance_of(reader, code) for code in chart.OUTPUT_TAX.values())
        if is_under_composition(reader):
            last = cmp08(reader, LAST).payable.tax
        else:
            summary = gstr3b(reader, LAST)
            last = summary.taxable.tax + summary.reverse_charge.tax
    assert owed == last > 0


@pytest.mark.parametrize("name", ["garments", "kirana", "medical", "mobile"])
def test_at_the_years_end_the_books_hold_the_credit_that_the_last_return_leaves(
    year_of: Of, name: str
) -> None:
    with year_of(name).read() as reader:
        there = sum(ledger.balance_of(reader, code) for code in chart.INPUT_TAX.values())
        last = payable(reader, LAST)
        credit = gstr3b(reader, LAST).input_tax.tax
    assert there == last.carried + credit > 0


@pytest.mark.parametrize("name", ["garments", "kirana", "medical", "mobile"])
def test_credit_is_what_vendors_charged_less_what_was_lost(year_of: Of, name: str) -> None:
    with year_of(name).read() as reader:
        summaries = [gstr3b(reader, one) for one in year.months(year.YEAR, LAST)]
        bills = bills_between(reader, year.YEAR, LAST)
        spent = sum(one.gst for one in expenses_between(reader, year.YEAR, LAST))
    charged = sum(one.sign * one.tax for one in bills if one.input_credit) + spent
    lost = sum(one.lost.tax for one in summaries)
    shared = sum(part.tax for one in summaries for part in one.apportioned.values())
    again = sum(one.given_back.tax - one.lost.tax for one in summaries) - shared
    assert sum(one.available.tax - one.reclaimed.tax for one in summaries) - again == charged
    assert (shared > 0) == (name in ("kirana", "medical"))
    assert lost > 0 or name in ("garments", "mobile")  # what they lose lay there from the first day


def test_a_shirt_of_2500_bears_five_percent_from_the_day_of_the_change(year_of: Of) -> None:
    seen = set()
    with year_of("garments").read() as reader:
        for bill in invoices_between(reader, year.YEAR, LAST):
            changed = bill.on_date >= date(2025, 9, 22)
            seen |= {(line.name, changed, line.rate) for line in bill.lines}
    shirts = {one for one in seen if one[0] in ("Linen shirt", "Designer shirt", "T-shirt")}
    assert shirts == {
        ("T-shirt", False, 500), ("T-shirt", True, 500),
        ("Linen shirt", False, 1200), ("Linen shirt", True, 500),
        ("Designer shirt", False, 1200), ("Designer shirt", True, 1800),
    }  # fmt: skip


def test_what_a_chemist_writes_off_costs_its_credit(year_of: Of) -> None:
    shop = year_of("medical")
    with shop.read() as reader:
        expired = [
            one
            for product in shop.products
            for one in movements(reader, product.id, limit=10_000)
            if one.reason == "expired"
        ]
        loss = ledger.balance_of(reader, chart.STOCK_LOSS)
    assert expired
    assert loss > -sum(one.value_paise for one in expired)


def test_every_paper_is_printed(database: Database, tmp_path: Path) -> None:
    number, days = str(uuid4().int % 10**15), 32
    bahi, business_id = year.open_shop(database, "garments", number=number)
    habits = year.habits_of("garments")
    shop = year.trade(bahi, business_id, habits, days, seed=7, pace=0.3)
    last = year.YEAR + timedelta(days=days - 1)
    with shop.read() as reader:
        written = year.write_papers(reader, year.YEAR, last, tmp_path, habits)
    names = {one.name for one in written}
    assert {
        "Balance Sheet 2025-05-02.pdf",
        "Profit & Loss Account 2025-05-02.xlsx",
        "Day Book 2025-04-30.xlsx",
        "Cash Book 2025-04-30.pdf",
        "Ledger Input SGST UTGST 2025-05-02.pdf",
        "Statement of Account Mehta Traders 2025-05-02.pdf",
        "Stock Valuation 2025-05-02.pdf",
        "Outstanding by Age 2025-05-02.pdf",
        "GSTR-3B 2025-04.json",
    } <= names
    assert sum(name.startswith("bill ") for name in names) == 2


def test_a_restaurant_under_composition_charges_no_tax(year_of: Of, tmp_path: Path) -> None:
    shop = year_of("restaurant")
    with shop.read() as reader:
        bills = invoices_between(reader, year.YEAR, LAST)
        cost = ledger.balance_of(reader, COST)
        year.write_papers(reader, year.YEAR, LAST, tmp_path, shop.habits, printed=False)
    assert all(line.rate == 0 for bill in bills for line in bill.lines)
    quarters = [
        json.loads((tmp_path / f"CMP-08 {month}.json").read_text())["osup"]
        for month in ("2025-04", "2025-07", "2025-10", "2026-01")
    ]
    turnover = Decimal(sum(bill.total_paise for bill in bills)) / 100
    assert sum(Decimal(str(one["txval"])) for one in quarters) == turnover
    tax = sum(Decimal(str(one[head])) for one in quarters for head in ("camt", "samt"))
    assert tax == Decimal(cost) / 100
    assert abs(tax - turnover * 5 / 100) < 1
    told = json.loads((tmp_path / "GSTR-4 2025.json").read_text())
    assert [Decimal(str(one["txval"])) for one in told["outward"]] == [turnover]
