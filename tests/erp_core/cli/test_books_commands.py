"""The books from the command line: exported, closed, opened, written into."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest

from erp_core.expenses.service import log_expense
from erp_core.kernel.actor import SYSTEM
from erp_core.parties.service import add_customer

sys.path.insert(0, str(Path(__file__).parents[1] / "reports"))

from checkers import BEAN_CHECK, HLEDGER, check_beancount, check_hledger, check_tally


@pytest.fixture
def shop(cli, shop_file, number):
    assert cli("shop", "load", shop_file()).code == 0
    return number


def test_a_voucher_is_written_and_undone(cli, shop):
    said = cli("books", "voucher", shop, "capital", "50000", "--account", "BANK")
    assert said.out.endswith(": capital of ₹50,000 is written.\n")
    voucher = said.out.split(":")[0]
    assert (
        "of ₹1,500.50 is written" in cli("books", "transfer", shop, "1500.50", "BANK", "CASH").out
    )
    done = cli("books", "reverse", shop, voucher, "--reason", "wrong_amount")
    assert (done.code, done.out) == (0, f"{voucher} is undone.\n")
    again = cli("books", "reverse", shop, voucher, "--reason", "wrong_amount")
    assert (again.code, again.err) == (1, "That voucher is undone already.\n")
    assert cli("books", "voucher", shop, "capital", "many").err == (
        "That is not an amount in rupees.\n"
    )


def test_closed_books_stay_closed_until_they_are_opened(cli, shop):
    closed = cli("books", "lock", shop, "2026-10-31")
    assert (closed.code, closed.out) == (0, "The books are closed up to 2026-10-31.\n")
    late = cli("books", "voucher", shop, "drawings", "100", "--on", "2026-10-31")
    assert (late.code, late.err) == (
        1,
        "The books are closed up to 2026-10-31: nothing can be written on 2026-10-31.\n",
    )
    assert cli("books", "lock", shop, "2026-10-30").err == (
        "The books are closed up to 2026-10-31 already.\n"
    )
    assert (
        cli("books", "lock", shop, "2026-11-20").err == "Only days that are past can be closed.\n"
    )
    opened = cli("books", "reopen", shop, "--reason", "bill_found")
    assert (opened.code, opened.out) == (0, "The books are open.\n")
    assert cli("books", "voucher", shop, "drawings", "100", "--on", "2026-10-31").code == 0


def test_exported_books_are_accepted_by_others(cli, shop, tmp_path):
    for arguments in ([], ["--from", "2026-11-20"], ["--to", "2026-11-19"]):
        texts = {
            to: cli("books", "export", shop, "--format", to, *arguments).out
            for to in ("beancount", "hledger", "tally")
        }
        assert ("Gupta" in texts["hledger"]) == ("--to" not in arguments)
        check_tally(texts["tally"])
        if BEAN_CHECK.exists():
            check_beancount(texts["beancount"], tmp_path)
        if HLEDGER:
            check_hledger(texts["hledger"], tmp_path)


def test_days_the_wrong_way_round_are_refused(cli, shop):
    said = cli("books", "export", shop, "--format", "tally", "--from", "2026-11-21")
    assert (said.code, said.err) == (1, "The last day comes before the first.\n")


def test_the_checkers_see_a_false_amount(cli, shop, tmp_path):
    for to, check in (("beancount", check_beancount), ("hledger", check_hledger)):
        if (to == "beancount" and not BEAN_CHECK.exists()) or (to == "hledger" and not HLEDGER):
            continue
        text = cli("books", "export", shop, "--format", to).out
        assert text.count("12500.00") >= 2
        with pytest.raises(AssertionError):
            check(text.replace("12500.00", "12500.01", 1), tmp_path)
        head, _, last = text.rpartition("12500.00")
        with pytest.raises(AssertionError):
            check(f"{head}12400.00{last}", tmp_path)
    tally = cli("books", "export", shop, "--format", "tally").out
    with pytest.raises(AssertionError):
        check_tally(tally.replace("12500.00", "12500.01", 1))


def test_tally_hears_which_voucher_each_entry_is(cli, shop):
    cli("books", "voucher", shop, "capital", "500")
    drawn = cli("books", "voucher", shop, "drawings", "200").out.split(":")[0]
    cli("books", "transfer", shop, "100", "CASH", "BANK")
    cli("books", "transfer", shop, "50", "UPI_CLEARING", "BANK")
    cli("books", "transfer", shop, "25", "CHEQUES_IN_HAND", "UPI_CLEARING")
    cli("books", "reverse", shop, drawn, "--reason", "wrong")
    root = ElementTree.fromstring(cli("books", "export", shop, "--format", "tally").out)
    kinds = [one.attrib["VCHTYPE"] for one in root.iter("VOUCHER")]
    # Journals: the opening stock, two opening balances, and cheques that have become UPI.
    assert Counter(kinds) == {"Receipt": 3, "Payment": 1, "Contra": 1, "Journal": 4}


def test_an_export_goes_into_a_file(cli, shop, tmp_path):
    file = tmp_path / "books.xml"
    said = cli("books", "export", shop, "--format", "tally", "--output", file)
    assert said.out == f"{file} holds the books.\n"
    found = check_tally(file.read_text(encoding="utf-8"))
    assert (found["Gupta Traders"], found["Mohan Lal"]) == (12_500_00, -300_00)


def test_equipment_is_listed_and_sold(cli, bahi, shop, show):
    business = bahi.business_for_number(shop)
    fridge = {"amount_paise": 70_800_00, "gst_paise": 10_800_00, "item": "LG fridge"}
    bahi.run(business, SYSTEM, "fridge", log_expense, **fridge)
    assert cli("books", "equipment", shop).out == "2026-11-20\tLG fridge\t₹60,000\t₹60,000\n"
    done = cli("books", "sell-equipment", shop, "fridge", "23600", "--method", "upi")
    assert (done.code, done.out) == (
        0,
        "INV27-2627-00001: LG fridge is sold for ₹23,600, GST ₹3,600 in it; it was worth ₹60,000"
        " in the books.\nInput credit of ₹6,660 goes back (section 18(6)).\nLoss: ₹46,660.\n",
    )
    assert show(shop)["payments"][0]["method"] == "upi"
    again = cli("books", "sell-equipment", shop, "fridge", "23600")
    assert (again.code, again.err) == (
        1,
        "The shop has bought no such equipment, or has sold it.\n",
    )


def test_who_buys_equipment_is_named_so_that_it_is_one(cli, bahi, shop):
    business = bahi.business_for_number(shop)
    for name in ("Asha", "Asha Rao", "Asha Rani"):
        bahi.run(business, SYSTEM, name, add_customer, name=name)
    fridge = {"amount_paise": 70_800_00, "item": "LG fridge"}
    bahi.run(business, SYSTEM, "fridge", log_expense, **fridge)
    sell = ("books", "sell-equipment", shop, "fridge", "23600", "--to")
    assert cli(*sell, "Zubin").err == "The shop has no customer of that name.\n"
    bahi.run(business, SYSTEM, "Vani", add_customer, name="Vani Rao")
    several = cli(*sell, "Rao")
    assert (several.code, several.err) == (
        1,
        "Several customers are meant: Asha Rao, Vani Rao. Say more of the name, or the phone"
        " number.\n",
    )
    assert cli(*sell, "Asha").code == 0
