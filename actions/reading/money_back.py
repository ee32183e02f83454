"""Money that went back for goods which somebody brought back, told in the same breath: "ek jeans
wapas aayi, paise cash me lautaye"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from actions.context import Turn
from actions.entities import NUMBERS, Entity
from actions.lexicon import every, only, says, where, words
from actions.reading.gone_back import gone_back
from actions.reading.parts import part_of

_WORD = re.compile(r"\S+")
_BESIDE = ("money_back.beside", "rupees")


def money_back(turn: Turn) -> Turn | None:
    """The part of a message that tells of it, from the word for the money or the sum on; None where
    no goods came back, or nothing was paid for them, as where it is the change of a sale."""
    goods = turn.first("product_name")
    if not turn.is_user or goods is None or not gone_back(turn.words):
        return None
    told = _told(turn, goods)
    before = words(turn.text[: turn.text.rindex(told.text)]) if told else ()
    came = gone_back(before) or only(before[-1:] or ("",), "gone_back.back")
    other = says(before, "stock.damage") or says(before, "brought_back")
    return told if came or other else None


def _told(turn: Turn, goods: Entity) -> Turn | None:
    sums = {one.start for one in turn.entities if one.name in NUMBERS and one.end}
    for word in _WORD.finditer(turn.text, goods.end):
        if says(words(word[0]), "money_back.alone"):
            return _told_from(turn, goods.end, word.start())
        is_sum = word.start() in sums
        if not is_sum and not says(words(word[0]), "money_back.money"):
            continue
        by_buyer = says(turn.words, "shoppers") or says(turn.words, "buyer_came")
        cues = "money_back.returned" if is_sum and not by_buyer else "money_back.given"
        if _begins(words(turn.text[word.end() :]), cues):
            return _told_from(turn, goods.end, word.start())
    return None


def _told_from(turn: Turn, goods_end: int, start: int) -> Turn:
    """The part from a word on, with how the money was given and to whom, where that stands right
    before it: "… customer ko 180 lauta diye"."""
    for word in reversed([*_WORD.finditer(turn.text, goods_end, start)]):
        said = words(word[0])
        way = any(only(said, cue) for cue in (*_BESIDE, "shoppers")) or every(word[0], "methods")
        if not way:
            break
        start = word.start()
    return part_of(turn, (start, len(turn.text)))


def _begins(said: Sequence[str], cues: str) -> bool:
    """Whether words begin with a cue, but for how the money was given and to whom."""
    kept = [
        one
        for one in said
        if not any(only([one], cue) for cue in _BESIDE) and not every(one, "methods")
    ]
    found = where(kept, cues)
    return found is not None and not found[0]
