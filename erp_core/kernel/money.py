"""Money is an integer number of paise. A float never touches it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from erp_core.kernel.errors import Invalid

Paise = int

PAISE_PER_RUPEE = 100
LARGEST_AMOUNT = 10**15
"""Ten lakh crore rupees, in paise. A larger figure is a slip; sums of this size fit a bigint."""

_PLAIN_RUPEES = re.compile(r"[+-]?\d+(\.\d+)?")


def half_up(value: Decimal) -> Paise:
    """Round to a whole number of paise, halves away from zero, as Indian bills are rounded."""
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def parse_rupees(text: str) -> Paise:
    """Read rupees written as a plain decimal string ("1234.50"). Raises Invalid("bad_amount")."""
    cleaned = text.strip().replace(",", "")
    if not _PLAIN_RUPEES.fullmatch(cleaned):
        raise Invalid("bad_amount")
    return from_decimal(Decimal(cleaned))


def from_decimal(rupees: Decimal) -> Paise:
    """Rupees to paise. More than two decimals, or out of range: Invalid("bad_amount")."""
    try:
        whole = (rupees * PAISE_PER_RUPEE).to_integral_value()
    except InvalidOperation:
        raise Invalid("bad_amount") from None
    if whole / PAISE_PER_RUPEE != rupees or abs(whole) > LARGEST_AMOUNT:
        raise Invalid("bad_amount")
    return int(whole)


def rupees(paise: Paise) -> str:
    """Paise as a plain decimal string of rupees: 123450 → "1234.50"."""
    sign = "-" if paise < 0 else ""
    whole, rest = divmod(abs(paise), PAISE_PER_RUPEE)
    return f"{sign}{whole}.{rest:02d}"


def inr(paise: Paise) -> str:
    """Paise as people in India read them: 12345678900 → "₹12,34,56,789", 150 → "₹1.50"."""
    sign = "-" if paise < 0 else ""
    whole, rest = divmod(abs(paise), PAISE_PER_RUPEE)
    fraction = f".{rest:02d}" if rest else ""
    return f"{sign}₹{group_indian(whole)}{fraction}"


def group_indian(whole: int) -> str:
    """Group digits by thousand, then by hundreds: 1234567 → "12,34,567"."""
    digits = str(whole)
    head, tail = digits[:-3], digits[-3:]
    if not head:
        return tail
    pairs = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)]
    return ",".join([*reversed(pairs), tail])


def split_by_largest_remainder(amount: Paise, weights: Sequence[Decimal | int]) -> list[Paise]:
    """Split an amount by weights so that the shares sum to it exactly.

    Each share is cut down to whole paise; the paise left over go one each to the shares that lost
    the most, the earlier one first among equals. Raises Invalid("bad_weights") unless they sum to
    more than zero.
    """
    total = sum(Decimal(weight) for weight in weights)
    if total <= 0 or any(weight < 0 for weight in weights):
        raise Invalid("bad_weights")
    sign = -1 if amount < 0 else 1
    exact = [abs(amount) * Decimal(weight) / total for weight in weights]
    shares = [int(share) for share in exact]
    left_over = abs(amount) - sum(shares)
    by_loss = sorted(range(len(exact)), key=lambda i: (shares[i] - exact[i], i))
    for index in by_loss[:left_over]:
        shares[index] += 1
    return [sign * share for share in shares]
