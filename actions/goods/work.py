"""Work that a shop does, and what it hires out: in no stock, though it comes and goes in the same
words as goods do. "Sunita ke 2 blouse aaye silne", "3 kursi toot gayi"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from actions.context import Turn
from actions.forms.draft import Draft
from actions.lexicon import says
from actions.match import Found, product_named
from actions.purchases.vendors import is_customer
from actions.reading.gone_back import gone_back
from erp_core.catalogue import queries as catalogue
from erp_core.inventory import queries as inventory
from erp_core.journal.context import Reader

_GOES = frozenset({"remove", "damage", "own"})


def without_work(turn: Turn, reader: Reader, draft: Draft) -> bool:
    """Tell of the lines whose work is in no stock, and leave them out; whether any are left. What
    is cooked or done, and was counted to be none, may be had again."""
    lines = draft["lines"] or []
    work = [one for one in lines if _is_in_no_stock(reader, draft["change"], one)]
    if not work:
        return True
    names = [one["name"] for one in work]
    turn.say("utter_work_in_no_stock", products=", ".join(names), example=names[0])
    draft["lines"] = [one for one in lines if one not in work]
    return bool(draft["lines"])


def _is_in_no_stock(reader: Reader, change: str | None, line: Mapping[str, Any]) -> bool:
    product_id = UUID(line["id"])
    if not catalogue.product(reader, product_id).is_service:
        return False
    stock, count = inventory.stock(reader, product_id), Decimal(line["counted"])
    return (change in _GOES and stock.on_hand < count) or (change == "add" and stock.has(count))


def is_work_of_somebody(turn: Turn) -> bool:
    """Whether work is said to have come from a customer: it is ordered, and no stock."""
    goods, named = turn.all("product_name"), turn.first("customer_name")
    if not turn.is_user or not goods or named is None or gone_back(turn.words):
        return False
    if any(says(turn.words, cue) for cue in ("stock.lost", "stock.damage", "asking")):
        return False
    with turn.read() as reader:
        found = [product_named(reader, one.value) for one in goods]
    guessed = any(one.guesses or not (one.one or one.options) for one in found)
    return not guessed and _is_work(found) and is_customer(turn, named.value)


def is_of_work(turn: Turn) -> bool:
    """Whether all goods that a message names are work, which is done later."""
    with turn.read() as reader:
        return _is_work([product_named(reader, one.value) for one in turn.all("product_name")])


def _is_work(found: Sequence[Found]) -> bool:
    known = [each for one in found for each in ([one.one] if one.one else one.options)]
    return bool(known) and all(one.is_service for one in known)
