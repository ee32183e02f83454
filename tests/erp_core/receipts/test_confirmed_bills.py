"""A confirmed bill is written once, with the credit that the law allows, and is known again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from types import SimpleNamespace
from uuid import UUID

import pytest

from erp_core.expenses.queries import expenses_between
from erp_core.expenses.service import log_expense, take_back_expense
from erp_core.kernel.actor import Actor
from erp_core.kernel.errors import Conflict, Forbidden, Invalid
from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.receipts import queries
from erp_core.receipts.credit import BillTax, input_credit
from erp_core.receipts.service import log_receipt

TODAY = date(2026, 11, 20)
OURS = "27AAPFU0939F1ZV"
VENDOR = "27AAACG1234F1Z4"
FAR_VENDOR = "29AAACG1234F1Z0"
LOOK = "0f" * 32


def bill(**changes):
    return {
        "source": "wamid.1:0",
        "amount_paise": 1180_00,
        "on": date(2026, 11, 18),
        "category": "packing",
        "vendor": "Gupta Packaging",
        "vendor_gstin": VENDOR,
        "buyer_gstin": OURS,
        "number": "GP/118",
        "cgst_paise": 90_00,
        "sgst_paise": 90_00,
        "method": "upi",
        "file": "f1",
        "look": LOOK,
        **changes,
    }


def test_a_bill_is_an_expense_with_its_tax_by_head(run, reader_of):
    logged = run(log_receipt, **bill())
    assert (logged["amount"], logged["gst"], logged["credit"], logged["no_credit"]) == (
        1180_00,
        180_00,
        180_00,
        "",
    )
    with reader_of() as reader:
        assert ledger.balance_of(reader, "EXPENSE:packing") == 1000_00
        assert ledger.balance_of(reader, chart.INPUT_CGST) == 90_00
        assert ledger.balance_of(reader, chart.INPUT_SGST) == 90_00
        assert ledger.balance_of(reader, chart.BANK) == -1180_00
        (expense,) = expenses_between(reader, date(2026, 11, 1), TODAY)
        assert (expense.vendor, expense.gst) == ("Gupta Packaging", 180_00)


def test_tax_that_may_not_be_set_off_is_part_of_the_cost(run, reader_of):
    logged = run(log_receipt, **bill(buyer_gstin=None, cess_paise=10_00))
    assert (logged["gst"], logged["credit"], logged["no_credit"]) == (190_00, 0, "not_ours")
    with reader_of() as reader:
        assert ledger.balance_of(reader, "EXPENSE:packing") == 1180_00
        assert ledger.balance_of(reader, chart.INPUT_CGST) == 0


def test_integrated_tax_is_set_off_as_such(run, reader_of):
    run(
        log_receipt,
        **bill(vendor_gstin=FAR_VENDOR, cgst_paise=0, sgst_paise=0, igst_paise=180_00),
    )
    with reader_of() as reader:
        assert ledger.balance_of(reader, chart.INPUT_IGST) == 180_00


SHOP = SimpleNamespace(gstin=OURS, gst_scheme="regular", state="27")
TAX = {"cgst": 90_00, "sgst": 90_00, "vendor_gstin": VENDOR, "buyer_gstin": OURS, "number": "1"}


@pytest.mark.parametrize(
    ("shop", "tax", "category", "on", "reason"),
    [
        ({}, {}, "packing", TODAY, ""),
        ({}, {"cgst": 0, "sgst": 0, "cess": 5}, "packing", TODAY, "no_tax"),
        ({"gstin": None}, {}, "packing", TODAY, "unregistered"),
        ({"gst_scheme": "composition"}, {}, "packing", TODAY, "composition"),
        ({}, {}, "food", TODAY, "blocked"),
        ({}, {"vendor_gstin": None}, "packing", TODAY, "no_vendor_gstin"),
        ({}, {"vendor_gstin": "27AAACG1234F1Z5"}, "packing", TODAY, "no_vendor_gstin"),
        ({}, {"buyer_gstin": FAR_VENDOR}, "packing", TODAY, "not_ours"),
        ({}, {"number": None}, "packing", TODAY, "no_number"),
        ({}, {"vendor_gstin": FAR_VENDOR}, "packing", TODAY, "other_state"),
        ({}, {}, "packing", date(2025, 3, 31), "too_old"),
        ({}, {}, "packing", date(2025, 4, 1), ""),
    ],
)
def test_credit_is_taken_only_where_it_is_lawful(shop, tax, category, on, reason):
    business = SimpleNamespace(**{**vars(SHOP), **shop})
    credit = input_credit(
        business, BillTax(**{**TAX, **tax}), category=category, on=on, today=TODAY
    )
    assert (credit.reason, credit.paise) == (reason, 0 if reason else 180_00)


def test_a_bill_is_written_once(run):
    run(log_receipt, **bill())
    with pytest.raises(Conflict) as error:
        run(log_receipt, **bill(amount_paise=999_00), known_wanted=True)
    assert error.value.code == "receipt_written"


@pytest.mark.parametrize(
    "again",
    [
        {"vendor": None, "number": None, "look": None, "on": TODAY},
        {"file": "f2", "look": None, "vendor": "GUPTA  PACKAGING"},
        {"file": "f2", "look": None, "number": "gp 118"},
        {"file": "f2", "vendor": "Gupta Pack", "number": None, "look": "0f" * 31 + "0e"},
    ],
    ids=["the same file", "the same facts", "the same number", "the same picture"],
)
def test_a_bill_that_is_known_is_refused_unless_wanted(run, again):
    run(log_receipt, **bill())
    other = bill(source="wamid.2:0", **again)
    with pytest.raises(Conflict) as error:
        run(log_receipt, **other)
    assert error.value.code == "receipt_known"
    assert error.value.facts["amount"] == 1180_00
    wanted = {**other, "number": "GP/119"}
    assert run(log_receipt, **wanted, known_wanted=True)["amount"] == 1180_00


@pytest.mark.parametrize(
    "other",
    [
        {"number": "GP/119"},
        {"number": None, "vendor": "Mehta Traders"},
        {"amount_paise": 1280_00, "number": None},
        {"on": TODAY, "number": None},
    ],
    ids=["another number", "another vendor", "another amount", "another day"],
)
def test_another_bill_of_the_same_till_is_no_repeat(run, other):
    run(log_receipt, **bill(look=None))
    run(log_receipt, **bill(source="wamid.2:0", file="f2", look=None, **other))


def test_bills_that_look_alike_are_told_apart_by_their_amount(run):
    run(log_receipt, **bill())
    run(log_receipt, **bill(source="w2:0", file="f2", number="GP/120", amount_paise=590_00))


def test_what_was_typed_is_known_when_its_bill_comes(run, reader_of):
    run(log_expense, amount_paise=500_00, vendor="Mehta Fuels", item="petrol", on=TODAY)
    with reader_of() as reader:
        known = queries.same_bill(
            reader,
            file="f9",
            page=0,
            look=None,
            vendor="mehta fuels",
            number="7",
            on=TODAY,
            amount_paise=500_00,
        )
        assert known is not None
        assert (known.amount, known.why) == (500_00, "facts")


def test_what_was_taken_back_is_no_repeat(run):
    logged = run(log_receipt, **bill())
    run(take_back_expense, expense_id=logged["expense_id"])
    run(log_receipt, **bill(source="wamid.2:0"))


def test_a_written_bill_is_corrected_in_one_go(run, reader_of):
    wrong = run(log_receipt, **bill())
    right = run(
        log_receipt,
        **bill(amount_paise=2360_00, cgst_paise=180_00, sgst_paise=180_00, item="A4 paper"),
        corrects=UUID(wrong["expense_id"]),
    )
    assert right["receipt_id"] == wrong["receipt_id"]
    with reader_of() as reader:
        (expense,) = expenses_between(reader, date(2026, 11, 1), TODAY)
        assert (str(expense.id), expense.amount, expense.item) == (
            right["expense_id"],
            2360_00,
            "A4 paper",
        )
        assert ledger.balance_of(reader, chart.INPUT_CGST) == 180_00
        assert ledger.balance_of(reader, chart.BANK) == -2360_00
        assert queries.written_as(reader, "wamid.1:0") == expense.id
    with pytest.raises(Conflict, match="receipt_written"):
        run(log_receipt, **bill())
    with pytest.raises(Conflict, match="already_reversed"):
        run(log_receipt, **bill(), corrects=UUID(wrong["expense_id"]))


def test_a_vendor_is_known_by_its_gstin_and_keeps_its_category(run, reader_of):
    run(log_receipt, **bill(category="repairs"))
    with reader_of() as reader:
        by_gstin = queries.habit(reader, vendor="GUPTA PACKAG1NG", gstin=VENDOR)
        by_name = queries.habit(reader, vendor="gupta packaging", gstin=None)
        for known, known_by in ((by_gstin, "gstin"), (by_name, "name")):
            assert (known.vendor, known.category) == ("Gupta Packaging", "repairs")
            assert known.known_by == known_by
        assert queries.habit(reader, vendor="Nobody", gstin=None) is None


def test_the_same_photo_sent_by_two_at_once_is_written_once(run):
    def write(at):
        try:
            run(log_receipt, **bill(source=f"wamid.{at}:0"))
        except Conflict:
            return 0
        return 1

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(write, range(4))) == 1


def test_amounts_that_make_no_sense_are_refused(run):
    with pytest.raises(Invalid):
        run(log_receipt, **bill(cgst_paise=1180_00))
    with pytest.raises(Invalid):
        run(log_receipt, **bill(cgst_paise=-1))
    with pytest.raises(Invalid) as error:
        run(log_receipt, **bill(on=date(2026, 11, 21)))
    assert error.value.code == "date_in_future"


def test_who_only_looks_writes_no_bill(run):
    with pytest.raises(Forbidden):
        run(log_receipt, actor=Actor("guest"), **bill())
