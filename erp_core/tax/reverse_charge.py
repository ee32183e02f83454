"""Services and goods whose recipient owes the tax (section 9(3)), out of dated data
(reverse_charge.yml)."""

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
COMPANY = "C"
"""The fourth letter of a company's PAN."""


@dataclass(frozen=True)
class Term:
    """From a day on: the rate in basis points, whether a recipient under composition owes it too,
    and whether also of a supplier that is a company."""

    since: date
    rate: int
    composition: bool
    of_companies: bool
    by: str


@dataclass(frozen=True)
class Service:
    """A service on the list. `of_registered`: also where its supplier is registered; `to`: the
    letters of a PAN whose holders owe it, none for everybody; `credit`: whether the tax may be set
    off."""

    code: str
    words: tuple[str, ...]
    of_registered: bool
    to: frozenset[str]
    credit: bool
    terms: tuple[Term, ...]

    def term_on(self, on: date) -> Term | None:
        """What holds on a day; None before it was on the list."""
        return max(
            (term for term in self.terms if term.since <= on),
            key=lambda term: term.since,
            default=None,
        )

    def rate_on(self, on: date) -> int | None:
        """The rate of a day in basis points; None before it was on the list."""
        term = self.term_on(on)
        return term.rate if term else None

    def rate_for(self, gstin: str | None, on: date, *, composition: bool) -> int | None:
        """The rate that a recipient owes on a day; None where the list does not hold for it."""
        term = self.term_on(on)
        if term is None or gstin is None or (composition and not term.composition):
            return None
        return term.rate if not self.to or _letter(gstin) in self.to else None

    def is_charged_by(self, gstin: str | None, on: date) -> bool:
        """Whether a supplier with this GSTIN charges the tax itself."""
        term = self.term_on(on)
        company = term is not None and not term.of_companies and _letter(gstin or "") == COMPANY
        return gstin is not None and (company or not self.of_registered)


@dataclass(frozen=True)
class Goods:
    """Goods on the list, by their codes; `seller` is "farmer" or "unregistered"."""

    hsn: tuple[str, ...]
    seller: str
    since: date
    by: str


def meant(item: str | None) -> Service | None:
    """The service that words name, by the longest of its names; None for none."""
    said = f" {fold(item or '')} "
    named = [
        (len(word), one) for one in services().values() for word in one.words if f" {word} " in said
    ]
    return max(named, key=lambda found: found[0])[1] if named else None


def goods_listed(hsn: str | None, on: date) -> Goods | None:
    """The row of the list under which goods of a code fall."""
    rows = _data()["goods"]
    found = [Goods(tuple(one["hsn"]), one["seller"], one["from"], one["by"]) for one in rows]
    return next((one for one in found if hsn and hsn.startswith(one.hsn) and one.since <= on), None)


@lru_cache(maxsize=1)
def services() -> dict[str, Service]:
    """Every service on the list by its code."""
    return {
        code: Service(
            code=code,
            words=tuple(fold(word) for word in one["words"]),
            of_registered=one.get("registered", True),
            to=frozenset(one.get("to", ())),
            credit=one.get("credit", True),
            terms=tuple(
                Term(
                    since=since,
                    rate=parse_rate(term["rate"]),
                    composition=term["composition"],
                    of_companies=term.get("companies", one.get("companies", True)),
                    by=term["by"],
                )
                for since, term in sorted(one["rates"].items())
            ),
        )
        for code, one in _data()["services"].items()
    }


def _letter(gstin: str) -> str:
    """What the PAN in a GSTIN says of its holder."""
    return gstin[5:6]


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    return found
