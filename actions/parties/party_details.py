"""Where the shop or a customer is, and what a customer is called, asked and changed by the wording:
"Ravi ka address", "mera address 12 MG Road likho", "Ravi Kumar ka naam Ravi Verma kar do". What
shall stand is shown first, and written at the yes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from uuid import UUID

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.invoicing.put_right import figures_of
from actions.lexicon import only, plain_words, says, where, words
from actions.match import (
    customer_in,
    customer_named,
    just_spoken_of,
    payload_of,
    recent,
    remember,
)
from actions.phrasebook import Button
from actions.reading.instead import called, said_instead
from actions.wording import balance_words, phone_for
from erp_core.journal.context import Reader
from erp_core.kernel.quantity import plain
from erp_core.parties import queries as parties
from erp_core.parties.permissions import Permission, require
from erp_core.parties.queries import Customer
from erp_core.parties.service import WALK_IN, change_business, change_customer
from erp_core.payments import queries as payments

ACT = "details"
SHORTEST = 4
"""Letters that an address has at least."""
ADDRESS = re.compile(
    rf"(?<!\w)(?:{'|'.join(sorted(plain_words('address.behind')))})(?!\w)(.*)", re.IGNORECASE
)
_NAME = re.compile(
    rf"^(.+?)\s+(?:{'|'.join(sorted(plain_words('address.called')))})(?!\w)(.*)", re.IGNORECASE
)
_ELSEWHERE = ("product_name", "quantity", "amount", "order_id", "invoice_number")


def serve_address(turn: Turn) -> list[EventType] | None:
    """Tell or note an address; None where none is spoken of."""
    found = ADDRESS.search(turn.text)
    if found is None or not says(turn.words, "address.word") or says(turn.words, "address.other"):
        return None
    goods = [one for one in turn.entities if one.name in _ELSEWHERE and one.start < found.start()]
    if goods or not turn.is_user:
        return None
    of_somebody = any(one.start < found.start() for one in turn.all("customer_name"))
    with turn.read() as reader:
        ours = says(turn.words, "address.ours") and not of_somebody
        buyer = None if ours else customer_in(turn, reader)
        shop = parties.business(reader)
    if buyer is None and not ours:
        return None
    name, stands = (buyer.name, buyer.address) if buyer else (shop.name, shop.address)
    new = meant(_behind_change(found[1]))
    told = says(turn.words, "address.stands") and not says(turn.words, "address.asks")
    if (told or changes(turn)) and _may_be_address(new) and not set(words(new)) <= set(words(name)):
        return _ask_address(turn, name, new, buyer.id if buyer else None)
    if buyer and says(turn.words, "asks_of.number") and not changes(turn):
        with turn.read() as reader:
            _tell_card(turn, reader, buyer)
    known = "utter_address_told" if stands else "utter_address_unknown"
    turn.say("utter_ask_address" if changes(turn) else known, name=name, address=stands or "")
    return [remember(turn, customer=buyer.id)] if buyer else []


def _may_be_address(said: str) -> bool:
    """Whether words can be where somebody is: "sahi nahi", "wahi" and "kahan" are nowhere."""
    if any(letter.isdigit() for letter in said):
        return True
    nowhere = any(says(words(said), one) for one in ("negation", "asking", "address.asks"))
    return len(said) >= SHORTEST and not nowhere and not only(words(said), "same_thing")


def _ask_address(turn: Turn, name: str, new: str, buyer: UUID | None) -> list[EventType]:
    allowed = Permission.CHANGE_CUSTOMER if buyer else Permission.CHANGE_BUSINESS
    if not turn.may(allowed):
        turn.say("error_not_allowed")
        return []
    ask_to_change(turn, "utter_confirm_address", buyer, name, {"address": new})
    return [remember(turn, customer=buyer)] if buyer else []


def ask_to_change(
    turn: Turn, question: str, buyer: UUID | None, name: str, change: Mapping[str, str]
) -> None:
    """Show what shall stand; the button for yes, and a yes that is typed, write it."""
    told = {**change, "of": str(buyer or ""), "was": name}
    yes = payload_of("customer_query", act=ACT, choice=json.dumps(told))
    choices = [
        Button(title=turn.line("button_yes"), payload=yes),
        Button(title=turn.line("button_no"), payload=payload_of("deny")),
    ]
    turn.say(question, name=name, new=next(iter(change.values())), choices=choices)


def change_by_tap(turn: Turn) -> list[EventType]:
    """The yes to an address or a name that was shown."""
    told = json.loads(turn.value("choice") or "{}")
    buyer, was = told.pop("of"), told.pop("was")
    if buyer:
        turn.run(change_customer, customer_id=UUID(buyer), **told)
    elif "upi_vpa" in told:
        turn.run(change_business, upi_verified=False, **told)
    else:
        turn.run(change_business, **told)
    if not buyer and "address" not in told:
        turn.say(f"utter_own_{next(iter(told))}_set", **told)
    elif "name" in told:
        turn.say("utter_renamed", old=was, name=told["name"])
    else:
        turn.say("utter_address_set", name=was, address=told["address"])
    return [remember(turn, customer=buyer, did="customer")] if buyer else []


def rename_customer(turn: Turn) -> list[EventType] | None:
    """ "Ravi Kumar ka naam Ravi Verma kar do": who is meant is surely known, and nobody else is
    called so. "Ravi ka naam khate me likho" calls nobody otherwise."""
    found = _NAME.search(turn.text)
    if found is None or not changes(turn) or any(turn.first(one) for one in _ELSEWHERE):
        return None
    new = meant(found[2])
    if len(new) < SHORTEST - 1 or any(letter.isdigit() for letter in new):
        return None
    if says(words(found[2]), "address.place") or says(turn.words, "bill_words"):
        return None
    with turn.read() as reader:
        buyer = customer_named(reader, found[1].strip()).one
        taken = customer_named(reader, new).one if buyer else None
    if buyer is None:
        return None
    if buyer.name == WALK_IN:
        turn.say("utter_counter_keeps_name", name=buyer.name)
    elif taken and taken.id != buyer.id:
        turn.say("utter_name_taken", name=taken.name)
    elif not turn.may(Permission.CHANGE_CUSTOMER):
        turn.say("error_not_allowed")
    else:
        ask_to_change(turn, "utter_confirm_rename", buyer.id, buyer.name, {"name": new})
    return [remember(turn, customer=buyer.id)]


def put_right(turn: Turn) -> list[EventType] | None:
    """ "Mohan nahi Sohan", "12 nahi 21 MG Road", right after somebody was added or changed."""
    buyer_id = recent(turn, "customer") if just_told_of_somebody(turn) else None
    if buyer_id is None:
        return None
    with turn.read() as reader:
        buyer = parties.customer(reader, buyer_id)
        name = _name_put_right(turn, buyer)
        if name and (taken := customer_named(reader, name).one) and taken.id != buyer.id:
            return None
    address = _address_put_right(turn, buyer)
    if name is None and address is None:
        return None
    if not turn.may(Permission.CHANGE_CUSTOMER):
        turn.say("error_not_allowed")
    elif name:
        ask_to_change(turn, "utter_confirm_rename", buyer.id, buyer.name, {"name": name})
    elif address:
        ask_to_change(turn, "utter_confirm_address", buyer.id, buyer.name, {"address": address})
    return [remember(turn, customer=buyer.id, did="customer")]


def just_told_of_somebody(turn: Turn) -> bool:
    """Whether somebody was just added, or told otherwise."""
    did = (turn.slots.get("recent") or {}).get("did")
    return did == "customer" and just_spoken_of(turn, "customer", "did")


def corrects_number(turn: Turn) -> bool:
    """ "Number galat hai, 98… hai", of whoever was just added."""
    if not turn.is_user or turn.first("customer_phone") is None or turn.first("customer_name"):
        return False
    wrong = says(turn.words, "negation") or says(turn.words, "dues.wrong")
    wrong = wrong or says(turn.words, "undoing.sorry")
    return wrong and just_told_of_somebody(turn)


def _name_put_right(turn: Turn, buyer: Customer) -> str | None:
    """The name with what takes the place of some of its words."""
    found = said_instead(turn, {"name": called(buyer.name, "customer")})
    if found is None or any(letter.isdigit() for letter in found.right):
        return None
    right = found.right.title() if found.right.islower() else found.right
    said = {word for word in buyer.name.split() if words(word)[:1] and words(word)[0] in turn.words}
    kept = [right if word in said else word for word in buyer.name.split()] if said else [right]
    return " ".join(dict.fromkeys(kept))


def _address_put_right(turn: Turn, buyer: Customer) -> str | None:
    """The address with another number in it."""
    figures = figures_of(turn)
    if figures is None or not buyer.address:
        return None
    wrong, right = (plain(one) for one in figures)
    new = re.sub(rf"\b{re.escape(wrong)}\b", right, buyer.address, count=1)
    return new if new != buyer.address else None


def put_off_change(turn: Turn) -> bool:
    """Whether an address or a name shall be changed while something else is being written, which
    is to be done first: "Kamla Bai ka address 9 Mansarovar kar do" is no count of goods."""
    found = ADDRESS.search(turn.text)
    of_place = says(turn.words, "address.word") and not says(turn.words, "address.other")
    placed = found if of_place else None
    if placed and _is_told_of_draft(turn, placed[1]):
        turn.say("utter_change_after_this")
        return True
    called = _NAME.search(turn.text) and not any(turn.first(one) for one in _ELSEWHERE)
    if turn.is_not_words or not (placed or called) or not changes(turn):
        return False
    with turn.read() as reader:
        if not (says(turn.words, "address.ours") or customer_in(turn, reader)):
            return False
    turn.say("utter_change_after_this")
    return True


def _is_told_of_draft(turn: Turn, said: str) -> bool:
    """ "Address 22 Bapu Nagar", of whoever something is being written for."""
    here = ((turn.slots.get("draft") or {}).get("data") or {}).get("customer")
    asked = says(turn.words, "address.asks") or "?" in turn.text
    return here is not None and not asked and any(letter.isdigit() for letter in said)


def gives_other_number(turn: Turn) -> bool:
    """ "Kamla Bai ka naya number 98…" of somebody who is known; makes no order hers."""
    if corrects_number(turn):
        return True
    told = turn.first("customer_phone") is not None and _tells_number(turn)
    if not turn.is_user or not told or says(turn.words, "somebody_new"):
        return False
    with turn.read() as reader:
        return customer_in(turn, reader) is not None


def _tells_number(turn: Turn) -> bool:
    cues = ("asks_of.number", "address.number", "newness")
    return any(says(turn.words, one) for one in cues)


def tell_number(turn: Turn) -> list[EventType] | None:
    """ "Sunita ka no dena": a "no" that is neither a refusal nor a debt."""
    asked = says(turn.words, "address.number") and says(turn.words, "address.gives")
    if not asked or turn.intent == "customer_query" or says(turn.words, "bill_words"):
        return None
    if any(letter.isdigit() for letter in turn.text) or any(turn.first(n) for n in _ELSEWHERE):
        return None
    with turn.read() as reader:
        buyer = customer_in(turn, reader)
        if buyer is None:
            return None
        _tell_card(turn, reader, buyer)
    return [remember(turn, customer=buyer.id)]


def _tell_card(turn: Turn, reader: Reader, buyer: Customer) -> None:
    require(reader, Permission.VIEW_ALL_BALANCES)
    turn.say(
        "utter_customer",
        name=buyer.name,
        phone=phone_for(turn, buyer.phone),
        gstin=buyer.gstin or turn.line("word_none"),
        balance=balance_words(turn, payments.balance(reader, buyer.id)),
    )


def changes(turn: Turn) -> bool:
    """Whether something of somebody shall be otherwise."""
    return says(turn.words, "address.change") and not says(turn.words, "address.asks")


def place_said(text: str) -> str:
    """Where somebody says to be: "45 Jayanagar pe bhej dena" is 45 Jayanagar."""
    return meant(text, "address.around", "wanting")


def _behind_change(text: str) -> str:
    """What is told behind "badal gaya"; "Gaya" alone is a town."""
    said, row = words(text), text.split()
    told = where(said, "address.has_changed") if len(said) == len(row) else None
    return " ".join(row[told[1] :]) if told and told[0] == 0 else text


def meant(text: str, *cues: str) -> str:
    """What is left when the words around it are taken off both ends."""
    row, around = text.split(), cues or ("address.around",)
    while row and any(only(words(row[0]), cue) for cue in around):
        row.pop(0)
    while row and any(only(words(row[-1]), cue) for cue in around):
        row.pop()
    return " ".join(row).strip(" ,.:;-?।\"'")
