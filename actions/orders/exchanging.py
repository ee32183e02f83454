"""An exchange in one sentence: "Pushpa ne M wali kurti wapas ki, L le gayi", "2 dolo wapas aur 1
ors le gaya", "shirt ke badle jeans le gaya". What came back is written by a credit note, and what
went for it is sold after."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

from actions.context import Turn
from actions.entities import Entity
from actions.lexicon import only, says, where, words
from actions.match import product_named
from actions.reading.gone_back import gone_back
from actions.reading.money_back import money_back
from actions.reading.parts import part_of
from erp_core.kernel.clauses import sentences

_WHO = ("customer_name", "person", "vendor_name")
_GOODS = ("product_name", "item")
_WORD = re.compile(r"[^\s,;.!?]+")
_BOTH = 2
MOST = 3
"""Parts of a message that is one exchange, at most."""


class Exchange(NamedTuple):
    """What came back, and what was taken for it, each as if it alone had been said."""

    back: Turn
    taken: Turn


def exchanged(turn: Turn) -> Exchange | None:
    """The exchange that a message tells of, if it tells of one."""
    if told := _one_for_another(turn):
        return told
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


def _one_for_another(turn: Turn) -> Exchange | None:
    """ "Linen shirt exchange hui jeans se", "jeans diya kurti ke badle": one of the shop's goods in
    the place of another."""
    if not _is_plain(turn):
        return None
    if sizes := _of_sizes(turn):
        return _exchange(turn, *sizes)
    goods = _once_each(turn)
    if len(goods) == 1 and says(turn.words, "exchange.swapped"):
        goods += _unmarked(turn, goods[0])
    if len(goods) != _BOTH:
        return None
    first, second = sorted(goods, key=lambda one: one.start)
    between = words(turn.text[first.start : second.start])
    behind = words(turn.text[second.end :])
    taken = says((*between, *behind), "exchange.taken")
    swapped = says(turn.words, "exchange.swapped")
    if says(behind[:2], "replaced"):
        first, second = second, first
    elif not (swapped or says(between, "replaced") or gone_back(between)):
        return None
    return _exchange(turn, first, second) if swapped or taken else None


def _once_each(turn: Turn) -> list[Entity]:
    """The goods that are named, those named twice by the place where they are counted: "kurti
    badalne aayi, 2 kurti wapas, jeans le rahi hai"."""
    counts = {one.end for one in turn.entities if one.name == "quantity"}
    kept: dict[str, Entity] = {}
    for one in (one for one in turn.all("product_name") if one.end):
        name = _without_swap(one.value).lower()
        counted = any(end <= one.start and not turn.text[end : one.start].strip() for end in counts)
        if name not in kept or counted:
            kept[name] = one
    return sorted(kept.values(), key=lambda one: one.start)


def _is_plain(turn: Turn) -> bool:
    """Whether something may be told that has been done, and nothing is being written."""
    if not turn.is_user or not turn.text or turn.is_not_words or turn.slots.get("draft"):
        return False
    wished = any(says(turn.words, one) for one in ("asking", "do_it"))
    return not wished and "?" not in turn.text


def _exchange(turn: Turn, back: Entity, taken: Entity) -> Exchange:
    whose = [one for one in turn.entities if one.name in _WHO][:1]
    came, went = (_counted(turn, one) for one in (back, taken))
    told = replace(came, entities=_with(whose, came), intent="inventory_update")
    return Exchange(told, _sale(told, went, whose))


def _unmarked(turn: Turn, goods: Entity) -> list[Entity]:
    """Goods of the shop that are named behind others, and were not seen."""
    beside = ("filler", "exchange.taken", "exchange.changing", "exchange.swapped", "gone_back.done")
    rest = [
        one
        for one in _WORD.finditer(turn.text, goods.end)
        if not any(only(words(one[0]), cue) for cue in beside)
    ]
    if not rest:
        return []
    start, end = rest[0].start(), rest[-1].end()
    with turn.read() as reader:
        found = product_named(reader, turn.text[start:end])
    known = found.one or (found.options and not found.guesses)
    return [Entity("product_name", turn.text[start:end], start=start, end=end)] if known else []


def _of_sizes(turn: Turn) -> tuple[Entity, Entity] | None:
    """ "Sparx 9 ki jagah 8 le gaya", of sizes that the shop keeps apart."""
    named = _size_taken(turn)
    if named is None:
        return None
    goods, size = named
    other = " ".join((*goods.value.split()[:-1], size.value))
    with turn.read() as reader:
        former, later = (product_named(reader, one).one for one in (goods.value, other))
    if former is None or later is None or former.id == later.id:
        return None
    return goods, replace(size, name="product_name", value=later.name, normalized=None)


def _size_taken(turn: Turn) -> tuple[Entity, Entity] | None:
    """Goods, up to the size that was sold, and the one that was taken instead."""
    goods = [one for one in turn.all("product_name") if one.end]
    if len(goods) != 1 or not _is_plain(turn):
        return None
    row = list(_WORD.finditer(turn.text, goods[0].start))
    for at in range(1, len(row)):
        said = words(turn.text[row[at].start() :])
        cue = where(said, "replaced") or where(said, "gone_back.back")
        if cue is None or cue[0]:
            continue
        behind = [one for one in row[at + 1 :] if not _goes_with_cue(one[0])]
        following = words(turn.text[behind[0].end() :])[:2] if behind else ()
        if not says(following, "exchange.taken"):
            return None
        name = turn.text[goods[0].start : row[at - 1].end()]
        sold = replace(goods[0], value=name, end=row[at - 1].end(), normalized=None)
        return sold, Entity("size", behind[0][0], start=behind[0].start(), end=behind[0].end())
    return None


def _goes_with_cue(word: str) -> bool:
    cues = ("exchange.cue", "gone_back.done", "gone_back.stems")
    return any(only(words(word), one) for one in cues)


def _counted(turn: Turn, goods: Entity) -> Turn:
    """The part of a message that is goods alone, with their count."""
    name = _without_swap(goods.value)
    before = [one for one in turn.entities if one.name == "quantity" and one.end <= goods.start]
    counts = [one for one in before if not turn.text[one.end : goods.start].strip()]
    start = counts[-1].start if counts else goods.start
    part = part_of(turn, (start, goods.end))
    kept = [one for one in part.entities if one.name != "product_name"]
    named = replace(goods, value=name, start=goods.start - start, end=goods.end - start)
    return replace(part, entities=[*kept, named], clauses=())


def _without_swap(name: str) -> str:
    """Goods without what is done with them: "kurti badal"."""
    kept = name.split()
    while len(kept) > 1 and only(words(kept[-1]), "exchange.changing"):
        kept.pop()
    return " ".join(kept)


def size_changed(turn: Turn) -> str | None:
    """Goods of which another size was taken for the one that was sold: "kurti M ki jagah L le
    gaya"; None where the shop keeps sizes apart."""
    named = _size_taken(turn)
    placed = says(turn.words, "replaced")
    return named[0].value if named and placed and _of_sizes(turn) is None else None


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
