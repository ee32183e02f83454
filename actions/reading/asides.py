"""What is said around a wish and is no part of it: "ek kaam karo", "do one thing"."""

from __future__ import annotations

from collections.abc import Sequence

from actions.entities import Entity
from actions.lexicon import where, words
from actions.reading.pieces import EACH_WORD, overlaps


def without_asides(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """The entities without the one and the thing of "kindly do one thing, send 2 maggi"."""
    said = list(EACH_WORD.finditer(text))
    found = where([" ".join(words(one[0])) for one in said], "price.by_the_way")
    if found is None:
        return list(entities)
    span = (said[found[0]].start(), said[found[1] - 1].end())
    return [one for one in entities if not (one.end and overlaps(one, span))]
