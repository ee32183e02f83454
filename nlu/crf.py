"""A conditional random field that marks entities and is told what the message is about."""

from __future__ import annotations

import itertools
import random
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pycrfsuite

from erp_core.kernel.known_names import KnownNames
from nlu import cores, crfsuite
from nlu.lists import WordLists
from nlu.seen import view
from nlu.text import Piece, script_of, split

OUTSIDE = "O"


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
            listed = [marks - hidden for marks in known.marks(pieces)]
            rows = view(pieces, listed, shop).told(variant.intents)
            trainer.append(pycrfsuite.ItemSequence(rows), tags(pieces, variant.spans))
    return crfsuite.halved(crfsuite.trained(trainer))


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
    fields = cores.each(jobs, examples=len(examples))
    return mean(fields) if count > 1 else fields[0]


NEGLIGIBLE = 0.03
"""Smaller weights are left out of a mean."""


def mean(fields: Sequence[bytes]) -> bytes:
    """Return the field whose weights are the mean of those of the fields."""
    states: dict[crfsuite.Pair, float] = defaultdict(float)
    transitions: dict[crfsuite.Pair, float] = defaultdict(float)
    for one in fields:
        for pair, weight in crfsuite.states(one).items():
            states[pair] += weight / len(fields)
        for pair, weight in crfsuite.transitions(one).items():
            transitions[pair] += weight / len(fields)
    kept = {pair: weight for pair, weight in states.items() if abs(weight) >= NEGLIGIBLE}
    return crfsuite.made_of(kept, transitions)


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
