"""Sparse matrices of one message, made without the checks that cost more than their arithmetic."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from scipy.sparse import csr_matrix

Array = NDArray[Any]
_MOST_PRINTED = 50


def csr(data: Array, indices: Array, indptr: Array, shape: tuple[int, int]) -> csr_matrix:
    """Return the matrix of these parts, which must fit each other: nothing is checked.

    scipy's constructor looks at each part several times over, a tenth of what a message costs.
    """
    matrix = csr_matrix.__new__(csr_matrix)
    matrix.maxprint = _MOST_PRINTED
    matrix._shape = shape
    matrix.data, matrix.indices, matrix.indptr = data, indices, indptr
    return matrix


def row(columns: Array, values: Array, width: int) -> csr_matrix:
    """Return a matrix of one row."""
    ends = np.array([0, len(columns)], dtype=np.int32)
    return csr(values, columns, ends, (1, width))


def times(matrix: Any, dense: Array) -> Array:
    """Return matrix @ dense, in single precision.

    A message has some hundred counts: adding up their rows by a small dense matrix takes less time
    than having scipy look at both.
    """
    rows, columns, counts = _places(matrix)
    taken = dense.take(columns, 0)
    if matrix.shape[0] == 1:
        one: Array = (counts.astype(np.float32, copy=False) @ taken)[None]
        return one
    adding = np.zeros((matrix.shape[0], len(columns)), np.float32)
    adding[rows, np.arange(len(columns))] = counts
    found: Array = adding @ taken
    return found


def _places(matrix: Any) -> tuple[Array | int, Array, Array]:
    """Return rows, columns and values of what stands in a sparse matrix."""
    if matrix.format != "csr":
        found = matrix.tocoo()
        return found.row, found.col, found.data
    if matrix.shape[0] == 1:
        return 0, matrix.indices, matrix.data
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    return rows, matrix.indices, matrix.data


def digest(matrix: csr_matrix) -> str:
    """Return a hash of all that stands in a matrix."""
    found = hashlib.sha256(repr(matrix.shape).encode())
    for part in (matrix.data, matrix.indices, matrix.indptr):
        found.update(part.tobytes())
    return found.hexdigest()


class SparseFeatures(Features):
    """Features that are told from others by a hash of what they hold.

    Rasa would write out each number for it, of all messages, many times in a training.
    """

    def fingerprint(self) -> str:
        """Return a hash of the features."""
        named = repr((self.type, self.origin, self.attribute, digest(self.features)))
        return hashlib.sha256(named.encode()).hexdigest()


def of_text(message: Message, featurizers: Sequence[str]) -> list[Features]:
    """Return the features of a message's text; no `featurizers` stands for all.

    Message._filter_sparse_features and its like look at all features several times over.
    """
    return [
        one
        for one in message.features
        if one.attribute == TEXT and (not featurizers or one.origin in featurizers)
    ]
