"""Whether a message belongs to the form in hand, by what it names."""

from __future__ import annotations

from actions.context import FAIRLY_SURE, Turn
from actions.entities import NUMBERS, methods_of
from actions.forms.draft import Draft
from actions.forms.intents import OF_GOODS, UNSURE
from actions.forms.names import CANCEL_FORM, MODIFY_FORM, ORDER_FORM, PURCHASE_FORM
from actions.lexicon import every, only, says, where, which, words
from actions.match import (
    customer_in_text,
    customer_named,
    just_spoken_of,
    product_named,
    recent,
)
from actions.purchases.vendors import is_customer, stands_before
from actions.reading.gone_back import gone_back
from actions.reading.said import (
    LONGEST_REFUSAL,
    is_finished,
    pieces_between,
    says_goods_came,
    spoils_goods,
)
from actions.reading.when import says_today
from erp_core.journal.context import Reader

OF_THE_SHOP = frozenset({"profit", "expenses", "sales", "top"})
"""Reports that answer no question of a form."""


def says_an_expense(turn: Turn) -> bool:
    """Whether a message names what was spent, and on what."""
    spent = turn.first("amount") and turn.first("item")
    return turn.intent == "expense_log" and spent is not None


def says_all_of_its_own(turn: Turn) -> bool:
    """Whether a message names somebody together with money or, in an order, goods: new work; or
    goods that were paid at the counter."""
    if says_an_expense(turn) or _sells_at_counter(turn):
        return True
    if not (turn.first("customer_name") or turn.first("vendor_name")):
        return False
    goods = turn.intent == "order_create" and turn.first("product_name")
    paid = turn.intent == "payment_record" and turn.first("payment_method")
    asked = turn.intent == "payment_request" and turn.is_sure
    return bool(goods or paid or asked or turn.first("amount"))


def _sells_at_counter(turn: Turn) -> bool:
    """ "Sawa kilo paneer aur dhai sau gram khoya cash"."""
    counted = turn.first("product_name") and turn.first("quantity")
    sale = turn.intent == "order_create" and turn.confidence >= FAIRLY_SURE
    return bool(counted and sale and turn.method) and not says(turn.words, "asking")


OF_ORDERS = frozenset({ORDER_FORM, MODIFY_FORM, CANCEL_FORM})
"""Forms of which a customer's order may be the one in hand."""


def names_an_order(turn: Turn) -> bool:
    """ "Pushpa ke order me frooti bhi" is about an order of Pushpa's, whatever is counted here."""
    whose = turn.first("order_id") or turn.first("customer_name")
    return bool(whose and turn.first("product_name") and says(turn.words, "an_order"))


def asks_of_the_shop(turn: Turn) -> bool:
    """ "Aaj ka profit", "Pushpa ka number do" ask, though they hold nothing but a day and a kind of
    report, or a name."""
    if turn.intent == "customer_query" and says(turn.words, "address.number"):
        return True
    if turn.intent != "report_request" or turn.first("report_type") is None:
        return False
    till = says(turn.words, "till") and not turn.first("amount")
    return till or which(turn.text, "reports") in OF_THE_SHOP


def speaks_of_money(turn: Turn) -> bool:
    """Whether an amount or a way of paying is named, and no goods."""
    paid = turn.first("amount") or turn.first("payment_method")
    return paid is not None and turn.first("product_name") is None


def tells_none_left(turn: Turn) -> bool:
    """ "Idli khatam ho gayi" counts what the shop has, and is for no list of goods."""
    open_still = says(turn.words, "wanting") or turn.first("amount")
    named = turn.first("product_name") or turn.first("item")
    return turn.is_user and named is not None and is_finished(turn) and not open_still


def counts_none(turn: Turn) -> bool:
    """ "Coffee khatam" is a count by its wording, also where it was taken for more of an order."""
    others = ("quantity", "customer_name", "vendor_name", "order_id")
    at_length = len(turn.words) > LONGEST_REFUSAL and not says(turn.words, "stock.none_left")
    if at_length or any(turn.first(one) for one in others):
        return False
    if turn.first("date") and not says_today(turn):
        return False
    leaves_out = says(turn.words, "remove")
    plain = turn.intent in OF_GOODS | UNSURE or turn.is_guess
    return plain and not leaves_out and tells_none_left(turn)


def counts_goods(turn: Turn) -> bool:
    """ "T-shirt ki ginti 100 nikli", "kurti ka stock 40 hai": what was counted is what there is,
    and none of what is written, whatever it was taken for; "Gina ko 2 maggi do" counts nothing."""
    if not turn.is_user or turn.intent not in OF_GOODS | UNSURE or "?" in turn.text:
        return False
    others = ("customer_name", "vendor_name", "order_id", "amount")
    counted = turn.first("product_name") and turn.first("quantity")
    if not counted or any(turn.first(one) for one in others):
        return False
    beside = words(" | ".join(pieces_between(turn)))
    open_still = any(says(beside, one) for one in ("asking", "wanting", "stock.lost", "sold"))
    return says(beside, "stock.stands_at") and not open_still and "ko" not in beside


def loses_goods(turn: Turn) -> bool:
    """ "2 earphone gayab hai", "Golu ne 2 pen tod diye", "do gold fish mar gayi" is no order,
    whatever is written and whatever it was taken for."""
    if not turn.is_user or turn.intent not in OF_GOODS | UNSURE:
        return False
    beside = words(" | ".join(pieces_between(turn)))
    counted = turn.first("product_name") and turn.first("quantity")
    lost = says(beside, "stock.lost") and not turn.first("customer_name")
    spoilt = turn.intent in UNSURE and says(beside, "stock.damage")
    gone = lost or spoilt or says(beside, "stock.broken_by")
    return bool(counted and gone) and not says(beside, "asking")


def makes_goods(turn: Turn) -> bool:
    """ "5 kg laddu banaye", "100 samosa bana liye": what the shop has made has come in, whatever it
    was taken for, where nobody is named for whom."""
    if not turn.is_user or turn.is_not_words or "?" in turn.text:
        return False
    goods = turn.first("product_name")
    others = ("customer_name", "vendor_name", "order_id", "payment_method", "amount")
    if goods is None or not turn.first("quantity") or any(turn.first(one) for one in others):
        return False
    beside = words(" | ".join(pieces_between(turn)))
    open_still = any(says(beside, one) for one in ("asking", "wanting", "bill_words", "an_order"))
    if not says(beside, "stock.made") or open_still or says(beside, "negation"):
        return False
    with turn.read() as reader:
        found = product_named(reader, goods.value)
    return found.one is not None or bool(found.options and not found.guesses)


def takes_along(turn: Turn) -> bool:
    """ "3 log aaye the, ek ne 2 doodh liya", "Komal aayi hai, 2 kurti le rahi": those who came took
    goods along."""
    counted = turn.first("product_name") and turn.first("quantity")
    if not counted or not says(turn.words, "took") or gone_back(turn.words):
        return False
    named = turn.first("customer_name")
    known = named is not None and not stands_before(turn, named, "se", "from")
    return says(turn.words, "shoppers") or (
        known and is_customer(turn, turn.value("customer_name") or "")
    )


def tells_of_stock(turn: Turn) -> bool:
    """Whether goods are said to have come, to have come back, or to be spoilt."""
    if not turn.is_user or turn.intent != "inventory_update" or takes_along(turn):
        return False
    came = says_goods_came(turn) or (turn.first("amount") and says(turn.words, "stock.arrived"))
    return bool(spoils_goods(turn) or came) or gone_back(turn.words)


def brings_goods(turn: Turn) -> bool:
    """ "100 dolo came, rate 22" counts what has come, though it was taken for a rate or for money
    that came."""
    if not turn.is_user or not says_goods_came(turn) or "?" in turn.text:
        return False
    as_money = turn.first("amount") or turn.first("payment_method") or turn.first("customer_name")
    return turn.intent == "price_update" or (turn.intent == "payment_record" and not as_money)


def tells_of_payment(turn: Turn) -> bool:
    """ "Pay Apollo 280 by UPI" counts no goods, though nobody made anything of it."""
    return speaks_of_money(turn) and bool(turn.first("amount") and turn.first("payment_method"))


def tells_of_buying(turn: Turn) -> bool:
    """ "Gobhi 600 ki kharidi cash se" is no money that came, whatever it was taken for."""
    priced = turn.first("product_name") and turn.first("amount")
    return turn.is_user and priced is not None and says(turn.words, "buying.purchased")


def only_method(turn: Turn) -> str | None:
    """The way of paying, when a message says nothing else: "phone pe se", "cash nahi upi"."""
    ways, named = methods_of(turn.text), every(turn.text, "methods")
    others = [one for one in turn.entities if one.name not in ("payment_method", "report_type")]
    if len(ways) != 1 or others or turn.is_not_words:
        return None
    beside = turn.words
    for way in named:
        first, behind = where(beside, f"methods.{way}") or (0, 0)
        beside = (*beside[:first], *beside[behind:])
    cues = ("filler", "same_person", *(("negation",) if len(named) > 1 else ()))
    alone = all(any(only([one], cue) for cue in cues) for one in beside)
    return ways[0] if alone else None


def repeats_number(turn: Turn) -> bool:
    """ "Pagal ho kya, maine 5 bola tha" asks nothing: it says again how many, or how much."""
    numbers = [one for one in turn.entities if one.name in NUMBERS]
    alone = len(numbers) == 1 and turn.entities == numbers
    return turn.is_user and alone and "?" not in turn.text and says(turn.words, "said_before")


def says_more_than_a_name(turn: Turn, draft: Draft) -> bool:
    """ "Kal Gupta ko paise dene hain" is no answer to whether Ramesh shall be added."""
    if (draft.pending or {}).get("field") != "customer" or turn.intent == "customer_add":
        return False
    if turn.first("customer_name") is None:
        return False
    return not only(words(" ".join(pieces_between(turn))), "filler")


def prices_others(turn: Turn, draft: Draft) -> bool:
    """ "Neha ki screen repair 1500 me" is no cost of the charger that is being counted: a customer,
    or goods that are known here, are named beside the amount, and the draft is about others."""
    if not turn.is_user or turn.first("amount") is None:
        return False
    with turn.read() as reader:
        return _names_another_customer(turn, reader, draft) or _names_other_goods(
            turn, reader, draft
        )


def rates_what_was_told(turn: Turn, draft: Draft) -> bool:
    """ "175 kar do", right after the rate of other goods was asked for in the middle of this."""
    named = {one.name for one in turn.entities}
    if turn.intent != "price_update" or not turn.is_sure or not named <= {"amount", "quantity"}:
        return False
    told, held = recent(turn, "product"), {line.get("id") for line in draft["lines"] or []}
    return just_spoken_of(turn, "product") and bool(held) and str(told) not in held


def _names_another_customer(turn: Turn, reader: Reader, draft: Draft) -> bool:
    """Whether a customer is named whom the draft does not wait for."""
    asked = {ORDER_FORM: "customer", PURCHASE_FORM: "vendor"}.get(draft.form)
    if asked and not draft[asked]:
        return False
    named = turn.value("customer_name") or turn.value("person")
    found = customer_named(reader, named).one if named else customer_in_text(turn, reader)
    return found is not None and str(found.id) != (draft["customer"] or {}).get("id")


def _names_other_goods(turn: Turn, reader: Reader, draft: Draft) -> bool:
    held = {line.get("id") for line in draft["lines"] or []}
    named = [one.value for one in (*turn.all("product_name"), *turn.all("item"))]
    found = [product_named(reader, one).one for one in named]
    return any(one is not None and str(one.id) not in held for one in found)
