"""Goods in several places by chat: carried between them, asked for, put where they came to.

A place is a name that somebody has carried goods to, or a word such as godown; the shop is where
all else lies.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.lexicon import names, phrases, says, words
from actions.match import product_named, unit_word
from erp_core.inventory import places
from erp_core.inventory.queries import stock
from erp_core.kernel.quantity import plain
from erp_core.parties.permissions import Permission

SHOP = ""
ROWS = 20
_FROM = frozenset({"se", "from"})
_TO = frozenset({"me", "mein", "pe", "par", "ko", "to", "tak", "into", "at"})

Mention = tuple[str, int, int]
"""A place's name ("" for the shop), its first word, and the word behind it."""


def moves(turn: Turn) -> bool:
    """Whether goods are carried: "godown se 10 maggi dukaan me le aao"."""
    if turn.first("product_name") is None or says(turn.words, "buying.question"):
        return False
    if not set(turn.words) & (_FROM | _TO):
        return False
    found = ends(turn)
    if found is None:
        return False
    return says(turn.words, "buying.carry") or found[0] != SHOP


def ends(turn: Turn) -> tuple[str, str] | None:
    """Where goods are carried from and to; None when no place besides the shop is named."""
    source = target = None
    for name, first, behind in _mentions(turn):
        if _stands(turn.words, first, behind, _FROM):
            source = name
        elif _stands(turn.words, first, behind, _TO) or target is None:
            target = name
    if source == target or not (source or target):
        return None
    return source or SHOP, target or SHOP


def target_said(turn: Turn) -> str | None:
    """The place that goods came to: "50 kg chini godown me aayi"."""
    for name, first, behind in _mentions(turn):
        if name and not _stands(turn.words, first, behind, _FROM):
            return name
    return None


def lies(turn: Turn) -> list[EventType] | None:
    """ "Godown me kya hai", "maggi kahan rakhi hai"."""
    if not turn.is_user or not turn.may(Permission.VIEW_STOCK):
        return None
    where = says(turn.words, "buying.where")
    asked = turn.metadata.get("command") in ("godown", "places")
    if not asked and not where and not says(turn.words, "buying.question"):
        return None
    named = [one for one in _mentions(turn) if one[0]]
    if not asked and not where and not named:
        return None
    said = turn.value("product_name")
    with turn.read() as reader:
        known = {one.name: one for one in places.places(reader)}
        if where and not (named or said):
            return None
        product = product_named(reader, said).one if said else None
        if said and product is None:
            return None
        place = known.get(named[0][0]) if named else None
        if not known or (named and place is None):
            if product is not None:
                return None
            if named or asked:
                turn.say("utter_place_empty", place=named[0][0] if named else "Godown")
                return []
            return None
        found = places.lying(
            reader,
            product_id=product.id if product else None,
            place_id=place.id if place else None,
        )
        here = stock(reader, product.id) if product else None
    rows = [
        _row(turn, one.product, one.place.name if one.place else "", one.quantity, one.unit)
        for one in found[:ROWS]
    ]
    if product and here and place is None:
        in_shop = here.on_hand - sum(one.quantity for one in found)
        rows.append(_row(turn, product.name, turn.line("word_shop"), in_shop, here.unit))
    if not rows:
        turn.say("utter_place_empty", place=place.name if place else "Godown")
        return []
    turn.say("utter_lying", rows="\n".join(rows))
    return []


def place_words(turn: Turn, name: str) -> str:
    """A place as it is told: its name, or the shop."""
    return name or turn.line("word_shop")


def _row(turn: Turn, product: str, place: str, quantity: Any, unit: str) -> str:
    return turn.line(
        "line_lying",
        product=product,
        place=place,
        quantity=plain(quantity),
        unit=unit_word(turn, unit, quantity),
    )


def _mentions(turn: Turn) -> list[Mention]:
    """The places of a message in the order in which they stand, each by its own name."""
    said = turn.words
    found = [(SHOP, *span) for span in _spans(said, phrases("buying.shop"))]
    generic = [
        (name, *span)
        for name in names("buying.places")
        for span in _spans(said, phrases(f"buying.places.{name}"))
    ]
    if not generic and not turn.text:
        return []
    with turn.read() as reader:
        known = places.places(reader)
    named = [(one.name, *span) for one in known for span in _spans(said, [words(one.name)])]
    taken: set[int] = set()
    for one in [*sorted(named, key=lambda one: one[1] - one[2]), *generic]:
        if not taken & set(range(one[1], one[2])):
            taken |= set(range(one[1], one[2]))
            found.append(one)
    return sorted(found, key=lambda one: one[1])


def _spans(said: tuple[str, ...], wanted: Iterable[tuple[str, ...]]) -> list[tuple[int, int]]:
    return [
        (at, at + len(phrase))
        for phrase in wanted
        if phrase
        for at in range(len(said) - len(phrase) + 1)
        if said[at : at + len(phrase)] == phrase
    ]


def _stands(said: tuple[str, ...], first: int, behind: int, wanted: frozenset[str]) -> bool:
    """Whether one of these words stands behind a place, or in English before it."""
    following = said[behind : behind + 1]
    before = said[first - 1 : first] if first else ()
    english = {"from", "to", "into", "at"} & wanted
    return bool(set(following) & wanted) or bool(set(before) & english)
