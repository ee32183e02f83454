"""What a product's code tells by itself."""

from __future__ import annotations


def is_service(code: str | None) -> bool:
    """Whether it is of something done rather than handed over: a SAC, all of chapter 99."""
    return (code or "").startswith("99")
