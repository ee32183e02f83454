"""Expenses are logged once, posted in full, and their vendor is found again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from erp_core.expenses import queries, service
from erp_core.kernel.actor import SYSTEM, Actor
from erp_core.kernel.errors import Conflict, Forbidden, Invalid
from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.parties.bootstrap import NewBusiness, register_business
from erp_core.parties.models import vendors
from erp_core.reports.books import profit_and_loss

TODAY = date(2026, 11, 20)


def test_an_expense_leaves_the_cash_and_is_listed(run, reader_of):
    logged = run(service.log_expense, amount_paise=500_00, item="petrol  bharwaya")
    assert logged["category"] == "fuel"
    with reader_of() as reader:
        (expense,) = queries.expenses_between(reader, TODAY, TODAY)
        assert expense == queries.Expense(
            id=UUID(logged["expense_id"]),
            item="petrol bharwaya",
            category="fuel",
            amount=500_00,
            gst=0,
            method="cash",
            on=TODAY,
            vendor_id=None,
            vendor=None,
        )
        assert ledger.balance_of(reader, chart.CASH) == -500_00
        assert ledger.balance_of(reader, "EXPENSE:fuel") == 500_00


def test_tax_within_an_expense_is_input_credit(run, reader_of):
    run(
        service.log_expense,
        amount_paise=118_00,
        gst_paise=18_00,
        category="stationery",
        method="upi",
    )
    with reader_of() as reader:
        assert ledger.balance_of(reader, "EXPENSE:stationery") == 100_00
        assert ledger.balance_of(reader, chart.INPUT_CGST) == 9_00
        assert ledger.balance_of(reader, chart.INPUT_SGST) == 9_00
        assert ledger.balance_of(reader, chart.BANK) == -118_00


def test_equipment_is_owned_and_no_cost_of_its_month(run, reader_of):
    run(service.log_expense, amount_paise=23_600_00, gst_paise=3_600_00, item="fridge")
    with reader_of() as reader:
        assert ledger.balance_of(reader, chart.FIXED_ASSETS) == 20_000_00
        assert ledger.balance_of(reader, chart.INPUT_CGST) == 1_800_00
        assert profit_and_loss(reader, TODAY, TODAY).net == 0


def test_tax_of_a_vendor_in_another_state_is_integrated(run, reader_of):
    buy = {"amount_paise": 118_00, "gst_paise": 18_00, "category": "software", "vendor": "Zoho"}
    first = run(service.log_expense, **buy)
    run(move_vendor, vendor_id=UUID(first["vendor_id"]), state="33")
    run(service.log_expense, **buy)
    with reader_of() as reader:
        assert ledger.balance_of(reader, chart.INPUT_CGST) == 9_00
        assert ledger.balance_of(reader, chart.INPUT_IGST) == 18_00


def test_tax_on_food_cannot_be_set_off(run, reader_of):
    run(service.log_expense, amount_paise=105_00, gst_paise=5_00, item="lunch")
    with reader_of() as reader:
        assert ledger.balance_of(reader, "EXPENSE:food") == 105_00
        assert ledger.balance_of(reader, chart.INPUT_CGST) == 0
        assert queries.expenses_between(reader, TODAY, TODAY)[0].gst == 5_00


def test_a_business_without_registration_has_no_credit(bahi, database, clock):
    business = register_business(database, clock, NewBusiness("Chai", uuid4().hex, "27"))
    bahi.run(
        business,
        SYSTEM,
        "k",
        service.log_expense,
        amount_paise=118_00,
        gst_paise=18_00,
        category="packing",
    )
    with bahi.read(business) as reader:
        assert ledger.balance_of(reader, "EXPENSE:packing") == 118_00


def test_personal_spending_is_drawn_from_the_business(run, reader_of):
    run(service.log_expense, amount_paise=900_00, item="ghar ka kharcha")
    with reader_of() as reader:
        assert ledger.balance_of(reader, chart.DRAWINGS) == 900_00


def test_a_vendor_is_found_again_in_another_spelling(run, reader_of):
    names = ["Gupta Traders", "gupta  traders", "गुप्ता ट्रेडर्स"]
    found = [
        run(service.log_expense, amount_paise=1_00, vendor=name)["vendor_id"] for name in names
    ]
    assert len(set(found)) == 1
    with reader_of() as reader:
        assert {one.vendor for one in queries.expenses_between(reader, TODAY, TODAY)} == {names[0]}


def test_expenses_at_once_add_their_vendor_once(bahi, business):
    def log(number):
        return bahi.run(
            business, SYSTEM, f"e{number}", service.log_expense, amount_paise=1_00, vendor="Zoho"
        )

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(log, range(16)))
    with bahi.read(business) as reader:
        count = select(func.count()).where(vendors.c.business_id == business)
        assert reader.connection.execute(count).scalar_one() == 1


def test_expenses_are_listed_by_day_and_category(run, reader_of):
    run(service.log_expense, amount_paise=100_00, item="chai")
    run(service.log_expense, amount_paise=60_00, item="samosa")
    run(service.log_expense, amount_paise=12_000_00, item="rent", method="bank_transfer")
    run(service.log_expense, amount_paise=5_00, item="chai", on=date(2026, 10, 31))
    with reader_of() as reader:
        of_month = queries.expenses_between(reader, date(2026, 11, 1), TODAY)
        assert [one.amount for one in of_month] == [12_000_00, 60_00, 100_00]
        food = queries.expenses_between(reader, date(2026, 10, 1), TODAY, category="food")
        assert [one.amount for one in food] == [60_00, 100_00, 5_00]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"amount_paise": 0}, "bad_amount"),
        ({"gst_paise": -1}, "bad_amount"),
        ({"gst_paise": 100_00}, "bad_amount"),
        ({"category": "bribes"}, "bad_category"),
        ({"method": "barter"}, "bad_method"),
        ({"item": "x" * 201}, "bad_item"),
        ({"vendor": "  "}, "bad_name"),
        ({"on": date(2026, 11, 21)}, "date_in_future"),
    ],
)
def test_what_makes_no_sense_is_refused(run, wrong, code):
    with pytest.raises(Invalid, match=code):
        run(service.log_expense, **{"amount_paise": 100_00, **wrong})


def test_staff_log_expenses_and_do_not_see_them(run, reader_of):
    staff = Actor("user", uuid4(), "staff")
    run(service.log_expense, actor=staff, amount_paise=10_00, vendor="Zoho")
    with reader_of(staff) as reader, pytest.raises(Forbidden):
        queries.expenses_between(reader, TODAY, TODAY)
    with pytest.raises(Forbidden):
        run(service.log_expense, actor=Actor("user", uuid4(), "viewer"), amount_paise=10_00)


def move_vendor(ctx, *, vendor_id, state):
    ctx.connection.execute(
        update(vendors)
        .where(vendors.c.business_id == ctx.business_id, vendors.c.id == vendor_id)
        .values(state=state)
    )
    return {}


def test_an_expense_taken_back_counts_no_more_and_stays_in_the_books(run, reader_of):
    logged = run(service.log_expense, amount_paise=500_00, item="petrol", on=date(2026, 11, 19))
    done = run(service.take_back_expense, expense_id=UUID(logged["expense_id"]))
    assert (done["amount"], done["right"], done["on"]) == (500_00, None, "2026-11-19")
    with reader_of() as reader:
        assert queries.expenses_between(reader, date(2026, 11, 1), TODAY) == []
        assert ledger.balance_of(reader, "EXPENSE:fuel", until=date(2026, 11, 19)) == 0
        assert ledger.balance_of(reader, chart.CASH) == 0
    with pytest.raises(Conflict):
        run(service.take_back_expense, expense_id=UUID(logged["expense_id"]))


def test_the_right_amount_is_written_in_the_place_of_an_expense(run, reader_of):
    logged = run(
        service.log_expense, amount_paise=500_00, item="petrol", vendor="Sharma Pump", method="upi"
    )
    run(service.take_back_expense, expense_id=UUID(logged["expense_id"]), right_paise=400_00)
    with reader_of() as reader:
        (expense,) = queries.expenses_between(reader, TODAY, TODAY)
        assert (expense.amount, expense.item, expense.vendor, expense.method) == (
            400_00, "petrol", "Sharma Pump", "upi",
        )  # fmt: skip
        assert ledger.balance_of(reader, chart.BANK) == -400_00
