"""Figures as bills print them and engines misread them. Amounts are paise, never floats."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from erp_core.kernel.money import LARGEST_AMOUNT

HINDI_DIGITS = str.maketrans("०१२३४५६७८९", "0123456789")
CURRENCY = r"(?i:₹|rs\.?|inr|rm|mrp|\$|र\.?|रु\.?|रू\.?|रुपये)"

_LIKE_DIGITS = str.maketrans("OoQDlI|SBZ", "0000111582")
_DIGIT = r"[0-9OoQDlI|SB]"
_AMOUNT = re.compile(
    rf"(?<![\w.,/:-])(?P<sign>-)?\s?(?P<currency>{CURRENCY})?\s?(?P<late>-)?"
    rf"(?P<whole>{_DIGIT}{{1,3}}(?:,\s?{_DIGIT}{{2,3}})+|{_DIGIT}{{1,7}}|(?=\.))"
    rf"(?:\s?[.,]\s?(?P<paise>{_DIGIT}{{2}})|(?P<dash>\s?/-|/=))"
    rf"(?![0-9%]|[.,/:]\d)"
)
_WHOLE = re.compile(
    rf"(?<![\w.,/:-])(?P<currency>{CURRENCY})?\s?(?P<whole>\d{{1,3}}(?:,\d{{2,3}})+|\d{{1,7}})"
    r"(?![\w%]|[.,/:-]\d)"
)
_TORN = re.compile(
    rf"(?<![\d%]\s)(?<![\w.,/:-]){CURRENCY}?\s?(?P<whole>\d{{1,5}})(?:\s(?P<paise>\d\d)|\.(?P<tenths>\d)\.?)$"
)
_BLURRED = re.compile(
    rf"{CURRENCY}\s?(?P<whole>{_DIGIT}{{1,5}})\s?[.,:;·-]{{1,2}}\s?(?P<paise>{_DIGIT}{{2}})\W?$"
)
_QUANTITY = re.compile(r"\d{1,6}(?:[.,]\d{1,3})?")


def amounts(text: str) -> list[int]:
    """The amounts with paise ("1,234.50", "450/-") in a row of text, from the left."""
    found = []
    for match in _AMOUNT.finditer(text.translate(HINDI_DIGITS)):
        if not any(letter.isdigit() for letter in match["whole"] + (match["paise"] or "")):
            continue
        paise = _paise(match["whole"], match["paise"] or "00")
        if paise is not None:
            found.append(-paise if match["sign"] or match["late"] else paise)
    return found


def torn_amounts(text: str) -> list[int]:
    """What lost its point ("RM 64 13"), last nought ("11.6") or digits ("RMS:O0") at a row's end.

    Only worth asking where a label says so.
    """
    plain = text.translate(HINDI_DIGITS)
    match = _TORN.search(plain)
    if match:
        paise = _paise(match["whole"], match["paise"] or match["tenths"] + "0")
    else:
        match = _BLURRED.search(plain)
        paise = _paise(match["whole"], match["paise"]) if match else None
    return [] if paise is None else [paise]


def whole_amounts(text: str) -> list[int]:
    """The amounts without paise ("Total 450"); only worth asking where a label says so."""
    found = []
    for match in _WHOLE.finditer(text.translate(HINDI_DIGITS)):
        paise = _paise(match["whole"], "00")
        if paise is not None:
            found.append(paise)
    return found


def quantity(text: str) -> Decimal | None:
    """A count or weight such as "2", "1.250" or "3No"; None when it is none."""
    match = _QUANTITY.match(text.translate(HINDI_DIGITS))
    if match is None:
        return None
    try:
        value = Decimal(match.group().replace(",", "."))
    except InvalidOperation:
        return None
    return value if 0 < value < 100_000 else None


def _paise(whole: str, paise: str) -> int | None:
    digits = re.sub(r"[,\s]", "", whole).translate(_LIKE_DIGITS)
    value = int(f"{digits or '0'}{paise.translate(_LIKE_DIGITS)}")
    return value if value <= LARGEST_AMOUNT else None
