"""What goods would come to: "Sharma ji ko 10 fan ka quotation do", "kitne ka padega 3 shirt".

Nothing is written. The goods and for whom they are stay in mind, so that a yes makes an order of
them, which is shown and confirmed as any other.
"""

from __future__ import annotations

import json
from dataclasses import replace

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import Entity, number_of, paise_of
from actions.forms.customer import set_customer
from actions.forms.draft import Draft
from actions.forms.names import ORDER_FORM
from actions.goods.lines import take_goods
from actions.goods.said import apart
from actions.goods.settling import settle_goods
from actions.goods.telling import complete
from actions.invoicing.discounts import sum_off
from actions.lexicon import beside, only, says, where, words
from actions.match import ask_which_product, customer_named, just_spoken_of, product_named, remember
from actions.orders import wishes
from actions.orders.change_back import tell_change
from actions.orders.lines import leave_own_rates, wanted
from actions.reading.parts import without
from actions.wording import order_lines, totals
from erp_core.journal.context import Reader
from erp_core.orders import queries as orders
from erp_core.parties import queries as parties
from erp_core.parties.permissions import Permission
from erp_core.parties.queries import Customer

TOLD = "estimate"
"""What of an estimate is kept among what was spoken of."""
AGREEING = frozenset({"affirm", "order_create", "order_modify", "nlu_fallback"})


def tell(turn: Turn) -> list[EventType] | None:
    """Tell what goods would come to; None where that is not asked, or they are not clear."""
    given, turn = _paid_beside(_without_paper(apart(turn)))
    if not _asked(turn):
        return None
    turn = _at_full_price(turn)
    draft = Draft(turn.new_id(), ORDER_FORM)
    take_goods(turn, draft)
    with turn.read() as reader:
        if not _settled(turn, reader, draft):
            return [] if turn.dispatcher.messages else None
        said = _name_said(turn)
        buyer = _buyer(turn, reader, said)
        leave_own_rates(turn, draft)
        told = orders.preview(
            reader, customer_id=buyer.id if buyer else None, lines=wanted(turn, draft)
        )
    name = (buyer.name if buyer else said) if turn.is_user else ""
    turn.say(
        "utter_estimate" if turn.is_user else "utter_your_estimate",
        buyer=turn.line("line_estimate_for", name=name) if name else "",
        rows=order_lines(turn, told),
        totals=totals(turn, told),
    )
    if given:
        tell_change(turn, given, told.total_paise)
    if not turn.is_user:
        wishes.answer_beside(turn)
    kept = {"lines": draft["lines"], "customer": str(buyer.id) if buyer else "", "said": said}
    alone = draft["lines"][0]["id"] if len(draft["lines"]) == 1 else None
    return [remember(turn, product=alone, **{TOLD: json.dumps(kept)})]


def tell_on_paper(turn: Turn) -> list[EventType] | None:
    """Tell what goods would come to, while something else is written: what a quotation names is no
    part of it."""
    return tell(turn) if turn.is_user and says(turn.words, "estimates.paper") else None


def begin(turn: Turn, draft: Draft) -> None:
    """Fill a new order with the goods of the estimate that was just told, if it is agreed to."""
    if not is_agreed(turn):
        return
    kept = json.loads(turn.slots["recent"][TOLD])
    draft["lines"] = kept["lines"]
    if turn.is_user and kept["customer"] and not turn.first("customer_name"):
        with turn.read() as reader:
            buyer = parties.customer(reader, kept["customer"])
        set_customer(draft, buyer.id, buyer.name)
    elif turn.is_user and kept["said"] and not turn.first("customer_name"):
        draft["customer_said"] = kept["said"]


def is_agreed(turn: Turn) -> bool:
    """Whether an order is wanted of what an estimate has just told."""
    if turn.first("product_name") or turn.first("quantity") or not just_spoken_of(turn, TOLD):
        return False
    return turn.intent in AGREEING or wants_order(turn) or takes_it(turn)


def takes_it(turn: Turn) -> bool:
    """ "Book kar do" of who buys, right after an estimate."""
    if turn.is_user or turn.is_not_words or not just_spoken_of(turn, TOLD):
        return False
    taken = says(turn.words, "do_it") or says(turn.words, "wanting")
    said = beside(turn.words, "buyers.at_list")
    refused = any(says(said, cue) for cue in ("negation", "cancel", "asking"))
    return taken and not refused and not turn.entities


def wants_order(turn: Turn) -> bool:
    """ "Ok make the order for Amit", right after an estimate: whatever it is taken for."""
    goods = turn.first("product_name") or turn.first("quantity")
    return not goods and makes_order(turn) and just_spoken_of(turn, TOLD)


def makes_order(turn: Turn) -> bool:
    """ "Order bana do Neha ka": one that is to be made, by the wording."""
    if turn.is_not_words or not says(turn.words, "buying.an_order") or turn.first("order_id"):
        return False
    made = any(says(turn.words, cue) for cue in ("makes_bill", "makes_order", "do_it"))
    refused = any(says(turn.words, cue) for cue in ("negation", "cancel", "remove"))
    return made and not refused and "?" not in turn.text


def _without_paper(turn: Turn) -> Turn:
    """The goods without the word for the paper: "2 redmi quotation banao" wants two Redmi."""
    named = (_named(one) for one in turn.entities)
    return replace(turn, entities=[one for one in named if one is not None])


def _named(one: Entity) -> Entity | None:
    if one.name != "product_name" or not says(words(one.value), "estimates.paper"):
        return one
    kept = [word for word in one.value.split() if not only(words(word), "estimates.paper")]
    return replace(one, value=" ".join(kept)) if kept else None


def asks_total_of_goods(turn: Turn) -> bool:
    """Whether it is asked what all goods of a message come to, though each of its clauses may be
    taken for a wish of its own."""
    return _asked(_paid_beside(_without_paper(turn))[1])


def _at_full_price(turn: Turn) -> Turn:
    """The goods without a sum that shall come off them, which is no rate, and is told back."""
    off = sum_off(turn) if turn.is_user else None
    if off is None:
        return turn
    _, start, end = off
    turn.say("utter_not_in_it", said=turn.text[start:end].strip())
    return without(turn, start, end)


def _paid_beside(turn: Turn) -> tuple[int | None, Turn]:
    """What was handed over for the goods of which it is asked what they come to, in paise, and the
    question without it: "3 thali 2 tiffin ka kitna hua, 1600 diye"."""
    last = next(iter(turn.all("amount")[::-1]), None)
    if last is None or not last.end or not turn.is_user:
        return None, turn
    before, behind = words(turn.text[: last.start]), words(turn.text[last.end :])
    asked = any(says(before, cue) for cue in ("estimates.comes_to", "how_much_is_it"))
    behind = beside(behind, "rupees")
    if not asked or not says(behind[:2], "few_words.given") or says(before, "sold"):
        return None, turn
    return paise_of(last), without(turn, last.start, len(turn.text))


def _asked(turn: Turn) -> bool:
    """Whether it is asked what counted goods come to; of one without a number the rate is told."""
    if not turn.first("product_name") or not turn.first("quantity") or turn.is_not_words:
        return False
    if turn.is_user and not turn.may(Permission.CREATE_ORDER):
        return False
    found = where(turn.words, "estimates.comes_to") or where(turn.words, "how_much_is_it")
    behind = turn.words[found[1] :] if found else ()
    behind = behind[1:] if says(behind[:1], "tense.past") else behind  # "total kitna hua"
    beside = (*turn.words[: found[0]], "|", *behind) if found else turn.words
    if says(turn.words, "not_kept.on_offer") or says(beside, "tense.past"):
        return False
    if says(turn.words, "estimates.paper"):
        return True
    if not turn.is_user and says(turn.words, "papers.proforma"):
        return True
    counted = any(number_of(one) != 1 for one in turn.all("quantity"))
    several = counted or len(turn.all("product_name")) > 1
    bargains = turn.intent in wishes.QUESTIONS and says(turn.words, "buyers.bargain")
    bargains = bargains and not says(turn.words, "wanting")
    asked = not turn.is_user and (bargains or says(turn.words, "estimates.asked_by_buyers"))
    return several and (asked or found is not None)


def _settled(turn: Turn, reader: Reader, draft: Draft) -> bool:
    """Whether all goods are known and counted; asks which is meant where one is not."""
    settle_goods(turn, reader, draft, may_add=False)
    pending = draft.pending
    if pending is None:
        return complete(draft) is not None
    if pending.get("field") == "product":
        unknown = draft["lines"][pending["index"]]["said"]
        ask_which_product(turn, product_named(reader, unknown), "price_query")
    return False


def _name_said(turn: Turn) -> str:
    return turn.value("customer_name") or turn.value("person") or ""


def _buyer(turn: Turn, reader: Reader, said: str) -> Customer | None:
    if turn.actor.kind == "customer":
        return parties.customer(reader, turn.own_id)
    return customer_named(reader, said).one if said else None
