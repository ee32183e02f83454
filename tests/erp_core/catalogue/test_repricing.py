"""An amount beside "up" or "down" is the new rate where it can be, and else the difference."""

from __future__ import annotations

import pytest

from erp_core.catalogue.repricing import Way, moved, moved_by_part


@pytest.mark.parametrize(
    ("now", "way", "said", "after"),
    [
        (119_00, "up", 5_00, 124_00),
        (119_00, "up", 125_00, 125_00),
        (119_00, "up", 118_99, 237_99),
        (119_00, "up", 119_00, 119_00),
        (79_900_00, "down", 500_00, 79_400_00),
        (67_900_00, "down", 66_000_00, 66_000_00),
        (100_00, "down", 50_00, 50_00),
        (100_00, "down", 49_99, 50_01),
        (100_00, "down", 100_00, 100_00),
        (14_00, "down", 20_00, -6_00),
    ],
)
def test_what_a_rate_becomes(now: int, way: Way, said: int, after: int) -> None:
    assert moved(now, way, said) == after


@pytest.mark.parametrize(
    ("way", "part", "after"), [("up", 10_00, 15_40), ("down", 10_00, 12_60), ("up", 0, 14_00)]
)
def test_a_part_is_of_the_present_rate(way: Way, part: int, after: int) -> None:
    assert moved_by_part(14_00, way, part) == after
