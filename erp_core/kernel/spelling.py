"""One form for many spellings: Devanagari and free roman Hindi brought together.

`roman` writes Devanagari as people type it in chat; `fold` goes on to a phonetic normal
form, in which चीनी, chini, cheeni and CHINI are the same. Both are pure. They serve the
language understanding and the matching of product and customer names alike.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import zip_longest

NUKTA = "\u093c"
VIRAMA = "\u094d"
NASALS = "\u0900\u0901\u0902"

CONSONANTS = {
    "क": "k", "ख": "kh", "ग": "g", "घ": "gh", "ङ": "n",
    "च": "ch", "छ": "chh", "ज": "j", "झ": "jh", "ञ": "n",
    "ट": "t", "ठ": "th", "ड": "d", "ढ": "dh", "ण": "n",
    "त": "t", "थ": "th", "द": "d", "ध": "dh", "न": "n",
    "प": "p", "फ": "ph", "ब": "b", "भ": "bh", "म": "m",
    "य": "y", "र": "r", "ल": "l", "ळ": "l", "व": "v",
    "श": "sh", "ष": "sh", "स": "s", "ह": "h",
}  # fmt: skip
WITH_NUKTA = {
    "क": "q", "ख": "kh", "ग": "g", "ज": "z", "झ": "z", "ड": "d", "ढ": "dh", "फ": "f", "य": "y",
}  # fmt: skip
SIGNS = {
    "ा": "a", "ि": "i", "ी": "i", "ु": "u", "ू": "u", "ृ": "ri", "ॄ": "ri", "ॅ": "a",
    "े": "e", "ै": "ai", "ॉ": "o", "ो": "o", "ौ": "au", "ॆ": "e", "ॊ": "o",
}  # fmt: skip
VOWELS = {
    "अ": "a", "आ": "aa", "इ": "i", "ई": "i", "उ": "u", "ऊ": "u", "ऋ": "ri", "ऍ": "a", "ए": "e",
    "ऐ": "ai", "ऑ": "o", "ओ": "o", "औ": "au", "ऎ": "e", "ऒ": "o", "ॐ": "om", "ऽ": "",
}  # fmt: skip
# A final schwa is spoken after these when they close a conjunct: mitra, satya, shukla.
KEEPS_FINAL_SCHWA = frozenset("यरलव")

# Words whose chat spelling does not follow from their letters: small grammar words,
# and English ones that shopkeepers write in Devanagari by ear.
EXCEPTIONS = {
    "मैं": "main", "मैंने": "maine", "में": "me", "नहीं": "nahi", "हैं": "hain", "हूँ": "hun", "हूं": "hun",
    "यह": "yeh", "वह": "woh", "वो": "woh", "ये": "ye", "छः": "chhe", "छह": "chhe", "छै": "chhe",
    "सिंह": "singh", "न": "na", "व": "va", "कि": "ki", "रु": "rs", "रू": "rs", "ज्ञान": "gyan",
    "हाँ": "haan", "हां": "haan", "जी": "ji", "तुम्हें": "tumhe", "इन्हें": "inhe",
    "ऑर्डर": "order", "आर्डर": "order", "ओर्डर": "order", "स्टॉक": "stock", "स्टाक": "stock",
    "पेमेंट": "payment", "पेमेन्ट": "payment", "बिल": "bill", "इनवॉइस": "invoice",
    "इनवॉयस": "invoice", "इन्वॉइस": "invoice", "इनवाइस": "invoice", "कैश": "cash", "केश": "cash",
    "चेक": "cheque", "चैक": "cheque", "कार्ड": "card", "बैंक": "bank", "ट्रांसफर": "transfer",
    "पैकेट": "packet", "पैकिट": "packet", "पाकेट": "packet", "पैक": "pack", "बॉक्स": "box",
    "बाक्स": "box", "बोतल": "bottle", "पीस": "piece", "पीसी": "pc", "कार्टन": "carton",
    "दर्जन": "darjan", "मीटर": "metre", "लीटर": "litre", "लिटर": "litre", "किलो": "kilo",
    "रेट": "rate", "प्राइस": "price", "लिस्ट": "list", "रिपोर्ट": "report", "सेल": "sale",
    "सेल्स": "sales", "प्रॉफिट": "profit", "कस्टमर": "customer", "नंबर": "number",
    "नम्बर": "number", "फोन": "phone", "मोबाइल": "mobile", "चार्जर": "charger", "कवर": "cover",
    "लिंक": "link", "क्यूआर": "qr", "यूपीआई": "upi", "यूपीआइ": "upi", "जीएसटी": "gst",
    "जीएसटीआर": "gstr", "पीडीएफ": "pdf", "फाइल": "file", "डेटा": "data",
    "डाटा": "data", "डिलीट": "delete", "कैंसिल": "cancel", "कैंसल": "cancel", "केंसल": "cancel",
    "स्टेटस": "status", "क्रेडिट": "credit", "लिमिट": "limit", "स्कोर": "score", "लोन": "loan",
    "हेल्प": "help", "थैंक्यू": "thankyou", "थैंक": "thank", "ओके": "ok", "हेलो": "hello",
    "हैलो": "hello", "हाय": "hi", "बाय": "bye", "इंग्लिश": "english", "इंग्लिस": "english",
    "अंग्रेजी": "angrezi", "मैसेज": "message", "मेसेज": "message",
    "व्हाट्सएप": "whatsapp", "व्हाट्सऐप": "whatsapp", "गूगल": "google", "पे": "pay",
    "फोनपे": "phonepe", "पेटीएम": "paytm", "डिलीवरी": "delivery", "पार्सल": "parcel",
    "डिस्पैच": "dispatch", "शेयर": "share", "सेंड": "send", "रिमाइंडर": "reminder",
    "रिटर्न": "return", "ट्रिप": "trip", "ग्रुप": "group", "डिनर": "dinner", "लंच": "lunch",
    "पेट्रोल": "petrol", "डीजल": "diesel", "ट्रेडर्स": "traders",
    "स्टोर": "store", "स्टोर्स": "stores", "मेडिकल": "medical", "जनरल": "general",
    "इलेक्ट्रॉनिक्स": "electronics", "आइटम": "item", "प्रोडक्ट": "product", "अपडेट": "update",
    "माइनस": "minus", "प्लस": "plus", "हाफ": "half", "मैगी": "maggi", "पारले": "parle",
    "आईफोन": "iphone", "आइफोन": "iphone", "सैमसंग": "samsung", "टोटल": "total", "खाता": "khata",
    "हिसाब": "hisaab", "प्लीज": "please", "सपोर्ट": "support",
    "एजेंट": "agent", "अकाउंट": "account", "एड": "add", "ऐड": "add", "चेन्ज": "change",
    "चेंज": "change", "फॉरवर्ड": "forward", "कन्फर्म": "confirm", "कंफर्म": "confirm",
    "हंड्रेड": "hundred", "थाउजेंड": "thousand", "सेटल": "settle", "वीक": "week",
    "मंथ": "month", "टुडे": "today",
}  # fmt: skip

LONGEST_WORD = 64
"""What runs on for more letters is taken in parts: words are remembered by thousands."""
_DEVANAGARI_WORD = re.compile(f"[\u0900-\u0963\u0970-\u097f]{{1,{LONGEST_WORD}}}")
_LATIN_WORD = re.compile("[a-z]+")
_WORD_OR_NUMBER = re.compile(rf"[^\W_]{{1,{LONGEST_WORD}}}")
_JOINERS = str.maketrans({"\u200c": "", "\u200d": "", "\ufe0f": "", "\ufeff": ""})
_DIGITS_AND_DANDA = str.maketrans("०१२३४५६७८९।॥", "0123456789..")


def roman(text: str) -> str:
    """Return `text` with its Devanagari written in roman letters as in chat.

    Other characters stay. "चीनी कितनी है?" gives "chini kitni hai?".
    """
    if text.isascii():
        return text
    clean = unicodedata.normalize("NFC", text).translate(_JOINERS)
    return _DEVANAGARI_WORD.sub(_roman_match, clean).translate(_DIGITS_AND_DANDA)


def fold(text: str) -> str:
    """Return the phonetic normal form of `text`: lowercase words parted by single spaces.

    Letters that chat spelling confuses become one, punctuation and emoji go, digits stay.
    Folding twice changes nothing.
    """
    plain = _strip_accents(unicodedata.normalize("NFKC", roman(text)).lower())
    return " ".join(fold_word(word) for word in _WORD_OR_NUMBER.findall(plain))


@lru_cache(maxsize=65536)
def fold_word(word: str) -> str:
    """Return the phonetic normal form of one lowercase roman word (see `fold`)."""
    return _LATIN_WORD.sub(_fold_match, word)


@lru_cache(maxsize=65536)
def skeleton(word: str) -> str:
    """Return the consonants of a folded word, with its first letter: "kitna" and "ktna" agree."""
    if len(word) < 3 or not word.isascii():
        return word
    return word[0] + _VOWEL.sub("", word[1:])


def sound(word: str) -> str:
    """Return the consonants of a folded word, soft g and j as one: "tharmamitar", thermometer."""
    return _VOWEL.sub("", word).replace("g", "j")


def letters_read(text: str) -> str:
    """Put Latin letters for their names in Devanagari: "ओआरएस" is ORS, "पारले जी" is Parle G."""
    return " ".join(
        "".join(LETTERS[name] for name in _LETTER.findall(word))
        if _SPELLED.fullmatch(word) or (at and word in LETTERS)
        else word
        for at, word in enumerate(text.split())
    )


LETTERS = {
    "ए": "A", "बी": "B", "सी": "C", "डी": "D", "ई": "E", "एफ": "F", "जी": "G", "एच": "H", "आई": "I",
    "जे": "J", "के": "K", "एल": "L", "एम": "M", "एन": "N", "ओ": "O", "पी": "P", "क्यू": "Q", "आर": "R",
    "एस": "S", "टी": "T", "यू": "U", "वी": "V", "डब्ल्यू": "W", "एक्स": "X", "वाई": "Y", "जेड": "Z",
}  # fmt: skip
_LETTER = re.compile("|".join(sorted(LETTERS, key=len, reverse=True)))
_SPELLED = re.compile(f"(?:{_LETTER.pattern}){{2,}}")
_VOWEL = re.compile("[aeiouy]")


def _strip_accents(text: str) -> str:
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFD", text)
    kept = [c for c in decomposed if not "\u0300" <= c <= "\u036f"]
    return unicodedata.normalize("NFC", "".join(kept))


def _roman_match(match: re.Match[str]) -> str:
    return _roman_word(match.group())


@lru_cache(maxsize=65536)
def _roman_word(word: str) -> str:
    known = EXCEPTIONS.get(word) or EXCEPTIONS.get(_without_nukta(word))
    return known or "".join(_spoken(_syllables(word)))


def _without_nukta(word: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", word).replace(NUKTA, ""))


class _Syllable:
    """One written syllable; `inherent` says that its vowel is the unwritten a."""

    __slots__ = ("after_virama", "consonant", "inherent", "letter", "nasal", "vowel")

    def __init__(self, consonant: str, vowel: str, *, inherent: bool, letter: str) -> None:
        self.consonant = consonant
        self.vowel = vowel
        self.inherent = inherent
        self.after_virama = False
        self.nasal = False
        self.letter = letter


def _syllables(word: str) -> list[_Syllable]:
    syllables: list[_Syllable] = []
    virama = False
    for char in unicodedata.normalize("NFD", word):
        last = syllables[-1] if syllables else None
        if char in CONSONANTS:
            syllable = _Syllable(CONSONANTS[char], "a", inherent=True, letter=char)
            syllable.after_virama = virama
            syllables.append(syllable)
            virama = False
        elif char in VOWELS:
            syllables.append(_Syllable("", VOWELS[char], inherent=False, letter=char))
        elif last is None:
            continue
        elif char == NUKTA:
            last.consonant = WITH_NUKTA.get(last.letter, last.consonant)
        elif char in SIGNS:
            last.vowel, last.inherent = SIGNS[char], False
        elif char == VIRAMA:
            last.vowel, last.inherent, virama = "", False, True
        elif char in NASALS:
            last.nasal = True
    return syllables


def _spoken(syllables: list[_Syllable]) -> list[str]:
    _drop_schwas(syllables)
    parts: list[str] = []
    for here, after in zip_longest(syllables, syllables[1:]):
        if (here.letter, here.vowel) == ("ज", "") and after is not None and after.letter == "ञ":
            parts.append("g")
            after.consonant = "y"
            continue
        parts.append(here.consonant + here.vowel)
        if here.nasal and after is not None:
            parts.append("m" if after.consonant[:1] in ("p", "b", "m", "f") else "n")
    return parts


def _drop_schwas(syllables: list[_Syllable]) -> None:
    """Silence the unwritten a where Hindi does: at the end, and between two spoken vowels."""
    if len(syllables) > 1:
        last = syllables[-1]
        closes_conjunct = last.after_virama and last.letter in KEEPS_FINAL_SCHWA
        if last.inherent and not last.nasal and not closes_conjunct:
            last.vowel, last.inherent = "", False
    for index in range(len(syllables) - 2, 0, -1):
        here, before, after = syllables[index], syllables[index - 1], syllables[index + 1]
        between_vowels = before.vowel != "" and after.vowel != "" and after.consonant != ""
        if here.inherent and not here.nasal and not here.after_virama and between_vowels:
            here.vowel, here.inherent = "", False


_RULES = (
    (("",), r"(.)\1{2,}$", r"\1"),  # stretched at the end: hiiii, radheee
    (("",), r"(.)\1{2,}", r"\1\1"),  # stretched inside: cheeeni
    (("cch", "chc"), r"c(?:ch|hc)+h?", "ch"),
    (("chh",), r"chh+", "ch"),
    (("ck", "q"), r"cq|ck|q", "k"),
    (("c",), r"c(?=[eiy])", "s"),
    (("c",), r"c(?!h)", "k"),
    (("x",), r"x", "ks"),
    (("ph",), r"ph", "f"),
    (("sh",), r"s+h+", "s"),
    (("w",), r"w", "v"),
    (("z",), r"z", "j"),
    (("ee", "ii"), r"ee|ii", "i"),
    (("oo", "uu"), r"oo|uu", "u"),
    (("aa",), r"aa+", "a"),
    (("",), r"(.)\1+", r"\1"),
    (("y",), r"(?<=[ai])y(?=[ei])", ""),
    (("ae", "ay", "ei"), r"a[ey](?![aeiou])|ei", "ai"),
    (("y",), r"(?<=[^aeiouy])y$", "i"),
    (("h",), r"(?<=[aeiou])h$", ""),
)
"""What stands in a word that a rule changes, what it looks for, and what it puts there."""
_COMPILED = tuple((hints, re.compile(looked_for), put) for hints, looked_for, put in _RULES)
_TO_CHANGE = re.compile("|".join([r"(.)\1", *(rule[1] for rule in _RULES if "(.)" not in rule[1])]))
"""Any rule; a letter that is repeated stands for all those of repeated letters."""


def _fold_match(match: re.Match[str]) -> str:
    word = match.group()
    while _TO_CHANGE.search(word):
        for hints, pattern, put in _COMPILED:
            for hint in hints:
                if hint in word:
                    word = pattern.sub(put, word)
                    break
    return word
