"""What is said around a wish and is no part of it: "ek kaam karo", "do one thing", "hai na"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from actions.entities import Entity
from actions.lexicon import any_of, where, words
from actions.reading.pieces import EACH_WORD, overlaps

_TAG = re.compile(
    rf"(?<![\w\u0900-\u0963]){any_of('written.told_so')}\s+({any_of('written.tag')})(?=\s+\w)",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    rf"(?<![\w\u0900-\u0963]){any_of('price.by_the_way')}(?![\w\u0900-\u0963])", re.IGNORECASE
)
"""As it is spelt: "maggi ek kam karo" asks for one less."""


def without_tags(text: str) -> str:
    """A text with blanks for each "na" that only asks to be heard: "pushpa aayi thi na woh 2 maggi
    le gayi". At the end it may ask to be agreed with, and stays. "Ek kaam karo" goes with them,
    which makes nothing less."""
    for one in _TAG.finditer(text):
        text = _blanked(text, one.span(1))
    said = _ASIDE.search(text)
    rest = _blanked(text, said.span()) if said else ""
    return rest if any(one.isalnum() for one in rest) else text


def _blanked(text: str, span: tuple[int, int]) -> str:
    return f"{text[: span[0]]}{' ' * (span[1] - span[0])}{text[span[1] :]}"


def without_asides(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """The entities without the one and the thing of "kindly do one thing, send 2 maggi"."""
    said = list(EACH_WORD.finditer(text))
    found = where([" ".join(words(one[0])) for one in said], "price.by_the_way")
    if found is None:
        return list(entities)
    span = (said[found[0]].start(), said[found[1] - 1].end())
    return [one for one in entities if not (one.end and overlaps(one, span))]
