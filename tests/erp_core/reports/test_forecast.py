"""The forecast learns how a shop's money moves, from nothing but what was known on the day."""

from __future__ import annotations

import random
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp_core.journal.context import Context
from erp_core.kernel.actor import SYSTEM, Actor
from erp_core.kernel.errors import Forbidden
from erp_core.ledger import chart
from erp_core.ledger.service import Posting, post
from erp_core.reports.forecast import HORIZON, Moved, Oracle, Past, forecast

TODAY = date(2026, 11, 20)
CUSTOMERS = [UUID(int=one) for one in range(1, 9)]
MANY = [str(one) for one in CUSTOMERS]
VENDOR = "a vendor"


def past(receivable=(), payable=(), spent=None, sold=None, first=TODAY - timedelta(days=200)):
    return Past(
        first,
        tuple(sorted(receivable, key=lambda one: one.on)),
        tuple(sorted(payable, key=lambda one: one.on)),
        {chart.RECEIVABLE: {}, chart.PAYABLE: {}},
        spent or {},
        sold or {},
    )


def debts(days, paise, lag, until=TODAY, party=MANY[0]):
    """A debt a day, each paid after so many days."""
    for back in range(days, -1, -1):
        begun = TODAY - timedelta(days=back)
        yield Moved(party, begun, paise, False)
        if begun + timedelta(days=lag) <= until:
            yield Moved(party, begun + timedelta(days=lag), -paise, True)


def predict(known, today):
    return Oracle(known).predict(today)


def comes(days):
    return [one[1] for one in days]


def goes(days):
    return [one[2] for one in days]


def test_who_pays_at_once_will_pay_at_once():
    found = predict(past(debts(200, 100_00, lag=0)), TODAY)
    assert [one[0] for one in found] == [TODAY + timedelta(days=n) for n in range(1, 31)]
    assert set(comes(found)) == {100_00}


def test_debts_that_are_always_paid_in_ten_days_are_expected_so():
    found = predict(past(debts(200, 100_00, lag=10)), TODAY)
    assert abs(sum(comes(found)) - 30 * 100_00) < 30 * 100_00 * 0.1


def test_one_debt_among_prompt_payers_is_expected_soon_and_once():
    late = [Moved(MANY[1], TODAY, 5_000_00, False)]
    history = [*debts(200, 100_00, lag=4)]
    with_it = sum(comes(predict(past([*history, *late]), TODAY)))
    without = sum(comes(predict(past(history), TODAY)))
    # What it adds to the pace of new debts comes on top.
    assert 4_000_00 < with_it - without < 7_000_00


def test_a_weekly_day_off_is_a_day_off():
    closed = [
        Moved(MANY[0], day, sign * 70_00, sign < 0)
        for back in range(140)
        for day in [TODAY - timedelta(days=back)]
        for sign in (1, -1)
        if day.weekday() != 6
    ]
    for on, came, _ in predict(past(closed), TODAY):
        assert came == (0 if on.weekday() == 6 else 70_00)


def test_rent_comes_on_its_day_and_tea_every_day():
    rent = {date(2026, month, 5): 12_000_00 for month in range(6, 12)}
    tea = {TODAY - timedelta(days=back): 40_00 for back in range(150)}
    found = predict(past(spent={"EXPENSE:rent": rent, "EXPENSE:food": tea}), TODAY)
    assert {on: gone for on, _, gone in found if gone != 40_00} == {date(2026, 12, 5): 12_040_00}


def test_suppliers_are_paid_as_they_were():
    bills = debts(200, 80_00, lag=7, party=VENDOR)
    found = predict(past(payable=bills), TODAY)
    assert comes(found) == [0] * 30
    assert abs(sum(goes(found)) - 30 * 80_00) < 30 * 80_00 * 0.1


def test_a_season_of_last_year_comes_again():
    sold = {TODAY - timedelta(days=back): 100 for back in range(700)}
    busy = {
        day: paise * (2 if 0 < (day - (TODAY - timedelta(days=364))).days <= 30 else 1)
        for day, paise in sold.items()
    }
    history = list(debts(200, 100_00, lag=0))
    usual = sum(comes(predict(past(history, sold=sold), TODAY)))
    assert sum(comes(predict(past(history, sold=busy), TODAY))) == 2 * usual


def test_nothing_later_is_looked_at():
    history = list(debts(200, 100_00, lag=3))
    tea = {TODAY - timedelta(days=back): 40_00 + back for back in range(200)}
    then = TODAY - timedelta(days=60)
    whole = past(history, spent={"EXPENSE:food": tea}, sold=tea)
    known = past(
        [one for one in history if one.on <= then],
        spent={"EXPENSE:food": {day: paise for day, paise in tea.items() if day <= then}},
        sold={day: paise for day, paise in tea.items() if day <= then},
    )
    assert predict(whole, then) == predict(known, then)


def test_asking_day_after_day_is_asking_each_day():
    history = past(list(debts(200, 100_00, lag=9)))
    oracle = Oracle(history)
    for back in (90, 60, 59, 0):
        on = TODAY - timedelta(days=back)
        assert oracle.predict(on) == predict(history, on)


@given(
    moves=st.lists(
        st.tuples(
            st.sampled_from(MANY),
            st.integers(0, 200),
            st.integers(1, 10_000_00),
            st.sampled_from(["debt", "debt", "paid", "cancelled"]),
        ),
        max_size=60,
    )
)
def test_no_history_brings_more_than_it_could(moves):
    moved = [
        Moved(
            who, TODAY - timedelta(days=back), paise if kind == "debt" else -paise, kind == "paid"
        )
        for who, back, paise, kind in moves
    ]
    found = predict(past(moved), TODAY)
    grown = sum(one.paise for one in moved if one.paise > 0)
    assert len(found) == HORIZON
    assert all(one >= 0 for one in comes(found))
    # All that was ever owed, and what eight weeks' pace of new debts may bring at twice the pace.
    assert sum(comes(found)) <= 3 * grown + HORIZON


@pytest.fixture
def trade(database, business, clock):
    """A noisy shop of 260 days that is closed on Sundays."""
    luck = random.Random(7)
    with database.tenant(business) as connection:
        ctx = Context(connection, business, SYSTEM, clock.now())

        def entry(on, kind, *postings):
            post(ctx, kind=kind, on=on, postings=list(postings))

        for back in range(260, -1, -1):
            on = TODAY - timedelta(days=back)
            if on.weekday() == 6:
                continue
            for _ in range(luck.randint(2, 5)):
                who, paise = luck.choice(CUSTOMERS), luck.randint(200_00, 1_500_00)
                entry(on, "invoice", Posting(chart.RECEIVABLE, paise, who),
                      Posting(chart.SALES, -paise))  # fmt: skip
                paid = on + timedelta(days=luck.choice([0, 0, 0, 3, 7, 15, 30]))
                if paid <= TODAY:
                    entry(paid, "payment", Posting(chart.CASH, paise),
                          Posting(chart.RECEIVABLE, -paise, who))  # fmt: skip
            spend = luck.randint(50_00, 300_00)
            entry(on, "expense", Posting("EXPENSE:food", spend), Posting(chart.CASH, -spend))
            if on.day == 5:
                entry(on, "expense", Posting("EXPENSE:rent", 9_000_00),
                      Posting(chart.CASH, -9_000_00))  # fmt: skip


def test_the_error_on_the_past_is_shown_and_small_for_a_steady_shop(bahi, business, trade):
    with bahi.read(business) as reader:
        found = forecast(reader)
    assert found.enough
    assert len(found.days) == HORIZON
    assert found.days[0].on == TODAY + timedelta(days=1)
    assert found.closing == found.money + found.comes - found.goes
    assert len(found.trials) == 6
    for trial in found.trials:
        assert trial.came > 0
        assert abs(trial.comes - trial.came) < trial.came * 0.35
    assert found.error_percent is not None
    assert found.error_percent <= 20
    assert found.error == round(sum(one.miss for one in found.trials) / 6)


def test_a_young_shop_hears_no_forecast(bahi, business):
    with bahi.read(business) as reader:
        found = forecast(reader)
    assert (found.enough, found.closing, found.lowest, found.error) == (False, 0, None, None)


def test_staff_do_not_see_it(bahi, business):
    with (
        bahi.read(business, Actor("user", UUID(int=1), "staff")) as reader,
        pytest.raises(Forbidden),
    ):
        forecast(reader)
