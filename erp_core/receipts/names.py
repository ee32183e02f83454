"""Who gave the bill: GSTINs, the name at its head, its number and its date."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

from rapidfuzz import fuzz

from erp_core.receipts.bill import Field
from erp_core.receipts.days import dates
from erp_core.receipts.figures import HINDI_DIGITS
from erp_core.receipts.items import is_heading
from erp_core.receipts.layout import Page
from erp_core.tax import gstin

STALE = timedelta(days=400)
"""An older bill is no expense of this year: its date is asked."""

# GSTINs

_GSTIN_LIKE = re.compile(r"(?<![A-Z0-9])[0-9A-Z$]{15}(?![A-Z0-9])")
_TO_DIGIT = str.maketrans("OQDILZSBG|", "0001125861"[:10])
_TO_LETTER = str.maketrans("0125864", "OIZSBGA")
_DIGITS_AT = (0, 1, 7, 8, 9, 10)
_LETTERS_AT = (2, 3, 4, 5, 6, 11)
_CONFUSED = {
    "0": "OQD",
    "O": "0QD",
    "1": "IL7",
    "I": "1L",
    "2": "Z",
    "Z": "27",
    "5": "S",
    "S": "5",
    "8": "B",
    "B": "8",
    "6": "G",
    "G": "6C",
    "C": "G",
    "U": "V",
    "V": "U",
    "4": "A",
    "A": "4",
    "M": "N",
    "N": "M",
    "3": "8",
    "9": "0",
    "7": "1",
    "K": "X",
    "X": "K",
    "P": "F",
    "F": "P",
    "E": "F",
    "H": "N",
    "W": "M",
    "Q": "O",
    "D": "O",
    "L": "I",
}
_BUYERS = re.compile(
    r"buyer|customer|bill(?:ed)? to|ship|recipient|party|client|consignee|ग्राहक", re.I
)


GUESSED = 0.05


def gstins(pages: Sequence[Page]) -> tuple[Field[str], Field[str]]:
    """Of the vendor and of the buyer; one that needed more than its obvious letters is asked."""
    votes: dict[str, float] = defaultdict(float)
    place: dict[str, tuple[bool, float]] = {}
    for page in pages:
        for at, row in enumerate(page.rows):
            found = list(gstins_in(row.text))
            guessed = [] if found else [(number, None) for number in _by_pan(row.text)]
            for number, sure in (*found, *guessed):
                votes[number] += GUESSED if sure is None else 1.0 if sure else 0.4
                around = " ".join(r.text for r in page.rows[max(0, at - 3) : at + 1])
                buyers = bool(_BUYERS.search(around)) and at > 3
                place.setdefault(number, (buyers, at / max(1, len(page.rows))))
    ranked = sorted(votes, key=lambda number: (place[number][0], place[number][1]))
    sellers = [number for number in ranked if not place[number][0]] or ranked[:1]
    seller = max(sellers, key=lambda number: votes[number], default=None)
    rest = [number for number in ranked if number != seller]
    buyer = max(rest, key=lambda number: votes[number], default=None)
    return _as_field(seller, votes), _as_field(buyer, votes)


def _as_field(number: str | None, votes: dict[str, float]) -> Field[str]:
    if number is None:
        return Field()
    sure = votes[number] >= 1.0
    return Field(number, 0.97 if sure else 0.5, ask=not sure)


def gstins_in(text: str) -> Iterator[tuple[str, bool]]:
    """The GSTINs in a row, each with whether it was read as it stands."""
    upper = re.sub(r"[^A-Z0-9$ ]", " ", text.upper())
    spots = {match.group() for match in _GSTIN_LIKE.finditer(upper)}
    parts = upper.split()
    for first, second in pairwise(parts):
        if len(first + second) == 15:
            spots.add(first + second)
    for spot in sorted(spots):
        yield from _repaired(spot.replace("$", "S"))


def _by_pan(text: str) -> Iterator[str]:
    """The usual GSTIN of a PAN that can be read where the rest cannot; never sure."""
    if not re.search(r"gst|uin", text, re.I):
        return
    for spot in re.findall(r"[0-9A-Z$]{13,17}", re.sub(r"[^A-Z0-9$ ]", "", text.upper())):
        letters = list(spot[:12].replace("$", "S"))
        for at in _DIGITS_AT:
            letters[at] = letters[at].translate(_TO_DIGIT)
        for at in _LETTERS_AT:
            letters[at] = letters[at].translate(_TO_LETTER)
        first = "".join(letters) + "1Z"
        if all(first[at].isdigit() for at in _DIGITS_AT):
            number = first + gstin.check_character(first)
            if gstin.is_valid(number):
                yield number


def _repaired(spot: str) -> Iterator[tuple[str, bool]]:
    """What it must be by its form; then the one other reading that its check character allows."""
    letters = list(spot)
    for at in _DIGITS_AT:
        letters[at] = letters[at].translate(_TO_DIGIT)
    for at in _LETTERS_AT:
        letters[at] = letters[at].translate(_TO_LETTER)
    if letters[13] in "27":
        letters[13] = "Z"
    plain = "".join(letters)
    if not all(plain[at].isdigit() for at in _DIGITS_AT):
        return
    if gstin.is_valid(plain):
        yield plain, True
        return
    fixed = {
        one
        for at, letter in enumerate(plain)
        for other in _CONFUSED.get(letter, "")
        if gstin.is_valid(one := plain[:at] + other + plain[at + 1 :])
    }
    if len(fixed) == 1:
        yield fixed.pop(), False


WORTH = re.compile(r"gst|dat[eo]|\bdt\b|दिनांक|invoice|bill|receipt|\d[/.-]\d+[/.-]\d|\d:\d\d", re.I)
"""Rows that are worth a second look besides those with sums."""

# Date

_DATE_LABEL = re.compile(r"dat[eo]|\bdt\b|dated|दिनांक|तारीख|ता\.|दिनाक", re.I)
_OTHER_DATE = re.compile(
    r"exp|mfg|mfd|pkd|batch|due|valid|birth|dob|best before|until|upto|b\.no", re.I
)
_TIME = re.compile(r"\d{1,2}:\d{2}")


def day(pages: Sequence[Page], *, today: date) -> Field[date]:
    """The day of the bill: what is called a date counts more, an expiry not at all."""
    scores: dict[date, float] = defaultdict(float)
    pages_of: dict[date, set[int]] = defaultdict(set)
    labelled: set[date] = set()
    for at, page in enumerate(pages):
        for number, row in enumerate(page.rows):
            named = bool(_DATE_LABEL.search(row.text))
            weight = 1.0 + 1.5 * named + 0.7 * bool(_TIME.search(row.text))
            if _OTHER_DATE.search(row.text) and not named:
                weight = 0.1
            for found in dates(row.text, today=today, labelled=named):
                scores[found] += weight - 0.01 * number / max(1, len(page.rows))
                pages_of[found].add(at)
                if named or _TIME.search(row.text):
                    labelled.add(found)
    if not scores:
        return Field(None, 0.0, ask=True)
    best = max(scores, key=lambda found: (scores[found], found))
    others = [score for found, score in scores.items() if found != best]
    lead = 1 - max(others, default=0.0) / scores[best]
    confidence = 0.4 + 0.25 * (best in labelled) + 0.15 * (len(pages_of[best]) > 1) + 0.2 * lead
    ask = confidence < 0.7 or today - best > STALE
    return Field(best, round(confidence, 2), ask=ask)


# Number

_NUMBER_LABEL = re.compile(
    r"(?:invoice|inv|bill|receipt|rcpt|cash\s?memo|memo|voucher|order|txn|trans(?:action)?|slip|doc|"
    r"check|chk|ticket|बिल|चालान|रसीद|इनवॉइस)\s*(?:id|no|num|number|[\u0900-\u097f]{1,6}|#)?\s*[.:#\-]*\s*"
    r"(?P<number>[A-Z0-9][A-Z0-9/\-]{0,24}\d[A-Z0-9/\-]*|\d{1,24})(?![.,]\d{2}\b)",
    re.I,
)
_NUMBER_FIRST = re.compile(r"invoice|inv\b|bill|receipt|memo|बिल|रसीद|इनवॉइस", re.I)


def number(pages: Sequence[Page]) -> Field[str]:
    """The bill's own number."""
    votes: Counter[str] = Counter()
    for page in pages:
        seen: set[str] = set()
        for row in page.rows:
            for match in _NUMBER_LABEL.finditer(row.text.translate(HINDI_DIGITS)):
                found = match["number"].upper().strip("-/")
                if len(found) < 2 or len(found) > 20 or found in seen:
                    continue
                seen.add(found)
                votes[found] += 2 if _NUMBER_FIRST.match(match.group()) else 1
    if not votes:
        return Field()
    best, count = votes.most_common(1)[0]
    confidence = 0.8 if count >= 3 else 0.5
    return Field(best, confidence, ask=confidence < 0.6)


# Vendor

_NO_NAME = re.compile(
    r"^(?:tax|cash|retail|simplified|gst|original|duplicate|bill|invoice|receipt|"
    r"welcome|memo|phone|ph|mob|mobile|tel|fax|email|www|date|time|"
    r"gstin|gst id|pan|fssai|dl no|d\.l|cin|page|table|"
    r"कर|नकद|रसीद|बिल|जीएसटी|फोन|दिनांक|मोबाइल|order|sold by|bill of supply|customer copy|thank)\b"
    r"|invoice$|invoice\s|tax inv|cash memo|\bmemo\b|bill of supply|बीजक",
    re.I,
)
_ADDRESS = re.compile(
    r"\b(?:road|rd|street|marg|nagar|colony|lane|floor|near|opp|sector|plot|shop no|jalan|"
    r"jln|lot|taman|dist|pin|tel|mob|ph|phone|gstin|gst|fax|reg|no\.|मार्ग|रोड|नगर|गली|फोन)\b|\b\d{5,6}\b",
    re.I,
)
_TRADE = re.compile(
    r"\b(?:stores?|mart|traders?|trading|medicals?|pharmacy|chemists?|restaurant|restoran|hotel|cafe|"
    r"dhaba|sweets|enterprises?|agency|agencies|electronics|electricals?|hardware|"
    r"stationery|petroleum|fuels?|petrol|service station|filling station|"
    r"pvt|private|ltd|limited|llp|sdn|bhd|bros|brothers|"
    r"sons|company|co|supermarket|bazaar|kirana|general|provision|bakery|bakeries|foods?|bhandar|"
    r"किराना|भंडार|स्टोर|स्टोर्स|मेडिकल|ट्रेडर्स|जनरल|रेस्टोरेंट|ढाबा|भोजनालय|मिष्ठान)\b",
    re.I,
)
_OIL = re.compile(
    r"^(?:indian ?oil|bharat petroleum|hindustan petroleum|hp|bpcl|iocl|hpcl)\W*$", re.I
)
"""Whose fuel a pump sells; the pump has its own name below."""

_SELLER = re.compile(r"(?:sold by|seller|विक्रेता)\s*[:\-]?\s*(?P<name>.+)", re.I)
_LONGEST_NAME = 60


def vendor(pages: Sequence[Page]) -> Field[str]:
    """The name at the head of the bill."""
    scores: dict[str, float] = defaultdict(float)
    for page in pages:
        if page.partial:
            continue
        ranked = sorted(_heads(page), reverse=True)[:3]
        for score, name in ranked:
            known = next(
                (one for one in scores if fuzz.ratio(one.lower(), name.lower()) > 85), name
            )
            scores[known] += score
    if not scores:
        return Field(None, 0.0, ask=True)
    best = max(scores, key=lambda name: scores[name])
    confidence = min(0.95, 0.25 + 0.12 * scores[best])
    return Field(best, round(confidence, 2), ask=confidence < 0.5)


def _heads(page: Page) -> Iterator[tuple[float, str]]:
    """Rows that may be the name, with how much speaks for them."""
    rows = [row for row in page.rows if len(_letters(row.text)) >= 3]
    if not rows:
        return
    usual = median(row.height for row in rows)
    for at, row in enumerate(rows[: max(8, len(rows) // 4)]):
        named = _SELLER.search(row.text)
        name = cleaned(named["name"] if named else row.text)
        letters = _letters(name)
        if len(letters) < 3 or len(letters) < 0.55 * len(name.replace(" ", "")):
            continue
        if (_NO_NAME.search(name) or is_heading(row.text)) and not named:
            continue
        score = 2.0 * row.confidence - 0.35 * at + 1.2 * bool(_TRADE.search(name))
        score += min(1.5, 2.0 * (row.height / usual - 1)) if row.height > usual else 0.0
        score -= 1.5 * bool(_OIL.search(name))
        score -= 1.5 * bool(_ADDRESS.search(name)) + 1.0 * bool(row.amounts)
        score += 2.0 * bool(named)
        if score > 0:
            yield score, name[:_LONGEST_NAME]


def _letters(text: str) -> str:
    """The letters of a text; the vowel signs of Devanagari, which Python calls none, are some."""
    return re.sub(r"(?![\u0900-\u0963])[\W\d_]", "", text)


def cleaned(name: str) -> str:
    """A name without what an engine made of rules, logos and brackets at its ends."""
    name = re.sub(r"\s+", " ", re.sub(r"[^\w\s&.,()/'\u0900-\u097f@-]", " ", name))
    words = name.split()
    while words and len(_letters(words[0])) < 2 and not words[0].isalnum():
        words.pop(0)
    while words and len(re.sub(r"(?![\u0900-\u0963])\W", "", words[-1])) < 2:
        words.pop()
    return " ".join(words).strip(" .,-/")
