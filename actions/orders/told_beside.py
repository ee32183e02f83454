"""What a buyer tells beside the goods that it orders: that those of last time were spoilt, what it
has paid. "Paytm kar diya 240, ab 1 kg chini bhi bhej do"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from actions.context import Turn
from actions.entities import Entity, method_of
from actions.lexicon import says
from actions.parties.buyers_complaints import is_complaint, tell_shop
from actions.payments.payments import pass_on
from actions.reading.parts import part_of, pieces, without
from erp_core.kernel.clauses import Span


class Told(NamedTuple):
    """Both, each as if it alone had been said."""

    told: Turn
    ordered: Turn

    def tell(self) -> None:
        """Pass on what is told."""
        if self.told.first("amount"):
            pass_on(self.told)
        else:
            tell_shop(self.told)


def told_beside(turn: Turn) -> Told | None:
    """What is told and what is ordered; None where a message does not hold both."""
    if turn.is_user or turn.is_not_words or not turn.text or "?" in turn.text:
        return None
    parts = [(span, part_of(turn, span)) for span in pieces(turn)]
    ordered = [span for span, one in parts if _orders(one)]
    told = [span for span, one in parts if span not in ordered and _tells(turn, one)]
    if not told or not ordered:
        return None
    beside, number = _without(turn, ordered), None
    if not beside.first("amount") and not is_complaint(beside):
        number = _sum(beside)
    named = [replace(one, name="amount") if one is number else one for one in beside.entities]
    return Told(replace(beside, entities=named), _without(turn, told))


def _orders(part: Turn) -> bool:
    wanted = says(part.words, "wanting") or says(part.words, "buyers.sends")
    counted = part.first("product_name") and part.first("quantity")
    cues = ("tense.past", "buyers.replaced", "buyers.gives_back")
    else_ = any(says(part.words, one) for one in cues)
    return bool(counted and wanted) and not else_


def _tells(turn: Turn, part: Turn) -> bool:
    paid = _sum(part) is not None and not part.first("product_name")
    if paid and turn.actor.kind == "customer":
        return turn.intent == "payment_record" or says(part.words, "dues.paid")
    return is_complaint(part)


def _sum(part: Turn) -> Entity | None:
    """The money of a part; so is a bare number beside a way of paying: "500 bhej diye gpay se"."""
    number = part.first("quantity") if method_of(part.text) and not part.first("unit") else None
    return part.first("amount") or number


def _without(turn: Turn, spans: Sequence[Span]) -> Turn:
    for span in spans:
        turn = without(turn, *span)
    return turn
