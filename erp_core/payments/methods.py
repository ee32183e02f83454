"""Ways to pay, and the account where the money of each arrives."""

from __future__ import annotations

from datetime import timedelta

from erp_core.kernel.errors import Invalid
from erp_core.ledger import chart

ACCOUNTS = {
    "cash": chart.CASH,
    "upi": chart.UPI_CLEARING,
    "card": chart.CARD_CLEARING,
    "cheque": chart.CHEQUES_IN_HAND,
    "bank_transfer": chart.BANK,
}
METHODS = tuple(ACCOUNTS)

CHEQUE_LASTS = timedelta(days=92)
"""A bank pays a cheque for three months from its date (RBI, 4 November 2011): a day longer ago is
none of a cheque that is given now."""

GATEWAY = "gateway"
"""Through the shop's payment gateway: its notice books it, nobody by hand."""

OPENING = "opening"
"""An advance that a customer had before the books began; nobody pays this way."""


def account_of(method: str) -> str:
    """Where money paid this way arrives. Raises Invalid("bad_method")."""
    if method not in ACCOUNTS:
        raise Invalid("bad_method")
    return ACCOUNTS[method]
