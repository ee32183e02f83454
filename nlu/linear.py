"""A linear text classifier on spelling-folded character and word n-grams, without Rasa.

Training uses scikit-learn; serving needs NumPy alone and well under a millisecond a text.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.text import normal_words, skeleton

BLOCKS = ("char", "word", "pair", "skeleton")
# How much each family of features counts, found on the development set.
BLOCK_WEIGHTS = {"char": 1.0, "word": 0.7, "pair": 0.5, "skeleton": 0.5}
LONGEST_CHARS = 5
FOLDS = 5

Floats = NDArray[np.float32]


def counts(text: str) -> dict[str, Counter[str]]:
    """Return the raw feature counts of `text` by block."""
    words = normal_words(text)
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
    }


@dataclass
class Vocabulary:
    """Feature numbers and weights of rarity, block by block."""

    index: dict[str, dict[str, int]]
    idf: Floats

    @classmethod
    def learn(cls, texts: Sequence[str], *, min_count: int) -> Vocabulary:
        """Keep the features that at least `min_count` texts have."""
        index: dict[str, dict[str, int]] = {}
        idf: list[float] = []
        documents = [counts(text) for text in texts]
        for block in BLOCKS:
            seen: Counter[str] = Counter()
            for document in documents:
                seen.update(document[block].keys())
            index[block] = {}
            for feature, count in sorted(seen.items()):
                if count >= min_count:
                    index[block][feature] = len(idf)
                    idf.append(math.log((1 + len(texts)) / (1 + count)) + 1)
        return cls(index, np.asarray(idf, dtype=np.float32))

    def vector(self, text: str) -> tuple[NDArray[np.int64], Floats]:
        """Return the feature numbers of `text` and their values, each block of unit length."""
        columns: list[int] = []
        values: list[NDArray[Any]] = []
        for block, found in counts(text).items():
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

    def scores(self, text: str) -> Floats:
        """Return the margin of each class."""
        columns, values = self.vocabulary.vector(text)
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
        return cls(meta["classes"], vocabulary, weights, arrays["bias"], meta["temperature"])


def softmax(scores: NDArray[Any]) -> NDArray[Any]:
    """Return `scores` as probabilities."""
    shifted = np.exp(scores - scores.max(axis=-1, keepdims=True))
    result: NDArray[Any] = shifted / shifted.sum(axis=-1, keepdims=True)
    return result


def train(
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    min_count: int = 2,
    strength: float = 1.0,
    seed: int = 1,
) -> LinearModel:
    """Fit and calibrate a model. `strength` is the SVM's C."""
    model = _fit(texts, labels, min_count=min_count, strength=strength, seed=seed)
    classes, margins = out_of_fold(texts, labels, min_count=min_count, strength=strength, seed=seed)
    model.temperature = _temperature(classes, margins, labels)
    return model


def held_out_guesses(
    texts: Sequence[str], labels: Sequence[str], *, seed: int = 1
) -> list[dict[str, float]]:
    """Return calibrated probabilities by class for each text, by models that have not seen it."""
    classes, margins = out_of_fold(texts, labels, seed=seed)
    probabilities = softmax(margins * _temperature(classes, margins, labels))
    return [dict(zip(classes, map(float, row), strict=True)) for row in probabilities]


def out_of_fold(
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    min_count: int = 2,
    strength: float = 1.0,
    seed: int = 1,
) -> tuple[list[str], NDArray[Any]]:
    """Return the classes, and for each text its margins by a model that has not seen it."""
    classes = sorted(set(labels))
    margins = np.zeros((len(texts), len(classes)), dtype=np.float32)
    folds = np.random.default_rng(seed).permutation(len(texts)) % FOLDS
    for fold in range(FOLDS):
        inside = np.flatnonzero(folds != fold)
        model = _fit(
            [texts[i] for i in inside],
            [labels[i] for i in inside],
            min_count=min_count,
            strength=strength,
            seed=seed,
        )
        columns = [classes.index(name) for name in model.classes]
        for i in np.flatnonzero(folds == fold):
            margins[i] = -1.0
            margins[i, columns] = model.scores(texts[i])
    return classes, margins


def _fit(
    texts: Sequence[str], labels: Sequence[str], *, min_count: int, strength: float, seed: int
) -> LinearModel:
    from scipy.sparse import csr_matrix
    from sklearn.svm import LinearSVC

    vocabulary = Vocabulary.learn(texts, min_count=min_count)
    vectors = [vocabulary.vector(text) for text in texts]
    offsets = np.cumsum([0, *(len(columns) for columns, _ in vectors)])
    columns = np.concatenate([columns for columns, _ in vectors])
    values = np.concatenate([values for _, values in vectors])
    matrix = csr_matrix((values, columns, offsets), shape=(len(texts), len(vocabulary.idf)))
    machine = LinearSVC(C=strength, class_weight="balanced", random_state=seed, dual=True)
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
