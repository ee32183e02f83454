"""A sale over the counter, to nobody by name."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from actions.context import Turn
from actions.entities import NUMBERS, Entity, method_of, methods_of
from actions.forms.beside import Outcome
from actions.forms.customer import set_customer
from actions.forms.draft import Draft
from actions.forms.names import PAYMENT_FORM
from actions.invoicing.paid_beside import (
    as_payment,
    leaves_rest,
    paid_at_a_price,
    says_given,
    start_of_money,
    ways_said,
)
from actions.invoicing.paid_ways import rest_by_way, take_paid
from actions.invoicing.sales import set_said_total
from actions.lexicon import every, only, says, where, words
from actions.orders.paid_now import way_of_all
from actions.reading.parts import part_of
from actions.reading.said import denies
from erp_core.kernel.clauses import clauses
from erp_core.parties import service as parties_service
from erp_core.parties.permissions import Permission
from erp_core.parties.service import WALK_IN

AT_ONCE = frozenset({"cash", "upi", "card"})
"""Ways of paying over the counter."""

COUNTER_TAPS = {"counter": "cash", "counter_upi": "upi"}
"""How goods were paid, by the buttons that say they were for nobody by name."""

SEVERAL = 2

_WORD = re.compile(r"[^\s,;]+")
_FIGURE_BEFORE = re.compile(r"(?<![\w.])(\d[\d,]*)\s+$")


def sold_to_nobody(turn: Turn) -> bool:
    """ "5 maggi bech di nagad": sold and paid, with no name."""
    if not turn.is_user or turn.first("customer_name") or turn.first("customer_phone"):
        return False
    if leaves_rest(turn) or says(turn.words, "advance"):
        return False
    paid = says(turn.words, "sold") and turn.method is not None
    paid = paid or _has_paid(turn)
    return paid or says(turn.words, "walk_in") or is_paid_at_once(turn)


def _has_paid(turn: Turn) -> bool:
    """ "Ek grahak 2 cover le gaya, 500 diye": somebody, and the money came."""
    goods, sums = turn.all("product_name"), turn.all("amount")
    if not goods or len(sums) != 1 or sums[0].start < goods[-1].end:
        return False
    others = ("same_person", "on_khata", "rest", "negation", "tense.future")
    return says_given(turn, sums[0].end) and not any(says(turn.words, one) for one in others)


def is_for_nobody(turn: Turn, draft: Draft) -> bool:
    """Whether the answer to "for whom?" is nobody: "counter pe", "nagad"."""
    if not turn.is_user or draft["customer"] or turn.value("draft") or not draft["lines"]:
        return False
    if turn.first("customer_name") or turn.first("product_name"):
        return False
    return says(turn.words, "walk_in") or (len(turn.words) <= 3 and bool(turn.method))


def note_paid_at_a_price(turn: Turn, draft: Draft) -> None:
    """Note that goods for somebody by name were paid at the price that is said."""
    if way := paid_at_a_price(turn):
        draft["bill"], draft["paid"], draft["by_name"] = True, way, True
        money = Draft("", PAYMENT_FORM)
        take_paid(turn, money)
        draft["ways"] = money.data if money["halves"] else None


def sell_over_the_counter(turn: Turn, draft: Draft, way: str | None = None) -> None:
    """Goods for the customer who stands for all without a name, paid and taken along at once."""
    walk_in = turn.run(parties_service.walk_in, key=f"draft:{draft.id}:walk_in")
    set_customer(draft, walk_in["customer_id"], walk_in["name"])
    draft.pending = None
    if turn.may(Permission.CREATE_INVOICE) and turn.may(Permission.RECORD_PAYMENT):
        draft["bill"], draft["paid"] = True, way or turn.method or "cash"


def is_paid_with_it(turn: Turn, draft: Draft) -> bool:
    """Take that goods for somebody by name are paid at once, where just a way of paying answers
    what is shown: "cash". Money that is noted for them already stays as it was told."""
    way = way_of_all(turn)
    told = any(
        one["draft"]["data"].get("sale") == draft.id for one in turn.slots.get("waiting") or []
    )
    if not turn.is_user or way not in AT_ONCE or told or not draft["customer"]:
        return False
    if turn.value("draft") or draft.pending or not draft["lines"]:
        return False
    if not (turn.may(Permission.CREATE_INVOICE) and turn.may(Permission.RECORD_PAYMENT)):
        return False
    # A total that was shown before with the tax on top is what was paid.
    draft["bill"], draft["paid"], draft["confirmed"] = True, way, None
    draft["ways"] = None
    draft["on_top"] = draft["shown"] is not None
    draft["by_name"] = draft["customer"]["name"] != WALK_IN
    return True


def leaves_on_khata(turn: Turn, draft: Draft) -> bool:
    """Whether it is said of the goods that are being written, and of nothing else, that they are
    given on credit: "udhaar me", "haan udhaar likh do"."""
    found = where(turn.words, "on_khata")
    if not turn.is_user or found is None or turn.value("draft") or not draft["lines"]:
        return False
    if any(one.name != "payment_method" for one in turn.entities) or denies(turn):
        return False
    if not turn.may(Permission.CREATE_INVOICE) or draft["paid"]:
        return False
    return only((*turn.words[: found[0]], *turn.words[found[1] :]), "filler")


def put_on_khata(draft: Draft) -> Outcome:
    """The goods are billed, and nothing is paid yet."""
    draft["bill"], draft["confirmed"] = True, None
    return Outcome.TAKEN


def paid_in_ways(turn: Turn) -> tuple[Turn, Turn] | None:
    """The goods of a sale to nobody by name, and the money that came for them in several ways:
    "2 coffee 1 dosa 100 cash 60 upi", "… aadha cash aadha upi"."""
    counted = turn.first("product_name") and turn.first("quantity")
    if not counted or turn.first("customer_name") or not turn.is_user or leaves_rest(turn):
        return None
    if len(methods_of(turn.text)) < SEVERAL or not turn.may(Permission.CREATE_INVOICE):
        return None
    turn = _with_sums_by_ways(turn)
    start = _start_of_ways(turn)
    if start is None:
        return None
    kept = [one for one in turn.entities if one.start < start]
    return replace(turn, text=turn.text[:start], entities=kept), as_payment(
        part_of(turn, (start, len(turn.text)))
    )


def _with_sums_by_ways(turn: Turn) -> Turn:
    """ "20 cash 8 upi": a figure right before a way is money, though nobody marked it."""
    behind = max(one.end for one in turn.all("product_name"))
    found = list(turn.entities)
    for start, _ in ways_said(turn, behind):
        said = _FIGURE_BEFORE.search(turn.text, behind, start)
        if said and not any(one.start <= said.start(1) < one.end for one in found):
            found.append(Entity("amount", said[1], start=said.start(1), end=said.end(1)))
    return replace(turn, entities=sorted(found, key=lambda one: one.start))


def _start_of_ways(turn: Turn) -> int | None:
    """Where it begins to say how the money came, behind the goods or behind what they were sold at:
    "2 tawa 1200 me diye, 1000 cash 200 upi", "… 1200 me aadha cash aadha upi"."""
    behind = max(one.end for one in turn.all("product_name"))
    sums = [one.end for one in turn.entities if one.name in NUMBERS and one.start >= behind]
    places = [at for at in (behind, *sums) if len(methods_of(turn.text[at:])) >= SEVERAL]
    if says(turn.words, "half"):
        places.reverse()  # Of halves no sum is told but what was sold for.
    return next((one for at in places if (one := start_of_money(turn, at)) is not None), None)


def take_ways(money: Turn, draft: Draft) -> None:
    """In which ways the money for goods over the counter came; where it is not told how much came
    in which, it is told back."""
    told = Draft("", PAYMENT_FORM)
    take_paid(money, told)
    told["parts"] = told["parts"] or rest_by_way(money) or None
    if not draft["paid"] or not (told["parts"] or told["halves"]):
        money.say("utter_not_in_it", said=money.text.strip())
        return
    draft["ways"] = told.data
    known = told["parts"] and all(paise for paise, _ in told["parts"])
    if known and money.may(Permission.NAME_PRICE):
        set_said_total(draft, told["amount"])


def _each_by_its_way(turn: Turn) -> list[Turn]:
    """ "2 coffee cash 1 dosa upi" is two sales: each of the goods has its way of paying."""
    if turn.first("customer_name") or len(every(turn.text, "methods")) < 2:
        return []
    ways = [one for one in ways_said(turn, 0) if method_of(turn.text[slice(*one)]) in AT_ONCE]
    starts = [start for start, _ in ways]
    before = [0, *(_behind_way(turn, end) for _, end in ways[:-1]), len(turn.text)]
    for edges in (before, [*starts, len(turn.text)]):
        parts = [part_of(turn, span) for span in pairwise(edges)]
        alone = all(len(every(one.text, "methods")) == 1 for one in parts)
        if alone and len(parts) > 1 and edges[0] == 0 and all(map(is_paid_at_once, parts)):
            return parts
    return []


def _behind_way(turn: Turn, end: int) -> int:
    """Where the words that only go with a way of paying end: "cash me", "upi se aur"."""
    for word in _WORD.finditer(turn.text, end):
        if not only(words(word[0]), "filler"):
            return word.start()
    return len(turn.text)


def beside_counter(turn: Turn) -> list[Turn]:
    """ "2 maggi cash, 1 doodh Pushpa ke khate me" is a counter sale, and goods for Pushpa; and
    goods that are paid each in their way are sales of their own."""
    if each := _each_by_its_way(turn):
        return each
    parts = [part_of(turn, span) for span in clauses(turn.text)]
    whole = all(one.first("product_name") and one.first("quantity") for one in parts)
    named = [one.first("customer_name") is not None for one in parts]
    if len(parts) != 2 or not whole or named[0] == named[1]:
        return []
    return parts if is_paid_at_once(parts[named.index(False)]) else []


def is_paid_at_once(turn: Turn) -> bool:
    """Whether counted goods come with a way of paying: "3 idli nagad"."""
    counted = turn.first("product_name") and turn.first("quantity")
    return bool(counted and turn.method in AT_ONCE)
