"""What is written in a reply as it is said aloud: no signs, no links, amounts in words of money."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 500
"""Characters: some 40 seconds of speech, well below the 512 KB that WhatsApp plays at once."""

_WORDS = {
    "hindi": {"rupees": "रुपये", "paise": "पैसे", "to": "से", "percent": "प्रतिशत"},
    "english": {"rupees": "rupees", "paise": "paise", "to": "to", "percent": "percent"},
}
_LINK = re.compile(r"https?://\S+|www\.\S+")
_MONEY = re.compile(r"(-)?₹\s?(\d[\d,]*)(?:\.(\d{1,2}))?")
_MARKS = re.compile(r"[*_~`|#<>]+")
_PHONE = re.compile(r"(?<!\d)\+?(?:91)?(?P<number>[6-9]\d{4}\s?\d{5})(?!\d)")
_GROUPED = re.compile(r"(?<=\d),(?=\d)")
_ARROW = re.compile(r"\s*(?:→|->)\s*")
_SPACES = re.compile(r"[^\S\n]+")
_STOPS = re.compile(r"\s*\n\s*")
_ENDS = re.compile(r"(?<=[.।?!])\s")
_NO_SOUND = frozenset({"So", "Sk", "Cs", "Co", "Cf", "Mn"})


def aloud(text: str, language: str) -> str:
    """The words of a text, cut after a sentence; "" where nothing is left."""
    words = _WORDS.get(language, _WORDS["hindi"])
    text = _LINK.sub(" ", text)
    text = _MONEY.sub(lambda found: _money(found, words), text)
    text = _PHONE.sub(lambda found: " ".join(re.sub(r"\s", "", found["number"])), text)
    text = _ARROW.sub(f" {words['to']} ", text).replace("%", f" {words['percent']}")
    text = "".join(letter if _has_sound(letter) else " " for letter in _MARKS.sub("", text))
    text = _GROUPED.sub("", _SPACES.sub(" ", text))
    lines = [line.strip(" ,;:") for line in _STOPS.split(text.strip())]
    said = [line if line[-1] in ".।?!" else f"{line}." for line in lines if line]
    return _cut(" ".join(said))


def _has_sound(letter: str) -> bool:
    """Signs have none; a vowel sign of Devanagari is a mark (Mn) and belongs to its letter."""
    if "\u0900" <= letter <= "\u097f":
        return True
    return unicodedata.category(letter) not in _NO_SOUND and letter != "•"


def _money(found: re.Match[str], words: dict[str, str]) -> str:
    rupees = found[2].replace(",", "")
    paise = (found[3] or "").ljust(2, "0") if found[3] else "00"
    said = f"{found[1] or ''}{rupees} {words['rupees']}"
    return f"{said} {int(paise)} {words['paise']}" if int(paise) else said


def _cut(text: str) -> str:
    if len(text) <= LONGEST:
        return text
    kept = ""
    for sentence in _ENDS.split(text):
        if len(kept) + len(sentence) > LONGEST:
            break
        kept = f"{kept} {sentence}".strip()
    return kept or text[:LONGEST]
