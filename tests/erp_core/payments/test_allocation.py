"""Money is put on debts once: in theory, and with many payments at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from erp_core.kernel.actor import SYSTEM
from erp_core.payments import queries, service
from erp_core.payments.allocation import Holding, match
from erp_core.payments.models import allocations, payments, receivables

holdings = st.lists(
    st.builds(
        Holding, st.builds(lambda n: UUID(int=n), st.integers(1, 2**64)), st.integers(0, 10**6)
    ),
    max_size=8,
    unique_by=lambda holding: holding.id,
)


@given(holdings, holdings)
def test_debts_are_settled_in_order_as_far_as_the_money_goes(debts, money):
    parts = match(debts, money)
    owed = sum(debt.paise for debt in debts)
    held = sum(purse.paise for purse in money)
    assert sum(part.paise for part in parts) == min(owed, held)
    assert all(part.paise > 0 for part in parts)
    for debt in debts:
        assert sum(part.paise for part in parts if part.receivable_id == debt.id) <= debt.paise
    for purse in money:
        assert sum(part.paise for part in parts if part.payment_id == purse.id) <= purse.paise
    settled = [
        sum(part.paise for part in parts if part.receivable_id == debt.id) == debt.paise
        for debt in debts
    ]
    assert settled == sorted(settled, reverse=True) or 0 in {debt.paise for debt in debts}


def test_payments_and_credits_at_once_leave_no_rupee_twice_or_unused(run, ravi, bahi, business):
    def credit(number):
        bahi.run(
            business,
            SYSTEM,
            f"c{number}",
            service.give_credit,
            customer_id=ravi,
            amount_paise=100_00,
        )

    def pay(number):
        bahi.run(
            business,
            SYSTEM,
            f"p{number}",
            service.record_payment,
            customer_id=ravi,
            amount_paise=70_00,
            method="upi",
        )

    with ThreadPoolExecutor(16) as pool:
        for done in [pool.submit(job, n) for n in range(24) for job in (credit, pay)]:
            done.result()

    with bahi.read(business) as reader:
        assert queries.balance(reader, ravi) == 24 * 30_00
        assert sum(debt.open for debt in queries.open_debts(reader, ravi)) == 24 * 30_00
        assert _total(reader, payments.c.advance_paise) == 0
        assert _total(reader, allocations.c.paise) == 24 * 70_00
        _assert_allocations_explain_what_is_open(reader)


def test_payments_for_one_invoice_at_once_pay_it_once(run, ravi, bahi, business):
    invoice = uuid4()

    def raise_invoice(ctx):
        service.raise_receivable(
            ctx, customer_id=ravi, source_kind="invoice", source_id=invoice, amount_paise=100_00
        )
        return {}

    run(raise_invoice)

    def pay(number):
        return bahi.run(
            business,
            SYSTEM,
            f"p{number}",
            service.record_payment,
            customer_id=ravi,
            amount_paise=100_00,
            method="upi",
            invoice_id=invoice,
        )

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(pay, range(8)))
    assert sorted(result["advance"] for result in results) == [0] + [100_00] * 7
    with bahi.read(business) as reader:
        _assert_allocations_explain_what_is_open(reader)


def _total(reader, column):
    return reader.connection.execute(
        select(func.coalesce(func.sum(column), 0)).where(
            column.table.c.business_id == reader.business_id
        )
    ).scalar_one()


def _assert_allocations_explain_what_is_open(reader):
    mine = allocations.c.business_id == reader.business_id
    for table, key, rest in (
        (receivables, allocations.c.receivable_id, receivables.c.open_paise),
        (payments, allocations.c.payment_id, payments.c.advance_paise),
    ):
        used = dict(
            reader.connection.execute(
                select(key, func.sum(allocations.c.paise)).where(mine).group_by(key)
            ).all()
        )
        for row in reader.connection.execute(
            select(table).where(table.c.business_id == reader.business_id)
        ):
            assert row[rest.name] == row.amount_paise - used.get(row.id, 0)
