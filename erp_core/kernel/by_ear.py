"""How English names are heard, and how one may be meant that was written in Devanagari."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from erp_core.kernel.hindi_numbers import parse_number
from erp_core.kernel.spelling import LETTERS, letters_read, sound

_SPOKEN = tuple(
    (re.compile(spelt), said)
    for spelt, said in (
        (r"ture?(?=s?$)", "char"),
        (r"tu(?=[nr])", "chu"),
        (r"[ts]ion(?=s?$)", "san"),
        (r"ign", "ain"),
        (r"igh(?![aeiou])", "ai"),
        (r"ough$", "af"),
        (r"ch", "k"),
        (r"ch(?=in)|^ch(?=[ei]f)", "s"),
        (r"^vh", "v"),
        (r"^vr", "r"),
        (r"^kn", "n"),
        (r"(?<=[aeiou])th(?=e)", "d"),
        (r"mb$", "m"),
        (r"[ao]v(?=[^aeiouy]|$)", "au"),
        (r"(?<=[aeiouy])s(?=[aeiouy])|(?<=e)s$", "j"),
        (r"^eksh?(?=[aeiou])", "ekj"),
        (r"^eksh?(?=[aeiou])", "egj"),
        (r"[iy]re$", "ayr"),
        (r"air|are(?=s?$)", "eyar"),
        (r"ai", "e"),
        (r"eau", "yu"),
        (r"ou", "au"),
        (r"gu(?=[ei])", "g"),
        (r"g(?=e)", "j"),
        (r"a(?=[^aeiouy]e)", "e"),
        (r"iety$|ieti$", "aiti"),
        (r"ey$", "i"),
        (r"ui(?=ld|lt|t)", "i"),
        (r"n(?=[fpb])", "m"),
        (r"ea", "i"),
        (r"[ou](?!a|$)", "a"),
        (r"oa", "o"),
        (r"e$", ""),
    )
)
"""How English speaks what it spells otherwise, of words as they are folded."""
_FLAPPED = re.compile("[डढ]\u093c")
"""Spoken between d and r, and mostly an r where it is spelt in Latin letters: saree, pakora."""
_BETWEEN_WORDS = re.compile(r"[\s.\-/]+|(?<=[^\W\d])(?=\d)|(?<=[ऀ-ॿ])(?=\d)")
_NUMBERS = re.compile(r"[\d. ]*")
_MOST_NUMBER_WORDS = 5
_VOWELS = "aeiouy"


@lru_cache(maxsize=65536)
def heard(known: str) -> frozenset[str]:
    """The consonants of a folded word as it is spelt, and as English speaks it: "puncture",
    "alignment", "powder", "white"."""
    return frozenset(sound(one) for one in spoken(known))


@lru_cache(maxsize=65536)
def spoken(known: str) -> frozenset[str]:
    """A folded word as it is spelt, and as it may be spoken."""
    forms = {known}
    for spelt, said in _SPOKEN:
        forms |= {spelt.sub(said, one) for one in forms}
    return frozenset(forms)


def shaped_alike(said: str, known: str) -> bool:
    """Whether words of one sound begin and end alike: "kitna" is no cotton, "प्लग" no polish. An
    "e" at the end may be silent."""
    return any(_begins_alike(said, one) and _ends_alike(said, one) for one in spoken(known))


def _begins_alike(said: str, known: str) -> bool:
    if said[0] in _VOWELS or known[0] in _VOWELS:
        return True
    return (said[1:2] in _VOWELS) == (known[1:2] in _VOWELS)


def _ends_alike(said: str, known: str) -> bool:
    return "e" in (said[-1], known[-1]) or (said[-1] in _VOWELS) == (known[-1] in _VOWELS)


def readings(text: str) -> Iterator[str]:
    """How an English name may be meant that was written in Devanagari: "पारले जी", "एल ई डी",
    "टी शर्ट", "गैलेक्सी ए पंद्रह", साड़ी."""
    words = _BETWEEN_WORDS.sub(" ", text).split()
    spelled = letters_read(" ".join(_letters_joined(words)))
    yield spelled
    first, *rest = spelled.split() or [""]
    if first in LETTERS and rest:
        yield " ".join([LETTERS[first], *rest])
    read = " ".join(_numbers_read(spelled.split()))
    if not _NUMBERS.fullmatch(read):
        yield read
    yield _FLAPPED.sub("र", unicodedata.normalize("NFD", text))


def _letters_joined(words: Sequence[str]) -> Iterator[str]:
    """Letters that were named one by one, as one word: "एम आर एफ"."""
    run: list[str] = []
    for word in (*words, ""):
        if word in LETTERS:
            run.append(word)
            continue
        yield from ["".join(run)] if len(run) > 1 else run
        run = []
        if word:
            yield word


def _numbers_read(words: Sequence[str]) -> Iterator[str]:
    """Numbers in words as digits, the longest first: "छह सौ पचास"."""
    at = 0
    while at < len(words):
        ends = range(min(len(words), at + _MOST_NUMBER_WORDS), at, -1)
        numbers = ((end, parse_number(" ".join(words[at:end]))) for end in ends)
        end, number = next((one for one in numbers if one[1] is not None), (at + 1, None))
        yield words[at] if number is None else str(number)
        at = end
