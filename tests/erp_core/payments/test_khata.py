"""Credit given, money received, and what a customer owes after each."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

import pytest

from erp_core.kernel.actor import Actor
from erp_core.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.payments import queries, service
from erp_core.payments.queries import StatementLine

TODAY = date(2026, 11, 20)


def test_credit_is_owed(run, ravi, bahi, business):
    given = run(service.give_credit, customer_id=ravi, amount_paise=500_00, note_code="groceries")
    assert (given["balance_before"], given["balance_after"]) == (0, 500_00)
    with bahi.read(business) as reader:
        assert queries.balance(reader, ravi) == 500_00
        assert ledger.balance_of(reader, chart.KHATA_GIVEN) == -500_00


@pytest.mark.parametrize(
    ("method", "account"),
    [
        ("cash", chart.CASH),
        ("upi", chart.UPI_CLEARING),
        ("card", chart.CARD_CLEARING),
        ("cheque", chart.CHEQUES_IN_HAND),
        ("bank_transfer", chart.BANK),
    ],
)
def test_money_arrives_in_the_account_of_its_method(run, ravi, bahi, business, method, account):
    run(service.record_payment, customer_id=ravi, amount_paise=200_00, method=method)
    with bahi.read(business) as reader:
        assert ledger.balance_of(reader, account) == 200_00
        assert queries.balance(reader, ravi) == -200_00


def test_a_part_payment_settles_the_oldest_debt_first(run, ravi, bahi, business):
    newer = run(service.give_credit, customer_id=ravi, amount_paise=300_00)
    older = run(service.give_credit, customer_id=ravi, amount_paise=200_00, on=date(2026, 10, 1))
    paid = run(service.record_payment, customer_id=ravi, amount_paise=250_00, method="cash")

    assert (paid["balance_before"], paid["balance_after"], paid["advance"]) == (500_00, 250_00, 0)
    assert paid["allocations"] == [
        {
            "source_kind": "khata_credit",
            "source_id": older["credit_id"],
            "paise": 200_00,
            "open_after": 0,
        },
        {
            "source_kind": "khata_credit",
            "source_id": newer["credit_id"],
            "paise": 50_00,
            "open_after": 250_00,
        },
    ]
    with bahi.read(business) as reader:
        assert [(debt.amount, debt.open) for debt in queries.open_debts(reader, ravi)] == [
            (300_00, 250_00)
        ]
        states = [
            queries.settlement(reader, "khata_credit", UUID(one["credit_id"])).status
            for one in (older, newer)
        ]
        assert states == ["paid", "partial"]


def test_what_is_paid_too_much_is_kept_and_pays_the_next_debt(run, ravi, bahi, business):
    run(service.give_credit, customer_id=ravi, amount_paise=100_00)
    paid = run(service.record_payment, customer_id=ravi, amount_paise=250_00, method="upi")
    assert (paid["advance"], paid["balance_after"]) == (150_00, -150_00)

    later = run(service.give_credit, customer_id=ravi, amount_paise=120_00)
    assert (later["balance_before"], later["balance_after"]) == (-150_00, -30_00)
    with bahi.read(business) as reader:
        state = queries.settlement(reader, "khata_credit", UUID(later["credit_id"]))
        assert (state.status, state.paid) == ("paid", 120_00)
        assert [one.advance for one in queries.payments_between(reader, TODAY, TODAY)] == [30_00]


def test_a_payment_for_an_invoice_goes_there_first(run, ravi, bahi, business):
    run(service.give_credit, customer_id=ravi, amount_paise=100_00, on=date(2026, 1, 1))
    invoice = uuid4()
    run(raise_invoice, customer_id=ravi, source_id=invoice, amount_paise=400_00)
    paid = run(
        service.record_payment,
        customer_id=ravi,
        amount_paise=450_00,
        method="upi",
        invoice_id=invoice,
    )
    assert [(one["source_kind"], one["paise"]) for one in paid["allocations"]] == [
        ("invoice", 400_00),
        ("khata_credit", 50_00),
    ]
    with bahi.read(business) as reader:
        assert queries.settlement(reader, "invoice", invoice).status == "paid"
        assert queries.payments_between(reader, TODAY, TODAY, ravi)[0].invoice_id == invoice


def test_a_payment_for_another_customers_invoice_is_refused(run, ravi, gupta, bahi, business):
    invoice = uuid4()
    run(raise_invoice, customer_id=ravi, source_id=invoice, amount_paise=400_00)
    with pytest.raises(NotFound, match="invoice"):
        run(
            service.record_payment,
            customer_id=gupta,
            amount_paise=400_00,
            method="upi",
            invoice_id=invoice,
        )
    with bahi.read(business) as reader:
        assert queries.payments_between(reader, TODAY, TODAY) == []


def test_money_on_a_cancelled_invoice_moves_to_the_next_debt(run, ravi, bahi, business):
    first, second = uuid4(), uuid4()
    run(raise_invoice, customer_id=ravi, source_id=first, amount_paise=100_00)
    run(raise_invoice, customer_id=ravi, source_id=second, amount_paise=60_00)
    run(service.record_payment, customer_id=ravi, amount_paise=100_00, method="cash")
    run(void_invoice, source_id=first)
    with bahi.read(business) as reader:
        assert queries.settlement(reader, "invoice", first) is None
        assert queries.settlement(reader, "invoice", second).status == "paid"
        assert [one.advance for one in queries.payments_between(reader, TODAY, TODAY)] == [40_00]


def test_an_opening_balance_is_a_debt_and_an_opening_advance_pays(run, ravi, gupta, bahi, business):
    run(service.open_balance, customer_id=ravi, balance_paise=75_00)
    run(service.open_balance, customer_id=gupta, balance_paise=-20_00)
    run(service.give_credit, customer_id=gupta, amount_paise=50_00)
    with bahi.read(business) as reader:
        assert queries.all_balances(reader) == {ravi: 75_00, gupta: 30_00}
        assert queries.open_debts(reader, gupta)[0].open == 30_00
        assert queries.payments_between(reader, TODAY, TODAY) == []
        assert ledger.balance_of(reader, chart.OPENING_EQUITY) == -55_00


@pytest.mark.parametrize("paise", [75_00, -75_00])
def test_a_balance_is_opened_once(run, ravi, paise):
    run(service.open_balance, customer_id=ravi, balance_paise=paise)
    with pytest.raises(Conflict, match="balance_already_open"):
        run(service.open_balance, customer_id=ravi, balance_paise=10_00)


def test_who_owes_the_most_stands_first(run, ravi, gupta, bahi, business):
    run(service.give_credit, customer_id=ravi, amount_paise=100_00)
    run(service.give_credit, customer_id=gupta, amount_paise=300_00)
    with bahi.read(business) as reader:
        assert [(who.name, paise) for who, paise in queries.balances(reader)] == [
            ("Gupta Stores", 300_00),
            ("Ravi Kumar", 100_00),
        ]
    run(service.record_payment, customer_id=gupta, amount_paise=300_00, method="cash")
    with bahi.read(business) as reader:
        assert [who.name for who, _ in queries.balances(reader)] == ["Ravi Kumar"]


def test_a_statement_runs_from_its_opening_to_its_closing_balance(run, ravi, bahi, business):
    early = run(service.give_credit, customer_id=ravi, amount_paise=100_00, on=date(2026, 10, 30))
    credit = run(service.give_credit, customer_id=ravi, amount_paise=50_00, on=date(2026, 11, 2))
    paid = run(service.record_payment, customer_id=ravi, amount_paise=70_00, method="cash")
    first, second = (
        StatementLine(date(2026, 11, 2), "khata_credit", UUID(credit["credit_id"]), 50_00, 150_00),
        StatementLine(TODAY, "payment", UUID(paid["payment_id"]), -70_00, 80_00),
    )
    with bahi.read(business) as reader:
        november = queries.statement(reader, ravi, start=date(2026, 11, 1), until=TODAY)
        assert (november.opening, november.lines, november.closing) == (
            100_00,
            (first, second),
            80_00,
        )
        whole = queries.statement(reader, ravi)
        assert (whole.opening, whole.lines[0].source_id) == (0, UUID(early["credit_id"]))


@pytest.mark.parametrize("paise", [0, -1, 10**15 + 1])
@pytest.mark.parametrize("command", [service.record_payment, service.give_credit])
def test_an_amount_must_be_one(run, ravi, command, paise):
    how = {"method": "cash"} if command is service.record_payment else {}
    with pytest.raises(Invalid, match="bad_amount"):
        run(command, customer_id=ravi, amount_paise=paise, **how)


def test_what_cannot_be_recorded_is_refused(run, ravi):
    pay = {"amount_paise": 1_00, "method": "cash"}
    with pytest.raises(Invalid, match="bad_method"):
        run(service.record_payment, customer_id=ravi, **{**pay, "method": "barter"})
    with pytest.raises(Invalid, match="date_in_future"):
        run(service.record_payment, customer_id=ravi, **pay, on=date(2026, 11, 21))
    with pytest.raises(NotFound, match="customer"):
        run(service.record_payment, customer_id=uuid4(), **pay)


def test_customers_see_their_own_khata_and_record_nothing(run, ravi, gupta, bahi, business):
    himself = Actor("customer", ravi)
    with pytest.raises(Forbidden):
        run(service.record_payment, actor=himself, customer_id=ravi, amount_paise=1, method="cash")
    with bahi.read(business, himself) as reader:
        assert queries.balance(reader, ravi) == 0
        for query in (queries.balance, queries.statement, queries.open_debts):
            with pytest.raises(Forbidden):
                query(reader, gupta)
        with pytest.raises(Forbidden):
            queries.balances(reader)
        with pytest.raises(Forbidden):
            queries.payments_between(reader, TODAY, TODAY)


def test_everybodys_money_is_for_those_who_see_reports(bahi, business, ravi):
    staff = Actor("user", uuid4(), "staff")
    with bahi.read(business, staff) as reader:
        assert queries.payments_between(reader, TODAY, TODAY, ravi) == []
        with pytest.raises(Forbidden):
            queries.payments_between(reader, TODAY, TODAY)


def raise_invoice(ctx, *, customer_id, source_id, amount_paise):
    still_open = service.raise_receivable(
        ctx,
        customer_id=customer_id,
        source_kind="invoice",
        source_id=source_id,
        amount_paise=amount_paise,
    )
    return {"open": still_open}


def void_invoice(ctx, *, source_id):
    service.void_receivable(ctx, source_kind="invoice", source_id=source_id)
    return {}


def test_a_claimed_payment_moves_no_money(run, ravi, bahi, business):
    claimed = run(
        service.claim_payment,
        actor=Actor("customer", ravi),
        customer_id=ravi,
        amount_paise=100_00,
        method="upi",
    )
    assert claimed == {"customer_id": str(ravi), "amount": 100_00, "method": "upi"}
    with bahi.read(business) as reader:
        assert queries.balance(reader, ravi) == 0
        assert ledger.trial_balance(reader) == []


def test_nobody_claims_for_somebody_else(run, ravi):
    with pytest.raises(Forbidden):
        run(service.claim_payment, actor=Actor("customer", uuid4()), customer_id=ravi)


def test_money_of_several_ways_is_taken_together_or_not_at_all(run, ravi, bahi, business):
    with pytest.raises(Invalid):
        run(service.record_payments, customer_id=ravi, parts=[[200_00, "cash"], [0, "upi"]])
    with bahi.read(business) as reader:
        assert queries.balance(reader, ravi) == 0
    run(service.record_payments, customer_id=ravi, parts=[[200_00, "cash"], [300_00, "upi"]])
    with bahi.read(business) as reader:
        assert ledger.balance_of(reader, chart.CASH) == 200_00
        assert ledger.balance_of(reader, chart.UPI_CLEARING) == 300_00
        assert queries.balance(reader, ravi) == -500_00
