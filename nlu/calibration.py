"""Makes a ranking as sure as it is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ranking = Sequence[Mapping[str, Any]]

FEWEST = 200
"""Fewer rankings say too little of how far to trust others."""
SHARPNESS = np.geomspace(0.4, 4.0, 47)
DOUBTS = np.concatenate([[0.0], np.geomspace(0.001, 0.1, 13)])
_LEAST = 1e-9


@dataclass(frozen=True)
class Calibration:
    """How far to trust a ranking; the order of what it ranks stays.

    `sharpness`: above 1 the likeliest gain, below it they lose; `doubt`: the share that goes to all
    alike, so that nothing is surer than 1 - `doubt`. As it stands here nothing changes.
    """

    sharpness: float = 1.0
    doubt: float = 0.0

    def __call__(self, ranking: Ranking) -> list[dict[str, Any]]:
        """Return the ranking ({"name", "confidence"}, likeliest first) as sure as it is right."""
        if not ranking or self == Calibration():
            return [dict(one) for one in ranking]
        sure = self._of_one([float(one["confidence"]) for one in ranking])
        pairs = zip(ranking, sure, strict=True)
        return [{**one, "confidence": confidence} for one, confidence in pairs]

    def _of_one(self, given: Sequence[float]) -> list[float]:
        """Return a row of _calibrated, which takes longer for one than this."""
        powers = [max(one, _LEAST) ** self.sharpness if one > 0 else 0.0 for one in given]
        share = (1 - self.doubt) / max(sum(powers), _LEAST)
        even = self.doubt / max(sum(one > 0 for one in given), 1)
        return [share * power + even if power else 0.0 for power in powers]

    def as_json(self) -> dict[str, float]:
        """Return what the class takes."""
        return asdict(self)


def fitted(rankings: Sequence[Ranking], labels: Sequence[str]) -> Calibration:
    """Return the calibration under which `labels` were likeliest.

    `rankings` must be by models that have not seen the texts.
    """
    if len(rankings) < FEWEST:
        return Calibration()
    given, places = _table(rankings, labels)
    losses = {
        (sharpness, doubt): _log_loss(given, places, sharpness, doubt)
        for sharpness in SHARPNESS
        for doubt in DOUBTS
    }
    sharpness, doubt = min(losses, key=lambda pair: losses[pair])
    return Calibration(float(sharpness), float(doubt))


def _table(
    rankings: Sequence[Ranking], labels: Sequence[str]
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return confidences, a row a ranking, and where each label stands in its row (-1: not)."""
    given = np.zeros((len(rankings), max(map(len, rankings))))
    places = np.full(len(rankings), -1)
    for row, (ranking, label) in enumerate(zip(rankings, labels, strict=True)):
        for column, one in enumerate(ranking):
            given[row, column] = one["confidence"]
            if one["name"] == label:
                places[row] = column
    return given, places


def _calibrated(given: NDArray[Any], sharpness: float, doubt: float) -> NDArray[Any]:
    """Return rows of confidences, each adding up to 1."""
    powers = np.where(given > 0, np.maximum(given, _LEAST) ** sharpness, 0.0)
    totals = powers.sum(axis=1, keepdims=True)
    ranked = (given > 0).sum(axis=1, keepdims=True)
    shares = powers / np.maximum(totals, _LEAST)
    even = np.where(given > 0, 1 / np.maximum(ranked, 1), 0.0)
    result: NDArray[Any] = (1 - doubt) * shares + doubt * even
    return result


def _log_loss(
    given: NDArray[Any], places: NDArray[np.int64], sharpness: float, doubt: float
) -> float:
    sure = _calibrated(given, sharpness, doubt)
    chosen = np.where(places < 0, _LEAST, sure[np.arange(len(places)), places])
    return float(-np.log(np.maximum(chosen, 1e-4)).mean())
