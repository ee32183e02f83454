"""How Hindi written in roman letters sounds, in the phones of an English acoustic model.

The rules follow how people type: "kitna", "paanch", "chhe". A sound that English lacks is written
as each of those that it is heard as (a dental t as T, TH or D; a flapped r as R or D), so that a
word has several sounds. English words have those of the model's own dictionary too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product

MOST_SOUNDS = 24
"""Sounds a word; more would slow the search and tell less."""

CONSONANTS: Mapping[str, str] = {
    "chchh": "CH", "chh": "CH", "cch": "CH", "ch": "CH", "kh": "K", "gh": "G", "jh": "JH",
    "th": "TH|T|HH", "dh": "DH|D", "ph": "F", "bh": "B", "sh": "SH", "ck": "K", "k": "K",
    "g": "G", "j": "JH", "t": "T|TH|D", "d": "D|DH", "n": "N", "p": "P", "b": "B", "m": "M",
    "y": "Y", "r": "R|D", "l": "L", "v": "V", "w": "V|W", "s": "S", "h": "HH", "z": "Z",
    "f": "F", "q": "K", "x": "K S", "c": "K",
}  # fmt: skip
VOWELS: Mapping[str, str] = {
    "aai": "AA IY", "iya": "IY AA", "aa": "AA", "ai": "EH|AY", "ay": "EY", "au": "AO|AW",
    "ao": "AA OW", "ia": "IY AA", "ii": "IY", "ee": "IY", "oo": "UW", "uu": "UW", "ue": "UW EY",
    "ie": "IY", "a": "AH|AA|AE", "i": "IH|IY", "u": "UH|UW", "e": "EY|EH", "o": "OW",
}  # fmt: skip
AT_THE_END: Mapping[str, str] = {"a": "AA", "i": "IY", "u": "UW", "e": "EY", "o": "OW"}
"""A last vowel is long: "kitna", "chini"."""

_PIECES = sorted([*CONSONANTS, *VOWELS], key=len, reverse=True)


def sounds(word: str, english: Mapping[str, Sequence[str]]) -> list[str]:
    """The ways in which a word of letters a to z is spoken, the likeliest first; [] for none.

    `english`: the sounds of the words that the model's dictionary knows.
    """
    if not any(letter in "aeiouy" for letter in word):
        spelled = [english.get(letter, [""])[0] for letter in word]
        return [" ".join(spelled)] if all(spelled) else []
    known = list(english.get(word, ()))
    by_rule = islice(_by_rule(word), MOST_SOUNDS)
    return list(dict.fromkeys([*known, *by_rule]))[: MOST_SOUNDS + len(known)]


def _by_rule(word: str) -> Iterator[str]:
    choices: list[list[str]] = []
    last = ""
    at = 0
    while at < len(word):
        piece = next((one for one in _PIECES if word.startswith(one, at)), "")
        at += len(piece) or 1
        if not piece or (piece == last and piece in CONSONANTS):
            continue
        ending = at == len(word) and piece in AT_THE_END
        phones = AT_THE_END[piece] if ending else VOWELS.get(piece) or CONSONANTS[piece]
        choices.append(phones.split("|"))
        last = piece
    for chosen in product(*choices):
        yield " ".join(chosen)
