"""The released model understands at least as much as when it was released.

The development messages were written by an author of the training messages, so they tell less than
the unseen ones, which others wrote without reading those. Both guard against falling back. What the
learners see was chosen by these very figures, so messages of yet others may fare a little worse.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import nlu_report  # noqa: E402 - after the path

RELEASED = ROOT / "models" / "released.tar.gz"
LARGEST_MEGABYTES = 8
UNSEEN = sorted((ROOT / "tests" / "nlu" / "unseen").glob("*.jsonl"))
FLOORS = {
    "development": {"intent": 0.96, "entity_f1": 0.92, "exact": 0.86},
    "unseen": {"intent": 0.91, "entity_f1": 0.87, "exact": 0.75},
}


def cases_of(*files: Path) -> list[nlu_report.Case]:
    lines = [line for path in files for line in path.read_text().splitlines()]
    return [nlu_report.read_case(line) for line in lines]


@pytest.fixture(scope="module")
def sets() -> dict[str, list[nlu_report.Case]]:
    read = {"development": cases_of(nlu_report.DEVELOPMENT), "unseen": cases_of(*UNSEEN)}
    nlu_report.understand(RELEASED, [case for cases in read.values() for case in cases])
    return read


@pytest.fixture(scope="module")
def cases(sets: dict[str, list[nlu_report.Case]]) -> list[nlu_report.Case]:
    return sets["development"]


def test_it_is_small() -> None:
    assert RELEASED.stat().st_size < LARGEST_MEGABYTES * 1_000_000


@pytest.mark.parametrize("name", FLOORS)
def test_it_holds_the_recorded_floor(name: str, sets: dict[str, list[nlu_report.Case]]) -> None:
    found = nlu_report.figures(sets[name], nlu_report.whole)
    short = {
        what: getattr(found, what)
        for what, floor in FLOORS[name].items()
        if getattr(found, what) < floor
    }
    assert short == {}


def test_the_joint_model_costs_nothing(cases: list[nlu_report.Case]) -> None:
    together = nlu_report.figures(cases, nlu_report.whole)
    without = nlu_report.figures(cases, nlu_report.linear_and_field)
    assert together.intent >= without.intent - 0.01
    assert together.entity_f1 >= without.entity_f1 - 0.01


def test_numbers_and_amounts_are_read(cases: list[nlu_report.Case]) -> None:
    entities = [one for case in cases for one in case.found["entities"]]
    counted = [one for one in entities if one["entity"] in ("quantity", "amount")]
    assert [one["value"] for one in counted if "normalized" not in one] == []
