"""The books as an accountant asks for them: figures in the message, the whole book as a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from actions.context import Turn
from actions.entities import period_of
from actions.lexicon import says, which
from actions.wording import day, days
from erp_core.expenses.categories import OTHER, category, guess_category
from erp_core.kernel.hindi_dates import Period
from erp_core.kernel.money import half_up, inr
from erp_core.ledger import chart, periods
from erp_core.ledger.periods import locked_until
from erp_core.parties.permissions import Permission, require
from erp_core.reports import books, forecast, registers
from erp_core.reports.books import Figure
from erp_core.reports.paper import account_label

OLDEST = 8
TAPPED = "button"

LOCK_YES = "lock_yes"
REOPEN_YES = "reopen_yes"


def book_asked(turn: Turn) -> str | None:
    """Which of the books a message asks for; None when it asks for none."""
    asked = turn.value("report_type") or ""
    if turn.metadata.get("kind") == TAPPED and asked in (LOCK_YES, REOPEN_YES):
        return asked
    if says(turn.words, "bank_book"):
        return "ledger"
    named = which(turn.text, "books") or which(asked, "books")
    if named == "statement" and which(asked, "reports"):
        return None
    if named == "lock" and says(turn.words, "closes_day"):
        return None
    if named:
        return named
    holds = says(turn.words, "holds") and not says(turn.words, "came_in")
    money = says(turn.words, "cash") or says(turn.words, "tills.bank")
    return "cash" if money and holds else None


def tell_book(turn: Turn, book: str) -> None:
    """Say what one of the books comes to and send it. Raises Forbidden."""
    BOOKS[book](turn)


def tell_profit(turn: Turn) -> None:
    """Profit and loss of the days named, or of this month."""
    period = _period(turn, turn.today.replace(day=1))
    with turn.read() as reader:
        found = books.profit_and_loss(reader, period.start, period.end)
    shown = days(period.start, period.end)
    if found.empty:
        turn.say("utter_report_empty", period=shown)
        return
    costs = sum(one.paise for one in found.expenses)
    turn.say(
        "utter_report_profit",
        attachment=file_of(turn, "profit_loss", period),
        period=shown,
        sales=inr(found.revenue),
        goods=inr(found.direct_costs),
        gross=inr(found.gross),
        incomes=inr(sum(one.paise for one in found.incomes)),
        expenses=inr(costs),
        result=turn.line("word_profit" if found.net >= 0 else "word_loss"),
        net=inr(abs(found.net)),
        waiting=turn.line("line_unissued", amount=inr(found.unissued)) if found.unissued else "",
    )


def tell_stock_value(turn: Turn, **facts: Any) -> None:
    """What the stock has cost, with the list."""
    with turn.read() as reader:
        require(reader, Permission.VIEW_COSTS)
    today = Period(turn.today, turn.today)
    turn.say("utter_report_stock", attachment=file_of(turn, "stock", today), **facts)


def file_of(
    turn: Turn,
    report: str,
    period: Period,
    *,
    account: str | None = None,
    party: UUID | None = None,
) -> dict[str, Any]:
    """A reference to a report, drawn when it is sent: on paper, or in a sheet if that was said."""
    return {
        "kind": "report",
        "report": report,
        "start": period.start.isoformat(),
        "end": period.end.isoformat(),
        "format": "xlsx" if says(turn.words, "sheets") else "pdf",
        **({"account": account} if account else {}),
        **({"party": str(party)} if party else {}),
    }


def statement_of(turn: Turn, party: UUID) -> dict[str, Any] | None:
    """The file of a party's statement of this year, or of the days named; None if nobody asks."""
    if which(turn.text, "books") not in ("statement", "ledger"):
        return None
    return file_of(turn, "statement", _period(turn, books.year_start(turn.today)), party=party)


def _balance_sheet(turn: Turn) -> None:
    period = _period(turn, turn.today)
    with turn.read() as reader:
        found = books.balance_sheet(reader, period.end)
    turn.say(
        "utter_report_balance_sheet",
        attachment=file_of(turn, "balance_sheet", Period(period.end, period.end)),
        on=day(period.end),
        rows=_figures(turn, found.assets),
        assets=inr(found.total_assets),
        owed=inr(found.total_liabilities),
        own=inr(found.net_worth),
    )


def _trial_balance(turn: Turn) -> None:
    period = _period(turn, books.year_start(turn.today))
    with turn.read() as reader:
        found = books.trial_balance(reader, period.start, period.end)
    turn.say(
        "utter_report_trial_balance",
        attachment=file_of(turn, "trial_balance", period),
        period=days(period.start, period.end),
        count=len(found),
        debit=inr(sum(one.closing for one in found if one.closing > 0)),
        credit=inr(-sum(one.closing for one in found if one.closing < 0)),
    )


def _day_book(turn: Turn) -> None:
    period = _period(turn, turn.today)
    with turn.read() as reader:
        found = registers.day_book(reader, period.start, period.end)
    shown = days(period.start, period.end)
    if not found.entries:
        turn.say("utter_report_empty", period=shown)
        return
    turn.say(
        "utter_report_day_book",
        attachment=file_of(turn, "day_book", period),
        period=shown,
        count=found.count,
        amount=inr(found.paise),
    )


def _cash_book(turn: Turn) -> None:
    period = _period(turn, turn.today.replace(day=1))
    with turn.read() as reader:
        found = registers.account_book(reader, chart.CASH, period.start, period.end)
    turn.say(
        "utter_report_cash_book",
        attachment=file_of(turn, "cash_book", period),
        period=days(period.start, period.end),
        opening=inr(found.opening),
        came=inr(found.debit),
        went=inr(found.credit),
        closing=inr(found.closing),
    )


def _cash(turn: Turn) -> None:
    with turn.read() as reader:
        found = books.money(reader)
    if not found:
        turn.say("utter_report_cash_none")
        return
    turn.say(
        "utter_report_cash",
        rows=_figures(turn, found),
        total=inr(sum(one.paise for one in found)),
    )


def _ledger(turn: Turn) -> None:
    period = _period(turn, books.year_start(turn.today))
    account = _account_named(turn)
    if account is None:
        _trial_balance(turn)
        return
    with turn.read() as reader:
        found = registers.account_book(reader, account, period.start, period.end)
    turn.say(
        "utter_report_ledger",
        attachment=file_of(turn, "ledger", period, account=account),
        account=account_label(account, turn.language),
        period=days(period.start, period.end),
        opening=inr(found.opening),
        debit=inr(found.debit),
        credit=inr(found.credit),
        closing=inr(found.closing),
    )


def _ageing(turn: Turn) -> None:
    with turn.read() as reader:
        found = registers.ageing(reader)
    owing = [one for one in found if one.paise > 0]
    if not owing:
        turn.say("utter_nobody_owes")
        return
    rows = [
        {"name": one.name, "amount": inr(one.paise), "days": (turn.today - one.oldest).days}
        for one in sorted(owing, key=lambda one: one.oldest or turn.today)[:OLDEST]
        if one.oldest
    ]
    bands = {
        f"band{at}": inr(sum(one.bands[at] for one in found))
        for at in range(len(registers.BANDS) + 1)
    }
    turn.say(
        "utter_report_ageing",
        attachment=file_of(turn, "ageing", Period(turn.today, turn.today)),
        rows=turn.lines("line_aged", rows),
        advance=inr(sum(one.advance for one in found)),
        total=inr(sum(one.paise for one in found)),
        **bands,
    )


def _lock(turn: Turn) -> None:
    """Ask before the books are closed: nothing can be written into those days afterwards."""
    with turn.read() as reader:
        require(reader, Permission.CLOSE_BOOKS)
        before = locked_until(reader)
    until = _day_named(turn) or turn.today.replace(day=1) - timedelta(days=1)
    turn.say(
        "utter_lock_books",
        until=day(until),
        iso=until.isoformat(),
        before=_locked_words(turn, before),
    )


def _lock_yes(turn: Turn) -> None:
    done = turn.run(periods.lock_books, until=date.fromisoformat(turn.value("date") or ""))
    turn.say("utter_books_locked", until=day(date.fromisoformat(done["locked_until"])))


def _reopen(turn: Turn) -> None:
    with turn.read() as reader:
        require(reader, Permission.CLOSE_BOOKS)
        before = locked_until(reader)
    if before is None:
        turn.say("utter_books_open")
        return
    turn.say("utter_reopen_books", until=day(before))


def _reopen_yes(turn: Turn) -> None:
    turn.run(periods.reopen_books, reason="owner_asked")
    turn.say("utter_books_open")


def _forecast(turn: Turn) -> None:
    with turn.read() as reader:
        found = forecast.forecast(reader)
    lowest = found.lowest
    if lowest is None:
        turn.say(
            "utter_forecast_too_early",
            days=forecast.SHORTEST,
            money=inr(found.money),
            owed=inr(found.owed_to_us),
        )
        return
    tried = ""
    if found.error is not None:
        tried = turn.line(
            "line_forecast_error",
            count=len(found.trials),
            error=_about(found.error),
            percent=found.error_percent or 0,
        )
    turn.say(
        "utter_report_forecast",
        attachment=file_of(turn, "forecast", Period(turn.today, turn.today)),
        end=day(found.days[-1].on),
        money=inr(found.money),
        comes=_about(found.comes),
        goes=_about(found.goes),
        closing=_about(found.closing),
        lowest=_about(lowest.money),
        lowest_on=day(lowest.on),
        owed=inr(found.owed_to_us),
        owing=inr(found.owed_by_us),
        tried=tried,
    )


def _about(paise: int) -> str:
    """An estimate in whole rupees: its paise would say that we know them."""
    return inr(half_up(Decimal(paise) / 100) * 100)


def _export(turn: Turn) -> None:
    """The books of this year, or of the days named, for the accountant's own program."""
    period = _period(turn, books.year_start(turn.today))
    to = which(turn.text, "programs") or which(turn.value("report_type") or "", "programs")
    with turn.read() as reader:
        require(reader, Permission.VIEW_LEDGER)
    turn.say(
        "utter_books_export",
        attachment={
            "kind": "books",
            "format": to or "tally",
            "start": period.start.isoformat(),
            "end": period.end.isoformat(),
        },
        program=(to or "tally").capitalize(),
        period=days(period.start, period.end),
    )


BOOKS: Mapping[str, Callable[[Turn], None]] = {
    "balance_sheet": _balance_sheet,
    "trial_balance": _trial_balance,
    "day_book": _day_book,
    "cash_book": _cash_book,
    "cash": _cash,
    "ledger": _ledger,
    "statement": _ageing,
    "ageing": _ageing,
    "export": _export,
    "forecast": _forecast,
    "lock": _lock,
    "reopen": _reopen,
    LOCK_YES: _lock_yes,
    REOPEN_YES: _reopen_yes,
}
"""A statement without a name is everybody's: who owes since when."""

OWN_BOOKS = frozenset(BOOKS) - {"cash", "statement", "ledger", "ageing"}
"""What is nobody's khata, whatever the language components took it for."""


def names_account(turn: Turn) -> bool:
    """Whether a message asks for the ledger of an account of the shop's own."""
    return which(turn.text, "books") == "ledger" and _account_named(turn) is not None


def _figures(turn: Turn, figures: tuple[Figure, ...] | list[Figure]) -> str:
    rows = [{"what": _account_name(turn, one.code), "amount": inr(one.paise)} for one in figures]
    return turn.lines("line_part", rows)


def _account_name(turn: Turn, code: str) -> str:
    """What a shopkeeper calls an account; an accountant's name for it where there is no other."""
    response = f"account_{code.lower()}"
    return (
        turn.line(response) if turn.phrasebook.has(response) else account_label(code, turn.language)
    )


def _account_named(turn: Turn) -> str | None:
    found = which(turn.text, "accounts")
    if found:
        return found
    guessed = guess_category(turn.text)
    return category(guessed).account if guessed != OTHER else None


def _period(turn: Turn, first: date) -> Period:
    """The days named, up to today; else from a first day to today."""
    named = period_of(turn.first("date"), today=turn.today)
    if named is None:
        return Period(first, turn.today)
    return Period(named.start, max(min(named.end, turn.today), named.start))


def _day_named(turn: Turn) -> date | None:
    named = period_of(turn.first("date"), today=turn.today)
    return named.end if named else None


def _locked_words(turn: Turn, until: date | None) -> str:
    return turn.line("line_locked_until", until=day(until)) if until else ""
