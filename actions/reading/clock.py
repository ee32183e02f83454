"""The hour that a message names: "8 baje", "12:30 tak", "12 30 baje", "10 in the morning", "i
will come at 5"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from actions.entities import NUMBERS, Entity
from actions.lexicon import any_of, says, which, words
from erp_core.kernel.clauses import Span
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.kernel.spelling import roman

_HOUR = re.compile(
    rf"(?<![\d.:])(?P<of_day>\d{{1,2}}(?:[:.]\d{{2}}|\s(?:00|15|30|45))?)"
    rf"\s*(?P<half>{any_of('written.oclock')}|am|pm)(?!\w)"
    r"|(?<![\d.:])(?P<by_colon>\d{1,2}:[0-5]\d)(?![\d:])"
    r"|(?<![\d.:])(?P<by_part>\d{1,2}(?::[0-5]\d)?)"
    r"(?=\s+(?:in the (?:morn|afternoon|even)|at night))"
    r"|(?<![\d.:])(?P<until>\d{1,2}\.[0-5]\d)(?=\s+(?:tak|तक))"
    rf"|(?<!\w){any_of('written.comes_at')}\s+(?P<at>\d{{1,2}})(?![\d.:,]|\s*[^\W\d])",
    re.IGNORECASE,
)
_MINUTES = re.compile(
    rf"(?<!\w)(?:in|within)\s+\d+\s*{any_of('in_minutes')}(?!\w)"
    rf"|(?<!\w)\d+\s*{any_of('in_minutes')}\s+{any_of('written.minutes_until')}(?!\w)",
    re.IGNORECASE,
)
_CLOCKS = ("of_day", "by_colon", "by_part", "until", "at")
_SPOKEN = re.compile(
    rf"(?:(\S+)\s+)?(\S+)\s+(?P<half>{any_of('written.oclock')})(?!\w)", re.IGNORECASE
)
"""What stands before "baje", where it may be an hour in words: "paanch baje", "sadhe 5 baje"."""
_BEHIND_PART = re.compile(
    rf"(?:.*?\s)?([^\s\d]+)\s+(?:(?P<by>{any_of('written.by_hour')})\s+)?(?P<hour>\d{{1,2}})\s*[.!?]?\s*",
    re.IGNORECASE | re.DOTALL,
)
"""A number at the end of a message: "tomorrow morning 11", which is its only one, or "2 kg besan
ladoo tomorrow morning by 7"."""
_HOURS_OF = {"morning": range(6, 13), "evening": range(4, 10)}
_LATEST = 12
"""A clock in India is read to twelve."""


def hour_said(text: str) -> tuple[str, str] | None:
    """("6:30", "pm"): the first hour that is named, and which half of the day, or nothing."""
    if (spoken := _spoken_hour(text)) is not None:
        return spoken
    plain = roman(text)
    hours = list(_HOUR.finditer(plain))
    kept = [one for one in hours if not says(words(plain[one.end() :])[:1], "negation")]
    for found in kept or hours:  # "1 baje nahi 2 baje"
        said = next(found[one] for one in _CLOCKS if found[one])
        hour = ":".join(said.replace(".", ":").split())
        if 0 < int(hour.split(":")[0]) <= _LATEST:
            return hour, (found["half"] or "").lower()
    behind = _behind_part(text)
    return (behind["hour"], "") if behind else None


def _behind_part(text: str) -> re.Match[str] | None:
    found = _BEHIND_PART.fullmatch(text)
    hours = _HOURS_OF.get(which(found[1], "parts_of_day") or "", range(0)) if found else range(0)
    alone = found and (found["by"] or not any(one.isdigit() for one in text[: found.start("hour")]))
    return found if found and alone and int(found["hour"]) in hours else None


def _spoken_hour(text: str) -> tuple[str, str] | None:
    """The hour of "paanch baje" and "sadhe 5 baje"; in figures alone it is read as it stands."""
    found = _SPOKEN.search(text)
    said = [one for one in found.groups()[:2] if one] if found else []
    for tried in (" ".join(said), said[-1] if said else ""):
        number = None if not tried or tried[0].isdigit() else parse_number(tried)
        if number is not None and 0 < number <= _LATEST and number * 4 % 1 == 0:
            hour, minutes = int(number), int(number % 1 * 60)
            clock = f"{hour}:{minutes:02}" if minutes else str(hour)
            return clock, found["half"].lower() if found else ""
    return None


def hours_in(text: str) -> list[Span]:
    """Where hours stand."""
    spans = [one.span() for one in _HOUR.finditer(text)]
    return spans + [one.span("hour") for one in (_behind_part(text),) if one]


def without_minutes(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """The entities without the minutes until somebody comes: "will pick up in 20 min"."""
    spans = [one.span() for one in _MINUTES.finditer(roman(text))]
    return [
        one
        for one in entities
        if not one.end or not any(one.start < end and start < one.end for start, end in spans)
    ]


def without_hours(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """The entities without the numbers of an hour, which count no goods."""
    spans = hours_in(text)
    return [
        one
        for one in entities
        if one.name not in NUMBERS
        or not one.end
        or not any(one.start < end and start < one.end for start, end in spans)
    ]
