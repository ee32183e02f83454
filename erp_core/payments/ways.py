"""Money that comes in several ways at once."""

from __future__ import annotations

from erp_core.kernel.money import PAISE_PER_RUPEE, Paise


def in_halves(amount: Paise) -> tuple[Paise, Paise]:
    """An amount half and half: the second half is whole rupees, since nobody transfers or counts
    paise, and the first has the rest. Less than two rupees is halved to the paisa."""
    rupees = amount // (2 * PAISE_PER_RUPEE) * PAISE_PER_RUPEE
    second = rupees or amount // 2
    return amount - second, second
