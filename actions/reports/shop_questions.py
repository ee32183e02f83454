"""What is asked of a shop's business in words that no intent has: what goods bring, who buys most,
who stays away, which day was the best, when somebody paid last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import paise_of, period_of
from actions.invoicing.brought_back import brings_back, comes_back
from actions.lexicon import says, words
from actions.match import (
    ask_which_product,
    customer_in,
    goods_in_text,
    just_spoken_of,
    product_named,
    recent,
    remember,
    unit_word,
)
from actions.purchases.vendors import owed_words, vendor_in
from actions.reading.money import in_paise
from actions.reading.when import span_said
from actions.talk.asked_again import ASKED_OF
from actions.wording import balance_words, day, days
from erp_core.catalogue import queries as catalogue
from erp_core.catalogue.queries import Product
from erp_core.invoicing.queries import latest_invoice
from erp_core.journal.context import Reader
from erp_core.kernel.hindi_numbers import parse_amount
from erp_core.kernel.money import inr
from erp_core.kernel.quantity import plain
from erp_core.orders.margins import margin
from erp_core.orders.queries import open_orders
from erp_core.orders.states import CHANGEABLE
from erp_core.parties import queries as parties
from erp_core.parties.permissions import Permission
from erp_core.parties.queries import Vendor
from erp_core.parties.service import WALK_IN
from erp_core.payments import queries as payments
from erp_core.purchases.queries import last_bought, last_paid, owed_to
from erp_core.reports import queries as reports
from erp_core.reports.buyers import absent, best_buyers
from erp_core.reports.slow_sellers import slow_sellers

ROWS = 15
BEST = 5
OF_GOODS = frozenset({"low_stock_query", "inventory_query"})
"""Intents that ask of goods, whatever they call them."""
KHATA = "action_khata_query"
"""Who tells the same of somebody else."""
A_MONTH = 30
"""Of so many days who buys most is asked, and who has not come, where no time is named."""
_EVER = date(2000, 1, 1)


def tell_margin(turn: Turn) -> list[EventType] | None:
    """ "Maggi pe kitna bachta hai", "kitne ki aayi aur kitne me bech rahe": of one unit, sold
    today."""
    both = says(turn.words, "questions.cost_asked") and says(turn.words, "questions.rate_asked")
    asked = says(turn.words, "asking") or turn.intent == "report_request"
    if not (both or says(turn.words, "questions.margin")) or not asked:
        return None
    if turn.first("date") or (says(turn.words, "questions.of_the_past") and not both):
        return None
    with turn.read() as reader:
        said = [one.value for one in turn.all("product_name")]
        found = [product_named(reader, one) for one in said or _goods_spoken_of(turn, reader)]
        unknown = [one for one in found if one.guesses or not (one.one or one.options)]
        if not found or (unknown and turn.intent != "report_request"):
            return None
        if unknown:
            ask_which_product(turn, unknown[0], "price_query")
            return []
        named = [_closest(turn, [one.one] if one.one else one.options) for one in found]
        meant = list({one.id: one for options in named for one in options}.values())
        rows = [(one, margin(reader, one)) for one in meant]
    for one, told in rows:
        turn.say(
            "utter_margin" if told.cost is not None else "utter_margin_unknown",
            product=one.name,
            unit=unit_word(turn, one.unit),
            price=inr(told.price),
            cost=inr(told.cost or 0),
            gained=inr(told.gained or 0),
            percent=plain(told.percent) if told.percent is not None else "0",
        )
    return [remember(turn, product=meant[0].id)] if len(meant) == 1 else []


def tell_gain_at(turn: Turn) -> list[EventType] | None:
    """ "Chini 42 me bech sakte hain kya", "42 me de dun?": what is left of one at that rate."""
    asked = says(turn.words, "asking") or "?" in turn.text
    if not asked or not says(turn.words, "questions.may_sell"):
        return None
    rate, before = _rate_said(turn), recent(turn, "product")
    others = any(turn.first(one) for one in ("customer_name", "person", "date"))
    if not rate or others or not turn.may(Permission.VIEW_COSTS):
        return None
    with turn.read() as reader:
        named = turn.value("product_name") or goods_in_text(turn, reader)
        found = product_named(reader, named).one if named else None
        product = found or (catalogue.product(reader, before) if before and not named else None)
        told = margin(reader, product, rate=rate) if product else None
    if product is None or told is None:
        turn.say("utter_price_of_what")
        return []
    if told.gained is None:
        turn.say("utter_margin_unknown", product=product.name)
        return [remember(turn, product=product.id)]
    turn.say(
        "utter_gain_at" if told.gained >= 0 else "utter_loss_at",
        product=product.name,
        unit=unit_word(turn, product.unit),
        rate=inr(rate),
        listed=inr(product.price_paise),
        cost=inr(told.cost or 0),
        gained=inr(abs(told.gained)),
    )
    return [remember(turn, product=product.id)]


def _rate_said(turn: Turn) -> int | None:
    """The one sum of a message, in paise, marked or in figures."""
    marked = [paise_of(one) for one in turn.all("amount") or turn.all("quantity")]
    figures = [parse_amount(one) for one in turn.text.split() if one[0].isdigit()]
    said = marked or [in_paise(one) for one in figures if one]
    return said[0] if len(said) == 1 else None


def _goods_spoken_of(turn: Turn, reader: Reader) -> list[str]:
    word = goods_in_text(turn, reader)
    return [word] if word else []


def _closest(turn: Turn, options: Sequence[Product]) -> list[Product]:
    """Those whose names share the most words with the message: "tata salt" is not Tata tea."""
    shared = {one.id: len(set(words(one.name)) & set(turn.words)) for one in options}
    most = max(shared.values())
    return [one for one in options if shared[one.id] == most]


def count_customers(turn: Turn) -> list[EventType] | None:
    """ "Mere kitne grahak hain"."""
    if not says(turn.words, "questions.how_many_customers") or turn.entities:
        return None
    if says(turn.words, "questions.of_money") or says(turn.words, "questions.came"):
        return None
    with turn.read() as reader:
        found = parties.all_customers(reader)
    everybody = [one.name for one in found if one.name != WALK_IN]
    turn.say("utter_customers_counted", count=len(everybody), names=", ".join(everybody[:ROWS]))
    return []


def tell_best_buyers(turn: Turn) -> list[EventType] | None:
    """ "Sabse zyada kaun leta hai", "best customer kaun hai"."""
    most = says(turn.words, "questions.most") and says(turn.words, "questions.buyer")
    if not most or turn.first("product_name") or turn.first("customer_name"):
        return None
    if says(turn.words, "questions.of_money"):
        return None
    period = period_of(turn.first("date"), today=turn.today)
    start = period.start if period else turn.today - timedelta(days=A_MONTH)
    end = period.end if period else turn.today
    with turn.read() as reader:
        found = best_buyers(reader, start, end, limit=BEST)
    rows = [{"name": one.name, "amount": inr(one.paise), "bills": one.bills} for one in found]
    turn.say(
        "utter_best_buyers" if rows else "utter_no_buyers",
        period=days(start, end),
        rows=turn.lines("line_best_buyer", rows),
    )
    return []


def tell_absent(turn: Turn) -> list[EventType] | None:
    """ "Kaun kaun 1 mahine se nahi aaya"."""
    if not says(turn.words, "questions.not_come") or not says(turn.words, "questions.who"):
        return None
    if turn.first("product_name") or turn.first("customer_name"):
        return None
    if says(turn.words, "questions.of_money"):
        return None
    since = span_said(turn) or A_MONTH
    with turn.read() as reader:
        found = absent(reader, since)
    rows = [{"name": one.name, "on": day(one.last_on)} for one in found[:ROWS]]
    turn.say(
        "utter_absent" if rows else "utter_nobody_absent",
        days=since,
        count=len(found),
        rows=turn.lines("line_absent", rows),
    )
    return []


def tell_best_day(turn: Turn) -> list[EventType] | None:
    """ "Is mahine kis din sabse zyada bika"."""
    if not says(turn.words, "questions.which_day") or not says(turn.words, "questions.most"):
        return None
    if turn.first("product_name") or turn.first("customer_name"):
        return None
    period = period_of(turn.first("date"), today=turn.today)
    start = period.start if period else turn.today.replace(day=1)
    end = max(start, min(period.end, turn.today)) if period else turn.today
    with turn.read() as reader:
        told = reports.summary(reader, start, end)
    best = max(told.daily, key=lambda one: one.sales, default=None)
    if best is None or best.sales <= 0:
        turn.say("utter_no_buyers", period=days(start, end))
        return []
    turn.say("utter_best_day", period=days(start, end), on=day(best.on), amount=inr(best.sales))
    return []


def tell_slow_sellers(turn: Turn) -> list[EventType] | None:
    """ "Kaunsa maal nahi bik raha", "dead stock kya hai": what lies there, most money first."""
    of_goods = says(turn.words, "questions.slow_of_what") or turn.intent in OF_GOODS
    least = says(turn.words, "questions.least") and says(turn.words, "questions.sells")
    if not (says(turn.words, "questions.slow") or least) or not of_goods:
        return None
    if turn.first("customer_name") or turn.first("quantity") or turn.first("amount"):
        return None
    since = span_said(turn) or _days_named(turn) or A_MONTH
    with turn.read() as reader:
        if (named := turn.value("product_name")) and product_named(reader, named).one:
            return None
        found = slow_sellers(reader, since)
    rows = [
        {
            "product": one.name,
            "quantity": plain(one.on_hand),
            "unit": unit_word(turn, one.unit, one.on_hand),
            "last": day(one.last_on) if one.last_on else turn.line("word_never_sold"),
        }
        for one in found[:ROWS]
    ]
    turn.say(
        "utter_slow_sellers" if rows else "utter_no_slow_sellers",
        days=since,
        count=len(found),
        rows=turn.lines("line_slow_seller", rows),
    )
    return []


def _days_named(turn: Turn) -> int:
    """How many days ago the period begins that is named: "is hafte"."""
    period = period_of(turn.first("date"), today=turn.today)
    return (turn.today - period.start).days if period else 0


def tell_last_payment(turn: Turn) -> list[EventType] | None:
    """ "Ravi ne last kab diya tha": the day, and how much."""
    asked = says(turn.words, "questions.when") and says(turn.words, "questions.paid")
    if not asked or turn.first("product_name") or says(turn.words, "tense.future"):
        return None
    with turn.read() as reader:
        buyer = customer_in(turn, reader)
        seller = vendor_in(turn, reader) if buyer is None else None
        if seller is not None:
            return _tell_last_paid(turn, reader, seller)
        if buyer is None:
            return None
        paid = payments.payments_between(reader, _EVER, turn.today, buyer.id)
        balance = payments.balance(reader, buyer.id)
    turn.say(
        "utter_last_payment" if paid else "utter_no_payments_of",
        name=buyer.name,
        on=day(paid[0].on) if paid else "",
        amount=inr(paid[0].amount) if paid else "",
        method=turn.line(f"method_{paid[0].method}") if paid else "",
        balance=balance_words(turn, balance),
    )
    return [remember(turn, customer=buyer.id)]


def _tell_last_paid(turn: Turn, reader: Reader, seller: Vendor) -> list[EventType] | None:
    """ "Redington ko paise kab diye the": the last money that a vendor got."""
    if not turn.may(Permission.VIEW_PURCHASES):
        return None
    paid, owed = last_paid(reader, seller.id), owed_to(reader, seller.id)
    turn.say(
        "utter_vendor_last_paid" if paid else "utter_vendor_never_paid",
        name=seller.name,
        on=day(paid.on) if paid else "",
        amount=inr(paid.amount) if paid else "",
        method=turn.line(f"method_{paid.method}") if paid else "",
        owed=owed_words(turn, owed),
    )
    return [remember(turn, vendor=seller.id)]


def tell_since(turn: Turn) -> list[EventType] | None:
    """ "Falguni ka udhaar kab se hai", "kab se baaki hai" right after a khata."""
    if not turn.is_user or not says(turn.words, "questions.since"):
        return None
    if turn.first("product_name") or turn.first("quantity") or turn.first("amount"):
        return None
    khata = just_spoken_of(turn, "customer", ASKED_OF)
    if not says(turn.words, "asks_of.khata") and not khata:
        return None
    with turn.read() as reader:
        before = recent(turn, "customer")
        buyer = customer_in(turn, reader)
        if buyer is None and before and khata:
            buyer = parties.customer(reader, before)
        debts = payments.open_debts(reader, buyer.id) if buyer else []
        if buyer is None or not debts:
            return None
        balance = payments.balance(reader, buyer.id)
    turn.say(
        "utter_owes_since",
        name=buyer.name,
        balance=balance_words(turn, balance),
        on=day(debts[0].on),
        days=str((turn.today - debts[0].on).days),
    )
    return [remember(turn, customer=buyer.id, **{ASKED_OF: KHATA})]


def tell_last_bought(turn: Turn) -> list[EventType] | None:
    """ "Maggi kisse lete hain", "chini pichli baar kitne me li thi": from whom, when, at what."""
    if not says(turn.words, "questions.last_bought") or turn.first("customer_name"):
        return None
    if not turn.may(Permission.VIEW_PURCHASES):
        return None
    with turn.read() as reader:
        said = turn.value("product_name") or goods_in_text(turn, reader)
        product = product_named(reader, said).one if said else None
        last = last_bought(reader, [product.id]).get(product.id) if product else None
    if product is None:
        return None
    turn.say(
        "utter_last_bought" if last else "utter_never_bought",
        product=product.name,
        vendor=last.vendor if last else "",
        on=day(last.on) if last else "",
        rate=inr(last.unit_price) if last else "",
        unit=unit_word(turn, product.unit),
    )
    return [remember(turn, product=product.id)]


def tell_bill_there(turn: Turn) -> list[EventType] | None:
    """ "Kya mera bill gaya Gupta ko" asks, and sends nothing."""
    asks = says(turn.words, "questions.bill_gone") and says(turn.words, "bill_words")
    if not asks or says(turn.words, "dues.their_money"):
        return None
    if turn.intent not in ("invoice_share", "payment_status"):
        return None
    with turn.read() as reader:
        buyer = customer_in(turn, reader)
        bill = latest_invoice(reader, buyer.id) if buyer else None
    if buyer is None or bill is None:
        return None
    turn.say(
        "utter_bill_there",
        name=buyer.name,
        number=bill.number,
        on=day(bill.on_date),
        invoice_id=bill.id,
    )
    return [remember(turn, invoice=bill.id, customer=buyer.id)]


def tell_undelivered(turn: Turn) -> list[EventType] | None:
    """ "Neha ne 1 charger wapas kiya" of an order that was not handed over yet: nothing can have
    come back, and the stock would be too much."""
    if not (comes_back(turn) or says(turn.words, "questions.bringing_back")) or brings_back(turn):
        return None
    said = turn.value("product_name")
    with turn.read() as reader:
        buyer = customer_in(turn, reader)
        product = product_named(reader, said).one if said else None
        if buyer is None or product is None:
            return None
        waiting = [one for one in open_orders(reader, buyer.id) if one.status in CHANGEABLE]
    of_it = [one for one in waiting if any(line.product_id == product.id for line in one.lines)]
    placed = of_it[0] if of_it else None
    if placed is None:
        return None
    turn.say("utter_not_handed_over", name=buyer.name, product=product.name, number=placed.number)
    return [remember(turn, customer=buyer.id, order=placed.id)]
