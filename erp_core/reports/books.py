"""What the ledger says: profit and loss, balance sheet, trial balance, books of one account.

All amounts are paise. A year of the books runs from April to March; it is never closed by an entry:
what earlier years earned is worked out wherever it is asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from sqlalchemy import func, select

from erp_core.inventory.models import stock_levels
from erp_core.journal.context import Reader
from erp_core.kernel.errors import Invalid
from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.orders.models import order_lines, orders
from erp_core.orders.states import RESERVED
from erp_core.parties.permissions import Permission, require

BY_PARTY = (chart.RECEIVABLE, chart.PAYABLE)

Side = Literal["assets", "liabilities"]


@dataclass(frozen=True)
class Figure:
    """An account, or one of the sums that take an account's place, with an amount."""

    code: str
    paise: int


@dataclass(frozen=True)
class ProfitAndLoss:
    """A period's result. Incomes are above zero, and so are costs.

    `unissued` is what goods cost that were billed in orders but have not left the shop: their cost
    will be taken off when they do.
    """

    start: date
    end: date
    sales: tuple[Figure, ...]
    direct: tuple[Figure, ...]
    incomes: tuple[Figure, ...]
    expenses: tuple[Figure, ...]
    opening_stock: int
    closing_stock: int
    unissued: int = 0

    @property
    def revenue(self) -> int:
        """Sales without tax, returns taken off."""
        return _sum(self.sales)

    @property
    def direct_costs(self) -> int:
        """What the goods have cost, stock found in a count taken off."""
        return _sum(self.direct)

    @property
    def gross(self) -> int:
        """Gross profit."""
        return self.revenue - self.direct_costs

    @property
    def net(self) -> int:
        """Net profit; below zero, a loss."""
        return self.gross + _sum(self.incomes) - _sum(self.expenses)

    @property
    def empty(self) -> bool:
        """Whether nothing was earned and nothing spent."""
        return not (self.sales or self.direct or self.incomes or self.expenses)


@dataclass(frozen=True)
class BalanceSheet:
    """What the business owns and owes at the end of a day. Both sides sum alike.

    Sundry debtors hold what customers owe; a customer's advance stands among the liabilities.
    """

    on: date
    assets: tuple[Figure, ...]
    liabilities: tuple[Figure, ...]
    capital: tuple[Figure, ...]

    @property
    def fixed_assets(self) -> tuple[Figure, ...]:
        return _within(self.assets, "Fixed Assets")

    @property
    def current_assets(self) -> tuple[Figure, ...]:
        return _beside(self.assets, self.fixed_assets)

    @property
    def loans(self) -> tuple[Figure, ...]:
        return _within(self.liabilities, "Loans (Liability)")

    @property
    def current_liabilities(self) -> tuple[Figure, ...]:
        return _beside(self.liabilities, self.loans)

    @property
    def total_assets(self) -> int:
        return _sum(self.assets)

    @property
    def total_liabilities(self) -> int:
        """What is owed to others."""
        return _sum(self.liabilities)

    @property
    def net_worth(self) -> int:
        """What belongs to the owner."""
        return _sum(self.capital)


@dataclass(frozen=True)
class TrialRow:
    """An account over a period: debit balances are above zero."""

    code: str
    opening: int
    debit: int
    credit: int

    @property
    def closing(self) -> int:
        return self.opening + self.debit - self.credit


EARLIER_PROFIT = "EARLIER_PROFIT"
YEARS_PROFIT = "YEARS_PROFIT"
CUSTOMER_ADVANCES = "CUSTOMER_ADVANCES"
VENDOR_ADVANCES = "VENDOR_ADVANCES"
ADVANCES = {chart.RECEIVABLE: CUSTOMER_ADVANCES, chart.PAYABLE: VENDOR_ADVANCES}


def profit_and_loss(reader: Reader, start: date, end: date) -> ProfitAndLoss:
    """What was earned from one day to another. Raises Invalid("bad_period"), Forbidden."""
    require(reader, Permission.VIEW_REPORTS)
    if start > end:
        raise Invalid("bad_period")
    moved = _net(ledger.turnover(reader, start=start, until=end))
    stock = chart.INVENTORY
    before = ledger.balance_of(reader, stock, until=start - timedelta(days=1))
    return ProfitAndLoss(
        start=start,
        end=end,
        sales=_figures(moved, groups=("Sales Accounts",), sign=-1),
        direct=_figures(moved, groups=("Direct Expenses", "Direct Incomes")),
        incomes=_figures(moved, groups=("Indirect Incomes",), sign=-1),
        expenses=_figures(moved, groups=("Indirect Expenses",)),
        opening_stock=before + _begun_with(reader, start, end),
        closing_stock=before + moved.get(stock, 0),
        unissued=_unissued(reader, start, end),
    )


def _begun_with(reader: Reader, start: date, end: date) -> int:
    """Stock that the books began with in a period: it was there before its first day's trade."""
    begun = ledger.movements(reader, chart.OPENING_EQUITY, start=start, until=end)
    return -sum(one.paise for one in begun if one.kind == "stock_opening")


def balance_sheet(reader: Reader, on: date) -> BalanceSheet:
    """What there is and whose it is at the end of a day."""
    require(reader, Permission.VIEW_REPORTS)
    balances = ledger.account_balances(reader, until=on)
    first = year_start(on)
    moved = _net(ledger.turnover(reader, start=first, until=on))
    year = _profit(moved)
    earlier = _profit(balances) - year
    sides: dict[Side, list[Figure]] = {"assets": [], "liabilities": []}
    for code, paise in _in_order(_bank_covered(balances)):
        known = chart.account(code)
        if known.nominal or known.kind == "equity":
            continue
        if code in BY_PARTY:
            _split_by_party(reader, code, on, sides)
        elif paise:
            _place(sides, code, paise)
    capital = [
        Figure(code, -paise)
        for code, paise in _in_order(balances)
        if paise and chart.account(code).kind == "equity"
    ]
    capital += [Figure(EARLIER_PROFIT, earlier), Figure(YEARS_PROFIT, year)]
    return BalanceSheet(
        on=on,
        assets=tuple(sides["assets"]),
        liabilities=tuple(sides["liabilities"]),
        capital=tuple(one for one in capital if one.paise),
    )


def trial_balance(reader: Reader, start: date, end: date) -> list[TrialRow]:
    """Every account of a period within one year of the books, in the chart's order.

    Income and expense begin at nothing in April; what they came to before is EARLIER_PROFIT.
    """
    require(reader, Permission.VIEW_LEDGER)
    before = ledger.account_balances(reader, until=start - timedelta(days=1))
    this_year = _net(
        ledger.turnover(reader, start=year_start(start), until=start - timedelta(days=1))
    )
    moved = ledger.turnover(reader, start=start, until=end)
    earlier = _profit(before) - _profit(this_year)
    rows = []
    for code, _ in _in_order({**before, **_net(moved)}):
        opening = this_year.get(code, 0) if chart.account(code).nominal else before.get(code, 0)
        debit, credit = moved.get(code, (0, 0))
        rows.append(TrialRow(code, opening, debit, credit))
    rows.append(TrialRow(EARLIER_PROFIT, -earlier, 0, 0))
    return [one for one in rows if one.opening or one.debit or one.credit]


def money(reader: Reader) -> list[Figure]:
    """Where the money lies now: cash, bank, and what is on its way there."""
    require(reader, Permission.VIEW_LEDGER)
    balances = _net(ledger.turnover(reader, accounts=chart.MONEY))
    return [Figure(code, balances[code]) for code in chart.MONEY if balances.get(code)]


def year_start(on: date) -> date:
    """The first of April that begins the year of the books in which a day lies."""
    return date(on.year if on.month >= 4 else on.year - 1, 4, 1)


def _profit(balances: Mapping[str, int]) -> int:
    return -sum(paise for code, paise in balances.items() if chart.account(code).nominal)


def _net(moved: Mapping[str, tuple[int, int]]) -> dict[str, int]:
    return {code: debit - credit for code, (debit, credit) in moved.items()}


def _figures(
    moved: Mapping[str, int], *, groups: tuple[str, ...], sign: int = 1
) -> tuple[Figure, ...]:
    return tuple(
        Figure(code, sign * paise)
        for code, paise in _in_order(moved)
        if paise and chart.account(code).group in groups
    )


def _in_order(balances: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(balances.items(), key=lambda one: (chart.account(one[0]).number, one[0]))


def _bank_covered(balances: Mapping[str, int]) -> dict[str, int]:
    """What was paid out of the bank is set off against collections that have yet to reach it.

    A shop that pays its rent by UPI out of what came in by UPI owes nobody anything.
    """
    covered = dict(balances)
    for code in (chart.UPI_CLEARING, chart.CARD_CLEARING, chart.GATEWAY_CLEARING):
        moved = min(-covered.get(chart.BANK, 0), covered.get(code, 0))
        if moved > 0:
            covered[chart.BANK] += moved
            covered[code] -= moved
    return covered


def _place(sides: dict[Side, list[Figure]], code: str, paise: int) -> None:
    """By its sign: an overdrawn bank is a debt. An empty till cannot owe, and shows its mistake."""
    if code == chart.CASH or paise > 0:
        sides["assets"].append(Figure(code, paise))
    else:
        sides["liabilities"].append(Figure(code, -paise))


def _split_by_party(reader: Reader, code: str, on: date, sides: dict[Side, list[Figure]]) -> None:
    """Nobody's debt is set off against another's advance."""
    balances = [paise for _, paise in ledger.party_balances(reader, code, until=on)]
    owed_to_us = sum(paise for paise in balances if paise > 0)
    owed_by_us = -sum(paise for paise in balances if paise < 0)
    asset = code if code == chart.RECEIVABLE else ADVANCES[code]
    debt = code if code == chart.PAYABLE else ADVANCES[code]
    if owed_to_us:
        sides["assets"].append(Figure(asset, owed_to_us))
    if owed_by_us:
        sides["liabilities"].append(Figure(debt, owed_by_us))


def _unissued(reader: Reader, start: date, end: date) -> int:
    """At today's moving average, which is what will be posted if nothing else comes in before."""
    average = stock_levels.c.value_paise / func.nullif(stock_levels.c.on_hand, 0)
    cost = reader.connection.execute(
        select(func.coalesce(func.round(func.sum(average * order_lines.c.quantity)), 0))
        .select_from(
            orders.join(
                order_lines,
                (order_lines.c.business_id == orders.c.business_id)
                & (order_lines.c.order_id == orders.c.id),
            ).join(
                stock_levels,
                (stock_levels.c.business_id == order_lines.c.business_id)
                & (stock_levels.c.product_id == order_lines.c.product_id),
            )
        )
        .where(
            orders.c.business_id == reader.business_id,
            orders.c.ordered_on.between(start, end),
            orders.c.status.in_(RESERVED),
            orders.c.invoice_id.isnot(None),
        )
    ).scalar_one()
    return int(cost)


def _within(figures: Iterable[Figure], group: str) -> tuple[Figure, ...]:
    known = chart.CHART
    return tuple(one for one in figures if one.code in known and known[one.code].group == group)


def _beside(figures: Iterable[Figure], others: Collection[Figure]) -> tuple[Figure, ...]:
    return tuple(one for one in figures if one not in others)


def _sum(figures: Iterable[Figure]) -> int:
    return sum(one.paise for one in figures)
