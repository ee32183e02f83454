"""A bill bears the rates that are lawful on its own day."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from erp_core.catalogue.service import change_product
from erp_core.inventory.service import add_stocked_product
from erp_core.invoicing import queries, service
from erp_core.invoicing.lawful import as_billed_today
from erp_core.kernel.actor import SYSTEM
from erp_core.kernel.clock import Clock
from erp_core.kernel.errors import Conflict
from erp_core.orders.queries import order
from erp_core.orders.service import change_status, create_order
from erp_core.parties.bootstrap import NewBusiness, register_business
from erp_core.parties.service import add_customer, change_business, change_customer
from erp_core.payments.service import record_payment
from erp_core.runtime import Bahi


@pytest.fixture
def goods(run):
    """Add a product; its id."""

    def add(name, price, **facts):
        added = run(add_stocked_product, name=name, price_paise=price, stock=Decimal(100), **facts)
        return UUID(added["product_id"])

    return add


@pytest.fixture
def bill(run, ravi):
    """Order one of some products and bill them."""

    def order_and_bill(*products, customer=None, quantity="1"):
        booked = run(
            create_order,
            customer_id=customer or ravi,
            lines=[{"product_id": one, "quantity": quantity} for one in products],
        )
        return run(service.invoice_order, order_id=UUID(booked["order_id"]))

    return order_and_bill


def test_grain_bears_the_rate_of_its_packing_and_waits_while_nobody_said_it(run, goods, bill):
    loose = goods("Rice loose", 100_00, hsn="1006", gst_rate=None, packing="loose")
    packed = goods("Rice packed", 100_00, hsn="1006", gst_rate="0", packing="packed")
    unsaid = goods("Rice", 100_00, hsn="1006", gst_rate=None)
    assert (bill(loose)["total"], bill(packed)["total"]) == (100_00, 105_00)
    with pytest.raises(Conflict, match="rate_unknown"):
        bill(unsaid)
    run(change_product, product_id=unsaid, packing="packed")
    assert bill(unsaid)["total"] == 105_00


def test_packing_that_is_said_after_the_order_counts_on_its_bill(run, goods, ravi):
    unsaid = goods("Rice", 100_00, hsn="1006", gst_rate=None)
    lines = [{"product_id": unsaid, "quantity": "1"}]
    booked = run(create_order, customer_id=ravi, lines=lines)
    run(change_product, product_id=unsaid, packing="packed")
    assert run(service.invoice_order, order_id=UUID(booked["order_id"]))["total"] == 105_00


def test_what_a_bill_would_come_to_is_told_without_writing_it(run, goods, ravi, reader_of):
    unsaid = goods("Rice", 100_00, hsn="1006", gst_rate=None)
    booked = run(create_order, customer_id=ravi, lines=[{"product_id": unsaid, "quantity": "1"}])
    order_id = UUID(booked["order_id"])
    with reader_of() as reader, pytest.raises(Conflict, match="rate_unknown"):
        as_billed_today(reader, order(reader, order_id))
    run(change_product, product_id=unsaid, packing="packed")
    with reader_of() as reader:
        stands = order(reader, order_id)
        assert (stands.total_paise, as_billed_today(reader, stands).total_paise) == (100_00, 105_00)
        assert stands.invoice_id is None
    assert run(service.invoice_order, order_id=order_id)["total"] == 105_00


def test_garments_on_both_sides_of_the_line(goods, bill):
    cheap = goods("Shirt", 2_500_00, hsn="6205", gst_rate="5")
    dear = goods("Suit", 2_500_01, hsn="6203", gst_rate="5")
    assert bill(cheap)["cgst"] == 62_50
    assert bill(dear)["cgst"] == 225_00


def test_a_rate_that_the_law_has_ended_is_followed_to_the_one_in_force(goods, bill):
    ghee = goods("Ghee", 600_00, hsn="0405", gst_rate="12")
    assert bill(ghee)["cgst"] == 15_00


def test_a_code_alone_is_enough_where_it_has_one_rate(goods, bill):
    assert bill(goods("Phone", 1_000_00, hsn="8517", gst_rate=None))["cgst"] == 90_00


def test_what_nobody_knows_is_booked_and_not_billed_until_somebody_says_it(
    run, ravi, goods, reader_of
):
    thing = goods("Zyxw", 100_00, gst_rate=None)
    booked = run(create_order, customer_id=ravi, lines=[{"product_id": thing, "quantity": "1"}])
    order_id = UUID(booked["order_id"])
    assert booked["tax"] == 0
    with pytest.raises(Conflict, match="rate_unknown") as error:
        run(service.invoice_order, order_id=order_id)
    assert error.value.facts == {"product_id": str(thing)}
    run(change_product, product_id=thing, hsn="3926", gst_rate="18")
    issued = run(service.invoice_order, order_id=order_id)
    assert (issued["subtotal"], issued["cgst"], issued["total"]) == (100_00, 9_00, 118_00)
    with reader_of() as reader:
        assert queries.invoice(reader, UUID(issued["invoice_id"])).lines[0].hsn == "3926"


def test_an_unlawful_rate_of_unknown_goods_is_not_billed(goods, bill):
    with pytest.raises(Conflict, match="rate_unknown"):
        bill(goods("Thing", 100_00, gst_rate="12"))


def test_mixed_goods_to_somebody_unregistered_go_on_one_document(run, goods, bill):
    pen = goods("Pen", 100_00, hsn="9608", gst_rate="18")
    milk = goods("Milk", 60_00, hsn="0401", gst_rate="0")
    assert bill(pen, milk)["kind"] == "invoice_cum_bill"
    registered = UUID(
        run(add_customer, name="Anand Traders", gstin="29AAGCB7383J1Z4")["customer_id"]
    )
    assert bill(pen, milk, customer=registered)["kind"] == "tax_invoice"


def test_composition_bills_without_tax_and_within_its_state(run, goods, bill):
    run(change_business, gst_scheme="composition")
    thali = goods("Thali", 100_00, hsn="996331", gst_rate="5")
    issued = bill(thali)
    assert (issued["kind"], issued["total"], issued["cgst"]) == ("bill_of_supply", 100_00, 0)
    far = UUID(run(add_customer, name="Anand", state="29")["customer_id"])
    with pytest.raises(Conflict, match="composition_within_state"):
        bill(thali, customer=far)


@pytest.mark.parametrize(
    ("treatment", "place", "igst", "total"),
    [
        ("sez", "27", 18_00, 118_00),
        ("sez_lut", "27", 0, 100_00),
        ("export", "96", 18_00, 118_00),
        ("export_lut", "96", 0, 100_00),
        ("deemed_export", "27", 0, 118_00),
    ],
)
def test_zones_and_exports(run, ravi, goods, bill, reader_of, treatment, place, igst, total):
    run(change_customer, customer_id=ravi, treatment=treatment)
    issued = bill(goods("Pen", 100_00, hsn="9608", gst_rate="18"))
    assert (issued["kind"], issued["igst"], issued["total"]) == ("tax_invoice", igst, total)
    with reader_of() as reader:
        found = queries.invoice(reader, UUID(issued["invoice_id"]))
        assert (found.place_of_supply, found.treatment) == (place, treatment)


def test_two_of_three_decide_at_a_change_of_rate(database):
    before, after = Clock.starting("2025-09-20T12:00:00"), Clock.starting("2025-09-23T12:00:00")
    new = NewBusiness("Kirana", uuid4().hex, "27", gstin="27AAPFU0939F1ZV")
    business = register_business(database, before, new)

    def run(clock, command, **arguments):
        return Bahi(database, clock).run(business, SYSTEM, uuid4().hex, command, **arguments)

    biscuit, shampoo, dye = (
        run(
            before,
            add_stocked_product,
            name=name,
            price_paise=100_00,
            hsn=hsn,
            gst_rate="18",
            stock=Decimal(100),
        )["product_id"]
        for name, hsn in (("Biscuit", "190531"), ("Shampoo", "3305"), ("Hair dye", "3305"))
    )

    def sell(product, *, shipped=False, paid=False):
        customer = UUID(run(before, add_customer, name="Ravi")["customer_id"])
        lines = [{"product_id": product, "quantity": "1"}]
        booked = run(before, create_order, customer_id=customer, lines=lines)
        order_id = UUID(booked["order_id"])
        if paid:
            run(before, record_payment, customer_id=customer, amount_paise=118_00, method="cash")
        if shipped:
            run(before, change_status, order_id=order_id, status="delivered")
        return run(after, service.invoice_order, order_id=order_id)["cgst"]

    assert sell(biscuit) == 2_50
    assert sell(biscuit, shipped=True) == 2_50
    assert sell(biscuit, paid=True) == 2_50
    assert sell(biscuit, shipped=True, paid=True) == 9_00
    # Hair dye under the same code still has 18 %: the name tells them apart.
    assert sell(shampoo) == 2_50
    assert sell(dye) == 9_00


def test_an_order_keeps_its_amounts_when_nothing_has_changed(run, ravi, goods, reader_of):
    pen = goods("Pen", 33_33, hsn="9608", gst_rate="18")
    booked = run(create_order, customer_id=ravi, lines=[{"product_id": pen, "quantity": "3"}])
    issued = run(service.invoice_order, order_id=UUID(booked["order_id"]))
    with reader_of() as reader:
        assert order(reader, UUID(booked["order_id"])).total_paise == issued["total"]


def test_cigarettes_of_unknown_length_are_not_billed_for_a_day_of_cess(database):
    bahi = Bahi(database, Clock.starting("2025-12-01T12:00:00"))
    new = NewBusiness("Paan shop", uuid4().hex, "27", gstin="27AAPFU0939F1ZV")
    business = register_business(database, bahi.clock, new)

    def run(command, **arguments):
        return bahi.run(business, SYSTEM, uuid4().hex, command, **arguments)

    customer = UUID(run(add_customer, name="Ravi")["customer_id"])
    stick = run(
        add_stocked_product, name="Filter cigarette", price_paise=10_00, hsn="2402",
        gst_rate=None, stock=Decimal(1000),
    )["product_id"]  # fmt: skip
    lines = [{"product_id": stick, "quantity": "100"}]
    booked = UUID(run(create_order, customer_id=customer, lines=lines)["order_id"])
    with pytest.raises(Conflict, match="cess_unknown"):
        run(service.invoice_order, order_id=booked)
    run(change_product, product_id=UUID(stick), hsn="24022030")
    issued = run(service.invoice_order, order_id=booked)
    # ₹1,000: 28 %, and cess of 5 % and of ₹2,076 for a thousand.
    assert (issued["cgst"], issued["sgst"], issued["cess"]) == (140_00, 140_00, 50_00 + 207_60)
