"""When an order is wanted: "kal subah bhej dena", "8 baje tak chahiye", "shaam ko le lunga"."""

from __future__ import annotations

import re
from datetime import date

from actions.context import Turn
from actions.forms.draft import Draft
from actions.lexicon import beside, only, says, where, which, words
from actions.reading.clock import hour_said
from actions.reading.wanted_words import PARTS_OF_DAY, wanted_words
from actions.reading.when import span_said
from erp_core.kernel.hindi_dates import FIXED_DAYS, NEAR_DAYS, WEEKDAYS, parse_period

NOON = 12
_DAY_OF_MONTH = re.compile(r"\b\d{1,2}(?:st|nd|rd|th)?\s+[a-z]{4,9}\b", re.IGNORECASE)
"""What may be a day that nobody marked: "20th december"."""
_ENGLISH_THE = re.compile(r"\b(?:in|by|at|on|for|of|to|from)\s+the\b", re.IGNORECASE)
"""Where "the" is no Hindi for "were"."""
_ORDINAL = re.compile(r"^(\d{1,2})(?:st|nd|rd|th)$", re.IGNORECASE)


def note_wanted(turn: Turn, draft: Draft) -> bool:
    """Take into the draft when its goods are wanted; whether the message says it. What was is no
    wish, and neither is the time at which somebody asks something."""
    told = words(_ENGLISH_THE.sub(" ", turn.text))
    if turn.is_not_words or not turn.text or says(told, "tense.past"):
        return False
    asks = "?" in turn.text or says(turn.words, "asking")
    cues = ("wanting", "buyers.books")
    booked = turn.first("product_name") and any(says(turn.words, one) for one in cues)
    booked = not turn.is_user and booked
    if (asks and not (booked or turn.first("quantity"))) or is_unwanted(turn):
        return False
    on, at = _day(turn), _time(turn)
    if on is None and at is None:
        return False
    before = draft["wanted"] or {}
    draft["wanted"] = {"on": on or before.get("on"), "at": at or before.get("at")}
    return draft["wanted"] != before


def _is_refused(turn: Turn, said: str) -> bool:
    """The today of "aaj nahi, kal bhejna"."""
    behind = zip(turn.words, turn.words[1:], strict=False)
    return any(words(said)[-1:] == (one,) and only([next_], "negation") for one, next_ in behind)


def refuses_day(turn: Turn) -> bool:
    """ "Parso nahi itwar ko": one day is refused, and another named."""
    refused = any(one in _DAYS and _is_refused(turn, one) for one in turn.words)
    coming = coming_day(turn) if refused else None
    return coming is not None and any(
        one in _DAYS and not _is_refused(turn, one) for one in turn.words
    )


def is_unwanted(turn: Turn) -> bool:
    """ "Kal mat bhejna", but not "kal ghee nahi chahiye, paneer chahiye"."""
    said, timed = turn.words, coming_day(turn) is not None or span_said(turn)
    refused = says(said, "daily.stops") and not says(beside(said, "daily.stops"), "wanting")
    return bool(timed and refused) and not sends_later(turn)


def sends_later(turn: Turn) -> bool:
    """ "Abhi mat bhejna kal bhejenge": not now, but on the day that is named behind it."""
    found = where(turn.words, "daily.stops")
    behind = turn.words[found[1] :] if found else ()
    goes = says(behind, "wanted.moves") and not says(behind, "negation")
    return goes and any(one in _DAYS for one in behind)


def coming_day(turn: Turn) -> date | None:
    """The one day to come that is named."""
    named = [one.value for one in turn.all("date")] or _unmarked_days(turn)
    kept = [one for one in named if not _is_refused(turn, one)]
    if named and not kept:  # "parso nahi itwar ko", of which only the first is marked
        kept = [one for one in turn.words if one in _DAYS and not _is_refused(turn, one)]
    named = kept or named
    unmarked = _DAY_OF_MONTH.findall(turn.text)
    for said in (" ".join(named), *named, *map(_bare_day, named), *unmarked):
        period = parse_period(said, today=turn.today, lean="future") if said else None
        if period and period.start == period.end >= turn.today:
            return period.start
    return None


def _unmarked_days(turn: Turn) -> list[str]:
    """Days as nobody marked them; "call" is none, though it is folded like "kal"."""
    spelt = ((one, word) for one in turn.text.split() for word in words(one))
    return [w for one, w in spelt if w in _DAYS and (not one.isascii() or w[0] in one.lower())]


def _bare_day(said: str) -> str:
    """ "28th morning" is the 28th."""
    kept = " ".join(one for one in said.split() if which(one, "parts_of_day") is None)
    return _ORDINAL.sub(r"\1 tarikh", kept)


def _day(turn: Turn) -> str | None:
    """The day to come that is named, or counted: "2 din me"."""
    if (named := coming_day(turn)) is not None:
        return named.isoformat()
    ahead = span_said(turn) if says(turn.words, "wanted.within") else None
    return date.fromordinal(turn.today.toordinal() + ahead).isoformat() if ahead else None


_DAYS = frozenset({*NEAR_DAYS, *FIXED_DAYS, *(one for one in WEEKDAYS if len(one) > len("fri"))})
"""Days that are found where nobody marked them; "free" is written as short as Friday."""


def _time(turn: Turn) -> str | None:
    """The part of the day, the hour, or both: "evening 6:30"."""
    part = which(" ".join(beside(turn.words, "wishes_by_the_hour")), "parts_of_day")
    found = hour_said(turn.text)
    if found is None:
        return part
    hour, half = found
    if part is None and half in ("am", "pm"):
        part = _half(half, int(hour.split(":")[0]))
    return f"{part} {hour}" if part in PARTS_OF_DAY else hour


def _half(half: str, hour: int) -> str:
    """ "7 pm" is in the evening."""
    if half == "am":
        return "morning"
    if hour == NOON or hour < 4:
        return "noon"
    return "evening" if hour < 8 else "night"


def of_draft(draft: Draft) -> tuple[date | None, str | None]:
    """The day and the time, as commands take them."""
    kept = draft["wanted"] or {}
    return (date.fromisoformat(kept["on"]) if kept.get("on") else None), kept.get("at")


def wanted_line(turn: Turn, draft: Draft) -> str:
    """The same, as a row of what is shown before it is written."""
    when = wanted_words(turn.phrasebook, turn.language, *of_draft(draft))
    return "\n" + turn.line("line_wanted", when=when) if when else ""
