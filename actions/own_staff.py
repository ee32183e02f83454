"""Money to those who work in the shop: "Raju ko 2000 advance diya" is a part of the salary."""

from __future__ import annotations

from actions.context import Turn
from actions.entities import Entity
from actions.lexicon import says
from actions.match import customer_named
from erp_core.parties import queries as parties
from erp_core.parties.names import person_key

_NAMES = ("vendor_name", "customer_name", "person")


def advance_of_staff(turn: Turn) -> bool:
    """Whether somebody of the shop got an advance, or anybody one on the salary."""
    if not turn.is_user or not says(turn.words, "advance") or turn.first("amount") is None:
        return False
    if turn.first("product_name") or says(turn.words, "asking"):
        return False
    if says(turn.words, "staff.salary"):
        return True
    named = next((found for kind in _NAMES if (found := turn.first(kind))), None)
    return named is not None and _works_here(turn, named)


def _works_here(turn: Turn, named: Entity) -> bool:
    said = set(person_key(named.value).split())
    with turn.read() as reader:
        everybody = parties.all_users(reader)
        buyer = customer_named(reader, named.value).one
    works = any(said and said <= set(person_key(one.name).split()) for one in everybody)
    return works and buyer is None
