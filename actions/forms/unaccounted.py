"""What a card leaves out: each number of the message that it came of is on it, or is told back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import combinations, pairwise
from typing import NamedTuple

from rasa_sdk import Tracker

from actions.context import Turn
from actions.entities import NUMBERS, Entity, number_of
from actions.forms.draft import Draft
from actions.lexicon import only, says, words
from actions.reading.sacks_weighed import SAID_AGAIN
from actions.waiting import SLOT
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.kernel.quantity import DOZEN, PLACES, plain

_NUMBER = re.compile(r"(?<![^\W_])\d[\d,]*(?:\.\d+)?")
_FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)?")
"""One on a card may stand in a name: "Kaju W320"."""
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_CHANGE = re.compile(r"(\d[\d,.]*)[ ]*(?:→|[^\W\d]\S*)[ ]*\*₹?(\d[\d,.]*)")
"""What stood before and stands now: "24 → *29", "₹40 se *₹38*"."""
_NO_COUNT = re.compile(
    r"\d{1,2}\.[0-5]\d(?=\s+(?:tak|baje|bje|am|pm|तक|बजे))|\d+(?:\s*[-/:]\s*\d+)+|\d+/-|\S*[^\W\d_]\d\S*|\d{7,}|[a-z]{2}\s?\d{1,2}\s?[a-z]{1,3}\s?\d{4}\b|\d+(?:st|nd|rd|th)\b",
    re.IGNORECASE,
)
"""Dates, hours, fractions, numbers of vehicles and papers, phones."""
OTHERWISE = [Decimal(one) for one in ("1", "12", "1000", "100000", "100", "0.001", "0.25", "0.5")]
"""What a number may be shown times: a dozen in pieces, kilograms in grams, lakhs, paise."""
SAID_ANEW = ("negation", "undoing.said_anew", "undoing.sorry", "in_place_of", "buyers.had_asked")
"""Where these stand, one number of a message may be there for the other."""
TOLD_OF = ("counted_beside", "stock.on_paper")
PAISA = Decimal("0.01")
NEAR = 2
_ABOUT = (" ", "-", " - ")
_LESS = re.compile(r"(?<![\w.,/-])(\d+)\s?-\s?$")
"""So many words behind a number tell whether it counts anything."""


def tell_unaccounted(turn: Turn, tracker: Tracker, draft: Draft) -> None:
    """Tell back the numbers of a message that are nowhere on the card that came of it.

    A last look: whatever was misread, a count or a sum that was said does not vanish.
    """
    if draft.id != turn.new_id() or any(says(turn.words, cues) for cues in SAID_ANEW):
        return
    told = [*_told(tracker), *(str(one.get("text") or "") for one in turn.dispatcher.messages)]
    kept = _ID.sub("", json.dumps([tracker.slots.get(SLOT), draft["change"], draft["least"]]))
    shown = set(_shown("\n".join([*told, kept]), turn.today))
    said = list(_said(turn))
    figures = {_value(one[0]) for one in _NUMBER.finditer(turn.text)}
    values = [one.value for one in said]
    made = _made_of([*values, *(figures - set(values))], shown)
    made |= _in_dozens(draft, values, shown)
    about = list(_about(turn, draft))
    lost = [one for one in said if one.value not in made and not _is_among(shown, one.value)]
    lost = [one for one in lost if not any(one.end == start for start, *_ in about)]
    left = [one.words for one in lost if not _is_told_of(turn.text, one, shown)]
    if not left and not about:
        return
    card = turn.dispatcher.messages.pop()
    for _, both, kept in about:
        turn.say("utter_one_of_two", said=both, count=plain(kept))
    if left:
        turn.say("utter_not_in_it", said=", ".join(left))
    turn.dispatcher.messages.append(card)


def _about(turn: Turn, draft: Draft) -> Iterator[tuple[int, str, Decimal]]:
    """Where "do teen kilo" says about how much, and one of the two is on the card: where the first
    of them ends, both as they were said, and the one that is written."""
    counted = {Decimal(one["quantity"]) for one in draft["lines"] or [] if one.get("quantity")}
    for less, more in pairwise([one for one in turn.all("quantity") if one.end]):
        values = (number_of(less), number_of(more))
        kept = [one for one in values if one in counted]
        between = turn.text[less.end : more.start]
        if None not in values and values[0] < values[1] and len(kept) == 1 and between in _ABOUT:
            yield less.end, turn.text[less.start : more.end], kept[0]
    for one in turn.all("quantity"):
        before, value = _LESS.search(turn.text[: one.start]), number_of(one)
        if before and value in counted and _value(before[1]) < (value or 0):
            yield before.end(1), turn.text[before.start() : one.end], value or Decimal(0)


def _is_among(shown: set[Decimal], value: Decimal) -> bool:
    return any(value * each in shown for each in OTHERWISE)


def _made_of(values: Sequence[Decimal], shown: set[Decimal]) -> set[Decimal]:
    """The numbers of which two make one that is shown: "100 diye, 58 wapas", "4 dabbe 12 wale",
    "100 kilo 4000 ka"."""
    return {
        each
        for one, other in combinations(values, 2)
        if _comes_of(one, other) & (shown - {Decimal(0)})
        for each in (one, other)
    }


def _comes_of(one: Decimal, other: Decimal) -> set[Decimal]:
    """What two numbers make of each other, also what one of so many comes to."""
    less, more = sorted((one, other))
    each = {more / less} if less > 1 else set()
    return {one + other, more - less, one * other, *each}


def _in_dozens(draft: Draft, values: Sequence[Decimal], shown: set[Decimal]) -> set[Decimal]:
    """The numbers of pieces of which the card shows how many dozens they are."""
    if not any(one.get("unit") == "dozen" for one in draft["lines"] or []):
        return set()
    return {one for one in values if (one / DOZEN).quantize(PLACES) in shown}


def _told(tracker: Tracker) -> Iterator[str]:
    """What the latest message was answered so far."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return
        if event.get("event") == "bot":
            yield str(event.get("text") or "")


def _shown(text: str, today: date) -> Iterator[Decimal]:
    """The numbers of a text, by how much it changes one, and the days until a date."""
    for one in _FIGURE.finditer(text):
        yield _value(one[0])
    for before, after in _CHANGE.findall(text):
        yield abs(_value(after) - _value(before))
    for one in _DATE.findall(text):
        yield Decimal(abs((date.fromisoformat(one) - today).days))


class _Number(NamedTuple):
    words: str
    """As it was written, with the word behind it."""
    value: Decimal
    end: int


def _said(turn: Turn) -> Iterator[_Number]:
    """The numbers of a message. What a buyer offers or has paid is answered apart from the card."""
    text = _NO_COUNT.sub(lambda one: " " * len(one[0]), turn.text)
    marked = _joined(turn)
    for one in marked:
        value = number_of(one)
        told = not turn.is_user and one.name == "amount"
        if value is not None and text[one.start : one.end].strip() and not told:
            yield _number(text, one.start, one.end, abs(value))
    again = [one for one in turn.entities if one.name == SAID_AGAIN]
    for found in _NUMBER.finditer(text):
        if not any(one.start <= found.start() < one.end for one in (*marked, *again)):
            yield _number(text, *found.span(), _value(found[0]))


def _joined(turn: Turn) -> list[Entity]:
    """The numbers that are marked; "do hazaar paanch sau" in two pieces is one."""
    joined: list[Entity] = []
    for one in [each for each in turn.entities if each.name in NUMBERS and each.end]:
        whole = turn.text[joined[-1].start : one.end] if joined else ""
        if joined and parse_number(whole) is not None:
            joined[-1] = replace(joined[-1], value=whole, normalized=None, end=one.end)
        else:
            joined.append(one)
    return joined


def _is_told_of(text: str, number: _Number, shown: set[Decimal]) -> bool:
    """Whether a number counts no goods, or is the percentage at which one that is shown was taken
    of another."""
    behind = words(" ".join(text[number.end :].split()[:NEAR]))
    if text[number.end :].lstrip().startswith("%") or only(behind[:1] or ("-",), "percent"):
        return any((one * number.value / 100).quantize(PAISA) in shown for one in shown)
    if only(behind[:1] or ("-",), "undoing.paise") and number.value / 100 in shown:
        return True
    had_been = only(behind[:1] or ("-",), "had_been")
    return had_been or any(says(behind, cues) for cues in TOLD_OF)


def _number(text: str, start: int, end: int, value: Decimal) -> _Number:
    return _Number(" ".join([text[start:end], *text[end:].split()[:1]]), value, end)


def _value(said: str) -> Decimal:
    return Decimal(said.replace(",", "").rstrip(".") or 0)
