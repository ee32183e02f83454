"""More of what was just written: "ek aur", "2 packet aur" after an order or after stock came."""

from __future__ import annotations

import re
from decimal import Decimal

from actions.context import Turn
from actions.entities import Line, bare_quantity
from actions.forms.names import INVOICE_FORM, MODIFY_FORM, ORDER_FORM, PAYMENT_FORM, STOCK_FORM
from actions.goods.stock_words import is_given
from actions.invoicing.paid_beside import says_given
from actions.lexicon import any_of, only, says, words
from actions.match import customer_named, just_spoken_of, recent
from actions.orders.estimates import takes_it, wants_order
from actions.orders.noted import sells, sells_service
from actions.reading.parts import part_of
from actions.reading.when import says_today
from erp_core.kernel.clauses import sentences
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.kernel.quantity import parse_unit
from erp_core.kernel.spelling import roman
from erp_core.orders import queries as orders
from erp_core.orders import states

GUESSES = frozenset({"nlu_fallback", "affirm", "out_of_scope"})
"""Intents that so short a message is often taken for."""
BILLING = GUESSES | {"invoice_generate", "invoice_share"}
"""Intents of a bill that is wanted of what was just written."""
ON_TOP = GUESSES | {"inventory_update", "order_create"}
"""Intents of goods that may come on top of an order."""
TAKEN_FOR = GUESSES | {
    "order_create", "order_modify", "deny", "goodbye", "inventory_update", "inventory_query",
}  # fmt: skip
"""Intents that taking so many of what was told of is often taken for."""
_GIVE = re.compile(
    r"\b(?:de|le|kar|bhej|daal|dal|rakh|r[ea]ha?ne)\s+do\b"
    r"|^\W*(?:haa?n?|ji|ok|okay|acha|accha|theek hai|thik hai)(?:\s+(?:ji|bhai|bhaiya))?\s+do\W*$"
)
"""The "do" of these is no two: "kar do", and "haan do" by itself."""
_HOME = re.compile(rf"\b{any_of('buyers.home')}\b")
"""Where it shall go, which counts nothing: "2 bhej do ghar pe"."""
SALES = GUESSES | {"inventory_update", "payment_record", "price_update", "expense_log"}
"""Intents that goods which were sold and paid are often taken for."""
FORMS = {"order": MODIFY_FORM, "stock": STOCK_FORM}
"""Which form writes more, by what was written last."""
MOST_WORDS = 5


def adds_to_last(turn: Turn) -> Line | None:
    """The quantity of a message that says nothing but how much more."""
    said = turn.text.split()
    if not 1 < len(said) <= MOST_WORDS or not says(turn.words, "more") or not _did(turn):
        return None
    if any(one.name not in ("quantity", "unit", "amount") for one in turn.entities):
        return None
    kept = [word for word in said if word.isdigit() or not only(words(word), "more")]
    line = bare_quantity(" ".join(kept))
    return line if line is not None and line.quantity is not None else None


def form_for_more(turn: Turn) -> str | None:
    """The form that such a message belongs to, whatever its intent; None when it is none."""
    if turn.metadata.get("kind") == "button":
        return None
    if wants_order(turn) or (turn.form is None and _takes_what_was_told(turn)):
        return ORDER_FORM
    if bills_last(turn):
        return INVOICE_FORM
    if takes_of_those(turn) or _tells_who_took(turn) or _sells_more(turn):
        return ORDER_FORM
    if adds_to_last(turn):
        return FORMS[_did(turn)]
    if _adds_goods(turn) or _leaves_so_many(turn):
        return FORMS["order"]
    if (turn.intent in GUESSES and wants_same(turn) is not None) or _sells(turn) or sells(turn):
        return ORDER_FORM
    if turn.intent in GUESSES and sells_service(turn):
        return ORDER_FORM
    if turn.intent in GUESSES | {"expense_log"} and _pays_ahead(turn):
        return PAYMENT_FORM
    if turn.intent == "payment_status" and not turn.is_sure:
        if _tells_who_gave(turn):
            return PAYMENT_FORM
        if turn.is_user and is_given(turn) and not says(turn.words, "asking"):
            return ORDER_FORM
    return PAYMENT_FORM if turn.intent in GUESSES and _tells_of_money(turn) else None


def _takes_what_was_told(turn: Turn) -> bool:
    return takes_spoken_of(turn) is not None or takes_it(turn)


def takes_of_those(turn: Turn) -> bool:
    """ "Usme se 3 Lakshmi ko do", right after it was told how many there are: goods that go, and
    no change of an order."""
    told = just_spoken_of(turn, "product") and not just_spoken_of(turn, "order")
    wanted = turn.intent == "order_modify" and turn.first("quantity")
    return bool(turn.is_user and told and wanted and says(turn.words, "of_those"))


def bills_last(turn: Turn) -> bool:
    """ "Bill de do", right after an order was written, whatever was taken up since."""
    if turn.form == ORDER_FORM or turn.intent not in BILLING or not asks_for_bill(turn):
        return False
    order = recent(turn, "order")
    if order is None or not just_spoken_of(turn, "order"):
        return False
    with turn.read() as reader:
        known = orders.order(reader, order)
    return known.invoice_id is None and known.status in states.BILLABLE


def asks_for_bill(turn: Turn) -> bool:
    """Whether a bill is wanted, and no word says of what."""
    if not turn.is_user or turn.entities or not 1 < len(turn.words) <= MOST_WORDS:
        return False
    if not says(turn.words, "bill_words") or says(turn.words, "negation"):
        return False
    cues = ("bill_words", "filler", "makes_bill")
    return all(any(only([word], cue) for cue in cues) for word in turn.words)


def _pays_ahead(turn: Turn) -> bool:
    """ "Bhanwar 50 adv": money that a customer gives for what is to come is none that is spent."""
    named = turn.value("customer_name") or turn.value("vendor_name")
    told = turn.is_user and named and turn.first("amount") and says(turn.words, "advance")
    if not told or says(turn.words, "asking") or says(turn.words, "given_to"):
        return False
    with turn.read() as reader:
        return customer_named(reader, str(named)).one is not None


def _adds_goods(turn: Turn) -> bool:
    """ "Aur 1 maggi bhi" right after an order was written."""
    if _did(turn) != "order" or turn.intent not in ON_TOP or len(turn.words) > MOST_WORDS:
        return False
    kinds = {one.name for one in turn.entities}
    if not {"product_name"} <= kinds <= {"product_name", "quantity", "unit"}:
        return False
    starts = only(words(turn.text)[:1], "joining")
    return starts and not says(turn.words, "came_in") and not says(turn.words, "asking")


def _leaves_so_many(turn: Turn) -> bool:
    """ "1 hi kafi hai" of a customer, right after its order, is how many that order shall be of."""
    if turn.is_user or _did(turn) != "order" or len(turn.words) > MOST_WORDS:
        return False
    alone = {one.name for one in turn.entities} in ({"quantity"}, {"quantity", "unit"})
    return alone and says(turn.words, "leaves") and not says(turn.words, "more")


def sells_goods(turn: Turn) -> bool:
    """Whether goods are said to be sold, so many or for so much: "2 doodh bech diye", "2 doodh
    cash me gaye", "iphone 15 becha 67000 me"."""
    goods, priced = turn.first("product_name"), says(turn.words, "sold") and turn.first("amount")
    counted = goods and (turn.first("quantity") or priced)
    left = says(turn.words, "left_shop") and turn.method is not None
    gone = left or says(turn.words, "walk_in")
    sold = says(turn.words, "sold") or (gone and not says(turn.words, "stock.arrived"))
    sold = sold or says(turn.words, "buyer_came")
    return bool(turn.is_user and counted and sold and not says(turn.words, "asking"))


def _sells(turn: Turn) -> bool:
    """ "Maggi 10 packet bech diya 140 cash": goods sold and paid, taken for anything else."""
    goods = turn.first("product_name") and turn.first("quantity")
    paid = turn.method is not None
    given = turn.intent == "payment_record" and not turn.first("customer_name")
    sold = sells_goods(turn) or (turn.is_user and goods and given)
    for_money = turn.intent == "inventory_update" and turn.first("amount") is not None
    reported = turn.intent == "report_request" and _counts_sold(turn)
    changed = turn.intent == "order_modify" and not turn.is_sure and not turn.first("order_id")
    changed = changed and says(turn.words, "sold") and turn.first("customer_name") is None
    taken = ((turn.intent in SALES or changed) and paid) or for_money or reported
    return bool(sold and taken and not says(turn.words, "asking"))


def _sells_more(turn: Turn) -> bool:
    """ "2 aur biki", right after goods were sold: so many more of them, and no report."""
    if not turn.is_user or turn.intent != "report_request" or "?" in turn.text:
        return False
    counted = {one.name for one in turn.entities} in ({"quantity"}, {"quantity", "unit"})
    told = says(turn.words, "more") and says(turn.words, "sold") and just_spoken_of(turn, "product")
    return bool(counted and told and not says(turn.words, "asking"))


def _counts_sold(turn: Turn) -> bool:
    """ "Aaj 2 bell biki": so many were sold today, and nothing is asked."""
    if "?" in turn.text or says(turn.words, "telling") or turn.first("report_type"):
        return False
    return says_today(turn) if turn.first("date") else not turn.is_sure


def wants_same(turn: Turn) -> Decimal | None:
    """How much of what was just spoken of, in a message that says no more: "wahi wala 3"."""
    said = turn.text.split()
    if len(said) > MOST_WORDS or not says(turn.words, "same_thing") or turn.is_not_words:
        return None
    if any(one.name != "quantity" for one in turn.entities) or recent(turn, "product") is None:
        return None
    numbers = [word for word in said if not only(words(word), "filler") and parse_number(word)]
    rest = [word for word in said if word not in numbers]
    beside = all(only(words(word), "filler") or only(words(word), "pronouns") for word in rest)
    return parse_number(numbers[0]) if len(numbers) == 1 and beside else None


def takes_spoken_of(turn: Turn) -> Decimal | None:
    """How much somebody who buys takes of the goods that were just told of: "ek de do", "I'll take
    two", "1 de do, aur thoda sasta karna"."""
    if turn.is_user or turn.is_not_words or turn.intent not in TAKEN_FOR:
        return None
    if not just_spoken_of(turn, "product") or just_spoken_of(turn, "order"):
        return None
    parts = [part_of(turn, span) for span in sentences(turn.text)]
    counted = [one for one in parts if one.first("quantity") or one.first("product_name")]
    part = (counted[0] if len(counted) == 1 else bare_count(turn)) or turn
    beside = ("quantity", "unit", "product_name", "date", "payment_method")
    return count_alone(part) if all(one.name in beside for one in part.entities) else None


def bare_count(turn: Turn) -> Turn | None:
    """The part of a message that says how many, where nobody marked it: "ok one piece pls, cod
    hai?"."""
    if turn.first("quantity") or turn.first("product_name"):
        return None
    parts = [part_of(turn, span) for span in sentences(turn.text)]
    taken = [one for one in parts if count_alone(one) is not None]
    return taken[0] if len(taken) == 1 and len(parts) > 1 else None


def count_alone(turn: Turn) -> Decimal | None:
    """The one number of a message that says no more than that it is wanted: "nahi do kar do"."""
    plain_text = _HOME.sub(" ", _GIVE.sub(" ", roman(turn.text).lower()))
    said = [one for one in plain_text.split() if words(one)]
    numbers = [one for one in said if parse_number(one.strip(".,!")) is not None]
    rest = [one for one in said if one not in numbers]
    cues = ("filler", "taking", "negation", "greetings", "praise")
    beside = all(parse_unit(one) or any(only(words(one), cue) for cue in cues) for one in rest)
    if len(said) > MOST_WORDS or len(numbers) != 1 or not beside:
        return None
    return parse_number(numbers[0].strip(".,!"))


def leaves_so_many(turn: Turn) -> bool:
    """ "Nahi, do hi rehne do" of goods leaves two, and not the whole."""
    return says(turn.words, "leaves") and count_alone(turn) is not None


def _tells_who_gave(turn: Turn) -> bool:
    """ "Rajmahal wale 1000 de gaye, baaki shukravar ko": no question, as an amount came."""
    amount, named = turn.first("amount"), turn.value("customer_name")
    if amount is None or named is None or not turn.is_user or says(turn.words, "asking"):
        return False
    if says(turn.words, "negation") or not says_given(turn, amount.end):
        return False
    with turn.read() as reader:
        return customer_named(reader, named).one is not None


def _tells_who_took(turn: Turn) -> bool:
    """ "She took 2 surf excel", after a customer was spoken of."""
    goods = turn.first("product_name") and turn.first("quantity")
    took = says(turn.words, "of_a_person") and says(turn.words, "took")
    sure = turn.intent in GUESSES and not says(turn.words, "asking")
    return bool(turn.is_user and sure and goods and took and recent(turn, "customer"))


def _tells_of_money(turn: Turn) -> bool:
    """ "Usne 200 diye", after a customer was spoken of."""
    gave = says(turn.words, "same_person") and says(turn.words, "tense.past")
    paid = turn.first("amount") is not None and len(turn.words) <= MOST_WORDS
    return turn.is_user and gave and paid and recent(turn, "customer") is not None


def _did(turn: Turn) -> str:
    done = (turn.slots.get("recent") or {}).get("did")
    return done if done in FORMS else ""
