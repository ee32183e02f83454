"""Being sorry."""

from __future__ import annotations

from actions.context import Turn
from actions.match import recent
from actions.wording import cancel_bill_button
from erp_core.invoicing import queries as invoices
from erp_core.parties.permissions import Permission


def apologize(turn: Turn) -> None:
    """Be sorry; to whoever runs the shop, offer to cancel the bill spoken of last."""
    last = recent(turn, "invoice") if turn.may(Permission.CANCEL_INVOICE) else None
    if last is None:
        turn.say("utter_sorry")
        return
    with turn.read() as reader:
        bill = invoices.invoice(reader, last)
    if bill.status == "cancelled":
        turn.say("utter_sorry")
        return
    button = cancel_bill_button(turn, bill.number)
    turn.say("utter_sorry_for_bill", number=bill.number, name=bill.customer_name, choices=[button])
