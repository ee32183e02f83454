"""Dates as bills print them: the day comes first, as in India."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from erp_core.receipts.figures import HINDI_DIGITS

OLDEST = timedelta(days=366 * 15)
"""What is older is a slip of the engine rather than a bill."""

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january जनवरी जन",
            "feb february फरवरी फ़रवरी",
            "mar march मार्च",
            "apr april अप्रैल",
            "may मई",
            "jun june जून",
            "jul july जुलाई",
            "aug august अगस्त",
            "sep sept september सितंबर सितम्बर",
            "oct october अक्टूबर अक्तूबर",
            "nov november नवंबर नवम्बर",
            "dec december दिसंबर दिसम्बर",
        ),
        start=1,
    )
    for name in names.split()
}
_NAME = "|".join(sorted(map(re.escape, _MONTHS), key=len, reverse=True))
_D = r"[0-9OoQIl|]"
_GAP = r"\s?[/\-.,]\s?"
_FORMS = (
    re.compile(rf"(?<!\d)(?P<y>20\d\d){_GAP}(?P<m>{_D}{{1,2}}){_GAP}(?P<d>{_D}{{1,2}})(?!\d)"),
    re.compile(
        rf"(?<![\w/])(?P<d>{_D}{{1,2}}){_GAP}(?P<m>{_D}{{1,2}}){_GAP}(?P<y>2{_D}\d\d|\d\d)"
        r"(?![\d/]|[.,]\d{2})"
    ),
    re.compile(
        rf"(?<!\d)(?P<d>{_D}{{1,2}})(?:st|nd|rd|th)?[\s/\-.,]{{0,2}}(?P<n>{_NAME})[a-z]*"
        rf"[\s/\-.,']{{0,3}}(?P<y>2{_D}\d\d|\d\d)(?!\d)",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?<!\w)(?P<n>{_NAME})[a-z]*[\s/\-.,]{{0,2}}(?P<d>{_D}{{1,2}})(?:st|nd|rd|th)?"
        rf"[\s/\-.,']{{1,3}}(?P<y>2{_D}\d\d)(?!\d)",
        re.IGNORECASE,
    ),
)
_SPACED = re.compile(r"(?<!\d)(?P<d>\d{1,2})[\s/\-.]+(?P<m>\d{1,2})[\s/\-.]+(?P<y>20\d\d)(?!\d)")
_TWICE = re.compile(r"(?<!\d)(?P<d>[0-3]\d)[/17I|l]?(?P<m>[01]\d)[/17I|l](?P<y>20[12]\d)(?!\d)")
_LIKE_DIGITS = str.maketrans("OoQIiLl|", "00011111")


def dates(text: str, *, today: date, labelled: bool = False) -> list[date]:
    """The dates in a row of text that a bill may bear today, from the left.

    With a label that says "date" also those whose strokes were lost or taken for a figure.
    """
    plain = text.translate(HINDI_DIGITS)
    forms = (*_FORMS, _SPACED, _TWICE) if labelled else _FORMS
    found = sorted(
        (match.start(), day)
        for form in forms
        for match in form.finditer(plain)
        for day in _days(match, today)
    )
    return list(dict.fromkeys(day for _, day in found))


def _days(match: re.Match[str], today: date) -> Iterator[date]:
    parts = match.groupdict()
    # A nought with a stroke is read as 8 or 6: of "2826" only the last two figures tell.
    year = 2000 + int(parts["y"][-2:].translate(_LIKE_DIGITS))
    day = int(parts["d"].translate(_LIKE_DIGITS))
    if parts.get("n"):
        month = _MONTHS[parts["n"].lower()]
    else:
        month = int(parts["m"].translate(_LIKE_DIGITS))
        if month > 12 >= day:
            day, month = month, day
    try:
        found = date(year, month, day)
    except ValueError:
        return
    if today - OLDEST <= found <= today:
        yield found
