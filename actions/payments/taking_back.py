"""Whether a message takes back what was written, or forgives a debt; by its wording alone."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from actions.context import Turn
from actions.entities import NUMBERS, Entity
from actions.invoicing.put_right import figures_of, replaces
from actions.lexicon import beside, every, only, says, where, words
from actions.match import customer_named, recent
from actions.payments.earlier_expense import expense_meant
from actions.purchases.buying_words import buys
from actions.reading.instead import goods_instead, is_plain, way_alone, whose_instead
from actions.reading.said import pieces_between
from actions.reading.when import past_day_alone
from actions.reports.portals import speaks_of_eway
from erp_core.journal.context import Reader
from erp_core.kernel.hindi_numbers import parse_amount
from erp_core.kernel.money import PAISE_PER_RUPEE
from erp_core.parties.permissions import Permission
from erp_core.payments import correcting
from erp_core.payments import queries as payments
from erp_core.payments.methods import METHODS

CREDIT, EXPENSE, PAYMENT, WAIVER = "credit", "expense", "payment", "waiver"
STOCK, VOUCHER, PRICE = "stock", "voucher", "price"
PURCHASE, TO_VENDOR = "purchase", "to_vendor"
ENTRY = "entry"
"""Something on a customer's khata: credit or a payment, whichever is found."""

LONGEST = 16
SHORTEST_STORY = 7
"""A correction of more words tells something of its own."""
UNDONE_BY_CHAT = {
    "khata_credit": CREDIT,
    "expense_log": EXPENSE,
    "payment_record": PAYMENT,
    "inventory_update": STOCK,
    "voucher": VOUCHER,
    "price_update": PRICE,
    "purchase": PURCHASE,
    "vendor_payment": TO_VENDOR,
}
"""Writes that a later message takes back."""


def undoes_bill(turn: Turn) -> bool:
    """Whether a bill shall be undone, whatever the message was taken for."""
    if not turn.is_user or turn.metadata.get("kind") == "button" or speaks_of_eway(turn):
        return False
    if any(says(words(part), "credit_note") for part in re.split(r"[,;.!?\n]", turn.text)):
        return not sends_credit_note(turn)
    named = turn.first("invoice_number") is not None or says(turn.words, "bill_words")
    if "sale" in kinds_undone(turn):
        return True
    wrong = calls_wrong(turn) and (says(turn.words, "last") or _of_what_is_billed(turn))
    return named and (wrong or says(turn.words, "undo") or says(turn.words, "cancel"))


def sends_credit_note(turn: Turn) -> bool:
    """ "Credit note shabnam ko bhejo": a paper is sent, and nothing is undone by it."""
    figures = any(turn.first(one) for one in ("product_name", "quantity", "amount"))
    made = says(turn.words, "makes_bill") or says(turn.words, "cancel") or calls_wrong(turn)
    sent = says(turn.words, "credit_note") and says(turn.words, "and_send")
    return bool(turn.is_user and sent and not figures and not made)


def _of_what_is_billed(turn: Turn) -> bool:
    """ "Kal wale bill me rate galat tha, 450 karo", "bill galat bana, 2 nahi 3 the": what a bill
    that was made should have held; no vendor's, and none that the shop pays itself."""
    others = ("vendor_name", "item", "person")
    if any(turn.first(one) for one in others) or says(turn.words, "undoing.not_of_sale"):
        return False
    made = says(turn.words, "bill_was_made") or says(turn.words, "anew")
    return made and not says(turn.words, "stock.arrived")


def puts_bill_right(turn: Turn) -> bool:
    """ "Bill galat bana, 2 maggi thi 3 nahi": whether it is said what is wrong on a bill."""
    said = turn.first("quantity") or turn.first("amount") or figures_of(turn)
    return bool(said and calls_wrong(turn) and not says(turn.words, "credit_note"))


def kinds_undone(turn: Turn) -> frozenset[str]:
    """The kinds of entries that a message names to undo one: "purchase galat hai, cancel karo"."""
    plain = turn.is_user and turn.text and not turn.is_not_words and len(turn.words) <= LONGEST
    if not plain or turn.metadata.get("kind") == "button" or turn.first("product_name"):
        return frozenset()
    if not says(turn.words, "undoing.back") or says(turn.words, "asking"):
        return frozenset()
    return frozenset(every(turn.text, "of_entries"))


def calls_wrong(turn: Turn) -> bool:
    """Whether something is said to be wrong: "wrong wala nahi" says that it shall not be."""
    found = where(turn.words, "dues.wrong")
    if found is None:
        return False
    behind = turn.words[found[1] : found[1] + 2]
    return not says(behind, "negation")


def takes_back(turn: Turn) -> bool:
    """Whether somebody who runs the shop undoes what was written, or forgives a part of a debt."""
    plain = turn.text and not turn.is_not_words and len(turn.words) <= LONGEST
    if not turn.is_user or not plain or turn.metadata.get("kind") == "button":
        return False
    if says(turn.words, "undoing.asks_why") and not says(turn.words, "undoing.back"):
        return False
    if kind_of(turn) is not None:
        return True
    last = last_written(turn)
    if last is None:
        return False
    if not may_undo(turn, kind_written(last)):
        told = _corrects(turn, last) or was_another(turn, last)
        return told and turn.intent != "deny"  # who may not is told so
    if kind_written(last) in kinds_undone(turn):
        return True
    if stock_was_of_others(turn, last) or came_otherwise(turn, last):
        return True
    others = (was_on_another_day, price_was_of_others, stock_was_bought)
    if any(one(turn, last) for one in others):
        return True
    return _corrects(turn, last) or wants_it_undone(turn) or was_another(turn, last)


def corrects_price(turn: Turn) -> bool:
    """ "Sorry, I meant 100", right after a rate was changed: it is changed once more."""
    last = last_written(turn) if turn.is_user else None
    figure = turn.first("amount") or turn.first("quantity")
    if last is None or kind_written(last) != PRICE or figure is None:
        return False
    return _corrects(turn, last) and may_undo(turn, PRICE)


def may_undo(turn: Turn, kind: str | None) -> bool:
    """Whether somebody may take back what is of a kind; None is not known yet."""
    needed = {
        STOCK: Permission.ADJUST_STOCK,
        PRICE: Permission.CHANGE_PRICE,
        PURCHASE: Permission.RECORD_PURCHASE,
        TO_VENDOR: Permission.PAY_VENDOR,
    }
    return turn.may(needed.get(kind or "", Permission.WRITE_VOUCHERS))


def _corrects(turn: Turn, last: Mapping[str, Any]) -> bool:
    """ "Sorry, it was 850" after ₹750 was written; "nahi 8 packet the" after ten came."""
    if kind_written(last) in (PURCHASE, TO_VENDOR):
        return False  # what is right is put on its card
    sorry = says(turn.words, "no_item") or says(turn.words, "negation")
    figures = {one.name for one in turn.entities}
    instead = (sorry and says(turn.words, "undoing.was")) or says(turn.words, "undoing.instead")
    if replaces(turn, last.get("paise")):
        return _is_of(turn, last)
    instead = instead or number_alone(turn) is not None or _was_spent_so(turn, last)
    if kind_written(last) == STOCK and figures_of(turn) and not says(turn.words, "asks_price"):
        instead = True
    if not instead or len(turn.words) > SHORTEST_STORY:
        return False
    said = bool(figures & {"amount", "quantity"}) or number_alone(turn) is not None
    if kind_written(last) != STOCK:
        return said and (_is_of(turn, last) or _was_spent_so(turn, last))
    goods = words(turn.value("product_name") or "")
    about = not goods or bool(set(goods) & set(words(last["said"]["products"])))
    return about and bool(figures) and figures <= {"amount", "quantity", "unit", "product_name"}


def _was_spent_so(turn: Turn, last: Mapping[str, Any]) -> bool:
    """ "Kiraya 16000 tha", right after the rent was written, alone or with more."""
    item = turn.value("item") or turn.value("product_name")
    if kind_written(last) != EXPENSE or not item or not says(turn.words, "had_been"):
        return False
    spent = [last["said"].get("item"), *(one["data"].get("item") for one in last.get("cards", ()))]
    held = {word for one in spent for word in words(one or "")}
    others = any(one.name not in ("item", "product_name", *NUMBERS) for one in turn.entities)
    return set(words(item)) <= held and not others


_SAID_ANEW = ("had_been", "undoing.sorry", "undoing.just")


def number_alone(turn: Turn) -> Decimal | None:
    """ "600 the", "sorry 550", "50 hi the": one number, and beside it only that it was so."""
    typed = turn.text and not turn.is_not_words and "?" not in turn.text
    if not typed or not any(says(turn.words, one) for one in _SAID_ANEW):
        return None
    said = [(one, _number(one)) for one in turn.text.split()]
    numbers = [number for _, number in said if number is not None]
    rest = [one for piece, number in said if number is None for one in words(piece)]
    cues = ("filler", "had_been", "undoing.sorry", "undoing.just", "rupees")
    beside = all(any(only([one], cue) for cue in cues) for one in rest)
    return numbers[0] if len(numbers) == 1 and beside else None


def _number(word: str) -> Decimal | None:
    said = word.strip(".,!₹")
    return None if only(words(said) or [""], "filler") else parse_amount(said)


def _is_of(turn: Turn, last: Mapping[str, Any]) -> bool:
    """Whether nothing but figures is named, and at most what was written: "rent 15000 nahi 16000
    tha", after the rent."""
    said = {word for value in last["said"].values() for word in words(str(value))}
    named = [one for one in turn.entities if one.name not in ("amount", "quantity")]
    alike = all(one.name in ("item", "customer_name") for one in named)
    return alike and all(set(words(without_cue(turn, one.value))) <= said for one in named)


def without_cue(turn: Turn, name: str) -> str:
    """What is named, without the words that say that it should be otherwise: of "electricity should
    be 1580" the model takes "electricity should" for a name."""
    cue = turn.words[slice(*(where(turn.words, "undoing.instead") or (0, 0)))]
    return " ".join(one for one in name.split() if one.lower() not in cue)


def wants_it_undone(turn: Turn) -> bool:
    """ "Galat ho gaya, wapas karo", "undo": what was written last, as nothing else is named."""
    if removes_what_was_written(turn):
        return True
    short = len(turn.words) <= SHORTEST_STORY and not turn.entities and not undoes_bill(turn)
    undone = says(turn.words, "undoing.undo") or _wants_old_rate(turn)
    undone = undone or (says(turn.words, "undoing.slip") and says(turn.words, "undoing.back"))
    other = says(turn.words, "undoing.other") and not _wants_old_rate(turn)
    return short and undone and not other


def _wants_old_rate(turn: Turn) -> bool:
    """ "Wapas purana kar do", "purana rate hi rakho", right after a rate was changed."""
    last = last_written(turn)
    of_price = last is not None and kind_written(last) == PRICE
    keeps = says(turn.words, "undoing.as_before")
    return of_price and keeps and not says(turn.words, "asking")


def removes_what_was_written(turn: Turn) -> bool:
    """ "Abhi jo likha wo hata do", "galti se do baar likh diya": whatever was written last."""
    if turn.is_not_words or "?" in turn.text or len(turn.words) > LONGEST:
        return False
    if says(turn.words, "undoing.other") or turn.metadata.get("kind") == "button":
        return False
    twice = says(turn.words, "undoing.twice")
    if any(one.name != "quantity" or not twice for one in turn.entities):
        return False
    rest: tuple[str, ...] = turn.words
    for cue in ("undoing.twice", "undoing.twice", "undoing.back", "undoing.slip", "undoing.entry"):
        rest = beside(rest, cue)
    cues = ("filler", "pronouns", "last", "undoing.sorry", "undoing.entry", "undoing.around")
    if not all(any(only([one], cue) for cue in cues) for one in rest):
        return False
    meant = any(only([one], "pronouns") for one in turn.words) or says(turn.words, "undoing.entry")
    return twice or (says(turn.words, "undoing.back") and meant)


def was_another(turn: Turn, last: Mapping[str, Any]) -> bool:
    """ "Pushpa ne nahi, Kamla ne diya tha", right after it was written to Pushpa."""
    if kind_written(last) not in (PAYMENT, CREDIT):
        return False
    named = [set(words(one.value)) for one in turn.all("customer_name")]
    theirs = set(words(str(last["said"].get("customer_name") or "")))
    instead = len(named) > 1 and any(one <= theirs for one in named)
    others = len(named) == 1 and not named[0] <= theirs and says(turn.words, "had_been")
    if others and len(turn.entities) == 1 and _tells_only_whose(turn):
        return True
    if says(turn.words, "undoing.not_theirs") or (instead and says(turn.words, "negation")):
        return True
    return whose_instead(turn, str(last["said"].get("customer_name") or "")) is not None


def _tells_only_whose(turn: Turn) -> bool:
    """ "Galat likh diya, Jignesh ka tha", "Priya se mile the": a slip, or nothing but a name."""
    if says(turn.words, "undoing.slip"):
        return True
    rest = words(" ".join(pieces_between(turn)))
    cues = ("filler", "had_been", "undoing.sorry", "undoing.payment", "negation")
    return all(any(only([one], cue) for cue in cues) for one in rest) and is_plain(turn)


def was_on_another_day(turn: Turn, last: Mapping[str, Any]) -> date | None:
    """ "Ye kal ka tha", "kal diye the", right after money or credit was written: the day of it."""
    return past_day_alone(turn) if kind_written(last) in (PAYMENT, CREDIT) else None


def came_otherwise(turn: Turn, last: Mapping[str, Any]) -> str | None:
    """ "UPI se diya tha", right after a payment was written in another way: the way it came."""
    way = way_alone(turn) if kind_written(last) == PAYMENT else None
    whose = recent(turn, "customer")
    if way not in METHODS or whose is None:
        return None
    with turn.read() as reader:
        paid = payments.standing_payments(reader, whose, limit=1)
    other = paid and str(paid[0].id) == last["id"] and paid[0].method != way
    return way if other else None


def stock_was_of_others(turn: Turn, last: Mapping[str, Any]) -> dict[str, Any] | None:
    """ "Maggi nahi parle aayi thi": the card of the stock that was just written, of the goods that
    are right."""
    if kind_written(last) != STOCK or not last.get("cards"):
        return None
    card: dict[str, Any] = deepcopy(last["cards"][0])
    lines = card["data"]["lines"]
    found = goods_instead(turn, [f"{one['said']} {one['name']}" for one in lines])
    if found is None:
        return None
    at, right = found
    counted = {key: lines[at].get(key) for key in ("quantity", "said_unit")}
    card["data"]["lines"] = [{"said": right, **counted}]
    return card


def price_was_of_others(turn: Turn, last: Mapping[str, Any]) -> str | None:
    """ "Maggi nahi parle ka", right after a rate was changed: the goods whose rate was meant."""
    if kind_written(last) != PRICE:
        return None
    found = goods_instead(turn, [last["said"]["name"]])
    return found[1] if found else None


def stock_was_bought(turn: Turn, last: Mapping[str, Any]) -> Turn | None:
    """ "41 ke bhav se, metro se", right after 20 kg of chini came: the message as it had been said
    at once, where that tells of goods that were bought, and were not brought back."""
    cards = last.get("cards") or [] if kind_written(last) == STOCK else []
    data = cards[0]["data"] if len(cards) == 1 else {}
    lines = [] if data.get("back") else data.get("lines") or []
    if len(lines) != 1 or turn.first("product_name") or not is_plain(turn):
        return None
    if not any(turn.first(one) for one in ("amount", "customer_name", "vendor_name")):
        return None
    (line,), text, said = lines, "", list[Entity]()
    facts = {"quantity": line.get("quantity"), "unit": line.get("said_unit")}
    for name, value in {**facts, "product_name": line["said"]}.items():
        if value:
            said.append(Entity(name, value, None, len(text), len(text) + len(value)))
            text += f"{value} "
    text += "aaya, "
    by = len(text)
    said += [replace(one, start=one.start + by, end=one.end + by) for one in turn.entities]
    text += turn.text
    whole = replace(turn, text=text, entities=said, intent="inventory_update", clauses=())
    return whole if buys(whole) else None


def kind_of(turn: Turn) -> str | None:
    """What a message takes back: stock, credit, a payment, an expense; or that it forgives a
    debt."""
    if expense_meant(turn):
        return EXPENSE
    if _is_of_stock(turn):
        return STOCK
    if turn.first("product_name") or turn.first("order_id") or undoes_bill(turn):
        return None
    if says(turn.words, "asking") or says(turn.words, "undoing.other"):
        return None
    wrong = says(turn.words, "dues.wrong") or says(turn.words, "undoing.back")
    if wrong and says(turn.words, "undoing.expense"):
        return EXPENSE
    if (kind := _entry_put_right(turn)) is not None:
        return kind
    named = turn.first("customer_name") or turn.first("amount") or turn.first("quantity")
    if wrong and named:
        if _lets_old_debt_go(turn):
            return WAIVER
        for kind in (CREDIT, PAYMENT, ENTRY):
            if says(turn.words, f"undoing.{kind}"):
                return kind
    return WAIVER if _forgives(turn) else None


def _entry_put_right(turn: Turn) -> str | None:
    """ "Simran ka udhaar 450 nahi 400 tha": credit, or a payment, of which another amount is said
    in the place of what was written."""
    figures, whose = figures_of(turn), turn.value("customer_name")
    if figures is None or whose is None or turn.all("customer_name")[1:]:
        return None
    kinds = [one for one in (CREDIT, PAYMENT) if says(turn.words, f"undoing.{one}")]
    if len(kinds) != 1:
        return None
    if kinds == [CREDIT] and says(turn.words, "had_been"):
        return CREDIT
    with turn.read() as reader:
        known = customer_named(reader, whose).one
        entries = _standing(reader, kinds[0], known.id) if known else []
    return kinds[0] if figures[0] * PAISE_PER_RUPEE in entries else None


def _standing(reader: Reader, kind: str, customer_id: UUID) -> list[int]:
    if kind == CREDIT:
        return [one.amount for one in correcting.standing_credits(reader, customer_id)]
    return [one.amount for one in payments.standing_payments(reader, customer_id)]


def _lets_old_debt_go(turn: Turn) -> bool:
    """ "Ravi ka purana udhaar hata do": a debt of long ago was not written wrongly."""
    whole = says(turn.words, "stock.all") or says(turn.words, "undoing.old")
    return whole and says(turn.words, "undoing.credit") and turn.first("customer_name") is not None


def _is_of_stock(turn: Turn) -> bool:
    """ "Stock wala cancel karo", "maggi galti se add ho gaya": not goods that go, nor come back."""
    names = ("order_id", "invoice_number", "customer_name", "vendor_name", "customer_phone")
    if any(turn.first(one) for one in names) or says(turn.words, "undoing.not_stock"):
        return False
    entry, goods = says(turn.words, "undoing.stock"), turn.first("product_name") is not None
    if says(turn.words, "undoing.slip"):
        return entry or goods
    undone = says(turn.words, "undoing.undo") or says(turn.words, "undoing.unwrite")
    return says(turn.words, "undoing.stock_entry") and undone


def _forgives(turn: Turn) -> bool:
    """ "Gupta ke 10500 me se 500 chhod do", "500 maaf"; the word alone drops a draft."""
    if not says(turn.words, "undoing.waive") and not says(turn.words, "discount"):
        return False
    if says(turn.words, "percent") or "%" in turn.text:
        return False
    counted = turn.first("amount") or turn.first("quantity") or says(turn.words, "stock.all")
    if says(turn.words, "undoing.forgive") and turn.first("customer_name"):
        return True
    recent = turn.slots.get("recent") or {}
    of_goods = "product" in (of := recent.get("of", "").split()) and "customer" not in of
    somebody = turn.first("customer_name") or (not of_goods and recent.get("customer"))
    return bool(counted and somebody)


def tells_right(turn: Turn, target: Mapping[str, Any] | None) -> bool:
    """Whether an amount is the right one, as against the one to be taken back."""
    if says(turn.words, "undoing.back"):
        return False
    return target is not None or says(turn.words, "undoing.was")


def last_written(turn: Turn) -> dict[str, Any] | None:
    """What was written last in this talk, if it can be taken back."""
    noted = (turn.slots.get("recent") or {}).get("written")
    last: dict[str, Any] = json.loads(noted) if noted else {}
    return last if last.get("intent") in UNDONE_BY_CHAT and last.get("id") else None


def kind_written(last: Mapping[str, Any]) -> str:
    """What kind of entry was written last."""
    return UNDONE_BY_CHAT[last["intent"]]
