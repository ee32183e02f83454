"""A report as a table: the same for paper and for a spreadsheet, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import yaml

from erp_core.inventory.queries import stock_list
from erp_core.journal.context import Reader
from erp_core.kernel.errors import Invalid
from erp_core.kernel.quantity import plain
from erp_core.ledger import chart
from erp_core.parties.permissions import Permission, require
from erp_core.parties.queries import Business, business, customer
from erp_core.reports import books, forecast, registers
from erp_core.reports.registers import Told

LABELS = Path(__file__).with_name("labels.yml")

Kind = Literal["text", "money"]
Style = Literal["plain", "head", "sum", "total", "note"]
Cell = str | int | None
"""Text; or paise, in a column of money."""


@dataclass(frozen=True)
class Column:
    """A column; `width` is its share of the page."""

    label: str
    width: float
    kind: Kind = "text"


@dataclass(frozen=True)
class Row:
    """Cells under the columns. A head begins a section, a sum ends one, a total ends the table."""

    cells: tuple[Cell, ...]
    style: Style = "plain"


@dataclass(frozen=True)
class Paper:
    """A report ready to be drawn. `name` is the file's, without its ending."""

    name: str
    title: str
    subtitle: str
    shop: Business
    on: date
    language: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    labels: Mapping[str, Any]


@dataclass(frozen=True)
class Wanted:
    """Which report: its kind, its days, and the account or the party that it is about."""

    kind: str
    start: date
    end: date
    account: str | None = None
    party_id: UUID | None = None


def paper(reader: Reader, wanted: Wanted, language: str) -> Paper:
    """A report in "hindi", else in English. Raises Invalid("bad_report"), Forbidden."""
    maker = MAKERS.get(wanted.kind)
    if maker is None:
        raise Invalid("bad_report")
    return maker(_Maker(reader, wanted, "hindi" if language == "hindi" else "english"))


@dataclass(frozen=True)
class _Maker:
    reader: Reader
    wanted: Wanted
    language: str

    @property
    def labels(self) -> Mapping[str, Any]:
        return labels_in(self.language)

    def word(self, name: str) -> str:
        return str(self.labels[name])

    def account(self, code: str) -> str:
        return account_label(code, self.language)

    def kind(self, code: str) -> str:
        return kind_label(code, self.language)

    def told(self, told: Told) -> str:
        """ "Payment received, Ravi Kumar, Cash in hand"."""
        parts = [self.kind(told.kind), told.text, told.party]
        others = [self.account(code) for code in told.against if code not in books.BY_PARTY]
        if not told.party and others:
            parts.append(" / ".join(others[:2]))
        return ", ".join(part for part in parts if part)

    def told_to_party(self, told: Told) -> str:
        """The same for whom it is about: "Payment received, UPI"; not into which account of the
        shop it went."""
        ways: Mapping[str, str] = self.labels["ways"]
        paid = [ways[code] for code in told.against if code in ways]
        return ", ".join(part for part in (self.kind(told.kind), told.text, *paid[:1]) if part)

    def days(self) -> str:
        start, end = self.wanted.start, self.wanted.end
        if start == end:
            return day(start)
        return f"{day(start)} – {day(end)}"

    def paper(
        self, title: str, subtitle: str, columns: Sequence[Column], rows: Iterable[Row]
    ) -> Paper:
        return Paper(
            name=f"{self.wanted.kind}-{self.wanted.end:%Y-%m-%d}",
            title=title,
            subtitle=subtitle,
            shop=business(self.reader),
            on=self.reader.today,
            language=self.language,
            columns=tuple(columns),
            rows=tuple(rows),
            labels=self.labels,
        )


def account_label(code: str, language: str) -> str:
    """An account's name in "hindi", else in English."""
    for spoken in ("hindi" if language == "hindi" else "english", "english"):
        named: Mapping[str, str] = labels_in(spoken)["accounts"]
        if code in named:
            return named[code]
    return chart.account(code).name


def kind_label(code: str, language: str) -> str:
    """What a kind of entry is called in "hindi" or "english"."""
    kinds: Mapping[str, str] = labels_in(language)["kinds"]
    return kinds.get(code) or code.replace("_", " ").capitalize()


def day(on: date) -> str:
    """A date as it is written in India."""
    return f"{on:%d-%m-%Y}"


def _profit_loss(make: _Maker) -> Paper:
    found = books.profit_and_loss(make.reader, make.wanted.start, make.wanted.end)
    rows = [
        *_section(make, "sales", found.sales, found.revenue),
        *_section(make, "direct", found.direct, found.direct_costs),
        Row((make.word("gross" if found.gross >= 0 else "gross_loss"), found.gross), "total"),
    ]
    if found.incomes:
        rows += _section(make, "incomes", found.incomes, sum(one.paise for one in found.incomes))
    if found.expenses:
        spent = sum(one.paise for one in found.expenses)
        rows += _section(make, "expenses", found.expenses, spent)
    rows += [
        Row((make.word("net" if found.net >= 0 else "net_loss"), found.net), "total"),
        Row((make.word("stock_note"), None), "head"),
        Row((make.word("opening_stock"), found.opening_stock), "note"),
        Row((make.word("closing_stock"), found.closing_stock), "note"),
    ]
    if found.unissued:
        rows.append(Row((make.word("unissued"), found.unissued), "note"))
    return make.paper(make.word("profit_loss"), make.days(), _two(make), rows)


def _balance_sheet(make: _Maker) -> Paper:
    found = books.balance_sheet(make.reader, make.wanted.end)
    rows = [
        *_section(make, "capital", found.capital, found.net_worth),
        *_group(make, "loans", found.loans),
        *_group(make, "current_liabilities", found.current_liabilities),
        Row((make.word("total_liabilities"), found.net_worth + found.total_liabilities), "total"),
        *_group(make, "fixed_assets", found.fixed_assets),
        *_group(make, "current_assets", found.current_assets),
        Row((make.word("total_assets"), found.total_assets), "total"),
    ]
    as_on = f"{make.word('as_on')} {day(make.wanted.end)}"
    return make.paper(make.word("balance_sheet"), as_on, _two(make), rows)


def _trial_balance(make: _Maker) -> Paper:
    found = books.trial_balance(make.reader, make.wanted.start, make.wanted.end)
    rows = [
        Row(
            (
                make.account(one.code),
                one.opening or None,
                one.debit or None,
                one.credit or None,
                one.closing if one.closing > 0 else None,
                -one.closing if one.closing < 0 else None,
            )
        )
        for one in found
    ]
    sums: list[Cell] = [make.word("total"), sum(one.opening for one in found)]
    sums += [sum(one.debit for one in found), sum(one.credit for one in found)]
    sums += [
        sum(one.closing for one in found if one.closing > 0),
        -sum(one.closing for one in found if one.closing < 0),
    ]
    columns = [Column(make.word("account"), 56)]
    columns += [
        Column(make.word(name), 25, "money")
        for name in ("opening_column", "debit", "credit", "closing_debit", "closing_credit")
    ]
    rows.append(Row(tuple(sums), "total"))
    return make.paper(make.word("trial_balance"), make.days(), columns, rows)


def _day_book(make: _Maker) -> Paper:
    found = registers.day_book(make.reader, make.wanted.start, make.wanted.end)
    rows = []
    for one in found.entries:
        if one.told is None:
            text = f"{one.count} {make.word('entries')}"
            rows.append(Row((_when(one.on, found.grain), text, None, one.paise)))
            continue
        rows.append(Row((day(one.on), make.told(one.told), one.told.number, one.paise)))
    rows.append(
        Row(
            (make.word("total"), f"{found.count} {make.word('entries')}", None, found.paise),
            "total",
        )
    )
    columns = [
        Column(make.word("date"), 22),
        Column(make.word("particulars"), 92),
        Column(make.word("number"), 34),
        Column(make.word("amount"), 34, "money"),
    ]
    return make.paper(make.word("day_book"), make.days(), columns, rows)


def _cash_book(make: _Maker) -> Paper:
    return _account_paper(make, chart.CASH, make.word("cash_book"), ("money_in", "money_out"))


def _ledger(make: _Maker) -> Paper:
    code = make.wanted.account or chart.CASH
    title = f"{make.word('ledger')}: {make.account(code)}"
    return _account_paper(make, code, title, ("debit", "credit"))


def _statement(make: _Maker) -> Paper:
    party_id = make.wanted.party_id
    if party_id is None:
        raise Invalid("bad_report")
    name = customer(make.reader, party_id).name
    title = f"{make.word('statement')}: {name}"
    return _account_paper(make, chart.RECEIVABLE, title, ("debit", "credit"), party_id=party_id)


def _account_paper(
    make: _Maker,
    code: str,
    title: str,
    sides: tuple[str, str],
    *,
    party_id: UUID | None = None,
) -> Paper:
    wanted = make.wanted
    found = registers.account_book(make.reader, code, wanted.start, wanted.end, party_id=party_id)
    rows = [Row((None, make.word("opening"), None, None, None, found.opening), "sum")]
    for one in found.lines:
        told = one.told
        words = make.told if party_id is None else make.told_to_party
        rows.append(
            Row(
                (
                    _when(one.on, found.grain),
                    words(told) if told else None,
                    told.number if told else None,
                    one.debit or None,
                    one.credit or None,
                    one.balance,
                )
            )
        )
    rows.append(
        Row((None, make.word("closing"), None, found.debit, found.credit, found.closing), "total")
    )
    if party_id:
        state = "owes" if found.closing > 0 else "holds" if found.closing < 0 else "settled"
        rows.append(Row((None, make.word(state), None, None, None, abs(found.closing)), "sum"))
    columns = [
        Column(make.word("date"), 20),
        Column(make.word("particulars"), 57),
        Column(make.word("number"), 33),
        Column(make.word(sides[0]), 24, "money"),
        Column(make.word(sides[1]), 24, "money"),
        Column(make.word("balance"), 24, "money"),
    ]
    return make.paper(title, make.days(), columns, rows)


def _ageing(make: _Maker) -> Paper:
    found = registers.ageing(make.reader)
    rows = [
        Row(
            (
                one.name,
                *(paise or None for paise in one.bands),
                one.advance or None,
                one.paise,
            )
        )
        for one in found
    ]
    sums: list[Cell] = [make.word("total")]
    sums += [sum(one.bands[at] for one in found) for at in range(len(registers.BANDS) + 1)]
    sums += [sum(one.advance for one in found), sum(one.paise for one in found)]
    rows.append(Row(tuple(sums), "total"))
    columns = [Column(make.word("customer"), 46)]
    columns += [
        Column(make.word(f"band_{at}"), 23, "money") for at in range(len(registers.BANDS) + 1)
    ]
    columns += [
        Column(make.word("advance"), 21, "money"),
        Column(make.word("balance"), 24, "money"),
    ]
    as_on = f"{make.word('as_on')} {day(make.reader.today)}"
    return make.paper(make.word("ageing"), as_on, columns, rows)


def _stock(make: _Maker) -> Paper:
    require(make.reader, Permission.VIEW_COSTS)
    found = [one for one in stock_list(make.reader) if one.on_hand]
    rows = [
        Row((one.name, f"{plain(one.on_hand)} {one.unit}", one.average_cost_paise, one.value_paise))
        for one in sorted(found, key=lambda one: -one.value_paise)
    ]
    rows.append(
        Row((make.word("total"), None, None, sum(one.value_paise for one in found)), "total")
    )
    columns = [
        Column(make.word("product"), 84),
        Column(make.word("quantity"), 32),
        Column(make.word("rate"), 32, "money"),
        Column(make.word("value"), 34, "money"),
    ]
    as_on = f"{make.word('as_on')} {day(make.reader.today)}"
    return make.paper(make.word("stock"), as_on, columns, rows)


def _forecast(make: _Maker) -> Paper:
    found = forecast.forecast(make.reader)
    rows = [Row((day(make.reader.today), None, None, found.money), "sum")]
    rows += [Row((day(one.on), one.comes, one.goes, one.money)) for one in found.days]
    rows.append(Row((make.word("total"), found.comes, found.goes, found.closing), "total"))
    if found.trials:
        rows.append(Row((make.word("trials"), None, None, None), "head"))
        heads = tuple(make.word(name) for name in ("from_day", "expected", "was", "missed"))
        rows.append(Row(heads, "sum"))
    for trial in found.trials:
        expected, was = trial.comes - trial.goes, trial.came - trial.went
        rows.append(Row((day(trial.start), expected, was, trial.miss)))
    if found.error is not None:
        rows.append(Row((make.word("error"), None, None, found.error), "total"))
    columns = [
        Column(make.word("date"), 62),
        Column(make.word("money_in"), 40, "money"),
        Column(make.word("money_out"), 40, "money"),
        Column(make.word("balance"), 40, "money"),
    ]
    ends = [make.reader.today, *(one.on for one in found.days[-1:])]
    return make.paper(make.word("forecast"), " – ".join(day(one) for one in ends), columns, rows)


MAKERS: Mapping[str, Callable[[_Maker], Paper]] = {
    "profit_loss": _profit_loss,
    "balance_sheet": _balance_sheet,
    "trial_balance": _trial_balance,
    "day_book": _day_book,
    "cash_book": _cash_book,
    "ledger": _ledger,
    "statement": _statement,
    "ageing": _ageing,
    "stock": _stock,
    "forecast": _forecast,
}


def _section(
    make: _Maker, name: str, figures: Sequence[books.Figure], total: int | None
) -> list[Row]:
    rows = [Row((make.word(name), None), "head")]
    rows += [Row((make.account(one.code), one.paise)) for one in figures]
    if total is not None:
        rows.append(Row((make.word("total"), total), "sum"))
    return rows


def _group(make: _Maker, name: str, figures: Sequence[books.Figure]) -> list[Row]:
    """A section with its sum; nothing where there is none of it."""
    return _section(make, name, figures, sum(one.paise for one in figures)) if figures else []


def _two(make: _Maker) -> list[Column]:
    return [Column(make.word("particulars"), 130), Column(make.word("amount"), 52, "money")]


def _when(on: date, grain: registers.Grain) -> str:
    return f"{on:%m-%Y}" if grain == "month" else day(on)


@lru_cache(maxsize=2)
def labels_in(language: str) -> Mapping[str, Any]:
    """The words of reports in "hindi" or "english"."""
    labels: dict[str, dict[str, Any]] = yaml.safe_load(LABELS.read_text(encoding="utf-8"))
    return labels[language]
