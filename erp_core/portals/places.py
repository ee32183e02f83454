"""What a portal wants of an address: its text, its place, and its PIN code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from erp_core.tax import states

PINS = Path(__file__).with_name("pins.yml")
LONGEST_TEXT, LONGEST_PLACE, SHORTEST = 100, 50, 3

_PIN = re.compile(r"(?<!\d)([1-9]\d{2})[ -]?(\d{3})(?!\d)")
_UNPRINTABLE = re.compile(r'["\\\x00-\x1f\x7f]')


@dataclass(frozen=True)
class Place:
    """An address in the parts of INV-01; `pin` is None where the address has none."""

    text: str
    place: str
    pin: int | None


def read(address: str | None, state: str) -> Place:
    """The last six digits that can be one are the PIN code, what stands before them the place."""
    text = plain(address or "")
    found = list(_PIN.finditer(text))
    pin = int(found[-1][1] + found[-1][2]) if found else None
    before = text[: found[-1].start()] if found else text
    place = before.rstrip(" ,.-").rpartition(",")[2].strip()
    if len(place) < SHORTEST or place.isdigit():
        place = states.state_name(state)
    return Place(text[:LONGEST_TEXT], place[:LONGEST_PLACE], pin)


def fits(pin: int, state: str) -> bool:
    """Whether a PIN code can lie in a state; what is not known fits."""
    starts = _starts().get(state)
    return starts is None or pin // 10_000 in starts


def plain(text: str) -> str:
    """Text as the portals take it: no quotation marks, no line breaks."""
    return " ".join(_UNPRINTABLE.sub(" ", text).split())


@lru_cache(maxsize=1)
def _starts() -> dict[str, frozenset[int]]:
    found = yaml.safe_load(PINS.read_text(encoding="utf-8"))
    return {state: frozenset(starts) for state, starts in found.items()}
