"""Whom and what a name means: one surely, several to choose from, or a guess."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from rasa_sdk.events import EventType, SlotSet

from actions.context import Turn
from actions.entities import Entity
from actions.lexicon import only, words
from actions.phrasebook import Button
from erp_core.catalogue import queries as catalogue
from erp_core.catalogue.queries import Product
from erp_core.journal.context import Reader
from erp_core.kernel.matching import CERTAIN, Match, bears, leaves_vowels_out
from erp_core.kernel.money import inr
from erp_core.orders import queries as orders
from erp_core.parties import queries as parties
from erp_core.parties.permissions import Permission
from erp_core.parties.queries import Customer
from erp_core.parties.service import WALK_IN

SHORTEST_NAME = 4
"""Letters of a word that may be a name without being marked as one."""

SHORTEST_PRODUCT = 3
MOST_WORDS = 40
"""So many words of a message are looked up as names; a longer one is no question."""

_END_OF_NUMBER = re.compile(r"\b(\d{4})\s*(?:no\.?|number|nambar)?\s*(?:wal[aei]|val[aei])\b", re.I)
"""The last four digits of a phone number, as its owner is called: "6789 wale ka khata"."""

_WORDS = re.compile(r"[^\W\d_]+")
_NUMBERS = re.compile(r"\d+")

MOST_RANKED = 40
"""So many of a family are weighed by what sells, before the first are shown."""
LATELY = timedelta(days=90)

IDS = frozenset({"customer", "order", "invoice", "product", "vendor"})
"""What is spoken of by an id."""

MOST_CHOICES = 9
"""A WhatsApp list holds ten rows; one is left for "none of these"."""


@dataclass(frozen=True)
class Found:
    """What a name may mean: `one` surely, or `options`, mere `guesses` when nothing fits."""

    said: str
    one: Any | None = None
    options: Sequence[Any] = field(default_factory=tuple)
    guesses: bool = False


def family_name(found: Found) -> str:
    """What was said, as the options of a family spell it: "iphn" is the "iPhone" of all iPhones."""
    first, *others = [one.name.split() for one in found.options] or [[]]
    length, most = 0, min(len(first), len(found.said.split()))
    while length < most and all(one[: length + 1] == first[: length + 1] for one in others):
        length += 1
    return " ".join(first[:length])


def customer_named(reader: Reader, said: str) -> Found:
    """The customer whom a name or number means; "Table 7" is not even guessed to be Table 6."""
    found = _found(said, parties.find_customers(reader, said, limit=MOST_CHOICES))
    if not found.guesses:
        return found
    numbers = set(_NUMBERS.findall(said))
    fitting = [one for one in found.options if numbers <= set(_NUMBERS.findall(one.name))]
    return replace(found, options=tuple(fitting))


def customers_named(reader: Reader, said: str) -> list[str]:
    """ "Pushpa Meena": a name as it was said, or the names of several that were taken for one."""
    if customer_named(reader, said).one or " " not in said.strip():
        return [said]
    names = [one for one in said.split() if not only(words(one), "filler")]
    apart = all(customer_named(reader, one).one for one in names)
    return names if apart and len(names) > 1 else [said]


def with_customers(turn: Turn) -> Turn:
    """The turn with those marked too whose first name stands beside somebody who is named: "Meena
    aur Pushpa dono ka"."""
    named = turn.all("customer_name")
    if not turn.is_user or not named or not all(one.end for one in named):
        return turn
    added: list[Entity] = []
    with turn.read() as reader:
        known = {one.id for each in named if (one := customer_named(reader, each.value).one)}
        for word in _WORDS.finditer(turn.text):
            start, end = word.span()
            there = [one for one in turn.entities if one.start < end and start < one.end]
            other = _first_name_of(reader, word[0]) if _may_be_whose(there) else None
            if other is not None and other.id not in known:
                known.add(other.id)
                added.append(Entity("customer_name", word[0], None, start, end))
    starts = {one.start for one in added}
    kept = [one for one in turn.entities if one.start not in starts]
    in_order = sorted([*kept, *added], key=lambda one: one.start)
    return replace(turn, entities=in_order) if added else turn


def _may_be_whose(there: Sequence[Entity]) -> bool:
    """Whether what is marked in a place, if anything is, may be somebody: "ravi" as an item."""
    return all(one.name == "item" for one in there)


def _first_name_of(reader: Reader, word: str) -> Customer | None:
    """Whoever alone is called so first."""
    said = words(word)
    if len(word) < SHORTEST_NAME or not said or only(said, "filler"):
        return None
    found = customer_named(reader, word).one
    first = words(found.name)[:1] if found and found.name != WALK_IN else ()
    return found if first == said else None


def product_named(reader: Reader, said: str, *, spoken_of: UUID | None = None) -> Found:
    """The product that a name means; a family's name gives options.

    Among options the one just spoken of stands first, then what sells.
    """
    found = _found(said, catalogue.find_products(reader, said, limit=MOST_RANKED))
    if _is_work_unlisted(said, found):
        return Found(said, guesses=True)
    if len(found.options) < 2 or found.guesses:
        return replace(found, options=found.options[:MOST_CHOICES])
    ids = [one.id for one in found.options]
    sold = orders.sold_lately(reader, ids, since=reader.today - LATELY)
    ranked = sorted(found.options, key=lambda one: (one.id != spoken_of, -sold.get(one.id, 0)))
    return replace(found, options=tuple(ranked[:MOST_CHOICES]))


def _is_work_unlisted(said: str, found: Found) -> bool:
    """Whether work is named that is none of the shop's goods: a recharge is no charger."""
    if not only(words(said), "services"):
        return False
    known = [found.one] if found.one else found.options
    return not any(bears(one.name, said) for one in known)


def _found(said: str, matches: Sequence[Match[Any]]) -> Found:
    sure = [match.item for match in matches if match.score >= CERTAIN]
    if len(sure) == 1:
        return Found(said, one=sure[0])
    if sure:
        return Found(said, options=tuple(sure))
    return Found(said, options=tuple(match.item for match in matches), guesses=True)


def product_option(turn: Turn, product: Product) -> dict[str, str]:
    """A product as something to choose: id, name, and what tells it apart."""
    described = turn.line(
        "line_product_choice", price=inr(product.price_paise), unit=unit_word(turn, product.unit)
    )
    return {"id": str(product.id), "name": product.name, "description": described}


def customer_option(turn: Turn, customer: Customer) -> dict[str, str]:
    """A customer as something to choose."""
    phone = customer.phone[-10:] if customer.phone else ""
    described = turn.line("line_customer_choice", phone=phone) if phone else ""
    return {"id": str(customer.id), "name": customer.name, "description": described}


def choice_buttons(options: Sequence[dict[str, str]], payload: str, **more: str) -> list[Button]:
    """Rows to tap whose payload is an intent with the chosen id."""
    return [
        Button(
            title=option["name"],
            payload=payload_of(payload, choice=option["id"], **more),
            description=option["description"],
        )
        for option in options
    ]


def payload_of(intent: str, **entities: str) -> str:
    """A button's meaning in Rasa's notation: /intent{"entity": "value"}."""
    return f"/{intent}{json.dumps(entities)}" if entities else f"/{intent}"


def ask_which_product(turn: Turn, found: Found, intent: str) -> None:
    """Let somebody choose what a question is about; or say that there is no such thing."""
    options = [product_option(turn, one) for one in found.options]
    _ask_which(turn, "product", found, options, intent)


def ask_which_customer(turn: Turn, found: Found, intent: str) -> None:
    """Let somebody choose whom a question is about; or say that there is nobody of that name."""
    options = [customer_option(turn, one) for one in found.options]
    _ask_which(turn, "customer", found, options, intent)


def _ask_which(
    turn: Turn, kind: str, found: Found, options: Sequence[dict[str, str]], intent: str
) -> None:
    if not options:
        offer = _add_buttons(turn, kind, found.said)
        turn.say(f"utter_no_such_{kind}", said=found.said, choices=offer)
        return
    response = f"utter_{kind}_guesses" if found.guesses else f"utter_which_{kind}"
    turn.say(response, said=found.said, choices=choice_buttons(options, intent))


def _add_buttons(turn: Turn, kind: str, said: str) -> list[Button]:
    """Offers to add what was not found, to whoever may."""
    may_add = {"product": Permission.ADD_PRODUCT, "customer": Permission.ADD_CUSTOMER}
    if not turn.may(may_add[kind]):
        return []
    payload = payload_of(f"{kind}_add", **{f"{kind}_name": said})
    return [Button(title=turn.line(f"utter_add_{kind}_button"), payload=payload)]


def chosen_id(turn: Turn) -> UUID | None:
    """The id that a tapped row carries."""
    value = turn.value("choice")
    try:
        return UUID(value) if value else None
    except ValueError:
        return None


def unit_word(turn: Turn, unit: str, count: Any = 1) -> str:
    """A unit in the reader's language, for so many: "1 packet", "27 packets"."""
    return turn.phrasebook.unit(unit, turn.language, count)


def customer_meant(turn: Turn, reader: Reader, intent: str) -> Customer | None:
    """The customer that a question is about: tapped, named, or spoken of just before.

    None when nobody is meant, or when it had to be asked; `turn` then has something to say.
    """
    tapped = chosen_id(turn)
    if tapped:
        return parties.customer(reader, tapped)
    said = turn.value("customer_name") or turn.value("customer_phone") or turn.value("person")
    if said:
        found = customer_named(reader, said)
        if found.one is None:
            ask_which_customer(turn, found, intent)
        return found.one
    found_in_text = customer_in_text(turn, reader)
    if found_in_text is None and (several := _namesakes_in_text(turn, reader)):
        ask_which_customer(turn, several, intent)
    return found_in_text


def _namesakes_in_text(turn: Turn, reader: Reader) -> Found | None:
    """Several customers of one name that stands in the message though no entity says so."""
    for word in turn.words[:MOST_WORDS]:
        if len(word) < SHORTEST_NAME or only([word], "filler") or only([word], "same_person"):
            continue
        found = customer_named(reader, word)
        named = [one for one in found.options if word in words(one.name)]
        if len(named) > 1 and not found.guesses:
            return found
    return None


def customer_in_text(turn: Turn, reader: Reader) -> Customer | None:
    """A customer whose name, or end of number, stands in the message though no entity says so."""
    if digits := _END_OF_NUMBER.search(turn.text):
        found = customer_named(reader, digits[1]).one
        if found and (found.phone or "").endswith(digits[1]):
            return found  # type: ignore[no-any-return]
    for word in turn.words[:MOST_WORDS]:
        if len(word) < SHORTEST_NAME or only([word], "filler") or only([word], "same_person"):
            continue
        found = customer_named(reader, word).one
        if found and found.name != WALK_IN and _stands_in(word, found.name):
            return found  # type: ignore[no-any-return]
    return None


def customer_in(turn: Turn, reader: Reader) -> Customer | None:
    """The customer whom a message names, by an entity or by a word that is surely a name."""
    said = turn.value("customer_name") or turn.value("person")
    if said:
        found = customer_named(reader, said).one
        if found:
            return found  # type: ignore[no-any-return]
    return customer_in_text(turn, reader)


def named_or_spoken_of(turn: Turn) -> Product | None:
    """The product that a message names, marked or not; the one spoken of last where it names
    none."""
    with turn.read() as reader:
        if said := turn.value("product_name"):
            return product_named(reader, said).one  # type: ignore[no-any-return]
        before = recent(turn, "product")
        return product_in_text(turn, reader) or (
            catalogue.product(reader, before) if before else None
        )


def product_in_text(turn: Turn, reader: Reader) -> Product | None:
    """A product whose name stands in the message though no entity says so."""
    return next(products_in_text(turn, reader), None)


_OF_NO_GOODS = ("filler", "asking", "negation")
"""Words that may look like a name of goods: "not" is no note."""


def products_in_text(turn: Turn, reader: Reader) -> Iterator[Product]:
    """The products whose names stand in the message though no entity says so, as they come."""
    for word in turn.words[:MOST_WORDS]:
        if len(word) < SHORTEST_PRODUCT or any(only([word], cues) for cues in _OF_NO_GOODS):
            continue
        found = product_named(reader, word).one
        if found and _stands_in(word, found.name):
            yield found


def family_in_text(turn: Turn, reader: Reader) -> list[Product]:
    """Products of one family whose name stands in the message though no entity says so."""
    for word in turn.words[:MOST_WORDS]:
        if len(word) <= SHORTEST_PRODUCT or only([word], "filler") or only([word], "asking"):
            continue
        found = product_named(reader, word)
        if not found.guesses and all(word in words(one.name) for one in found.options):
            return list(found.options)
    return []


def goods_in_text(turn: Turn, reader: Reader) -> str | None:
    """The word of a message that names a product or a family though no entity says so."""
    known = (*_OF_NO_GOODS, "pronouns", "stock.all", "stock.add", "stock.remove")
    for word in turn.words[:MOST_WORDS]:
        if len(word) < SHORTEST_PRODUCT or any(only([word], cues) for cues in known):
            continue
        found = product_named(reader, word)
        options = [found.one] if found.one else list(found.options)
        if options and not found.guesses and all(_stands_in(word, one.name) for one in options):
            return word
    return None


def _stands_in(word: str, name: str) -> bool:
    """Whether a word is one of a name's, if need be in the plural or with vowels left out."""
    said = (word, word[:-1]) if word.endswith("s") and len(word) > SHORTEST_NAME else (word,)
    return any(w == one or leaves_vowels_out(w, one) for w in said for one in words(name))


def recent(turn: Turn, kind: str) -> UUID | None:
    """What was spoken of last: the id of a customer, an order, an invoice, a product. Whoever
    something is being written for was spoken of when that was known."""
    value = (turn.slots.get("recent") or {}).get(kind)
    return UUID(value) if value else None


def quotes(turn: Turn, kind: str) -> bool:
    """Whether the message that is quoted, if one is, spoke of something of a kind."""
    return kind in turn.quoted


def just_spoken_of(turn: Turn, *kinds: str) -> bool:
    """Whether things of these kinds were spoken of last, and not only some time before."""
    of = (turn.slots.get("recent") or {}).get("of", "").split()
    return all(kind in of for kind in kinds)


def remember(turn: Turn, **ids: Any) -> EventType:
    """The slot event that notes what the conversation is about now; `of` names what was just
    spoken of, as against what was before. A vendor is one only until a customer is spoken of."""
    noted = {kind: str(value) for kind, value in ids.items() if value}
    before = _before(turn, noted)
    if noted.keys() & {"order", "invoice"} or ("written" in ids and not ids["written"]):
        before.pop("written", None)
    return SlotSet("recent", {**before, **noted, "of": " ".join(sorted(noted))})


def mention(turn: Turn, **ids: str) -> EventType:
    """The slot event that notes what is spoken of too, beside what was told last: for whom
    something is being written, or what was asked behind a yes."""
    return SlotSet("recent", {**_before(turn, ids), **ids})


def _before(turn: Turn, noted: Container[str]) -> dict[str, Any]:
    before = dict(turn.slots.get("recent") or {})
    if "customer" in noted:
        before.pop("vendor", None)
    return before


def just_told(turn: Turn) -> dict[str, str]:
    """The ids of what was just spoken of, by kind."""
    noted = turn.slots.get("recent") or {}
    return {kind: noted[kind] for kind in noted.get("of", "").split() if kind in IDS}


def after(turn: Turn, events: Sequence[EventType]) -> Turn:
    """The turn with what its events have set."""
    now = {one["name"]: one["value"] for one in events if one.get("event") == "slot"}
    return replace(turn, slots={**turn.slots, **now})
