"""Several wishes in one message: "meena ne 500 diye, petrol 300 ka dala".

Each clause of a message is understood alone as well. Where clauses are whole wishes, of different
work or for different people, each is served as if it alone had been said. What belongs to the wish
before it, as the money for goods does, stays with that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from actions.context import SURE, Turn
from actions.entities import ARTICLES, NUMBERS, Entity, sums_and_rates
from actions.forms.names import (
    CANCEL_FORM,
    CREDIT_FORM,
    CUSTOMER_FORM,
    EXPENSE_FORM,
    INVOICE_FORM,
    ORDER_FORM,
    PAYMENT_FORM,
    PRICE_FORM,
    REQUEST_FORM,
    STOCK_FORM,
)
from actions.invoicing.brought_back import comes_back
from actions.lexicon import beside, only, says, words
from actions.match import customer_named, product_named
from actions.orders.awaited import bill_beside, money_beside
from actions.orders.counted_apart import kept_of, shared_out
from actions.orders.estimates import asks_total_of_goods
from actions.orders.given_free import free_beside
from actions.orders.part_left import part_left
from actions.purchases.vendors import only_sells, stands_before
from actions.reading.both_ways import moved_both_ways
from actions.reading.said import pieces_between
from erp_core.expenses.categories import OTHER, guess_category
from erp_core.parties.names import person_key

OF_SOMEBODY = frozenset({"invoice_share", "invoice_generate", "payment_request"})
"""What is done for somebody, who may have been named before."""

FOR_SOMEBODY_NEW = OF_SOMEBODY | {"order_create", "khata_credit", "payment_record"}
"""What is done for whoever was just added."""

OF_ONESELF = frozenset(
    {"khata_query", "order_status", "payment_status", "invoice_share", "payment_record"}
)
"""What a customer asks or tells of itself, naming nobody."""

OF_NAMES = frozenset({"customer_add", "customer_query"})
"""What the name of somebody unknown, beside what it orders, is taken for."""

OF_GOODS = frozenset({"inventory_query", "price_query"})
"""Questions of goods, which may be ordered by the number alone then."""

LOST = frozenset({"nlu_fallback", "greeting", "goodbye"})
"""What the whole of a message is taken for that nothing is made of, while a clause says a wish."""

SURE_ENOUGH = 0.6
"""A clause of which less is known is no wish of its own."""

CHARGED_BESIDE = ("transport", "packing", "repairs", "stationery", "food")
"""What somebody who buys may be charged beside goods, or may have bought as goods."""

WHO = ("customer_name", "vendor_name", "person")
GOODS = frozenset({"product_name", "quantity"})
"""What goods that go or come are named by; a name may be a pronoun ("who")."""

DOING = (
    "stock.arrived", "stock.lost", "sold", "took", "left_shop", "wanting", "do_it", "given_to",
    "makes_bill", "rate_words", "on_khata", "tense.past", "spent", "ends_a_wish.then",
)  # fmt: skip
"""Words of doing something with goods or money."""


_FIGURE = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?![\w.])")


class Wish(NamedTuple):
    """One of several wishes: the turn as if it alone had been said, and the form that writes it;
    None where it is answered at once, as what is not for whoever writes is."""

    turn: Turn
    form: str | None


class _Work(NamedTuple):
    form: str | None
    named: Sequence[frozenset[str]]
    kind: str


SALE, STOCK, MONEY, RATE, COST, ASKED = "sale", "stock", "money", "rate", "cost", "asked"
CALLED_OFF = "called off"
LISTED = frozenset({SALE, STOCK, RATE, COST})
"""Kinds of which a clause without a verb is more of the one beside it."""
WORK: Mapping[str, _Work] = {
    "order_create": _Work(ORDER_FORM, [GOODS], SALE),
    "invoice_generate": _Work(INVOICE_FORM, [frozenset({"who"}), GOODS], SALE),
    "inventory_update": _Work(STOCK_FORM, [GOODS], STOCK),
    "khata_credit": _Work(
        CREDIT_FORM, [frozenset({"who", "amount"}), frozenset({"who", "product_name"})], MONEY
    ),
    "payment_record": _Work(PAYMENT_FORM, [frozenset({"who", "amount"})], MONEY),
    "price_update": _Work(PRICE_FORM, [frozenset({"product_name", "amount"})], RATE),
    "expense_log": _Work(
        EXPENSE_FORM, [frozenset({"item", "amount"}), frozenset({"who", "amount"})], COST
    ),
    "customer_add": _Work(
        CUSTOMER_FORM, [frozenset({"customer_name", "customer_phone"})], "customer"
    ),
    "payment_request": _Work(REQUEST_FORM, [frozenset({"who"})], "request"),
    "invoice_share": _Work(None, [frozenset({"who"})], "share"),
    "order_cancel": _Work(CANCEL_FORM, [frozenset()], CALLED_OFF),
    "khata_query": _Work(None, [frozenset({"who"})], ASKED),
    "customer_query": _Work(None, [frozenset({"who"})], ASKED),
    "payment_status": _Work(None, [frozenset({"who"})], ASKED),
    "order_status": _Work(None, [frozenset({"who"}), frozenset({"order_id"})], ASKED),
    "report_request": _Work(None, [frozenset({"report_type"}), frozenset({"date"})], ASKED),
    "inventory_query": _Work(None, [frozenset({"product_name"})], ASKED),
    "price_query": _Work(None, [frozenset({"product_name"})], ASKED),
    "low_stock_query": _Work(None, [frozenset()], ASKED),
}
"""What can be one wish among several: what writes it, what it must name, and its kind."""


def wishes_in(turn: Turn) -> list[Wish]:
    """The wishes of a message, in the order in which they were said; none where it has but one, as
    which the whole is understood."""
    if turn.is_not_words or turn.insists:
        return []
    if moved := moved_both_ways(turn):
        return [Wish(one, _form_of(one)) for one in moved]
    if len(turn.clauses) < 2:
        return []
    if money_beside(turn) or bill_beside(turn):
        return []  # Both are asked about behind the step of the order.
    if kept_of(turn) or shared_out(turn) or free_beside(turn) or part_left(turn):
        return []  # One sale of fewer, a sale for each, with something free, or paid in part.
    clauses = _clauses_of(turn)
    told = any(_does_something(_unnamed(one)) for one in clauses if not _asks(one))
    if asks_total_of_goods(turn) and not told:
        return []  # "2 tiffin aur ek lota kitne ka padega" asks of both
    groups = _apart(_carrying_on(clauses))
    if not groups or (len(groups) < 2 and turn.intent not in LOST):
        return []
    return _as_wishes(groups)


def wishes_behind(turn: Turn) -> list[Wish]:
    """The wishes of a message behind its first clause, which answers what was asked; none where
    the second says less than a whole one."""
    groups = _apart(_carrying_on(_clauses_of(turn))[1:])
    return _as_wishes(groups) if groups and groups[0][1][0] is groups[0][0] else []


def is_wish(turn: Turn) -> bool:
    """Whether a clause says all of a wish of its own."""
    return _is_whole(turn, asking=False)


def _clauses_of(turn: Turn) -> list[Turn]:
    return [_by_its_words(_as_the_whole(turn, one)) for one in turn.by_clause]


def _as_the_whole(turn: Turn, clause: Turn) -> Turn:
    """A clause that only names somebody and a sum is of what the whole message is: "Shwetha ka 300
    aur Meena ka 500 udhaar"."""
    if turn.intent not in ("khata_credit", "payment_record") or not turn.is_user:
        return clause
    sums = [one for one in clause.entities if one.name in NUMBERS]
    who = [one for one in clause.entities if one.name in (*WHO, "item")]
    rest = words(" ".join(pieces_between(clause)))
    if len(sums) != 1 or len(who) != 1 or len(clause.entities) != 2 or not only(rest, "filler"):
        return clause
    with turn.read() as reader:
        if customer_named(reader, who[0].value).one is None:
            return clause
    marked = {who[0]: "customer_name", sums[0]: "amount"}
    named = [replace(one, name=marked[one]) for one in clause.entities]
    return replace(clause, intent=turn.intent, confidence=SURE, entities=named)


def _by_its_words(clause: Turn) -> Turn:
    """A clause that says what is done with its goods, whatever it was taken for: "Raju ne 2 ball
    return ki", "sold him a shuttle"."""
    if not clause.is_user or clause.first("product_name") is None or _asks(clause):
        return clause
    if comes_back(clause):
        return replace(clause, intent="inventory_update", confidence=SURE)
    if clause.intent not in WORK and says(clause.words, "sold") and "who" in _named(clause):
        return replace(clause, intent="order_create", confidence=SURE)
    return clause


def _sold_at(clause: Turn, former: Turn | None) -> Turn:
    """ "…, 28 me bechna hai" behind one kind of goods that came: the rate at which they sell."""
    figures = list(_FIGURE.finditer(clause.text))
    if former is None or len(figures) != 1 or not says(clause.words, "price.selling"):
        return clause
    others = {one.name for one in clause.entities} - NUMBERS - {"unit"}
    if others or len(_goods(former)) != 1 or not clause.is_user:
        return clause
    if _moves(former) != "in" and not says(former.words, "buying.bought"):
        return clause
    goods = next(one for one in former.entities if one.name == "product_name")
    start, end = figures[0].span()
    rate = Entity("amount", figures[0][0], start=start, end=end)
    named = [replace(goods, start=0, end=0), rate]
    return replace(clause, intent="price_update", confidence=SURE, entities=named)


def _rated_alike(clause: Turn, former: Turn | None) -> Turn:
    """ "Whiskas ka rate 475 kar do aur fish food 100 ka": goods of the list with a number alone,
    behind a new rate, have a new rate too and are nothing that money was spent on."""
    if former is None or (former.intent, clause.intent) != ("price_update", "expense_log"):
        return clause
    goods = [one for one in clause.entities if one.name in ("item", "product_name")]
    rest = [word for piece in pieces_between(clause) for word in words(piece)]
    alone = all(any(only([one], cue) for cue in ("filler", "do_it", "rate_words")) for one in rest)
    if len(goods) != 1 or len(clause.entities) != 2 or not clause.first("amount") or not alone:
        return clause
    with clause.read() as reader:
        found = product_named(reader, goods[0].value)
    if found.guesses or not (found.one or found.options):
        return clause
    named = [replace(one, name="product_name") if one in goods else one for one in clause.entities]
    return replace(clause, intent="price_update", confidence=SURE, entities=named)


def _as_wishes(groups: Sequence[tuple[Turn, list[Turn]]]) -> list[Wish]:
    wished: list[Turn] = []
    for head, said in groups:
        wished.append(_with_whom(_together(head, said), wished))
    return [Wish(one, _form_of(one)) for one in wished]


def _carrying_on(clauses: Sequence[Turn]) -> list[Turn]:
    """The clauses, each with what the one before it named and it leaves out: the goods of which
    some are lost, whoever's bill is to be sent."""
    carried: list[Turn] = []
    for clause in (
        _asked_alike(_rated_alike(_sold_at(one, former), former), former)
        for former, one in zip([None, *clauses], clauses, strict=False)
    ):
        before = carried[-1].entities if carried else []
        left_out = _left_out(clause, carried[-1]) if carried else ()
        named = [replace(one, start=0, end=0) for one in before if one.name in left_out]
        carried.append(replace(clause, entities=[*named, *clause.entities]))
    return carried


def _asked_alike(clause: Turn, former: Turn | None) -> Turn:
    """ "Ghewar malai kitne bache hain aur plain kitne": a bare "how many" asks what was asked of
    the goods before."""
    if former is None or (former.intent, clause.intent) != ("inventory_query", "price_query"):
        return clause
    said = [one for piece in pieces_between(clause) for one in words(piece)]
    said = [one for one in said if not only([one], "joining")]
    bare = bool(said) and all(only([one], "asking") for one in said)
    return replace(clause, intent="inventory_query") if bare else clause


def _left_out(clause: Turn, former: Turn) -> Sequence[str]:
    """The kinds of entities that a clause means though it names them not."""
    kinds = {one.name for one in clause.entities}
    if clause.intent == "inventory_update" and "product_name" not in kinds:
        return ("product_name",) if _moves(clause) == "out" and len(_goods(former)) == 1 else ()
    if "product_name" not in kinds and former.intent in OF_GOODS and "quantity" in kinds:
        return ("product_name",) if len(_goods(former)) == 1 else ()
    before = WORK[former.intent].kind if former.intent in WORK else None
    taken = clause.intent == "order_create" and "quantity" in kinds and not kinds.isdisjoint(WHO)
    if taken and "product_name" not in kinds and before == STOCK:
        return ("product_name",) if len(_goods(former)) == 1 else ()
    if clause.intent == "report_request" and before == ASKED and "date" not in kinds:
        return ("date",)
    if former.intent == "customer_add" and kinds.isdisjoint(WHO):
        return WHO if clause.intent in FOR_SOMEBODY_NEW else ()
    of_goods = before is None or before in LISTED
    return WHO if clause.intent in OF_SOMEBODY and not kinds and not of_goods else ()


def _apart(clauses: Sequence[Turn]) -> list[tuple[Turn, list[Turn]]]:
    """For each wish the clause that says all of it, and its clauses; none where one is of no
    whole wish."""
    groups: list[tuple[Turn | None, list[Turn]]] = []
    asking = any(_asks(one) for one in clauses)
    for clause in clauses:
        whole = clause if _is_whole(clause, asking=asking) else None
        head = groups[-1][0] if groups else None
        if groups and (head is None or whole is None or _belongs(whole, head)):
            begun = whole and replace(
                whole, entities=[*_whom_before(whole, groups[-1][1]), *whole.entities]
            )
            groups[-1] = (head or begun, [*groups[-1][1], clause])
        else:
            groups.append((whole, [clause]))
    return [(head, said) for head, said in groups if head is not None]


def _whom_before(clause: Turn, before: Sequence[Turn]) -> list[Entity]:
    """Who is named in front of a wish that names nobody: "Imran aaye the, 1 gloves le gaye"."""
    named = [one for other in before for one in other.entities if one.name in WHO]
    return [] if _whose(clause) else [replace(one, start=0, end=0) for one in named[-1:]]


def _is_whole(clause: Turn, *, asking: bool) -> bool:
    """Whether a clause says all of a wish; one "batao" may stand for several questions."""
    work = WORK.get(clause.intent)
    if work is None or clause.confidence < SURE_ENOUGH:
        return False
    if clause.actor.kind == "guest" and clause.intent in OF_NAMES:
        return False
    if work.kind == CALLED_OFF and (clause.actor.kind != "customer" or clause.slots.get("draft")):
        return False  # What is being written is called off first.
    if _may_be_ordered(clause) or _pays_for_it_later(clause):
        return False
    own = not clause.is_user and clause.intent in OF_ONESELF
    if not own and not any(needed <= _named(clause) for needed in work.named):
        return False
    if work.kind == ASKED:
        told = clause.intent == "order_status" and says(clause.words, "tense.past")
        told = told or (clause.confidence >= SURE and _of_everybody(clause))
        more = asking and clause.confidence >= SURE and len(clause.words) > len(clause.entities)
        return told or more or _asks(clause)
    if work.kind == STOCK:
        return _moves(clause) is not None
    if work.kind == RATE and clause.first("quantity"):
        return False  # So many at so much are sold; a new rate counts nothing.
    if work.kind == MONEY and says(clause.words, "had_been"):
        return False  # What "was given" once is told for what follows from it.
    return clause.confidence >= SURE or _does_something(clause)


def _may_be_ordered(clause: Turn) -> bool:
    """ "Kya aap 2 maggi" asks nothing of goods that a buyer counts, if what follows orders more."""
    if clause.is_user or clause.intent not in OF_GOODS or clause.first("quantity") is None:
        return False
    said = beside(clause.words, "buyers.at_list")
    return not says(said, "asks_price") and not says(said, "is_there")


def _pays_for_it_later(clause: Turn) -> bool:
    """ "…, paise kal dungi" of a buyer is of what is ordered before it."""
    own = not clause.is_user and clause.first("amount") is None
    return own and says(clause.words, "buyers.on_credit") and not _asks(clause)


def _moves(clause: Turn) -> str | None:
    """Whether goods are said to have come in, back from a buyer, or to be lost; a loss tells more
    than a coming."""
    if says(clause.words, "stock.lost") or says(clause.words, "stock.damage"):
        return "out"
    if comes_back(clause):
        return "back"
    came = says(clause.words, "stock.arrived") or says(clause.words, "stock.add")
    return "in" if came else None


def _asks(clause: Turn) -> bool:
    cues = ("asking", "telling", "shows", "and_send")
    said = clause.words if clause.is_user else beside(clause.words, "buyers.at_list")
    return "?" in clause.text or any(says(said, one) for one in cues)


def _named(clause: Turn) -> frozenset[str]:
    kinds = {one.name for one in clause.entities}
    named = says(clause.words, "same_person") or _of_everybody(clause)
    who = kinds & set(WHO) or named
    one = {"quantity"} if _is_one(clause) else set()
    return frozenset(kinds | one | ({"who"} if who else set()))


def _is_one(clause: Turn) -> bool:
    """ "Sold him a shuttle"."""
    goods = clause.first("product_name")
    before = clause.text[: goods.start].lower().split() if goods else []
    return bool(before) and before[-1] in ARTICLES


def _of_everybody(clause: Turn) -> bool:
    """ "Kis kis ka baaki hai"."""
    return clause.intent == "khata_query" and says(clause.words, "everybody")


def _whose(clause: Turn) -> set[str]:
    return {person_key(one.value) for one in clause.entities if one.name in WHO}


def _does_something(clause: Turn) -> bool:
    """Whether a verb stands beside what is named: "2 maggi" alone is more of a list."""
    paid = clause.first("payment_method") is not None
    return paid or any(says(clause.words, one) for one in DOING)


def _unnamed(clause: Turn) -> Turn:
    """A clause without what it names and counts: the "do" of "do tiffin" gives nothing."""
    text = clause.text
    for one in clause.entities:
        text = f"{text[: one.start]}{' ' * (one.end - one.start)}{text[one.end :]}"
    return replace(clause, text=text)


def _belongs(clause: Turn, former: Turn) -> bool:
    """Whether what could be a whole wish is more of the one before it: goods of one list, the money
    or the rate of goods, or the same work, which its own form takes apart."""
    kind, before = WORK[clause.intent].kind, WORK[former.intent].kind
    kinds, whose, theirs = {kind, before}, _whose(clause), _whose(former)
    others = bool(whose and theirs and not whose & theirs) or _is_counters(clause, former)
    if (kind, before) == (COST, SALE) and _is_known_cost(clause):
        return False
    if kinds == {SALE, STOCK} and "back" in (_moves(clause), _moves(former)):
        return False
    if kinds <= LISTED and not _does_something(former) and not others:
        return True
    if kinds <= {SALE, STOCK} and _lists_on(clause, former):
        return True
    if kind in LISTED and not _does_something(clause) and not whose:
        return True
    if kind == SALE and before == MONEY:
        return "who" not in _named(clause)
    if kinds <= {SALE, MONEY} and before == SALE:
        return not others
    if kind == STOCK and before == STOCK:
        return _moves(clause) == _moves(former)
    if kind == before and kind != ASKED:
        return clause.intent == former.intent or not others
    if clause.intent == former.intent and kind == ASKED:
        return not (_asks(clause) and _asks(former))
    if kind == RATE and before in (SALE, STOCK):
        return bool(_goods(clause) & _goods(former)) and not says(clause.words, "price.selling")
    if kinds <= {STOCK, MONEY, COST} and _pays_seller(clause, former):
        return True
    return kinds == {STOCK, MONEY} and not whose and (kind == MONEY or not theirs)


def _is_known_cost(clause: Turn) -> bool:
    """ "…, petrol 300" behind a sale: what shops spend money on, and neither goods of this one nor
    what buyers are charged besides."""
    said = clause.value("item")
    if not said or guess_category(said) in (OTHER, *CHARGED_BESIDE):
        return False
    with clause.read() as reader:
        found = product_named(reader, said)
    return found.guesses or not (found.one or found.options)


def _lists_on(clause: Turn, former: Turn) -> bool:
    """Whether goods that came are the last of a list: "Metro se 50 maggi 10 me aur 20 lux 25 me
    aaye"."""
    sellers = [one for one in former.entities if one.name in WHO]
    others = [one for one in DOING if one != "rate_words"]
    done = former.first("payment_method") or any(says(former.words, one) for one in others)
    if done or _whose(clause) or _moves(clause) != "in" or not _goods(former):
        return False
    return all(stands_before(former, one, "se", "from") for one in sellers)


def _pays_seller(clause: Turn, former: Turn) -> bool:
    """Whether what was paid is for goods that came at a price, of whoever is paid: "20 maggi aaye
    11 ke, 100 diye Metro ko"."""
    sellers = [one for one in clause.entities if one.name in WHO]
    priced = _moves(former) == "in" and sums_and_rates(former.text, former.entities)
    if not priced or _whose(former) or len(sellers) != 1 or clause.first("product_name"):
        return False
    bought = stands_before(clause, sellers[0], "se")
    paid = stands_before(clause, sellers[0], "ko") and only_sells(clause, sellers[0].value)
    return (bought or paid) and says(clause.words, "buying.gave")


def _is_counters(clause: Turn, former: Turn) -> bool:
    """Whether one of two was sold over the counter, and the other is somebody's: what was paid at
    once before somebody was named, or is said to have been sold to nobody."""
    paid = former.intent == "order_create" and former.first("payment_method") is not None
    if not _whose(former) and _whose(clause):
        return paid or _sold(former)
    apart = says(clause.words, "walk_in") or (_sold(clause) and _does_something(former))
    return bool(_whose(former)) and not _whose(clause) and apart


def _sold(clause: Turn) -> bool:
    cues = ("sold", "walk_in")
    return clause.intent == "order_create" and any(says(clause.words, one) for one in cues)


def _goods(clause: Turn) -> set[str]:
    return {one.value.lower() for one in clause.entities if one.name == "product_name"}


def _together(head: Turn, clauses: Sequence[Turn]) -> Turn:
    """The turn as if the clauses of one wish alone had been said."""
    text, entities = "", []
    for one in clauses:
        at = len(text)
        entities += [
            replace(each, start=each.start + at, end=each.end + at) for each in one.entities
        ]
        text += f"{one.text}, "
    return replace(head, text=text.removesuffix(", "), entities=entities)


def _with_whom(turn: Turn, before: Sequence[Turn]) -> Turn:
    """With whoever was named before, where somebody is only spoken of: "… aur usko 2 maggi"."""
    if _whose(turn) or not says(turn.words, "same_person"):
        return turn
    named = (one for other in reversed(before) for one in other.entities if one.name in WHO)
    whom = next(named, None)
    if whom is None:
        return turn
    return replace(turn, entities=[replace(whom, start=0, end=0), *turn.entities])


def form_for(turn: Turn) -> str | None:
    """The form that writes a wish, for whomever; None for what is only answered."""
    from actions.forms.form import FORMS

    usual = WORK[turn.intent].form
    return usual and (FORMS[usual]().goes_to(turn) or usual)


def _form_of(turn: Turn) -> str | None:
    from actions.forms.form import FORMS

    name = form_for(turn)
    if name is None:
        return None
    allowed = turn.may(FORMS[name].permission) if turn.is_user else FORMS[name].for_customers
    return name if allowed else None
