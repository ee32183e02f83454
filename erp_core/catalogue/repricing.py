"""What a rate becomes when it is said to go up or down. Amounts are paise."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from erp_core.kernel.money import half_up

FAR_OFF = 5

Way = Literal["up", "down"]


def is_far_off(before: int, after: int) -> bool:
    """Whether a rate becomes so many times another that it may be a count, or short of a digit."""
    return before > 0 and not before < after * FAR_OFF < before * FAR_OFF**2


def moved(now: int, way: Way, said: int) -> int:
    """The rate that is meant by an amount beside "up" or "down"; it may be zero or less.

    An amount on the side to which the rate goes is what it becomes. One on the other side, or of
    less than half of the rate, is by how much it changes: 500 down from 79,900 is 79,400.
    """
    on_its_side = said >= now if way == "up" else said <= now
    if on_its_side and 2 * said >= now:
        return said
    return now + said if way == "up" else now - said


def moved_by_part(now: int, way: Way, basis_points: int) -> int:
    """The rate that is so many hundredths of a per cent higher or lower."""
    change = half_up(Decimal(now) * basis_points / 10_000)
    return now + change if way == "up" else now - change
