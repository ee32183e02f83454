"""The cue words of lexicon.yml, folded once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from erp_core.kernel.spelling import fold

LEXICON = Path(__file__).with_name("lexicon.yml")


class _Words(yaml.CSafeLoader):
    """Takes every scalar for a word: "no", "on" and "2" too. An entry that stands twice is refused:
    only the last would be read. Raises ValueError."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - as its parent types it

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        found: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        if len(found) < len(node.value):
            seen = set()
            for key, _ in node.value:
                if key.value in seen:
                    line = key.start_mark.line + 1
                    raise ValueError(f"{LEXICON.name}, line {line}: {key.value} stands twice")
                seen.add(key.value)
        return found


_OFF = re.compile(r"(?<!\w)off(?!\w)", re.IGNORECASE)
_SHARE = re.compile(r"(?<!\w)share(?=s?(?!\w))", re.IGNORECASE)
_QR = re.compile(r"(?<!\w)qr(?!\w)", re.IGNORECASE)


def _folded(text: str) -> tuple[str, ...]:
    """The folded words, English ones as they are spelt, whoever wrote them by ear; "off" and "of"
    stay two, as a payment of 1500 takes nothing off, and so do "share" and "saare", as who shares
    a ledger asks after nobody else, and "qr" and "kr": who writes "2 kr do" does not pay by UPI."""
    plain = fold(_QR.sub("kyuar", _SHARE.sub("shaire", _OFF.sub("auf", text))))
    spelt = _by_ear()
    return tuple(spelt.get(word, word) for word in plain.split())


@cache
def _by_ear() -> dict[str, str]:
    """The folded word that each English word is which somebody writes as it sounds."""
    return {
        fold(heard): fold(word) for word, said in _entries()["by_ear"].items() for heard in said
    }


Phrases = frozenset[tuple[str, ...]]


@lru_cache(maxsize=1)
def _entries() -> dict[str, Any]:
    return _read(LEXICON.read_text(encoding="utf-8"))


def _read(text: str) -> dict[str, Any]:
    entries: dict[str, Any] = _Words(text).get_single_data()
    return entries


def _flat(entry: Iterable[Any]) -> Iterator[str]:
    """The cues of an entry; a list within it is one that another entry shares."""
    for one in entry:
        yield from _flat(one) if isinstance(one, list) else (str(one),)


@cache
def phrases(path: str) -> Phrases:
    """The cues of an entry, each as its folded words."""
    entry: Any = _entries()
    for key in path.split("."):
        entry = entry[key]
    return frozenset(_folded(phrase) for phrase in _flat(entry))


@cache
def names(path: str) -> tuple[str, ...]:
    """The names under an entry whose cues stand by name: names("methods") → ("cash", "upi", …)."""
    entry: Any = _entries()
    for key in path.split("."):
        entry = entry[key]
    return tuple(entry)


@cache
def plain_words(path: str) -> frozenset[str]:
    """An entry's words just as they are written there, for what folding would make one."""
    entry: Any = _entries()
    for key in path.split("."):
        entry = entry[key]
    return frozenset(_flat(entry))


@cache
def any_of(path: str) -> str:
    """An expression for any of an entry's words, as they are written there, for what is looked for
    in a text among figures and signs."""
    longest_first = sorted(plain_words(path), key=lambda word: (-len(word), word))
    spelt = (r"\s+".join(re.escape(part) for part in word.split()) for word in longest_first)
    return f"(?:{'|'.join(spelt)})"


@cache
def _tails(path: str) -> dict[str, tuple[tuple[str, ...], ...]]:
    """The cues of an entry by their first words: what follows it, the longest first."""
    tails: dict[str, list[tuple[str, ...]]] = {}
    for first, *rest in filter(None, phrases(path)):
        tails.setdefault(first, []).append(tuple(rest))
    return {first: tuple(sorted(found, key=len, reverse=True)) for first, found in tails.items()}


@cache
def _firsts(path: str) -> frozenset[str]:
    return frozenset(_tails(path))


@cache
def _single(path: str) -> frozenset[str]:
    return frozenset(phrase[0] for phrase in phrases(path) if len(phrase) == 1)


@lru_cache(maxsize=4096)
def words(text: str) -> tuple[str, ...]:
    """The words of a text in the form in which cues are compared."""
    return _folded(text)


def says(said: Iterable[str], path: str) -> bool:
    """Whether words (see `words`) hold a cue: says(words("hata do"), "stock.remove").

    A turn asks this hundreds of times, and the answer is mostly no: what begins no cue is out.
    """
    row = said if isinstance(said, tuple) else tuple(said)
    return not _firsts(path).isdisjoint(row) and where(row, path) is not None


def where(said: Sequence[str], path: str) -> tuple[int, int] | None:
    """Where the longest cue of an entry stands first among words: (first word, word behind)."""
    row, tails = tuple(said), _tails(path)
    for at, word in enumerate(row, start=1):
        for tail in tails.get(word, ()):
            if row[at : at + len(tail)] == tail:
                return at - 1, at + len(tail)
    return None


def beside(said: Sequence[str], path: str) -> tuple[str, ...]:
    """The words without the cue of an entry that stands first among them."""
    found = where(said, path)
    return (*said[: found[0]], *said[found[1] :]) if found else tuple(said)


def only(said: Iterable[str], path: str) -> bool:
    """Whether every word is one of an entry's single words; true of nothing at all."""
    return _single(path).issuperset(said)


def which(text: str, path: str) -> str | None:
    """The first key under an entry whose cues a text holds: which("gpay se", "methods") → "upi"."""
    return next(iter(every(text, path)), None)


def every(text: str, path: str) -> list[str]:
    """All keys under an entry whose cues a text holds."""
    said = words(text)
    return [key for key in _entries()[path] if says(said, f"{path}.{key}")]
