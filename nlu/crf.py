"""A conditional random field that marks entities and is told what the message is about."""

from __future__ import annotations

import random
import re
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pycrfsuite

from erp_core.kernel.hindi_numbers import is_number_word
from erp_core.kernel.spelling import fold
from nlu.text import Piece, script_of, skeleton, split

OUTSIDE = "O"
Features = dict[str, float]
# Gazetteers: name of the list -> its entries as tuples of folded words.
Gazetteers = Mapping[str, Collection[tuple[str, ...]]]

_WORD_START = re.compile(r"[A-Z]")


@dataclass(frozen=True)
class Span:
    """`text[start:end]` is an entity of kind `entity`, marked with `confidence`."""

    entity: str
    start: int
    end: int
    confidence: float = 1.0


@dataclass
class Example:
    """A training message: its text, its spans, and its intents with their probabilities."""

    text: str
    spans: list[Span]
    intents: Mapping[str, float] = field(default_factory=dict)


def gazetteers(lists: Mapping[str, Sequence[str]]) -> dict[str, set[tuple[str, ...]]]:
    """Return word lists by name in the form that `features` takes."""
    return {
        name: {tuple(fold(entry).split()) for entry in entries if fold(entry)}
        for name, entries in lists.items()
    }


def features(
    pieces: Sequence[Piece], intents: Mapping[str, float], known: Gazetteers
) -> list[Features]:
    """Return what the field sees of each piece."""
    listed = _listed(pieces, known)
    own = [_own(piece) for piece in pieces]
    best = max(intents, key=lambda name: intents[name]) if intents else ""
    rows: list[Features] = []
    for here in range(len(pieces)):
        row: Features = {"bias": 1.0}
        for name, probability in intents.items():
            row[f"intent={name}"] = probability
        for key, value in own[here].items():
            row[f"{key}={value}"] = 1.0
        for name in listed[here]:
            row[f"listed={name}"] = 1.0
        row[f"intent|kind={best}|{own[here]['kind']}"] = 1.0
        row[f"intent|word={best}|{own[here]['word']}"] = 1.0
        _add_neighbours(row, here, own, listed, best)
        rows.append(row)
    return rows


def _add_neighbours(
    row: Features,
    here: int,
    own: Sequence[Mapping[str, str]],
    listed: Sequence[Collection[str]],
    best: str,
) -> None:
    for step in (-3, -2, -1, 1, 2, 3):
        there = here + step
        if not 0 <= there < len(own):
            if abs(step) == 1:
                row[f"{step}:edge"] = 1.0
            continue
        row[f"{step}:word={own[there]['word']}"] = 1.0
        row[f"{step}:kind={own[there]['kind']}"] = 1.0
        for name in listed[there]:
            row[f"{step}:listed={name}"] = 1.0
        if abs(step) == 1:
            row[f"{step}:end={own[there]['end2']}"] = 1.0
            row[f"{step}:intent|word={best}|{own[there]['word']}"] = 1.0
            pair = f"{own[min(here, there)]['kind']}~{own[max(here, there)]['kind']}"
            row[f"{step}:kinds={pair}"] = 1.0
    if 0 < here < len(own) - 1:
        row[f"around={own[here - 1]['word']}~{own[here + 1]['word']}"] = 1.0


def _own(piece: Piece) -> dict[str, str]:
    word = piece.normal or piece.text
    return {
        "word": word,
        "bones": skeleton(word),
        "kind": _kind(piece),
        "shape": _shape(piece),
        "start2": word[:2],
        "start3": word[:3],
        "end2": word[-2:],
        "end3": word[-3:],
        "end4": word[-4:],
        "script": script_of(piece.text),
    }


def _kind(piece: Piece) -> str:
    if piece.kind == "number":
        return "number"
    if piece.kind == "symbol":
        return f"symbol{piece.text}"
    return "numberword" if is_number_word(piece.text) else "word"


def _shape(piece: Piece) -> str:
    if piece.kind == "number":
        return f"{min(len(piece.text), 11)}{'.' if '.' in piece.text else ''}"
    if piece.text.isupper():
        return "X" if len(piece.text) > 1 else "x1"
    return "Xx" if _WORD_START.match(piece.text) else "x"


LONGEST_LISTED = 5


def _listed(pieces: Sequence[Piece], known: Gazetteers) -> list[set[str]]:
    """Return for each piece the lists in which it stands, alone or as part of an entry."""
    result: list[set[str]] = [set() for _ in pieces]
    words = [(i, fold(piece.text)) for i, piece in enumerate(pieces) if piece.kind != "symbol"]
    for name, entries in known.items():
        if not entries:
            continue
        for first in range(len(words)):
            for size in range(min(LONGEST_LISTED, len(words) - first), 0, -1):
                run = words[first : first + size]
                if tuple(word for _, word in run) in entries:
                    for index, _ in run:
                        result[index].add(name)
                    break
    return result


def tags(pieces: Sequence[Piece], spans: Sequence[Span]) -> list[str]:
    """Return a begin/inside/outside tag for each piece."""
    result = [OUTSIDE] * len(pieces)
    for span in spans:
        inside = [i for i, p in enumerate(pieces) if p.start < span.end and p.end > span.start]
        for order, index in enumerate(inside):
            result[index] = f"{'I' if order else 'B'}-{span.entity}"
    return result


def train(
    examples: Sequence[Example],
    lists: Mapping[str, Sequence[str]],
    *,
    l1: float = 0.05,
    l2: float = 0.02,
    rounds: int = 120,
    copies: int = 1,
    fragments: int = 0,
    seed: int = 1,
) -> bytes:
    """Fit a field and return it as bytes.

    `copies` more of each example have their entities swapped for others of the same kind and
    script, so that contexts rather than names are learnt. A list is hidden from half of the
    examples, so that names outside it are found too. `fragments` values stand alone with no
    intent, as answers to a question do.
    """
    chance = random.Random(seed)  # noqa: S311 - shuffling, not security
    known = gazetteers(lists)
    values = _values_by_entity(examples, lists)
    trainer = pycrfsuite.Trainer(verbose=False)
    trainer.set_params({"c1": l1, "c2": l2, "max_iterations": rounds})
    for example in [*examples, *_fragments(values, fragments, chance)]:
        variants = [example, *(_swapped(example, values, chance) for _ in range(copies))]
        for variant in variants:
            pieces = split(variant.text)
            shown = {n: e for n, e in known.items() if chance.random() < 0.5}
            rows = features(pieces, variant.intents, shown)
            trainer.append(pycrfsuite.ItemSequence(rows), tags(pieces, variant.spans))
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "field.crfsuite"
        trainer.train(str(path))
        return path.read_bytes()


def _values_by_entity(
    examples: Sequence[Example], lists: Mapping[str, Sequence[str]]
) -> dict[tuple[str, str], list[str]]:
    values: dict[tuple[str, str], set[str]] = {}
    for example in examples:
        for span in example.spans:
            value = example.text[span.start : span.end]
            values.setdefault((span.entity, script_of(value)), set()).add(value)
    for name, entries in lists.items():
        for value in entries:
            if (name, script_of(value)) in values:
                values[name, script_of(value)].add(value)
    return {key: sorted(found) for key, found in values.items()}


def _fragments(
    values: Mapping[tuple[str, str], Sequence[str]], number: int, chance: random.Random
) -> list[Example]:
    every = [(entity, value) for (entity, _), found in sorted(values.items()) for value in found]
    chosen = chance.sample(every, min(number, len(every)))
    return [Example(value, [Span(entity, 0, len(value))]) for entity, value in chosen]


def _swapped(
    example: Example, values: Mapping[tuple[str, str], Sequence[str]], chance: random.Random
) -> Example:
    text, spans, done = "", [], 0
    for span in sorted(example.spans, key=lambda span: span.start):
        value = example.text[span.start : span.end]
        text += example.text[done : span.start]
        choices = values[span.entity, script_of(value)]
        if chance.random() < 0.8:
            value = chance.choice(choices)
        spans.append(Span(span.entity, len(text), len(text) + len(value)))
        text += value
        done = span.end
    return Example(text + example.text[done:], spans, example.intents)


class Field:
    """A trained field, ready to mark messages."""

    def __init__(self, model: bytes, lists: Mapping[str, Sequence[str]]) -> None:
        self.model = model
        self.lists = lists
        self._known = gazetteers(lists)
        self._tagger: Any = pycrfsuite.Tagger()
        self._tagger.open_inmemory(model)

    def spans(
        self, text: str, intents: Mapping[str, float], more: Gazetteers | None = None
    ) -> list[Span]:
        """Return the entities of `text`; `more` are names known for this message alone."""
        pieces = split(text)
        if not pieces:
            return []
        known = self._known if not more else _merged(self._known, more)
        self._tagger.set(pycrfsuite.ItemSequence(features(pieces, intents, known)))
        return self._joined(pieces, self._tagger.tag())

    def _joined(self, pieces: Sequence[Piece], found: Sequence[str]) -> list[Span]:
        spans: list[Span] = []
        previous = OUTSIDE
        for index, (piece, tag) in enumerate(zip(pieces, found, strict=True)):
            if tag == OUTSIDE:
                previous = tag
                continue
            mark, entity = tag.split("-", 1)
            confidence = self._tagger.marginal(tag, index)
            if mark == "I" and previous != OUTSIDE and previous[2:] == entity:
                last = spans[-1]
                confidence = min(last.confidence, confidence)
                spans[-1] = Span(entity, last.start, piece.end, confidence)
            else:
                spans.append(Span(entity, piece.start, piece.end, confidence))
            previous = tag
        return spans


def _merged(known: Gazetteers, more: Gazetteers) -> dict[str, set[tuple[str, ...]]]:
    names = {*known, *more}
    return {name: {*known.get(name, ()), *more.get(name, ())} for name in names}
