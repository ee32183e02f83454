"""What somebody who buys can have for so much, and what is cheapest: "500 ke andar kya hai"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import paise_of
from actions.goods.availability import tell_rows, told_of
from actions.lexicon import any_of, says
from actions.match import family_in_text, product_in_text, product_named
from erp_core.catalogue import queries as catalogue
from erp_core.catalogue.queries import Product
from erp_core.journal.context import Reader
from erp_core.kernel.spelling import roman

ROWS = 10
FEW = 3

LAST_OF_MONTH = 31
"""Up to here a number without a currency may be a day: "25 tak chahiye"."""

_RUPEES = any_of("buyers.within.rupees")
_SUM = rf"(?<![\d:.])({_RUPEES}?\s*\d[\d,]*\s*{_RUPEES}?)\s*"
_LIMIT = re.compile(
    rf"{_SUM}{any_of('buyers.within.behind')}\b|\b{any_of('buyers.within.before')}\s+{_SUM}",
    re.IGNORECASE,
)


def tell_within(turn: Turn) -> list[EventType] | None:
    """ "100 rupaye tak ki notebook", "sabse sasti notebook kaun si hai"; what is counted is ordered
    and asks for none."""
    if turn.is_user or turn.is_not_words or says(turn.words, "buyers.within.other"):
        return None
    if turn.slots.get("draft") and not says(turn.words, "asking"):
        return None
    limit, cheapest = _limit(turn), says(turn.words, "questions.cheapest")
    if limit is None and not cheapest:
        return None
    with turn.read() as reader:
        found = [
            one for one in _asked_of(turn, reader) if limit is None or one.price_paise <= limit
        ]
        found.sort(key=lambda one: one.price_paise)
        tell_rows(turn, reader, found[: FEW if limit is None else ROWS])
    if not found:
        turn.say("utter_no_goods_by_price")
    return told_of(turn, found[: 1 if limit is None else ROWS])


def _limit(turn: Turn) -> int | None:
    """The highest price that is asked for, in paise."""
    cues, said = ("buyers.within.behind", "buyers.within.before"), turn.first("amount")
    if said is not None and any(says(turn.words, cue) for cue in cues):
        return paise_of(said)
    found = _LIMIT.search(roman(turn.text))
    sum_said = next((one for one in found.groups() if one), "") if found else ""
    rupees = int("".join(one for one in sum_said if one.isdigit()) or 0)
    named = not sum_said.replace(",", "").strip().isdigit()
    return rupees * 100 if rupees and (named or rupees > LAST_OF_MONTH) else None


def _asked_of(turn: Turn, reader: Reader) -> Sequence[Product]:
    """The goods that are named, or all that there are."""
    named: list[Product] = []
    for one in turn.all("product_name"):
        found = product_named(reader, one.value)
        if not found.guesses:
            named += [found.one] if found.one else found.options
    if family := named or family_in_text(turn, reader):
        return family
    alone = product_in_text(turn, reader)
    if alone is None and (goods := turn.first("product_name")):
        turn.say("utter_not_sold_here", said=goods.value)
    return [alone] if alone else catalogue.all_products(reader, limit=None)
