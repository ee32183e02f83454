"""An order in so many words: who, how many, what and at which rate: "rajmahal 5 oil @165"."""

from __future__ import annotations

import re
from dataclasses import replace

from actions.context import Turn
from actions.entities import Entity
from actions.lexicon import says
from actions.match import customer_named, product_named

_NOTE = re.compile(
    r"\s*([^\W\d].*?)\s+(\d+(?:\.\d+)?)\s+([^\W\d].*?)\s*"
    r"(?:(?:@|\bat|\brs\.?|₹)\s*(\d[\d,]*(?:\.\d+)?))?\s*",
    re.IGNORECASE,
)
_KINDS = ("customer_name", "quantity", "product_name", "amount")
_TAKEN_FOR = frozenset({"share_expense", "expense_log"})
"""Intents that a sale to a friend of the shop is often taken for."""
_AS_SOLD = {"person": "customer_name", "vendor_name": "customer_name", "item": "product_name"}


def as_order(turn: Turn) -> Turn | None:
    """The message with its customer and goods marked, where both are known here; a new product has
    no name that begins with a customer's and ends with goods of the shop."""
    found = _NOTE.fullmatch(turn.text)
    if found is None or turn.is_sure or turn.first("customer_name") or not turn.is_user:
        return None
    with turn.read() as reader:
        known = customer_named(reader, found[1]).one and product_named(reader, found[3]).one
    if not known:
        return None
    marked = [
        Entity(kind, found[at], start=found.start(at), end=found.end(at))
        for at, kind in enumerate(_KINDS, start=1)
        if found[at]
    ]
    return replace(turn, entities=marked, intent="order_create")


def with_buyers(turn: Turn) -> Turn:
    """ "Pushpa 3 doodh Kamla 2 doodh", where the second buyer was taken for a part of the goods."""
    kept = []
    for one in turn.entities:
        goods = one.name == "product_name" and one.end and " " in one.value
        kept += _goods_and_buyer(turn, one) if goods else [one]
    return replace(turn, entities=kept)


def _goods_and_buyer(turn: Turn, entity: Entity) -> list[Entity]:
    goods, _, name = entity.value.rpartition(" ")
    with turn.read() as reader:
        if product_named(reader, entity.value).one or not customer_named(reader, name).one:
            return [entity]
        found = product_named(reader, goods)
    if not (found.one or (found.options and not found.guesses)):
        return [entity]
    start = entity.end - len(name)
    return [
        replace(entity, value=goods, end=entity.start + len(goods), normalized=None),
        Entity("customer_name", name, start=start, end=entity.end),
    ]


def sells(turn: Turn) -> Turn | None:
    """ "Neha ki screen repair 1500 me", taken for what is shared with a friend: the message with
    its customer and goods marked, where both are known here."""
    if not turn.is_user or turn.is_sure or turn.intent not in _TAKEN_FOR:
        return None
    if turn.first("amount") is None or says(turn.words, "buying.not_spent"):
        return None
    marked = [replace(one, name=_AS_SOLD.get(one.name, one.name)) for one in turn.entities]
    sale = replace(turn, entities=marked, intent="order_create")
    named, goods = sale.value("customer_name"), sale.value("product_name")
    if named is None or goods is None:
        return None
    with turn.read() as reader:
        known = customer_named(reader, named).one and product_named(reader, goods).one
    return sale if known else None


def sells_service(turn: Turn) -> bool:
    """ "Neha ko screen repair 1500 ka kiya udhaar me": work that the shop sells, at a price and on
    the khata, is billed with its tax, whatever the message was taken for."""
    goods, priced = turn.all("product_name"), turn.all("amount")
    if not turn.is_user or turn.first("customer_name") is None or len(goods) != 1 or not priced:
        return False
    if not says(turn.words, "on_khata") or says(turn.words, "asking"):
        return False
    with turn.read() as reader:
        found = product_named(reader, goods[0].value).one
    return found is not None and found.is_service
