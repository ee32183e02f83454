"""Many hands at once: bills, payments, credit and cancellations over the same few customers."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.engine import Engine

from erp_core.invoicing import queries, service
from erp_core.kernel.actor import SYSTEM
from erp_core.kernel.errors import BahiError
from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.payments import queries as khata
from erp_core.payments.models import payments
from erp_core.payments.service import give_credit, record_payment

HANDS = 12
TURNS = 12


@pytest.fixture
def history(bahi, business, ravi, gupta, order_of):
    """The codes of the database's errors while several threads ran the shop."""
    codes: list[str] = []

    def note(context):
        codes.append(context.original_exception.pgcode)

    event.listen(Engine, "handle_error", note)
    orders = [order_of(customer, "1") for customer in (ravi, gupta) * 12]
    random.Random(7).shuffle(orders)

    def hand(number):
        dice = random.Random(number)
        billed: list[UUID] = []

        def do(turn, command, **arguments):
            try:
                return bahi.run(business, SYSTEM, f"h{number}:{turn}", command, **arguments)
            except BahiError:
                return None

        for turn in range(TURNS):
            customer = dice.choice([ravi, gupta])
            paise = dice.randrange(1, 500_00)
            choice = dice.randrange(5)
            if choice == 0:
                done = do(turn, service.invoice_order, order_id=dice.choice(orders))
            elif choice == 1:
                done = do(turn, service.invoice_amount, customer_id=customer, amount_paise=paise)
            elif choice == 2:
                done = do(turn, give_credit, customer_id=customer, amount_paise=paise)
            elif choice == 3 and billed:
                done = do(turn, service.cancel_invoice, invoice_id=billed.pop(), reason="mistake")
            else:
                done = do(
                    turn, record_payment, customer_id=customer, amount_paise=paise, method="upi"
                )
            if choice < 2 and done:
                billed.append(UUID(done["invoice_id"]))

    with ThreadPoolExecutor(HANDS) as pool:
        list(pool.map(hand, range(HANDS)))
    event.remove(Engine, "handle_error", note)
    return codes


def test_the_books_hold(history, reader_of, ravi, gupta):
    with reader_of() as reader:
        lines = ledger.trial_balance(reader)
        assert sum(line.debit for line in lines) == sum(line.credit for line in lines) > 0
        bills = queries.all_invoices(reader)
        assert {bill.status for bill in bills} == {"issued", "cancelled"}
        standing = [bill for bill in bills if bill.status == "issued"]
        for account, head in (
            (chart.SALES, "subtotal_paise"),
            (chart.OUTPUT_CGST, "cgst_paise"),
            (chart.OUTPUT_SGST, "sgst_paise"),
        ):
            total = sum(getattr(bill, head) for bill in standing)
            assert ledger.balance_of(reader, account) == -total


def test_what_is_owed_is_what_is_open_less_what_is_unspent(history, reader_of, ravi, gupta):
    with reader_of() as reader:
        for customer in (ravi, gupta):
            still_open = sum(debt.open for debt in khata.open_debts(reader, customer))
            unspent = reader.connection.execute(
                select(func.coalesce(func.sum(payments.c.advance_paise), 0)).where(
                    payments.c.business_id == reader.business_id,
                    payments.c.customer_id == customer,
                )
            ).scalar_one()
            assert khata.balance(reader, customer) == still_open - unspent
            assert not (still_open and unspent)


def test_numbers_have_no_gap_and_orders_no_second_bill(history, reader_of):
    with reader_of() as reader:
        bills = queries.all_invoices(reader)
        numbers = sorted(bill.number for bill in bills)
        expected = [f"INV27-2627-{serial:05d}" for serial in range(1, len(bills) + 1)]
        assert numbers == expected
        orders = [bill.order_id for bill in bills if bill.order_id and bill.status == "issued"]
        assert len(orders) == len(set(orders))


def test_nobody_ever_waited_in_a_circle(history):
    assert "40P01" not in history
