"""Which rate of GST goods have on a day, out of dated data with its provenance (rates.yml).

A rate depends on the HSN code, the day, the value of one unit before tax, and the packing. Rates
are basis points of the combined tax (1800 = 18 %), values paise. What the data does not know is
answered with None: whoever asks must ask somebody, and never assume.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml

from erp_core.kernel.money import parse_rupees
from erp_core.kernel.quantity import Packing, convert
from erp_core.tax.gst import WHOLE, parse_rate

DATA = Path(__file__).with_name("rates.yml")

Basis = Literal["law", "stated", "unknown"]
"""Where a rate comes from: the dated data, what the shop says, or nowhere yet."""


@dataclass(frozen=True)
class Regime:
    """The rates that goods could have at all from a day on, and by which notification."""

    since: date
    rates: frozenset[int]
    only: Mapping[int, tuple[str, ...]]
    notification: str
    exempt_by: str
    schedules: Mapping[int, str]

    def allows(self, rate: int, hsn: str | None) -> bool:
        """Whether goods of a code may have a rate; without a code, whether any goods may."""
        if rate in self.rates:
            return True
        codes = self.only.get(rate, ())
        return any(hsn is None or hsn.startswith(code) or code.startswith(hsn) for code in codes)


@dataclass(frozen=True)
class Term:
    """One rate with the conditions under which it holds.

    `upto` is paise for one unit before tax. Cess rates are basis points of the taxable value or of
    the retail sale price; `cess_each` is paise for one `cess_unit`.
    """

    rate: int
    upto: int | None = None
    packing: Packing | None = None
    cess: int = 0
    cess_of_rsp: int = 0
    cess_each: Decimal | None = None
    cess_unit: str | None = None
    by_rsp: bool = False
    complete: bool = True
    by: str | None = None
    serial: str | None = None

    @property
    def needs_rsp(self) -> bool:
        """Whether its tax or cess is worked out of the retail sale price."""
        return self.by_rsp or bool(self.cess_of_rsp)

    @property
    def levies(self) -> tuple[object, ...]:
        """What goods bear by it besides the tax of their rate, and how that is worked out."""
        each = (self.cess_each, self.cess_unit)
        return (self.cess, self.cess_of_rsp, *each, self.by_rsp, self.complete)

    @property
    def bears_cess(self) -> bool:
        """Whether it bears a compensation cess of any kind."""
        return bool(self.cess or self.cess_of_rsp or self.cess_each)

    def cess_of_one(self, unit: str) -> Decimal | None:
        """The cess by quantity on one unit of goods, in paise; None where it cannot be told."""
        if self.cess_each is None or self.cess_unit is None:
            return Decimal(0)
        holds = convert(Decimal(1), unit, self.cess_unit)
        return None if holds is None else self.cess_each * holds


@dataclass(frozen=True)
class Goods:
    """A kind of goods or service under a code, with its rates from day to day."""

    hsn: str
    english: str
    hindi: str
    words: tuple[str, ...]
    whole: bool
    service: bool
    checked: bool
    history: tuple[tuple[date, tuple[Term, ...]], ...]

    def terms_on(self, on: date) -> tuple[date, tuple[Term, ...]] | None:
        """Since when, and which terms; None before the data begins."""
        found = [entry for entry in self.history if entry[0] <= on]
        return found[-1] if found else None

    def ever(self, rate: int) -> bool:
        """Whether these goods have or had a rate."""
        return any(term.rate == rate for _, terms in self.history for term in terms)


@dataclass(frozen=True)
class Ruling:
    """The rate of something on a day, and why.

    `rate` is None when the data cannot tell; `lacks_cess` then says that it is the cess that nobody
    knows. `source` names notification and schedule, with the serial where it is known.
    `alternatives` are the rates that its code leaves open.
    """

    rate: int | None
    basis: Basis
    on: date
    goods: Goods | None = None
    term: Term | None = None
    since: date | None = None
    source: str | None = None
    alternatives: tuple[int, ...] = ()
    lacks_cess: bool = False

    @property
    def known(self) -> bool:
        return self.rate is not None

    @property
    def checked(self) -> bool:
        """Whether the rate was compared with the gazette."""
        return self.goods is not None and self.goods.checked


@dataclass(frozen=True)
class Asked:
    """What a rate depends on. `unit_value` is paise for one unit after discount, and with
    `inclusive` holds its tax; `stated` is what the shop says of the goods."""

    on: date
    hsn: str | None
    stated: int | None = None
    unit_value: int | None = None
    inclusive: bool = False
    packing: Packing | None = None


def rule(asked: Asked) -> Ruling:
    """The lawful rate, as far as the data and what the shop states can tell.

    The data decides where it leaves one rate only. Where a code leaves several, the shop's word
    tells its goods apart; a rate that the goods had before a change is followed to the one after.
    Where the data does not know every kind of goods of a code, the shop's word stands if the regime
    has such a rate. Everything else is unknown.
    """
    open_rulings = _rulings(asked)
    found = _among(open_rulings, asked)
    # Goods of one rate that bear different cess, or one that nobody knows, are not told apart.
    levies = {one.term.levies for one in open_rulings if one.term and one.rate == found.rate}
    if len(levies) > 1 or (found.term and not found.term.complete):
        return Ruling(None, "unknown", asked.on, lacks_cess=True)
    return found


def _among(open_rulings: Sequence[Ruling], asked: Asked) -> Ruling:
    rates = _rates(open_rulings)
    whole = bool(open_rulings) and all(one.goods and one.goods.whole for one in open_rulings)
    if len(rates) == 1 and (whole or asked.stated is None or asked.stated in rates):
        return open_rulings[0]
    if asked.stated is not None:
        return _by_word(asked, asked.stated, open_rulings, whole=whole)
    return Ruling(None, "unknown", asked.on, alternatives=tuple(rates))


def lawful(rate: int, on: date, hsn: str | None = None) -> bool:
    """Whether goods could have this rate at all on a day."""
    return regime(on).allows(rate, hsn)


def regime(on: date) -> Regime:
    """The regime of a day. Days before GST count as its first."""
    known = _book().regimes
    return next((one for one in reversed(known) if one.since <= on), known[0])


def choices(hsn: str, on: date) -> list[Ruling]:
    """What goods of a code may be on a day, each kind with its rates."""
    return _rulings(Asked(on=on, hsn=hsn))


def goes_by_packing(hsn: str, on: date) -> bool:
    """Whether goods of a code bear one rate pre-packaged and labelled, and another loose."""
    return any(one.term and one.term.packing for one in choices(hsn, on))


def packing_at(hsn: str, rate: int, on: date) -> Packing | None:
    """How goods of a code must be put up to bear a rate; None where the rate does not tell."""
    found = {one.term.packing for one in choices(hsn, on) if one.term and one.rate == rate}
    return found.pop() if len(found) == 1 else None


@lru_cache(maxsize=4096)
def goods_under(hsn: str) -> tuple[Goods, ...]:
    """The kinds of goods that something with a code may be: those of the longest code that it
    begins with, and those of the codes that begin with it."""
    book = _book().goods
    lengths = [len(one.hsn) for one in book if hsn.startswith(one.hsn)]
    longest = max(lengths, default=0)
    return tuple(
        one
        for one in book
        if (len(one.hsn) == longest and hsn.startswith(one.hsn))
        or (len(one.hsn) > len(hsn) and one.hsn.startswith(hsn))
    )


def all_goods() -> tuple[Goods, ...]:
    """Everything that the data knows."""
    return _book().goods


def deciding_day(*, supply: date, invoice: date, payment: date | None) -> date:
    """The day whose rate a supply has (section 14): the side of a change on which two of supply,
    invoice and payment fall. What is not paid yet is paid after the other two."""
    return sorted([supply, invoice, payment or date.max])[1]


def _by_word(asked: Asked, stated: int, open_rulings: Sequence[Ruling], *, whole: bool) -> Ruling:
    """What the shop's own rate comes to on this day."""
    rates = _rates(open_rulings)
    for one in open_rulings:
        if one.rate == stated:
            return one
    other_band = [one for one in open_rulings if one.goods and _has(one.goods, stated, asked.on)]
    if len(_rates(other_band)) == 1:
        return other_band[0]
    former = [one for one in open_rulings if one.goods and one.goods.ever(stated)]
    allowed = lawful(stated, asked.on, asked.hsn)
    if len(_rates(former)) == 1 and (whole or not allowed):
        return former[0]
    if allowed and not whole:
        return Ruling(stated, "stated", asked.on, source=regime(asked.on).notification)
    if len(rates) == 1:
        return open_rulings[0]
    return Ruling(None, "unknown", asked.on, alternatives=tuple(rates))


def _has(goods: Goods, rate: int, on: date) -> bool:
    """Whether the goods have a rate on the day, at some value or in some packing."""
    found = goods.terms_on(on)
    return found is not None and any(term.rate == rate for term in found[1])


def _rulings(asked: Asked) -> list[Ruling]:
    if not asked.hsn:
        return []
    return [
        Ruling(
            rate=term.rate,
            basis="law",
            on=asked.on,
            goods=goods,
            term=term,
            since=since,
            source=_source(goods, term, asked.on),
        )
        for goods in goods_under(asked.hsn)
        if (found := goods.terms_on(asked.on))
        for since, terms in [found]
        for term in _holding(terms, asked)
    ]


def _holding(terms: Sequence[Term], asked: Asked) -> list[Term]:
    """The terms that may hold: an unknown packing or value leaves all of them open."""
    packed = [
        one for one in terms if not (asked.packing and one.packing not in (None, asked.packing))
    ]
    limits = sorted({one.upto for one in packed if one.upto is not None})
    if not limits or asked.unit_value is None:
        return packed
    by_value = sorted(packed, key=lambda one: (one.upto is None, one.upto or 0))
    value = asked.unit_value
    for term in by_value:
        if term.upto is None:
            return [term]
        # An inclusive price is below the line when its value at the lower rate is. Between the two
        # rates no value agrees with its own rate; the higher one is then due.
        limit = term.upto * (WHOLE + term.rate) if asked.inclusive else term.upto * WHOLE
        if value * WHOLE <= limit:
            return [term]
    return by_value[-1:]


def _rates(rulings: Sequence[Ruling]) -> list[int]:
    return sorted({one.rate for one in rulings if one.rate is not None})


def _source(goods: Goods, term: Term, on: date) -> str:
    in_force = regime(on)
    if term.by:
        named = term.by
    elif goods.service:
        named = _book().services if term.rate else _book().exempt_services
    elif not term.rate:
        named = in_force.exempt_by
    else:
        named = f"{in_force.notification}, Schedule {in_force.schedules.get(term.rate, '?')}"
    return f"{named}, S. No. {term.serial}" if term.serial else named


@dataclass(frozen=True)
class _Book:
    regimes: tuple[Regime, ...]
    goods: tuple[Goods, ...]
    services: str
    exempt_services: str


@lru_cache(maxsize=1)
def _book() -> _Book:
    data = yaml.load(DATA.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506
    checked = bool(data["checked"])
    return _Book(
        regimes=tuple(_regime(one) for one in data["regimes"]),
        goods=tuple(_goods(one, checked=checked) for one in data["goods"]),
        services=data["services"]["notification"],
        exempt_services=data["services"]["exempt_by"],
    )


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML read by the C parser where there is one."""


def _regime(one: Mapping[str, Any]) -> Regime:
    return Regime(
        since=one["from"],
        rates=frozenset(parse_rate(rate) for rate in one["rates"]),
        only={parse_rate(rate): tuple(codes) for rate, codes in one.get("only", {}).items()},
        notification=one["notification"],
        exempt_by=one["exempt_by"],
        schedules={parse_rate(rate): name for rate, name in one["schedules"].items()},
    )


def _goods(one: Mapping[str, Any], *, checked: bool) -> Goods:
    terms = {since: _terms(given) for since, given in one["rates"].items()}
    for since, serials in one.get("serial", {}).items():
        terms[since] = _numbered(terms, since, serials)
    history = tuple(sorted(terms.items()))
    return Goods(
        hsn=one["hsn"],
        english=one["en"],
        hindi=one["hi"],
        words=tuple(one["words"]),
        whole=one.get("whole", False),
        service=one.get("service", False),
        checked=one.get("checked", checked),
        history=history,
    )


def _numbered(
    known: Mapping[date, tuple[Term, ...]], since: date, serials: str | Sequence[str | None]
) -> tuple[Term, ...]:
    """The terms in force on a day with their serial numbers in its notification."""
    terms = known[max(day for day in known if day <= since)]
    told = [serials] if isinstance(serials, str) else list(serials)
    return tuple(
        replace(term, serial=serial, by=term.by if since in known else None)
        for term, serial in zip(terms, told, strict=True)
    )


def _terms(terms: str | Sequence[Mapping[str, Any]]) -> tuple[Term, ...]:
    if isinstance(terms, str):
        return (Term(parse_rate(terms)),)
    return tuple(
        Term(
            rate=parse_rate(one["rate"]),
            upto=parse_rupees(one["upto"]) if "upto" in one else None,
            packing=one.get("packing"),
            cess=parse_rate(one.get("cess", "0")),
            cess_of_rsp=parse_rate(one.get("cess_of_rsp", "0")),
            cess_each=Decimal(one["cess_each"]) * 100 if "cess_each" in one else None,
            cess_unit=one.get("cess_unit"),
            by_rsp=one.get("value") == "rsp",
            complete=not one.get("cess_unknown", False),
            by=one.get("by"),
            serial=one.get("serial"),
        )
        for one in terms
    )
