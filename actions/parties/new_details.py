"""What is told of somebody new beside a name and a number: a GSTIN, and where it is."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from actions.context import Turn
from actions.entities import Entity, period_of
from actions.lexicon import only, says, words
from actions.parties.party_details import ADDRESS, SHORTEST, meant
from actions.purchases.vendor_details import GSTIN_SAID
from actions.reading.parts import without
from erp_core.kernel.clauses import Span
from erp_core.tax import gstin as gstins

SHORTEST_PLACE = 3
"""Letters of a place that stands apart: Rau, Mhow."""
_OF_SOMEBODY = frozenset({"customer_name", "customer_phone", "quantity"})
_NO_PLACE = ("negation", "asking", "tense.past", "tense.future", "on_khata", "no_number")


class Details(NamedTuple):
    """A message without the details in it, and these; None for what is not told."""

    turn: Turn
    gstin: str | None
    address: str | None


def details_apart(turn: Turn, *, named: bool) -> Details:
    """What a message tells of somebody whose name stands in it, or who is `named` before."""
    said, number = GSTIN_SAID.search(turn.text), gstins.IN_TEXT.search(turn.text)
    if said and number:
        turn = without(turn, *said.span())
    span = _address_span(turn, named=named)
    address = _place(turn, span) if span else None
    if address and span:
        turn = _without_place(turn, span)
    return Details(turn, number[0].upper() if number else None, address)


def _address_span(turn: Turn, *, named: bool) -> Span | None:
    """Behind the word for it, or what stands apart behind the first name; a second name is of a
    place."""
    if found := ADDRESS.search(turn.text):
        return found.span()
    names, number = turn.all("customer_name"), turn.first("customer_phone")
    if not (names or named) or not (number or len(names) > 1):
        return None
    start = names[0].end if names else 0
    if any(_is_else(turn, one) for one in turn.entities if start <= one.start):
        return None
    rest = _without_number(turn)[start:]
    said = rest.lstrip(" ,;:-.")
    apart = len(names) > 1 or said[:1].isdigit() or rest.lstrip()[:1] in tuple(",;:-")
    unsaid = not any(says(words(rest), one) for one in _NO_PLACE)
    return (start, len(turn.text)) if said and apart and unsaid else None


def _is_else(turn: Turn, one: Entity) -> bool:
    if one.name == "date":
        return period_of(one, today=turn.today) is not None
    return one.name not in _OF_SOMEBODY


def _without_number(turn: Turn) -> str:
    text = turn.text
    for one in turn.all("customer_phone"):
        text = f"{text[: one.start]}{',' * (one.end - one.start)}{text[one.end :]}"
    return text


def _place(turn: Turn, span: Span) -> str | None:
    around = ("address.around", "address.phone", "address.behind", "address.from")
    parts = [meant(one, *around) for one in _without_number(turn)[slice(*span)].split(",")]
    place = ", ".join(one for one in parts if one)
    shortest = SHORTEST if only(words(place), "filler") else SHORTEST_PLACE
    return place if len(place) >= shortest and any(map(str.isalpha, place)) else None


def _without_place(turn: Turn, span: Span) -> Turn:
    start, end = span
    kept = [
        one
        for one in turn.entities
        if one.name == "customer_phone" or one.end <= start or end <= one.start
    ]
    return replace(turn, text=turn.text[:start] + turn.text[end:], entities=kept)
