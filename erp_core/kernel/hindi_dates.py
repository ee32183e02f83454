"""Days and periods as shopkeepers say them: "kal", "pichhle hafte", "15 tarikh", "April se June".

Hindi says "kal" for yesterday and tomorrow alike; the caller says which way a text leans.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from erp_core.kernel.festivals import FESTIVAL_WORDS, festival_in
from erp_core.kernel.hindi_numbers import lexicon, parse_number
from erp_core.kernel.spelling import fold, fold_word, roman

Lean = Literal["past", "future"]


@dataclass(frozen=True)
class Period:
    """The days from `start` to `end`, both included."""

    start: date
    end: date


def _by_fold(table: Mapping[str, str]) -> dict[str, str]:
    return {
        fold(spelling): meaning
        for meaning, spellings in table.items()
        for spelling in spellings.split()
    }


WEEKDAYS = _by_fold(
    {
        "0": "monday mon somvar somwar सोमवार",
        "1": "tuesday tue tues mangalvar mangalwar mangal मंगलवार मंगल",
        "2": "wednesday wed budhvar budhwar budh बुधवार",
        "3": "thursday thu thurs guruvar guruwar brihaspativar veervar बृहस्पतिवार गुरुवार",
        "4": "friday fri shukravar shukrawar shukrwar jumma शुक्रवार",
        "5": "saturday sat shanivar shaniwar shanichar शनिवार",
        "6": "sunday sun ravivar raviwar itvar itwar रविवार इतवार",
    }
)
MONTHS = _by_fold(
    {
        "1": "january jan janvari janwari जनवरी",
        "2": "february feb farvari farwari फरवरी फ़रवरी",
        "3": "march mar मार्च",
        "4": "april apr aprail अप्रैल",
        "5": "may mai मई",
        "6": "june jun जून",
        "7": "july jul julai जुलाई",
        "8": "august aug agast अगस्त",
        "9": "september sep sept sitambar सितंबर सितम्बर",
        "10": "october oct aktubar aktoobar अक्टूबर अक्तूबर",
        "11": "november nov navambar नवंबर नवम्बर",
        "12": "december dec disambar दिसंबर दिसम्बर",
    }
)
UNITS = _by_fold(
    {
        "day": "din days day dino roz दिन दिनों daily rojana",
        "week": "hafte hafta week weeks saptah weekly hafton हफ्ते हफ़्ते हफ्ता सप्ताह",
        "month": "mahine mahina mhine mhina month months maah mah monthly mahino महीने महीना माह",
        "quarter": "quarter quarters timahi timaahi quarterly तिमाही",
        "year": "saal sal year years varsh yearly baras साल वर्ष",
    }
)
WHICH = _by_fold(
    {
        "last": "pichhle pichle pichla pichhla pichhli pichli last lst previous past gaye gat "
        "beete पिछले पिछला पिछली गत",
        "this": "is iss isi ye yeh this current chalu abhi इस इसी ये यह चालू",
        "next": "agle agla agli next aane agami आने अगले अगला अगली",
    }
)
NEAR_DAYS = _by_fold(
    {
        "0": "aaj aj today 2day now आज",
        "1": "kal kl कल",
        "2": "parso parson परसों परसो",
        "3": "narso tarso narson tarson नरसों",
    }
)
_TOMORROW = "tomorrow tmrw tmrow tmrrw tomrw tomoro 2moro 2morrow 2mrw"
FIXED_DAYS = {fold("yesterday"): -1, **dict.fromkeys(map(fold, _TOMORROW.split()), 1)}
AGO = _by_fold({"ago": "pehle pahle ago before पहले", "after": "baad bad after later baaad बाद"})
ORDINALS = _by_fold(
    {
        "1": "pehli pahli pehla first पहली पहला",
        "2": "doosri dusri doosra dusra second दूसरी",
        "3": "teesri tisri teesra tisra third तीसरी",
        "4": "chauthi chouthi chautha fourth चौथी",
    }
)
DATE_WORDS = set(_by_fold({"date": "tarikh tareekh date ko तारीख"}))
ENDS = set(_by_fold({"end": "end ant aakhir akhir aakhri akhri last अंत आखिर आख़िर"}))
FILLERS = set(
    _by_fold(
        {
            "filler": "ko ki ka ke se tak subah shaam sham raat dopahar morning evening night ab "
            "till the of in on from mein me par pe poore pura bhar wise th st nd rd wala wale wali "
            "financial vitt vittiya fy time "
            "को की का के से तक सुबह शाम रात दोपहर वाला वाले में पर भर"
        }
    )
)
OTHER_WORDS = FILLERS | set(
    _by_fold(
        {
            "between": "from se to till until upto tak ab abhi now aj",
            "days off": "day before after yesterday tomorrow",
            "years": "fy f y financial year vitt vittiya varsh vars q",
            "scales": "k l lac lacs lakh lakhs cr crore crores",
        }
    )
)
"""Words that are read by how they are written, beside those of the vocabulary."""
_LETTERS = re.compile("[a-z]+")
_ORDINAL = re.compile(r"(\d{1,2})\s*(?:st|nd|rd|th)\b", re.IGNORECASE)
_NUMERIC = re.compile(r"(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}|\d{2}))?")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_FINANCIAL_YEAR = re.compile(r"(20)?(\d{2})\s*[-/]\s*(20)?(\d{2})")
_FINANCIAL_YEAR_ENDING = re.compile(r"fy\s*(?:20)?(\d{2})")
_FINANCIAL = re.compile(
    r"\b(?:fy|f\.y\.|financial\s+year|vitt(?:iya)?\s+varsh|vitt\s+vars)(?=\W|\d|$)"
)
_QUARTER = re.compile(r"q\s*([1-4])(?:\s+((?:20)?\d{2}\s*[-/]\s*(?:20)?\d{2}))?")
_RANGE = re.compile(r"\s+(?:se|to|till|until|upto)\s+|\s*(?:–|—)\s*|\s+-\s+")
_DAYS_OF_A_MONTH = re.compile(r"(\d{1,2})\s*-\s*(\d{1,2})\s+([a-z]{3,}.*)")
_TWO_DAYS_OFF = {"day before yesterday": -2, "day after tomorrow": 2}
_TO_AS_TWO = re.compile(r"\b2(?=(?:mor+o[wv]?|mr[wv]|da[yi])\b)")
"""The figure of "2moro" and "2day"."""
_DIGITS_AND_LETTERS = re.compile(r"(?<=\d)(?=[a-z])|(?<=[a-z])(?=\d)")


def parse_period(text: str, *, today: date, lean: Lean = "past") -> Period | None:
    """Return the days that the whole of `text` names, or None when it names none.

    `lean` decides what stands between past and future: "kal", a weekday, a month, "15 tarikh".
    """
    plain = _TO_AS_TWO.sub("to", roman(text).strip().lower())
    if _says_more(plain):
        return None
    plain = _ORDINAL.sub(r"\1", plain)
    exact = _written(plain, today, lean)
    if exact is not None:
        return exact
    ends = _RANGE.split(plain.removeprefix("from ").strip(), maxsplit=1)
    if len(ends) == 2:
        both = _between(ends[0], ends[1], today, lean)
        if both is not None:
            return both
    words = fold(_DIGITS_AND_LETTERS.sub(" ", plain)).split()
    kept = [word for word in words if word not in FILLERS]
    if not kept or not all(word in _vocabulary() for word in kept if word.isalpha()):
        return None
    for reading in _READINGS:
        period = reading(kept, today, lean)
        if period is not None:
            return period
    return None


def _says_more(plain: str) -> bool:
    """Whether a word is there of which nothing is made here, as in most messages."""
    if not plain.isascii():
        return False
    known = _read()
    return any(fold_word(match.group()) not in known for match in _LETTERS.finditer(plain))


@lru_cache(maxsize=1)
def _read() -> frozenset[str]:
    return _vocabulary() | OTHER_WORDS


@lru_cache(maxsize=1)
def _vocabulary() -> frozenset[str]:
    """The folded words of which some reading makes something: most messages have others too."""
    tables = (WEEKDAYS, MONTHS, UNITS, WHICH, NEAR_DAYS, FIXED_DAYS, AGO, ORDINALS, lexicon())
    return frozenset(DATE_WORDS | FESTIVAL_WORDS | ENDS).union(*tables)


def _written(plain: str, today: date, lean: Lean) -> Period | None:
    """Read dates and years in digits."""
    if iso := _ISO.fullmatch(plain):
        return _day(int(iso[1]), int(iso[2]), int(iso[3]))
    if plain in _TWO_DAYS_OFF:
        return _single(today + timedelta(days=_TWO_DAYS_OFF[plain]))
    if ending := _FINANCIAL_YEAR_ENDING.fullmatch(plain):
        return _financial_year(1999 + int(ending[1]))
    without = " ".join(_FINANCIAL.sub(" ", plain).split())
    if without != plain and (named := _named_financial_year(without, today, lean)):
        return named
    if quarter := _QUARTER.fullmatch(without):
        return _quarter(int(quarter[1]), quarter[2], today, lean)
    if days := _DAYS_OF_A_MONTH.fullmatch(plain):
        return _between(days[1], f"{days[2]} {days[3]}", today, lean)
    if year := _FINANCIAL_YEAR.fullmatch(without):
        first, second = int(year[2]), int(year[4])
        if (first + 1) % 100 == second:
            return _financial_year(2000 + first)
    if numeric := _NUMERIC.fullmatch(plain):
        day, month = int(numeric[1]), int(numeric[2])
        if numeric[3]:
            return _day(int(numeric[3]) % 100 + 2000, month, day)
        return _nearest(today, lean, lambda year: _day(year, month, day))
    return None


def _financial_year(first: int) -> Period:
    return Period(date(first, 4, 1), date(first + 1, 3, 31))


def _named_financial_year(which: str, today: date, lean: Lean) -> Period | None:
    """Read what stands beside "financial year": "is", "pichhle", "agle", or nothing."""
    words = [word for word in fold(which).split() if word not in FILLERS]
    choices = [WHICH[word] for word in words if word in WHICH]
    if len(choices) < len(words) or len(choices) > 1:
        return None
    first = today.year - (today.month < 4)
    choice = choices[0] if choices else "this"
    if choice == "this":
        whole = _financial_year(first)
        return Period(whole.start, today) if lean == "past" else whole
    return _financial_year(first + (1 if choice == "next" else -1))


def _between(first: str, last: str, today: date, lean: Lean) -> Period | None:
    end_text = re.sub(r"\b(?:tak|till)\b", " ", last).strip()
    if days := _days_alone(first, last, end_text, today, lean):
        return days
    end = (
        Period(today, today)
        if fold(end_text) in {"ab", "abhi", "now", "aj"}
        else parse_period(end_text, today=today, lean=lean)
    )
    start = parse_period(first, today=today, lean=lean)
    if start is None and (number := parse_number(first.strip())) is not None and end is not None:
        start = _day(end.start.year, end.start.month, int(number))
    if end is None and start is not None and (number := parse_number(end_text)) is not None:
        end = _day(start.start.year, start.start.month, int(number))  # "October 1 se 15"
    if start is None or end is None:
        return None
    if start.start > end.end:
        start = parse_period(first, today=end.end) or _a_year_back(start)
    return Period(start.start, end.end) if start and start.start <= end.end else None


def _days_alone(first: str, last: str, end_text: str, today: date, lean: Lean) -> Period | None:
    """Read "1 se 15 tak", days of the latest month that has come to the second, or of the next."""
    numbers = [parse_number(one.strip()) for one in (first, end_text)]
    if last.strip() == end_text or None in numbers:
        return None
    start, end = (int(one) for one in numbers if one is not None and one == int(one))
    whole = _day_of_month(end, today, lean) or _day_of_month(start, today, lean)
    if whole is None or not 0 < start < end:
        return None
    begun = _day(whole.start.year, whole.start.month, start)
    return Period(begun.start, whole.end) if begun else None


def _a_year_back(period: Period) -> Period | None:
    return _day(period.start.year - 1, period.start.month, period.start.day)


def _near_day(words: Sequence[str], today: date, lean: Lean) -> Period | None:
    if len(words) != 1:
        return None
    if words[0] in FIXED_DAYS:
        return _single(today + timedelta(days=FIXED_DAYS[words[0]]))
    if words[0] not in NEAR_DAYS:
        return None
    days = int(NEAR_DAYS[words[0]])
    return _single(today + timedelta(days=-days if lean == "past" else days))


def _counted(words: Sequence[str], today: date, _lean: Lean) -> Period | None:
    """Read "last 7 days", "10 din", "3 din pehle", "2 hafte baad"."""
    which = [WHICH[word] for word in words if word in WHICH]
    shift = [AGO[word] for word in words if word in AGO]
    units = [UNITS[word] for word in words if word in UNITS]
    number_words = [w for w in words if w not in WHICH and w not in AGO and w not in UNITS]
    number = parse_number(" ".join(number_words)) if number_words else None
    if number is None or len(units) != 1 or number != int(number) or not 0 < number < 400:
        return None
    count, unit = int(number), units[0]
    if shift:
        step = count if shift[0] == "after" else -count
        return _single(_moved(today, unit, step))
    if "next" in which:
        return Period(today, _moved(today, unit, count) - timedelta(days=1))
    return Period(_moved(today, unit, -count) + timedelta(days=1), today)


def _whole(words: Sequence[str], today: date, lean: Lean) -> Period | None:
    """Read "is mahine", "pichhle hafte", "agle saal", and a unit alone: "monthly"."""
    units = [UNITS[word] for word in words if word in UNITS]
    which = [WHICH[word] for word in words if word in WHICH]
    extra = [word for word in words if word not in UNITS and word not in WHICH]
    if len(units) != 1 or extra or len(which) > 1:
        return None
    current = _unit_around(today, units[0])
    choice = which[0] if which else "this"
    if choice == "last":
        return _unit_around(current.start - timedelta(days=1), units[0])
    if choice == "next":
        return _unit_around(current.end + timedelta(days=1), units[0])
    return Period(current.start, today) if lean == "past" else current


def _end_of(words: Sequence[str], today: date, lean: Lean) -> Period | None:
    """Read "mahine ke end", "month end", "agle hafte ke aakhir" of what is to come."""
    units = [UNITS[word] for word in words if word in UNITS]
    rest = [word for word in words if word not in UNITS and WHICH.get(word) not in ("this", "next")]
    if lean != "future" or units not in (["month"], ["week"]) or len(rest) != 1:
        return None
    if rest[0] not in ENDS:
        return None
    ahead = any(WHICH.get(word) == "next" for word in words)
    current = _unit_around(today, units[0])
    return _single(
        (_unit_around(current.end + timedelta(days=1), units[0]) if ahead else current).end
    )


def _weekday(words: Sequence[str], today: date, lean: Lean) -> Period | None:
    names = [int(WEEKDAYS[word]) for word in words if word in WEEKDAYS]
    which = [WHICH[word] for word in words if word in WHICH]
    if len(names) != 1 or len(names) + len(which) != len(words):
        return None
    back = (today.weekday() - names[0]) % 7
    forward = (names[0] - today.weekday()) % 7
    if "last" in which:
        return _single(today - timedelta(days=back or 7))
    if "next" in which or (lean == "future" and "this" not in which):
        return _single(today + timedelta(days=forward or 7))
    return _single(today - timedelta(days=back))


def _month_or_day(words: Sequence[str], today: date, lean: Lean) -> Period | None:
    """Read "October", "October 2025", "15 October", "15 tarikh", "pehli tarikh"."""
    months = [int(MONTHS[word]) for word in words if word in MONTHS]
    said_date = any(word in DATE_WORDS for word in words)
    which = [WHICH[word] for word in words if word in WHICH]
    rest = [w for w in words if w not in MONTHS and w not in DATE_WORDS and w not in WHICH]
    if said_date:
        rest = [ORDINALS.get(word, word) for word in rest]
    year = next((int(word) for word in rest if re.fullmatch(r"20\d\d", word)), None)
    if year is not None:
        rest.remove(str(year))
    number = parse_number(" ".join(rest)) if rest else None
    if len(months) > 1 or (rest and number is None):
        return None
    day = int(number) if number is not None and number == int(number) else None
    if months:
        if year is None and "last" in which:
            year = today.year - 1 if months[0] >= today.month else today.year
        return _in_month(months[0], day, year, today, lean)
    if day is not None and said_date and year is None:
        return _day_of_month(day, today, lean)
    if year is not None and day is None and not said_date:
        return Period(date(year, 1, 1), date(year, 12, 31))
    return None


def _ordinal_quarter(words: Sequence[str], today: date, lean: Lean) -> Period | None:
    """Read "pehli timahi", "second quarter"; with a financial year, "dusri timahi 25-26"."""
    ordinals = [int(ORDINALS[word]) for word in words if word in ORDINALS]
    quarters = [word for word in words if UNITS.get(word) == "quarter"]
    rest = [word for word in words if word not in ORDINALS and word not in quarters]
    if len(ordinals) != 1 or len(quarters) != 1 or len(rest) not in (0, 2):
        return None
    if not all(word.isdigit() for word in rest):
        return None
    return _quarter(ordinals[0], "-".join(rest) or None, today, lean)


def _festival(words: Sequence[str], today: date, lean: Lean) -> Period | None:
    """Read "diwali", "pichhli holi", "Diwali 2025", "pichhle saal diwali", "eid week"."""
    which = [WHICH[word] for word in words if word in WHICH]
    rest = tuple(word for word in words if word not in WHICH)
    last_year = "last" in which and UNITS.get(rest[0]) == "year" if rest else False
    found = festival_in(rest[1:] if last_year else rest)
    if found is None or len(which) > 1:
        return None
    festival, behind = found
    year = next((int(word) for word in behind if re.fullmatch(r"20\d\d", word)), None)
    units = [UNITS[word] for word in behind if word in UNITS]
    if len(units) + (year is not None) < len(behind) or len(units) > 1:
        return None
    if last_year:
        year = today.year - 1
    chosen = _occurrence(festival.days, which, year, today, lean)
    if chosen is not None and units == ["week"]:
        return _unit_around(chosen.start, "week")
    return chosen if units in ([], ["day"]) else None


def _occurrence(
    days: Sequence[tuple[date, date]],
    which: Sequence[str],
    year: int | None,
    today: date,
    lean: Lean,
) -> Period | None:
    if year is not None:
        chosen = [one for one in days if one[0].year == year]
    elif "last" in which or (lean == "past" and "next" not in which):
        chosen = [one for one in days if one[0] <= today][-1:]
    else:
        chosen = [one for one in days if one[1] >= today][:1]
    return Period(*chosen[0]) if chosen else None


def _part_of_month(words: Sequence[str], today: date, lean: Lean) -> Period | None:
    """Read "is mahine pehle hafte", "October pehle 10 din", "last week October"."""
    at = next((at for at, one in enumerate(words) if UNITS.get(one) in ("day", "week")), None)
    if at is None:
        return None
    count = parse_number(words[at - 1]) if at > 1 else None
    begins = at - 1 if count is None or words[at - 1] in ORDINALS else at - 2
    which = words[begins] if begins >= 0 else ""
    whole = _month_meant([*words[:begins], *words[at + 1 :]], today, lean)
    last = which in ENDS or WHICH.get(which) == "last"
    nth = 1 if AGO.get(which) == "ago" else int(ORDINALS.get(which, 0))
    if whole is None or not (last or nth) or (count or 1) != int(count or 1):
        return None
    length = int(count or 1) * (7 if UNITS[words[at]] == "week" else 1)
    if last:
        start = whole.end - timedelta(days=length - 1)
        return Period(max(start, whole.start), whole.end)
    start = whole.start + timedelta(days=(nth - 1) * length)
    end = min(start + timedelta(days=length - 1), whole.end)
    return Period(start, end) if start <= whole.end else None


def _month_meant(words: Sequence[str], today: date, lean: Lean) -> Period | None:
    """The whole month that words name: "October 2025", "pichhle mahine"."""
    named = any(word in MONTHS for word in words)
    if not words or not (named or any(UNITS.get(word) == "month" for word in words)):
        return None
    found = _month_or_day(words, today, lean) if named else _whole(words, today, lean)
    if found is None or found.start.day != 1 or (named and found.start == found.end):
        return None
    return _unit_around(found.start, "month")


_Reading = Callable[[Sequence[str], date, Lean], Period | None]
_READINGS: tuple[_Reading, ...] = (
    _near_day, _counted, _end_of, _whole, _weekday, _ordinal_quarter, _festival, _month_or_day,
    _part_of_month,
)  # fmt: skip


def _in_month(
    month: int, day: int | None, year: int | None, today: date, lean: Lean
) -> Period | None:
    def of(which_year: int) -> Period | None:
        if day is not None:
            return _day(which_year, month, day)
        return _unit_around(date(which_year, month, 1), "month")

    return of(year) if year is not None else _nearest(today, lean, of)


def _nearest(today: date, lean: Lean, of: Callable[[int], Period | None]) -> Period | None:
    """Return the latest such period that has begun, or the first that has not ended."""
    years = (today.year, today.year - 1) if lean == "past" else (today.year, today.year + 1)
    found = [period for period in map(of, years) if period is not None]
    for period in found:
        if (lean == "past" and period.start <= today) or (lean == "future" and period.end >= today):
            return period
    return None


def _day_of_month(day: int, today: date, lean: Lean) -> Period | None:
    here = _day(today.year, today.month, day)
    if here is not None and (here.start <= today if lean == "past" else here.start >= today):
        return here
    other = _moved(today.replace(day=1), "month", -1 if lean == "past" else 1)
    return _day(other.year, other.month, day)


def _quarter(number: int, year: str | None, today: date, lean: Lean) -> Period | None:
    """Return a quarter of the Indian financial year, which starts in April."""
    month = (4, 7, 10, 1)[number - 1]

    def of(calendar_year: int) -> Period:
        return _unit_around(date(calendar_year, month, 1), "quarter")

    if year is None:
        return _nearest(today, lean, of)
    first = int(re.split(r"[-/]", year)[0]) % 100 + 2000
    return of(first + (1 if number == 4 else 0))


def _unit_around(day: date, unit: str) -> Period:
    if unit == "day":
        return Period(day, day)
    if unit == "week":
        monday = day - timedelta(days=day.weekday())
        return Period(monday, monday + timedelta(days=6))
    if unit == "month":
        last = calendar.monthrange(day.year, day.month)[1]
        return Period(day.replace(day=1), day.replace(day=last))
    if unit == "quarter":
        first = (day.month - 1) // 3 * 3 + 1
        last = calendar.monthrange(day.year, first + 2)[1]
        return Period(date(day.year, first, 1), date(day.year, first + 2, last))
    return Period(date(day.year, 1, 1), date(day.year, 12, 31))


def _moved(day: date, unit: str, count: int) -> date:
    if unit in ("day", "week"):
        return day + timedelta(days=count * (7 if unit == "week" else 1))
    months = day.year * 12 + day.month - 1 + count * {"month": 1, "quarter": 3, "year": 12}[unit]
    year, month = divmod(months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def _day(year: int, month: int, day: int) -> Period | None:
    if not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(year, month)[1]:
        return None
    return _single(date(year, month, day))


def _single(day: date) -> Period:
    return Period(day, day)
