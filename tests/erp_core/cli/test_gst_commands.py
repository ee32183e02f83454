"""`bahi gst …` from the keyboard."""

from __future__ import annotations

import json
from decimal import Decimal
from uuid import UUID

import pytest

from erp_core.adapters.nic import Account
from erp_core.cli.main import main
from erp_core.inventory.service import add_stocked_product
from erp_core.invoicing.service import bill_goods
from erp_core.kernel.actor import SYSTEM
from erp_core.kernel.settings import Settings
from erp_core.parties.queries import business as shop_of
from erp_core.parties.service import add_customer, change_business, change_customer
from erp_core.portals import inv01, profile


@pytest.fixture
def number(bahi, business, stores, monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", stores.database)
    monkeypatch.setenv("BAHI_DATA_DIR", str(tmp_path))
    with bahi.read(business) as reader:
        return shop_of(reader).phone_number_id


def test_a_profile_is_kept_part_by_part(number, bahi, business, capsys):
    assert main(["gst", "profile", number, "--turnover-crore", "12.5"]) == 0
    assert main(["gst", "profile", number, "--quarterly", "--reminders", "off"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == (
        "Turnover ₹12,50,00,000; files quarterly; reminders off."
    )
    with bahi.read(business) as reader:
        assert profile.profile(reader) == profile.Profile(12_50_00_000_00, True, False)


@pytest.mark.parametrize("crore", ["many", "-1", "NaN"])
def test_a_turnover_that_is_none_is_refused(number, crore, capsys):
    assert main(["gst", "profile", number, f"--turnover-crore={crore}"]) == 1
    assert "number of crore" in capsys.readouterr().err


def test_an_account_is_sealed_for_its_shop(number, bahi, business, monkeypatch, capsys):
    assert main(["gst", "connect", number]) == 1
    assert "GST_PORTAL_PASSWORD" in capsys.readouterr().err
    for name in ("USERNAME", "PASSWORD", "CLIENT_ID", "CLIENT_SECRET"):
        monkeypatch.setenv(f"GST_PORTAL_{name}", name.lower())
    assert main(["gst", "connect", number]) == 0
    with bahi.read(business) as reader:
        sealed = profile.sealed_account(reader, "irp")
    assert b"password" not in sealed
    account = Account.unsealed(Settings.load().secret_key, business, sealed)
    assert (account.gstin, account.password) == ("27AAPFU0939F1ZV", "password")


def test_a_bill_is_printed_as_the_portal_takes_it(number, run, capsys):
    goods = run(
        add_stocked_product, name="Pen", price_paise=20_00, hsn="9608", gst_rate="18",
        stock=Decimal(9),
    )  # fmt: skip
    buyer = run(
        add_customer, name="Bengal Retail", phone="919123456700", gstin="29AAGCB7383J1Z4",
        address="14, Brigade Road, Bengaluru 560025",
    )  # fmt: skip
    lines = [{"product_id": goods["product_id"], "quantity": "2"}]
    bill = run(bill_goods, customer_id=UUID(buyer["customer_id"]), lines=lines)
    assert main(["gst", "inv01", number, bill["number"]]) == 0
    (content,) = json.loads(capsys.readouterr().out)
    inv01.validator().validate(content)
    assert main(["gst", "inv01", number, "99999"]) == 1


def test_a_gstr2b_is_set_against_the_books(number, tmp_path, capsys):
    bill = {"inum": "A9", "dt": "10-10-2026", "val": 1180, "txval": 1000, "igst": 180}
    tables = {"b2b": [{"ctin": "29AAGCB7383J1Z4", "trdnm": "METRO", "inv": [bill]}]}
    data = {"gstin": "27AAPFU0939F1ZV", "rtnprd": "102026", "docdata": tables}
    file = tmp_path / "2b.json"
    file.write_text(json.dumps({"data": data}))
    assert main(["gst", "2b", number, str(file)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "GSTR-2B of 10-2026: 0 agree (₹0 of credit), 0 differ, 0 are in the books without "
        "credit, 0 are not in 2B, 1 are not in the books.",
        "not in the books\tMETRO\tA9\t2B ₹180",
    ]
    assert main(["gst", "2b", number, str(tmp_path / "none.json")]) == 1


def test_the_shipping_bill_of_an_export_is_written(number, run, capsys):
    goods = run(
        add_stocked_product, name="Pen", price_paise=20_00, hsn="9608", gst_rate="18",
        stock=Decimal(9),
    )  # fmt: skip
    buyer = UUID(run(add_customer, name="Berlin Haus")["customer_id"])
    run(change_customer, customer_id=buyer, treatment="export")
    lines = [{"product_id": goods["product_id"], "quantity": "2"}]
    bill = run(bill_goods, customer_id=buyer, lines=lines)["number"]
    shipped = ["gst", "shipping-bill", number, bill, "1234567", "innsa1"]
    assert main([*shipped, "2026-11-20"]) == 0
    assert capsys.readouterr().out == ("It goes into GSTR-1 of 2026-11 with the bill (table 6A).\n")
    assert main(["gst", "gstr1", number, "2026-11"]) == 0
    (export,) = json.loads(capsys.readouterr().out)["exp"]
    assert (export["inv"][0]["sbpcode"], export["inv"][0]["sbnum"]) == ("INNSA1", "1234567")
    assert main([*shipped, "2026-11-19"]) == 1
    assert "not before that of the bill" in capsys.readouterr().err


def test_returns_are_printed_as_their_scheme_files_them(number, bahi, business, capsys, tmp_path):
    assert main(["gst", "gstr1", number, "2026-11"]) == 0
    assert json.loads(capsys.readouterr().out)["fp"] == "112026"
    assert main(["gst", "gstr3b", number, "2026-11"]) == 0
    assert json.loads(capsys.readouterr().out)["ret_period"] == "112026"
    file = tmp_path / "gstr1.xlsx"
    assert main(["gst", "gstr1", number, "2026-11", "--excel", "--output", str(file)]) == 0
    assert file.read_bytes().startswith(b"PK")
    assert main(["gst", "gstr3b", number, "2026-11", "--excel"]) != 0
    assert main(["gst", "cmp08", number, "2026-11"]) != 0
    assert "composition" in capsys.readouterr().err


def test_a_quarter_under_composition_is_printed(number, bahi, business, capsys):
    bahi.run(business, SYSTEM, "scheme", change_business, gst_scheme="composition")
    assert main(["gst", "cmp08", number, "2026-11"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["ret_period"], found["osup"]["txval"]) == ("122026", 0)
    assert main(["gst", "gstr1", number, "2026-11"]) != 0


def test_the_year_under_composition_is_printed(number, bahi, business, capsys, tmp_path):
    assert main(["gst", "gstr4", number, "2026-11"]) != 0
    assert "composition" in capsys.readouterr().err
    bahi.run(business, SYSTEM, "scheme", change_business, gst_scheme="composition")
    assert main(["gst", "gstr4", number, "2026-11"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["fy"], [one["ret_period"] for one in found["cmp08"]]) == (
        "2026-27",
        ["062026", "092026", "122026", "032027"],
    )
    file = tmp_path / "gstr4.xlsx"
    assert main(["gst", "gstr4", number, "2026-11", "--excel", "--output", str(file)]) == 0
    assert file.read_bytes().startswith(b"PK")


def test_the_tax_of_a_month_is_written_as_paid(number, run, capsys, bahi, business):
    goods = run(
        add_stocked_product, name="Pen", price_paise=100_00, hsn="9608", gst_rate="18",
        stock=Decimal(9),
    )  # fmt: skip
    buyer = UUID(run(add_customer, name="Ravi")["customer_id"])
    run(bill_goods, customer_id=buyer, lines=[{"product_id": goods["product_id"], "quantity": "2"}])
    assert main(["gst", "pay", number, "2026-11"]) == 1
    assert "not over" in capsys.readouterr().err
    assert main(["gst", "pay", number, "2026-10"]) == 0
    assert capsys.readouterr().out == (
        "2026-10: ₹0 of tax, ₹0 of it set off, ₹0 in cash, of which ₹0 was paid in now.\n"
    )
