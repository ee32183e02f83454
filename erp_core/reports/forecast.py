"""How the money will move in the next thirty days, and how wrong the same reckoning was before.

Debts are followed as people are in a life table: of what is owed for so many days, such a share is
paid on such a day of the week. What is owed now runs on through that table; what will be sold on
credit or for cash comes new at the pace of the last weeks, raised or lowered as it was at this time
a year ago. Bills of suppliers are followed alike. Expenses come at their own pace, those of once a
month on their day. Capital, loans and transfers are nobody's habit and are left out.

The error is no promise: it is measured by standing at earlier days and forecasting what is known by
now, with nothing known then that came later.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from typing import NamedTuple

from sqlalchemy import Text, and_, cast, func, select

from erp_core.journal.context import Reader
from erp_core.kernel.money import half_up
from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.ledger.models import ledger_entries, ledger_postings
from erp_core.parties.permissions import Permission, require

HORIZON = 30
SHORTEST = 45
"""Days of trade below which no habit is told from chance."""
PACE = 56
"""Days whose pace is carried on: eight of each weekday."""
LONGEST = 540
MOST_ROWS = 50_000
"""Of a large shop, fewer days tell as much."""
TRIALS = 6
OLDEST_AGE = 120

PAID = ("payment", "vendor_payment")
SPENDING = (chart.EXPENSE, chart.DRAWINGS, chart.BANK_CHARGES)
ONE = Decimal(1)
NONE = Decimal(0)


@dataclass(frozen=True)
class Day:
    """What is expected to come and go on a day, and the money at its end, in paise."""

    on: date
    comes: int
    goes: int
    money: int


@dataclass(frozen=True)
class Trial:
    """What was forecast for thirty days that are past, and what really was, in paise."""

    start: date
    comes: int
    came: int
    goes: int
    went: int

    @property
    def miss(self) -> int:
        """By how much the money at the end was misjudged."""
        return abs((self.comes - self.goes) - (self.came - self.went))


@dataclass(frozen=True)
class Forecast:
    """Thirty days from tomorrow on. `enough` is False where there is too little past to learn from.

    `trials` are the same reckoning for months that are past, newest first.
    """

    money: int
    owed_to_us: int
    owed_by_us: int
    days: tuple[Day, ...]
    trials: tuple[Trial, ...]
    history: int

    @property
    def enough(self) -> bool:
        return bool(self.days)

    @property
    def comes(self) -> int:
        return sum(one.comes for one in self.days)

    @property
    def goes(self) -> int:
        return sum(one.goes for one in self.days)

    @property
    def closing(self) -> int:
        return self.days[-1].money if self.days else self.money

    @property
    def lowest(self) -> Day | None:
        """The day with the least money."""
        return min(self.days, key=lambda one: (one.money, one.on), default=None)

    @property
    def error(self) -> int | None:
        """By how much the money at the end was misjudged on average; None where never tried."""
        if not self.trials:
            return None
        return half_up(Decimal(sum(one.miss for one in self.trials)) / len(self.trials))

    @property
    def error_percent(self) -> int | None:
        """The misjudged part of what came in, in per cent of it."""
        came = sum(one.came for one in self.trials)
        if not came:
            return None
        missed = sum(abs(one.comes - one.came) for one in self.trials)
        return half_up(Decimal(100 * missed) / came)


class Moved(NamedTuple):
    """A party's debt grown (above zero) or settled on a day; `paid` if money settled it."""

    party_id: str
    on: date
    paise: int
    paid: bool


@dataclass(frozen=True)
class Past:
    """What a forecast learns from: debts both ways, spending by account and day, sales by day."""

    first: date
    receivable: tuple[Moved, ...]
    payable: tuple[Moved, ...]
    owed_first: Mapping[str, Mapping[str, int]]
    spent: Mapping[str, Mapping[date, int]]
    sold: Mapping[date, int]


def forecast(reader: Reader) -> Forecast:
    """The next thirty days from today's end on."""
    require(reader, Permission.VIEW_REPORTS)
    today = reader.today
    past = _past(reader)
    money = sum(
        debit - credit for debit, credit in ledger.turnover(reader, accounts=chart.MONEY).values()
    )
    owed_to_us = ledger.balance_of(reader, chart.RECEIVABLE)
    owed_by_us = -ledger.balance_of(reader, chart.PAYABLE)
    history = (today - past.first).days
    if history < SHORTEST:
        return Forecast(money, owed_to_us, owed_by_us, (), (), history)
    oracle = Oracle(past)
    trials = tuple(_trials(past, today, oracle))
    days, running = [], money
    for on, comes, goes in oracle.predict(today):
        running += comes - goes
        days.append(Day(on, comes, goes, running))
    return Forecast(money, owed_to_us, owed_by_us, tuple(days), trials, history)


class Oracle:
    """Forecasts from one day after another, each from what was known by its end alone.

    The days must be asked in their order: every debt is then followed through its life but once.
    """

    def __init__(self, past: Past) -> None:
        self.past = past
        self.receivable = _Follower(past.receivable, past.owed_first[chart.RECEIVABLE], past.first)
        self.payable = _Follower(past.payable, past.owed_first[chart.PAYABLE], past.first)

    def predict(self, today: date) -> list[tuple[date, int, int]]:
        """(day, comes, goes) for each of the thirty days after one; looks at nothing later."""
        season = _season(self.past.sold, today)
        comes = self.receivable.settled_after(today, season)
        goes = self.payable.settled_after(today, season)
        spends = _spending(self.past.spent, self.past.first, today)
        return [
            (day, half_up(comes[at]), half_up(goes[at]) + spends[at])
            for at, day in enumerate(_days_after(today))
        ]


def _trials(past: Past, today: date, oracle: Oracle) -> list[Trial]:
    """Newest first."""
    starts = [today - timedelta(days=HORIZON * back) for back in range(TRIALS, 0, -1)]
    trials = []
    for then in starts:
        if (then - past.first).days < SHORTEST:
            continue
        expected = oracle.predict(then)
        days = _days_after(then)
        spent = [by_day.get(day, 0) for by_day in past.spent.values() for day in days]
        trial = Trial(
            start=days[0],
            comes=sum(one[1] for one in expected),
            came=sum(oracle.receivable.paid.get(day, 0) for day in days),
            goes=sum(one[2] for one in expected),
            went=sum(oracle.payable.paid.get(day, 0) for day in days) + sum(spent),
        )
        trials.append(trial)
    return trials[::-1]


class _Table:
    """A life table of debts: how much was open at each age, how much of it was paid then."""

    def __init__(self) -> None:
        self.open: Counter[int] = Counter()
        self.paid: Counter[int] = Counter()

    def copy(self) -> _Table:
        """To be added to without harm."""
        table = _Table()
        table.open, table.paid = self.open.copy(), self.paid.copy()
        return table

    def settled(self, age: int, paise: int) -> None:
        self.paid[min(age, OLDEST_AGE)] += paise
        self.still_open(age, paise)

    def still_open(self, age: int, paise: int) -> None:
        self.open[min(age, OLDEST_AGE)] += paise

    def shares(self) -> list[Decimal]:
        """For each age the share paid at it of what reached it, smoothed over older ages."""
        reached, total = [0] * (OLDEST_AGE + 1), 0
        for age in range(OLDEST_AGE, -1, -1):
            total += self.open[age]
            reached[age] = total
        return [self._share(reached, age) for age in range(OLDEST_AGE + 1)]

    def _share(self, reached: Sequence[int], age: int) -> Decimal:
        reach = 0 if age < 3 else 2 if age < 15 else 7 if age < 45 else 30
        ages = range(max(age - reach, 1 if age else 0), min(age + reach, OLDEST_AGE) + 1)
        base = sum(reached[one] for one in ages)
        return min(ONE, Decimal(sum(self.paid[one] for one in ages)) / base) if base else NONE


def _older(ages: Mapping[int, Decimal]) -> dict[int, Decimal]:
    older: dict[int, Decimal] = {}
    for age, paise in ages.items():
        next_age = min(age + 1, OLDEST_AGE)
        older[next_age] = older.get(next_age, NONE) + paise
    return older


class _Follower:
    """Follows each party's debts, settled oldest first, from the first day on.

    Debts from before the first day have an unknown age, and teach nothing.
    """

    def __init__(self, moved: Sequence[Moved], owed_first: Mapping[str, int], first: date) -> None:
        self.moved, self.first = moved, first
        self.at = 0
        self.table = _Table()
        self.debts: defaultdict[str, deque[list[int]]] = defaultdict(deque)
        self.advance: Counter[str] = Counter()
        for party_id, paise in owed_first.items():
            if paise > 0:
                self.debts[party_id].append([-1, paise])
            else:
                self.advance[party_id] = -paise
        self.begun = _sum_by_day((one.on, one.paise) for one in moved if one.paise > 0)
        self.paid = _sum_by_day((one.on, -one.paise) for one in moved if one.paid)

    def settled_after(self, today: date, season: Decimal) -> list[Decimal]:
        """What is paid on each of the next days, of what is owed now and of what will be."""
        while self.at < len(self.moved) and self.moved[self.at].on <= today:
            self._follow(self.moved[self.at])
            self.at += 1
        table, ages = self._now(today)
        shares = table.shares()
        new = _pace(self.begun, self.first, today)
        weekdays = _weekdays(self.paid, self.first, today)
        payments = []
        for day in _days_after(today):
            ages = _older(ages)
            ages[0] = new[day.weekday()] * season
            total = NONE
            for age, paise in ages.items():
                share = shares[age]
                if age:
                    share = min(ONE, share * weekdays[day.weekday()])
                total += paise * share
                ages[age] = paise - paise * share
            payments.append(total)
        return payments

    def _follow(self, one: Moved) -> None:
        at = (one.on - self.first).days
        queue = self.debts[one.party_id]
        if one.paise > 0:
            used = min(one.paise, self.advance[one.party_id])
            self.advance[one.party_id] -= used
            if one.paise > used:
                queue.append([at, one.paise - used])
            return
        left = -one.paise
        while left and queue:
            begun, paise = queue[0]
            part = min(left, paise)
            if one.paid and begun >= 0:
                self.table.settled(at - begun, part)
            left -= part
            if part == paise:
                queue.popleft()
            else:
                queue[0][1] -= part
        self.advance[one.party_id] += left
        if left and one.paid:
            self.table.settled(0, left)

    def _now(self, today: date) -> tuple[_Table, dict[int, Decimal]]:
        """The table with what is still open, and that by its age."""
        table, now = self.table.copy(), (today - self.first).days
        ages: dict[int, Decimal] = {}
        for queue in self.debts.values():
            for begun, paise in queue:
                age = min(now - max(begun, 0), OLDEST_AGE)
                ages[age] = ages.get(age, NONE) + paise
                if begun >= 0:
                    table.still_open(age, paise)
        return table, ages


def _pace(by_day: Mapping[date, int], first: date, today: date) -> list[Decimal]:
    """The mean amount of a day, for each weekday, over the last weeks."""
    start = max(first, today - timedelta(days=PACE - 1))
    sums, days = [0] * 7, [0] * 7
    for number in range((today - start).days + 1):
        day = start + timedelta(days=number)
        days[day.weekday()] += 1
        sums[day.weekday()] += by_day.get(day, 0)
    return [Decimal(one) / count if count else NONE for one, count in zip(sums, days, strict=True)]


def _weekdays(by_day: Mapping[date, int], first: date, today: date) -> list[Decimal]:
    """How much more or less is paid on a weekday than on a mean day, within half and twice."""
    pace = _pace(by_day, first, today)
    mean = sum(pace, NONE) / 7
    if not mean:
        return [ONE] * 7
    return [min(max(one / mean, Decimal("0.5")), Decimal(2)) for one in pace]


def _season(sold: Mapping[date, int], today: date) -> Decimal:
    """How sales went in these thirty days a year ago, beside the pace of the weeks before them."""
    year = timedelta(days=364)
    then = today - year
    before = [then - timedelta(days=back) for back in range(PACE)]
    if not sold or min(sold) > before[-1]:
        return ONE
    pace = Decimal(sum(sold.get(day, 0) for day in before)) / PACE
    after = Decimal(sum(sold.get(day, 0) for day in _days_after(then))) / HORIZON
    return min(max(after / pace, Decimal("0.5")), Decimal(2)) if pace else ONE


def _spending(spent: Mapping[str, Mapping[date, int]], first: date, today: date) -> list[int]:
    """Each account at its own pace; one of once or twice a month, on its days of the month."""
    total = [0] * HORIZON
    for by_day in spent.values():
        monthly = _monthly(by_day, first, today)
        pace = None if monthly is not None else _pace(by_day, first, today)
        for at, day in enumerate(_days_after(today)):
            if monthly is not None:
                total[at] += monthly.get(day.day, 0)
            elif pace is not None:
                total[at] += half_up(pace[day.weekday()])
    return total


def _monthly(by_day: Mapping[date, int], first: date, today: date) -> dict[int, int] | None:
    """For an account that moved at most twice in each of the last months: day of month → amount."""
    months: list[list[tuple[int, int]]] = []
    for back in range(3):
        end = today - timedelta(days=30 * back)
        start = end - timedelta(days=29)
        if start < first:
            break
        months.append(
            [(day.day, paise) for day, paise in by_day.items() if start <= day <= end and paise > 0]
        )
    moved = [month for month in months if month]
    if not moved or len(moved) < len(months) - 1 or any(len(month) > 2 for month in months):
        return None
    latest = sorted(moved[0])
    totals = [sum(paise for _, paise in month) for month in moved]
    usual = int(median(totals))
    whole = sum(paise for _, paise in latest)
    return {day: usual * paise // whole for day, paise in latest}


def _past(reader: Reader) -> Past:
    start = reader.today - timedelta(days=_days_to_read(reader))
    receivable = _moved(reader, chart.RECEIVABLE, start, 1)
    payable = _moved(reader, chart.PAYABLE, start, -1)
    sold = {
        on: credit - debit
        for on, debit, credit in ledger.turnover_by_day(reader, chart.SALES)
        if on >= reader.today - timedelta(days=2 * LONGEST)
    }
    spent = _spent(reader, start)
    known = [min(days) for days in spent.values() if days]
    known += [rows[0].on for rows in (receivable, payable) if rows]
    first = max(start, min(known)) if known else reader.today
    before = first - timedelta(days=1)
    return Past(
        first=first,
        receivable=tuple(receivable),
        payable=tuple(payable),
        owed_first={
            account: {
                str(party): sign * paise
                for party, paise in ledger.party_balances(reader, account, until=before)
            }
            for account, sign in ((chart.RECEIVABLE, 1), (chart.PAYABLE, -1))
        },
        spent=spent,
        sold=sold,
    )


def _moved(reader: Reader, account: str, start: date, sign: int) -> list[Moved]:
    """An account's movements, oldest first; debts are above zero whichever way they run."""
    c, head = ledger_postings.c, ledger_entries.c
    rows = reader.connection.execute(
        select(cast(c.party_id, Text), c.on_date, c.paise, head.kind)
        .join(ledger_entries, and_(head.business_id == c.business_id, head.id == c.entry_id))
        .where(
            c.business_id == reader.business_id,
            c.account == account,
            c.on_date.between(start, reader.today),
            # A posting has its entry's day; told so, the database reads the entries of these days.
            head.on_date.between(start, reader.today),
        )
        .order_by(c.on_date, head.recorded_at, c.entry_id)
    )
    return [
        Moved(party, on, sign * paise, kind in PAID and sign * paise < 0)
        for party, on, paise, kind in rows
    ]


def _days_to_read(reader: Reader) -> int:
    """So many days that no more rows come than are read in a moment, by the last month's number."""
    c = ledger_postings.c
    month = reader.connection.execute(
        select(func.count()).where(
            c.business_id == reader.business_id,
            c.account.in_((chart.RECEIVABLE, chart.PAYABLE)),
            c.on_date > reader.today - timedelta(days=HORIZON),
        )
    ).scalar_one()
    return min(LONGEST, HORIZON * MOST_ROWS // month) if month else LONGEST


def _spent(reader: Reader, start: date) -> dict[str, dict[date, int]]:
    moved = ledger.turnover(reader, start=start)
    codes = [code for code in moved if code.partition(":")[0] in SPENDING]
    return {
        code: {
            on: debit - credit
            for on, debit, credit in ledger.turnover_by_day(
                reader, code, start=start, until=reader.today
            )
        }
        for code in codes
    }


def _sum_by_day(amounts: Iterable[tuple[date, int]]) -> dict[date, int]:
    sums: Counter[date] = Counter()
    for on, paise in amounts:
        sums[on] += paise
    return dict(sums)


def _days_after(today: date) -> list[date]:
    return [today + timedelta(days=number) for number in range(1, HORIZON + 1)]
