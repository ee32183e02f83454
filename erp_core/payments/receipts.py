"""Receipts: sent to the customer as a document, drawn when it is sent."""

from __future__ import annotations

from typing import TypedDict
from uuid import UUID

from erp_core.journal.context import Context, Recipient
from erp_core.parties.permissions import Permission, require
from erp_core.payments.queries import payment

RECEIPT = "utter_receipt"


class ReceiptSent(TypedDict):
    payment_id: str
    customer_id: str
    amount: int


def send_receipt(ctx: Context, *, payment_id: UUID) -> ReceiptSent:
    """Send a payment's receipt to its customer. Raises NotFound("payment")."""
    require(ctx, Permission.RECORD_PAYMENT)
    paid = payment(ctx, payment_id)
    ctx.tell(
        RECEIPT,
        to=Recipient("customer", paid.customer_id),
        facts={"amount": paid.amount},
        attachment={"kind": "receipt", "id": str(payment_id)},
    )
    ctx.record("receipt.sent", entity=payment_id)
    return {
        "payment_id": str(payment_id),
        "customer_id": str(paid.customer_id),
        "amount": paid.amount,
    }
