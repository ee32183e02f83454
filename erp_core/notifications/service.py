"""What to tell whom when something happened.

`announce` listens to every command: it runs inside the command's transaction, after the command,
and writes to the outbox only. Nobody is told by message of what they just did themselves: the
conversation has answered them. What Bahi did alone, such as loading a shop, is told to nobody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from erp_core.journal.context import Context, Event, Recipient
from erp_core.ledger import chart
from erp_core.ledger.queries import balance_of
from erp_core.notifications import tellings
from erp_core.orders.states import CONFIRMED, PENDING
from erp_core.parties.queries import all_users, has_namesake

Teller = Callable[[Context, Event], None]

AT_ONCE, SOON, SOME_TIME = 0, 1, 2
"""Priorities of the outbox: an order waits for an answer, low stock can wait for a quiet moment."""

WATCHERS = ("owner", "manager")


def announce(ctx: Context) -> None:
    """Tell everybody concerned of what this command's events did."""
    if ctx.actor.kind == "system":
        return
    for event in tuple(ctx.events):
        teller = TELLERS.get(event.kind)
        if teller:
            teller(ctx, event)
    _tell_of_payments(ctx, [event for event in ctx.events if event.kind == "payment.recorded"])
    _tell_of_low_stock(ctx, [event for event in ctx.events if event.kind == "stock.low"])


def _order_created(ctx: Context, event: Event) -> None:
    """The shop's own bookings are confirmed at once; a customer's wait for the shop."""
    if ctx.actor.kind == "user" and event.payload["status"] == CONFIRMED:
        _tell_customer(ctx, event, tellings.ORDER_CONFIRMED, _order(event))
    elif ctx.actor.kind == "customer" and event.payload["status"] == PENDING:
        lines: Any = event.payload["lines"]
        facts = {
            **_order(event),
            "customer_id": event.payload["customer_id"],
            "items": len(lines),
        }
        _tell_shop(ctx, tellings.NEW_ORDER, facts, priority=AT_ONCE)


def _order_modified(ctx: Context, event: Event) -> None:
    if ctx.actor.kind == "customer":
        facts = {**_order(event), "customer_id": event.payload["customer_id"]}
        _tell_shop(ctx, tellings.ORDER_CHANGED_BY_CUSTOMER, facts, priority=AT_ONCE)
    else:
        _tell_customer(ctx, event, tellings.ORDER_CHANGED, _order(event))


def _order_noted(ctx: Context, event: Event) -> None:
    if ctx.actor.kind == "customer":
        facts = {**_order(event), "customer_id": event.payload["customer_id"]}
        _tell_shop(ctx, tellings.ORDER_NOTED, facts, priority=AT_ONCE)


def _order_cancelled(ctx: Context, event: Event) -> None:
    if ctx.actor.kind == "customer":
        facts = {**_order(event), "customer_id": event.payload["customer_id"]}
        _tell_shop(ctx, tellings.ORDER_CANCELLED_BY_CUSTOMER, facts, priority=AT_ONCE)
    else:
        _tell_customer(ctx, event, tellings.ORDER_CANCELLED, _order(event))


def _order_moved(response: str) -> Teller:
    def tell(ctx: Context, event: Event) -> None:
        _tell_customer(ctx, event, response, _order(event))

    return tell


def _invoice_cancelled(ctx: Context, event: Event) -> None:
    facts = {
        "invoice_id": str(event.entity),
        "invoice_number": event.payload["number"],
        "total": event.payload["total"],
    }
    _tell_customer(ctx, event, tellings.INVOICE_CANCELLED, facts)


def _tell_of_payments(ctx: Context, events: list[Event]) -> None:
    """A receipt for the customer; what staff took in, the owners and managers hear of. Money that
    came in several ways at once is told of once, with how much of it came which way."""
    by_customer: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        by_customer[str(event.payload["customer_id"])].append(event)
    for customer_id, paid in by_customer.items():
        received, recorded = tellings.PAYMENT_RECEIVED, tellings.PAYMENT_RECORDED
        facts = _khata(ctx, paid[-1])
        if len(paid) > 1:
            received, recorded = tellings.RECEIVED_IN_WAYS, tellings.RECORDED_IN_WAYS
            facts["ways"] = [[one.payload["amount"], one.payload["method"]] for one in paid]
            facts["amount"] = sum(paise for paise, _ in facts["ways"])
        _tell_customer(ctx, paid[-1], received, facts)
        if ctx.actor.role not in WATCHERS:
            _tell_shop(ctx, recorded, {**facts, "customer_id": customer_id})


def _credit_given(ctx: Context, event: Event) -> None:
    _tell_customer(ctx, event, tellings.CREDIT_GIVEN, _khata(ctx, event))


def _customer_added(ctx: Context, event: Event) -> None:
    """Only one who came of itself; whoever was added by the shop is known to it."""
    if ctx.actor.kind == "guest":
        known = event.entity is not None and has_namesake(ctx, UUID(str(event.entity)))
        response = tellings.NEW_NAMESAKE if known else tellings.NEW_CUSTOMER
        _tell_shop(ctx, response, {"customer_id": str(event.entity)})


def _payment_claimed(ctx: Context, event: Event) -> None:
    """The shop looks whether the money came, and notes it with a tap."""
    facts: dict[str, Any] = {"customer_id": event.payload["customer_id"]}
    response = tellings.PAYMENT_CLAIMED_SOMEHOW
    if event.payload["amount"]:
        response = tellings.PAYMENT_CLAIMED
        facts |= {"amount": event.payload["amount"], "method": event.payload["method"]}
    _tell_shop(ctx, response, facts, priority=AT_ONCE)


def _tell_of_low_stock(ctx: Context, crossings: list[Event]) -> None:
    """One message a command, however many products it brought to their level."""
    if len(crossings) == 1:
        (event,) = crossings
        facts = {
            "product_id": str(event.entity),
            "available": event.payload["available"],
            "reorder_level": event.payload["reorder_level"],
        }
        _tell_shop(ctx, tellings.LOW_STOCK, facts, priority=SOME_TIME, also_actor=True)
    elif crossings:
        facts = {"count": len(crossings)}
        _tell_shop(ctx, tellings.LOW_STOCKS, facts, priority=SOME_TIME, also_actor=True)


TELLERS: Mapping[str, Teller] = {
    "order.created": _order_created,
    "order.modified": _order_modified,
    "order.noted": _order_noted,
    "order.confirmed": _order_moved(tellings.ORDER_CONFIRMED),
    "order.ready": _order_moved(tellings.ORDER_READY),
    "order.shipped": _order_moved(tellings.ORDER_SHIPPED),
    "order.delivered": _order_moved(tellings.ORDER_DELIVERED),
    "order.cancelled": _order_cancelled,
    "invoice.cancelled": _invoice_cancelled,
    "payment.claimed": _payment_claimed,
    "khata.credit_given": _credit_given,
    "customer.added": _customer_added,
}
"""By kind of event. Sharing an invoice is itself a telling, so it has none here; payments and low
stock are told of once for all events of a command."""


def _order(event: Event) -> dict[str, Any]:
    return {
        "order_id": str(event.entity),
        "order_number": event.payload["number"],
        "total": event.payload["total"],
    }


def _khata(ctx: Context, event: Event) -> dict[str, Any]:
    """The amount, and what the customer owes now."""
    customer_id = UUID(str(event.payload["customer_id"]))
    return {
        "amount": event.payload["amount"],
        "balance": balance_of(ctx, chart.RECEIVABLE, customer_id),
    }


def _tell_customer(ctx: Context, event: Event, response: str, facts: dict[str, Any]) -> None:
    customer_id = UUID(str(event.payload["customer_id"]))
    if customer_id != ctx.actor.id:
        ctx.tell(response, to=Recipient("customer", customer_id), facts=facts, priority=SOON)


def _tell_shop(
    ctx: Context,
    response: str,
    facts: dict[str, Any],
    *,
    priority: int = SOON,
    also_actor: bool = False,
) -> None:
    for one in all_users(ctx, roles=WATCHERS):
        if also_actor or one.id != ctx.actor.id:
            ctx.tell(response, to=Recipient("user", one.id), facts=facts, priority=priority)
