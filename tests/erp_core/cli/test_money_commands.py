"""`bahi bank import` and `bahi razorpay connect`, from the keyboard."""

from __future__ import annotations

import pytest

from erp_core.adapters.razorpay import signing_secrets
from erp_core.cli.main import main
from erp_core.invoicing.service import invoice_amount
from erp_core.kernel.settings import Settings
from erp_core.parties.queries import business as shop_of


@pytest.fixture
def number(bahi, business, stores, monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", stores.database)
    monkeypatch.setenv("BAHI_DATA_DIR", str(tmp_path))
    with bahi.read(business) as reader:
        return shop_of(reader).phone_number_id


def test_a_statement_is_imported(number, run, ravi, tmp_path, capsys):
    bill = run(invoice_amount, customer_id=ravi, amount_paise=1500_00)
    file = tmp_path / "statement.csv"
    file.write_text(
        "Date,Narration,Chq./Ref.No.,Value Dt,Withdrawal Amt.,Deposit Amt.,Closing Balance\n"
        f"18/11/26,UPI-{bill['number']},,18/11/26,,1500.00,1\n18/11/26,RAVI KUMAR,,,,20.00,1\n"
    )
    assert main(["bank", "import", number, str(file)]) == 0
    assert capsys.readouterr().out == (
        "2 lines, 0 of them known: 0 matched, 1 booked (₹1,500), 1 to accept, 0 open.\n"
    )
    main(["bank", "list", number])
    line_id, day, amount, name = capsys.readouterr().out.strip().split("\t")
    assert (day, amount, name) == ("2026-11-18", "₹20", "Ravi Kumar")
    assert main(["bank", "accept", number, line_id]) == 0
    assert main(["bank", "import", number, str(tmp_path / "nothing.csv")]) == 1


def test_an_account_is_connected_and_its_secret_changed(
    number, bahi, business, monkeypatch, capsys
):
    connect = ["razorpay", "connect", number, "--key-id", "rzp_test_1", "--account", f"acc{number}"]
    assert main(connect) == 1
    monkeypatch.setenv("RAZORPAY_KEY_SECRET", "k")
    for secret in ("first", "second"):
        monkeypatch.setenv("RAZORPAY_WEBHOOK_SECRET", secret)
        assert main(connect) == 0
    main(["razorpay", "show", number])
    assert capsys.readouterr().out.endswith(f"rzp_test_1\tacc{number}\n")
    secret_key = Settings.load().secret_key
    from erp_core.kernel.clock import Clock
    from erp_core.runtime import Bahi

    with Bahi(bahi.database, Clock()).read(business) as reader:
        assert signing_secrets(reader, secret_key) == ["second", "first"]
