"""Goods that a customer has taken along on credit: they leave the stock a while after their bill,
until which the bill is put right as if nothing had left."""

from __future__ import annotations

from datetime import timedelta
from typing import TypedDict
from uuid import UUID

from erp_core.journal.context import Context
from erp_core.journal.jobs import Work
from erp_core.orders import queries, service, states

JOB = "order_left"
AFTER = timedelta(minutes=30)
"""Slips are told within a few messages; after that what has left comes back by a credit note."""


class HandedOver(TypedDict):
    order_id: str
    status: str


def plan(ctx: Context, order_id: UUID) -> None:
    """Have the goods of an order that was billed leave the stock in a while."""
    ctx.later(JOB, due_at=ctx.now + AFTER, order_id=str(order_id))


def do(work: Work) -> None:
    """The job."""
    work.run(hand_over, order_id=UUID(str(work.arguments["order_id"])))


def hand_over(ctx: Context, *, order_id: UUID) -> HandedOver:
    """Deliver an order whose bill still stands, and that has neither left nor been cancelled.

    Raises NotFound("order").
    """
    order = queries.order(ctx, order_id)
    if order.invoice_id is None or order.status not in states.RESERVED:
        return {"order_id": str(order_id), "status": order.status}
    moved = service.change_status(ctx, order_id=order_id, status=states.DELIVERED)
    return {"order_id": str(order_id), "status": moved["status"]}
