"""The rate of goods in hand is put right by numbers alone: "260 nahi 180", "make it 150"."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from actions.context import Turn
from actions.entities import NUMBERS, number_of
from actions.forms.draft import Draft
from actions.goods.said import words_of_goods
from actions.goods.telling import rate_of
from actions.invoicing.put_right import figures_of
from actions.lexicon import beside, only, says, words
from actions.reading.said import pieces_between
from erp_core.kernel.money import PAISE_PER_RUPEE, from_decimal

NEAR_A_RATE = Decimal("1.5")
"""A number at most so many times a rate, or as little of it, may take its place."""
FAR_FROM_A_COUNT = 10
"""A number so many times what is counted is hardly the count put right."""

Line = dict[str, Any]


def take_right_rate(turn: Turn, draft: Draft) -> bool:
    """Take the rate that stands in the place of one that is shown; whether a message says one."""
    found = _instead(turn, draft) or _bare(turn, draft)
    if found is None:
        return False
    line, rupees = found
    line["amount"], line["each"] = from_decimal(rupees), True
    return True


def _instead(turn: Turn, draft: Draft) -> tuple[Line, Decimal] | None:
    """ "Hammer 260 nahi 180": the refused number is a rate, and no count of these goods."""
    figures = figures_of(turn)
    if figures is None or says(turn.words, "discount"):
        return None
    wrong, right = figures
    lines = draft["lines"]
    named = [one for one in lines if words_of_goods(one) & {*turn.words}] or lines
    counted = any(Decimal(one.get("quantity") or 0) == wrong for one in named)
    rated = [one for one in named if _rate_shown(one) == wrong * PAISE_PER_RUPEE]
    if len(rated) != 1 or (counted and not says(turn.words, "asks_price")):
        return None
    return rated[0], right


def _bare(turn: Turn, draft: Draft) -> tuple[Line, Decimal] | None:
    """ "Make it 150", "kurti 750": a number that is near the rate of one line, and far from its
    count."""
    numbers = [one for one in turn.entities if one.name in NUMBERS]
    named = turn.all("product_name")
    if not turn.is_user or draft["asked"] or len(numbers) != 1 or len(named) > 1:
        return None
    if len(turn.entities) != len(numbers) + len(named):
        return None
    rest = [word for piece in pieces_between(turn) for word in words(piece)]
    number = number_of(numbers[0])
    if number is None or not only(beside(rest, "sets_so_many"), "filler"):
        return None
    said = {*words(named[0].value)} if named else set()
    meant = [one for one in draft["lines"] if said <= {*words(f"{one.get('name')} {one['said']}")}]
    near = [one for one in meant if _is_near_rate(one, number)]
    return (near[0], number) if len(near) == 1 else None


def _is_near_rate(line: Mapping[str, Any], number: Decimal) -> bool:
    rate, counted = _rate_shown(line), Decimal(line.get("quantity") or 0)
    if not rate or not counted or number < counted * FAR_FROM_A_COUNT:
        return False
    paise = number * PAISE_PER_RUPEE
    return rate <= paise * NEAR_A_RATE and paise <= rate * NEAR_A_RATE


def _rate_shown(line: Mapping[str, Any]) -> int | None:
    if not line.get("counted"):
        return None
    return rate_of(line) if line.get("amount") else line.get("price") or line.get("usual")
