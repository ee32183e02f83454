"""Posting entries: balanced or refused, by the code and by the database itself."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, insert, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from erp_core.journal.context import Context
from erp_core.kernel.actor import SYSTEM
from erp_core.kernel.clock import Clock
from erp_core.kernel.errors import Conflict, Invalid, NotFound
from erp_core.kernel.ids import new_id
from erp_core.ledger import chart, queries, service
from erp_core.ledger.models import ledger_entries, ledger_postings
from erp_core.ledger.service import Posting
from erp_core.parties.bootstrap import NewBusiness, register_business

DAY = date(2026, 11, 20)
CUSTOMER = uuid4()


@pytest.fixture
def ctx(database, business, clock):
    with database.tenant(business) as connection:
        yield Context(connection, business, SYSTEM, clock.now())


def sale(ctx, paise=118_00, **options):
    tax = paise * 9 // 118
    return service.post(
        ctx,
        kind="sale",
        on=DAY,
        postings=[
            Posting(chart.RECEIVABLE, paise, CUSTOMER),
            Posting(chart.SALES, -(paise - 2 * tax)),
            Posting(chart.OUTPUT_CGST, -tax),
            Posting(chart.OUTPUT_SGST, -tax),
        ],
        **options,
    )


def test_an_entry_moves_its_accounts(ctx):
    invoice = new_id()
    entry_id = sale(ctx, source=("invoice", invoice))

    assert queries.balance_of(ctx, chart.RECEIVABLE) == 118_00
    assert queries.balance_of(ctx, chart.RECEIVABLE, CUSTOMER) == 118_00
    assert queries.balance_of(ctx, chart.RECEIVABLE, uuid4()) == 0
    assert queries.balance_of(ctx, chart.SALES) == -100_00
    assert queries.balance_of(ctx, chart.OUTPUT_CGST) == -9_00
    entry = queries.entry(ctx, entry_id)
    assert [entry] == queries.entries_of(ctx, "invoice", invoice)
    assert entry.postings[0] == Posting(chart.RECEIVABLE, 118_00, CUSTOMER)
    assert [event.kind for event in ctx.events] == ["ledger.posted"]


def test_balances_stop_at_the_day_asked_for(ctx):
    sale(ctx)
    assert queries.balance_of(ctx, chart.SALES, until=date(2026, 11, 19)) == 0
    assert queries.balance_of(ctx, chart.SALES, until=DAY) == -100_00


def test_an_entry_that_does_not_balance_is_refused(ctx):
    with pytest.raises(Invalid, match="unbalanced_entry"):
        service.post(
            ctx,
            kind="sale",
            on=DAY,
            postings=[Posting(chart.CASH, 100), Posting(chart.SALES, -99)],
        )
    assert queries.trial_balance(ctx) == []


@pytest.mark.parametrize(
    ("posting", "code"),
    [
        (Posting("PETTY", 100), "unknown_account"),
        (Posting("EXPENSE:Rent!", 100), "unknown_account"),
        (Posting(chart.RECEIVABLE, 100), "party_needed"),
        (Posting(chart.CASH, 100, CUSTOMER), "party_needed"),
        (Posting(chart.CASH, 10**16), "bad_amount"),
    ],
)
def test_a_posting_must_fit_its_account(ctx, posting, code):
    balancing = Posting(chart.SALES, -posting.paise)
    with pytest.raises(Invalid, match=code):
        service.post(ctx, kind="sale", on=DAY, postings=[posting, balancing])


def test_an_entry_of_zeros_writes_nothing(ctx):
    postings = [Posting(chart.CASH, 0), Posting(chart.SALES, 0)]
    assert service.post(ctx, kind="sale", on=DAY, postings=postings) is None
    assert ctx.events == []


def test_a_reversal_undoes_an_entry_and_keeps_it(ctx):
    entry_id = sale(ctx)
    reversal_id = service.reverse(ctx, entry_id, "wrong_customer")

    assert queries.trial_balance(ctx) == []
    reversal = queries.entry(ctx, reversal_id)
    assert (reversal.kind, reversal.reverses, reversal.reason) == (
        "reversal",
        entry_id,
        "wrong_customer",
    )
    assert len(queries.movements(ctx, chart.SALES)) == 2


def test_an_entry_is_reversed_once(ctx):
    entry_id = sale(ctx)
    service.reverse(ctx, entry_id, "mistake")
    with pytest.raises(Conflict, match="already_reversed"):
        service.reverse(ctx, entry_id, "mistake")
    with pytest.raises(NotFound, match="entry"):
        service.reverse(ctx, new_id(), "mistake")


def test_the_database_refuses_to_unbalance_an_entry(database, business, clock):
    with database.tenant(business) as connection:
        entry_id = sale(Context(connection, business, SYSTEM, clock.now()))
    stray = insert(ledger_postings).values(
        business_id=business,
        entry_id=entry_id,
        position=9,
        account=chart.CASH,
        on_date=DAY,
        paise=1,
    )
    with (
        pytest.raises(IntegrityError, match="does not balance"),
        database.tenant(business) as connection,
    ):
        connection.execute(stray)


def test_the_database_refuses_an_entry_without_postings(database, business, clock):
    with (
        pytest.raises(IntegrityError, match="does not balance"),
        database.tenant(business) as connection,
    ):
        connection.execute(
            insert(ledger_entries).values(
                business_id=business,
                id=new_id(),
                kind="sale",
                on_date=DAY,
                recorded_at=clock.now(),
            )
        )


@pytest.mark.parametrize(
    "change", [update(ledger_postings).values(paise=1), delete(ledger_postings)]
)
def test_postings_cannot_be_changed_or_removed(database, business, clock, change):
    with database.tenant(business) as connection:
        sale(Context(connection, business, SYSTEM, clock.now()))
    with pytest.raises(DBAPIError) as error, database.tenant(business) as connection:
        connection.execute(change)
    assert error.value.orig.pgcode == "42501"


accounts = st.sampled_from([chart.CASH, chart.BANK, chart.SALES, chart.COGS, "EXPENSE:rent"])
amounts = st.integers(min_value=-(10**12), max_value=10**12)


@given(entries=st.lists(st.lists(st.tuples(accounts, amounts), min_size=1, max_size=5), max_size=5))
def test_any_history_sums_to_zero(database, entries):
    business = register_business(database, Clock(), NewBusiness("Any", new_id().hex, "27"))
    with database.tenant(business) as connection:
        ctx = Context(connection, business, SYSTEM, Clock().now())
        expected: dict[str, int] = {}
        for moves in entries:
            rest = -sum(paise for _, paise in moves)
            postings = [
                Posting(account, paise) for account, paise in [*moves, (chart.CAPITAL, rest)]
            ]
            service.post(ctx, kind="any", on=DAY, postings=postings)
            for posting in postings:
                expected[posting.account] = expected.get(posting.account, 0) + posting.paise
        lines = queries.trial_balance(ctx)
    assert {line.account: line.debit - line.credit for line in lines} == {
        account: paise for account, paise in expected.items() if paise
    }
    assert sum(line.debit for line in lines) == sum(line.credit for line in lines)
