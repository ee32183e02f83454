"""The life of a purchase order."""

from __future__ import annotations

from erp_core.kernel.states import Transitions

SENT = "sent"
PARTLY = "partly"
RECEIVED = "received"
CANCELLED = "cancelled"

TRANSITIONS = Transitions(
    {
        SENT: frozenset({PARTLY, RECEIVED, CANCELLED}),
        PARTLY: frozenset({PARTLY, RECEIVED, CANCELLED}),
        RECEIVED: frozenset(),
        CANCELLED: frozenset(),
    }
)

OPEN = (SENT, PARTLY)
"""Goods are still to come."""
