"""Why stock changes, as data: what each reason does to the stock's value in the ledger."""

from __future__ import annotations

from dataclasses import dataclass

from erp_core.kernel.errors import Invalid
from erp_core.ledger import chart


@dataclass(frozen=True)
class Reason:
    """A reason for stock to come (`gain` is credited) or to go (`loss` is debited)."""

    code: str
    gain: str | None = None
    loss: str | None = None


REASONS = {
    reason.code: reason
    for reason in (
        Reason("opening", gain=chart.OPENING_EQUITY, loss=chart.OPENING_EQUITY),
        Reason("received", gain=chart.PURCHASES_PENDING),
        Reason("sent_back", loss=chart.PURCHASES_PENDING),
        Reason("counted", gain=chart.STOCK_GAIN, loss=chart.STOCK_LOSS),
        Reason("removed", loss=chart.STOCK_LOSS),
        Reason("damaged", loss=chart.STOCK_LOSS),
        Reason("expired", loss=chart.STOCK_LOSS),
        Reason("lost", loss=chart.STOCK_LOSS),
        Reason("own_use", loss=chart.DRAWINGS),
        Reason("sold", loss=chart.COGS),
        Reason("returned", gain=chart.COGS),
    )
}


def account_of(reason: str, *, coming: bool) -> str:
    """The account opposite to INVENTORY. Raises Invalid("bad_reason")."""
    known = REASONS.get(reason)
    account = known and (known.gain if coming else known.loss)
    if not account:
        raise Invalid("bad_reason")
    return account
