"""A summary counts each thing once, on its own day, and compares like with like."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from erp_core.expenses.service import log_expense
from erp_core.inventory.service import add_stocked_product
from erp_core.invoicing.service import cancel_invoice, invoice_amount, invoice_order
from erp_core.journal.context import Reader
from erp_core.kernel.actor import SYSTEM, Actor
from erp_core.kernel.errors import Forbidden, Invalid
from erp_core.orders.models import orders
from erp_core.orders.service import cancel_order, create_order
from erp_core.payments.service import give_credit, open_balance, record_payment
from erp_core.reports.queries import Summary, Total, sold, summary, unbilled
from erp_core.runtime import Bahi

TODAY = date(2026, 11, 20)
Run = Callable[..., Any]
OpenReader = Callable[..., AbstractContextManager[Reader]]


@pytest.fixture
def iphone(run: Run) -> UUID:
    return UUID(
        run(
            add_stocked_product,
            name="iPhone 15",
            price_paise=79_900_00,
            stock=Decimal(8),
            reorder_level=Decimal(5),
            gst_rate="18",
        )["product_id"]
    )


@pytest.fixture
def sugar(run: Run) -> UUID:
    return UUID(
        run(
            add_stocked_product,
            name="Chini",
            price_paise=44_00,
            unit="kg",
            stock=Decimal(100),
            gst_rate="5",
        )["product_id"]
    )


@pytest.fixture
def order(run: Run) -> Callable[..., UUID]:
    def book(customer: UUID, product: UUID, quantity: str, **more: Any) -> UUID:
        lines = [{"product_id": product, "quantity": quantity}]
        return UUID(run(create_order, customer_id=customer, lines=lines, **more)["order_id"])

    return book


def of(reader_of: OpenReader, start: date = TODAY, end: date = TODAY) -> Summary:
    with reader_of() as reader:
        return summary(reader, start, end)


def test_a_new_shop_has_done_nothing(reader_of: OpenReader) -> None:
    found = of(reader_of)
    nothing = Total(0, 0, 0, 0)
    assert found.empty
    assert (found.sales, found.orders, found.payments, found.expenses) == (nothing,) * 4
    assert (found.receivables.paise, found.best_sellers, found.low_stock) == (0, (), ())
    assert nothing.change_percent is None


def test_sales_are_what_was_invoiced_with_tax(
    run: Run, reader_of: OpenReader, ravi: UUID, iphone: UUID, order: Callable[..., UUID]
) -> None:
    order_id = order(ravi, iphone, "2")
    assert of(reader_of).sales == Total(0, 0, 0, 0)
    run(invoice_order, order_id=order_id)
    run(invoice_amount, customer_id=ravi, amount_paise=500_00)
    found = of(reader_of)
    assert (found.sales.paise, found.invoices) == (188_564_00 + 500_00, 2)
    assert found.sales_tax == 28_764_00


def test_what_is_not_billed_yet_is_told_apart(
    run: Run, reader_of: OpenReader, ravi: UUID, iphone: UUID, order: Callable[..., UUID]
) -> None:
    def waiting() -> tuple[int, int]:
        with reader_of() as reader:
            return unbilled(reader, TODAY, TODAY)

    assert waiting() == (0, 0)
    billed = order(ravi, iphone, "2")
    order(ravi, iphone, "1")
    run(cancel_order, order_id=order(ravi, iphone, "1"))
    assert waiting() == (2, 188_564_00 + 94_282_00)
    run(invoice_order, order_id=billed)
    assert waiting() == (1, 94_282_00)


def test_a_cancelled_invoice_is_no_sale(run: Run, reader_of: OpenReader, ravi: UUID) -> None:
    kept = run(invoice_amount, customer_id=ravi, amount_paise=500_00)
    gone = run(invoice_amount, customer_id=ravi, amount_paise=300_00)
    run(cancel_invoice, invoice_id=UUID(gone["invoice_id"]), reason="mistake")
    found = of(reader_of)
    assert (found.sales.paise, found.invoices) == (kept["total"], 1)
    assert found.receivables.paise == 500_00


def test_cancelled_orders_are_left_out(
    run: Run, reader_of: OpenReader, ravi: UUID, iphone: UUID, order: Callable[..., UUID]
) -> None:
    order(ravi, iphone, "1")
    run(cancel_order, order_id=order(ravi, iphone, "3"))
    found = of(reader_of)
    assert (found.orders.paise, found.orders.count) == (94_282_00, 1)


def test_payments_are_parted_by_method_the_largest_first(
    run: Run, reader_of: OpenReader, ravi: UUID
) -> None:
    for rupees, method in ((200, "cash"), (1_000, "upi"), (300, "cash"), (40, "cheque")):
        run(record_payment, customer_id=ravi, amount_paise=rupees * 100, method=method)
    run(open_balance, customer_id=ravi, balance_paise=-77_00)
    found = of(reader_of)
    parts = [(part.code, part.paise, part.count) for part in found.payments_by_method]
    assert parts == [("upi", 1_000_00, 1), ("cash", 500_00, 2), ("cheque", 40_00, 1)]
    assert (found.payments.paise, found.payments.count) == (1_540_00, 4)


def test_expenses_are_parted_by_category(run: Run, reader_of: OpenReader) -> None:
    run(log_expense, amount_paise=40_00, item="chai")
    run(log_expense, amount_paise=60_00, item="chai")
    run(log_expense, amount_paise=15_000_00, item="dukaan ka kiraya")
    found = of(reader_of)
    parts = [(part.code, part.paise, part.count) for part in found.expenses_by_category]
    assert parts == [("rent", 15_000_00, 1), ("food", 100_00, 2)]
    assert found.expenses.paise == 15_100_00


def test_receivables_are_what_stood_open_at_the_end(
    run: Run, reader_of: OpenReader, ravi: UUID, gupta: UUID
) -> None:
    yesterday = TODAY - timedelta(days=1)
    run(give_credit, customer_id=ravi, amount_paise=500_00, on=yesterday)
    run(give_credit, customer_id=gupta, amount_paise=900_00)
    run(record_payment, customer_id=ravi, amount_paise=200_00, method="cash")
    before, now = of(reader_of, yesterday, yesterday).receivables, of(reader_of).receivables
    assert (before.paise, before.debtors) == (500_00, 1)
    assert (now.paise, now.debtors) == (1_200_00, 2)
    assert [(one.name, one.paise) for one in now.largest] == [
        ("Gupta Stores", 900_00),
        ("Ravi Kumar", 300_00),
    ]


def test_an_advance_does_not_lessen_what_others_owe(
    run: Run, reader_of: OpenReader, ravi: UUID, gupta: UUID
) -> None:
    run(give_credit, customer_id=ravi, amount_paise=500_00)
    run(record_payment, customer_id=gupta, amount_paise=400_00, method="cash")
    assert of(reader_of).receivables.paise == 500_00


def test_best_sellers_are_those_that_brought_most(
    run: Run,
    reader_of: OpenReader,
    ravi: UUID,
    iphone: UUID,
    sugar: UUID,
    order: Callable[..., UUID],
) -> None:
    order(ravi, sugar, "2.5")
    order(ravi, sugar, "10")
    order(ravi, iphone, "1")
    order(ravi, iphone, "4", status="pending")
    run(cancel_order, order_id=order(ravi, sugar, "80"))
    found = [(one.name, one.unit, one.quantity, one.paise) for one in of(reader_of).best_sellers]
    assert found == [
        ("iPhone 15", "piece", Decimal(1), 79_900_00),
        ("Chini", "kg", Decimal("12.5"), 550_00),
    ]


def test_what_was_sold_is_told_of_the_products_that_are_asked_for(
    run: Run,
    reader_of: OpenReader,
    ravi: UUID,
    iphone: UUID,
    sugar: UUID,
    order: Callable[..., UUID],
) -> None:
    order(ravi, sugar, "2.5")
    order(ravi, sugar, "10")
    run(cancel_order, order_id=order(ravi, sugar, "80"))
    with reader_of() as reader:
        found = sold(reader, [sugar, iphone], TODAY, TODAY)
        before = sold(reader, [sugar], TODAY - timedelta(days=9), TODAY - timedelta(days=1))
    assert [(one.name, one.quantity, one.paise) for one in found] == [
        ("Chini", Decimal("12.5"), 550_00)
    ]
    assert before == ()


def test_low_stock_is_as_it_is_now(
    reader_of: OpenReader, ravi: UUID, iphone: UUID, order: Callable[..., UUID]
) -> None:
    assert of(reader_of).low_stock == ()
    order(ravi, iphone, "3")
    assert [(one.name, one.available) for one in of(reader_of).low_stock] == [
        ("iPhone 15", Decimal(5))
    ]


def test_every_day_has_its_figures(
    run: Run, reader_of: OpenReader, ravi: UUID, iphone: UUID, order: Callable[..., UUID]
) -> None:
    first = TODAY - timedelta(days=2)
    run(record_payment, customer_id=ravi, amount_paise=100_00, method="cash", on=first)
    run(record_payment, customer_id=ravi, amount_paise=50_00, method="upi", on=first)
    run(log_expense, amount_paise=40_00, item="chai", on=TODAY)
    run(invoice_order, order_id=order(ravi, iphone, "1"))
    daily = of(reader_of, first, TODAY).daily
    assert [(one.on, one.sales, one.payments, one.expenses, one.orders) for one in daily] == [
        (first, 0, 150_00, 0, 0),
        (first + timedelta(days=1), 0, 0, 0, 0),
        (TODAY, 94_282_00, 0, 40_00, 1),
    ]


def test_a_period_is_compared_with_one_as_long_before_it(
    run: Run, reader_of: OpenReader, ravi: UUID
) -> None:
    def pay(days_ago: int, rupees: int) -> None:
        run(
            record_payment,
            customer_id=ravi,
            amount_paise=rupees * 100,
            method="cash",
            on=TODAY - timedelta(days=days_ago),
        )

    pay(0, 150)
    pay(6, 150)
    pay(7, 100)
    pay(13, 140)
    pay(14, 9_999)
    week = of(reader_of, TODAY - timedelta(days=6), TODAY).payments
    assert week == Total(300_00, 2, 240_00, 2)
    assert week.change_percent == 25
    day = of(reader_of).payments
    assert (day, day.change_percent) == (Total(150_00, 1, 0, 0), None)


@pytest.mark.parametrize(
    ("now", "before", "percent"),
    [(150, 100, 50), (50, 100, -50), (0, 100, -100), (1005, 1000, 1), (1004, 1000, 0)],
)
def test_change_is_rounded_to_whole_per_cent(now: int, before: int, percent: int) -> None:
    assert Total(now, 1, before, 1).change_percent == percent


def test_orders_count_on_the_day_at_the_shop(
    bahi: Bahi,
    business: int,
    reader_of: OpenReader,
    ravi: UUID,
    iphone: UUID,
    order: Callable[..., UUID],
) -> None:
    """One booked yesterday belongs to yesterday, whenever it is looked at."""
    order_id = order(ravi, iphone, "1")
    with bahi.database.tenant(business) as connection:
        connection.execute(
            update(orders)
            .where(orders.c.business_id == business, orders.c.id == order_id)
            .values(ordered_on=TODAY - timedelta(days=1))
        )
    assert of(reader_of).orders == Total(0, 0, 94_282_00, 1)


@pytest.mark.parametrize("days", [-1, 5 * 366, 10_000])
def test_a_period_that_makes_no_sense_is_refused(reader_of: OpenReader, days: int) -> None:
    with pytest.raises(Invalid) as refusal:
        of(reader_of, TODAY - timedelta(days=days), TODAY)
    assert refusal.value.code == "bad_period"


@pytest.mark.parametrize(
    ("actor", "allowed"),
    [
        (SYSTEM, True),
        (Actor("user", UUID(int=1), "owner"), True),
        (Actor("user", UUID(int=1), "manager"), True),
        (Actor("user", UUID(int=1), "viewer"), True),
        (Actor("user", UUID(int=1), "staff"), False),
        (Actor("customer", UUID(int=1)), False),
        (Actor("guest"), False),
    ],
    ids=lambda value: value.standing if isinstance(value, Actor) else "",
)
def test_the_figures_are_for_those_who_run_the_business(
    reader_of: OpenReader, actor: Actor, allowed: bool
) -> None:
    with reader_of(actor) as reader:
        if allowed:
            assert summary(reader, TODAY, TODAY).empty
        else:
            with pytest.raises(Forbidden):
                summary(reader, TODAY, TODAY)
