"""CRFsuite's files: what a trained field holds, and fields of other weights."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pycrfsuite
from numpy.typing import NDArray

Pair = tuple[str, str]
Weights = Mapping[Pair, float]
"""Attribute and label, or label and label that follows, -> weight."""

STATE = 0
"""The type of a feature that goes from an attribute to a label; others go from label to label."""

_FEATURE = np.dtype([("type", "<u4"), ("of", "<u4"), ("label", "<u4"), ("weight", "<f8")])
_FEATURES_AT, _LABELS_AT, _ATTRIBUTES_AT = 28, 32, 36
"""Where the file tells the places of its parts."""
_FEATURES_BEGIN = 12
"""How long the heading of the features is."""
_NAMES_COUNT, _NAMES_AT = 16, 20
"""Where a table of names tells how many there are, and where it lists the place of each."""
_NAME_BEGINS = 8
"""A name stands behind its number and its length with the nought at its end."""


def trained(trainer: Any) -> bytes:
    """Return the file that a pycrfsuite.Trainer makes of what it was shown."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "field.crfsuite"
        trainer.train(str(path))
        return path.read_bytes()


def features(model: bytes | bytearray) -> NDArray[Any]:
    """Return the features ("type", "of", "label", "weight"), to read and, of an array, to change.

    "of" is the number of an attribute or of a label, "label" that of a label.
    """
    heading = _number(model, _FEATURES_AT)
    first = heading + _FEATURES_BEGIN
    return np.frombuffer(model, _FEATURE, _number(model, first - 4), first)


def labels(model: bytes) -> list[str]:
    """Return the labels by their numbers."""
    return _names(model, _number(model, _LABELS_AT))


def attributes(model: bytes) -> list[str]:
    """Return the attributes by their numbers."""
    return _names(model, _number(model, _ATTRIBUTES_AT))


def states(model: bytes) -> dict[Pair, float]:
    """Return what an attribute weighs for a label."""
    attribute, label = attributes(model), labels(model)
    return {
        (attribute[of], label[to]): weight
        for kind, of, to, weight in features(model).tolist()
        if kind == STATE
    }


def transitions(model: bytes) -> dict[Pair, float]:
    """Return what it weighs that one label follows another."""
    named = labels(model)
    return {
        (named[of], named[label]): weight
        for kind, of, label, weight in features(model).tolist()
        if kind != STATE
    }


def halved(model: bytes) -> bytes:
    """Keep the weights at half precision, which marks the same and packs a fifth smaller."""
    data = bytearray(model)
    weights = features(data)["weight"]
    weights[:] = weights.astype(np.float16)
    return bytes(data)


def made_of(states: Weights, follows: Weights) -> bytes:
    """Return the field of these weights, at half precision."""
    model = _blank(states, follows)
    attribute, label = attributes(model), labels(model)
    data = bytearray(model)
    every = features(data)
    every["weight"] = [
        states.get((attribute[of], label[to]), 0.0)
        if kind == STATE
        else follows.get((label[of], label[to]), 0.0)
        for kind, of, to, _ in every.tolist()
    ]
    return halved(bytes(data))


def _blank(states: Collection[Pair], follows: Collection[Pair]) -> bytes:
    """Return a field that has these features, whatever they weigh.

    CRFsuite alone knows how to write its file, so that it is shown each feature once.
    """
    by_label: dict[str, list[str]] = defaultdict(list)
    for attribute, label in states:
        by_label[label].append(attribute)
    trainer = pycrfsuite.Trainer(verbose=False)
    trainer.set_params({"c1": 0.0, "c2": 1.0, "max_iterations": 1})
    for label, shown in by_label.items():
        trainer.append([shown], [label])
    for before, after in follows:
        trainer.append([[], []], [before, after])
    return trained(trainer)


def _number(model: bytes | bytearray, place: int) -> int:
    return int.from_bytes(model[place : place + 4], "little")


def _names(model: bytes, table: int) -> list[str]:
    count, listed = _number(model, table + _NAMES_COUNT), _number(model, table + _NAMES_AT)
    places = np.frombuffer(model, "<u4", count, table + listed).tolist() if count else []
    return [_name(model, table + place) for place in places]


def _name(model: bytes, place: int) -> str:
    length = _number(model, place + _NAME_BEGINS - 4)
    return model[place + _NAME_BEGINS : place + _NAME_BEGINS + length - 1].decode()
