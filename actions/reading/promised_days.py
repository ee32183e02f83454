"""The day by which somebody promises something: "shukravar ko", "3 din me", "5 tarikh tak"."""

from __future__ import annotations

import re
from datetime import date

from actions.context import Turn
from actions.entities import period_of
from actions.lexicon import any_of, plain_words
from erp_core.kernel.hindi_dates import FIXED_DAYS, NEAR_DAYS, WEEKDAYS, parse_period
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.kernel.spelling import fold, roman

WINDOW = 4
_IN_DAYS = re.compile(rf"(\S+)\s+({any_of('written.counted')})\s+{any_of('written.within')}\b")
_IN_FIGURES = re.compile(r"\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{2,4})?")
_ORDINAL = re.compile(r"^(\d{1,2})(?:st|nd|rd|th)$", re.IGNORECASE)
_LOOSE = plain_words("written.beside_days")
_SHORTEST_DAY = 2
_NO_DAYS = plain_words("written.unsure_days")


def promised_day(turn: Turn) -> date | None:
    """The day by which a message promises something; of several days, the last."""
    plain = roman(turn.text).lower()
    counted = _IN_DAYS.search(plain)
    if counted and (number := parse_number(counted[1])):
        period = parse_period(f"{number} {counted[2]} baad", today=turn.today, lean="future")
        return period.end if period else None
    said = turn.first("date")
    if said is not None:
        named = _ORDINAL.sub(r"\1 tarikh", said.value)
        period = parse_period(named, today=turn.today, lean="future") or period_of(
            said, today=turn.today
        )
        if period:
            return period.end
    row = plain.split()
    for size in range(WINDOW, 0, -1):
        for at in range(len(row) - size + 1):
            window = row[at : at + size]
            if size == 1 and not names_a_day(window[0]):
                continue
            if window[0] in _LOOSE or window[-1] in _LOOSE:
                continue
            period = parse_period(" ".join(window), today=turn.today, lean="future")
            if period:
                return period.end
    return None


def names_a_day(word: str) -> bool:
    """Whether one word alone is a day; "mai" may be May, and is I."""
    if _IN_FIGURES.fullmatch(word):
        return True
    folded = fold(word)
    known = folded in NEAR_DAYS or folded in FIXED_DAYS or folded in WEEKDAYS
    return known and len(word) > _SHORTEST_DAY and word not in _NO_DAYS
