"""A linear text classifier on spelling-folded character and word n-grams, without Rasa.

Training uses scikit-learn; serving needs NumPy alone and well under a millisecond a text.
"""

from __future__ import annotations

import itertools
import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.lists import WordLists
from nlu.text import Piece, skeleton, split

# How much each family of features counts, found by measurement: letters, words, neighbours, bones,
# neighbours and threes with listed words and numbers made one, words at a distance, the edges.
BLOCK_WEIGHTS = {
    "char": 1.0,
    "word": 0.7,
    "pair": 0.5,
    "skeleton": 0.5,
    "kinds2": 0.5,
    "kinds3": 0.4,
    "distant": 0.4,
    "edges": 0.3,
}
BLOCKS = tuple(BLOCK_WEIGHTS)
LONGEST_CHARS = 5
FARTHEST = 4
MOST_DIGITS = 6
FOLDS = 5
NO_LISTS = WordLists({})

Floats = NDArray[np.float32]
Document = dict[str, Counter[str]]


def counts(text: str, lists: WordLists = NO_LISTS) -> Document:
    """Return the raw feature counts of `text` by block."""
    pieces = split(text)
    words = [piece.normal for piece in pieces if piece.normal]
    chars: Counter[str] = Counter()
    for word in words:
        padded = f" {word} "
        for size in range(1, LONGEST_CHARS + 1):
            if size > len(padded):
                break
            for start in range(len(padded) - size + 1):
                chars[padded[start : start + size]] += 1
    return {
        "char": chars,
        "word": Counter(words),
        "pair": Counter(f"{a} {b}" for a, b in zip(["<", *words], [*words, ">"], strict=True)),
        "skeleton": Counter(skeleton(word) for word in words),
        **_runs_of_kinds(pieces, lists),
        "distant": Counter(
            f"{first}~{later}"
            for step in range(2, FARTHEST + 1)
            for first, later in zip(words, words[step:], strict=False)
        ),
        "edges": Counter([f"<{word}" for word in words[:2]] + [f">{word}" for word in words[-3:]]),
    }


def _runs_of_kinds(pieces: Sequence[Piece], lists: WordLists) -> Document:
    """Return twos and threes in which numbers and listed words stand for their kind."""
    kinds = ["<"]
    for piece, marks in zip(pieces, lists.marks(pieces), strict=True):
        kind = _kind(piece, marks, lists)
        if kind and not (kind.startswith("#") and kind == kinds[-1]):
            kinds.append(kind)
    kinds.append(">")
    return {
        "kinds2": Counter(f"{a} {b}" for a, b in itertools.pairwise(kinds)),
        "kinds3": Counter(
            f"{a} {b} {c}" for a, b, c in zip(kinds, kinds[1:], kinds[2:], strict=False)
        ),
    }


def _kind(piece: Piece, marks: set[str], lists: WordLists) -> str:
    """Return what a piece counts as: a number's length, its most telling list, or itself."""
    if not piece.normal:
        return ""
    if piece.kind == "number":
        return f"#{min(MOST_DIGITS, sum(char.isdigit() for char in piece.text))}"
    if marks:
        return "#" + min(marks, key=lambda name: (lists.sizes[name], name))
    return piece.normal


@dataclass
class Vocabulary:
    """Feature numbers and weights of rarity, block by block."""

    index: dict[str, dict[str, int]]
    idf: Floats

    @classmethod
    def learn(cls, documents: Sequence[Document], *, min_count: int) -> Vocabulary:
        """Keep the features that at least `min_count` documents have."""
        index: dict[str, dict[str, int]] = {}
        idf: list[float] = []
        for block in BLOCKS:
            seen: Counter[str] = Counter()
            for document in documents:
                seen.update(document[block].keys())
            index[block] = {}
            for feature, count in sorted(seen.items()):
                if count >= min_count:
                    index[block][feature] = len(idf)
                    idf.append(math.log((1 + len(documents)) / (1 + count)) + 1)
        return cls(index, np.asarray(idf, dtype=np.float32))

    def vector(self, document: Document) -> tuple[NDArray[np.int64], Floats]:
        """Return the feature numbers of a text and their values, each block of unit length."""
        columns: list[int] = []
        values: list[NDArray[Any]] = []
        for block, found in document.items():
            known = self.index[block]
            here = [(known[f], 1 + math.log(n)) for f, n in found.items() if f in known]
            if not here:
                continue
            ids = [column for column, _ in here]
            value = np.asarray([tf for _, tf in here], dtype=np.float32) * self.idf[ids]
            value *= BLOCK_WEIGHTS[block] / float(np.sqrt(np.dot(value, value)))
            columns.extend(ids)
            values.append(value)
        if not columns:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
        return np.asarray(columns, dtype=np.int64), np.concatenate(values)


@dataclass
class LinearModel:
    """Classes, a weight for each feature and class, and the temperature that calibrates them."""

    classes: list[str]
    vocabulary: Vocabulary
    weights: Floats
    bias: Floats
    temperature: float
    lists: WordLists

    def scores(self, text: str) -> Floats:
        """Return the margin of each class."""
        return self.margins(counts(text, self.lists))

    def margins(self, document: Document) -> Floats:
        """Return the margin of each class for a text whose features are counted."""
        columns, values = self.vocabulary.vector(document)
        margins: Floats = values @ self.weights[columns] + self.bias
        return margins

    def ranking(self, text: str) -> list[tuple[str, float]]:
        """Return the classes with their probabilities, likeliest first."""
        probabilities = softmax(self.scores(text) * self.temperature)
        order = np.argsort(-probabilities)
        return [(self.classes[i], float(probabilities[i])) for i in order]

    def save(self, directory: Path) -> None:
        """Write the model as JSON and NumPy arrays, which hold no code."""
        meta = {
            "classes": self.classes,
            "temperature": self.temperature,
            "lists": self.lists.lists,
            "index": {block: list(index) for block, index in self.vocabulary.index.items()},
        }
        (directory / "linear.json").write_text(json.dumps(meta, ensure_ascii=False))
        np.savez_compressed(
            directory / "linear.npz",
            weights=self.weights.astype(np.float16),
            bias=self.bias,
            idf=self.vocabulary.idf.astype(np.float16),
        )

    @classmethod
    def load(cls, directory: Path) -> LinearModel:
        """Read what `save` wrote."""
        meta = json.loads((directory / "linear.json").read_text())
        arrays = np.load(directory / "linear.npz", allow_pickle=False)
        index: dict[str, dict[str, int]] = {}
        start = 0
        for block in BLOCKS:
            features = meta["index"][block]
            index[block] = {feature: start + i for i, feature in enumerate(features)}
            start += len(features)
        vocabulary = Vocabulary(index, arrays["idf"].astype(np.float32))
        weights = arrays["weights"].astype(np.float32)
        return cls(
            meta["classes"],
            vocabulary,
            weights,
            arrays["bias"],
            meta["temperature"],
            WordLists(meta["lists"]),
        )


def softmax(scores: NDArray[Any]) -> NDArray[Any]:
    """Return `scores` as probabilities."""
    shifted = np.exp(scores - scores.max(axis=-1, keepdims=True))
    result: NDArray[Any] = shifted / shifted.sum(axis=-1, keepdims=True)
    return result


def train(
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    lists: WordLists = NO_LISTS,
    min_count: int = 2,
    strength: float = 1.0,
    seed: int = 1,
) -> LinearModel:
    """Fit and calibrate a model. `strength` is the SVM's C; `lists` name words of one kind."""
    documents = [counts(text, lists) for text in texts]
    model = _fit(documents, labels, lists=lists, min_count=min_count, strength=strength, seed=seed)
    classes, margins = out_of_fold(
        texts, labels, lists=lists, min_count=min_count, strength=strength, seed=seed
    )
    model.temperature = _temperature(classes, margins, labels)
    return model


def held_out_guesses(
    texts: Sequence[str], labels: Sequence[str], *, lists: WordLists = NO_LISTS, seed: int = 1
) -> list[dict[str, float]]:
    """Return calibrated probabilities by class for each text, by models that have not seen it."""
    classes, margins = out_of_fold(texts, labels, lists=lists, seed=seed)
    probabilities = softmax(margins * _temperature(classes, margins, labels))
    return [dict(zip(classes, map(float, row), strict=True)) for row in probabilities]


def out_of_fold(
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    lists: WordLists = NO_LISTS,
    min_count: int = 2,
    strength: float = 1.0,
    seed: int = 1,
) -> tuple[list[str], NDArray[Any]]:
    """Return the classes, and for each text its margins by a model that has not seen it."""
    asked = (tuple(texts), tuple(labels), tuple(sorted(lists.names)), min_count, strength, seed)
    if asked not in _last_out_of_fold:
        _last_out_of_fold.clear()
        documents = [counts(text, lists) for text in texts]
        _last_out_of_fold[asked] = _out_of_fold(
            documents, labels, lists=lists, min_count=min_count, strength=strength, seed=seed
        )
    return _last_out_of_fold[asked]


# The classifier and the extractor ask for the same in one training.
_last_out_of_fold: dict[tuple[Any, ...], tuple[list[str], NDArray[Any]]] = {}


def _out_of_fold(
    documents: Sequence[Document],
    labels: Sequence[str],
    *,
    lists: WordLists,
    min_count: int,
    strength: float,
    seed: int,
) -> tuple[list[str], NDArray[Any]]:
    classes = sorted(set(labels))
    margins = np.zeros((len(documents), len(classes)), dtype=np.float32)
    folds = np.random.default_rng(seed).permutation(len(documents)) % FOLDS
    for fold in range(FOLDS):
        inside = np.flatnonzero(folds != fold)
        model = _fit(
            [documents[i] for i in inside],
            [labels[i] for i in inside],
            lists=lists,
            min_count=min_count,
            strength=strength,
            seed=seed,
        )
        columns = [classes.index(name) for name in model.classes]
        for i in np.flatnonzero(folds == fold):
            margins[i] = -1.0
            margins[i, columns] = model.margins(documents[i])
    return classes, margins


def _fit(
    documents: Sequence[Document],
    labels: Sequence[str],
    *,
    lists: WordLists,
    min_count: int,
    strength: float,
    seed: int,
) -> LinearModel:
    from scipy.sparse import csr_matrix
    from sklearn.svm import LinearSVC

    vocabulary = Vocabulary.learn(documents, min_count=min_count)
    vectors = [vocabulary.vector(document) for document in documents]
    offsets = np.cumsum([0, *(len(columns) for columns, _ in vectors)])
    columns = np.concatenate([columns for columns, _ in vectors])
    values = np.concatenate([values for _, values in vectors])
    matrix = csr_matrix((values, columns, offsets), shape=(len(documents), len(vocabulary.idf)))
    machine = LinearSVC(C=strength, random_state=seed, dual=True)
    machine.fit(matrix, list(labels))
    weights, bias = machine.coef_, machine.intercept_
    if len(machine.classes_) == 2:
        weights, bias = np.vstack([-weights, weights]), np.concatenate([-bias, bias])
    return LinearModel(
        classes=[str(name) for name in machine.classes_],
        vocabulary=vocabulary,
        weights=np.ascontiguousarray(weights.T, dtype=np.float32),
        bias=bias.astype(np.float32),
        temperature=1.0,
        lists=lists,
    )


def _temperature(classes: Sequence[str], margins: NDArray[Any], labels: Sequence[str]) -> float:
    """Return the factor that makes held-out probabilities as sure as they are right."""
    if len(labels) < 2 * FOLDS:
        return 1.0
    number = {name: index for index, name in enumerate(classes)}
    truth = np.asarray([number[label] for label in labels])
    candidates = np.geomspace(0.5, 20, 60)
    losses = [_log_loss(margins * candidate, truth) for candidate in candidates]
    return float(candidates[int(np.argmin(losses))])


def _log_loss(scores: NDArray[Any], truth: NDArray[Any]) -> float:
    chosen = softmax(scores)[np.arange(len(truth)), truth]
    return float(-np.log(np.maximum(chosen, 1e-9)).mean())
