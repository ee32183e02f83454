"""The chart of accounts: what a small trader's accountant expects to find, as data.

A posting names its account by code. An expense account carries its category after a colon
("EXPENSE:rent"); the categories are data of the expenses package.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from erp_core.kernel.errors import Invalid

Kind = Literal["asset", "liability", "equity", "income", "expense"]


@dataclass(frozen=True)
class Account:
    """An account. `by_party` ones are kept for each customer or vendor; `number` orders reports."""

    code: str
    number: int
    name: str
    kind: Kind
    by_party: bool = False


CASH = "CASH"
BANK = "BANK"
UPI_CLEARING = "UPI_CLEARING"
CARD_CLEARING = "CARD_CLEARING"
CHEQUES_IN_HAND = "CHEQUES_IN_HAND"
RECEIVABLE = "RECEIVABLE"
INVENTORY = "INVENTORY"
INPUT_CGST = "INPUT_CGST"
INPUT_SGST = "INPUT_SGST"
INPUT_IGST = "INPUT_IGST"
PAYABLE = "PAYABLE"
PURCHASES_PENDING = "PURCHASES_PENDING"
OUTPUT_CGST = "OUTPUT_CGST"
OUTPUT_SGST = "OUTPUT_SGST"
OUTPUT_IGST = "OUTPUT_IGST"
KHATA_GIVEN = "KHATA_GIVEN"
OPENING_EQUITY = "OPENING_EQUITY"
CAPITAL = "CAPITAL"
DRAWINGS = "DRAWINGS"
SALES = "SALES"
STOCK_GAIN = "STOCK_GAIN"
COGS = "COGS"
STOCK_LOSS = "STOCK_LOSS"
ROUND_OFF = "ROUND_OFF"
EXPENSE = "EXPENSE"

CHART = {
    account.code: account
    for account in (
        Account(CASH, 1000, "Cash in hand", "asset"),
        Account(BANK, 1010, "Bank", "asset"),
        Account(UPI_CLEARING, 1020, "UPI collections, not yet in bank", "asset"),
        Account(CARD_CLEARING, 1030, "Card collections, not yet in bank", "asset"),
        Account(CHEQUES_IN_HAND, 1040, "Cheques in hand", "asset"),
        Account(RECEIVABLE, 1100, "Sundry debtors", "asset", by_party=True),
        Account(INVENTORY, 1200, "Stock in trade", "asset"),
        Account(INPUT_CGST, 1310, "Input CGST", "asset"),
        Account(INPUT_SGST, 1320, "Input SGST/UTGST", "asset"),
        Account(INPUT_IGST, 1330, "Input IGST", "asset"),
        Account(PAYABLE, 2000, "Sundry creditors", "liability", by_party=True),
        Account(PURCHASES_PENDING, 2010, "Goods received, bill awaited", "liability"),
        Account(OUTPUT_CGST, 2110, "Output CGST", "liability"),
        Account(OUTPUT_SGST, 2120, "Output SGST/UTGST", "liability"),
        Account(OUTPUT_IGST, 2130, "Output IGST", "liability"),
        Account(KHATA_GIVEN, 2900, "Khata given without a bill, to be classified", "liability"),
        Account(OPENING_EQUITY, 3000, "Opening balances", "equity"),
        Account(CAPITAL, 3010, "Capital", "equity"),
        Account(DRAWINGS, 3020, "Drawings", "equity"),
        Account(SALES, 4000, "Sales", "income"),
        Account(STOCK_GAIN, 4900, "Stock found in count", "income"),
        Account(COGS, 5000, "Cost of goods sold", "expense"),
        Account(STOCK_LOSS, 5100, "Stock damaged or lost", "expense"),
        Account(ROUND_OFF, 5900, "Round off", "expense"),
    )
}

EXPENSE_NUMBER = 6000

_EXPENSE_CODE = re.compile(r"EXPENSE:[a-z][a-z_]*")


def expense_account(category: str) -> str:
    """The account code of an expense category ("rent" → "EXPENSE:rent")."""
    return f"{EXPENSE}:{category}"


def account(code: str) -> Account:
    """The account with a code. Raises Invalid("unknown_account")."""
    if code in CHART:
        return CHART[code]
    if _EXPENSE_CODE.fullmatch(code):
        category = code.partition(":")[2]
        return Account(code, EXPENSE_NUMBER, category.replace("_", " ").capitalize(), "expense")
    raise Invalid("unknown_account", account=code)
