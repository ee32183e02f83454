"""The licences that stand on bills: "fssai 10012022000123", "drug licence 20B/TN/1234".

Told by their wording alone; fees that are paid for one are an expense.
"""

from __future__ import annotations

import re

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.lexicon import only, says, words
from erp_core.parties.permissions import Permission
from erp_core.parties.queries import business
from erp_core.parties.service import change_business

_NUMBER = (
    r"(?:\s*(?:\b(?:no|number|num|nambar|lic|licen[cs]e|ka|hai|is)\b\.?|[#:=-]"
    r"|नंबर|नम्बर|लाइसेंस|का|है))*\s*"
)
_FSSAI = re.compile(
    r"(?:\bfssai\b|\bfood\s+licen[cs]e\b|एफ़?एसएसएआई|फ़?ूड\s+लाइसेंस)"
    rf"{_NUMBER}(\d[\d\s-]{{8,20}}\d)?(?!\d)",
    re.IGNORECASE,
)
_DRUG = re.compile(
    r"(?:\b(?:drug|dawa|dava|dawai|medicine)s?\s+(?:ka\s+)?(?:licen[cs]e|laisens|lic)\b\.?"
    rf"|(?:दवा|दवाई|ड्रग)\s+(?:का\s+)?लाइसेंस){_NUMBER}(.*)",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s*(?:,|&|\baur\b|\band\b|और)\s*", re.IGNORECASE)
_CODE = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9./-]*")
_FIELDS = {"fssai": "fssai", "drug": "drug_licence"}


def serve(turn: Turn) -> list[EventType] | None:
    """Note a licence that a message names, or tell the one that stands; None where it is about
    something else."""
    if not turn.is_user or turn.is_not_words or turn.metadata.get("kind") == "button":
        return None
    fssai, drug = _FSSAI.search(turn.text), _DRUG.search(turn.text)
    if fssai and fssai[1]:
        return _note(turn, "fssai", fssai[1])
    if drug and (codes := _codes(drug[1])):
        return _note(turn, "drug", codes)
    asked = says(turn.words, "asking") and not turn.first("amount")
    if asked and (fssai or drug):
        return _tell(turn, "fssai" if fssai else "drug")
    return None


def _codes(text: str) -> str | None:
    """The numbers of a licence, with commas; None where the words are about something else."""
    parts = [
        " ".join(word for word in part.split() if not only(words(word), "filler"))
        for part in _BETWEEN.split(text.strip(" .!।"))
    ]
    numbers = [part for part in parts if part]
    whole = "".join(numbers)
    coded = all(_CODE.fullmatch(word) for part in numbers for word in part.split())
    if (
        not numbers
        or not coded
        or not (re.search(r"[A-Za-z/-]", whole) or len(whole) > len("123456"))
    ):
        return None
    return ", ".join(numbers)


def _note(turn: Turn, which: str, number: str) -> list[EventType]:
    if not turn.may(Permission.CHANGE_BUSINESS):
        turn.say("error_not_allowed")
        return []
    turn.run(change_business, **{_FIELDS[which]: number})
    name = turn.line(f"word_licence_{which}")
    turn.say("utter_licence_set", name=name, number=_known(turn, which))
    return []


def _tell(turn: Turn, which: str) -> list[EventType]:
    name, number = turn.line(f"word_licence_{which}"), _known(turn, which)
    if number:
        turn.say("utter_licence_told", name=name, number=number)
    else:
        turn.say("utter_licence_unknown", name=name, how=turn.line(f"word_how_{which}"))
    return []


def _known(turn: Turn, which: str) -> str | None:
    with turn.read() as reader:
        number: str | None = getattr(business(reader), _FIELDS[which])
    return number
