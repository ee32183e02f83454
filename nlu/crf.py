"""A conditional random field that marks entities and is told what the message is about."""

from __future__ import annotations

import itertools
import os
import random
import re
import tempfile
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import pycrfsuite
from numpy.typing import NDArray

from erp_core.kernel.hindi_numbers import is_number_word
from erp_core.kernel.known_names import KnownNames
from nlu.lists import WordLists
from nlu.text import Kind, Piece, folded, script_of, skeleton, split

OUTSIDE = "O"
Features = dict[str, float]

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


@dataclass
class View:
    """What the field sees of a message before it knows what the message is about."""

    pieces: Sequence[Piece]
    rows: list[Features]
    words: list[str]
    kinds: list[str]
    listed: list[set[str]]

    def told(self, intents: Mapping[str, float]) -> list[Features]:
        """Return the rows with what the intents and their probabilities add."""
        if not intents:
            return self.rows
        best = max(intents, key=lambda name: intents[name])
        likely = {f"intent={name}": probability for name, probability in intents.items()}
        rows = [{**row, **likely} for row in self.rows]
        for here, row in enumerate(rows):
            row[f"intent|kind={best}|{self.kinds[here]}"] = 1.0
            row[f"intent|word={best}|{self.words[here]}"] = 1.0
            for name in self.listed[here]:
                row[f"intent|listed={best}|{name}"] = 1.0
            if here:
                row[f"-1:intent|word={best}|{self.words[here - 1]}"] = 1.0
            if here + 1 < len(rows):
                row[f"1:intent|word={best}|{self.words[here + 1]}"] = 1.0
        return rows


def view(
    pieces: Sequence[Piece],
    lists: WordLists,
    own_names: KnownNames | None = None,
    *,
    hidden: Collection[str] = (),
) -> View:
    """Return what the field sees of each piece; `own_names` are the shop's own."""
    listed = [marks.difference(hidden) for marks in lists.marks(pieces)]
    if own_names is not None:
        _add_own_names(listed, pieces, own_names)
    own = [_seen(piece.text, piece.kind, piece.normal) for piece in pieces]
    rows: list[Features] = []
    for here, seen in enumerate(own):
        row: Features = {"bias": 1.0, **seen.alone}
        row[f"shape={seen.shape}{'' if here else '^'}"] = 1.0
        if here and pieces[here - 1].end == pieces[here].start:
            row["glued"] = 1.0
            rows[-1]["glued on"] = 1.0
            row[f"glued={own[here - 1].kind}~{seen.kind}"] = 1.0
        for name in listed[here]:
            row[f"listed={name}"] = 1.0
        _add_neighbours(row, here, own, listed)
        rows.append(row)
    return View(pieces, rows, [seen.word for seen in own], [seen.kind for seen in own], listed)


def _add_own_names(listed: list[set[str]], pieces: Sequence[Piece], own_names: KnownNames) -> None:
    indexes = [i for i, piece in enumerate(pieces) if piece.kind != "symbol"]
    marks = own_names.marks([folded(pieces[i].text) for i in indexes])
    for index, found in zip(indexes, marks, strict=True):
        listed[index].update(f"own:{mark}" for mark in found)


def _add_neighbours(
    row: Features,
    here: int,
    own: Sequence[_Seen],
    listed: Sequence[Collection[str]],
) -> None:
    for step in STEPS:
        there = here + step
        if not 0 <= there < len(own):
            if abs(step) == 1:
                row[f"{step}:edge"] = 1.0
            continue
        row.update(own[there].beside[step])
        for name in listed[there]:
            row[f"{step}:listed={name}"] = 1.0
        if abs(step) == 1:
            pair = f"{own[min(here, there)].kind}~{own[max(here, there)].kind}"
            row[f"{step}:kinds={pair}"] = 1.0
            row[f"{step}:words={own[here].word}~{own[there].word}"] = 1.0
            beyond = there + step
            further = own[beyond].word if 0 <= beyond < len(own) else "edge"
            row[f"{step}:two={own[there].word}~{further}"] = 1.0
    if 0 < here < len(own) - 1:
        row[f"around={own[here - 1].word}~{own[here + 1].word}"] = 1.0


STEPS = (-3, -2, -1, 1, 2, 3)
"""So far a piece sees others."""


@dataclass(frozen=True)
class _Seen:
    """What a piece gives to its own row, and to those of others that it stands beside."""

    word: str
    kind: str
    shape: str
    alone: Features
    beside: Mapping[int, Features]


@lru_cache(maxsize=4096)
def _seen(text: str, kind: str, normal: str) -> _Seen:
    """Words come again and again, and the same is seen of them each time."""
    piece = Piece(text, 0, len(text), cast(Kind, kind), normal)
    word, bones = normal or text, skeleton(normal or text)
    found = {
        "word": word,
        "bones": bones,
        "kind": _kind(piece),
        "start2": word[:2],
        "start3": word[:3],
        "end2": word[-2:],
        "end3": word[-3:],
        "end4": word[-4:],
        "script": script_of(text),
    }
    near = {"word": word, "kind": found["kind"]}
    next_to = {**near, "bones": bones, "end": word[-2:]}
    beside = {step: _told(next_to if abs(step) == 1 else near, f"{step}:") for step in STEPS}
    return _Seen(word, found["kind"], _shape(piece), _told(found), beside)


def _told(found: Mapping[str, str], before: str = "") -> Features:
    return {f"{before}{name}={value}": 1.0 for name, value in found.items()}


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


def tags(pieces: Sequence[Piece], spans: Sequence[Span]) -> list[str]:
    """Return a begin/inside/outside tag for each piece."""
    result = [OUTSIDE] * len(pieces)
    for span in spans:
        inside = [i for i, p in enumerate(pieces) if p.start < span.end and p.end > span.start]
        for order, index in enumerate(inside):
            result[index] = f"{'I' if order else 'B'}-{span.entity}"
    return result


def kinds(found: Sequence[str]) -> list[str]:
    """Return the kinds of the entities that tags mark, in order."""
    return [
        tag[2:]
        for before, tag in itertools.pairwise([OUTSIDE, *found])
        if tag != OUTSIDE and (tag[0] == "B" or before[2:] != tag[2:])
    ]


NAMES_HIDDEN = 0.5
WORDS_HIDDEN = 0.25
"""From so many examples a list of names, or of other words, is hidden."""

SHOPS = 6
"""So many made-up shops' lists are shown in training, each with half of the names."""

Values = Mapping[tuple[str, str], Sequence[str]]
"""Entity and script -> what was seen or listed of it."""


def train(
    examples: Sequence[Example],
    lists: Mapping[str, Sequence[str]],
    *,
    l1: float = 0.05,
    l2: float = 0.02,
    rounds: int = 120,
    copies: int = 1,
    fragments: int = 0,
    names: Collection[str] = (),
    min_count: int = 1,
    seed: int = 1,
) -> bytes:
    """Fit a field and return it as bytes.

    `copies` more of each example have their entities swapped for others of the same kind and
    script, and their capitals changed, so that contexts rather than names are learnt. A list is
    hidden from many examples, so that names outside it are found too. Half of them see the list of
    a made-up shop, with names of the kinds in `names`. `fragments` values stand alone with no
    intent, as answers to a question do. Features seen fewer than `min_count` times are dropped.
    """
    chance = random.Random(seed)  # noqa: S311 - shuffling, not security
    known = WordLists(lists)
    values = _values_by_entity(examples, lists)
    shops = _made_up_shops(values, names, chance)
    marked = {entity for entity, _ in values}
    hiding = {name: NAMES_HIDDEN if name in marked else WORDS_HIDDEN for name in lists}
    trainer = pycrfsuite.Trainer(verbose=False)
    trainer.set_params({"c1": l1, "c2": l2, "max_iterations": rounds, "feature.minfreq": min_count})
    for example in [*examples, *_fragments(values, fragments, chance)]:
        changed = (_swapped(example, values, names, chance) for _ in range(copies))
        for variant in (example, *(_recased(one, chance) for one in changed)):
            pieces = split(variant.text)
            hidden = {name for name in lists if chance.random() < hiding[name]}
            shop = chance.choice(shops) if shops and chance.random() < 0.5 else None
            rows = view(pieces, known, shop, hidden=hidden).told(variant.intents)
            trainer.append(pycrfsuite.ItemSequence(rows), tags(pieces, variant.spans))
    return _halved(_trained(trainer))


def train_mean(
    count: int, examples: Sequence[Example], lists: Mapping[str, Sequence[str]], **settings: Any
) -> bytes:
    """Fit `count` fields, each with other copies and other lists hidden, and return their mean.

    What one takes from chance, the others weigh down; a mean costs no more to ask than one of
    them. `settings` are those of `train`.
    """
    seed = int(settings.pop("seed", 1))
    jobs = [
        partial(train, examples, lists, **settings, seed=seed + number) for number in range(count)
    ]
    fields = side_by_side(jobs)
    return mean(fields) if count > 1 else fields[0]


def side_by_side(jobs: Sequence[Callable[[], bytes]]) -> list[bytes]:
    """Return the fields that the jobs train, on all cores: CRFsuite lets other threads run."""
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        return list(pool.map(lambda job: job(), jobs))


NEGLIGIBLE = 0.03
"""Smaller weights are left out of a mean."""


def mean(fields: Sequence[bytes]) -> bytes:
    """Return the field whose weights are the mean of those of the fields."""
    states: dict[tuple[str, str], float] = defaultdict(float)
    transitions: dict[tuple[str, str], float] = defaultdict(float)
    for one in map(_info, fields):
        for pair, weight in one.state_features.items():
            states[pair] += weight / len(fields)
        for pair, weight in one.transitions.items():
            transitions[pair] += weight / len(fields)
    kept = {pair: weight for pair, weight in states.items() if abs(weight) >= NEGLIGIBLE}
    return _weighted(_blank(kept, transitions), kept, transitions)


def _blank(states: Collection[tuple[str, str]], transitions: Collection[tuple[str, str]]) -> bytes:
    """Return a field that has these features, whatever they weigh.

    CRFsuite alone knows how to write its file, so that it is shown each feature once.
    """
    by_label: dict[str, list[str]] = defaultdict(list)
    for attribute, label in states:
        by_label[label].append(attribute)
    trainer = pycrfsuite.Trainer(verbose=False)
    trainer.set_params({"c1": 0.0, "c2": 1.0, "max_iterations": 1})
    for label, attributes in by_label.items():
        trainer.append([attributes], [label])
    for before, after in transitions:
        trainer.append([[], []], [before, after])
    return _trained(trainer)


def _trained(trainer: Any) -> bytes:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "field.crfsuite"
        trainer.train(str(path))
        return path.read_bytes()


def _info(field: bytes) -> Any:
    tagger = pycrfsuite.Tagger()
    tagger.open_inmemory(field)
    return tagger.info()


_FEATURE = np.dtype([("type", "<u4"), ("of", "<u4"), ("label", "<u4"), ("weight", "<f8")])
_FEATURES_AT, _FEATURES_BEGIN = 28, 12
"""Where CRFsuite's file tells the place of its features, and how long their heading is."""
_STATE = 0
"""The type of a feature that goes from an attribute to a label; others go from label to label."""


def _features(model: bytearray) -> NDArray[Any]:
    """Return the features in CRFsuite's file, to read and to change."""
    heading = int.from_bytes(model[_FEATURES_AT : _FEATURES_AT + 4], "little")
    first = heading + _FEATURES_BEGIN
    count = int.from_bytes(model[first - 4 : first], "little")
    return np.frombuffer(model, _FEATURE, count, first)


def _halved(model: bytes) -> bytes:
    """Keep the weights at half precision, which marks the same and packs a fifth smaller."""
    data = bytearray(model)
    weights = _features(data)["weight"]
    weights[:] = weights.astype(np.float16)
    return bytes(data)


def _weighted(
    model: bytes,
    states: Mapping[tuple[str, str], float],
    transitions: Mapping[tuple[str, str], float],
) -> bytes:
    """Return the field with other weights; a feature that has none among them weighs nothing."""
    told = _info(model)
    attributes = {int(number): name for name, number in told.attributes.items()}
    labels = {int(number): name for name, number in told.labels.items()}
    data = bytearray(model)
    features = _features(data)
    features["weight"] = [
        states.get((attributes[of], labels[label]), 0.0)
        if kind == _STATE
        else transitions.get((labels[of], labels[label]), 0.0)
        for kind, of, label, _ in features.tolist()
    ]
    return _halved(bytes(data))


def _made_up_shops(
    values: Values, names: Collection[str], chance: random.Random
) -> list[KnownNames]:
    """Return shops' lists; some names in them say more than people do, as catalogues will."""
    shops = []
    for _ in range(SHOPS if names else 0):
        listed: dict[str, list[str]] = {}
        for (entity, _script), found in sorted(values.items()):
            if entity not in names:
                continue
            for value in chance.sample(found, len(found) // 2):
                more = chance.choice(found).split()[-1] if chance.random() < 0.3 else ""
                listed.setdefault(entity, []).append(f"{value} {more}")
        shops.append(KnownNames(listed))
    return shops


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


def _fragments(values: Values, number: int, chance: random.Random) -> list[Example]:
    every = [(entity, value) for (entity, _), found in sorted(values.items()) for value in found]
    chosen = chance.sample(every, min(number, len(every)))
    return [Example(value, [Span(entity, 0, len(value))]) for entity, value in chosen]


def _swapped(
    example: Example, values: Values, names: Collection[str], chance: random.Random
) -> Example:
    text, spans, done = "", [], 0
    for span in sorted(example.spans, key=lambda span: span.start):
        value = example.text[span.start : span.end]
        text += example.text[done : span.start]
        choices = values[span.entity, script_of(value)]
        if chance.random() < 0.8:
            value = chance.choice(choices)
            if span.entity in names and chance.random() < 0.25:
                value = _crossed(value, chance.choice(choices))
        spans.append(Span(span.entity, len(text), len(text) + len(value)))
        text += value
        done = span.end
    return Example(text + example.text[done:], spans, example.intents)


def _crossed(one: str, other: str) -> str:
    """Return a new name: the beginning of one with the end of another."""
    ending = other.split()[1:]
    return " ".join([one.split()[0], *ending]) if ending else one


def _recased(example: Example, chance: random.Random) -> Example:
    """Change the capitals, which writers set as they like."""
    lot = chance.random()
    text = example.text
    if lot < 0.15:
        text = text.lower()
    elif lot < 0.2:
        text = text.upper()
    elif lot < 0.4:
        text = text[:1].upper() + text[1:]
    same_places = len(text) == len(example.text)
    return Example(text, example.spans, example.intents) if same_places else example


class Field:
    """A trained field, ready to mark messages."""

    def __init__(self, model: bytes, lists: Mapping[str, Sequence[str]]) -> None:
        self.model = model
        self.lists = lists
        self._known = WordLists(lists)
        self._tagger: Any = pycrfsuite.Tagger()
        self._tagger.open_inmemory(model)

    def view(self, text: str, own_names: KnownNames | None = None) -> View:
        """Return what the field sees; `own_names` are those of the shop it was written to."""
        return view(split(text), self._known, own_names)

    def spans(
        self,
        text: str,
        intents: Mapping[str, float],
        own_names: KnownNames | None = None,
        *,
        seen: View | None = None,
    ) -> list[Span]:
        """Return the entities of `text`; `seen` is its view, when it was looked at before."""
        seen = seen or self.view(text, own_names)
        if not seen.pieces:
            return []
        self._tagger.set(pycrfsuite.ItemSequence(seen.told(intents)))
        found = self._joined(seen.pieces, self._tagger.tag())
        return [_bare(span, seen.pieces) for span in found if _says_something(span, seen.pieces)]

    def kinds(self, seen: View) -> list[str]:
        """Return the kinds of the entities in a message, in order, without knowing its intent."""
        if not seen.pieces:
            return []
        self._tagger.set(pycrfsuite.ItemSequence(seen.rows))
        return kinds(self._tagger.tag())

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


CLOSING = frozenset("%)]+")


def _says_something(span: Span, pieces: Sequence[Piece]) -> bool:
    return any(span.start <= p.start < span.end and p.kind != "symbol" for p in pieces)


def _bare(span: Span, pieces: Sequence[Piece]) -> Span:
    """Return the span without symbols at its end, which belong to the sentence."""
    end = span.end
    for piece in reversed(pieces):
        if span.start < piece.start < span.end:
            if piece.kind != "symbol" or piece.text in CLOSING:
                break
            end = max(p.end for p in pieces if p.end <= piece.start)
    return Span(span.entity, span.start, end, span.confidence)
