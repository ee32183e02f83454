"""An expense keeps the number of its vendor's bill, and one bill is written once."""

from __future__ import annotations

import threading
from datetime import date
from uuid import UUID

import pytest
from own_shop import OwnShop

from demo.year import Calendar
from erp_core.expenses.queries import expenses_between
from erp_core.expenses.service import log_expense, take_back_expense
from erp_core.kernel.errors import Conflict, Invalid
from erp_core.ledger import chart
from erp_core.parties.service import add_vendor
from erp_core.receipts.service import log_receipt
from erp_core.reports.paper import Wanted, paper
from erp_core.reports.registers import account_book

TODAY = date(2026, 11, 20)
AIRTEL = "29AAGCB7383J1Z4"


@pytest.fixture
def shop(database):
    return OwnShop(database, Calendar(TODAY))


def spend(shop, number, amount=1180_00, **facts):
    facts = {"vendor": "Airtel", "category": "phone_internet", **facts}
    return shop.run(log_expense, amount_paise=amount, number=number, **facts)


def test_a_number_is_kept_as_it_stands_on_the_bill(shop):
    assert spend(shop, " at/ 00123 ")["number"] == "AT/00123"
    with shop.read() as reader:
        (found,) = expenses_between(reader, TODAY, TODAY)
    assert found.number == "AT/00123"


@pytest.mark.parametrize("again", ["AT/00123", "at-123", "AT 123"])
def test_one_bill_of_a_vendor_is_written_once_however_its_number_is_written(shop, again):
    spend(shop, "AT/00123")
    with pytest.raises(Conflict) as refused:
        spend(shop, again, amount=999_00)
    assert refused.value.code == "expense_known"
    assert refused.value.facts == {
        "number": "AT/00123", "on": TODAY.isoformat(), "amount": 1180_00
    }  # fmt: skip


def test_a_supplier_is_known_by_its_gstin_under_any_name(shop):
    shop.run(add_vendor, name="Bharti", gstin=AIRTEL)
    spend(shop, "7", vendor="Bharti")
    with pytest.raises(Conflict):
        spend(shop, "7", vendor="Airtel Pune", supplier_gstin=AIRTEL)
    spend(shop, "7", vendor="Somebody else")
    with pytest.raises(Conflict):
        spend(shop, "7", vendor="Somebody else", supplier_gstin="27AAACR5055K1Z7")


def test_the_next_year_begins_its_numbers_anew(shop):
    spend(shop, "7", on=date(2026, 3, 31))
    spend(shop, "7", on=date(2026, 4, 1))
    with pytest.raises(Conflict):
        spend(shop, "7", on=date(2026, 10, 1))


def test_what_was_taken_back_can_be_written_again(shop):
    first = spend(shop, "7")
    shop.run(take_back_expense, expense_id=UUID(first["expense_id"]), right_paise=1280_00)
    with pytest.raises(Conflict):
        spend(shop, "7")
    with shop.read() as reader:
        (right,) = expenses_between(reader, TODAY, TODAY)
    assert (right.amount, right.number) == (1280_00, "7")
    shop.run(take_back_expense, expense_id=right.id)
    spend(shop, "7")


def test_without_a_vendor_or_a_number_nothing_is_taken_for_the_same(shop):
    spend(shop, "7", vendor=None)
    spend(shop, "7", vendor=None)
    spend(shop, None)
    spend(shop, None)
    with pytest.raises(Invalid) as refused:
        spend(shop, "7" * 41)
    assert refused.value.code == "bad_number"


def test_two_who_write_it_at_once_write_it_once(shop):
    together, codes = threading.Barrier(2), []

    def write():
        together.wait()
        try:
            spend(shop, "7")
            codes.append("written")
        except Conflict as refused:
            codes.append(refused.code)

    writers = [threading.Thread(target=write) for _ in range(2)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    assert sorted(codes) == ["expense_known", "written"]


def test_a_photo_of_a_bill_brings_its_number_and_is_not_written_beside_what_was_typed(shop):
    photo = {
        "source": "wamid.1:0", "amount_paise": 1180_00, "on": TODAY, "category": "phone_internet",
        "vendor": "Airtel", "vendor_gstin": AIRTEL, "buyer_gstin": "27AAPFU0939F1ZV",
        "number": "AT/9", "igst_paise": 180_00,
    }  # fmt: skip
    shop.run(log_receipt, **photo)
    with shop.read() as reader:
        (found,) = expenses_between(reader, TODAY, TODAY)
        lines = account_book(reader, chart.INPUT_IGST, start=TODAY, end=TODAY).lines
        assert paper(reader, Wanted("day_book", TODAY, TODAY), "english").rows
    assert found.number == "AT/9"
    assert [one.told.number for one in lines if one.told] == ["AT/9"]
    with pytest.raises(Conflict) as refused:
        shop.run(log_receipt, **{**photo, "source": "wamid.2:0"}, known_wanted=True)
    assert refused.value.code == "expense_known"
