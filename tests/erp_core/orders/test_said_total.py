"""A sale at the counter is billed at just what was said to be taken, whatever the list says."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from erp_core.catalogue.service import add_product
from erp_core.inventory.service import add_stocked_product
from erp_core.invoicing import queries as invoices
from erp_core.invoicing.service import sell_at_counter
from erp_core.kernel.actor import Actor
from erp_core.kernel.errors import Forbidden, Invalid
from erp_core.kernel.ids import new_id
from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.orders.pricing import draft_lines, for_total, terms_for
from erp_core.parties.service import add_customer
from erp_core.payments import queries as payments

RATES = ("0", "5", "18", "40")


@pytest.fixture
def goods(run) -> list[UUID]:
    return [
        UUID(
            run(add_product, name=f"Thing {rate}", price_paise=13_37, unit="kg", gst_rate=rate)[
                "product_id"
            ]
        )
        for rate in RATES
    ]


@settings(suppress_health_check=list(HealthCheck), max_examples=60)
@given(
    quantities=st.lists(st.integers(1, 50_000), min_size=1, max_size=4),
    total=st.integers(1, 5_00_000_00),
)
def test_the_parts_always_make_the_total(reader_of, goods, ravi, quantities, total):
    with reader_of() as reader:
        wanted = [
            {"product_id": one, "quantity": Decimal(count) / 1000}
            for one, count in zip(goods, quantities, strict=False)
        ]
        terms = terms_for(reader, ravi)
        made = for_total(draft_lines(reader, wanted), terms, total).assessment
    assert made.total == total
    assert made.value + made.tax + made.cess + made.round_off == total
    assert sum(one.total for one in made.lines) == total
    # A rate is whole paise for one kilo: half a paisa for each is all that can be left over.
    assert abs(made.round_off) <= sum(quantities) / 1000 / 2 + 2 * len(quantities)


def test_the_bill_the_money_and_the_books_are_of_what_was_taken(run, reader_of, ravi):
    maggi = run(
        add_stocked_product,
        name="Maggi",
        price_paise=14_00,
        gst_rate="5",
        stock=Decimal(20),
    )
    lines = [{"product_id": maggi["product_id"], "quantity": Decimal(10)}]
    sold = run(sell_at_counter, customer_id=ravi, lines=lines, method="cash", said_total=140_00)
    assert sold["total"] == 140_00
    assert sold["subtotal"] + sold["cgst"] + sold["sgst"] + sold["round_off"] == 140_00
    assert sold["cgst"] == sold["sgst"] == 3_33
    with reader_of() as reader:
        bill = invoices.invoice(reader, UUID(sold["invoice_id"]))
        assert bill.lines[0].unit_price_paise == 14_00
        assert bill.lines[0].inclusive
        assert ledger.balance_of(reader, chart.CASH) == 140_00
        assert payments.balance(reader, ravi) == 0


def test_odd_paise_stand_in_the_round_off(run, reader_of, ravi, goods):
    lines = [{"product_id": goods[2], "quantity": Decimal(3)}]
    with reader_of() as reader:
        made = for_total(draft_lines(reader, lines), terms_for(reader, ravi), 100_00)
    assert (made.lines[0].unit_price_paise, made.assessment.total) == (33_33, 100_00)


def test_who_may_not_name_a_price_sells_by_the_list(run, ravi, goods):
    lines = [{"product_id": goods[0], "quantity": Decimal(1)}]
    with pytest.raises(Forbidden):
        run(
            sell_at_counter,
            actor=Actor("user", new_id(), "staff"),
            customer_id=ravi,
            lines=lines,
            method="cash",
            said_total=5_00,
        )
    with pytest.raises(Invalid, match="bad_amount"):
        run(sell_at_counter, customer_id=ravi, lines=lines, method="cash", said_total=0)


def test_the_total_holds_across_states(run, reader_of, goods):
    far = UUID(run(add_customer, name="Bengaluru Stores", state="29")["customer_id"])
    with reader_of() as reader:
        lines = draft_lines(reader, [{"product_id": goods[2], "quantity": Decimal(7)}])
        made = for_total(lines, terms_for(reader, far), 999_99).assessment
    assert (made.total, made.cgst, made.igst) == (999_99, 0, 152_54)
