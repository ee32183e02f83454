"""Who gave the bill: GSTINs, the name at its head, its number and its date."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

from rapidfuzz import fuzz

from erp_core.receipts.bill import Field
from erp_core.receipts.days import dates
from erp_core.receipts.figures import HINDI_DIGITS
from erp_core.receipts.items import is_heading
from erp_core.receipts.layout import Page
from erp_core.receipts.spellings import mended
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
    r"check|chk|ticket|बिल|चालान|रसीद|इनवॉइस)\s*(?:id|no|num|number|[\u0900-\u097f]{1,6}|#|\d(?=\s?[:;]))?\s*[.:;#\-]*\s*"
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
    r"^(?:tax|cash|retail|simplified|gst|original|duplicate|official|copy|reprint|bill|invoice|receipt|"
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

_SELLER = re.compile(r"(?:\bsold by\b|\bseller\b|विक्रेता)\s*[:\-]?\s*(?P<name>.+)", re.I)
_LONGEST_NAME = 60


ONE_NAME = 72
"""Readings of one name are at least so much alike."""

LONE = 0.45
"""How sure at most of a spelling that one reading alone has."""


def vendor(pages: Sequence[Page]) -> Field[str]:
    """The name at the head of the bill, as it was read most often and best.

    What no two readings spell alike is asked, unless it was seen very clearly.
    """
    scores: dict[str, float] = defaultdict(float)
    spelt: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for page in pages:
        if page.partial:
            continue
        for score, sure, name in sorted(_heads(page), reverse=True)[:3]:
            known = _known(name, scores)
            scores[known] += score
            spelt[known][name] += sure
    if not scores:
        return Field(None, 0.0, ask=True)
    best = max(scores, key=lambda name: scores[name])
    spellings = spelt[best]
    doubted = any(_stands_below_a_name(page, best) for page in pages)
    for page in pages:
        if page.partial:
            for row in page.rows:
                name = _name_in(row.text)
                if fuzz.ratio(best.lower(), name.lower()) > ONE_NAME:
                    spellings[name] += row.confidence
    found = _spelt_best(spellings, scores[best])
    if doubted or not _is_proper(found.value or ""):
        return replace(found, confidence=min(found.confidence, LONE), ask=True)
    return found


def _stands_below_a_name(page: Page, name: str) -> bool:
    """Whether the row above a name may as well be the name, or the first half of it: as large, as
    clear, and no address. A company's form says for itself whose name it is."""
    if _FORM.search(name):
        return False
    for above, row in pairwise(page.rows[:TOP]):
        said = _name_in(above.text)
        if fuzz.ratio(_name_in(row.text).lower(), name.lower()) <= ONE_NAME:
            continue
        if fuzz.ratio(said.lower(), name.lower()) > ONE_NAME or above.confidence < SEEN:
            return False
        near = row.top - above.bottom < APART * row.height
        large = above.height > AS_LARGE * row.height
        no_name = _NO_NAME.search(said) or _ADDRESS.search(said) or _OIL.search(said)
        return (
            near
            and large
            and _is_proper(said)
            and not (no_name or above.amounts or is_heading(said))
        )
    return False


TOP = 8
SEEN = 0.6
APART = 1.5
"""Rows of one name lie nearer than so many times their height."""

AS_LARGE = 0.8
"""A row that is so large beside the one below it may be the name instead."""

_BESIDE_NAMES = re.compile(
    r"\b(?:mr|m/s|messrs|shri|shree|sri|om|jai|pvt|ltd|sdn|bhd|llp|श्री|ॐ|जय)\b", re.I
)


def _is_proper(name: str) -> bool:
    """Whether there is something of its own in a name."""
    return len(_letters(_BESIDE_NAMES.sub("", name))) >= 3


def _name_in(text: str) -> str:
    """What a row names, without what says whose name it is."""
    named = _SELLER.search(text)
    return mended(cleaned(without_registration(mended(named["name"] if named else text))))


def _known(name: str, scores: Mapping[str, float]) -> str:
    """The name that this one is another reading of, or itself."""
    alike = (one for one in scores if fuzz.ratio(one.lower(), name.lower()) > ONE_NAME)
    return next(alike, name)


def _spelt_best(spellings: Mapping[str, float], score: float) -> Field[str]:
    """Spellings, with how clearly they were seen in all readings together, as one field."""
    together: dict[str, float] = defaultdict(float)
    for name, sure in spellings.items():
        together[_plain(name)] += sure
    plain = max(together, key=lambda one: together[one])
    for other, sure in list(together.items()):
        if other != plain and fuzz.ratio(other, plain) > ALMOST:
            together[plain] += NEARLY_AS_GOOD * sure
    best = max((name for name in spellings if _plain(name) == plain), key=lambda n: spellings[n])
    by_place = min(0.95, 0.25 + 0.12 * score)
    fuller = [name for name, sure in spellings.items() if sure > SEEN and _has_more(name, best)]
    if fuller:
        return Field(max(fuller, key=lambda name: spellings[name]), LONE, ask=True)
    confidence = by_place if together[plain] >= VERY_CLEAR else min(by_place, LONE)
    return Field(best, round(confidence, 2), ask=confidence < 0.5)


def _has_more(name: str, other: str) -> bool:
    """Whether a spelling has every word of another one, and a word besides."""
    more, fewer = (Counter(one.lower().split()) for one in (name, other))
    return not fewer - more and any(len(_letters(word)) >= 4 for word in more - fewer)


ALMOST, NEARLY_AS_GOOD = 88, 0.5
"""Spellings that differ by a slip speak for one another, for half of what the same one would."""

VERY_CLEAR = 0.93
"""Two readings that agree come to more; one alone must have been seen as clearly."""


def _plain(name: str) -> str:
    return re.sub(r"\W", "", name).lower()


def heads(page: Page) -> list[int]:
    """Where the rows stand that may be the name, the likeliest first."""
    ranked = sorted(_heads(page), reverse=True)[:2]
    return [
        at
        for _, _, name in ranked
        for at, row in enumerate(page.rows)
        if fuzz.partial_ratio(name.lower(), row.text.lower()) > ONE_NAME
    ]


def _heads(page: Page) -> Iterator[tuple[float, float, str]]:
    """Rows that may be the name, with how much speaks for them and how clearly they were seen."""
    placed = [(at, row) for at, row in enumerate(page.rows) if len(_letters(row.text)) >= 3]
    if not placed:
        return
    usual = median(row.height for _, row in placed)
    ends_above: set[int] = set()
    for rank, (at, row) in enumerate(placed[: max(8, len(placed) // 4)]):
        named = _SELLER.search(row.text)
        name = _name_in(row.text)
        letters = _letters(name)
        if len(letters) < 3 or len(letters) < 0.55 * len(name.replace(" ", "")):
            continue
        if (_NO_NAME.search(name) or is_heading(row.text)) and not named:
            continue
        more = _goes_on_in(page, at, name)
        ends_above |= {at + 1} if more else set()
        name = f"{name} {more}".strip()
        registered = bool(_FORM.search(name)) and at not in ends_above
        score = 2.0 * row.confidence - 0.35 * rank + 1.2 * bool(_TRADE.search(name))
        score += REGISTERED * registered - 0.7 * ("," in name)
        score += min(1.5, 2.0 * (row.height / usual - 1)) if row.height > usual else 0.0
        score -= 1.5 * bool(_OIL.search(name))
        score -= 1.5 * bool(_ADDRESS.search(name)) + 1.0 * bool(row.amounts)
        score += 2.0 * bool(named) + LEARNT * page.likely(at, "vendor")
        if score > 0:
            yield score, row.confidence, name[:_LONGEST_NAME]


REGISTERED = 2.0
"""What a company's form says ("Pvt Ltd", "Sdn Bhd"): a logo may stand larger above the name."""

LEARNT = 3.0
"""How much the word of the model counts, beside a clear sight of the row: 2."""

_FORM = re.compile(
    r"\b(?:pvt|private|ltd|limited|llp|inc|sdn|bhd|plc|gmbh|co|company|& sons|and sons)\b", re.I
)


def _goes_on_in(page: Page, at: int, name: str) -> str:
    """The rest of a name that a narrow roll broke: "Ltd" and a word or two in the row below."""
    if at + 1 >= len(page.rows):
        return ""
    below = page.rows[at + 1]
    rest = _name_in(below.text)
    if _ADDRESS.search(rest) or _NO_NAME.search(rest) or below.amounts:
        return ""
    if _OIL.search(name):
        return ""
    if page.likely(at + 1, "vendor_more") > 0.5:
        return rest
    apart = below.top - page.rows[at].bottom > APART * page.rows[at].height
    if apart or _FORM.search(name) or re.search(r"\d", rest):
        return ""
    if page.likely(at, "vendor") > 0.5 and page.likely(at + 1, "vendor") > 0.5:
        return rest
    other = re.findall(r"[^\W\d]{2,}", _FORM.sub(" ", rest))
    return rest if _FORM.search(rest) and len(other) <= 2 else ""


_REGISTRATION = re.compile(
    r"[\[({]?\s*(?:\b(?:co|company|regd?|regn|roc|cin|brn|no)\b[\s.:]*)*"
    r"\b[A-Z]{0,3}\d[\dOIlSB.]{4,}\s?[-~. ]?\s?[A-Z0-9]{0,2}\b\s*[\])}]?\s*$",
    re.I,
)


def without_registration(name: str) -> str:
    """A name without the number under which it is registered: "99 Mart (519537-X)"."""
    return _REGISTRATION.sub("", name).strip() or name


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
