"""Phone numbers as they are spoken: "nau aath saat chhah …", "अट्ठानवे सौ छिहत्तर चौवन बत्तीस दस"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from actions.entities import NAMES, Entity
from actions.lexicon import only, says, words
from actions.reading.pieces import overlaps, piece
from erp_core.kernel.hindi_numbers import parse_number

DIGITS = 10
_COUNTRY = ("91", "0")
_FEWEST_WORDS = 4
_WORD = re.compile(r"[^\s,;.\-]+")
_MOBILE = re.compile(r"[6-9]\d{9}")
_TWO_DIGITS, _HUNDRED = 99, 100
_TIMES = (("phone_digits.double", 2), ("phone_digits.triple", 3))


def phones_spoken(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """The entities with a phone number whose digits were said in a row, where a message is nothing
    else or says that it is one; and nobody is called "Sunil number"."""
    named = [_without_its_word(one) for one in entities]
    row = list(_WORD.finditer(text))
    at = 0
    while at < len(row):
        said, behind = _digits_from(row, at)
        number, first = _mobile(said), row[at].start()
        last = row[behind - 1].end() if behind else first
        if number and behind - at >= _FEWEST_WORDS and _is_told(text, named, (first, last)):
            kept = [one for one in named if not overlaps(one, (first, last))]
            return sorted(
                [*kept, Entity("customer_phone", number, start=first, end=last)],
                key=lambda one: one.start,
            )
        at = max(at + 1, behind)
    return named


def with_figures(text: str, entities: Sequence[Entity]) -> tuple[str, list[Entity]]:
    """The text with the figures of phone numbers in the place of their words."""
    found = list(entities)
    for one in [each for each in entities if each.name == "customer_phone" and each.end]:
        here = next(each for each in found if each.name == one.name and each.value == one.value)
        longer = len(one.value) - (here.end - here.start)
        if not longer and text[here.start : here.end] == one.value:
            continue
        text = f"{text[: here.start]}{one.value}{text[here.end :]}"
        found = [_moved(each, here, longer) for each in found]
    return text, found


def _moved(one: Entity, phone: Entity, by: int) -> Entity:
    if one is phone:
        return replace(one, end=one.end + by)
    return replace(one, start=one.start + by, end=one.end + by) if one.start > phone.start else one


def _is_told(text: str, entities: Sequence[Entity], span: tuple[int, int]) -> bool:
    rest = words(text[: span[0]] + " " + text[span[1] :])
    marked = any(one.name == "customer_phone" and overlaps(one, span) for one in entities)
    return not rest or marked or says(rest, "address.phone")


def _without_its_word(one: Entity) -> Entity:
    """A name without the "number" behind it."""
    name, _, last = one.value.rpartition(" ")
    if one.name in NAMES and one.end and name and only(words(last) or ("",), "address.phone"):
        return _without_its_word(piece(one, 0, len(name), one.name))
    return one


def _mobile(digits: str) -> str | None:
    for code in _COUNTRY:
        if len(digits) == DIGITS + len(code):
            digits = digits.removeprefix(code)
    return digits if _MOBILE.fullmatch(digits) else None


def _digits_from(row: Sequence[re.Match[str]], at: int) -> tuple[str, int]:
    """The digits that are said from a word on, and where the next word stands."""
    digits = ""
    while at < len(row) and len(digits) < DIGITS + 2:
        said, behind = _digits_at([one[0] for one in row[at : at + 3]])
        if not said:
            break
        digits, at = digits + said, at + behind
    return digits, at


def _digits_at(said: Sequence[str]) -> tuple[str, int]:
    """The digits of the word that stands first, and of how many words."""
    for cue, times in _TIMES:
        if only(words(said[0]) or ("",), cue) and len(said) > 1 and len(_digits(said[1])) == 1:
            return _digits(said[1]) * times, 2
    first, *rest = [_digits(one) for one in said]
    if first and not said[0].isdigit() and len(rest) and _is_hundred(said[1]):
        hundreds = int(first) * _HUNDRED
        over = int(rest[1]) if len(rest) > 1 and rest[1] else 0
        return str(hundreds + over), 3 if over else 2
    return first, 1 if first else 0


def _digits(word: str) -> str:
    if word.isdecimal():
        return "".join(str(int(one)) for one in word)
    if only(words(word) or ("",), "phone_digits.zero"):
        return "0"
    number = parse_number(word)
    whole = number is not None and number == int(number) and 0 <= number <= _TWO_DIGITS
    return str(int(number)) if whole and number is not None else ""


def _is_hundred(word: str) -> bool:
    return parse_number(word) == _HUNDRED and not word.isdecimal()
