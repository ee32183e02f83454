"""When festivals are, year by year: dated data, since the moon keeps no calendar of ours.

2024 to 2026 follow the Central Government's yearly lists of gazetted and restricted holidays
(Department of Personnel and Training); what stands on none of them, and 2027 and 2028, follow the
almanac for Ujjain. Days that depend on the sighting of the moon (Eid, Bakrid, Muharram, Milad) may
be a day off. A year that is not here is not understood.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from erp_core.kernel.spelling import fold


@dataclass(frozen=True)
class Festival:
    """A festival: how it is called, folded, and its (first day, last day) in each known year."""

    names: frozenset[tuple[str, ...]]
    days: tuple[tuple[date, date], ...]


_MOVING = {
    "makar sankranti, sankranti, pongal, uttarayan, khichdi": "2024-01-15 2025-01-14 2026-01-14 "
    "2027-01-15 2028-01-15",
    "basant panchami, vasant panchami, saraswati puja": "2024-02-14 2025-02-02 2026-01-23 "
    "2027-02-11",
    "shivratri, mahashivratri, maha shivratri": "2024-03-08 2025-02-26 2026-02-15 2027-03-06",
    "holi, dhulandi, dhuleti": "2024-03-25 2025-03-14 2026-03-04 2027-03-22 2028-03-11",
    "gudi padwa, ugadi, yugadi": "2024-04-09 2025-03-30 2026-03-19 2027-04-07",
    "ram navami, ramnavami, ramnaumi": "2024-04-17 2025-04-06 2026-03-26 2027-04-15",
    "mahavir jayanti": "2024-04-21 2025-04-10 2026-03-31",
    "good friday": "2024-03-29 2025-04-18 2026-04-03 2027-03-26 2028-04-14",
    "easter": "2024-03-31 2025-04-20 2026-04-05 2027-03-28 2028-04-16",
    "eid, eid ul fitr, id ul fitr, meethi eid, ramzan eid": "2024-04-11 2025-03-31 2026-03-21 "
    "2027-03-10",
    "akshaya tritiya, akha teej": "2024-05-10 2025-04-30 2026-04-19 2027-05-09",
    "buddha purnima": "2024-05-23 2025-05-12 2026-05-01 2027-05-20",
    "bakrid, bakra eid, eid ul adha, id ul zuha, bakra id": "2024-06-17 2025-06-07 2026-05-27 "
    "2027-05-17",
    "muharram, moharram": "2024-07-17 2025-07-06 2026-06-26",
    "rakhi, raksha bandhan, rakshabandhan": "2024-08-19 2025-08-09 2026-08-28 2027-08-17",
    "janmashtami, janamashtami, krishna janmashtami": "2024-08-26 2025-08-16 2026-09-04 2027-08-25",
    "milad, milad un nabi, id e milad, eid e milad, barawafat": "2024-09-16 2025-09-05 2026-08-26",
    "ganesh chaturthi, ganpati, ganesh chauth": "2024-09-07 2025-08-27 2026-09-14 2027-09-04",
    "onam": "2024-09-15 2025-09-05 2026-08-26",
    "navratri, navratra, navratre, navaratri": "2024-10-03/2024-10-11 2025-09-22/2025-10-01 "
    "2026-10-11/2026-10-19 2027-09-30/2027-10-08",
    "dussehra, dusehra, dashahra, dasara, vijayadashami": "2024-10-12 2025-10-02 2026-10-20 "
    "2027-10-09 2028-09-27",
    "karva chauth, karwa chauth": "2024-10-20 2025-10-10 2026-10-29 2027-10-18",
    "dhanteras": "2024-10-29 2025-10-18 2026-11-06 2027-10-27",
    "diwali, divali, deepawali, dipavali, deepavali": "2024-10-31 2025-10-20 2026-11-08 "
    "2027-10-29 2028-10-17",
    "bhai dooj, bhaidooj, bhaiya dooj": "2024-11-03 2025-10-23 2026-11-11 2027-10-31",
    "chhath, chhath puja": "2024-11-07 2025-10-27 2026-11-15 2027-11-04",
    "guru nanak jayanti, gurpurab, guru purab, gurpurb": "2024-11-15 2025-11-05 2026-11-24 "
    "2027-11-14",
}
_FIXED = {
    "new year, naya saal, nav varsh": "01-01",
    "lohri": "01-13",
    "republic day, gantantra diwas, chhabbis january": "01-26",
    "baisakhi, vaisakhi": "04-14",
    "ambedkar jayanti": "04-14",
    "independence day, swatantrata diwas": "08-15",
    "gandhi jayanti": "10-02",
    "christmas, xmas, krismas, bada din": "12-25",
}
YEARS = range(2020, 2041)
"""In these the festivals of the sun are known."""


def _names(listed: str) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(fold(name).split()) for name in listed.split(","))


def _days(written: str) -> tuple[date, date]:
    first, _, last = written.partition("/")
    return date.fromisoformat(first), date.fromisoformat(last or first)


FESTIVALS: tuple[Festival, ...] = (
    *(Festival(_names(n), tuple(map(_days, days.split()))) for n, days in _MOVING.items()),
    *(
        Festival(_names(n), tuple(_days(f"{year}-{day}") for year in YEARS))
        for n, day in _FIXED.items()
    ),
)
LONGEST_NAME = max(len(name) for one in FESTIVALS for name in one.names)
"""In words."""

_BY_NAME = {name: one for one in FESTIVALS for name in one.names}
FESTIVAL_WORDS = frozenset(word for name in _BY_NAME for word in name)
"""Folded."""


def festival_in(words: tuple[str, ...]) -> tuple[Festival, tuple[str, ...]] | None:
    """The festival that begins a row of folded words, with the words that follow its name."""
    for length in range(min(LONGEST_NAME, len(words)), 0, -1):
        found = _BY_NAME.get(words[:length])
        if found is not None:
            return found, words[length:]
    return None
