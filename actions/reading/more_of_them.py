"""More of the same goods in one breath: "subah 3 thali bechi, shaam ko 2 aur"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from actions.entities import Entity, number_of
from actions.lexicon import only, says, which, words
from erp_core.kernel.quantity import plain

_BESIDE = ("filler", "sold", "few_words.beside", "took")


def with_more_of_them(text: str, intent: str, entities: Sequence[Entity]) -> list[Entity]:
    """The entities with all that was sold of the only goods of a message as one count."""
    goods = [one for one in entities if one.name == "product_name" and one.end]
    counts = [one for one in entities if one.name == "quantity" and one.end]
    kinds = {one.name for one in entities}
    if intent != "order_create" or len(goods) != 1 or len(counts) != 2 or "unit" in kinds:
        return list(entities)
    first, second = counts
    numbers = [number_of(one) for one in counts]
    if second.start < goods[0].end or None in numbers or not _adds(text, first, second, entities):
        return list(entities)
    total = replace(first, normalized=plain(sum(filter(None, numbers), Decimal(0))))
    return [total if one is first else one for one in entities if one is not second]


def _adds(text: str, first: Entity, second: Entity, entities: Sequence[Entity]) -> bool:
    """Whether goods were sold, and behind the second count stands that it is more of them, and
    nothing of another kind."""
    before, behind = words(text[first.end : second.start]), words(text[second.end :])
    if not (says(before, "sold") or says(behind, "sold")) or not only(behind[:1] or ("-",), "more"):
        return False
    named = {word for one in entities if one.start >= second.end for word in words(one.value)}
    return all(
        one in named or which(one, "methods") or any(only([one], cue) for cue in _BESIDE)
        for one in behind[1:]
    )
