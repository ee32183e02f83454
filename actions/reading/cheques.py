"""The number that stands on a cheque, or beside a payment by bank, which nobody keeps."""

from __future__ import annotations

import re

from actions.context import Turn
from actions.lexicon import any_of, says
from actions.reading.parts import without

_OF = rf"\b{any_of('written.number')}[\s.:#-]*(\d{{4,8}})(?!\w)"
_NUMBER = re.compile(
    rf"\b{any_of('written.cheque')}\b.*?{_OF}|{_OF}.*?\b{any_of('written.cheque')}\b",
    re.IGNORECASE,
)
"""The number on a cheque: "cheque no 445566"."""
_REFERENCE = re.compile(
    rf"\b(?P<cue>{any_of('written.reference')})(?:\s+{any_of('written.number')})?[\s.:#-]*"
    r"(?P<number>[A-Za-z]{0,6}\d[A-Za-z\d]{5,21})(?!\w)",
    re.IGNORECASE,
)
"""What a bank calls a payment: "utr SBIN5566778899"."""


def tells_reference(turn: Turn) -> bool:
    """Whether a message tells what a bank calls a payment."""
    return _REFERENCE.search(turn.text) is not None


def without_cheque_number(turn: Turn) -> Turn:
    """The message without the number of a cheque, which is neither a sum nor a no."""
    if reference := _REFERENCE.search(turn.text):
        return without(turn, *reference.span())
    found = _NUMBER.search(turn.text)
    if found is None or says(turn.words, "bill_words"):
        return turn
    number = found.lastindex or 1
    start = found.start(number)
    said = re.search(rf"{any_of('written.number')}[\s.:#-]*$", turn.text[:start], re.IGNORECASE)
    return without(turn, said.start() if said else start, found.end(number))


def tell_cheque_number(turn: Turn) -> Turn:
    """The same, and it is said that the number is not kept."""
    rest = without_cheque_number(turn)
    if reference := _REFERENCE.search(turn.text):
        turn.say("utter_reference_not_kept", said=reference["number"])
    elif rest is not turn:
        found = _NUMBER.search(turn.text)
        turn.say("utter_cheque_number_not_kept", said=found[found.lastindex or 1] if found else "")
    return rest
