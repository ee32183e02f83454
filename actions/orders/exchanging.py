"""An exchange in one sentence: "Pushpa ne M wali kurti wapas ki, L le gayi", "2 dolo wapas aur 1
ors le gaya". What came back is written by a credit note, and what went for it is sold after."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from actions.context import Turn
from actions.entities import Entity
from actions.lexicon import says, words
from actions.reading.money_back import money_back
from actions.reading.parts import part_of
from erp_core.kernel.clauses import sentences

_WHO = ("customer_name", "person", "vendor_name")
_GOODS = ("product_name", "item")
MOST = 3
"""Parts of a message that is one exchange, at most."""


class Exchange(NamedTuple):
    """What came back, and what was taken for it, each as if it alone had been said."""

    back: Turn
    taken: Turn


def exchanged(turn: Turn) -> Exchange | None:
    """The exchange that a message tells of, if it tells of one."""
    if not turn.is_user or turn.is_not_words or not says(turn.words, "gone_back.back"):
        return None
    if says(turn.words, "asking") or turn.first("amount") or turn.first("order_id"):
        return None
    if money_back(turn):
        return None
    parts = [part_of(turn, span) for span in sentences(turn.text)]
    at = next((i for i, one in enumerate(parts) if says(one.words, "gone_back.back")), 0)
    if not 1 < len(parts) <= MOST or at + 1 >= len(parts) or goods_of(parts[at]) is None:
        return None
    taken = parts[at + 1]
    if not says(taken.words, "exchange.taken") or says(taken.words, "gone_back.back"):
        return None
    whose = [one for one in turn.entities if one.name in _WHO][:1]
    back = replace(parts[at], entities=_with(whose, parts[at]), intent="inventory_update")
    return Exchange(back, _sale(back, taken, whose))


def exchanges_at_once(turn: Turn) -> bool:
    """ "Pravin ne sparx 9 wapas kiya 8 le gaya": one sentence, where neither number is a count."""
    counts = [one for one in turn.entities if one.name == "quantity"]
    if not turn.is_user or len(turn.all("product_name")) != 1 or len(counts) != 1:
        return False
    behind = words(turn.text[: counts[0].start]), words(turn.text[counts[0].end :])
    back = says(behind[0], "gone_back.back") and not says(behind[1], "gone_back.back")
    return back and says(behind[1][:2], "exchange.taken") and not says(turn.words, "asking")


def _with(whose: list[Entity], part: Turn) -> list[Entity]:
    others = [one for one in part.entities if one.name not in _WHO]
    return [*(replace(one, name="customer_name", start=0, end=0) for one in whose), *others]


def _sale(back: Turn, taken: Turn, whose: list[Entity]) -> Turn:
    """What was taken; of goods that are not named, as many of those that came back."""
    entities = _with(whose, taken)
    if goods_of(taken) is None:
        same = [one for one in back.entities if one.name in ("quantity", *_GOODS)]
        kept = [one for one in entities if one.name == "customer_name"]
        entities = [*kept, *(replace(one, start=0, end=0) for one in same)]
    if not any(one.name == "quantity" for one in entities):
        entities.insert(len(whose), Entity("quantity", "1"))
    return replace(taken, entities=entities, intent="order_create")


def goods_of(turn: Turn) -> Entity | None:
    """The goods that are named first."""
    return next((one for one in turn.entities if one.name in _GOODS), None)
