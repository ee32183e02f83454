"""Credit and debit notes, and the two ways of undoing a bill."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from threading import Thread
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erp_core.inventory.queries import stock
from erp_core.inventory.service import add_stocked_product
from erp_core.invoicing import notes, queries, service
from erp_core.kernel.actor import SYSTEM, Actor
from erp_core.kernel.clock import Clock
from erp_core.kernel.errors import BahiError, Conflict, Forbidden, Invalid
from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.orders.queries import order
from erp_core.orders.service import change_status, create_order
from erp_core.parties.service import change_business
from erp_core.payments import queries as khata
from erp_core.payments.service import record_payment
from erp_core.runtime import Bahi


@pytest.fixture
def billed(run, ravi, order_of):
    """Bill an order of some phones; the invoice's id."""

    def bill(quantity="2", *, delivered=True):
        order_id = order_of(ravi, quantity)
        if delivered:
            run(change_status, order_id=order_id, status="delivered")
        return UUID(run(service.invoice_order, order_id=order_id)["invoice_id"])

    return bill


def test_a_part_of_the_goods_comes_back(run, reader_of, ravi, phone, billed):
    invoice_id = billed()
    noted = run(
        notes.credit_invoice,
        invoice_id=invoice_id,
        back={"1": "1"},
        reason="goods_back",
        goods_back=True,
    )
    assert noted["number"] == "CN27-2627-00001"
    assert (noted["taxable"], noted["cgst"], noted["sgst"], noted["total"]) == (
        79_900_00, 7_191_00, 7_191_00, 94_282_00,
    )  # fmt: skip
    with reader_of() as reader:
        assert khata.balance(reader, ravi) == 94_282_00
        assert ledger.balance_of(reader, chart.SALES_RETURNS) == 79_900_00
        assert ledger.balance_of(reader, chart.OUTPUT_CGST) == -7_191_00
        assert queries.invoice(reader, invoice_id).due_paise == 94_282_00
        assert stock(reader, phone).on_hand == Decimal(999)
        found = notes.note(reader, UUID(noted["note_id"]))
        assert [(one.position, one.quantity) for one in found.lines] == [(1, Decimal(1))]
        paper = notes.as_paper(reader, found)
        assert (paper.kind, paper.against[0]) == ("credit_note", "INV27-2627-00001")


def test_an_order_goes_with_its_bill_where_that_is_wanted(run, reader_of, order_of, ravi):
    for with_order, status in ((False, "confirmed"), (True, "cancelled")):
        order_id = order_of(ravi, "1")
        invoice_id = UUID(run(service.invoice_order, order_id=order_id)["invoice_id"])
        undone = run(
            notes.undo_bill, invoice_id=invoice_id, reason="wrong_bill", with_order=with_order
        )
        assert undone["how"] == "cancelled"
        with reader_of() as reader:
            assert order(reader, order_id).status == status


def test_all_that_is_left_is_credited_and_nothing_twice(run, reader_of, ravi, billed):
    invoice_id = billed("3")
    run(notes.credit_invoice, invoice_id=invoice_id, back={"1": "1"}, reason="goods_back")
    rest = run(notes.credit_invoice, invoice_id=invoice_id, reason="goods_back")
    assert rest["taxable"] == 159_800_00
    with pytest.raises(Conflict, match="nothing_to_credit"):
        run(notes.credit_invoice, invoice_id=invoice_id, reason="goods_back")
    with reader_of() as reader:
        assert khata.balance(reader, ravi) == 0
        assert queries.invoice(reader, invoice_id).due_paise == 0
        assert ledger.balance_of(reader, chart.OUTPUT_CGST) == 0


def test_more_than_was_billed_is_refused(run, billed):
    with pytest.raises(Conflict, match="more_than_billed") as error:
        run(notes.credit_invoice, invoice_id=billed(), back={"1": "3"}, reason="goods_back")
    assert error.value.facts == {"available": "2.000"}


def test_what_was_paid_becomes_an_advance(run, reader_of, ravi, billed):
    invoice_id = billed("1")
    run(record_payment, customer_id=ravi, amount_paise=94_282_00, method="upi")
    run(notes.credit_invoice, invoice_id=invoice_id, amount_paise=1_000_00, reason="price")
    with reader_of() as reader:
        assert khata.balance(reader, ravi) == -1_000_00
        assert queries.invoice(reader, invoice_id).payment_status == "paid"


def test_a_price_is_lowered_with_its_tax(run, billed):
    noted = run(notes.credit_invoice, invoice_id=billed(), amount_paise=1_180_00, reason="price")
    assert (noted["taxable"], noted["cgst"], noted["sgst"], noted["round_off"]) == (
        1_000_00, 90_00, 90_00, 0,
    )  # fmt: skip


def test_goods_come_back_at_the_price_that_was_lowered(run, reader_of, ravi, billed):
    invoice_id = billed("2")
    run(notes.credit_invoice, invoice_id=invoice_id, amount_paise=94_282_00, reason="price")
    back = {"invoice_id": invoice_id, "back": {"1": "1"}, "reason": "goods_back"}
    with reader_of() as reader:
        assert notes.worth(reader, queries.invoice(reader, invoice_id), {"1": "1"}) == 47_141_00
    assert [run(notes.credit_invoice, **back)["total"] for _ in range(2)] == [47_141_00] * 2
    with reader_of() as reader:
        assert khata.balance(reader, ravi) == 0
        assert ledger.balance_of(reader, chart.OUTPUT_CGST) == 0


def test_a_debit_note_raises_what_is_owed(run, reader_of, ravi, billed):
    invoice_id = billed("1")
    noted = run(notes.debit_invoice, invoice_id=invoice_id, amount_paise=118_00, reason="price")
    assert noted["number"] == "DN27-2627-00001"
    assert noted["due"] == 94_400_00
    with reader_of() as reader:
        assert khata.balance(reader, ravi) == 94_400_00
        assert ledger.balance_of(reader, chart.SALES) == -80_000_00


def test_a_bill_whose_goods_are_still_there_is_cancelled(run, reader_of, billed):
    invoice_id = billed(delivered=False)
    done = run(notes.undo_bill, invoice_id=invoice_id, reason="mistake")
    assert (done["how"], done["number"]) == ("cancelled", "INV27-2627-00001")
    with reader_of() as reader:
        assert queries.invoice(reader, invoice_id).status == "cancelled"


def test_a_bill_whose_goods_have_left_is_credited(run, reader_of, phone, billed):
    invoice_id = billed()
    done = run(notes.undo_bill, invoice_id=invoice_id, reason="mistake", goods_back=True)
    assert (done["how"], done["number"]) == ("credited", "CN27-2627-00001")
    with reader_of() as reader:
        found = queries.invoice(reader, invoice_id)
        assert found.status == "issued"
        assert order(reader, found.order_id).status == "returned"
        assert stock(reader, phone).on_hand == Decimal(1000)


def test_a_bill_of_a_past_month_is_credited(run, bahi, business, billed):
    invoice_id = billed(delivered=False)
    later = Bahi(bahi.database, Clock.starting("2026-12-01T12:00:00"))
    done = later.run(
        business, SYSTEM, uuid4().hex, notes.undo_bill, invoice_id=invoice_id, reason="mistake"
    )
    assert done["how"] == "credited"


def test_after_november_of_the_next_year_it_is_too_late(bahi, business, billed):
    invoice_id = billed()
    for day, late in (("2027-11-30", False), ("2027-12-01", True)):
        then = Bahi(bahi.database, Clock.starting(f"{day}T12:00:00"))
        arguments = {"invoice_id": invoice_id, "amount_paise": 100_00, "reason": "price"}
        if late:
            with pytest.raises(Conflict, match="note_too_late"):
                then.run(business, SYSTEM, uuid4().hex, notes.credit_invoice, **arguments)
        else:
            then.run(business, SYSTEM, uuid4().hex, notes.credit_invoice, **arguments)


@pytest.mark.parametrize(
    ("wrong", "error", "code"),
    [
        ({"amount_paise": 0}, Invalid, "bad_amount"),
        ({"back": {"1": "0"}}, Invalid, "bad_quantity"),
        ({"amount_paise": 10**9}, Conflict, "more_than_billed"),
    ],
)
def test_what_makes_no_sense_is_refused(run, billed, wrong, error, code):
    with pytest.raises(error, match=code):
        run(notes.credit_invoice, invoice_id=billed(), reason="price", **wrong)


def test_a_cancelled_bill_bears_no_notes(run, billed):
    invoice_id = billed(delivered=False)
    run(notes.undo_bill, invoice_id=invoice_id, reason="mistake")
    with pytest.raises(Conflict, match="invoice_cancelled"):
        run(notes.credit_invoice, invoice_id=invoice_id, reason="mistake")


def test_staff_cannot_undo_a_bill(run, billed):
    with pytest.raises(Forbidden):
        run(
            notes.undo_bill, invoice_id=billed(), reason="mistake",
            actor=Actor("user", uuid4(), "staff"),
        )  # fmt: skip


def test_two_who_undo_one_bill_at_once_undo_it_once(run, reader_of, ravi, billed):
    invoice_id, done = billed(), []

    def undo():
        try:
            done.append(run(notes.undo_bill, invoice_id=invoice_id, reason="mistake")["how"])
        except BahiError as error:
            done.append(error.code)

    threads = [Thread(target=undo) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == ["credited", *["nothing_to_credit"] * 3]
    with reader_of() as reader:
        assert khata.balance(reader, ravi) == 0


@settings(max_examples=15)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_parts_make_the_whole_to_the_paisa(run, reader_of, billed, parts):
    invoice_id = billed(str(sum(parts)))
    totals = [
        run(notes.credit_invoice, invoice_id=invoice_id, back={"1": str(part)}, reason="goods_back")
        for part in parts
    ]
    with reader_of() as reader:
        document = queries.invoice(reader, invoice_id)
    assert sum(one["total"] for one in totals) == document.total_paise
    assert sum(one["cgst"] for one in totals) == document.cgst_paise
    for one in totals:
        assert one["total"] == (
            one["taxable"] + one["cgst"] + one["sgst"] + one["igst"] + one["round_off"]
        )


@pytest.fixture
def packets_billed(run, ravi):
    """Bill packets at a price that holds their tax; the invoice's id."""
    run(change_business, prices_include_tax=True)

    def bill(count, price_paise, gst_rate):
        product_id = run(
            add_stocked_product,
            name=f"Packet {uuid4()}",
            price_paise=price_paise,
            gst_rate=gst_rate,
            stock=Decimal(count),
        )["product_id"]
        lines = [{"product_id": UUID(product_id), "quantity": str(count)}]
        order_id = UUID(run(create_order, customer_id=ravi, lines=lines)["order_id"])
        return UUID(run(service.invoice_order, order_id=order_id)["invoice_id"])

    return bill


def test_one_packet_of_ten_comes_back_at_its_price(run, packets_billed):
    noted = run(
        notes.credit_invoice,
        invoice_id=packets_billed(10, 14_00, "5"),
        back={"1": "1"},
        reason="goods_back",
    )
    assert noted["total"] == 14_00


@settings(max_examples=20)
@given(
    st.lists(st.integers(1, 5), min_size=1, max_size=4),
    st.integers(1, 99_99),
    st.sampled_from(["0", "5", "18", "40"]),
)
def test_parts_make_the_line_head_by_head(
    run, reader_of, packets_billed, parts, price_paise, gst_rate
):
    invoice_id = packets_billed(sum(parts), price_paise, gst_rate)
    with reader_of() as reader:
        document = queries.invoice(reader, invoice_id)
        (line,) = document.lines
        whole = notes.worth(reader, document, {"1": str(sum(parts))})
    credited = [
        run(notes.credit_invoice, invoice_id=invoice_id, back={"1": str(part)}, reason="goods_back")
        for part in parts
    ]
    assert whole == sum(one["total"] for one in credited) == document.total_paise
    for head in ("taxable", "cgst", "sgst", "igst", "cess", "round_off"):
        assert sum(one[head] for one in credited) == getattr(line, f"{head}_paise")


@settings(max_examples=20)
@given(
    st.lists(st.integers(1, 5), min_size=1, max_size=4),
    st.integers(1, 99),
    st.sampled_from(["0", "5", "18", "40"]),
)
def test_parts_cost_what_was_billed(run, packets_billed, parts, price_rupees, gst_rate):
    invoice_id = packets_billed(sum(parts), price_rupees * 100, gst_rate)
    for part in parts:
        noted = run(
            notes.credit_invoice, invoice_id=invoice_id, back={"1": str(part)}, reason="goods_back"
        )
        assert noted["total"] == part * price_rupees * 100


parts = st.builds(lambda count: {"back": {"1": str(count)}}, st.integers(1, 4))
amounts = st.builds(lambda paise: {"amount_paise": paise}, st.integers(1, 377_128_00))


@settings(max_examples=25)
@given(st.lists(parts | amounts, max_size=6))
def test_notes_of_any_kind_make_the_whole_and_no_more(run, reader_of, billed, wanted):
    invoice_id = billed("4")
    for some in [*wanted, {}]:
        with suppress(Conflict):
            run(notes.credit_invoice, invoice_id=invoice_id, reason="price", **some)
    with reader_of() as reader:
        document = queries.invoice(reader, invoice_id)
        issued = notes.notes_of(reader, invoice_id)
    assert sum(one.total_paise for one in issued) == document.total_paise
    assert sum(one.cgst_paise for one in issued) == document.cgst_paise
