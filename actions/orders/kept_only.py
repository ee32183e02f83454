"""An order of which only some goods shall stay: "sirf maggi rakho baaki cancel"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from actions.context import Turn
from actions.goods.said import words_of_goods
from actions.lexicon import only, says, words
from actions.match import recent
from actions.reading.parts import part_of, without
from erp_core.journal.context import Reader
from erp_core.kernel.clauses import sentences
from erp_core.orders import queries as orders
from erp_core.orders import states
from erp_core.orders.queries import Order, OrderLine


def left_behind(turn: Turn) -> tuple[Order, list[OrderLine]] | None:
    """The order in hand and those of its goods that shall not come; None where all do, or where a
    message says nothing of the kind."""
    if turn.is_not_words or turn.actor.kind == "guest" or turn.first("quantity"):
        return None
    if not (_goes(turn.words) and says(turn.words, "buyers.only_these")):
        return None
    rest = says(turn.words, "buyers.the_rest") or _stays_apart(turn)
    if not rest or "?" in turn.text or turn.first("amount"):
        return None
    with turn.read() as reader:
        order = _in_hand(turn, reader)
    if order is None or order.status not in states.CHANGEABLE:
        return None
    said = set(turn.words)
    others = [one for one in order.lines if said.isdisjoint(words_of_goods({"said": one.product}))]
    return (order, others) if others and len(others) < len(order.lines) else None


def some_refused(turn: Turn) -> bool:
    """ "Surf cancel karo aur 2 maggi bhej do": goods of an own order shall go, others come."""
    plain = turn.actor.kind == "customer" and not turn.is_not_words and not turn.slots.get("draft")
    if not plain or "?" in turn.text or len(turn.all("product_name")) < 2:
        return False
    parts = [part_of(turn, one) for one in sentences(turn.text)]
    refused = {word for one in parts if refuses_goods(one) for word in one.words}
    if not refused or not any(one.first("product_name") and one.first("quantity") for one in parts):
        return False
    with turn.read() as reader:
        order = _in_hand(turn, reader)
    if order is None or order.status not in states.CHANGEABLE:
        return False
    held = (words_of_goods({"said": one.product}) for one in order.lines)
    return any(not refused.isdisjoint(one) for one in held)


def ordered_instead(turn: Turn) -> Turn | None:
    """The goods of "cancel karo, 2 maggi bhej do", which come in the place of all that a buyer has
    written; None where a message is nothing of the kind."""
    spans = sentences(turn.text)
    if turn.is_user or turn.is_not_words or len(spans) < 2:
        return None
    said = words(turn.text[slice(*spans[0])])
    rest = without(turn, *spans[0])
    calls_off = says(said, "cancel") and all(_calls_off(one) for one in said)
    counted = rest.first("product_name") and rest.first("quantity")
    return replace(rest, intent="order_create") if calls_off and counted else None


def _calls_off(word: str) -> bool:
    return any(only([word], one) for one in ("cancel", "filler", "do_it", "goods_in_general"))


def refuses_goods(part: Turn) -> bool:
    """Whether a part of a message takes goods off, all of them."""
    if not part.first("product_name") or part.first("quantity"):
        return False
    return says(part.words, "negation") or _goes(part.words)


def _goes(said: Sequence[str]) -> bool:
    return says(said, "cancel") or says(said, "remove")


def _stays_apart(turn: Turn) -> bool:
    """ "Half order cancel, sirf earphones bhejo": what alone shall come has a clause of its own."""
    parts = [words(turn.text[start:end]) for start, end in sentences(turn.text)]
    return any(says(one, "buyers.only_these") and not _goes(one) for one in parts)


def _in_hand(turn: Turn, reader: Reader) -> Order | None:
    """The open order that was spoken of last, or the only one of the customer who writes."""
    before = recent(turn, "order")
    if before and (known := orders.order(reader, before)).status in states.OPEN:
        return known
    found = [] if turn.is_user else orders.open_orders(reader, turn.own_id, limit=2)
    return found[0] if len(found) == 1 else None
