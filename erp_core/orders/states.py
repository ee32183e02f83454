"""The life of an order."""

from __future__ import annotations

from erp_core.kernel.states import Transitions

PENDING = "pending"
CONFIRMED = "confirmed"
PROCESSING = "processing"
READY = "ready"
SHIPPED = "shipped"
DELIVERED = "delivered"
CANCELLED = "cancelled"
RETURNED = "returned"

TRANSITIONS = Transitions(
    {
        PENDING: frozenset({CONFIRMED, CANCELLED}),
        CONFIRMED: frozenset({PROCESSING, READY, SHIPPED, DELIVERED, CANCELLED}),
        PROCESSING: frozenset({READY, SHIPPED, DELIVERED, CANCELLED}),
        READY: frozenset({SHIPPED, DELIVERED, CANCELLED}),
        SHIPPED: frozenset({DELIVERED}),
        DELIVERED: frozenset({RETURNED}),
        CANCELLED: frozenset(),
        RETURNED: frozenset(),
    }
)
"""Steps may be left out: goods sold over the counter are confirmed, then delivered."""

RESERVED = frozenset({CONFIRMED, PROCESSING, READY})
"""Stock is promised to the order."""

ISSUED = frozenset({SHIPPED, DELIVERED})
"""Stock has left for the order."""

OPEN = frozenset({PENDING, CONFIRMED, PROCESSING, READY, SHIPPED})
"""Something is still to be done."""

BILLABLE = RESERVED | ISSUED
"""A bill can be made of the order."""

CHANGEABLE = frozenset({PENDING, CONFIRMED, PROCESSING, READY})
CHANGEABLE_BY_CUSTOMER = frozenset({PENDING})
CANCELLABLE_BY_CUSTOMER = frozenset({PENDING, CONFIRMED})
