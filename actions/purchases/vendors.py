"""Vendors: whom a message means, by an entity, by the words around a name, or by the name alone.

Whoever stands before "se" with goods that came is a vendor, though a vendor may be a customer too.
"""

from __future__ import annotations

import re

from actions.context import Turn
from actions.entities import Entity
from actions.lexicon import names, only, says, which, words
from actions.match import MOST_CHOICES, Found, customer_named, product_named
from erp_core.journal.context import Reader
from erp_core.kernel.matching import CERTAIN
from erp_core.kernel.money import inr
from erp_core.parties import queries as parties
from erp_core.parties.permissions import Permission
from erp_core.parties.queries import Vendor

NAMES = ("vendor_name", "customer_name", "person")
LONGEST = 18
_FROM_ALONE = re.compile(
    r"(?:from\s+([^\d?]{3,40})|([^\d?]{3,40}?)\s+(?:se|से)(?:\s+(?:aaya|aaye|aya|aye|liya|liye))?)[.!]*",
    re.I,
)
"""Who sells, and no more."""


def seller_named(turn: Turn) -> Entity | None:
    """The entity that names the other side of a purchase."""
    for kind in NAMES:
        if found := turn.first(kind):
            return found
    item = turn.first("item")
    if item is None or not item.end:
        return None
    before = words(turn.text[: item.start])[-1:]
    gets = (before and only(before, "buying.paying")) or stands_before(turn, item, "ko")
    return item if gets and is_vendor(turn, item.value) else None


def is_for_buyer(turn: Turn) -> bool:
    """ "Pushpa ko usme se 5 kg de do": so many for somebody who surely buys, and sells nothing."""
    named = turn.first("customer_name")
    if named is None or turn.first("quantity") is None or not stands_before(turn, named, "ko"):
        return False
    return is_customer(turn, named.value) and not is_vendor(turn, named.value)


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


def is_vendor(turn: Turn, said: str) -> bool:
    """Whether a name is surely a vendor's."""
    with turn.read() as reader:
        return vendor_named(reader, said).one is not None


def is_customer(turn: Turn, said: str) -> bool:
    """Whether a name is surely a customer's."""
    with turn.read() as reader:
        return customer_named(reader, said).one is not None


def only_sells(turn: Turn, said: str) -> bool:
    """Whether somebody is a vendor and buys nothing; or unknown, and called a trader: "Verma
    Traders", "Sharma Distributors"."""
    if is_customer(turn, said):
        return False
    return is_vendor(turn, said) or says(words(said), "buying.traders")


MOST_BEHIND_A_NAME = 3
"""So many words make a name a place, with the one that says where goods or money go: "ke yahan
se"."""


def stands_before(turn: Turn, named: Entity, *behind: str) -> bool:
    """Whether one of these words comes right after a name: "Metro se", "Metro wale ko", "Metro ke
    yahan se"."""
    following = words(turn.text[named.end :])[:MOST_BEHIND_A_NAME] if named.end else ()
    at = next((at for at, one in enumerate(following) if one in behind), None)
    return at is not None and all(only([one], "at_their_place") for one in following[:at])


def stands_behind(turn: Turn, named: Entity, before: str) -> bool:
    """Whether a word comes right before a name: "from Metro"."""
    return words(turn.text[: named.start])[-1:] == (before,)
