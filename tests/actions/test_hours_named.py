"""The hour that a message names."""

from __future__ import annotations

import pytest

from actions.reading.clock import hour_said


@pytest.mark.parametrize(
    ("said", "hour"),
    [
        ("book wheel alignment for tomorrow morning 11", ("11", "")),
        ("कल सुबह 10", ("10", "")),
        ("facial kal shaam 6", ("6", "")),
        ("doodh subah 2", None),
        ("doodh subah 2 shaam 6", None),
        ("kal subah 8 maggi", None),
    ],
)
def test_the_only_number_behind_a_part_of_the_day_is_its_hour(said, hour):
    assert hour_said(said) == hour
