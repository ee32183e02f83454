"""What somebody who buys here wants, when goods are named in the words of those who run the shop.

"10 kg atta", "atta mangwana hai" and "2 tea add karo" are the shop's stock when its owner writes
them. From a customer or a guest they are an order, and a bare name of goods asks for the price.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

from actions.context import Turn
from actions.lexicon import only, says, words
from actions.match import MOST_CHOICES, just_spoken_of, product_named
from actions.reading.asked_and_counted import counts_what_is_asked
from actions.reading.parts import part_of
from actions.reading.said import pieces_between
from erp_core.journal.context import Reader
from erp_core.kernel.clauses import sentences
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.orders import queries, states
from erp_core.orders.queries import Order

OF_THE_SHOP = frozenset({"inventory_update", "low_stock_query", "product_add", "order_modify"})
"""Intents that, from a customer, are wishes rather than work."""
QUESTIONS = frozenset({"inventory_query", "price_query"})
WORK_OF_THE_SHOP = frozenset(
    {"expense_log", "price_update", "customer_add", "khata_credit", "payment_request"}
)
OF_ONESELF = frozenset({"order_status", "khata_query", "payment_status", "invoice_share"})
"""Questions of a customer about its own affairs: "order ka status kya hai" is not about goods."""
OF_A_BILL = frozenset({"invoice_generate", "invoice_share"})
MOST_COUNTED = 100
"""From here on a bare number beside goods may be grams or a rate."""
UNSURE = frozenset({"nlu_fallback", "out_of_scope"})
_AT_A_PRICE = re.compile(r"\d[\d,.]*(?:\s*(?:rs|rupaye|rupees|/-))?\s+(\S.*)", re.IGNORECASE)


def orders(turn: Turn) -> bool:
    """Whether the message wants goods, so that it begins an order."""
    goods, counted = turn.first("product_name"), turn.first("quantity")
    wanting = says(turn.words, "wanting")
    if turn.metadata.get("kind") == "button":
        return False
    if lists_goods(turn) or _wants_it_again(turn):
        return True
    asks_of = turn.intent in QUESTIONS | UNSURE | {"order_status"}
    if asks_of and counts_what_is_asked(turn.text, turn.entities):
        return True
    if turn.intent in OF_THE_SHOP - {"order_modify"}:
        return bool(wanting or (goods and (counted or says(turn.words, "more"))))
    if turn.intent in WORK_OF_THE_SHOP:
        return bool(goods and counted and not turn.first("amount"))
    if turn.intent in OF_A_BILL:
        beside = beside_order(turn)
        of_former = beside and (beside.first("date") or says(beside.words, "questions.lately"))
        wished = wanting or says(turn.words, "buyers.sends")
        return bool(goods and counted and wished and not of_former)
    if turn.intent in UNSURE:
        return bool(goods and (counted or wanting))
    if turn.intent == "order_status":
        asked_after = says(turn.words, "an_order") or says(turn.words, "where_is")
        wished = counted or (wanting and turn.is_guess)
        return bool(goods and wished and not asked_after and not turn.first("order_id"))
    if turn.intent in QUESTIONS:
        if goods and counted and (says(turn.words, "buyers.sends") or names_rate(turn)):
            return True
        if goods and counted and wanting and says(turn.words, "buyers.bargain"):
            return True
        asks_all = says(turn.words, "asking") and not _wants_beside(turn)
        return bool(goods and (counted or wanting) and not asks_all)
    return False


def wants_former(turn: Turn) -> bool:
    """ "Same as last month" names no day to come."""
    return says(turn.words, "buyers.same_again") and says(turn.words, "questions.lately")


def _wants_it_again(turn: Turn) -> bool:
    """ "Jo pichli baar liya tha wahi bhej do" asks after no order: it is one."""
    again = says(turn.words, "buyers.same_again") and says(turn.words, "wanting")
    return not turn.is_user and again and not says(turn.words, "bill_words")


def answer_beside(turn: Turn) -> None:
    """Say of bargaining beside goods that are counted whose the price is."""
    counted = turn.first("quantity") is not None
    cues = ("buyers.bargain", "discount")
    if counted and (any(says(turn.words, one) for one in cues) or names_rate(turn)):
        turn.say("utter_discount_by_shop")


def names_rate(turn: Turn) -> bool:
    """Whether a buyer says at what it would take goods: "10 dolo 25 me doge", "at 25 each"."""
    if says(turn.words, "buyers.own_rate"):
        return True
    behind = (words(found[1])[:3] for found in _numbers_in(turn.text))
    given = ("bargains", "buyers.sends")
    if any(says(one[:1], "buyers.at") and any(says(one, c) for c in given) for one in behind):
        return True
    amount = turn.first("amount")
    return amount is not None and says(turn.words, "buyers.each")


def _numbers_in(text: str) -> Iterator[re.Match[str]]:
    """Each number with all that stands behind it."""
    found = _AT_A_PRICE.search(text)
    while found:
        yield found
        found = _AT_A_PRICE.search(text, found.start(1))


def _wants_beside(turn: Turn) -> bool:
    """ "iPhone ka last kya loge? 1 chahiye", "jeans bhi 1, warranty hai?": goods are counted beside
    what is asked of them."""
    parts = [part_of(turn, span) for span in sentences(turn.text)]
    behind = [one for one in parts[1:] if says(one.words, "wanting")]
    more = [one for one in parts if one.first("product_name") and says(one.words, "more")]
    counted = [one for one in (*behind, *more) if one.first("quantity")]
    asks = [one for one in counted if says(one.words, "asking")]
    return len(parts) > 1 and len(asks) < len(counted)


def beside_order(turn: Turn) -> Turn | None:
    """What is asked beside an order in one message: "send bill for last month. also 30 idli"."""
    if turn.is_user or turn.intent not in OF_ONESELF | {"invoice_generate"} or turn.is_not_words:
        return None
    parts = [part_of(turn, span) for span in sentences(turn.text)]
    asked = [one for one in parts if not one.first("product_name") and not one.first("quantity")]
    wanted = [one for one in parts if one.first("product_name") and one.first("quantity")]
    if not asked or not wanted or len(asked) + len(wanted) < len(parts):
        return None
    said = " ".join(one.text.strip() for one in asked)
    return replace(turn, text=said, entities=[each for one in asked for each in one.entities])


def lists_goods(turn: Turn) -> bool:
    """Whether several goods are counted: "1 kg chini, 2 maggi, dahi hai kya?" orders them, and so
    does "4 chini aur 2 maggi, bill GST wala"."""
    if turn.intent not in QUESTIONS | UNSURE | {"invoice_generate", "invoice_share"}:
        return False
    several = len(turn.all("product_name")) > 1 and len(turn.all("quantity")) > 1
    return several and not says(turn.words, "asks_price")


def pries(turn: Turn) -> bool:
    """Whether a customer asks of the shop's affairs or of everybody's, and not of its own."""
    said = [one for one in turn.words if not only([one], "total_alone")]
    about = says(said, "everybody") or says(said, "of_the_shop")
    return about and not says(said, "me")


def counts_own(turn: Turn) -> Turn | None:
    """A customer's "samose 15 kar do", of goods on an order of its own that may still be changed,
    as a change of how many; with more than the number it may be a rate that is bargained for."""
    if recounts_own(turn):
        return replace(turn, intent="order_modify")
    goods, sums = turn.all("product_name"), turn.all("amount")
    if turn.actor.kind != "customer" or turn.intent != "price_update" or len(goods) != 1:
        return None
    number = parse_number(sums[0].value) if len(sums) == 1 and not turn.first("quantity") else None
    beside = [one for one in words(" ".join(pieces_between(turn))) if not only([one], "filler")]
    set_so = says(beside, "buyers.recounts") or only(beside, "do_it")
    if number is None or number >= MOST_COUNTED or not set_so:
        return None
    if not holds_own(turn, goods[0].value):
        return None
    counted = [replace(one, name="quantity") if one is sums[0] else one for one in turn.entities]
    return replace(turn, intent="order_modify", entities=counted)


def recounts_own(turn: Turn) -> bool:
    """ "Count badlo khaman 20 kg" and "add 5 puzzle also", of the order that was just sent and may
    still be changed: no other order."""
    goods = turn.first("product_name") and turn.first("quantity") and not turn.first("amount")
    if turn.actor.kind != "customer" or turn.is_not_words or not goods or turn.slots.get("draft"):
        return False
    if turn.intent not in _TAKEN_FOR or "?" in turn.text or not just_spoken_of(turn, "order"):
        return False
    if any(says(turn.words, one) for one in ("buyers.recounts", "buyers.adds")):
        return has_changeable(turn)
    sets = says(turn.words, "buyers.sets_count") and len(turn.all("product_name")) == 1
    return sets and holds_own(turn, turn.all("product_name")[0].value)


def holds_own(turn: Turn, said: str) -> bool:
    """Whether goods stand on an order of a customer that may still be changed."""
    with turn.read() as reader:
        found = product_named(reader, said)
        named = {one.id for one in ([found.one] if found.one else found.options)}
        own = orders_of(reader, turn.own_id)
    return any(line.product_id in named for one in own for line in one.lines)


_TAKEN_FOR = UNSURE | {"inventory_update", "order_create", "price_update", "product_add"}


def orders_of(reader: Reader, customer_id: UUID) -> list[Order]:
    """The orders that a customer may still change."""
    found = queries.open_orders(reader, customer_id, limit=MOST_CHOICES)
    return [one for one in found if one.status in states.CHANGEABLE_BY_CUSTOMER]


def has_changeable(turn: Turn) -> bool:
    """Whether a customer has an order that may still be changed."""
    with turn.read() as reader:
        return turn.actor.kind == "customer" and bool(orders_of(reader, turn.own_id))


def looks_round(turn: Turn) -> bool:
    """Whether somebody wants to know what there is at all."""
    if turn.intent in OF_ONESELF:
        return False
    return says(turn.words, "what_we_sell") and not turn.entities


def asks(turn: Turn) -> bool:
    """Whether goods were merely named, so that their price is told."""
    return turn.first("product_name") is not None and turn.intent in OF_THE_SHOP | UNSURE
