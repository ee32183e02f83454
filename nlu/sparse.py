"""Sparse matrices of one message, made without the checks that cost more than their arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
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


def places(matrix: Any) -> tuple[Array, Array, Array]:
    """Return rows, columns and values of what stands in a sparse matrix."""
    if matrix.format != "csr":
        found = matrix.tocoo()
        return found.row, found.col, found.data
    return (
        np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr)),
        matrix.indices,
        matrix.data,
    )
