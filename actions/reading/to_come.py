"""What a message tells of that is yet to come, beside what was done: "10000 diye, baaki somvar ko
dunga". Neither its day nor its sum is one of what was done."""

from __future__ import annotations

import re

from actions.context import Turn
from actions.lexicon import only, says, words
from actions.reading.parts import part_of, without
from erp_core.kernel.clauses import Span, clauses

_WORD = re.compile(r"\S+")


def without_plans(turn: Turn) -> Turn:
    """The message without what is yet to come, which is said to be left out; all of it where
    nothing else has a sum."""
    for span in reversed(_plans(turn)):
        rest = without(turn, *span)
        if rest.first("amount") or rest.first("quantity"):
            turn.say("utter_not_in_it", said=turn.text[slice(*span)].strip())
            turn = rest
    return turn


def _plans(turn: Turn) -> list[Span]:
    spans = clauses(turn.text)
    ends = [end for span in spans if (end := _end_to_come(turn, span))]
    return sorted([*(one for one in spans[1:] if _is_to_come(part_of(turn, one))), *ends])


def _end_to_come(turn: Turn, span: Span) -> Span | None:
    """ "… 7000 diya baki agle hafte": what ends a part with the rest and its day, and no sum."""
    for word in _WORD.finditer(turn.text, *span):
        start = (word.start(), span[1])
        part, before = part_of(turn, start), part_of(turn, (span[0], word.start()))
        if not (before.first("amount") and only(words(word[0]), "rest")):
            continue
        done = part.first("amount") or says(part.words, "tense.past")
        if part.first("date") and not done:
            return start
    return None


def _is_to_come(part: Turn) -> bool:
    later = says(part.words, "rest") and (part.first("date") or says(part.words, "skip"))
    planned = later or says(part.words, "tense.future")
    return bool(planned) and not says(part.words, "tense.past")
