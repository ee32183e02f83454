"""A sum that is said to be for all goods together: "1500 me dono", "total 3000 me final"."""

from __future__ import annotations

import re

from actions.context import Turn
from actions.entities import (
    NUMBERS,
    Entity,
    ends_with_final,
    is_for_one,
    number_of,
    sold_for,
)
from actions.lexicon import only, says, where, which, words

NEAR = 4
"""So many words from a sum it may be said that it is for all."""


_PLUS_TAX = re.compile(r"\+\s*(?:gst|tax)\b", re.IGNORECASE)


def tax_on_top(turn: Turn) -> bool:
    """Whether GST comes on top of what is said: "gst alag", "65000 each + gst"."""
    return says(turn.words, "buying.tax_extra") or _PLUS_TAX.search(turn.text) is not None


def words_of_tax(turn: Turn) -> str:
    """What is told back of tax that comes on top: its own words, where they are known."""
    if plus := _PLUS_TAX.search(turn.text):
        return plus[0]
    found = where(turn.words, "buying.tax_extra")
    return " ".join(turn.words[slice(*found)]) if found else turn.text.strip()


def sum_of_all(turn: Turn) -> Entity | None:
    """The sum that all goods of a message cost together, its tax in it; None where another comes
    on top, or where it is what was given or taken off."""
    if tax_on_top(turn) or says(turn.words, "asking"):
        return None
    found = [one for one in turn.all("amount") if one.end and _is_of_all(turn, one)]
    return found[0] if len(found) == 1 else None


def _is_of_all(turn: Turn, one: Entity) -> bool:
    until = [other.start for other in _figures(turn) if other.start >= one.end]
    said = turn.text[one.end : min(until, default=len(turn.text))]
    before, behind = words(turn.text[: one.start]), words(said)[:NEAR]
    apart = ("money_given", "less_behind", "discount", "on_khata", "tense.past")
    if is_for_one(turn.text, one):
        return False
    if _is_of_used(turn) and sold_for(turn.text, one):
        return True
    if is_final(turn, one):
        return _counts_one_at_most(turn, one)
    if any(says(behind, cue) for cue in apart):
        return False
    return _next_to(before[-2:][::-1]) or _next_to(behind)


def says_final_price(turn: Turn) -> bool:
    """ "17000 final": a price that was agreed on, to which nothing comes on top."""
    return not tax_on_top(turn) and any(is_final(turn, one) for one in _figures(turn))


def is_final(turn: Turn, one: Entity) -> bool:
    """Whether it is said right beside a sum that it was agreed on."""
    if one.end and ends_with_final(turn.text[: one.start]):
        return True
    behind = [word for word in words(turn.text[one.end :]) if not only([word], "rupees")]
    return bool(one.end) and only(behind[:1] or ("-",), "final_price")


def _figures(turn: Turn) -> list[Entity]:
    return [one for one in turn.entities if one.name in NUMBERS]


def _counts_one_at_most(turn: Turn, one: Entity) -> bool:
    """Whether a sum can be no rate: it stands behind several goods, or behind one piece."""
    goods = [each for each in turn.all("product_name") if each.end]
    counts = [number_of(each) for each in turn.all("quantity") if each is not one]
    behind = not goods or goods[-1].end <= one.start
    return behind and (len(goods) > 1 or not any(count and count > 1 for count in counts))


def _is_of_used(turn: Turn) -> bool:
    """ "Purani almirah 2 piece 9000 me": used goods have no rate."""
    goods = turn.all("product_name")
    if len(goods) != 1 or not goods[0].end:
        return False
    before = words(turn.text[: goods[0].start])[-2:]
    return says(before, "used_goods") or says(words(goods[0].value)[:1], "used_goods")


def _next_to(row: tuple[str, ...]) -> bool:
    """Whether "dono" or "total" stands in a row of words, with little words before it alone; "sab
    cash" only tells how all was paid."""
    for cue in ("of_all", "total_alone"):
        found = where(row, cue)
        paid = found is not None and which(" ".join(row[found[1] :][:1]), "methods")
        if found is not None and not paid and only(row[: found[0]], "filler"):
            return True
    return False
