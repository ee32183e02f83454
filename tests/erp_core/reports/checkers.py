"""Programs that know nothing of Bahi and check the books that it exports."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

BEAN_CHECK = Path(__file__).parents[3] / ".cache" / "checkers" / "bin" / "bean-check"
HLEDGER = shutil.which("hledger")


def check_beancount(text: str, folder: Path) -> None:
    """Every transaction balances, every account is open, every balance at the end is as Bahi's."""
    file = folder / "books.beancount"
    file.write_text(text, encoding="utf-8")
    done = subprocess.run([BEAN_CHECK, "--no-cache", file], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def check_hledger(text: str, folder: Path) -> None:
    """The strictest check that hledger has: accounts and commodities are declared as well."""
    file = folder / "books.journal"
    file.write_text(text, encoding="utf-8")
    assert HLEDGER
    command = [HLEDGER, "check", "--strict", "ordereddates", "-f", file]
    done = subprocess.run(
        command, capture_output=True, text=True, env={"LANG": "C.UTF-8", "PATH": "/usr/bin"}
    )
    assert (done.returncode, done.stderr) == (0, "")


def check_tally(text: str) -> dict[str, int]:
    """Every voucher balances and names only ledgers that are there; their balances in paise."""
    root = ElementTree.fromstring(text)
    ledgers = [one.attrib["NAME"] for one in root.iter("LEDGER")]
    assert len(ledgers) == len({name.casefold() for name in ledgers})
    balances: Counter[str] = Counter()
    for one in root.iter("LEDGER"):
        balances[one.attrib["NAME"]] -= _paise(one.findtext("OPENINGBALANCE") or "0")
    assert sum(balances.values()) == 0
    for voucher in root.iter("VOUCHER"):
        total = 0
        for line in voucher.iter("ALLLEDGERENTRIES.LIST"):
            name, amount = line.findtext("LEDGERNAME"), _paise(line.findtext("AMOUNT") or "")
            assert name in ledgers
            assert (line.findtext("ISDEEMEDPOSITIVE") == "Yes") == (amount < 0)
            balances[str(name)] -= amount
            total += amount
        assert total == 0
    return {name: paise for name, paise in balances.items() if paise}


def _paise(text: str) -> int:
    return int(Decimal(text) * 100)
