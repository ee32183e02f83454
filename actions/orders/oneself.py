"""Customers, who order for themselves, and guests, who become customers by it."""

from __future__ import annotations

import re
from dataclasses import replace
from uuid import UUID

from actions.context import Turn
from actions.entities import Entity
from actions.forms.customer import may_be_name, set_customer
from actions.forms.draft import Draft
from actions.lexicon import only, says, where, words
from actions.match import just_spoken_of, product_named
from actions.orders.notes import forget_place
from actions.parties.party_details import meant, place_said
from actions.reading.clock import hour_said
from actions.reading.parts import part_of
from actions.reading.said import bare_text, pieces_between
from actions.reading.wanted import coming_day
from erp_core.journal.context import Reader
from erp_core.kernel.actor import Actor
from erp_core.kernel.clauses import sentences
from erp_core.kernel.errors import BahiError, Invalid
from erp_core.parties import queries as parties
from erp_core.parties import service as parties_service

_PLACED = re.compile(r"\s*([^,;\n\d]{2,40})[,;\n]\s*(\S.*)", re.DOTALL)
"""A name, and something behind a comma."""
_NO_NAMES = ("introduction", "filler", "joining", "tense.future", "asking")
_APART = (",", ";", "\n", ".", "-")
_APART_BY = re.compile(r"[,;.\n]")
_NUMBER_BEFORE = re.compile(r"(?:^|\s)\d+[a-z]?[ /-]+$", re.IGNORECASE)
_NUMBER_BEHIND = re.compile(r"\s?-\s?\d")
"""A number that stands in front of the name of a place, or behind the letter of a block."""
_AROUND_PLACE = ("address.around", "wanting", "places.before", "places.phone")
LONGEST_PLACE = 60
_DIGIT, _LETTER = re.compile(r"\d"), re.compile(r"[^\W\d_]")
"""Both are in an address."""


def own_name(turn: Turn, draft: Draft) -> str | None:
    """The name that a guest gives when asked: "mera naam Sita hai" is Sita, "12345" is nobody."""
    placed = _name_and_place(turn, draft)
    if placed:
        turn = replace(turn, text=placed[0], entities=[])
    named = own_named(turn)
    asked_name = draft.replying and not draft["asked"]
    if named is None and turn.first("customer_name"):
        return None
    if named and not asked_name and only(words(named.value), "buyers.around_order"):
        return None  # "amar 2 kg chini lagbe" says mine, in Bengali
    if named is not None and not _introduces(turn, named):
        return None
    if named is not None and not (asked_name or _stands_apart(turn, named)):
        return None
    said = named.value if named else None
    if said is None and asked_name and not turn.first("product_name") and may_be_name(turn):
        said = bare_text(turn)
    if said is None:
        return None
    kept = [word for word in said.split() if not only(words(word), "introduction")]
    name = " ".join(kept).strip(" .,!:;-\"'")
    if not any(letter.isalpha() for letter in name):
        raise Invalid("bad_name")
    return name


def own_named(turn: Turn) -> Entity | None:
    """The name that is no place: "flat 302 Sai Residency" and "B-404" are nobody."""
    return next((one for one in turn.all("customer_name") if not _is_place(turn, one)), None)


def _is_place(turn: Turn, named: Entity) -> bool:
    if not named.end:
        return False
    before, behind = turn.text[: named.start], turn.text[named.end :]
    numbered = bool(_NUMBER_BEFORE.search(before) or _NUMBER_BEHIND.match(behind))
    led = words(_APART_BY.split(before)[-1])
    told = says(led, "places.before") or only(led[-1:] or ("-",), "places.ahead")
    return numbered or says(words(named.value), "places.kinds") or told


def own_place(turn: Turn, draft: Draft) -> str | None:
    """Where a guest is who says so behind the name: "Ravi, 12 MG Road"."""
    placed = _name_and_place(turn, draft)
    return placed[1] if placed else place_behind_name(turn)


def place_behind_name(turn: Turn) -> str | None:
    """Where a guest is who says so beside what it orders: "20 bhej do, Verma Xerox, zone 2"."""
    named = own_named(turn)
    ends = [one.start for one in turn.all("customer_phone") if named and one.start > named.end]
    said = turn.text[named.end : min(ends, default=None)] if named and named.end else ""
    placed = _LETTER.search(said) and (_DIGIT.search(said) or says(words(said), "places.kinds"))
    numbered = said.lstrip()[:1].isdigit() and says(words(said), "places.kinds")
    begins = said.lstrip().startswith(_APART) or says(words(said)[:2], "places.before") or numbered
    if not begins or not placed:
        return None
    part = part_of(turn, (named.end, named.end + len(said)))
    others = ("date", "amount", "payment_method", "unit")
    comes = says(part.words, "of_oneself") or says(part.words, "in_minutes")
    timed = hour_said(said) or coming_day(part) or any(part.first(one) for one in others) or comes
    with turn.read() as reader:
        if timed or says(part.words, "wanting") or _names_goods(part, reader):
            return None
    place = meant(said.strip(" ,;.\n-"), *_AROUND_PLACE)
    return place if len(place) <= LONGEST_PLACE else None


def with_own_name(turn: Turn, draft: Draft) -> Turn:
    """The turn with the name that a guest who is asked gives beside what else it says, where nobody
    marked it: "mera naam Sunil, cash pickup"."""
    if names_itself(turn, draft):
        return replace(turn, clauses=())
    if turn.first("customer_name") or not _asks_name(turn, draft):
        return turn
    if len(turn.words) == 1 and only(turn.words, "greetings_as_names"):
        return replace(turn, intent="nlu_fallback", clauses=())  # "Jay" was asked who it is
    for start, end in sentences(turn.text):
        name = _introduced(part_of(turn, (start, end)))
        if name:
            at = turn.text.index(name, start)
            entity = Entity("customer_name", name, start=at, end=at + len(name))
            return replace(turn, entities=[*turn.entities, entity], clauses=())
    return turn


def names_itself(turn: Turn, draft: Draft) -> bool:
    """Whether a guest who is asked for its name says who it is."""
    told = turn.first("customer_name") and says(turn.words, "names_oneself")
    return bool(told and _asks_name(turn, draft))


def _asks_name(turn: Turn, draft: Draft) -> bool:
    nameless = turn.actor.kind == "guest" and draft["customer"] is None
    return nameless and draft.pending is None and not turn.is_not_words


def _introduced(part: Turn) -> str | None:
    """The words behind "mera naam", up to those that name nobody."""
    row = part.text.split()
    cue = where([" ".join(words(one)) for one in row], "names_oneself")
    if cue is None or part.entities or "?" in part.text:
        return None
    said: list[str] = []
    for word in row[cue[1] :]:
        if not any(only(words(word), cues) for cues in _NO_NAMES):
            said.append(word.strip(" .,!:;-\"'।"))
        elif said:
            break
    name = " ".join(said)
    return name if name and may_be_name(replace(part, text=name)) else None


def goods_beside_name(turn: Turn) -> Turn | None:
    """What a guest orders in the message that says who it is: "one piece, my name is Arjun, 22 Ring
    Road" is one piece; None where it names none. Where it is, is no goods."""
    named = own_named(turn)
    if named and named.end and place_behind_name(turn):
        turn = part_of(turn, (0, named.start))
    parts = [(span, part_of(turn, span)) for span in sentences(turn.text)]
    with turn.read() as reader:
        known = [span for span, part in parts if _names_goods(part, reader)]
    counted = [
        span
        for span, part in parts
        if part.first("quantity") and named and span[1] <= named.start and span not in known
    ]
    bare = [span for span in counted if not part_of(turn, span).first("product_name")]
    kept = [*bare, *known] if just_spoken_of(turn, "product") else known or bare
    if not kept:
        return None
    text = "".join(
        letter if any(start <= at < end for start, end in kept) else " "
        for at, letter in enumerate(turn.text)
    )
    entities = [
        one
        for one in turn.entities
        if one.name != "customer_name" and any(start <= one.start < end for start, end in kept)
    ]
    return replace(turn, text=text, entities=entities)


def _names_goods(turn: Turn, reader: Reader) -> bool:
    found = [product_named(reader, one.value) for one in turn.all("product_name")]
    return any(one.one or (one.options and not one.guesses) for one in found)


def _name_and_place(turn: Turn, draft: Draft) -> tuple[str, str] | None:
    """What stands before and behind the comma where a name is asked for, if behind it no goods of
    the shop are counted."""
    found = _PLACED.match(turn.text) if draft.replying and not draft["asked"] else None
    if found is None or not _DIGIT.search(found[2]) or not _LETTER.search(found[2]):
        return None
    if coming_day(part_of(turn, found.span(2))):
        return None
    with turn.read() as reader:
        if _names_goods(turn, reader):
            return None
    return found[1], place_said(found[2])


def _stands_apart(turn: Turn, named: Entity) -> bool:
    """Whether a name for which nobody asked is one by where it stands: "mujhe accha sa gift
    chahiye" names nobody."""
    if any(turn.first(one) for one in ("product_name", "quantity")):
        return True
    before = turn.text[: named.start].rstrip()
    led = only(words(before)[-1:], "introduction") or says(turn.words, "names_oneself")
    return not before or before.endswith(_APART) or led


def _introduces(turn: Turn, named: Entity) -> bool:
    """Whether a name is the writer's own: "Pushpa Devi ka number do" asks about somebody, and
    nobody becomes a customer by it."""
    behind = words(turn.text[named.end :])[:2] if named.end else ()
    if behind and only(behind[:1], "postpositions"):
        return behind[1:] == words("naam")
    if any(turn.first(one) for one in ("product_name", "quantity")):
        return True
    beside = words(" | ".join(pieces_between(turn)))
    return not any(says(beside, one) for one in ("asking", "of_the_shop", "dues.account", "shows"))


def contact_of(turn: Turn) -> tuple[str, str] | None:
    """(phone or bsuid, its value): by what a guest is known to WhatsApp."""
    contact = turn.metadata.get("contact") or {}
    return next(((kind, contact[kind]) for kind in ("phone", "bsuid") if contact.get(kind)), None)


def register_guest(turn: Turn, draft: Draft, name: str, place: str | None) -> None:
    """A guest becomes a customer; where it is, is noted, if that was said."""
    contact = contact_of(turn)
    if contact is None:
        raise BahiError("not_allowed")
    added = turn.run(
        parties_service.register,
        key=f"draft:{draft.id}:register",
        name=name,
        kind=contact[0],
        value=contact[1],
    )
    set_customer(draft, added["customer_id"], added["name"])
    draft["registered"] = added["customer_id"]
    turn.actor = Actor("customer", UUID(added["customer_id"]))
    turn.say("utter_you_are_a_customer", name=added["name"])
    forget_place(draft, name)
    if place:
        own_id = UUID(added["customer_id"])
        turn.run(parties_service.change_customer, customer_id=own_id, address=place)
        forget_place(draft, place)
        turn.say("utter_your_address_noted", address=place)


def order_for_oneself(turn: Turn, draft: Draft) -> None:
    """The order is for whoever writes."""
    with turn.read() as reader:
        own = parties.customer(reader, turn.own_id)
    set_customer(draft, own.id, own.name)
