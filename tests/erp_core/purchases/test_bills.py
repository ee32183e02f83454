"""A vendor's bill: goods at landed cost, tax by head where it may be set off, money owed."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from erp_core.inventory.queries import movements_of, stock
from erp_core.kernel.actor import Actor
from erp_core.kernel.errors import Conflict, Forbidden, Invalid
from erp_core.parties.service import add_customer, change_business, change_vendor
from erp_core.purchases import paying, queries, returning, service
from erp_core.reports.gst.gstr3b import gstr3b
from erp_core.reports.gst.portal_files import gstr3b_json

TODAY = date(2026, 11, 20)


def line(product_id, quantity, price, **more):
    return {
        "product_id": str(product_id),
        "quantity": str(quantity),
        "unit_price_paise": price,
        **more,
    }


def test_a_bill_brings_goods_debt_and_input_credit(run, market, books, reader_of):
    done = run(
        service.record_bill,
        vendor_id=market.metro,
        number="mt / 118",
        lines=[line(market.iphone, 2, 50_000_00), line(market.maggi, 40, 10_00)],
    )
    assert done["tax"] == done["credit"] == 2 * 9_000_00 + 20_00
    assert done["total"] == done["owed"] == 118_000_00 + 420_00
    assert books() == {
        "INVENTORY": 100_000_00 + 400_00 + 100_00,
        "INPUT_CGST": 9_010_00,
        "INPUT_SGST": 9_010_00,
        "PAYABLE": -118_420_00,
        "OPENING_EQUITY": -100_00,
    }
    with reader_of() as reader:
        found = queries.bill(reader, UUID(done["bill_id"]))
        assert (found.number, found.vendor, found.input_credit) == ("MT/118", "Metro Traders", True)
        assert [(one.product, one.quantity, one.cost) for one in found.lines] == [
            ("iPhone 15", Decimal(2), 100_000_00),
            ("Maggi", Decimal(40), 400_00),
        ]
        assert stock(reader, market.iphone).average_cost_paise == 50_000_00
        assert [one.reason for one in movements_of(reader, "purchase", found.id)] == [
            "received",
            "received",
        ]
        (owed,) = queries.payables(reader)
        assert owed == queries.Payable(market.metro, "Metro Traders", 118_420_00)


def test_a_vendor_of_another_state_charges_integrated_tax(run, market, books):
    run(service.record_bill, vendor_id=market.bengaluru, lines=[line(market.iphone, 1, 50_000_00)])
    assert books()["INPUT_IGST"] == 9_000_00


def test_who_is_not_registered_charges_no_tax(run, market, books):
    done = run(service.record_bill, vendor_id=market.kisan, lines=[line(market.iphone, 1, 500_00)])
    assert (done["tax"], done["total"]) == (0, 500_00)
    assert "INPUT_CGST" not in books()


def test_under_composition_the_tax_is_cost(run, market, books):
    run(change_business, gst_scheme="composition")
    done = run(
        service.record_bill, vendor_id=market.metro, lines=[line(market.iphone, 1, 50_000_00)]
    )
    assert (done["tax"], done["credit"], done["cost"]) == (9_000_00, 0, 59_000_00)
    assert books() == {
        "INVENTORY": 59_100_00,
        "PAYABLE": -59_000_00,
        "OPENING_EQUITY": -100_00,
    }


def test_a_price_said_with_tax_holds_its_tax(run, market, books):
    done = run(
        service.record_bill,
        vendor_id=market.metro,
        inclusive=True,
        lines=[line(market.iphone, 3, 33_33)],
    )
    assert done["total"] == 99_99
    assert done["taxable"] == 84_74
    assert books()["INVENTORY"] == 100_00 + 99_99 - done["credit"]


def test_charges_are_shared_by_value_to_the_paisa(run, market, books, reader_of):
    """A tempo that was paid in cash stands in the cost of what it brought."""
    done = run(
        service.record_bill,
        vendor_id=market.kisan,
        charges_paise=100_00,
        lines=[line(market.chini, 30, 40_00), line(market.iphone, 1, 600_00)],
    )
    assert done["cost"] == 1_900_00
    with reader_of() as reader:
        found = queries.bill(reader, UUID(done["bill_id"]))
    assert [one.charges for one in found.lines] == [66_67, 33_33]
    assert [one.cost for one in found.lines] == [1_266_67, 633_33]
    assert books()["CASH"] == -100_00


def test_freight_on_the_bill_is_taxed_with_the_goods(run, market, books):
    done = run(
        service.record_bill,
        vendor_id=market.metro,
        freight_paise=100_00,
        lines=[line(market.iphone, 1, 900_00)],
    )
    assert (done["taxable"], done["tax"], done["cost"]) == (1_000_00, 180_00, 1_000_00)


def test_the_paper_rounds_to_rupees_and_not_further(run, market, books):
    bought = [line(market.iphone, 1, 99_99)]
    done = run(service.record_bill, vendor_id=market.metro, lines=bought, total_paise=118_00)
    assert done["total"] == 118_00
    assert books()["ROUND_OFF"] == 1
    with pytest.raises(Conflict, match="bill_total_differs"):
        run(service.record_bill, vendor_id=market.metro, lines=bought, total_paise=125_00)


def test_reverse_charge_is_owed_and_set_off(run, market, books, reader_of):
    done = run(
        service.record_bill,
        vendor_id=market.kisan,
        reverse_charge=True,
        lines=[line(market.iphone, 1, 1_000_00)],
    )
    assert done["number"] == "SI27-2627-00001"
    assert done["total"] == 1_000_00
    found = books()
    assert (found["OUTPUT_CGST"], found["INPUT_CGST"]) == (-90_00, 90_00)
    with reader_of() as reader:
        month = gstr3b(reader, TODAY)
        assert month.difference == 0
        assert (month.reverse_charge.taxable, month.reverse_charge.tax) == (1_000_00, 180_00)
        content = json.loads(gstr3b_json("27AAPFU0939F1ZV", month))
    assert content["sup_details"]["isup_rev"]["camt"] == 90
    available = {one["ty"]: one["camt"] for one in content["itc_elg"]["itc_avl"]}
    assert (available["ISRC"], available["OTH"]) == (90, 0)


def test_input_credit_of_the_month_is_in_gstr3b(run, market, reader_of):
    bought = run(
        service.record_bill, vendor_id=market.metro, lines=[line(market.iphone, 2, 1_000_00)]
    )
    run(
        returning.return_goods,
        vendor_id=market.metro,
        lines=[{"product_id": str(market.iphone), "quantity": "1"}],
    )
    with reader_of() as reader:
        month = gstr3b(reader, TODAY)
        bills = queries.bills_between(reader, TODAY, TODAY)
    assert bought["credit"] == 360_00
    assert (month.input_tax.cgst, month.input_tax.sgst, month.difference) == (90_00, 90_00, 0)
    assert sum(one.sign * one.tax for one in bills if one.input_credit) == month.input_tax.tax


def test_one_bill_is_recorded_once(run, market):
    def record(number):
        return run(
            service.record_bill,
            vendor_id=market.metro,
            number=number,
            lines=[line(market.chini, 1, 40_00)],
        )

    def attempt(_):
        try:
            return record("A-1")["number"]
        except Conflict as error:
            return error.code

    with ThreadPoolExecutor(8) as pool:
        found = sorted(pool.map(attempt, range(8)))
    assert found == ["A-1"] + ["bill_known"] * 7
    assert record("A-2")["number"] == "A-2"


def test_goods_go_back_at_the_price_of_their_bill(run, market, books, reader_of):
    run(service.record_bill, vendor_id=market.metro, lines=[line(market.maggi, 10, 12_00)])
    before = books()
    back = [{"product_id": str(market.maggi), "quantity": "4"}]
    done = run(returning.return_goods, vendor_id=market.metro, lines=back)
    assert done["number"] == "PR27-2627-00001"
    assert (done["taxable"], done["tax"], done["total"]) == (48_00, 2_40, 50_40)
    after = books()
    assert after["PAYABLE"] - before["PAYABLE"] == 50_40
    assert after["INVENTORY"] - before["INVENTORY"] == -44_00  # ten at 10, ten at 12
    assert after["COGS"] == -4_00
    with reader_of() as reader:
        assert stock(reader, market.maggi).on_hand == Decimal(16)


def test_no_more_goes_back_than_came(run, market, books):
    run(service.record_bill, vendor_id=market.metro, lines=[line(market.maggi, 3, 9_99)])
    whole = 0
    for _ in range(3):
        back = [{"product_id": str(market.maggi), "quantity": "1"}]
        whole += run(returning.return_goods, vendor_id=market.metro, lines=back)["total"]
    assert books().get("PAYABLE", 0) == 0
    assert whole == 3 * 9_99 + 150
    with pytest.raises(Conflict, match="not_bought_here"):
        run(returning.return_goods, vendor_id=market.metro, lines=back)
    with pytest.raises(Conflict, match="not_bought_here"):
        run(returning.return_goods, vendor_id=market.kisan, lines=back)


def test_notes_on_one_bill_at_once_take_turns(run, market, books):
    run(service.record_bill, vendor_id=market.metro, lines=[line(market.maggi, 5, 10_00)])
    back = [{"product_id": str(market.maggi), "quantity": "1"}]

    def attempt(_):
        try:
            run(returning.return_goods, vendor_id=market.metro, lines=back)
        except Conflict as error:
            return error.code
        return "done"

    with ThreadPoolExecutor(8) as pool:
        found = sorted(pool.map(attempt, range(8)))
    assert found == ["done"] * 5 + ["not_bought_here"] * 3
    assert books().get("PAYABLE", 0) == 0


def test_a_payment_lowers_what_is_owed_and_is_no_expense(run, market, books):
    run(service.record_bill, vendor_id=market.kisan, lines=[line(market.chini, 100, 40_00)])
    done = run(paying.pay_vendor, vendor_name="kisan bhandar", amount_paise=1_500_00, method="upi")
    assert (done["before"], done["after"]) == (4_000_00, 2_500_00)
    found = books()
    assert (found["BANK"], found["PAYABLE"]) == (-1_500_00, -2_500_00)
    assert not [code for code in found if code.startswith("EXPENSE")]


def test_a_payment_is_taken_back_once(run, market, books):
    paid = run(paying.pay_vendor, vendor_id=market.kisan, amount_paise=500_00)
    goods = run(paying.pay_vendor, amount_paise=100_00)
    for one in (paid, goods):
        done = run(paying.undo_payment, payment_id=UUID(one["payment_id"]))
        assert done["after"] == 0
        with pytest.raises(Conflict, match="already_reversed"):
            run(paying.undo_payment, payment_id=UUID(one["payment_id"]))
    assert books() == {"INVENTORY": 100_00, "OPENING_EQUITY": -100_00}


def test_more_than_is_owed_is_an_advance(run, market, reader_of):
    run(paying.pay_vendor, vendor_id=market.kisan, amount_paise=500_00)
    with reader_of() as reader:
        assert [one.paise for one in queries.payables(reader)] == [-500_00]
        assert queries.owed_to(reader, market.kisan) == -500_00


def test_a_bill_paid_at_once_owes_nothing(run, market, books):
    done = run(
        service.record_bill,
        vendor_name="New Vendor",
        paid_by="cash",
        lines=[line(market.chini, 5, 40_00)],
    )
    assert (done["paid"], done["owed"]) == (200_00, 0)
    assert books()["CASH"] == -200_00


def test_goods_without_a_bill_are_paid_or_become_a_vendors(run, market, books):
    from erp_core.inventory.service import receive_stock

    run(receive_stock, product_id=market.chini, quantity=Decimal(10), unit_cost_paise=40_00)
    run(paying.pay_vendor, amount_paise=100_00, method="cash")
    assert books()["PURCHASES_PENDING"] == -300_00
    run(service.bill_awaited_goods, vendor_id=market.kisan, amount_paise=300_00)
    found = books()
    assert "PURCHASES_PENDING" not in found
    assert found["PAYABLE"] == -300_00
    with pytest.raises(Conflict, match="nothing_awaited"):
        run(service.bill_awaited_goods, vendor_id=market.kisan, amount_paise=1)


def test_staff_and_bad_words_are_refused(run, market):
    staff = Actor("user", market.metro, "staff")
    bought = [line(market.chini, 1, 40_00)]
    with pytest.raises(Forbidden):
        run(service.record_bill, actor=staff, vendor_id=market.kisan, lines=bought)
    for more, code in (
        ({"lines": []}, "no_lines"),
        ({"lines": bought, "charges_paise": -1}, "bad_amount"),
        ({"lines": bought, "paid_by": "cheese"}, "bad_method"),
        ({"lines": bought, "on": date(2026, 11, 21)}, "date_in_future"),
        ({"lines": [line(market.iphone, "1.5", 1)]}, "bad_quantity"),
    ):
        with pytest.raises(Invalid, match=code):
            run(service.record_bill, vendor_id=market.kisan, **more)


def test_a_vendors_gstin_decides_from_then_on(run, market, reader_of):
    run(change_vendor, vendor_id=market.kisan, gstin="27AAACR5055K1Z7", phone="9811111111")
    done = run(service.record_bill, vendor_id=market.kisan, lines=[line(market.iphone, 1, 100_00)])
    assert done["credit"] == 18_00
    with reader_of() as reader:
        assert queries.last_bought(reader)[market.iphone].vendor == "Kisan Bhandar"


def test_who_buys_and_sells_does_so_under_one_gstin_unless_it_has_a_namesake(run, market):
    gstin = "27AAPFU0939F1ZV"
    run(add_customer, name="Gupta Stores", gstin=gstin)
    run(add_customer, name="Verma Stores", gstin=gstin, phone="919811111111")
    run(add_customer, name="Verma Stores", phone="919811111112")
    bought = {
        name: run(service.record_bill, vendor_name=name, lines=[line(market.iphone, 1, 1_000_00)])[
            "credit"
        ]
        for name in ("Gupta Stores", "Verma Stores")
    }
    assert bought == {"Gupta Stores": 180_00, "Verma Stores": 0}


def test_a_bill_whose_time_for_credit_is_over_is_cost(run, market, books):
    old = run(
        service.record_bill,
        vendor_id=market.metro,
        number="OLD",
        on=date(2025, 3, 31),
        lines=[line(market.iphone, 1, 1_000_00)],
    )
    assert (old["credit"], old["cost"], old["credit_until"]) == (0, 1_180_00, "2025-11-30")
    assert books().get("INPUT_CGST", 0) == 0
    last = run(
        service.record_bill,
        vendor_id=market.metro,
        number="NEW",
        on=date(2025, 4, 1),
        lines=[line(market.iphone, 1, 1_000_00)],
    )
    assert (last["credit"], last["credit_until"]) == (180_00, None)
