"""What shall not be forgotten: "maggi mat bhulna" asks for maggi, and forbids nothing."""

from __future__ import annotations

from actions.context import Turn
from actions.forms.names import MODIFY_FORM, ORDER_FORM
from actions.match import MOST_CHOICES
from erp_core.orders import queries as orders
from erp_core.orders import states


def form_insisted_on(turn: Turn) -> str | None:
    """The form for goods that shall not be forgotten: an order that stands, else a new one. Of a
    shop's own people only those mean an order who have just written one."""
    if not turn.insists or turn.first("product_name") is None:
        return None
    if turn.is_user:
        just_ordered = (turn.slots.get("recent") or {}).get("did") == "order"
        return MODIFY_FORM if just_ordered else None
    if turn.actor.kind == "guest":
        return ORDER_FORM
    with turn.read() as reader:
        found = orders.open_orders(reader, turn.own_id, limit=MOST_CHOICES)
    stands = any(one.status in states.CHANGEABLE_BY_CUSTOMER for one in found)
    return MODIFY_FORM if stands else ORDER_FORM
