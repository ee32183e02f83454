"""Ways to pay, and the account where the money of each arrives."""

from __future__ import annotations

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

GATEWAY = "gateway"
"""Through the shop's payment gateway: its notice books it, nobody by hand."""

OPENING = "opening"
"""An advance that a customer had before the books began; nobody pays this way."""


def account_of(method: str) -> str:
    """Where money paid this way arrives. Raises Invalid("bad_method")."""
    if method not in ACCOUNTS:
        raise Invalid("bad_method")
    return ACCOUNTS[method]
