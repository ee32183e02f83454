"""What a customer has ordered and cannot take after all: "mai nahi le paungi"."""

from __future__ import annotations

from actions.context import Turn
from actions.lexicon import says
from erp_core.orders import queries as orders


def cannot_take(turn: Turn) -> bool:
    """Whether a customer gives up what it has ordered; a day on which nothing shall come is the
    shop's to hear."""
    if turn.actor.kind != "customer" or turn.is_not_words or turn.slots.get("draft"):
        return False
    others = ("product_name", "quantity", "date", "amount")
    if "?" in turn.text or any(turn.first(one) for one in others):
        return False
    if not says(turn.words, "buyers.cannot_take"):
        return False
    with turn.read() as reader:
        return bool(orders.open_orders(reader, turn.own_id, limit=1))
