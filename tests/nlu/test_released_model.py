"""The released model understands at least as much as when it was released.

floors.json records what it must not fall below, set by set. The development messages were written
by an author of training messages, and the unseen ones, though by others, chose what the learners
see. The fresh ones and those of the trades were first measured unseen; since then what they showed
short has been worked on (data/nlu/everyday.yml), so that their figures flatter. One of two models
was chosen by those of the bazaar. Those of the market and of the haat are by authors who read no
message of training or of the other sets. Nothing has been chosen by those of the market; what those
of the haat showed short, hurried spelling and spoken notes, has been taught since in other words
(data/nlu/short_hand.yml, spoken_notes.yml).
`make nlu-report` prints and draws the figures.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "scripts"))

import nlu_report  # noqa: E402 - after the path

RELEASED = ROOT / "models" / "released.tar.gz"
LARGEST_MEGABYTES = 11
FLOORS = json.loads((ROOT / "tests" / "nlu" / "floors.json").read_text())
MOST_CALIBRATION_ERROR = 0.05


@pytest.fixture(scope="module")
def sets() -> dict[str, list[nlu_report.Case]]:
    read = nlu_report.sets_of([])
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


def test_every_set_has_its_floor(sets: dict[str, list[nlu_report.Case]]) -> None:
    assert set(FLOORS) == set(sets)


def test_it_is_as_sure_as_it_is_right(sets: dict[str, list[nlu_report.Case]]) -> None:
    every = [case for cases in sets.values() for case in cases]
    error = nlu_report.calibration_error(nlu_report.reliability(every))
    assert error < MOST_CALIBRATION_ERROR


def test_the_joint_model_costs_nothing(cases: list[nlu_report.Case]) -> None:
    together = nlu_report.figures(cases, nlu_report.whole)
    without = nlu_report.figures(cases, nlu_report.linear_and_field)
    assert together.intent >= without.intent - 0.01
    assert together.entity_f1 >= without.entity_f1 - 0.01


TAKEN_AWAY = (
    "sab hata do",
    "purana stock delete kar do",
    "is bill ko delete karo",
    "customer delete karo",
    "stock ka sab delete",
    "sab kuch mita do",
    "delete all",
    "सब हटा दो",
)
"""Bills, goods and rows: no set has them, and the learners by themselves take each for a wish to
have one's own data erased, most of them as sure as can be."""


def test_what_is_taken_away_is_not_taken_for_ones_own_data() -> None:
    cases = [nlu_report.Case("data_erase", text, set()) for text in (*TAKEN_AWAY, "delete my data")]
    nlu_report.understand(RELEASED, cases)
    erasing = [case.text for case in cases if case.found["intent"]["name"] == "data_erase"]
    assert erasing == ["delete my data"]


def test_numbers_and_amounts_are_read(cases: list[nlu_report.Case]) -> None:
    entities = [one for case in cases for one in case.found["entities"]]
    counted = [one for one in entities if one["entity"] in ("quantity", "amount")]
    assert [one["value"] for one in counted if "normalized" not in one] == []
