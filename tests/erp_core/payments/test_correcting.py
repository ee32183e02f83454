"""Credit written wrongly is taken back, and a debt forgiven: by opposites, never by an edit."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import UUID

import pytest

from erp_core.kernel.actor import SYSTEM, Actor
from erp_core.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from erp_core.kernel.ids import new_id
from erp_core.ledger import chart, periods
from erp_core.ledger import queries as ledger
from erp_core.payments import correcting, queries, service

TODAY = date(2026, 11, 20)


def _credit(run, customer, paise, on=None) -> UUID:
    given = run(service.give_credit, customer_id=customer, amount_paise=paise, on=on)
    return UUID(given["credit_id"])


def test_credit_taken_back_is_owed_no_more_and_stays_in_the_books(run, ravi, bahi, business):
    credit = _credit(run, ravi, 500_00)
    done = run(correcting.take_back_credit, credit_id=credit)
    assert (done["amount"], done["right"]) == (500_00, None)
    assert (done["balance_before"], done["balance_after"]) == (500_00, 0)
    with bahi.read(business) as reader:
        assert queries.open_debts(reader, ravi) == []
        assert correcting.standing_credits(reader, ravi) == []
        lines = queries.statement(reader, ravi).lines
        assert [(one.kind, one.paise) for one in lines] == [
            ("khata_credit", 500_00),
            ("credit_taken_back", -500_00),
        ]
        assert ledger.balance_of(reader, chart.KHATA_GIVEN) == 0


def test_the_right_amount_comes_in_its_place_on_its_day(run, ravi, bahi, business):
    credit = _credit(run, ravi, 500_00, on=date(2026, 11, 3))
    done = run(correcting.take_back_credit, credit_id=credit, right_paise=600_00)
    assert done["balance_after"] == 600_00
    with bahi.read(business) as reader:
        (standing,) = correcting.standing_credits(reader, ravi)
        assert (standing.amount, standing.on) == (600_00, date(2026, 11, 3))


def test_what_was_paid_on_it_pays_the_next_debt(run, ravi, bahi, business):
    credit = _credit(run, ravi, 500_00)
    _credit(run, ravi, 300_00)
    run(service.record_payment, customer_id=ravi, amount_paise=400_00, method="cash")
    run(correcting.take_back_credit, credit_id=credit)
    with bahi.read(business) as reader:
        assert queries.balance(reader, ravi) == -100_00
        assert queries.open_debts(reader, ravi) == []


def test_it_is_taken_back_once_also_by_two_at_once(run, ravi, bahi, business):
    credit = _credit(run, ravi, 500_00)

    def attempt(number: int) -> str:
        try:
            bahi.run(
                business, SYSTEM, f"back-{number}", correcting.take_back_credit, credit_id=credit
            )
        except Conflict as conflict:
            return conflict.code
        return "done"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, range(2))) == ["already_reversed", "done"]
    with bahi.read(business) as reader:
        assert queries.balance(reader, ravi) == 0


def test_what_is_no_credit_is_not_found(run):
    with pytest.raises(NotFound):
        run(correcting.take_back_credit, credit_id=new_id())


def test_staff_take_nothing_back_and_managers_forgive_nothing(run, ravi):
    credit = _credit(run, ravi, 500_00)
    with pytest.raises(Forbidden):
        run(
            correcting.take_back_credit,
            actor=Actor("user", new_id(), "staff"),
            credit_id=credit,
        )
    with pytest.raises(Forbidden):
        run(
            correcting.forgive_debt,
            actor=Actor("user", new_id(), "manager"),
            customer_id=ravi,
            amount_paise=100_00,
        )


def test_what_is_forgiven_is_a_discount_and_closes_the_oldest_debts(run, ravi, bahi, business):
    _credit(run, ravi, 300_00, on=date(2026, 11, 1))
    _credit(run, ravi, 500_00)
    done = run(correcting.forgive_debt, customer_id=ravi, amount_paise=350_00)
    assert (done["balance_before"], done["balance_after"]) == (800_00, 450_00)
    with bahi.read(business) as reader:
        assert [one.open for one in queries.open_debts(reader, ravi)] == [450_00]
        assert ledger.balance_of(reader, chart.DISCOUNT_GIVEN) == 350_00
        assert queries.statement(reader, ravi).lines[-1].kind == "waiver"


@pytest.mark.parametrize(("paise", "error"), [(0, Invalid), (-5, Invalid), (500_01, Conflict)])
def test_no_more_is_forgiven_than_is_owed(run, ravi, paise, error):
    _credit(run, ravi, 500_00)
    with pytest.raises(error):
        run(correcting.forgive_debt, customer_id=ravi, amount_paise=paise)


def test_where_the_day_is_closed_the_right_amount_is_written_today(run, ravi, bahi, business):
    credit = _credit(run, ravi, 500_00, on=date(2026, 10, 3))
    run(periods.lock_books, until=date(2026, 10, 31))
    run(correcting.take_back_credit, credit_id=credit, right_paise=600_00)
    with bahi.read(business) as reader:
        (standing,) = correcting.standing_credits(reader, ravi)
        assert (standing.amount, standing.on) == (600_00, TODAY)
