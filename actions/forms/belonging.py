"""Whether a message belongs to the form in hand, by what it names."""

from __future__ import annotations

from actions.context import Turn
from actions.lexicon import every, only, where, which

OF_THE_SHOP = frozenset({"profit", "expenses", "sales", "top"})
"""Reports that answer no question of a form."""


def says_all_of_its_own(turn: Turn) -> bool:
    """Whether a message names somebody together with money or, in an order, goods: new work."""
    if turn.intent == "expense_log" and turn.first("amount") and turn.first("item"):
        return True
    if not (turn.first("customer_name") or turn.first("vendor_name")):
        return False
    goods = turn.intent == "order_create" and turn.first("product_name")
    paid = turn.intent == "payment_record" and turn.first("payment_method")
    asked = turn.intent == "payment_request" and turn.is_sure
    return bool(goods or paid or asked or turn.first("amount"))


def asks_of_the_shop(turn: Turn) -> bool:
    """ "Aaj ka profit" is a question, though it holds nothing but a day and a kind of report."""
    if turn.intent != "report_request" or turn.first("report_type") is None:
        return False
    return which(turn.text, "reports") in OF_THE_SHOP


def speaks_of_money(turn: Turn) -> bool:
    """Whether an amount or a way of paying is named, and no goods."""
    paid = turn.first("amount") or turn.first("payment_method")
    return paid is not None and turn.first("product_name") is None


def only_method(turn: Turn) -> str | None:
    """The way of paying, when a message says nothing else: "phone pe se", "bank transfer"."""
    ways = every(turn.text, "methods")
    others = [one for one in turn.entities if one.name not in ("payment_method", "report_type")]
    if len(ways) != 1 or others or turn.is_not_words:
        return None
    first, behind = where(turn.words, f"methods.{ways[0]}") or (0, 0)
    beside = (*turn.words[:first], *turn.words[behind:])
    return ways[0] if only(beside, "filler") else None
