"""What was bought and written wrongly goes off the books, and what is right stands in its place."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from uuid import UUID

import pytest

from erp_core.inventory.queries import stock
from erp_core.inventory.service import remove_stock
from erp_core.kernel.errors import Conflict
from erp_core.purchases import correcting, paying, queries, returning, service


def line(product_id, quantity, price):
    return {
        "product_id": str(product_id),
        "quantity": str(quantity),
        "unit_price_paise": price,
    }


@pytest.fixture
def on_hand(reader_of):
    def read(product_id):
        with reader_of() as reader:
            return stock(reader, product_id).on_hand

    return read


def record(run, vendor, *lines, **more):
    done = run(service.record_bill, vendor_id=vendor, lines=list(lines), **more)
    return UUID(done["bill_id"])


def test_a_bill_goes_off_with_its_goods_its_credit_and_what_was_paid(run, market, books, on_hand):
    before = books()
    bill = record(
        run,
        market.metro,
        line(market.iphone, 2, 50_000_00),
        line(market.iphone, 1, 49_000_00),
        paid_by="cash",
    )
    done = run(correcting.take_back_bill, bill_id=bill)
    assert (done["total"], done["paid"], done["owed"]) == (175_820_00, 175_820_00, 0)
    assert (books(), on_hand(market.iphone)) == (before, 0)
    with pytest.raises(Conflict, match="already_reversed"):
        run(correcting.take_back_bill, bill_id=bill)


def test_what_was_paid_apart_from_a_bill_stays_paid(run, market, books):
    bill = record(run, market.kisan, line(market.chini, 10, 40_00))
    run(paying.pay_vendor, vendor_id=market.kisan, amount_paise=400_00)
    done = run(correcting.take_back_bill, bill_id=bill)
    assert (done["paid"], done["owed"]) == (0, -400_00)
    assert books()["CASH"] == -400_00


def test_only_what_is_left_of_a_bill_goes_off(run, market, books, on_hand):
    before = books()
    bill = record(run, market.kisan, line(market.chini, 10, 40_00))
    back = [{"product_id": str(market.chini), "quantity": "4"}]
    run(returning.return_goods, vendor_id=market.kisan, lines=back)
    assert run(correcting.take_back_bill, bill_id=bill)["total"] == 240_00
    assert (books(), on_hand(market.chini)) == (before, 0)


def test_the_right_bill_stands_in_place_of_the_wrong_one(run, market, books, on_hand, reader_of):
    wrong = record(run, market.kisan, line(market.chini, 20, 40_00), paid_by="cash")
    done = run(
        correcting.correct_bill,
        bill_id=wrong,
        vendor_id=market.metro,
        lines=[line(market.chini, 30, 41_00)],
    )
    assert (done["vendor"], done["total"], done["owed"]) == ("Metro Traders", 1_230_00, 1_230_00)
    assert on_hand(market.chini) == 30
    found = books()
    assert "CASH" not in found
    assert found["PAYABLE"] == -1_230_00
    with reader_of() as reader:
        assert [(one.name, one.paise) for one in queries.payables(reader)] == [
            ("Metro Traders", 1_230_00)
        ]


def test_what_was_sold_meanwhile_hinders_no_correction(run, market, on_hand):
    wrong = record(run, market.kisan, line(market.chini, 20, 40_00))
    run(remove_stock, product_id=market.chini, quantity=Decimal(5))
    run(
        correcting.correct_bill,
        bill_id=wrong,
        vendor_id=market.kisan,
        lines=[line(market.chini, 30, 40_00)],
    )
    assert on_hand(market.chini) == 25


def test_less_than_was_sold_cannot_have_come(run, market, books, on_hand):
    wrong = record(run, market.kisan, line(market.chini, 20, 40_00))
    run(remove_stock, product_id=market.chini, quantity=Decimal(15))
    before = books()
    with pytest.raises(Conflict, match="out_of_stock"):
        run(
            correcting.correct_bill,
            bill_id=wrong,
            vendor_id=market.kisan,
            lines=[line(market.chini, 10, 40_00)],
        )
    assert (books(), on_hand(market.chini)) == (before, 5)


def test_a_payment_to_the_wrong_vendor_goes_to_the_right_one(run, market, books, reader_of):
    paid = run(paying.pay_vendor, vendor_id=market.kisan, amount_paise=5_000_00)
    done = run(
        correcting.correct_payment,
        payment_id=UUID(paid["payment_id"]),
        vendor_id=market.metro,
        amount_paise=500_00,
        method="upi",
    )
    assert (done["vendor"], done["after"]) == ("Metro Traders", -500_00)
    assert books()["BANK"] == -500_00
    with reader_of() as reader:
        assert queries.owed_to(reader, market.kisan) == 0


def test_what_went_back_of_a_wrong_bill_has_gone_back_of_the_right_one(run, market, on_hand, books):
    before = on_hand(market.maggi)
    wrong = record(run, market.metro, line(market.maggi, 20, 11_00))
    back = [{"product_id": str(market.maggi), "quantity": "5"}]
    run(returning.return_goods, vendor_id=market.metro, lines=back, bill_id=wrong)
    right = [line(market.maggi, 30, 11_00)]
    done = run(correcting.correct_bill, bill_id=wrong, vendor_id=market.metro, lines=right)
    assert on_hand(market.maggi) == before + 25
    assert done["owed"] == 288_74
    books()


def test_a_bill_that_was_a_mistake_leaves_its_number_free(run, market, reader_of):
    wrong = record(run, market.metro, line(market.maggi, 20, 11_00), number="A-1")
    right = [line(market.maggi, 30, 11_00)]
    done = run(
        correcting.correct_bill, bill_id=wrong, vendor_id=market.metro, lines=right, number="A-1"
    )
    again = UUID(done["bill_id"])
    with pytest.raises(Conflict, match="bill_known"):
        record(run, market.metro, line(market.maggi, 1, 11_00), number="A-1")
    run(correcting.take_back_bill, bill_id=again)
    last = record(run, market.metro, line(market.maggi, 40, 11_00), number="A-1")
    with reader_of() as reader:
        assert [queries.bill(reader, one).number for one in (wrong, again, last)] == ["A-1"] * 3


def test_goods_that_went_back_leave_the_number_of_their_bill_taken(run, market):
    bill = record(run, market.metro, line(market.maggi, 20, 11_00), number="A-1")
    back = [{"product_id": str(market.maggi), "quantity": "20"}]
    run(returning.return_goods, vendor_id=market.metro, lines=back, bill_id=bill)
    with pytest.raises(Conflict, match="bill_known"):
        record(run, market.metro, line(market.maggi, 20, 11_00), number="A-1")


def test_of_two_who_write_a_bill_anew_one_does(run, market):
    wrong = record(run, market.metro, line(market.maggi, 20, 11_00), number="A-1")
    run(correcting.take_back_bill, bill_id=wrong)

    def attempt(_):
        try:
            return record(run, market.metro, line(market.maggi, 30, 11_00), number="A-1") and "done"
        except Conflict as error:
            return error.code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(attempt, range(4))) == ["bill_known"] * 3 + ["done"]
