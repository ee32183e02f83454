"""Numbers as Indians write and say them, in digits and in words.

Digits: ASCII and Devanagari, Indian grouping (1,20,000), 12k, 1.5L, 2cr, 2½.
Words: Hindi in Devanagari and free roman spelling, and English: "sawa do lakh",
"paune teen sau", "ek hazaar paanch sau pachaas", "two thousand five hundred".
Values are exact `Decimal`s.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from erp_core.kernel.spelling import fold

Script = Literal["roman", "devanagari", "english"]

# Written form first, then other spellings that do not fold to it.
ROMAN: tuple[str, ...] = (
    "shunya", "ek", "do", "teen", "chaar", "paanch", "chhe chhah chah chhai", "saat", "aath", "nau",
    "das dus", "gyarah gyara igyarah", "barah", "terah", "chaudah choudah chauda", "pandrah pandra",
    "solah", "satrah satarah", "atharah athrah", "unnis",
    "bees", "ikkis ikkees", "bais", "teis", "chaubis choubis", "pachchis pachees", "chhabbis",
    "sattais", "atthais", "untis unattis",
    "tees", "iktis ikattis ektis", "battis", "taintis tentis", "chauntis chautis", "paintis",
    "chhattis", "saintis", "adtis artis", "untalis unchalis",
    "chalis", "iktalis", "bayalis", "taintalis tetalis", "chavalis chauvalis", "paintalis",
    "chhiyalis", "saintalis", "adtalis artalis", "unchas unanchas",
    "pachas", "ikyavan ikavan", "bavan", "tirpan", "chauvan", "pachpan", "chhappan", "sattavan",
    "atthavan", "unsath",
    "saath", "iksath", "basath", "tirsath", "chausath", "painsath", "chhiyasath", "sadsath sarsath",
    "adsath arsath", "unhattar",
    "sattar", "ikhattar", "bahattar", "tihattar", "chauhattar", "pachhattar pichattar pachattar",
    "chhihattar", "satahattar sathattar", "athahattar", "unasi unyasi",
    "assi", "ikyasi", "bayasi", "tirasi", "chaurasi", "pachasi", "chhiyasi", "satasi", "athasi",
    "navasi nawasi",
    "nabbe navve", "ikyanve ikyanbe", "bayanve banve", "tiranve", "chauranve", "pachanve pachyanve",
    "chhiyanve", "sattanve", "atthanve", "ninyanve ninanve",
)  # fmt: skip
DEVANAGARI: tuple[str, ...] = (
    "शून्य", "एक", "दो", "तीन", "चार", "पाँच पांच", "छह छः छ छे", "सात", "आठ", "नौ",
    "दस", "ग्यारह", "बारह", "तेरह", "चौदह", "पंद्रह पन्द्रह", "सोलह", "सत्रह", "अठारह अट्ठारह", "उन्नीस",
    "बीस", "इक्कीस", "बाईस बाइस", "तेईस तेइस", "चौबीस", "पच्चीस", "छब्बीस", "सत्ताईस सत्ताइस",
    "अट्ठाईस अठ्ठाईस अट्ठाइस", "उनतीस उन्तीस",
    "तीस", "इकतीस इकत्तीस", "बत्तीस", "तैंतीस तेंतीस", "चौंतीस", "पैंतीस", "छत्तीस", "सैंतीस", "अड़तीस",
    "उनतालीस उन्तालीस",
    "चालीस", "इकतालीस", "बयालीस", "तैंतालीस", "चवालीस चौवालीस", "पैंतालीस", "छियालीस", "सैंतालीस",
    "अड़तालीस", "उनचास उन्चास",
    "पचास", "इक्यावन", "बावन", "तिरपन", "चौवन", "पचपन", "छप्पन", "सत्तावन", "अट्ठावन अठावन",
    "उनसठ",
    "साठ", "इकसठ", "बासठ", "तिरसठ", "चौंसठ चौसठ", "पैंसठ", "छियासठ", "सड़सठ", "अड़सठ", "उनहत्तर",
    "सत्तर", "इकहत्तर", "बहत्तर", "तिहत्तर", "चौहत्तर", "पचहत्तर", "छिहत्तर", "सतहत्तर", "अठहत्तर",
    "उन्यासी उनासी",
    "अस्सी", "इक्यासी", "बयासी", "तिरासी", "चौरासी", "पचासी", "छियासी", "सत्तासी सतासी",
    "अट्ठासी अठासी",
    "नवासी",
    "नब्बे नव्वे", "इक्यानवे इक्यानबे", "बानवे बानबे बयानवे", "तिरानवे तिरानबे", "चौरानवे चौरानबे",
    "पचानवे पंचानवे पचानबे", "छियानवे छियानबे", "सत्तानवे सत्तानबे", "अट्ठानवे अट्ठानबे",
    "निन्यानवे निन्यानबे",
)  # fmt: skip
ENGLISH_SMALL: tuple[str, ...] = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
ENGLISH_TENS: tuple[str, ...] = (
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
)  # fmt: skip

SCALES: dict[int, str] = {
    100: "sau so hundred sou सौ",
    1_000: "hazaar hjar hjr hazr thousand thousands k हज़ार",
    1_00_000: "lakh lac lakhs lacs l लाख",
    10_00_000: "million",
    1_00_00_000: "crore karod karor cr crores करोड़",
    1_00_00_00_000: "arab billion अरब",
}
DOZEN_WORDS = "darjan dozen darzan dozens दर्जन"
# A quarter is a count of quarters: "teen pav" is 0.75.
QUARTER_WORDS = "pav paav paau quarter पाव"
FIXED: dict[str, str] = {
    "1.5": "dedh derh ded डेढ़",
    "2.5": "dhai adhai dhayi ढाई अढ़ाई",
    "0.5": "aadha aadhi aadhe half adha आधा आधी आधे",
    "0.75": "paun pauna pona पौन पौना",
}
# Said before a number (or a scale: "sawa sau" is 125) and moves it by this much.
SHIFTS: dict[str, str] = {
    "0.25": "sawa sava सवा",
    "-0.25": "paune pone पौने",
    "0.5": "saadhe sadhe sade sarhe saarhe साढ़े",
}
FRACTION_SIGNS = {"½": ".5", "¼": ".25", "¾": ".75"}

OTHER_WORDS = frozenset({"chai", "चाय", "लक्स"})
"""Words that fold to a number's, and are none: tea is not six ("chhai"), Lux soap no lakhs."""
LARGEST_IN_WORDS = 10**14

_Kind = Literal["number", "scale", "dozen", "quarter", "shift", "joiner"]


@dataclass(frozen=True)
class _Token:
    kind: _Kind
    value: Decimal
    # Only English says "one fifty" for 150, so tens keep their language.
    english: bool = False


def parse_number(text: str) -> Decimal | None:
    """Return the number that the whole of `text` states, or None when it is not one number.

    Ranges ("10-12", "do teen") and text with any other word give None.
    """
    digits = _parse_digits(_normal_digits(text))
    if digits is not None:
        return digits
    tokens = _tokens(text)
    return _evaluate(tokens) if tokens else None


def parse_amount(text: str) -> Decimal | None:
    """Return the rupees that `text` states, with or without a currency sign or word.

    "Rs 1,200/-", "₹४२.५०", "paanch hazaar rupaye", "12 rupaye 50 paise". None when it is no amount.
    """
    plain = _CURRENCY.sub(" ", _normal_digits(text)).strip()
    paise = _PAISE.fullmatch(plain)
    if paise is None:
        return parse_number(plain)
    rupees = Decimal(0) if not paise["rupees"].strip() else parse_number(paise["rupees"])
    coins = parse_number(paise["paise"])
    if rupees is None or coins is None or not 0 <= coins < 100:
        return None
    return rupees + coins / 100


def to_words(number: int, script: Script = "roman") -> str:
    """Return `number` (0 up to a hundred lakh crore) in words, grouped the Indian way.

    Raises ValueError outside that range.
    """
    if not 0 <= number < LARGEST_IN_WORDS:
        raise ValueError("number out of range for words")
    return " ".join(_words(number, script))


_SCALE_NAMES: dict[Script, tuple[tuple[int, str], ...]] = {
    "roman": ((10**7, "crore"), (10**5, "lakh"), (1000, "hazaar"), (100, "sau")),
    "devanagari": ((10**7, "करोड़"), (10**5, "लाख"), (1000, "हज़ार"), (100, "सौ")),
    "english": ((10**7, "crore"), (10**5, "lakh"), (1000, "thousand"), (100, "hundred")),
}


def _words(number: int, script: Script) -> list[str]:
    for size, name in _SCALE_NAMES[script]:
        if number >= size:
            count, rest = divmod(number, size)
            return [*_words(count, script), name, *(_words(rest, script) if rest else [])]
    if script == "devanagari":
        return [DEVANAGARI[number].split()[0]]
    if script == "roman":
        return [ROMAN[number].split()[0]]
    if number < 20:
        return [ENGLISH_SMALL[number]]
    tens, unit = divmod(number, 10)
    return [ENGLISH_TENS[tens - 2], *([ENGLISH_SMALL[unit]] if unit else [])]


_CURRENCY = re.compile(
    r"₹|/-|\b(?:rs|inr|rupees?|rupay[ae]|rupa[iy]e|rupiy?[ae]h?|rupya|rupe|rup+ay|rupaiy?[ae]|bucks|only"
    r"|rp)\b\.?|(?<![\u0900-\u097f])(?:रुपये|रुपए|रुपया|रूपये|रूपए|रुपै|रुपयों|रु|रू)(?![\u0900-\u097f])\.?",
    re.IGNORECASE,
)
_PAISE = re.compile(r"(?P<rupees>.*?)(?P<paise>\S+)\s+(?:paise|paisa|paisay|पैसे|पैसा)", re.IGNORECASE)
_PLAIN = re.compile(r"(?:\d+|\d{1,3}(?:,\d{2,3})*,\d{3})(?:\.\d+)?|\.\d+")
_SUFFIXED = re.compile(
    rf"({_PLAIN.pattern})\s*(k|l|lac|lakh|lacs|lakhs|cr|crore|crores)\.?", re.IGNORECASE
)
_SUFFIX_VALUE = {"k": 1_000, "l": 1_00_000, "c": 1_00_00_000}
_RATIO = re.compile(r"(?:(\d+)\s+)?(\d)/([1-9])")
_PIECES = re.compile(
    r"\d[\d,]*(?:\.\d+)?|[^\W\d_]+(?:[\u0900-\u0903\u093a-\u094f\u0962\u0963]|[^\W\d_])*|\S"
)


def _normal_digits(text: str) -> str:
    if text.isascii():
        return text.strip()
    for sign, decimal in FRACTION_SIGNS.items():
        text = re.sub(rf"(?<=\d)\s*{sign}", decimal, text).replace(sign, f"0{decimal}")
    return "".join(str(unicodedata.decimal(c, c)) for c in text).strip()


def _parse_digits(text: str) -> Decimal | None:
    if not (text[:1].isdigit() or text[:1] == "."):
        return None
    if _PLAIN.fullmatch(text):
        return Decimal(text.replace(",", ""))
    suffixed = _SUFFIXED.fullmatch(text)
    if suffixed:
        scale = _SUFFIX_VALUE[suffixed.group(2)[0].lower()]
        return Decimal(suffixed.group(1).replace(",", "")) * scale
    ratio = _RATIO.fullmatch(text)
    if ratio and int(ratio.group(2)) < int(ratio.group(3)) in (2, 4, 5, 8):
        return int(ratio.group(1) or 0) + Decimal(int(ratio.group(2))) / int(ratio.group(3))
    return None


def _lexicon() -> dict[str, _Token]:
    """Every number word by its folded form; ASCII suffixes such as "k" included."""
    words: dict[str, _Token] = {}

    def add(spellings: str, token: _Token) -> None:
        for spelling in spellings.split():
            words.setdefault(fold(spelling), token)

    for table in (ROMAN, DEVANAGARI):
        for value, spellings in enumerate(table):
            add(spellings, _Token("number", Decimal(value)))
    for value, spelling in enumerate(ENGLISH_SMALL):
        add(spelling, _Token("number", Decimal(value), english=True))
    for index, spelling in enumerate(ENGLISH_TENS):
        add(spelling, _Token("number", Decimal(20 + 10 * index), english=True))
    for value, spellings in SCALES.items():
        add(spellings, _Token("scale", Decimal(value)))
    for text, spellings in FIXED.items():
        add(spellings, _Token("number", Decimal(text)))
    for text, spellings in SHIFTS.items():
        add(spellings, _Token("shift", Decimal(text)))
    add(DOZEN_WORDS, _Token("dozen", Decimal(12)))
    add(QUARTER_WORDS, _Token("quarter", Decimal("0.25")))
    add("and", _Token("joiner", Decimal(0)))
    return words


@lru_cache(maxsize=1)
def lexicon() -> dict[str, _Token]:
    """Return the number words by folded spelling."""
    return _lexicon()


def _number_word(word: str) -> _Token | None:
    return None if word.lower() in OTHER_WORDS else lexicon().get(fold(word))


def is_number_word(word: str) -> bool:
    """Whether one word, in any spelling or script, is a number word."""
    token = _number_word(word)
    return token is not None and token.kind != "joiner"


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    for match in _PIECES.finditer(_normal_digits(text)):
        piece = match.group()
        if piece == "-" and tokens:  # twenty-five
            continue
        digits = _parse_digits(piece)
        token = _number_word(piece) if digits is None else _Token("number", digits)
        if token is None:
            return []
        tokens.append(token)
    return tokens


class _NotOneNumber(Exception):
    """The words do not make one number."""


def _evaluate(tokens: list[_Token]) -> Decimal | None:
    reading = _Reading()
    try:
        for token in tokens:
            reading.take(token)
        return reading.result()
    except _NotOneNumber:
        return None


class _Reading:
    """Reads number words left to right: finished groups in `total`, the open one in `current`."""

    def __init__(self) -> None:
        self.total = Decimal(0)
        self.current: Decimal | None = None
        self.shift: Decimal | None = None
        self.last_scale: Decimal | None = None
        self.last: _Token | None = None
        self.closed = False
        self.started = False

    def take(self, token: _Token) -> None:
        if self.closed:
            raise _NotOneNumber
        if token.kind == "joiner":
            if self.last is None or self.last.kind != "scale":
                raise _NotOneNumber
            return
        getattr(self, f"_take_{token.kind}")(token)
        self.last = token
        self.started = True

    def result(self) -> Decimal:
        if not self.started:
            raise _NotOneNumber
        self._settle_bare_shift(Decimal(1))
        return self.total + (self.current or 0)

    def _take_shift(self, token: _Token) -> None:
        if self.shift is not None or self.current is not None:
            raise _NotOneNumber
        self.shift = token.value

    def _take_number(self, token: _Token) -> None:
        value = token.value
        if self.shift is not None:
            if value != int(value) or value < 1:
                raise _NotOneNumber
            value, self.shift = value + self.shift, None
        if self.current is None:
            self.current = value
            return
        self.current = self._joined(self.current, token, value)

    def _joined(self, current: Decimal, token: _Token, value: Decimal) -> Decimal:
        last = self.last
        whole = value == int(value) and current == int(current)
        after_hundred = last is not None and last.kind == "scale" and last.value == 100
        if after_hundred and whole and value < 100:
            return current + value
        if last is None or last.kind != "number" or not (last.english and token.english and whole):
            raise _NotOneNumber
        if last.value >= 20 and last.value % 10 == 0 and 1 <= value <= 9:  # twenty five
            return current + value
        if current == last.value < 20 and value >= 20:  # one fifty, twelve twenty
            return current * 100 + value
        raise _NotOneNumber

    def _take_scale(self, token: _Token) -> None:
        self._settle_bare_shift(Decimal(1))
        if token.value == 100:
            if self.current is not None and self.current >= 100:
                raise _NotOneNumber
            self.current = (Decimal(1) if self.current is None else self.current) * 100
            return
        count = self.current
        self.current = None
        if self.last_scale is None or token.value < self.last_scale:
            self.total += (1 if count is None else count) * token.value
        elif self.total:
            self.total = (self.total + (count or 0)) * token.value
        self.last_scale = token.value

    def _take_dozen(self, token: _Token) -> None:
        self._close(token.value)

    def _take_quarter(self, token: _Token) -> None:
        self._close(token.value)

    def _close(self, value: Decimal) -> None:
        self._settle_bare_shift(Decimal(1))
        count = self.total + (self.current or 0) if self.started else Decimal(1)
        self.total, self.current, self.closed = count * value, None, True

    def _settle_bare_shift(self, base: Decimal) -> None:
        """Read a shift with no number after it as one of it: "sawa sau", "paune lakh"."""
        if self.shift is None:
            return
        if self.shift == Decimal("0.5"):
            raise _NotOneNumber
        self.current, self.shift = base + self.shift, None
