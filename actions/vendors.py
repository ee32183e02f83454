"""Vendors: whom a message means, which messages are about buying, and what is told of them at once.

The language components have no intent of their own for buying: goods that come from somebody are
`inventory_update`, money for them `expense_log`, and what is owed is asked in many ways. Whoever
stands before "se" with goods that came is a vendor, though a vendor may be a customer too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from rasa_sdk.events import EventType

from actions import expiry
from actions.context import Turn
from actions.entities import Entity
from actions.forms.names import (
    MODIFY_FORM,
    ORDER_FORM,
    PURCHASE_FORM,
    TRANSFER_FORM,
    VENDOR_PAYMENT_FORM,
)
from actions.lexicon import names, only, says, which, words
from actions.match import (
    MOST_CHOICES,
    Found,
    customer_named,
    payload_of,
    product_named,
    unit_word,
)
from actions.phrasebook import Button
from actions.places import lies, moves
from erp_core.catalogue.queries import Product, Quantified
from erp_core.expenses.categories import OTHER, guess_category
from erp_core.journal.context import Reader
from erp_core.kernel.matching import CERTAIN
from erp_core.kernel.money import from_decimal, inr
from erp_core.kernel.quantity import plain
from erp_core.ledger.chart import LOANS
from erp_core.ledger.queries import balance_of
from erp_core.parties import queries as parties
from erp_core.parties import service as people
from erp_core.parties.permissions import Permission
from erp_core.parties.queries import Vendor
from erp_core.purchases import ordering, paying, queries, service
from erp_core.purchases.reordering import Suggestion, suggestions
from erp_core.tax import gstin as gstins

COMMANDS = {"purchase": PURCHASE_FORM, "kharid": PURCHASE_FORM}
"""Quick commands that begin a form, whatever the message is taken for."""

RECEIVE = "receive"
"""What a button says by which the goods of an order have come."""

NAMES = ("vendor_name", "customer_name", "person")
ROWS = 15
LONGEST = 18
_FIGURES = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?![\w.])")
_NOTE = re.compile(
    r"\s*(\d[\d,]*(?:\.\d+)?)\s+([^\W\d].*?)\s*(?:@|\bat|\brs\.?|₹)?\s*(?<!\w)(\d[\d,]*(?:\.\d+)?)\s*",
    re.IGNORECASE,
)
_NOTE_OF = re.compile(
    r"\s*([^\W\d].*?)\s+(\d[\d,]*(?:\.\d+)?)\s+([^\W\d].*?)\s*(?:@|\bat|\brs\.?|₹)?\s*(?<!\w)(\d[\d,]*(?:\.\d+)?)\s*",
    re.IGNORECASE,
)
"""The same with who sells in front: "skyline 30 glass 65"."""
_PHONE = re.compile(r"(?<!\d)[6-9]\d{9}(?!\d)")

_FROM_ALONE = re.compile(
    r"(?:from\s+([^\d?]{3,40})|([^\d?]{3,40}?)\s+(?:se|से)(?:\s+(?:aaya|aaye|aya|aye|liya|liye))?)[.!]*",
    re.I,
)
"""Who sells, and no more."""

Errand = Callable[[Turn], "list[EventType] | None"]


def form_for(turn: Turn) -> str | None:
    """The form of buying that a message belongs to by its wording; None for none."""
    if not turn.is_user or turn.is_not_words:
        return None
    if turn.metadata.get("kind") == "button":
        return PURCHASE_FORM if turn.value("act") == RECEIVE else None
    command = turn.metadata.get("command")
    if command in COMMANDS:
        return COMMANDS[command]
    if command or says(turn.words, "buying.question"):
        return None
    if moves(turn):
        return TRANSFER_FORM
    if buys(turn) or as_note_of_goods(turn):
        return PURCHASE_FORM
    return VENDOR_PAYMENT_FORM if pays(turn) else None


def buys(turn: Turn) -> bool:
    """Whether goods came from somebody, go back to a vendor, or are ordered from one."""
    if turn.first("product_name") is None:
        return False
    named = seller_named(turn)
    if named is None:
        return sends_out(turn)
    if sends_for(turn):
        return _is_vendor(turn, named.value) or not _is_customer(turn, named.value)
    if goes_back(turn):
        return _stands_before(turn, named, "ko") and _is_vendor(turn, named.value)
    if says(turn.words, "buying.sent_back") or says(turn.words, "brought_back"):
        return False
    if _is_from(turn, named):
        got = says(turn.words, "buying.purchased") or says(turn.words, "buying.got")
        got = got or bool(turn.first("amount") and says(turn.words, "buying.on_credit"))
        sure = got and not says(turn.words, "buying.an_order")
        return _came(turn, named) and (sure or _sells_only(turn, named) or _sells_too(turn, named))
    sells = _is_vendor(turn, named.value) and not _is_customer(turn, named.value)
    return sells and _is_note_of_goods(turn)


def _is_from(turn: Turn, named: Entity) -> bool:
    return _stands_before(turn, named, "se", "from") or _stands_behind(turn, named, "from")


def _came(turn: Turn, named: Entity) -> bool:
    """Whether goods from somebody are here: "20 kg besan from Laxmi at 82" need not say so."""
    if says(turn.words, "buying.bought"):
        return True
    counted = turn.first("quantity") and turn.first("amount")
    return bool(counted) and _stands_behind(turn, named, "from")


def _sells_only(turn: Turn, named: Entity) -> bool:
    """Whether somebody is a vendor, or at least no customer."""
    return _is_vendor(turn, named.value) or not _is_customer(turn, named.value)


def _sells_too(turn: Turn, named: Entity) -> bool:
    """Whether a customer sold the goods: they came at a cost, or from somebody who trades. What
    is brought back says so, and is none of it."""
    if turn.intent != "inventory_update" or says(turn.words, "buying.an_order"):
        return False
    if turn.first("amount"):
        return True
    with turn.read() as reader:
        trader = customer_named(reader, named.value).one
    return trader is not None and trader.gstin is not None


def _is_note_of_goods(turn: Turn) -> bool:
    """Whether a message is goods, how many, from whom and at what rate, and no word besides:
    "50 ear skyline 420"."""
    if not (turn.first("quantity") and turn.first("amount")):
        return False
    at, beside = 0, []
    for one in turn.entities:
        beside.append(turn.text[at : one.start])
        at = one.end
    return not words(" ".join([*beside, turn.text[at:]]).replace("@", " "))


def as_note_of_goods(turn: Turn) -> Turn | None:
    """The message with its goods and its vendor marked, where it is a number, goods, somebody who
    sells, and a rate: "50 ear skyline 420". Somebody unknown sells what is cheaper than here."""
    if turn.intent == "affirm" or not turn.is_user:
        return None
    if turn.intent == "order_create" and turn.first("customer_name"):
        return None
    found = _NOTE.fullmatch(turn.text)
    if found is None:
        return _as_note_of(turn)
    middle = found[2].split()
    if any(only(words(one), "filler") for one in middle):
        return None
    with turn.read() as reader:
        for cut in range(1, len(middle)):
            goods, name = " ".join(middle[:cut]), " ".join(middle[cut:])
            product = product_named(reader, goods).one
            if product and _may_sell(reader, name, product, Decimal(found[3].replace(",", ""))):
                return _as_marked(turn, found, goods, name)
    return None


def _as_note_of(turn: Turn) -> Turn | None:
    found = _NOTE_OF.fullmatch(turn.text)
    if found is None or turn.intent != "inventory_update" or turn.first("customer_name"):
        return None
    if any(only(words(one), "filler") for one in (*found[1].split(), *found[3].split())):
        return None
    with turn.read() as reader:
        product = product_named(reader, found[3]).one
        rate = Decimal(found[4].replace(",", ""))
        if product is None or not _may_sell(reader, found[1], product, rate):
            return None
    kinds = ("vendor_name", "quantity", "product_name", "amount")
    marked = [
        Entity(kind, found[at], start=found.start(at), end=found.end(at))
        for at, kind in enumerate(kinds, start=1)
    ]
    return replace(turn, entities=marked)


def _may_sell(reader: Reader, name: str, product: Product, rate: Decimal) -> bool:
    if customer_named(reader, name).one or product_named(reader, name).one:
        return False
    return vendor_named(reader, name).one is not None or from_decimal(rate) < product.price_paise


def _as_marked(turn: Turn, found: re.Match[str], goods: str, name: str) -> Turn:
    start, end = found.span(2)
    spans = (
        ("quantity", found[1], *found.span(1)),
        ("product_name", goods, start, start + len(goods)),
        ("vendor_name", name, end - len(name), end),
        ("amount", found[3], *found.span(3)),
    )
    marked = [Entity(kind, said, start=at, end=to) for kind, said, at, to in spans]
    return replace(turn, entities=marked)


def goes_back(turn: Turn) -> bool:
    """Whether goods go back: "Metro ko 4 maggi wapas kiye"."""
    named = seller_named(turn)
    return bool(
        named and says(turn.words, "buying.sent_back") and _stands_before(turn, named, "ko")
    )


def sends_for(turn: Turn) -> bool:
    """Whether goods are wanted from a vendor: "Metro se 40 maggi mangwao"."""
    named = seller_named(turn)
    return bool(
        named
        and says(turn.words, "buying.send_for")
        and (_stands_before(turn, named, "se", "from") or _stands_behind(turn, named, "from"))
    )


def sends_out(turn: Turn) -> bool:
    """Whether goods are to be bought of nobody by name: "chini 2 bori mangwa lo". In the middle of
    an order it is the customer who wants more."""
    written = (turn.slots.get("draft") or {}).get("form")
    if written in (ORDER_FORM, MODIFY_FORM) or seller_named(turn):
        return False
    if not turn.may(Permission.RECORD_PURCHASE):
        return False
    return says(turn.words, "buying.sends_out") and not says(turn.words, "asking")


def pays(turn: Turn) -> bool:
    """Whether money went out for goods: "Metro ko 20000 diye maal ka", "15000 ka maal kharida"."""
    if turn.intent not in ("expense_log", "payment_record", "repay_debt", "khata_credit"):
        return False
    amount = turn.first("amount") or turn.first("quantity") or _FIGURES.search(turn.text)
    if amount is None or turn.first("product_name") or not _of_goods(turn, None):
        return False
    named = seller_named(turn)
    if named is None:
        bought = says(turn.words, "buying.purchased") and says(turn.words, "buying.goods")
        return turn.intent == "expense_log" and (bought or _is_item_goods(turn))
    out = paid_to(turn) is not None
    if not (out or _stands_before(turn, named, "ko") or turn.intent == "expense_log"):
        return False
    if not (out or says(turn.words, "buying.gave") or says(turn.words, "buying.goods")):
        return False
    return _is_paid_for_goods(turn, named)


def paid_to(turn: Turn) -> Entity | None:
    """Whom an English message says to have paid: "paid Nandini 1000", not "Nandini paid 1000"."""
    named = seller_named(turn)
    if named is None or not named.end:
        return None
    before = [one for one in words(turn.text[: named.start]) if one != "to"]
    return named if before and only(before[-1:], "buying.paying") else None


def spends(turn: Turn) -> bool:
    """Whether money went out for what is no stock, though taken for money that came: "paid Nandini
    1000", "bought vegetables 2350 from Mandya Market". What customers get is none of it."""
    if turn.intent not in ("payment_record", "repay_debt") or not turn.is_user:
        return False
    if turn.first("amount") is None or turn.first("product_name") or _says_not_spent(turn):
        return False
    named = paid_to(turn) or given_money(turn)
    if named is not None:
        return not _is_customer(turn, named.value)
    return turn.intent == "payment_record" and says(turn.words, "buying.purchased")


def given_money(turn: Turn) -> Entity | None:
    """Whom money was given: "Ramesh ko 5000 diye", and nobody's "ne" says who else gave it."""
    named = seller_named(turn)
    if named is None or not _stands_before(turn, named, "ko") or "ne" in turn.words:
        return None
    return named if says(turn.words, "buying.gave") else None


def _says_not_spent(turn: Turn) -> bool:
    """Whether money is said to go back, or to be owed."""
    return says(turn.words, "buying.not_spent") or says(turn.words, "negation")


def _is_paid_for_goods(turn: Turn, named: Entity) -> bool:
    """The words say so; or a vendor gets money of whom goods were bought."""
    if says(_words_beside(turn, named), "buying.goods"):
        return not _is_customer(turn, named.value) or _is_vendor(turn, named.value)
    with turn.read() as reader:
        seller = vendor_named(reader, named.value).one
        spent_on = [one for one in turn.all("item") if one != named]
        if seller is None or spent_on or not turn.may(Permission.VIEW_PURCHASES):
            return False
        return bool(queries.bills_of(reader, seller.id))


def _of_goods(turn: Turn, item: str | None) -> bool:
    """No: "maal ka bhada" is carriage, and "dukaan ka saman" may be anything but rent."""
    said = item or turn.value("item") or turn.text
    return guess_category(said) == OTHER


def _is_item_goods(turn: Turn) -> bool:
    item = turn.value("item")
    return bool(item) and says(words(item or ""), "buying.goods") and len(words(item or "")) <= 2


def _words_beside(turn: Turn, named: Entity) -> tuple[str, ...]:
    return words(f"{turn.text[: named.start]} | {turn.text[named.end :]}")


def figures_in(turn: Turn) -> str | None:
    """The one number of a message in which the language components saw none."""
    found = _FIGURES.findall(turn.text)
    return found[0] if len(found) == 1 else None


def seller_named(turn: Turn) -> Entity | None:
    """The entity that names the other side of a purchase."""
    for kind in NAMES:
        if found := turn.first(kind):
            return found
    item = turn.first("item")
    if item is None or not item.end:
        return None
    before = words(turn.text[: item.start])[-1:]
    gets = (before and only(before, "buying.paying")) or _stands_before(turn, item, "ko")
    return item if gets and _is_vendor(turn, item.value) else None


def vendor_named(reader: Reader, said: str) -> Found:
    """The vendor whom a name means."""
    matches = parties.find_vendors(reader, said, limit=MOST_CHOICES)
    sure = [match.item for match in matches if match.score >= CERTAIN]
    if len(sure) == 1:
        return Found(said, one=sure[0])
    if sure:
        return Found(said, options=tuple(sure))
    return Found(said, options=tuple(match.item for match in matches), guesses=True)


def seller_alone(turn: Turn) -> str | None:
    """From whom goods are said to have come, in a message that says nothing else: "Sun Pharma se".
    Nobody's name is a word that often stands there."""
    found = _FROM_ALONE.fullmatch(turn.text.strip()) if turn.is_user else None
    if found is None or not turn.may(Permission.RECORD_PURCHASE):
        return None
    said = str(found[1] or found[2]).strip()
    nobody = ("no_seller", "filler", "asking", "pronouns", "rate_words", "buying.shop")
    with turn.read() as reader:
        if vendor_named(reader, said).one:
            return said
        other = product_named(reader, said).one is not None
    plain_words = words(said)
    places = any(says(plain_words, f"buying.places.{one}") for one in names("buying.places"))
    known_otherwise = other or places or which(said, "methods")
    if known_otherwise or any(only([one], cue) for one in plain_words for cue in nobody):
        return None
    return said if plain_words else None


def vendor_in(turn: Turn, reader: Reader) -> Vendor | None:
    """The vendor whom a message names, by an entity or by words that are surely a vendor's name."""
    named = seller_named(turn)
    if named:
        return vendor_named(reader, named.value).one
    for word in turn.words[:LONGEST]:
        if len(word) > 3:
            found = vendor_named(reader, word).one
            if found and word in words(found.name):
                return found  # type: ignore[no-any-return]
    return None


def owed_words(turn: Turn, paise: int) -> str:
    """What a vendor is owed: "₹500", "₹0", or an advance."""
    if paise < 0:
        return turn.line("word_advance", amount=inr(-paise))
    return inr(paise)


def _is_vendor(turn: Turn, said: str) -> bool:
    with turn.read() as reader:
        return vendor_named(reader, said).one is not None


def _is_customer(turn: Turn, said: str) -> bool:
    with turn.read() as reader:
        return customer_named(reader, said).one is not None


def _stands_before(turn: Turn, named: Entity, *behind: str) -> bool:
    following = words(turn.text[named.end :])[:2] if named.end else ()
    return bool(following) and (
        following[0] in behind
        or (following[0] in ("ji", "bhai", "wale") and following[-1] in behind)
    )


def _stands_behind(turn: Turn, named: Entity, before: str) -> bool:
    return words(turn.text[: named.start])[-1:] == (before,)


# What is told or done at once.


def loans_left(turn: Turn) -> list[EventType] | None:
    """ "Loan kitna baaki hai": what the shop owes to those who lent to it."""
    asked = says(turn.words, "tills.loan") and says(turn.words, "asking")
    if not asked or not says(turn.words, "tills.loan_left") or seller_named(turn):
        return None
    if not turn.may(Permission.WRITE_VOUCHERS):
        return None
    with turn.read() as reader:
        owed = -balance_of(reader, LOANS)
    turn.say("utter_loans_left", amount=inr(owed))
    return []


def payables(turn: Turn) -> list[EventType] | None:
    """ "Kisko kitna dena hai", "Metro ko kitna dena hai"."""
    if turn.metadata.get("command") in ("dena", "payables", "vendors"):
        _tell_all(turn)
        return []
    asks = says(turn.words, "asking") or says(turn.words, "buying.owe_whom")
    vendors_due = says(turn.words, "buying.suppliers") and says(turn.words, "buying.on_credit")
    owes = says(turn.words, "buying.owe") or vendors_due
    if not asks or not owes or _is_about_else(turn):
        return None
    with turn.read() as reader:
        seller = vendor_in(turn, reader)
    if seller is not None:
        tell_owed(turn, seller)
        return []
    if seller_named(turn) or not says(turn.words, "buying.owe_whom"):
        return None
    _tell_all(turn)
    return []


def _is_about_else(turn: Turn) -> bool:
    """Tax, goods and promises are given too."""
    other = (
        "gst_words",
        "gstr3b",
        "gstr2b",
        "dues.no_money",
        "dues.he_will_pay",
        "dues.promises",
        "dues.remind",
    )
    return turn.first("product_name") is not None or any(says(turn.words, one) for one in other)


def tell_owed(turn: Turn, seller: Vendor) -> None:
    """What a vendor is owed, with its last bills."""
    with turn.read() as reader:
        owed = queries.owed_to(reader, seller.id)
        bills = [one for one in queries.bills_of(reader, seller.id) if one.total][-3:]
    rows = [
        {
            "on": f"{one.on:%d-%m}",
            "kind": turn.line(f"entry_{'debit_note' if one.sign < 0 else 'purchase'}"),
            "number": one.number or "",
            "amount": inr(one.sign * one.total),
        }
        for one in bills
    ]
    turn.say(
        "utter_vendor_owed",
        name=seller.name,
        owed=owed_words(turn, owed),
        rows=turn.lines("line_vendor_bill", rows),
    )


def _tell_all(turn: Turn) -> None:
    with turn.read() as reader:
        found = queries.payables(reader)
        unbilled = queries.awaited(reader)
    owing = [one for one in found if one.paise > 0]
    rows = [turn.line("line_payable", name=one.name, amount=inr(one.paise)) for one in owing[:ROWS]]
    rows += [
        turn.line("line_payable_advance", name=one.name, amount=inr(-one.paise))
        for one in found
        if one.paise < 0
    ][:ROWS]
    if unbilled > 0:
        rows.append(turn.line("line_payable_unbilled", amount=inr(unbilled)))
    if not rows:
        turn.say("utter_no_payables")
        return
    total = sum(one.paise for one in owing)
    turn.say("utter_payables", rows="\n".join(rows), total=inr(total), count=len(owing))


def note_vendor(turn: Turn) -> list[EventType] | None:
    """ "Metro ka GSTIN 27AAACR5055K1Z7": from then on its tax is set off."""
    gstin = gstins.IN_TEXT.search(turn.text)
    command = turn.metadata.get("command")
    tells = command in ("vendor", "supplier") or _adds_vendor(turn)
    if not tells and not (gstin and says(turn.words, "buying.goods")):
        if gstin is None or not turn.may(Permission.ADD_VENDOR):
            return None
        with turn.read() as reader:
            if vendor_in(turn, reader) is None:
                return None
    phone = _PHONE.search(turn.text)
    name = _name_beside(turn, gstin, phone)
    with turn.read() as reader:
        seller = vendor_in(turn, reader) or (vendor_named(reader, name).one if name else None)
    if seller is None and not name:
        turn.say("utter_ask_vendor_name")
        return []
    if gstin and not gstins.is_valid(gstin[0].upper()):
        turn.say("error_bad_gstin")
        return []
    if seller is None:
        added = turn.run(people.add_vendor, name=name)
        vendor_id, called = UUID(added["vendor_id"]), name
    else:
        vendor_id, called = seller.id, seller.name
    turn.run(
        people.change_vendor,
        vendor_id=vendor_id,
        gstin=gstin[0] if gstin else None,
        phone=phone[0] if phone else None,
    )
    with turn.read() as reader:
        noted = parties.vendor(reader, vendor_id)
    nothing = turn.line("word_none")
    turn.say(
        "utter_vendor_noted",
        name=called,
        gstin=noted.gstin or nothing,
        phone=noted.phone[-10:] if noted.phone else nothing,
    )
    return []


def _adds_vendor(turn: Turn) -> bool:
    """ "Naya vendor Skyline 9822011223"."""
    adds = turn.intent == "customer_add" or says(turn.words, "newness")
    return adds and says(turn.words, "buying.suppliers") and not says(turn.words, "asking")


def _name_beside(
    turn: Turn, gstin: re.Match[str] | None, phone: re.Match[str] | None
) -> str | None:
    """The name that is left of "/vendor Metro Traders 27AAA… 98…"."""
    if named := seller_named(turn):
        return named.value
    text = turn.text
    for found in (gstin, phone):
        if found:
            text = text.replace(found[0], " ")
    kept = text.split()[1:] if turn.metadata.get("command") else []
    return " ".join(kept) or None


def goods_are_theirs(turn: Turn) -> list[EventType]:
    """A tap: the goods that came without a bill were this vendor's."""
    vendor_id = UUID(turn.value("choice") or "")
    with turn.read() as reader:
        advance = -queries.owed_to(reader, vendor_id)
        amount = min(queries.awaited(reader), advance)
    done = turn.run(service.bill_awaited_goods, vendor_id=vendor_id, amount_paise=amount)
    turn.say(
        "utter_goods_are_theirs",
        name=done["vendor"],
        amount=inr(done["total"]),
        owed=owed_words(turn, done["owed"]),
    )
    return []


def undo_payment(turn: Turn) -> list[EventType]:
    """A tap: the payment just written was wrong."""
    done = turn.run(paying.undo_payment, payment_id=UUID(turn.value("choice") or ""))
    turn.say("utter_vendor_payment_undone", amount=inr(done["amount"]))
    return []


def undo_button(turn: Turn, payment_id: str) -> Button:
    """The tap that takes a payment back."""
    return Button(
        title=turn.line("button_undo"),
        payload=payload_of("khata_query", act="unpay", choice=payment_id),
    )


def offer_goods(turn: Turn, vendor_id: str, owed: int, unbilled: int) -> list[Button]:
    """The tap by which a payment in advance becomes one for goods that came without a bill."""
    if owed >= 0 or unbilled <= 0:
        return []
    title = turn.line("button_goods_are_theirs", amount=inr(min(unbilled, -owed)))
    return [Button(title=title, payload=payload_of("khata_query", act="theirs", choice=vendor_id))]


# What shall be ordered, and what has been.


def reorder(turn: Turn) -> list[EventType] | None:
    """ "Kya mangwana hai": what is due to be ordered, why, and a tap that orders it."""
    asked = turn.metadata.get("command") in ("mangwao", "reorder")
    if not asked and not (
        says(turn.words, "buying.reorder")
        and turn.intent in ("low_stock_query", "inventory_query", "order_create", "nlu_fallback")
    ):
        return None
    if turn.first("product_name") or not turn.may(Permission.RECORD_PURCHASE):
        return None
    with turn.read() as reader:
        found = suggestions(reader)
        expected = ordering.open_orders(reader)
    if not found:
        on_its_way = turn.line("line_orders_open", count=len(expected)) if expected else ""
        turn.say("utter_nothing_to_order", more=on_its_way)
        return []
    rows = [_suggested(turn, one) for one in found[:ROWS]]
    usual = {one.usual.vendor_id: one.usual.vendor for one in found if one.usual}
    choices = []
    if usual:
        title = turn.line("button_order_all")
        choices.append(Button(title=title, payload=payload_of("low_stock_query", act="mangwao")))
    without = sum(one.usual is None for one in found)
    turn.say(
        "utter_to_order",
        count=len(found),
        rows="\n".join(rows),
        more=turn.line("line_no_usual_vendor", count=without) if without else "",
        choices=choices,
    )
    return []


def _suggested(turn: Turn, one: Suggestion) -> str:
    facts = {
        "product": one.name,
        "quantity": plain(one.quantity),
        "unit": unit_word(turn, one.unit, one.quantity),
        "available": plain(one.available),
        "per_day": plain(one.per_day.quantize(Decimal("0.1"))),
        "days": one.days or 0,
    }
    vendor = turn.line("line_from_vendor", vendor=one.usual.vendor) if one.usual else ""
    return turn.line(f"line_order_{one.why}", **facts) + vendor


def order_all(turn: Turn) -> list[EventType]:
    """The tap: an order to each usual vendor, at what is due now."""
    with turn.read() as reader:
        found = [one for one in suggestions(reader) if one.usual]
    wanted: dict[UUID, list[Quantified]] = {}
    for one in found:
        if one.usual:
            line = Quantified(product_id=str(one.product_id), quantity=plain(one.quantity))
            wanted.setdefault(one.usual.vendor_id, []).append(line)
    if not wanted:
        turn.say("utter_nothing_to_order", more="")
        return []
    placed = [
        turn.run(ordering.place_order, vendor_id=vendor_id, lines=lines)
        for vendor_id, lines in wanted.items()
    ]
    tell_placed(turn, placed)
    return []


def tell_placed(turn: Turn, placed: Sequence[Mapping[str, Any]]) -> None:
    """Which orders went to whom; a single one's PDF goes along, to be forwarded."""
    rows = [
        turn.line(
            "line_order_told" if one["told"] else "line_order_untold",
            number=one["number"],
            vendor=one["vendor"],
            count=one["lines"],
        )
        for one in placed
    ]
    attachment = {"kind": "purchase_order", "id": placed[0]["order_id"]}
    turn.say(
        "utter_orders_placed",
        rows="\n".join(rows),
        attachment=attachment if len(placed) == 1 else None,
        choices=[] if len(placed) == 1 else _papers(placed),
    )


def _papers(placed: Sequence[Mapping[str, Any]]) -> list[Button]:
    return [
        Button(
            title=f"📄 {one['number']}",
            payload=payload_of("low_stock_query", act="po_paper", choice=one["order_id"]),
        )
        for one in placed[:MOST_CHOICES]
    ]


def order_paper(turn: Turn) -> list[EventType]:
    """A tap: the PDF of an order."""
    with turn.read() as reader:
        found = ordering.order(reader, UUID(turn.value("choice") or ""))
    turn.say(
        "utter_order_paper",
        number=found.number,
        vendor=found.vendor,
        attachment={"kind": "purchase_order", "id": str(found.id)},
    )
    return []


def on_its_way(turn: Turn) -> list[EventType] | None:
    """ "Kya kya mangwaya hai": the open orders, each with a tap for when it has come."""
    asked = turn.metadata.get("command") in ("po", "orders_out")
    if not asked and not says(turn.words, "buying.on_its_way"):
        return None
    if turn.first("product_name") or not turn.may(Permission.VIEW_PURCHASES):
        return None
    with turn.read() as reader:
        found = ordering.open_orders(reader)
    if not found:
        turn.say("utter_no_orders_out")
        return []
    rows = [
        turn.line(
            "line_order_awaited",
            number=one.number,
            vendor=one.vendor,
            on=f"{one.on:%d-%m}",
            goods=", ".join(
                f"{line.product} {plain(line.open)}" for line in one.lines if line.open
            ),
        )
        for one in found[:ROWS]
    ]
    taps = [
        Button(
            title=turn.line("button_order_came", number=one.number),
            payload=payload_of("inventory_update", act=RECEIVE, choice=str(one.id)),
        )
        for one in found[:MOST_CHOICES]
    ]
    turn.say("utter_orders_out", rows="\n".join(rows), choices=taps)
    return []


ERRANDS: tuple[Errand, ...] = (
    loans_left,
    payables,
    note_vendor,
    expiry.expiring,
    on_its_way,
    reorder,
    lies,
)
QUESTIONS: tuple[Errand, ...] = (loans_left, payables, expiry.expiring, on_its_way, reorder, lies)
"""Those that only ask, and are answered in the middle of a form as well."""
TAPS: dict[str, Errand] = {
    "theirs": goods_are_theirs,
    "unpay": undo_payment,
    "mangwao": order_all,
    "po_paper": order_paper,
    "write_off": expiry.write_off,
}
