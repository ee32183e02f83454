"""A linear classifier on sparse vectors, calibrated on messages that it has not seen.

Training uses scikit-learn; serving needs NumPy alone.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu import cores, folds, sparse

FOLDS = 5
UNKNOWN_TO_FOLD = -1.0
"""The margin of a class that a fold's model was never shown."""
STEPS = 512
"""Weights are kept to one part in so many, which makes the file half as large."""

Floats = NDArray[np.float32]


@dataclass
class LinearModel:
    """Classes, a weight for each feature and class, and the temperature that calibrates them."""

    classes: list[str]
    weights: Floats
    bias: Floats
    temperature: float

    def margins(self, columns: NDArray[Any], values: NDArray[Any]) -> Floats:
        """Return the margin of each class for the features that a text has."""
        margins: Floats = values @ self.weights.take(columns, 0) + self.bias
        return margins

    def ranking(
        self, columns: NDArray[Any], values: NDArray[Any], most: int | None = None
    ) -> list[tuple[str, float]]:
        """Return the classes with their probabilities, likeliest first, so many at most."""
        probabilities = softmax(self.margins(columns, values) * self.temperature)
        order = np.argsort(-probabilities)[:most]
        names = [self.classes[place] for place in order.tolist()]
        return list(zip(names, probabilities[order].tolist(), strict=True))

    def save(self, directory: Path) -> None:
        """Write the model as JSON and NumPy arrays, which hold no code."""
        meta = {"classes": self.classes, "temperature": self.temperature}
        (directory / "linear.json").write_text(json.dumps(meta, ensure_ascii=False))
        weights = (np.round(self.weights * STEPS) / STEPS).astype(np.float16)
        np.savez_compressed(directory / "linear.npz", weights=weights, bias=self.bias)

    @classmethod
    def load(cls, directory: Path) -> LinearModel:
        """Read what `save` wrote."""
        meta = json.loads((directory / "linear.json").read_text())
        arrays = np.load(directory / "linear.npz", allow_pickle=False)
        weights = arrays["weights"].astype(np.float32)
        return cls(meta["classes"], weights, arrays["bias"], meta["temperature"])


def softmax(scores: NDArray[Any]) -> NDArray[Any]:
    """Return `scores` as probabilities."""
    shifted = np.exp(scores - scores.max(axis=-1, keepdims=True))
    result: NDArray[Any] = shifted / shifted.sum(axis=-1, keepdims=True)
    return result


def of_one_class(name: str, width: int) -> LinearModel:
    """Return a model that knows nothing else: whatever it is shown is of this class."""
    return LinearModel([name], np.zeros((width, 1), np.float32), np.zeros(1, np.float32), 1.0)


def train(
    matrix: Any, labels: Sequence[str], *, strength: float, seed: int, groups: Sequence[str] = ()
) -> LinearModel:
    """Fit and calibrate a model on the rows of a sparse matrix. `strength` is the SVM's C.

    Rows of one group (none given: each row is one) are never judged by what learned from another
    of it.
    """
    model = _fit(matrix, labels, strength=strength, seed=seed)
    classes, margins = _out_of_fold(matrix, labels, groups, strength=strength, seed=seed)
    model.temperature = _temperature(classes, margins, labels)
    return model


def held_out_guesses(
    matrix: Any,
    labels: Sequence[str],
    *,
    strength: float = 1.0,
    seed: int = 1,
    groups: Sequence[str] = (),
) -> list[dict[str, float]]:
    """Return calibrated probabilities by class for each row, by models that have not seen it."""
    classes, margins = _out_of_fold(matrix, labels, groups, strength=strength, seed=seed)
    probabilities = softmax(margins * _temperature(classes, margins, labels))
    return [dict(zip(classes, map(float, row), strict=True)) for row in probabilities]


def _out_of_fold(
    matrix: Any, labels: Sequence[str], groups: Sequence[str], *, strength: float, seed: int
) -> tuple[list[str], NDArray[Any]]:
    """Return the classes, and for each row its margins by a model that has not seen it."""
    asked = (sparse.digest(matrix), tuple(labels), tuple(groups), strength, seed)
    if asked not in _last_out_of_fold:
        _last_out_of_fold.clear()
        margins = _learn_out_of_fold(matrix, labels, groups, strength=strength, seed=seed)
        _last_out_of_fold[asked] = margins
    return _last_out_of_fold[asked]


# Several components of one training ask for the same.
_last_out_of_fold: dict[tuple[Any, ...], tuple[list[str], NDArray[Any]]] = {}


def _learn_out_of_fold(
    matrix: Any, labels: Sequence[str], groups: Sequence[str], *, strength: float, seed: int
) -> tuple[list[str], NDArray[Any]]:
    classes = sorted(set(labels))
    given = np.asarray(labels)
    margins = np.full((len(labels), len(classes)), UNKNOWN_TO_FOLD, dtype=np.float32)
    parts = folds.parted(groups or [str(n) for n in range(len(labels))], FOLDS, seed=seed)
    telling = [
        fold
        for fold in range(FOLDS)
        if (parts == fold).any() and len(set(given[parts != fold])) > 1
    ]
    jobs = [
        partial(_fit, matrix[inside], given[inside], strength=strength, seed=seed)
        for inside in (np.flatnonzero(parts != fold) for fold in telling)
    ]
    for fold, model in zip(telling, cores.each(jobs, examples=len(labels)), strict=True):
        outside = np.flatnonzero(parts == fold)
        columns = np.asarray([classes.index(name) for name in model.classes])
        margins[np.ix_(outside, columns)] = matrix[outside] @ model.weights + model.bias
    return classes, margins


def _fit(matrix: Any, labels: Sequence[str], *, strength: float, seed: int) -> LinearModel:
    from sklearn.svm import LinearSVC

    machine = LinearSVC(C=strength, random_state=seed, dual=True)
    machine.fit(matrix, list(labels))
    weights, bias = machine.coef_, machine.intercept_
    if len(machine.classes_) == 2:
        weights, bias = np.vstack([-weights, weights]), np.concatenate([-bias, bias])
    return LinearModel(
        classes=[str(name) for name in machine.classes_],
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
