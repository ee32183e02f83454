"""Closed books: nothing is posted into them, by whatever door, until the owner opens them again."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Event
from uuid import UUID

import pytest
from sqlalchemy.exc import DatabaseError

from erp_core.expenses.service import log_expense
from erp_core.journal.context import Context
from erp_core.kernel.actor import SYSTEM, Actor
from erp_core.kernel.errors import BahiError, Conflict, Forbidden, Invalid
from erp_core.ledger import chart, periods, queries, service
from erp_core.ledger.service import Posting
from erp_core.ledger.vouchers import reverse_voucher, transfer, write_voucher
from erp_core.parties.service import add_customer
from erp_core.payments.service import give_credit, record_payment

TODAY = date(2026, 11, 20)
OCTOBER = date(2026, 10, 31)
MANAGER = Actor("user", UUID(int=2), "manager")


def test_a_locked_month_takes_no_money_and_gives_none(run, bahi, business):
    ravi = UUID(run(add_customer, name="Ravi")["customer_id"])
    run(log_expense, amount_paise=500_00, on=OCTOBER)
    assert run(periods.lock_books, until=OCTOBER) == {"locked_until": "2026-10-31", "before": None}

    for command, arguments in (
        (log_expense, {"amount_paise": 100}),
        (give_credit, {"amount_paise": 100, "customer_id": ravi}),
        (record_payment, {"amount_paise": 100, "customer_id": ravi, "method": "cash"}),
        (write_voucher, {"amount_paise": 100, "kind": "capital"}),
    ):
        with pytest.raises(Conflict) as refused:
            run(command, on=OCTOBER, **arguments)
        assert refused.value.code == "period_locked"
        assert refused.value.facts == {"on": "2026-10-31", "until": "2026-10-31"}
        run(command, on=OCTOBER + timedelta(days=1), **arguments)
    with bahi.read(business) as reader:
        assert queries.balance_of(reader, chart.CASH, until=OCTOBER) == -500_00


def test_the_lock_moves_on_and_the_owner_moves_it_back(run, bahi, business):
    run(periods.lock_books, until=date(2026, 3, 31))
    assert run(periods.lock_books, until=OCTOBER)["before"] == "2026-03-31"
    with pytest.raises(Conflict, match="already_locked"):
        run(periods.lock_books, until=date(2026, 9, 30))
    assert run(periods.reopen_books, until=date(2026, 9, 30), reason="bill_found") == {
        "locked_until": "2026-09-30",
        "before": "2026-10-31",
    }
    run(log_expense, amount_paise=100, on=OCTOBER)
    with pytest.raises(Conflict, match="period_locked"):
        run(log_expense, amount_paise=100, on=date(2026, 9, 30))
    run(periods.reopen_books, reason="bill_found")
    run(log_expense, amount_paise=100, on=date(2026, 3, 1))
    with pytest.raises(Conflict, match="not_locked"):
        run(periods.reopen_books, reason="bill_found")
    with bahi.read(business) as reader:
        assert periods.locked_until(reader) is None


def test_of_two_who_close_at_once_the_second_sees_what_the_first_closed(bahi, business, run):
    begun = Event()

    def close_slowly(ctx):
        done = periods.lock_books(ctx, until=OCTOBER)
        begun.set()
        time.sleep(1)
        return done

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(run, close_slowly)
        assert begun.wait(60)
        with pytest.raises(Conflict, match="already_locked"):
            run(periods.lock_books, until=date(2026, 9, 30))
        slow.result()
    with bahi.read(business) as reader:
        assert periods.locked_until(reader) == OCTOBER


def test_today_and_later_cannot_be_locked(run):
    with pytest.raises(Invalid, match="lock_in_future"):
        run(periods.lock_books, until=TODAY)
    run(periods.lock_books, until=TODAY - timedelta(days=1))
    run(log_expense, amount_paise=100)


def test_the_owner_alone_closes_the_books(run):
    with pytest.raises(Forbidden):
        run(periods.lock_books, actor=MANAGER, until=OCTOBER)
    run(periods.lock_books, until=OCTOBER)
    with pytest.raises(Forbidden):
        run(periods.reopen_books, actor=MANAGER, reason="bill_found")


def test_the_database_refuses_what_slipped_past(database, business, clock, run):
    """A posting that looked before the lock came, and ends after it."""

    def post_while_another_locks():
        with database.tenant(business) as connection:
            ctx = Context(connection, business, SYSTEM, clock.now())
            postings = [Posting(chart.CASH, 100), Posting(chart.CAPITAL, -100)]
            service.post(ctx, kind="capital", on=OCTOBER, postings=postings)
            run(periods.lock_books, until=OCTOBER)

    with pytest.raises(DatabaseError, match="locked period"):
        post_while_another_locks()


def test_a_command_that_another_overtakes_in_closing_its_day_is_refused_in_words(bahi, run):
    """It looked before the lock came; run anew it sees it."""
    tries = []

    def post_while_another_locks(ctx):
        tries.append(ctx)
        postings = [Posting(chart.CASH, 100), Posting(chart.CAPITAL, -100)]
        service.post(ctx, kind="capital", on=OCTOBER, postings=postings)
        if len(tries) == 1:
            run(periods.lock_books, until=OCTOBER)
        return {}

    with pytest.raises(Conflict, match="period_locked"):
        run(post_while_another_locks)
    assert len(tries) == 2


def test_a_mistake_of_a_locked_month_is_reversed_today(run, bahi, business):
    wrong = run(write_voucher, kind="capital", amount_paise=50_000_00, on=OCTOBER)
    run(periods.lock_books, until=OCTOBER)
    undone = run(reverse_voucher, voucher_id=UUID(wrong["voucher_id"]), reason="wrong_amount")
    with pytest.raises(Conflict, match="already_reversed"):
        run(reverse_voucher, voucher_id=UUID(wrong["voucher_id"]), reason="wrong_amount")
    with bahi.read(business) as reader:
        assert queries.balance_of(reader, chart.CAPITAL, until=OCTOBER) == -50_000_00
        assert queries.balance_of(reader, chart.CAPITAL) == 0
        entry = queries.entry(reader, UUID(undone["entry_id"]))
    assert entry is not None
    assert (entry.on, entry.reason, str(entry.reverses)) == (
        TODAY,
        "wrong_amount",
        wrong["entry_id"],
    )


def test_of_two_who_reverse_one_voucher_at_once_one_is_told_that_it_is_done(bahi, business, run):
    wrong = run(write_voucher, kind="capital", amount_paise=50_000_00)
    reversal = {"voucher_id": UUID(wrong["voucher_id"]), "reason": "mistake"}
    begun = Event()

    def reverse_slowly(ctx):
        done = reverse_voucher(ctx, **reversal)
        begun.set()
        time.sleep(1)
        return done

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(run, reverse_slowly)
        assert begun.wait(60)
        with pytest.raises(Conflict, match="already_reversed"):
            run(reverse_voucher, **reversal)
        slow.result()
    with bahi.read(business) as reader:
        assert queries.balance_of(reader, chart.CAPITAL) == 0


def test_money_moves_between_its_places(run, bahi, business):
    run(write_voucher, kind="opening", amount_paise=1_00_000_00, account=chart.BANK)
    run(write_voucher, kind="capital", amount_paise=10_000_00)
    run(transfer, amount_paise=4_000_00, source=chart.CASH, target=chart.BANK)
    run(write_voucher, kind="drawings", amount_paise=1_500_00)
    with bahi.read(business) as reader:
        found = {line.account: line.debit - line.credit for line in queries.trial_balance(reader)}
    assert found == {
        "CASH": 4_500_00,
        "BANK": 1_04_000_00,
        "OPENING_EQUITY": -1_00_000_00,
        "CAPITAL": -10_000_00,
        "DRAWINGS": 1_500_00,
    }


def test_an_asset_is_written_down_without_money(run, bahi, business):
    run(write_voucher, kind="capital", amount_paise=40_000_00)
    run(write_voucher, kind="asset_bought", amount_paise=40_000_00)
    run(write_voucher, kind="depreciation", amount_paise=6_000_00)
    with bahi.read(business) as reader:
        found = {line.account: line.debit - line.credit for line in queries.trial_balance(reader)}
    assert found == {
        "FIXED_ASSETS": 34_000_00,
        "CAPITAL": -40_000_00,
        "EXPENSE:depreciation": 6_000_00,
    }


@pytest.mark.parametrize(
    ("command", "arguments", "code"),
    [
        (write_voucher, {"kind": "gift", "amount_paise": 1}, "bad_voucher"),
        (write_voucher, {"kind": "capital", "amount_paise": 0}, "bad_amount"),
        (write_voucher, {"kind": "capital", "amount_paise": 1, "account": "SALES"}, "bad_account"),
        (transfer, {"amount_paise": 1, "source": "CASH", "target": "CASH"}, "bad_account"),
        (
            write_voucher,
            {"kind": "capital", "amount_paise": 1, "on": TODAY + timedelta(days=1)},
            "date_in_future",
        ),
        (reverse_voucher, {"voucher_id": UUID(int=9), "reason": "x"}, "voucher"),
    ],
)
def test_nonsense_is_refused(run, command, arguments, code):
    with pytest.raises(BahiError) as refused:
        run(command, **arguments)
    assert refused.value.code == code


def test_the_right_amount_of_a_voucher_comes_in_its_place_on_its_day(run, bahi, business):
    wrong = run(transfer, amount_paise=900_00, source=chart.CASH, target=chart.BANK, on=OCTOBER)
    voucher = UUID(wrong["voucher_id"])
    right = run(reverse_voucher, voucher_id=voucher, reason="mistake", right_paise=800_00)
    assert (right["kind"], right["amount"]) == ("contra", 800_00)
    with bahi.read(business) as reader:
        assert queries.balance_of(reader, chart.BANK, until=OCTOBER) == 800_00
        assert queries.balance_of(reader, chart.CASH) == -800_00
    run(reverse_voucher, voucher_id=UUID(right["voucher_id"]), reason="mistake")
    with bahi.read(business) as reader:
        assert queries.balance_of(reader, chart.BANK, until=OCTOBER) == 0
