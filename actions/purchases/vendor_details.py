"""What is noted of a vendor: a new one, its GSTIN, its phone number."""

from __future__ import annotations

import re
from uuid import UUID

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.lexicon import says
from actions.purchases.vendors import seller_named, vendor_in, vendor_named
from actions.reading.parts import without
from erp_core.parties import queries as parties
from erp_core.parties import service as people
from erp_core.parties.permissions import Permission
from erp_core.tax import gstin as gstins

GSTIN_SAID = re.compile(
    rf"(?:\bgst(?:in)?\s*(?:no\.?|number|num)?\s*[:-]?\s*)?{gstins.IN_TEXT.pattern}", re.IGNORECASE
)
_PHONE = re.compile(r"(?<!\d)[6-9]\d{9}(?!\d)")


def note_vendor(turn: Turn) -> list[EventType] | None:
    """ "Metro ka GSTIN 27AAACR5055K1Z7": from then on its tax is set off."""
    gstin = gstins.IN_TEXT.search(turn.text)
    if gstin and _goods_beside(turn, gstin):
        return None
    command = turn.metadata.get("command")
    tells = command in ("vendor", "supplier") or _adds_vendor(turn)
    if not tells and not (gstin and says(turn.words, "buying.goods")):
        if gstin is None or not turn.may(Permission.ADD_VENDOR):
            return None
        with turn.read() as reader:
            if vendor_in(turn, reader) is None:
                return None
    _note(turn, gstin)
    return []


def without_gstin(turn: Turn) -> Turn:
    """The goods that came without the GSTIN of whoever they came from, which is noted at once."""
    found = GSTIN_SAID.search(turn.text)
    gstin = gstins.IN_TEXT.search(turn.text)
    if found is None or gstin is None:
        return turn
    rest = without(turn, *found.span())
    if seller_named(rest) is None or not turn.may(Permission.ADD_VENDOR):
        turn.say("utter_not_in_it", said=gstin[0])
    else:
        _note(rest, gstin)
    return rest


def _goods_beside(turn: Turn, gstin: re.Match[str]) -> bool:
    """Whether goods are counted beside a GSTIN: they came, and the vendor is no wish alone."""
    goods = [one for one in turn.all("product_name") if one.end <= gstin.start()]
    return bool(goods and turn.first("quantity") and turn.first("amount"))


def _note(turn: Turn, gstin: re.Match[str] | None) -> None:
    phone = _PHONE.search(turn.text)
    name = _name_beside(turn, gstin, phone)
    with turn.read() as reader:
        seller = vendor_in(turn, reader) or (vendor_named(reader, name).one if name else None)
    if seller is None and not name:
        turn.say("utter_ask_vendor_name")
        return
    if gstin and not gstins.is_valid(gstin[0].upper()):
        turn.say("error_bad_gstin")
        return
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


def _adds_vendor(turn: Turn) -> bool:
    """ "Naya vendor Skyline 9822011223"."""
    adds = turn.intent == "customer_add" or says(turn.words, "newness")
    if not adds or turn.first("amount") or says(turn.words, "asking"):
        return False
    named = seller_named(turn)
    beside = without(turn, named.start, named.end) if named and named.end else turn
    return says(beside.words, "buying.suppliers")


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
