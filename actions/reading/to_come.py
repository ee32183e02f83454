"""What a message tells of that is yet to come, beside what was done: "10000 diye, baaki somvar ko
dunga". Neither its day nor its sum is one of what was done."""

from __future__ import annotations

from actions.context import Turn
from actions.lexicon import says
from actions.reading.parts import part_of, without
from erp_core.kernel.clauses import Span, clauses


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
    return [span for span in clauses(turn.text)[1:] if _is_to_come(part_of(turn, span))]


def _is_to_come(part: Turn) -> bool:
    later = says(part.words, "rest") and (part.first("date") or says(part.words, "skip"))
    planned = later or says(part.words, "tense.future")
    return bool(planned) and not says(part.words, "tense.past")
