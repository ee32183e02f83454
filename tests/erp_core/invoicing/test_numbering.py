"""Invoice numbers: lawful, in a row, and never given twice."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp_core.invoicing import queries, service
from erp_core.invoicing.numbering import next_number, written
from erp_core.journal.context import Context
from erp_core.kernel.actor import SYSTEM
from erp_core.kernel.errors import Conflict

LAWFUL = re.compile(r"[A-Z1-9][A-Z0-9/-]{0,15}")


@pytest.mark.parametrize(
    ("serial", "number"),
    [
        (1, "INV27-2627-00001"),
        (99_999, "INV27-2627-99999"),
        (100_000, "INV272627-100000"),
        (999_999, "INV272627-999999"),
        (1_000_000, "INV2726271000000"),
        (9_999_999, "INV2726279999999"),
    ],
)
def test_a_number_has_room_for_ten_million_bills_a_year(serial, number):
    assert written("INV27", "2627", serial) == number


def test_after_that_the_series_is_exhausted():
    with pytest.raises(Conflict, match="series_exhausted"):
        written("INV27", "2627", 10_000_000)


@given(st.lists(st.integers(1, 9_999_999), unique=True, max_size=50))
def test_numbers_are_lawful_and_unlike(serials):
    numbers = [written("INV27", "2627", serial) for serial in serials]
    assert all(LAWFUL.fullmatch(number) for number in numbers)
    assert len(set(numbers)) == len(serials)


def test_each_state_and_year_has_its_own_series(database, business):
    with database.tenant(business) as connection:
        ctx = Context(connection, business, SYSTEM, datetime(2027, 4, 1, tzinfo=timezone.utc))
        taken = [
            next_number(ctx, "INV", state, on).text
            for state, on in (
                ("27", date(2027, 3, 31)),
                ("27", date(2027, 4, 1)),
                ("29", date(2027, 4, 1)),
                ("27", date(2027, 3, 31)),
            )
        ]
    assert taken == ["INV27-2627-00001", "INV27-2728-00001", "INV29-2728-00001", "INV27-2627-00002"]


def test_sixteen_at_once_leave_neither_gap_nor_repeat(run, bahi, business, ravi, gupta):
    """Every fifth command fails after it has taken its number; the next one takes it."""

    class Broken(Exception):
        pass

    def bill(ctx, *, customer_id, fails):
        issued = service.invoice_amount(ctx, customer_id=customer_id, amount_paise=100)
        if fails:
            raise Broken
        return issued

    def work(count):
        customer = (ravi, gupta)[count % 2]
        try:
            return bahi.run(
                business, SYSTEM, f"n{count}", bill, customer_id=customer, fails=count % 5 == 0
            )["number"]
        except Broken:
            return None

    with ThreadPoolExecutor(16) as pool:
        numbers = [number for number in pool.map(work, range(100)) if number]
    assert sorted(numbers) == [f"INV27-2627-{serial:05d}" for serial in range(1, 81)]


def test_an_order_billed_by_many_at_once_has_one_bill(bahi, business, ravi, order_of):
    order_id = order_of(ravi)

    def work(count):
        try:
            return bahi.run(business, SYSTEM, f"o{count}", service.invoice_order, order_id=order_id)
        except Conflict as conflict:
            return conflict.facts

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(work, range(8)))
    assert len({answer["invoice_id"] for answer in answers}) == 1
    assert sum("number" in answer for answer in answers) == 1
    with bahi.read(business) as reader:
        (bill,) = queries.all_invoices(reader)
        assert bill.id == UUID(answers[0]["invoice_id"])
