"""Counts that answer for several goods at once: "1 aur 2", "ek ek", "dono 3"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from actions.context import Turn
from actions.lexicon import only, says, words
from erp_core.kernel.hindi_numbers import parse_number

_APART = re.compile(r"[\s,;&+/-]+")


def counts_in_a_row(
    turn: Turn, lines: Sequence[dict[str, Any]], asked: dict[str, Any]
) -> list[tuple[dict[str, Any], Decimal]]:
    """Each of the goods that wait for a count, with its own, in the order in which they were said;
    empty where a message says more than that."""
    if asked.get("kind") != "quantity" or turn.all("product_name"):
        return []
    waiting = [one for one in lines[asked["index"] :] if not one.get("quantity")]
    said = _numbers_alone(turn.text)
    if len(waiting) < 2 or not said:
        return []
    if len(set(said)) == 1 and (len(said) == 2 or says(turn.words, "buyers.of_each")):
        said = said[:1] * len(waiting)
    return list(zip(waiting, said, strict=True)) if len(said) == len(waiting) else []


def _numbers_alone(text: str) -> list[Decimal]:
    """The numbers of a message that holds nothing else; each is one word."""
    found = []
    for word in filter(None, _APART.split(text.strip())):
        number = parse_number(word)
        if number is not None and number > 0:
            found.append(number)
        elif not all(
            any(only([one], cue) for cue in ("filler", "joining", "buyers.of_each"))
            for one in words(word)
        ):
            return []
    return found
