"""Finding invoices again, by whoever may see them."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

import pytest

from erp_core.invoicing import queries, service
from erp_core.kernel.actor import Actor
from erp_core.kernel.errors import Forbidden, NotFound


@pytest.fixture
def bills(run, ravi, gupta):
    """Two bills of Ravi and, between them, one of Gupta."""
    return [
        run(service.invoice_amount, customer_id=one, amount_paise=paise)
        for one, paise in ((ravi, 100_00), (gupta, 200_00), (ravi, 300_00))
    ]


@pytest.mark.parametrize(
    "text",
    ["INV27-2627-00002", "inv27-2627-00002", " INV27 2627 00002.", "inv27262700002", "2", "00002"],
)
def test_by_number_in_any_way_of_writing(reader_of, bills, text):
    with reader_of() as reader:
        assert queries.invoice_by_number(reader, text).number == "INV27-2627-00002"


@pytest.mark.parametrize("text", ["", "?", "9", "INV27-2627-00009", "ORD-2026-00002"])
def test_a_number_that_is_none(reader_of, bills, text):
    with reader_of() as reader:
        assert queries.invoice_by_number(reader, text) is None


def test_the_newest(reader_of, bills, ravi, gupta):
    with reader_of() as reader:
        assert queries.latest_invoice(reader).total_paise == 300_00
        assert queries.latest_invoice(reader, gupta).total_paise == 200_00
        assert queries.latest_invoice(reader, uuid4()) is None


def test_of_some_days(run, reader_of, bills, ravi):
    run(service.cancel_invoice, invoice_id=UUID(bills[0]["invoice_id"]), reason="mistake")
    first, last = date(2026, 11, 20), date(2026, 11, 20)
    with reader_of() as reader:
        found = queries.invoices_between(reader, first, last)
        assert [one.total_paise for one in found] == [200_00, 300_00]
        mine = queries.invoices_between(reader, first, last, customer_id=ravi, cancelled=True)
        assert [(one.total_paise, one.status) for one in mine] == [
            (100_00, "cancelled"),
            (300_00, "issued"),
        ]
        assert queries.invoices_between(reader, date(2026, 11, 21), date(2026, 11, 30)) == []
        assert len(queries.all_invoices(reader)) == 3


def test_a_customer_sees_only_its_own(reader_of, bills, ravi, gupta):
    with reader_of(Actor("customer", gupta)) as reader:
        assert [one.total_paise for one in queries.all_invoices(reader)] == [200_00]
        assert queries.invoice_by_number(reader, "1") is None
        with pytest.raises(NotFound, match="invoice"):
            queries.invoice(reader, UUID(bills[0]["invoice_id"]))
        with pytest.raises(Forbidden):
            queries.latest_invoice(reader, ravi)
