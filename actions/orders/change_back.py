"""What is given back on money for goods that are being written: "500 diye, kitna wapas doon"."""

from __future__ import annotations

import re

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import NUMBERS, Entity, number_of
from actions.lexicon import only, says, where, words
from actions.match import just_spoken_of, recent
from erp_core.invoicing import queries as invoices
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.kernel.money import inr
from erp_core.parties.permissions import Permission

_DIGITS = re.compile(r"\d[\d,]*(?:\.\d+)?")


def note_given(turn: Turn) -> int | None:
    """The money of which it is asked what goes back, in paise."""
    if not turn.is_user or turn.is_not_words or turn.first("product_name"):
        return None
    asked = says(turn.words, "asking") or "?" in turn.text
    if not asked or not says(turn.words, "change_back.back"):
        return None
    beside = ("filler", "change_back.back", "change_back.beside", "asking", "money_words")
    named = {word for one in turn.entities for word in words(one.value)}
    said = [one for one in turn.words if one not in named and not one.isdigit()]
    if not all(any(only([one], cue) for cue in beside) for one in said):
        return None
    sums = {number_of(one) for one in turn.entities if one.name in NUMBERS}
    told = sums or {parse_number(one) for one in _DIGITS.findall(turn.text)}
    rupees = told.pop() if len(told) == 1 else None
    return int(rupees * 100) if rupees else None


def handed_over(turn: Turn) -> Entity | None:
    """The sum of goods that were sold in the same breath which is no price of them: a note that was
    given, or of which it is asked what goes back."""
    goods, sums = turn.all("product_name"), turn.all("amount")
    if not turn.is_user or not goods or not sums:
        return None
    behind = words(turn.text[sums[-1].end :])
    asked = says(behind, "change_back.back") and says(behind, "asking")
    note = where(behind, "a_note")
    if sums[-1].start < goods[-1].end and not (asked and note is not None and not note[0]):
        return None
    return sums[-1] if asked or (note is not None and not note[0]) else None


def asks_change(turn: Turn) -> bool:
    """ "Ek customer 500 ka note de gaya 3 samosa ke, kitna wapas du": a sale, whatever it was taken
    for, of which the change is told."""
    if turn.is_not_words or turn.first("quantity") is None or handed_over(turn) is None:
        return False
    return says(turn.words, "change_back.back") and says(turn.words, "asking")


def change_told(turn: Turn) -> Entity | None:
    """The change of a sale that was given back: "4 lux becha 500 diye 356 wapas kiye"."""
    goods, sums = turn.all("product_name"), turn.all("amount")
    if not turn.is_user or not goods or not sums or sums[-1].start < goods[-1].end:
        return None
    back = where(words(turn.text[sums[-1].end :]), "dues.gave_back")
    before = words(turn.text[: sums[-1].start])
    sold = says(before, "sold") or says(before, "a_note")
    return sums[-1] if sold and back is not None and not back[0] else None


def tell_change(turn: Turn, given: int, total: int) -> None:
    """Tell what goes back of the money that was given, or what is missing."""
    response = "utter_change_back" if given > total else "utter_change_short"
    if given == total:
        response = "utter_change_none"
    turn.say(response, given=inr(given), total=inr(total), rest=inr(abs(given - total)))


def tell_change_of_bill(turn: Turn) -> list[EventType] | None:
    """The same right after a bill was made; with none, there is nothing to count from."""
    given = None if turn.slots.get("draft") else note_given(turn)
    if given is None or not turn.may(Permission.CREATE_INVOICE):
        return None
    bill = recent(turn, "invoice") if just_spoken_of(turn, "invoice") else None
    if bill is None:
        turn.say("utter_did_not_get_that")
        return []
    with turn.read() as reader:
        total = invoices.invoice(reader, bill).total_paise
    tell_change(turn, given, total)
    return []
