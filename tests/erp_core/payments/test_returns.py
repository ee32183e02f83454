"""Cheques that bounce and money that goes back: the khata and the ledger as if by hand."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import UUID

import pytest

from erp_core.kernel.actor import SYSTEM, Actor
from erp_core.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.payments import queries, returns, service

TODAY = date(2026, 11, 20)


@pytest.fixture
def cheque(run, ravi) -> UUID:
    run(service.give_credit, customer_id=ravi, amount_paise=500_00)
    paid = run(service.record_payment, customer_id=ravi, amount_paise=700_00, method="cheque")
    return UUID(paid["payment_id"])


def _ledger(bahi, business, *accounts):
    with bahi.read(business) as reader:
        return [ledger.balance_of(reader, account) for account in accounts]


def test_what_a_bounced_cheque_paid_is_owed_again(run, ravi, cheque, bahi, business):
    done = run(returns.bounce_cheque, payment_id=cheque)
    assert (done["amount"], done["balance_before"], done["balance_after"]) == (
        700_00, -200_00, 500_00,
    )  # fmt: skip
    with bahi.read(business) as reader:
        assert queries.balance(reader, ravi) == 500_00
        assert [debt.open for debt in queries.open_debts(reader, ravi)] == [500_00]
        assert queries.payments_between(reader, TODAY, TODAY) == []
        assert queries.standing_cheques(reader, ravi) == []
    assert _ledger(bahi, business, chart.CHEQUES_IN_HAND) == [0]


def test_the_banks_charge_is_an_expense_and_a_debt(run, ravi, cheque, bahi, business):
    done = run(returns.bounce_cheque, payment_id=cheque, charge_paise=350_00)
    assert done["balance_after"] == 850_00
    assert _ledger(bahi, business, chart.BANK_CHARGES, chart.BANK, chart.OTHER_INCOME) == [
        350_00,
        -350_00,
        -350_00,
    ]


def test_another_advance_pays_what_the_cheque_did_not(run, ravi, bahi, business):
    paid = run(service.record_payment, customer_id=ravi, amount_paise=300_00, method="cheque")
    run(service.give_credit, customer_id=ravi, amount_paise=300_00)
    run(service.record_payment, customer_id=ravi, amount_paise=300_00, method="cash")
    done = run(returns.bounce_cheque, payment_id=UUID(paid["payment_id"]))
    assert done["balance_after"] == 0
    with bahi.read(business) as reader:
        assert queries.open_debts(reader, ravi) == []


def test_a_cheque_bounces_once_also_when_it_is_said_by_eight_at_once(ravi, cheque, bahi, business):
    def bounce(number):
        try:
            bahi.run(business, SYSTEM, f"b{number}", returns.bounce_cheque, payment_id=cheque)
        except Conflict as refused:
            return refused.code
        return "done"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(bounce, range(8)))
    assert sorted(outcomes) == ["already_bounced"] * 7 + ["done"]
    with bahi.read(business) as reader:
        assert queries.balance(reader, ravi) == 500_00


def test_cash_does_not_bounce(run, ravi):
    paid = run(service.record_payment, customer_id=ravi, amount_paise=300_00, method="cash")
    with pytest.raises(Conflict, match="not_a_cheque"):
        run(returns.bounce_cheque, payment_id=UUID(paid["payment_id"]))
    with pytest.raises(NotFound):
        run(returns.bounce_cheque, payment_id=UUID(int=1))


def test_a_refund_comes_out_of_the_advance(run, ravi, bahi, business):
    run(service.record_payment, customer_id=ravi, amount_paise=500_00, method="upi")
    done = run(returns.refund_customer, customer_id=ravi, amount_paise=200_00, method="cash")
    assert (done["balance_before"], done["balance_after"]) == (-500_00, -300_00)
    assert _ledger(bahi, business, chart.CASH, chart.UPI_CLEARING) == [-200_00, 500_00]
    run(service.give_credit, customer_id=ravi, amount_paise=400_00)
    with bahi.read(business) as reader:
        assert [debt.open for debt in queries.open_debts(reader, ravi)] == [100_00]
        assert queries.balance(reader, ravi) == 100_00


def test_a_refund_beyond_the_advance_is_owed(run, ravi, bahi, business):
    done = run(returns.refund_customer, customer_id=ravi, amount_paise=200_00, method="cash")
    assert done["balance_after"] == 200_00
    with bahi.read(business) as reader:
        assert [(debt.source_kind, debt.open) for debt in queries.open_debts(reader, ravi)] == [
            ("refund", 200_00)
        ]


def test_staff_give_nothing_back(run, ravi, cheque):
    staff = Actor("user", UUID(int=5), "staff")
    with pytest.raises(Forbidden):
        run(returns.bounce_cheque, actor=staff, payment_id=cheque)
    with pytest.raises(Forbidden):
        run(returns.refund_customer, actor=staff, customer_id=ravi, amount_paise=1, method="cash")
    with pytest.raises(Invalid, match="bad_amount"):
        run(returns.refund_customer, customer_id=ravi, amount_paise=0, method="cash")
