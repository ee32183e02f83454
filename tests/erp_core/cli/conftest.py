from __future__ import annotations

import itertools
import json
from dataclasses import dataclass

import pytest

from erp_core.cli.main import main

_numbers = itertools.count(50_000)


@dataclass(frozen=True)
class Said:
    """What a command said: its exit code, its output, and its complaints."""

    code: int
    out: str
    err: str


@pytest.fixture
def cli(stores, database, monkeypatch, tmp_path, capsys):
    """Run `bahi …` in this process against the test's database."""
    monkeypatch.setenv("DATABASE_URL", stores.database)
    monkeypatch.setenv("BAHI_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("BAHI_NOW", "2026-11-20T12:00:00")

    def run(*arguments: object) -> Said:
        capsys.readouterr()
        code = main([str(one) for one in arguments])
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return run


@pytest.fixture
def show(cli):
    def show(number: str) -> dict:
        return json.loads(cli("shop", "show", number, "--json").out)

    return show


@pytest.fixture
def number() -> str:
    """A WhatsApp number that no other test uses."""
    return str(next(_numbers))


@pytest.fixture
def shop_file(tmp_path, number):
    """Write a shop's file, with some lines of it exchanged."""

    def write(**changes: str) -> object:
        text = SHOP.replace("NUMBER", number)
        for old, new in changes.pop("swap", {}).items():
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "shop.yml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


SHOP = """\
business: {name: Sharma Electronics, phone_number_id: "NUMBER", state: "27", gstin: 27AAPFU0939F1ZV, upi_vpa: sharma@okaxis, language: hinglish}
users:
  - {name: Sharma, phone: "919876500001", role: owner}
  - {name: Meena, phone: "919876500002", role: manager}
products:
  - {name: iPhone 15, sku: IPH15, price: "79900.00", cost: "71000.00", stock: "8", unit: piece, hsn: "8517", gst_rate: "18", reorder_level: "5"}
  - {name: Toor dal, sku: TOORDAL, price: "150.00", cost: "132.00", stock: "32.5", unit: kg, hsn: "0713", gst_rate: "0", reorder_level: "10"}
customers:
  - {name: Ravi Kumar, phone: "919123456789", state: "27", gstin: null, balance: "0.00"}
  - {name: Gupta Traders, phone: "919123456701", state: "27", gstin: null, balance: "12500.00"}
  - {name: Mohan Lal, phone: "919123456702", state: "29", gstin: null, balance: "-300.00"}
"""  # noqa: E501
