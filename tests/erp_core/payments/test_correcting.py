"""Credit or a payment written wrongly is taken back, and a debt forgiven: by opposites, never by an
edit."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import func, select

from erp_core.banking.service import import_lines
from erp_core.invoicing import vouchers
from erp_core.invoicing.notes import credit_invoice, undo_bill
from erp_core.invoicing.service import invoice_amount
from erp_core.kernel.actor import SYSTEM, Actor
from erp_core.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from erp_core.kernel.ids import new_id
from erp_core.ledger import chart, periods
from erp_core.ledger import queries as ledger
from erp_core.payments import correcting, queries, service
from erp_core.payments.models import payments
from erp_core.runtime import Bahi, default_listeners

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


def _payment(run, customer, paise, method="cash", on=None) -> UUID:
    done = run(
        service.record_payment, customer_id=customer, amount_paise=paise, method=method, on=on
    )
    return UUID(done["payment_id"])


def test_a_payment_taken_back_is_owed_again_and_stays_in_the_books(run, ravi, bahi, business):
    _credit(run, ravi, 800_00)
    payment = _payment(run, ravi, 500_00)
    done = run(correcting.take_back_payment, payment_id=payment)
    assert (done["balance_before"], done["balance_after"]) == (300_00, 800_00)
    with bahi.read(business) as reader:
        assert [one.open for one in queries.open_debts(reader, ravi)] == [800_00]
        assert queries.standing_payments(reader, ravi) == []
        assert queries.payments_between(reader, TODAY, TODAY) == []
        assert [(one.kind, one.paise) for one in queries.statement(reader, ravi).lines] == [
            ("khata_credit", 800_00),
            ("payment", -500_00),
            ("payment_taken_back", 500_00),
        ]
        assert ledger.balance_of(reader, chart.CASH) == 0


def test_the_right_payment_comes_in_its_place_on_its_day_and_by_its_way(run, ravi, bahi, business):
    _credit(run, ravi, 800_00)
    payment = _payment(run, ravi, 500_00, "upi", date(2026, 11, 3))
    done = run(correcting.take_back_payment, payment_id=payment, right_paise=50_00)
    assert (done["right"], done["balance_after"]) == (50_00, 750_00)
    with bahi.read(business) as reader:
        (standing,) = queries.standing_payments(reader, ravi)
        assert (standing.amount, standing.method) == (50_00, "upi")
        assert standing.on == date(2026, 11, 3)


def test_an_advance_pays_what_the_wrong_payment_had(run, ravi, bahi, business):
    _credit(run, ravi, 500_00)
    wrong = _payment(run, ravi, 500_00)
    _payment(run, ravi, 200_00)
    run(correcting.take_back_payment, payment_id=wrong)
    with bahi.read(business) as reader:
        assert queries.balance(reader, ravi) == 300_00
        assert [one.open for one in queries.open_debts(reader, ravi)] == [300_00]


def test_a_payment_is_taken_back_once_also_by_two_at_once(run, ravi, bahi, business):
    payment = _payment(run, ravi, 500_00)

    def attempt(number: int) -> str:
        try:
            bahi.run(
                business, SYSTEM, f"undo-{number}", correcting.take_back_payment, payment_id=payment
            )
        except Conflict as conflict:
            return conflict.code
        return "done"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(attempt, range(4))) == ["already_reversed"] * 3 + ["done"]
    with bahi.read(business) as reader:
        assert queries.balance(reader, ravi) == 0


def test_a_receipt_voucher_is_made_good_by_a_refund_voucher(database, clock, business, ravi):
    """The advance never came, so its paper must not stand alone."""
    keys = itertools.count()
    bahi = Bahi(database, clock, listeners=default_listeners())

    def run(command, **arguments):
        return bahi.run(business, SYSTEM, f"voucher:{next(keys)}", command, **arguments)

    payment = _payment(run, ravi, 500_00)
    run(correcting.take_back_payment, payment_id=payment)
    with bahi.read(business) as reader:
        assert vouchers.vouchers_between(reader, TODAY, TODAY) == [
            ("receipt_voucher", "RV27-2627-00001"),
            ("refund_voucher", "RF27-2627-00001"),
        ]


def test_what_the_bank_has_told_of_is_no_slip(run, ravi):
    payment = _payment(run, ravi, 500_00, "upi")
    line = {"on": "2026-11-20", "paise": 500_00, "narration": "UPI RAVI KUMAR", "reference": "U1"}
    assert run(import_lines, lines=[line])["matched"] == 1
    with pytest.raises(Conflict, match="payment_proven"):
        run(correcting.take_back_payment, payment_id=payment)


def test_staff_take_back_no_payment_and_strangers_are_not_found(run, ravi):
    payment = _payment(run, ravi, 500_00)
    with pytest.raises(Forbidden):
        run(
            correcting.take_back_payment,
            actor=Actor("user", new_id(), "staff"),
            payment_id=payment,
        )
    with pytest.raises(NotFound, match="payment"):
        run(correcting.take_back_payment, payment_id=new_id())


def _advance(reader) -> int:
    c = payments.c
    return reader.connection.execute(
        select(func.coalesce(func.sum(c.advance_paise), 0)).where(
            c.business_id == reader.business_id
        )
    ).scalar_one()


@pytest.mark.parametrize("paid", [0, 300_00])
@pytest.mark.parametrize("undone", ["cancelled", "credited", "credited in two", "taken back"])
def test_what_was_forgiven_of_a_debt_goes_with_the_debt(run, ravi, bahi, business, undone, paid):
    """Else the customer would have money with the shop that nobody ever gave."""
    if undone == "taken back":
        debt = _credit(run, ravi, 1_000_00)
    else:
        billed = run(invoice_amount, customer_id=ravi, amount_paise=1_000_00)
        debt = UUID(billed["invoice_id"])
    run(correcting.forgive_debt, customer_id=ravi, amount_paise=100_00)
    if paid:
        _payment(run, ravi, paid)
    if undone == "cancelled":
        run(undo_bill, invoice_id=debt, reason="mistake")
    elif undone == "credited":
        run(credit_invoice, invoice_id=debt, reason="return")
    elif undone == "credited in two":
        run(credit_invoice, invoice_id=debt, reason="return", amount_paise=850_00)
        run(credit_invoice, invoice_id=debt, reason="return")
    else:
        run(correcting.take_back_credit, credit_id=debt)
    with bahi.read(business) as reader:
        assert queries.balance(reader, ravi) == -paid == -_advance(reader)
        assert queries.open_debts(reader, ravi) == []
        assert ledger.balance_of(reader, chart.DISCOUNT_GIVEN) == 0


def test_a_part_credited_leaves_what_was_forgiven(run, ravi, bahi, business):
    billed = run(invoice_amount, customer_id=ravi, amount_paise=1_000_00)
    run(correcting.forgive_debt, customer_id=ravi, amount_paise=100_00)
    run(
        credit_invoice,
        invoice_id=UUID(billed["invoice_id"]),
        reason="return",
        amount_paise=400_00,
    )
    with bahi.read(business) as reader:
        assert queries.balance(reader, ravi) == 500_00
        assert ledger.balance_of(reader, chart.DISCOUNT_GIVEN) == 100_00
