"""What a slip or card says, and how sure we are of each line of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

Kind = Literal["count", "order", "prices", "card", "goods", "payment_screenshot", "none"]
"""What a page is; "goods" are names with numbers of which it does not say what they are for."""

Wanted = Literal["count", "order", "prices", "card"]
WANTED: tuple[Wanted, ...] = ("count", "order", "prices", "card")


@dataclass(frozen=True)
class Line:
    """Goods as they are written, with how many or with their rate.

    `sure` is False where two readings of the picture differ, or where it could be read in two ways:
    then nothing may be done with it unasked. `clear` is False where no reading saw the letters of
    the name well: unless it is goods that the shop has, it is no name to be shown to anybody.
    """

    text: str
    quantity: Decimal | None = None
    unit: str | None = None
    paise: int | None = None
    sure: bool = True
    clear: bool = True


@dataclass(frozen=True)
class Card:
    """A visiting card. `phones` are digits as in "919876500001"; None is what it does not say."""

    person: str | None = None
    company: str | None = None
    phones: tuple[str, ...] = ()
    gstin: str | None = None
    address: str | None = None


@dataclass(frozen=True)
class Slip:
    """A page as it was read. `head` are the rows above the goods: a customer may be among them.

    `seconds` says how long each stage took: prepare, words, lines.
    """

    kind: Kind
    lines: tuple[Line, ...] = ()
    head: tuple[str, ...] = ()
    card: Card | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
