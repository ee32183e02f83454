"""Those who run a shop, where they tell what they themselves sold: "Ramesh ne 2 maggi bechi"."""

from __future__ import annotations

from collections.abc import Sequence

from actions.entities import Entity
from actions.lexicon import only, says, where, words
from erp_core.journal.context import Reader
from erp_core.kernel.matching import CERTAIN
from erp_core.parties import queries as parties
from erp_core.parties.names import person_key

_WHO = frozenset({"customer_name", "vendor_name", "person"})


def may_name_seller(text: str, entities: Sequence[Entity]) -> bool:
    """Whether somebody is said to have sold goods, or to be who writes."""
    goods = any(one.name == "product_name" for one in entities)
    sold = goods and any(_is_seller(text, one) for one in entities)
    return sold or any(_says_who_writes(text, one) for one in entities)


def without_sellers(reader: Reader, text: str, entities: Sequence[Entity]) -> list[Entity]:
    """The entities without those of the shop who sold the goods; to somebody who buys here too
    goods may as well have been sold."""
    own = [set(person_key(one.name).split()) for one in parties.all_users(reader)]
    return [
        one
        for one in entities
        if not _says_who_writes(text, one)
        if not (_is_seller(text, one) and _is_own(one, own) and not _buys(reader, one))
    ]


def _says_who_writes(text: str, one: Entity) -> bool:
    """ "Mukesh bol raha hu, …"."""
    behind = where(words(text[one.end :]), "sellers.says_so") if one.end else None
    return one.name in _WHO and behind is not None and not behind[0]


def _is_seller(text: str, one: Entity) -> bool:
    if one.name not in _WHO or not one.end:
        return False
    behind = words(text[one.end :])
    done = says(words(text), "sold") or says(words(text), "work_told")
    done = done or only(words(text)[-1:], "sellers.did")
    sold = only(behind[:1], "sellers.by") and done
    before, says_so = words(text[: one.start])[-1:], behind[:1]
    return sold or (only(before, "sellers.myself") and only(says_so, "sellers.am"))


def _is_own(one: Entity, own: Sequence[set[str]]) -> bool:
    said = set(person_key(one.value).split())
    return bool(said) and any(said <= name for name in own)


def _buys(reader: Reader, one: Entity) -> bool:
    return any(match.score >= CERTAIN for match in parties.find_customers(reader, one.value))
