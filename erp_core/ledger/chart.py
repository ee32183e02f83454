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
    """An account. `by_party` ones are kept for each customer or vendor; `number` orders reports.

    `group` is the head under which an Indian accountant looks for it, by Tally's names.
    """

    code: str
    number: int
    name: str
    kind: Kind
    group: str
    by_party: bool = False

    @property
    def nominal(self) -> bool:
        """Whether it begins each year at nothing: income and expense do."""
        return self.kind in ("income", "expense")


CASH = "CASH"
BANK = "BANK"
UPI_CLEARING = "UPI_CLEARING"
CARD_CLEARING = "CARD_CLEARING"
GATEWAY_CLEARING = "GATEWAY_CLEARING"
CHEQUES_IN_HAND = "CHEQUES_IN_HAND"
RECEIVABLE = "RECEIVABLE"
INVENTORY = "INVENTORY"
INPUT_CGST = "INPUT_CGST"
INPUT_SGST = "INPUT_SGST"
INPUT_IGST = "INPUT_IGST"
INPUT_CESS = "INPUT_CESS"
GST_CASH = "GST_CASH"
GST_ON_ADVANCES = "GST_ON_ADVANCES"
CREDIT_REVERSED = "CREDIT_REVERSED"
TDS_RECEIVABLE = "TDS_RECEIVABLE"
DEPOSITS = "DEPOSITS"
LOANS_GIVEN = "LOANS_GIVEN"
FIXED_ASSETS = "FIXED_ASSETS"
PAYABLE = "PAYABLE"
PURCHASES_PENDING = "PURCHASES_PENDING"
OUTPUT_CGST = "OUTPUT_CGST"
OUTPUT_SGST = "OUTPUT_SGST"
OUTPUT_IGST = "OUTPUT_IGST"
OUTPUT_CESS = "OUTPUT_CESS"
GST_DUES = "GST_DUES"
LOANS = "LOANS"
KHATA_GIVEN = "KHATA_GIVEN"
SUSPENSE = "SUSPENSE"
OPENING_EQUITY = "OPENING_EQUITY"
CAPITAL = "CAPITAL"
DRAWINGS = "DRAWINGS"
SALES = "SALES"
SALES_RETURNS = "SALES_RETURNS"
OTHER_INCOME = "OTHER_INCOME"
ASSETS_SOLD = "ASSETS_SOLD"
DISCOUNT_RECEIVED = "DISCOUNT_RECEIVED"
STOCK_GAIN = "STOCK_GAIN"
COGS = "COGS"
FREIGHT_IN = "FREIGHT_IN"
STOCK_LOSS = "STOCK_LOSS"
DISCOUNT_GIVEN = "DISCOUNT_GIVEN"
BAD_DEBTS = "BAD_DEBTS"
BANK_CHARGES = "BANK_CHARGES"
GATEWAY_FEES = "GATEWAY_FEES"
GST_INTEREST = "GST_INTEREST"
GST_LATE_FEE = "GST_LATE_FEE"
CREDIT_NOT_ALLOWED = "CREDIT_NOT_ALLOWED"
ROUND_OFF = "ROUND_OFF"
EXPENSE = "EXPENSE"

CHART = {
    account.code: account
    for account in (
        Account(CASH, 1000, "Cash in hand", "asset", "Cash-in-Hand"),
        Account(BANK, 1010, "Bank", "asset", "Bank Accounts"),
        Account(UPI_CLEARING, 1020, "UPI collections, not yet in bank", "asset", "Current Assets"),
        Account(
            CARD_CLEARING, 1030, "Card collections, not yet in bank", "asset", "Current Assets"
        ),
        Account(
            GATEWAY_CLEARING, 1035, "Payment gateway, not yet in bank", "asset", "Current Assets"
        ),
        Account(CHEQUES_IN_HAND, 1040, "Cheques in hand", "asset", "Current Assets"),
        Account(RECEIVABLE, 1100, "Sundry debtors", "asset", "Sundry Debtors", by_party=True),
        Account(INVENTORY, 1200, "Stock in trade", "asset", "Stock-in-Hand"),
        Account(INPUT_CGST, 1310, "Input CGST", "asset", "Duties & Taxes"),
        Account(INPUT_SGST, 1320, "Input SGST/UTGST", "asset", "Duties & Taxes"),
        Account(INPUT_IGST, 1330, "Input IGST", "asset", "Duties & Taxes"),
        Account(INPUT_CESS, 1340, "Input cess", "asset", "Duties & Taxes"),
        Account(GST_CASH, 1350, "GST electronic cash ledger", "asset", "Duties & Taxes"),
        Account(GST_ON_ADVANCES, 1352, "GST paid on advances", "asset", "Duties & Taxes"),
        Account(
            CREDIT_REVERSED,
            1354,
            "Input credit reversed until paid (rule 37)",
            "asset",
            "Duties & Taxes",
        ),
        Account(
            TDS_RECEIVABLE, 1360, "TDS deducted by customers", "asset", "Loans & Advances (Asset)"
        ),
        Account(DEPOSITS, 1400, "Deposits given", "asset", "Deposits (Asset)"),
        Account(LOANS_GIVEN, 1410, "Loans and advances given", "asset", "Loans & Advances (Asset)"),
        Account(FIXED_ASSETS, 1500, "Furniture, fittings and equipment", "asset", "Fixed Assets"),
        Account(PAYABLE, 2000, "Sundry creditors", "liability", "Sundry Creditors", by_party=True),
        Account(
            PURCHASES_PENDING,
            2010,
            "Goods received, bill awaited",
            "liability",
            "Current Liabilities",
        ),
        Account(OUTPUT_CGST, 2110, "Output CGST", "liability", "Duties & Taxes"),
        Account(OUTPUT_SGST, 2120, "Output SGST/UTGST", "liability", "Duties & Taxes"),
        Account(OUTPUT_IGST, 2130, "Output IGST", "liability", "Duties & Taxes"),
        Account(OUTPUT_CESS, 2140, "Output cess", "liability", "Duties & Taxes"),
        Account(GST_DUES, 2150, "GST interest and late fee owed", "liability", "Duties & Taxes"),
        Account(LOANS, 2500, "Loans taken", "liability", "Loans (Liability)"),
        Account(
            KHATA_GIVEN,
            2900,
            "Khata given without a bill, to be classified",
            "liability",
            "Suspense A/c",
        ),
        Account(SUSPENSE, 2990, "Suspense", "liability", "Suspense A/c"),
        Account(OPENING_EQUITY, 3000, "Opening balances", "equity", "Capital Account"),
        Account(CAPITAL, 3010, "Capital", "equity", "Capital Account"),
        Account(DRAWINGS, 3020, "Drawings", "equity", "Capital Account"),
        Account(SALES, 4000, "Sales", "income", "Sales Accounts"),
        Account(SALES_RETURNS, 4010, "Sales returns", "income", "Sales Accounts"),
        Account(OTHER_INCOME, 4800, "Other income", "income", "Indirect Incomes"),
        Account(
            ASSETS_SOLD, 4805, "Profit or loss on sale of assets", "income", "Indirect Incomes"
        ),
        Account(DISCOUNT_RECEIVED, 4810, "Discount received", "income", "Indirect Incomes"),
        Account(STOCK_GAIN, 4900, "Stock found in count", "income", "Direct Incomes"),
        Account(COGS, 5000, "Cost of goods sold", "expense", "Direct Expenses"),
        Account(FREIGHT_IN, 5050, "Freight and cartage inward", "expense", "Direct Expenses"),
        Account(STOCK_LOSS, 5100, "Stock damaged or lost", "expense", "Direct Expenses"),
        Account(DISCOUNT_GIVEN, 5800, "Discount given", "expense", "Indirect Expenses"),
        Account(BAD_DEBTS, 5810, "Bad debts", "expense", "Indirect Expenses"),
        Account(BANK_CHARGES, 5820, "Bank charges", "expense", "Indirect Expenses"),
        Account(GATEWAY_FEES, 5830, "Payment gateway fees", "expense", "Indirect Expenses"),
        Account(GST_INTEREST, 5840, "Interest on GST paid late", "expense", "Indirect Expenses"),
        Account(GST_LATE_FEE, 5850, "Late fee of GST returns", "expense", "Indirect Expenses"),
        Account(
            CREDIT_NOT_ALLOWED,
            5860,
            "Input credit not available (rules 42 and 43)",
            "expense",
            "Indirect Expenses",
        ),
        Account(ROUND_OFF, 5900, "Round off", "expense", "Indirect Expenses"),
    )
}

MONEY = (CASH, BANK, UPI_CLEARING, CARD_CLEARING, GATEWAY_CLEARING, CHEQUES_IN_HAND)
"""Where money lies, nearest first."""

OUTPUT_TAX = {
    "igst": OUTPUT_IGST,
    "cgst": OUTPUT_CGST,
    "sgst": OUTPUT_SGST,
    "cess": OUTPUT_CESS,
}
INPUT_TAX = {
    "igst": INPUT_IGST,
    "cgst": INPUT_CGST,
    "sgst": INPUT_SGST,
    "cess": INPUT_CESS,
}
"""By head of tax: what is owed, and what is set off."""
HEAD_OF_INPUT = {account: head for head, account in INPUT_TAX.items()}

EXPENSE_NUMBER = 6000
DIRECT = {f"{EXPENSE}:ingredients": 5020}
"""Expenses that are the cost of what is sold, with their numbers among the direct ones."""

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
        name = category.replace("_", " ").capitalize()
        if code in DIRECT:
            return Account(code, DIRECT[code], name, "expense", "Direct Expenses")
        return Account(code, EXPENSE_NUMBER, name, "expense", "Indirect Expenses")
    raise Invalid("unknown_account", account=code)
