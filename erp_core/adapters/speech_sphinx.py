"""The embedded listener: a few short questions, heard with nothing downloaded.

pocketsphinx brings an acoustic model of American English and no Hindi. What it makes of free
Hinglish speech is not fit for a shop's books (docs/decisions/0016), so this listener only says what
was asked when the whole sentence is one of the questions in speech_questions.yml; anything else is
"" and the person is asked to write. None of the questions writes anything.
"""

from __future__ import annotations

import os
import random
import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

import yaml

from erp_core.adapters.speech_ngrams import arpa
from erp_core.adapters.speech_sounds import sounds
from erp_core.kernel.errors import Unavailable
from erp_core.kernel.hindi_numbers import to_words
from erp_core.kernel.spelling import roman
from erp_core.speech.port import Heard, Names, Sound

QUESTIONS = Path(__file__).with_name("speech_questions.yml")
SAMPLES = 12_000
"""Sentences that the language model is counted from, so many more the more names there are."""

SAMPLES_A_NAME = 40
OF_OTHERS = 0.4
"""The share of sentences that are none of the questions."""

SHOPS = 4
"""Shops whose words are kept ready."""

DITHER = 30.0
"""Of 32,768. Perfect silence, as encoders make it, upsets the model more than a little noise."""

_WORD = re.compile(r"[a-z]+|\d+")
_SIZE = re.compile(r"\d+\s*(?:g|gm|kg|ml|l|w|mm|cm|inch)\b|\b\d{3,}\b")


@dataclass(frozen=True)
class Ready:
    """A decoder for one shop's words, and what each sentence that it may hear is in the chat."""

    decoder: Any
    sentences: Mapping[str, str]


class Sphinx:
    """One acoustic model, and the words of a few shops."""

    def __init__(self) -> None:
        try:
            from pocketsphinx import get_model_path
        except ImportError:
            raise Unavailable("speech_unavailable") from None
        self._model = Path(get_model_path()) / "en-us"
        self._english = _dictionary(self._model / "cmudict-en-us.dict")
        self._ready: OrderedDict[bytes, Ready] = OrderedDict()

    @property
    def name(self) -> str:
        """For reports."""
        return "embedded"

    def hear(self, sound: Sound, names: Names) -> Heard:
        """The question that was asked; "" for anything else. Raises Unavailable."""
        ready = self._of(names.cut())
        return Heard(ready.sentences.get(_recognised(ready.decoder, sound), ""))

    def words(self, sound: Sound, names: Names) -> str:
        """What the recogniser makes of it, whatever it is: for figures, not for a shop's books."""
        return _recognised(self._of(names.cut()).decoder, sound).replace("_", " ")

    def _of(self, names: Names) -> Ready:
        told = repr((names.buyer, tuple(names.products), tuple(names.customers)))
        key = blake2b(told.encode(), digest_size=16).digest()
        if key not in self._ready:
            self._ready[key] = self._prepare(names)
            if len(self._ready) > SHOPS:
                self._ready.popitem(last=False)
        self._ready.move_to_end(key)
        return self._ready[key]

    def _prepare(self, names: Names) -> Ready:
        from pocketsphinx import Decoder

        wording = Wording.of(names, self._english)
        try:
            with _File(wording.dictionary) as words, _File(arpa(wording.samples())) as counts:
                decoder = Decoder(
                    hmm=str(self._model / "en-us"), dict=words, lm=counts, loglevel="FATAL"
                )
        except (RuntimeError, OSError):
            raise Unavailable("speech_failed") from None
        return Ready(decoder, wording.sentences)


def _recognised(decoder: Any, sound: Sound) -> str:
    decoder.start_utt()
    decoder.process_raw(_dithered(sound.samples), full_utt=True)
    decoder.end_utt()
    found = decoder.hyp()
    return str(found.hypstr) if found else ""


@dataclass(frozen=True)
class Wording:
    """What may be said to a shop. Names are one word each to the model, "ravi_kumar"."""

    questions: Sequence[str]
    others: Sequence[str]
    sentences: Mapping[str, str]
    dictionary: str
    fillings: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, names: Names, english: Mapping[str, Sequence[str]]) -> Wording:
        """The wording for these names; one that cannot be spoken is left out."""
        told = _told()
        products = _spoken(names.products, product_forms, english)
        customers = _spoken(names.customers, person_forms, english)
        questions = list(told["buyer"] if names.buyer else told["shop"])
        questions += told["product"] if products else []
        questions += told["customer"] if customers and not names.buyer else []
        sentences = {
            spoken: written
            for line in questions
            for spoken, written in _filled(line, {"product": products, "customer": customers})
        }
        fillings = {
            "product": list(products) or ["maal"],
            "customer": list(customers) or ["grahak"],
            "number": told["numbers"],
            "unit": told["units"],
        }
        everything = [*questions, *told["others"], *(w for f in fillings.values() for w in f)]
        words = {word for line in everything for word in line.split() if "{" not in word}
        return cls(questions, told["others"], sentences, _entries(words, english), fillings)

    def samples(self) -> list[str]:
        """Sentences as they may be said, the same each time."""
        dice = random.Random(1)  # noqa: S311 - nothing secret hangs on it
        names = len(self.fillings["product"]) + len(self.fillings["customer"])
        return [
            self._sample(self.others if dice.random() < OF_OTHERS else self.questions, dice)
            for _ in range(SAMPLES + SAMPLES_A_NAME * names)
        ]

    def _sample(self, lines: Sequence[str], dice: random.Random) -> str:
        line = dice.choice(lines)
        return re.sub(r"{(\w+)}", lambda found: dice.choice(self.fillings[found[1]]), line)


def product_forms(name: str) -> list[str]:
    """What a product is called aloud: without its size; in whole, by two of its words, or by the
    first, which is often the maker's."""
    words = _WORD.findall(_SIZE.sub(" ", roman(name).lower().replace("-", " ")))
    aloud = [to_words(int(word), "english") if word.isdigit() else word for word in words]
    in_hindi = [to_words(int(word)) if word.isdigit() else word for word in words]
    forms = [aloud, in_hindi, *([aloud[:2], aloud[-2:]] if len(aloud) > 2 else []), aloud[:1]]
    return list(dict.fromkeys(" ".join(form) for form in forms if form))


def person_forms(name: str) -> list[str]:
    """What somebody is called aloud: in whole, or by the first name with or without "ji"."""
    words = [word for word in _WORD.findall(roman(name).lower()) if not word.isdigit()]
    forms = [words, words[:1], [*words[:1], "ji"]] if words else []
    return list(dict.fromkeys(" ".join(form) for form in forms))


def _spoken(
    names: Iterable[str], forms: Any, english: Mapping[str, Sequence[str]]
) -> dict[str, str]:
    """Names as one word each → what is written for them: the name, or what was said where several
    are called so."""
    found: dict[str, list[str]] = {}
    for name in names:
        for form in forms(name):
            if all(sounds(word, english) for word in form.split()):
                found.setdefault(form, []).append(name)
    return {
        form.replace(" ", "_"): named[0] if len(named) == 1 else form
        for form, named in found.items()
    }


def _filled(line: str, names: Mapping[str, Mapping[str, str]]) -> list[tuple[str, str]]:
    """A question with each name put in, as it is heard and as it is written."""
    found = re.search(r"{(\w+)}", line)
    if found is None:
        return [(line, line)]
    return [
        (line.replace(found[0], spoken), line.replace(found[0], written))
        for spoken, written in names[found[1]].items()
    ]


def _entries(words: Iterable[str], english: Mapping[str, Sequence[str]]) -> str:
    """The dictionary: a line for each sound of each word."""
    lines = []
    for word in sorted(words):
        for place, sound in enumerate(_sounds_of(word, english), start=1):
            lines.append(f"{word}{f'({place})' if place > 1 else ''} {sound}")
    return "\n".join(lines) + "\n"


def _sounds_of(word: str, english: Mapping[str, Sequence[str]]) -> list[str]:
    """Of a name of several words, the likeliest sounds of each beside each other."""
    parts = [sounds(part, english) for part in word.split("_")]
    most = max(len(part) for part in parts)
    return [" ".join(part[at % len(part)] for part in parts) for at in range(most)]


@lru_cache(maxsize=1)
def _told() -> dict[str, list[str]]:
    told: dict[str, list[str]] = yaml.safe_load(QUESTIONS.read_text(encoding="utf-8"))
    return told


def _dictionary(path: Path) -> dict[str, list[str]]:
    english: dict[str, list[str]] = {}
    with path.open(encoding="utf-8") as file:
        for line in file:
            word, *phones = line.split()
            english.setdefault(word.partition("(")[0], []).append(" ".join(phones))
    return english


def _dithered(samples: bytes) -> bytes:
    import numpy

    values = numpy.frombuffer(samples, dtype="<i2").astype(numpy.float32)
    noise = numpy.random.default_rng(1).normal(0.0, DITHER, len(values))
    return bytes(numpy.clip(values + noise, -32768, 32767).astype("<i2").tobytes())


class _File:
    """A file in memory, for a library that wants a path: names of people come to no disk."""

    def __init__(self, text: str) -> None:
        self._descriptor = os.memfd_create("speech")
        with os.fdopen(os.dup(self._descriptor), "w", encoding="utf-8") as file:
            file.write(text)

    def __enter__(self) -> str:
        return f"/proc/self/fd/{self._descriptor}"

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)
