"""In which language somebody writes, told by letters and by little words."""

from __future__ import annotations

import re

from actions.lexicon import plain_words

_DEVANAGARI = re.compile("[\u0900-\u097f]")
_LATIN = re.compile("[A-Za-z]")
_WORD = re.compile(r"[a-z']+")
_YOU_DO = re.compile(r"\bdo (you|u|we|they)\b")
_DO_YOU = re.compile(r"\bdo (you|u|we|i|they|not|it|that|this)\b|\b(you|we|i|they|to|can) do\b")
"""Here "do" is English; alone it is Hindi for two, or for "give"."""

FEWEST_CUES = 2
"""One English word ("balance", "stock") is Hinglish as well; two little ones make a sentence. Some
("of", "today") no Hindi sentence has."""


def tongue_of(text: str) -> str | None:
    """hindi, english or hinglish; None when the text is too short or too mixed to tell.

    "How much is atta?" is English, "atta kitne ka hai" Hinglish, "10 kg atta" could be either.
    """
    devanagari, latin = len(_DEVANAGARI.findall(text)), len(_LATIN.findall(text))
    if devanagari > latin:
        return "hindi"
    asks, plain = _YOU_DO.search(text.lower()), _YOU_DO.sub(r"\1", text.lower())
    said = _WORD.findall(_DO_YOU.sub(r"\1\2", plain))
    if any(word in plain_words("tongues.hinglish") for word in said):
        return "hinglish"
    if asks or any(word in plain_words("tongues.surely_english") for word in said):
        return "english"
    cues = {word for word in said if word in plain_words("tongues.english")}
    return "english" if len(cues) >= FEWEST_CUES else None
