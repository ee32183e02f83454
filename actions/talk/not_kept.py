"""What shops wish for and Bahi does not do, each with what comes nearest to it: goods hired out or
given free, what a vendor asks for its goods, the bill of nobody, two orders in one wish; and what
the lexicon lists by kinds, from attendance to repairs."""

from __future__ import annotations

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import NUMBERS, last_amount, paise_of
from actions.forms.intents import UNSURE
from actions.lexicon import names, phrases, says, words
from actions.match import (
    choice_buttons,
    customer_named,
    customer_option,
    product_named,
    remember,
)
from actions.orders.given_free import free_beside
from actions.payments.taking_back import takes_back
from actions.payments.till_counted import tell_till_counted
from actions.purchases.vendors import is_customer, only_sells, seller_named
from actions.reading.giving import is_trader
from actions.reading.goods_notes import note_alone
from actions.reading.table_names import is_table, tables_together
from erp_core.kernel.money import inr, rupees

NEAREST = 3
OF_COUNTED_GOODS = frozenset(
    {"on_approval", "part_exchange", "offers", "instalments", "interest", "tips"}
)
"""Kinds of which goods may be counted that must not be sold then: "3 saree trial pe le gayi"."""

_WHOLE = (
    ("expense_log", {"amount", "item"}),
    ("expense_log", {"amount", "vendor_name"}),
    ("expense_log", {"amount", "customer_name"}),
    ("payment_record", {"amount", "customer_name"}),
    ("price_update", {"amount", "product_name"}),
    ("order_create", {"amount", "product_name"}),
    ("invoice_generate", {"amount", "customer_name"}),
    ("share_expense", {"amount"}),
    ("consent_withdraw", set()),
    ("data_access", set()),
    ("data_erase", set()),
    ("gst_export", set()),
)
"""What an intent needs that it is done and no wish: "pamphlet 2200 Gupta Printers"."""
_EVEN_SO = frozenset(
    {
        "staff_days",
        "serials",
        "tips",
        "charges_on_all",
        "instalments",
        "interest",
        "delivery_apps",
        "later_discount",
        "offers",
        "savings",
        "pay_rules",
        "standing_discounts",
        "service_reminders",
    }
)
"""Kinds whose words are taken for such: a cut of salary is no expense, an IMEI is no price."""

_NO_ANSWERS = (
    "tips",
    "charges_on_all",
    "delivery_apps",
    "shop_settings",
    "opening_hours",
    "broadcasts",
    "own_reminders",
)
"""Kinds whose words answer nothing that is asked for, whatever they are taken for."""
_TILL = "cash_counted"
_OF_OTHERS = "tips"
"""What buyers give to those who work here, though the shop may give such too."""


def by_kind(turn: Turn) -> list[EventType] | None:
    """ "Raju ki hajri lagao", "sab customer ko message bhejo": the first kind that is spoken of."""
    if not turn.is_user or turn.is_not_words or turn.metadata.get("kind") == "button":
        return None
    if takes_back(turn):
        return None
    kind = next((one for one in names("unkept") if _spoken_of(turn, one)), None)
    if kind is None:
        return None
    if kind == _TILL:
        tell_till_counted(turn)
    else:
        turn.say(f"utter_unkept_{kind}")
    return []


def by_kind_meanwhile(turn: Turn) -> list[EventType] | None:
    """What is no answer to what is asked, also while something is being written."""
    if (told := note_alone(turn)) is not None:
        return told
    return by_kind(turn) if turn.intent in UNSURE or is_no_answer(turn) else None


def remind_of_a_day(turn: Turn) -> list[EventType] | None:
    """ "Kal 5 baje yaad dilana" is no plan of when customers are reminded."""
    if not says(turn.words, "unkept.own_reminders.about") or turn.first("customer_name"):
        return None
    of_money = ("unkept.own_reminders.unless", "dues.their_money", "of_the_shop")
    is_mine = says(turn.words, "unkept.own_reminders.to_pay")
    if not says(turn.words, "one_day"):
        return None
    if not is_mine and any(says(turn.words, one) for one in of_money):
        return None
    turn.say("utter_unkept_own_reminders")
    return []


def is_no_answer(turn: Turn) -> bool:
    """Whether a message speaks of what answers nothing that is asked here."""
    return turn.is_user and any(_spoken_of(turn, one) for one in _NO_ANSWERS)


def till_counted(turn: Turn) -> list[EventType] | None:
    """ "Galle me gine to 2300 nikle" is nobody's money, whatever is being written."""
    if not turn.is_user or turn.first("customer_name") or not _spoken_of(turn, _TILL):
        return None
    tell_till_counted(turn)
    return []


def _spoken_of(turn: Turn, kind: str) -> bool:
    about, beside, unless = (f"unkept.{kind}.{part}" for part in ("about", "beside", "unless"))
    if not says(turn.words, about):
        return False
    if kind == _OF_OTHERS and says(turn.words, f"unkept.{kind}.of_others"):
        return True
    if says(turn.words, unless):
        return False
    if phrases(beside) and not says(turn.words, beside):
        return False
    counted = turn.first("product_name") and turn.first("quantity")
    if counted and kind not in OF_COUNTED_GOODS:
        return False
    if kind not in _EVEN_SO and _is_said_whole(turn):
        return False
    return not names_goods(turn, about)


def _is_said_whole(turn: Turn) -> bool:
    said = {one.name for one in turn.entities}
    return any(turn.intent == intent and needed <= said for intent, needed in _WHOLE)


def names_goods(turn: Turn, about: str) -> bool:
    """Whether the words are the name of goods that the shop has: a screen repair, a SIM card."""
    said = [one.value for one in turn.all("product_name") if says(words(one.value), about)]
    if not said:
        return False
    with turn.read() as reader:
        found = [product_named(reader, one) for one in said]
    return any(one.one or (one.options and not one.guesses) for one in found)


def ran_out(turn: Turn) -> list[EventType] | None:
    """ "Paper roll khatam ho gaya": what is no goods has no stock that could run out."""
    said = [one.value for one in turn.all("product_name")]
    if not said or not says(turn.words, "ran_out"):
        return None
    if turn.first("quantity") or turn.first("customer_name"):
        return None
    with turn.read() as reader:
        found = [product_named(reader, one) for one in said]
    if any(one.one or (one.options and not one.guesses) for one in found):
        return None
    turn.say("utter_ran_out_unlisted", said=", ".join(said), example=said[0])
    return []


def hired_out(turn: Turn) -> list[EventType] | None:
    """ "Generator kiraye pe diya 500 roz" is no expense and no sale."""
    if not says(turn.words, "not_kept.hired_out"):
        return None
    turn.say("utter_hire_not_kept")
    return []


def given_free(turn: Turn) -> list[EventType] | None:
    """ "Ek cover free me diya" must not be billed at its rate."""
    if not says(turn.words, "not_kept.free") or says(turn.words, "not_kept.free_of_else"):
        return None
    if turn.first("product_name") is None or names_goods(turn, "not_kept.free"):
        return None
    if free_beside(turn):
        return None
    gave = says(turn.words, "buying.gave") or says(turn.words, "sold")
    bought = says(turn.words, "buying.bought") and not gave
    came = bought or says(turn.words, "stock.arrived")
    response = "utter_free_came_not_kept" if came and turn.is_user else "utter_free_not_kept"
    turn.say(response, product=turn.all("product_name")[-1].value)
    return []


def old_for_new(turn: Turn) -> list[EventType] | None:
    """ "1 battery 4300 me bechi purani battery ke 700 kaate": tax is owed on all of the 4300, and
    the old one is bought."""
    if not (says(turn.words, "used_goods") and says(turn.words, "not_kept.taken_off")):
        return None
    goods, sums = turn.first("product_name"), [one for one in turn.entities if one.name in NUMBERS]
    swapped = says(turn.words, "exchange.swapped") and says(turn.words, "exchange.taken")
    if goods is None or len(sums) < (1 if swapped else 2) or not turn.is_user:
        return None
    turn.say("utter_old_for_new_not_kept", product=turn.all("product_name")[-1].value)
    return []


def quoted_by_vendor(turn: Turn) -> list[EventType] | None:
    """ "Redington se 65000 me mil raha hai" changes no rate of the shop's own."""
    named = seller_named(turn)
    offered = says(turn.words, "not_kept.on_offer") and named is not None
    if not (offered or says(turn.words, "not_kept.quotes")) or turn.first("amount") is None:
        return None
    if turn.first("product_name") is None or (named and is_customer(turn, named.value)):
        return None
    turn.say("utter_quote_not_kept", product=turn.value("product_name"))
    return []


def vendors_paper(turn: Turn) -> list[EventType] | None:
    """ "Apollo Distributors ne 200 ka credit note diya", "Apollo Distributors ka bill 5000 ka
    aaya": a vendor's papers are written by their goods alone, and make nobody a customer."""
    named, sums = seller_named(turn), [paise_of(one) for one in turn.all("amount")]
    if not turn.is_user or turn.first("product_name") or not (named and sums and sums[0]):
        return None
    if says(turn.words, "asking") or "?" in turn.text:
        return None
    said = turn.words
    owed = is_trader(turn, named) and says(said, "to_be_given") and not says(said, "buying.gave")
    if not owed and not only_sells(turn, named.value):
        return None
    credit = says(said, "credit_note") or says(said, "not_kept.debit_note")
    of_goods = says(said, "bill_words") or says(said, "goods_in_general")
    if not credit and not owed and not (of_goods and says(said, "stock.arrived")):
        return None
    facts = {"vendor": named.value, "amount": inr(sums[-1] or sums[0])}
    if credit:
        turn.say("utter_vendor_credit_note_not_kept", **facts)
        return []
    turn.say("utter_vendor_bill_needs_goods", **facts)
    return []


def own_debt(turn: Turn) -> list[EventType] | None:
    """ "Mujhe Meena ko 500 dene hain" is no credit of hers: what the shop owes a customer is
    written by what came of it."""
    named = turn.first("customer_name") or turn.first("person")
    paise = last_amount(turn.all("amount") or turn.all("quantity"))
    said, goods = turn.words, turn.first("product_name")
    mine = says(said, "own_debt.us") and says(said, "to_be_given")
    if not (turn.is_user and named and paise) or goods or "?" in turn.text:
        return None
    asked = says(said, "asking") or says(said, "unkept.own_reminders.about")
    if asked or not (mine or says(said, "own_debt.owe")):
        return None
    with turn.read() as reader:
        found = customer_named(reader, named.value).one
    if found is None:
        return None
    figure = rupees(paise).removesuffix(".00")
    turn.say("utter_own_debt_not_kept", name=found.name, amount=inr(paise), rupees=figure)
    return [remember(turn, customer=found.id)]


def bill_of_nobody(turn: Turn) -> list[EventType] | None:
    """ "Pappu ka bill", where nobody is called so: the bill of a stranger is not to be made."""
    said = turn.value("customer_name")
    shows = turn.intent in ("invoice_generate", "invoice_share") and says(turn.words, "bill_words")
    if said is None or not shows or says(turn.words, "makes_bill") or len(turn.entities) > 1:
        return None
    with turn.read() as reader:
        found = customer_named(reader, said)
        options = [customer_option(turn, one) for one in found.options[:NEAREST]]
    if found.one or not found.guesses:
        return None
    if is_table(said) and not options:
        turn.say("utter_table_has_no_order", name=said)
        return []
    turn.say(
        "utter_nobodys_bill",
        said=said,
        near=turn.line("line_did_you_mean") if options else "",
        choices=choice_buttons(options, turn.intent),
    )
    return []


def day_total(turn: Turn) -> list[EventType] | None:
    """ "Aaj ki sale 4500 cash 2300 upi": what a whole day brought is the sum of its bills."""
    others = ("product_name", "customer_name", "vendor_name", "item", "order_id", "quantity")
    sums = [paise_of(one) for one in turn.all("amount")]
    if not turn.is_user or not sums or any(turn.first(one) for one in others):
        return None
    if not (says(turn.words, "day_total.of") and says(turn.words, "day_total.day")):
        return None
    cues = ("asking", "negation", "tense.future", "day_total.unless")
    if any(says(turn.words, one) for one in cues) or "?" in turn.text or None in sums:
        return None
    turn.say("utter_day_total_not_kept", amount=" + ".join(inr(one) for one in sums if one))
    return []


def table_changed(turn: Turn) -> list[EventType] | None:
    """ "Table 3 shift to 6": an order stays with the table that it was written for, and so does its
    bill, "table 2 aur 6 ka bill ek saath"."""
    together = tables_together(turn.text) if turn.is_user else ()
    if together and says(turn.words, "bill_words") and turn.first("product_name") is None:
        turn.say("utter_tables_apart", one=together[0], other=together[1])
        return []
    name = turn.value("customer_name") or ""
    others = ("product_name", "amount", "payment_method")
    if not turn.is_user or not is_table(name) or any(turn.first(one) for one in others):
        return None
    of_order = says(turn.words, "an_order") or says(turn.words, "bill_words")
    if of_order or says(turn.words, "asking") or not says(turn.words, "not_kept.other_table"):
        return None
    turn.say("utter_table_stays", name=name)
    return []


def cancel_and_order(turn: Turn) -> list[EventType] | None:
    """ "Pushpa ka order cancel aur naya likho 3 maggi" asks for two things, of which the second
    alone would leave both orders."""
    two = says(turn.words, "cancel") and says(turn.words, "newness") and says(turn.words, "joining")
    named = turn.value("customer_name")
    if not two or named is None or turn.first("product_name") is None:
        return None
    turn.say("utter_cancel_then_order", name=named)
    return []
