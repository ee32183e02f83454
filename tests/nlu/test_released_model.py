"""The released model understands at least as much as when it was released.

The development messages were written by the training messages' author, so these floors guard
against falling back; they do not say how strangers fare.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import nlu_report  # noqa: E402 - after the path

RELEASED = ROOT / "models" / "released.tar.gz"
LARGEST_MEGABYTES = 6
INTENT_FLOOR = 0.90
ENTITY_FLOOR = 0.90
EXACT_FLOOR = 0.80


@pytest.fixture(scope="module")
def cases() -> list[nlu_report.Case]:
    lines = nlu_report.DEVELOPMENT.read_text().splitlines()
    read = [nlu_report.read_case(line) for line in lines]
    nlu_report.understand(RELEASED, read)
    return read


def test_it_is_small() -> None:
    assert RELEASED.stat().st_size < LARGEST_MEGABYTES * 1_000_000


def test_it_holds_the_recorded_floor(cases: list[nlu_report.Case]) -> None:
    found = nlu_report.figures(cases, nlu_report.whole)
    assert found.intent >= INTENT_FLOOR
    assert found.entity_f1 >= ENTITY_FLOOR
    assert found.exact >= EXACT_FLOOR


def test_the_joint_model_costs_nothing(cases: list[nlu_report.Case]) -> None:
    together = nlu_report.figures(cases, nlu_report.whole)
    without = nlu_report.figures(cases, nlu_report.linear_and_field)
    assert together.intent >= without.intent - 0.01
    assert together.entity_f1 >= without.entity_f1 - 0.01


def test_numbers_and_amounts_are_read(cases: list[nlu_report.Case]) -> None:
    entities = [one for case in cases for one in case.found["entities"]]
    counted = [one for one in entities if one["entity"] in ("quantity", "amount")]
    assert [one["value"] for one in counted if "normalized" not in one] == []
