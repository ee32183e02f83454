"""Five kinds of shop trade for some weeks across a change of rates; their books hold."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from checkers import BEAN_CHECK, HLEDGER, check_beancount, check_hledger, check_tally

from demo import year
from erp_core.db.engine import Database
from erp_core.invoicing.queries import invoices_between

BEFORE_THE_CHANGE = date(2025, 9, 17)
DAYS = 11
LAST = BEFORE_THE_CHANGE + timedelta(days=DAYS - 1)

Open = Callable[[str], year.Trade]


@pytest.fixture
def trade(database: Database) -> Open:
    """Opens a shop, which trades."""

    def opened(name: str) -> year.Trade:
        number = str(uuid4().int % 10**15)
        bahi, business_id = year.open_shop(database, name, BEFORE_THE_CHANGE, number=number)
        return year.trade(bahi, business_id, year.habits_of(name), DAYS, seed=7)

    return opened


@pytest.mark.parametrize("name", year.names())
def test_an_accountant_has_nothing_to_correct(trade: Open, name: str, tmp_path: Path) -> None:
    with trade(name).read() as reader:
        assert len(invoices_between(reader, BEFORE_THE_CHANGE, LAST)) > DAYS
        assert year.faults(reader, BEFORE_THE_CHANGE, LAST) == []
        papers = year.write_papers(reader, BEFORE_THE_CHANGE, LAST, tmp_path)
    assert all(paper.stat().st_size for paper in papers)
    check_tally((tmp_path / "books.xml").read_text())
    if BEAN_CHECK:
        check_beancount((tmp_path / "books.beancount").read_text(), tmp_path)
    if HLEDGER:
        check_hledger((tmp_path / "books.journal").read_text(), tmp_path)


def test_a_shirt_of_2500_bears_five_percent_from_the_day_of_the_change(trade: Open) -> None:
    seen = set()
    with trade("garments").read() as reader:
        for bill in invoices_between(reader, BEFORE_THE_CHANGE, LAST):
            changed = bill.on_date >= date(2025, 9, 22)
            seen |= {(line.name, changed, line.rate) for line in bill.lines}
    shirts = {one for one in seen if one[0] in ("Linen shirt", "Designer shirt", "T-shirt")}
    assert shirts == {
        ("T-shirt", False, 500), ("T-shirt", True, 500),
        ("Linen shirt", False, 1200), ("Linen shirt", True, 500),
        ("Designer shirt", False, 1200), ("Designer shirt", True, 1800),
    }  # fmt: skip


def test_a_restaurant_under_composition_charges_no_tax(trade: Open, tmp_path: Path) -> None:
    with trade("restaurant").read() as reader:
        bills = invoices_between(reader, BEFORE_THE_CHANGE, LAST)
        year.write_papers(reader, BEFORE_THE_CHANGE, LAST, tmp_path)
    assert all(line.rate == 0 for bill in bills for line in bill.lines)
    told = json.loads((tmp_path / "CMP-08 2025-09.json").read_text())
    turnover = Decimal(sum(bill.total_paise for bill in bills)) / 100
    assert Decimal(str(told["osup"]["txval"])) == turnover
    half = (turnover * 25).quantize(Decimal(1), ROUND_HALF_UP) / 1000
    assert told["osup"]["camt"] == told["osup"]["samt"] == pytest.approx(float(half), abs=0.01)
