"""What a product's code tells by itself."""

from __future__ import annotations

SERVICES = "99"
"""How every SAC begins, and no HSN."""
FOOD_SERVED = "9963"
"""Food and drink that a restaurant or a caterer serves."""


def is_service(code: str | None) -> bool:
    """Whether it is of something done rather than handed over: a SAC, all of chapter 99."""
    return (code or "").startswith(SERVICES)
