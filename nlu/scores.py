"""How well each label suits each piece of a message, reckoned apart from CRFsuite.

CRFsuite is handed some forty names a piece and looks each up in its file, which takes ten times as
long as finding the best labels. Most of those names belong to the word alone and come again with
it: what they weigh together is remembered, and CRFsuite is handed one number a label.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import accumulate, chain
from typing import Any, NamedTuple

import numpy as np
import pycrfsuite
from numpy.typing import NDArray

from nlu import crfsuite
from nlu.seen import STEPS, Seen, View, likely_name

Array = NDArray[Any]

MOST_WORDS = 2048
"""Words of which it is remembered what they weigh."""
REACH = tuple(sorted({0, *STEPS}))
"""The places of a word as those see it to whom it says something."""


_numbers: dict[str, int] = {}
"""A number for each name that a field of this process knows.

Looking a name up among a hundred thousand waits for the memory, and fields have most in common.
"""
_UNKNOWN = 2**31 - 1


class Scores:
    """The weights of a trained field by what they weigh."""

    def __init__(self, model: bytes) -> None:
        attributes, labels = crfsuite.attributes(model), crfsuite.labels(model)
        numbers = [_numbers.setdefault(name, len(_numbers)) for name in attributes]
        _of_word.cache_clear()  # Names that had no number may have one now.
        # By the name's number; what is behind all stands for names that weigh nothing.
        self._places = np.full(len(_numbers) + 1, len(attributes), np.int32)
        self._places[numbers] = np.arange(len(attributes))
        self._weights = np.zeros((len(attributes) + 1, len(labels)), np.float32)
        features = crfsuite.features(model)
        states = features[features["type"] == crfsuite.STATE]
        self._weights[states["of"], states["label"]] = states["weight"]
        self._edge = np.zeros((len(REACH) // 2 * len(REACH), len(labels)), np.float32)
        self._of_word = lru_cache(maxsize=MOST_WORDS)(self._weigh_word)

    def of(self, seen: Numbered, intents: Mapping[str, float]) -> Array:
        """Return a row a piece with the score of each label, in the order of the file."""
        scores = self._weigh(seen.rows)
        scores += self._of_words(seen.view.seen)
        if intents:
            scores += self._weigh(Rows.of(seen.view.of_intent(intents)))
            scores += self._of_intents(intents)
        return scores

    def _of_words(self, seen: Sequence[Seen]) -> Array:
        """Return what the words weigh for their own pieces and for those that they stand beside."""
        parts = np.concatenate([self._edge, *map(self._of_word, seen), self._edge])
        _, reach, labels = shape = len(seen), len(REACH), parts.shape[1]
        # A piece's row is made of the first part of the word three before, the second of the word
        # two before, and so on: steps of one word and one part.
        step = labels * parts.itemsize
        strides = (reach * step, (reach + 1) * step, parts.itemsize)
        found: Array = np.ndarray(shape, parts.dtype, parts, 0, strides).sum(axis=1)
        return found

    def _of_intents(self, intents: Mapping[str, float]) -> Array:
        names = Rows.of([list(map(likely_name, intents))]).numbers
        found: Array = np.array(list(intents.values())) @ self._taken(names)
        return found

    def _weigh_word(self, seen: Seen) -> Array:
        """Return what a word weighs for the piece three places behind it, and so on until before.

        A row of labels for each place in REACH, its own in the middle.
        """
        return self._weigh(_of_word(seen)).astype(np.float32)

    def _weigh(self, rows: Rows) -> Array:
        """Return what the names in each row weigh together."""
        found: Array = np.add.reduceat(self._taken(rows.numbers), rows.starts, 0, np.float64)
        return found

    def _taken(self, numbers: Array) -> Array:
        return self._weights.take(self._places.take(numbers, mode="clip"), 0)


class Rows(NamedTuple):
    """Rows of names by their numbers, one behind the other, and where each row starts."""

    numbers: Array
    starts: list[int]

    @classmethod
    def of(cls, rows: Sequence[Sequence[str]]) -> Rows:
        """Take rows of which none is empty."""
        number = _numbers.get
        numbers = [number(name, _UNKNOWN) for name in chain.from_iterable(rows)]
        starts = list(accumulate(map(len, rows[:-1]), initial=0))
        return cls(np.array(numbers, np.int32), starts)


class Numbered:
    """What any field sees of a message, with its names numbered."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.rows = Rows.of(view.amid)


@lru_cache(maxsize=MOST_WORDS)
def _of_word(seen: Seen) -> Rows:
    return Rows.of([seen.beside[step] if step else seen.alone for step in REACH])


class Decoder:
    """Finds the best labels for scores, as CRFsuite does it."""

    def __init__(self, model: bytes) -> None:
        labels, transitions = crfsuite.labels(model), crfsuite.transitions(model)
        self._keys = [str(number).encode() for number in range(len(labels))]
        own = {(key.decode(), label): 1.0 for key, label in zip(self._keys, labels, strict=True)}
        # CRFsuite reads it where it lies.
        self._model = crfsuite.made_of(own, transitions)
        self._tagger: Any = pycrfsuite.Tagger()
        self._tagger.open_inmemory(self._model)

    def best(self, scores: Array) -> list[str]:
        """Return the best label of each row of scores, which is what `marginal` speaks of then."""
        rows = [dict(zip(self._keys, row)) for row in scores.tolist()]  # noqa: B905 - runs always
        self._tagger.set(pycrfsuite.ItemSequence(rows))
        found: list[str] = self._tagger.tag()
        return found

    def marginal(self, label: str, place: int) -> float:
        """Return how likely a row has a label."""
        return float(self._tagger.marginal(label, place))
