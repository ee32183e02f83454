"""How the language report counts, and how two models are compared."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[2] / "scripts"))

import nlu_compare
import nlu_drawings
import nlu_report

LINES = (
    '{"intent": "buy", "text": "[2](count) [tea](goods)", "trade": "kirana"}',
    '{"intent": "greet", "text": "hello"}',
    '{"intent": "out_of_scope", "text": "nice weather"}',
    '{"intent": "buy", "text": "/buy [tea](goods)"}',
)
GUESSES = [("buy", 0.9), ("buy", 0.3), ("out_of_scope", 0.8), ("buy", 0.7)]


@pytest.fixture
def cases() -> list[nlu_report.Case]:
    read = [nlu_report.read_case(line) for line in LINES]
    for case, (intent, confidence) in zip(read, GUESSES, strict=True):
        one = {"name": intent, "confidence": confidence}
        entities = [{"entity": e, "start": s, "end": t} for e, s, t in case.spans]
        case.found = {"intent": one, "intent_ranking": [one], "entities": entities}
    return read


def test_a_line_is_read_as_the_channel_hands_it_on(cases: list[nlu_report.Case]) -> None:
    assert [case.trade for case in cases] == ["kirana", "none", "none", "none"]
    assert cases[0].spans == {("count", 0, 1), ("goods", 2, 5)}
    assert (cases[3].text, cases[3].command, cases[3].spans) == (
        "buy tea",
        "buy",
        {("goods", 4, 7)},
    )


def test_figures_are_shares(cases: list[nlu_report.Case]) -> None:
    found = nlu_report.figures(cases, nlu_report.whole)
    assert (found.count, found.intent, found.entity_f1, found.exact) == (4, 0.75, 1.0, 0.75)


def test_calibration_error_is_how_far_confidence_is_from_truth(
    cases: list[nlu_report.Case],
) -> None:
    bins = nlu_report.reliability(cases)
    assert [(one.low, one.count, one.right) for one in bins] == [
        (0.2, 1, 0.0), (0.6, 1, 1.0), (0.7, 1, 1.0), (0.8, 1, 1.0),
    ]  # fmt: skip
    assert nlu_report.calibration_error(bins) == pytest.approx((0.3 + 0.3 + 0.2 + 0.1) / 4)


def test_thresholds_part_the_sure_from_the_doubtful(cases: list[nlu_report.Case]) -> None:
    act, ask = nlu_report.thresholds(cases)
    assert (act, ask) == (0.7, 0.3)


def test_what_the_page_shows_is_drawn(cases: list[nlu_report.Case], tmp_path: Path) -> None:
    report = nlu_report.show("few", cases, 1.0, errors=False)
    assert report.confused == Counter({("greet", "buy"): 1})
    page = nlu_drawings.draw("model", [report], tmp_path)
    assert "few-reliability.png" in page.read_text()
    made = sorted(path.name for path in tmp_path.iterdir())
    assert made == [
        "few-confusions.png", "few-figures.png", "few-reliability.png", "index.html",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("won", "lost", "chance"), [(0, 0, 1.0), (5, 5, 1.0), (1, 9, 22 / 1024), (9, 1, 22 / 1024)]
)
def test_an_uneven_split_is_seldom_chance(won: int, lost: int, chance: float) -> None:
    assert nlu_compare.by_chance(won, lost) == pytest.approx(chance)


def test_a_mistyped_case_means_what_it_meant(cases: list[nlu_report.Case]) -> None:
    typed = nlu_report.mistyped(cases)
    assert typed
    assert [one.text for one in typed] == [one.text for one in nlu_report.mistyped(cases)]
    before = {case.text for case in cases}
    for one in typed:
        assert one.text not in before
        assert all(0 <= start < end <= len(one.text) for _, start, end in one.spans)
