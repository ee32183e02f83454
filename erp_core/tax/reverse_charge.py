"""Services whose recipient owes the tax (section 9(3)), out of dated data (reverse_charge.yml)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from erp_core.kernel.spelling import fold
from erp_core.tax.gst import parse_rate

DATA = Path(__file__).with_name("reverse_charge.yml")


@dataclass(frozen=True)
class Service:
    """A service on the list. `of_registered`: also where its supplier is registered;
    `under_composition`: also where the recipient is under composition."""

    code: str
    words: tuple[str, ...]
    of_registered: bool
    under_composition: bool
    rates: tuple[tuple[date, int, str], ...]

    def rate_on(self, on: date) -> int | None:
        """The rate of a day in basis points; None before it was on the list."""
        return max(
            ((since, rate) for since, rate, _ in self.rates if since <= on), default=(0, None)
        )[1]


def meant(item: str | None) -> Service | None:
    """The service that words name, by the longest of its names; None for none."""
    said = f" {fold(item or '')} "
    named = [
        (len(word), one) for one in services().values() for word in one.words if f" {word} " in said
    ]
    return max(named, key=lambda found: found[0])[1] if named else None


@lru_cache(maxsize=1)
def services() -> dict[str, Service]:
    """Every service on the list by its code."""
    data: dict[str, Any] = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    return {
        code: Service(
            code=code,
            words=tuple(fold(word) for word in one["words"]),
            of_registered=one["registered"],
            under_composition=one["composition"],
            rates=tuple(
                (since, parse_rate(term["rate"]), term["by"])
                for since, term in sorted(one["rates"].items())
            ),
        )
        for code, one in data["services"].items()
    }
