"""Confidence is made as sure as it is right, and the order of a ranking stays."""

from __future__ import annotations

import random
from typing import Any

import pytest
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from nlu import folds
from nlu.calibration import FEWEST, Calibration, fitted

RANKING = [
    {"name": "buy", "confidence": 0.6},
    {"name": "sell", "confidence": 0.3},
    {"name": "ask", "confidence": 0.1},
]


def sureness(ranking: list[dict[str, Any]]) -> list[float]:
    return [one["confidence"] for one in ranking]


def test_without_anything_learned_nothing_changes() -> None:
    assert sureness(Calibration()(RANKING)) == pytest.approx([0.6, 0.3, 0.1])
    assert Calibration()([]) == []


def test_a_ranking_adds_up_and_keeps_its_order() -> None:
    for sharpness in (0.4, 1.0, 3.0):
        for doubt in (0.0, 0.1):
            found = Calibration(sharpness, doubt)(RANKING)
            assert [one["name"] for one in found] == ["buy", "sell", "ask"]
            assert sum(sureness(found)) == pytest.approx(1)
            assert sureness(found) == sorted(sureness(found), reverse=True)


def test_nothing_is_surer_than_doubt_allows() -> None:
    certain = [{"name": "buy", "confidence": 1.0}, {"name": "sell", "confidence": 1e-12}]
    assert Calibration(2.0, 0.1)(certain)[0]["confidence"] == pytest.approx(0.95)


@pytest.mark.parametrize("share", [0.7, 0.95])
def test_what_is_right_so_often_becomes_so_sure(share: float) -> None:
    chance = random.Random(1)
    labels = ["buy" if chance.random() < share else "sell" for _ in range(2000)]
    known = fitted([RANKING[:2]] * len(labels), labels)
    assert known(RANKING[:2])[0]["confidence"] == pytest.approx(share, abs=0.04)


def test_few_rankings_say_nothing() -> None:
    assert fitted([RANKING] * (FEWEST - 1), ["sell"] * (FEWEST - 1)) == Calibration()


def messages(**counts: int) -> list[Message]:
    return [
        Message(data={TEXT: f"{intent} {number}", INTENT: intent})
        for intent, count in counts.items()
        for number in range(count)
    ]


def test_of_each_intent_a_share_is_held_out() -> None:
    every = messages(often=40, seldom=9)
    out = folds.held_out(every, one_in=10, seed=1)
    assert [one.get(INTENT) for one, aside in zip(every, out, strict=True) if aside] == (
        ["often"] * 4
    )
    assert out == folds.held_out(every, one_in=10, seed=1)
    assert not any(folds.held_out(every, one_in=0, seed=1))


def test_variants_are_held_out_with_what_they_were_made_from() -> None:
    every = messages(often=20)
    variants = [
        Message(data={TEXT: f"x{one.get(TEXT)}", INTENT: "often", folds.VARIANT_OF: one.get(TEXT)})
        for one in every
    ]
    out = folds.held_out([*every, *variants], one_in=10, seed=1)
    assert out[:20] == out[20:]
    assert sum(out) == 4
