"""Work that a shop does at a price, with its parts: a workshop's, a salon's."""

from __future__ import annotations

import pytest
from harness import Talk

from erp_core.catalogue import service as catalogue
from erp_core.kernel.actor import SYSTEM

WORK = {"Labour": 150, "Puncture repair": 60, "Manicure": 450, "Pedicure": 550}


@pytest.fixture
def workshop(talk: Talk) -> Talk:
    for name, rupees in WORK.items():
        talk.bahi.run(
            talk.business_id, SYSTEM, name, catalogue.add_product,
            name=name, price_paise=rupees * 100, hsn="998714", gst_rate="18",
        )  # fmt: skip
    return talk


def test_prices_behind_work_and_parts_make_a_bill(workshop: Talk) -> None:
    said = workshop.say(
        "owner",
        "[Ravi](customer_name) ki activa: charger [900](amount) [labour](item) [150](amount)"
        " puncture [60](amount), [500](amount) diye baki udhaar",
        "expense_log",
    ).text
    assert "charger 20W: 1 piece × ₹900" in said
    assert "Labour: 1 piece × ₹150" in said
    assert "Puncture repair: 1 piece × ₹60" in said
    assert "Paise ₹500" in said


def test_work_that_was_done_and_paid_is_sold(workshop: Talk) -> None:
    said = workshop.say(
        "owner",
        "[Ravi](customer_name) ka puncture laga diya [60](amount) [gpay](payment_method)",
        "payment_record",
    ).text
    assert "Puncture repair: 1 piece × ₹60" in said
    assert "Paise ₹60 (UPI)" in said


def test_work_on_the_books_is_paid_for_and_not_sold_again(workshop: Talk) -> None:
    workshop.say("owner", "[Ravi](customer_name) ka [puncture](product_name)", "order_create")
    workshop.tap("owner", "✅ Haan")
    said = workshop.say(
        "owner",
        "[Ravi](customer_name) ka puncture ho gaya [60](amount) [cash](payment_method)",
        "payment_record",
    ).text
    assert "jama kar" in said


def test_work_side_by_side_costs_what_is_said_together(workshop: Talk) -> None:
    said = workshop.say(
        "owner",
        "[ravi manicure pedicure](item) [1000](amount) [gpay](payment_method)",
        "expense_log",
    ).text
    assert "Manicure: 1 piece × ₹450" in said
    assert "Pedicure: 1 piece × ₹550" in said


def test_what_the_shop_pays_for_labour_is_spent(workshop: Talk) -> None:
    said = workshop.say("owner", "[labour](item) [500](amount) diya", "expense_log").text
    assert "Kharcha likh dun" in said


def test_work_that_came_for_somebody_is_ordered(workshop: Talk) -> None:
    said = workshop.say(
        "owner",
        "[Ravi](customer_name) ke [2](quantity) [puncture repair](product_name) aaye hai",
        "inventory_update",
    ).text
    assert "*Ravi Kumar* ka order" in said
    assert "Puncture repair: 2 piece" in said


def test_work_is_lost_from_no_stock(workshop: Talk) -> None:
    said = workshop.say(
        "owner", "[2](quantity) [manicure](product_name) kharab ho gaye", "inventory_update"
    ).text
    assert "stock nahi hota" in said
    assert workshop.say("owner", "haan", "affirm").text.count("stock") == 0


def test_work_is_never_to_be_bought(workshop: Talk) -> None:
    said = workshop.say("owner", "kya mangwana hai", "low_stock_query").text
    assert "Labour" not in said


def test_an_appointment_is_an_order_for_its_hour(workshop: Talk) -> None:
    said = workshop.say(
        "owner",
        "[Ravi](customer_name) ki [kal](date) 4 baje appointment hai manicure ki",
        "out_of_scope",
    ).text
    assert "Manicure: 1 piece" in said
    assert "4 baje" in said


def test_a_customer_asks_for_an_hour(workshop: Talk) -> None:
    said = workshop.say(
        "Ravi Kumar", "[kal](date) 5 baje appointment mil jayegi manicure ki?", "out_of_scope"
    ).text
    assert "Manicure: 1 piece" in said
    assert "5 baje" in said


def test_how_work_shall_be_done_is_noted(workshop: Talk) -> None:
    said = workshop.say(
        "Ravi Kumar",
        "[2](quantity) [manicure](product_name) karwane hai, [laal rang](product_name)",
        "order_create",
    ).text
    assert "Manicure: 2 piece" in said
    assert "laal rang" in said


def test_what_work_costs_is_told(workshop: Talk) -> None:
    said = workshop.say("guest", "puncture repair ka kharcha kitna aayega", "report_request").text
    assert "₹60" in said


def test_an_advance_for_work_is_of_an_order(workshop: Talk) -> None:
    said = workshop.say(
        "owner",
        "[Ravi](customer_name) ki bike ka [labour](product_name), [500](amount) advance diya",
        "payment_record",
    ).text
    assert "*Ravi Kumar* ka order" in said
    assert "Paise ₹500" in said


def test_who_works_here_is_paid_by_the_piece(workshop: Talk) -> None:
    said = workshop.say(
        "owner",
        "[Chhotu](customer_name) ko [5](quantity) [manicure](product_name) ka commission"
        " [300](amount) diya",
        "order_create",
    ).text
    assert "Kharcha likh dun" in said


def test_a_number_plate_is_no_goods(workshop: Talk) -> None:
    said = workshop.say(
        "owner",
        "[MH12](product_name) [AB](product_name) [1234](amount) activa [labour](item) [150](amount)"
        " [cash](payment_method)",
        "expense_log",
    ).text
    assert "Labour: 1 piece × ₹150" in said


def test_a_time_that_a_buyer_wants_for_work_is_an_order_of_it(workshop: Talk) -> None:
    said = workshop.say("Ravi Kumar", "kal 5 baje manicure ka time milega kya", "out_of_scope").text
    assert "Manicure: 1 piece × ₹450" in said
    assert "5 baje" in said


def test_work_just_told_of_is_booked_for_a_day(workshop: Talk) -> None:
    workshop.say("Ravi Kumar", "[pedicure](product_name) kitne ka hai", "price_query")
    said = workshop.say("Ravi Kumar", "theek hai sunday 11 baje kar do", "affirm").text
    assert "Pedicure: 1 piece × ₹550" in said
    assert "11 baje" in said
    assert "🗒️" not in said


def test_work_that_was_done_is_sold_at_its_rate(workshop: Talk) -> None:
    said = workshop.say(
        "owner",
        "[Ravi](customer_name) ne [manicure](product_name) aur pedicure karwayi"
        " [upi](payment_method)",
        "payment_record",
    ).text
    assert "*Ravi Kumar* ka bill" in said
    assert "Manicure: 1 piece × ₹450" in said
    assert "Pedicure: 1 piece × ₹550" in said


def test_work_that_was_done_is_nobodys_promise(workshop: Talk) -> None:
    said = workshop.say(
        "owner", "manicure kar diya [Ravi](customer_name) ka, paise baad me dega", "payment_status"
    ).text
    assert "*Ravi Kumar* ka bill" in said
    assert "Manicure: 1 piece × ₹450" in said


def test_work_is_booked_by_its_hour_for_whoever_stands_before_it(workshop: Talk) -> None:
    said = workshop.say("owner", "kal 3 baje ravi ki pedicure", "out_of_scope").text
    assert "*Ravi Kumar* ka order" in said
    assert "Pedicure: 1 piece × ₹550" in said
    assert "3 baje" in said
    said = workshop.say("owner", "kal 11 baje sheru ki manicure", "out_of_scope").text
    assert "*sheru* naye hain" in said


def test_a_title_alone_is_nobodys_name(workshop: Talk) -> None:
    said = workshop.say("owner", "kal 11 baje verma sahab ki manicure", "out_of_scope").text
    assert "*verma sahab* naye hain" in said


def test_a_known_name_beside_work_is_whose_it_is(workshop: Talk) -> None:
    said = workshop.say("owner", "parso 2 baje ravi kumar pedicure", "out_of_scope").text
    assert "*Ravi Kumar* ka order" in said


def test_goods_are_no_work_that_was_done(workshop: Talk) -> None:
    said = workshop.say("owner", "aaj 3 baje tak kaam ho gaya", "out_of_scope").text
    assert "order" not in said.split("bas ka nahi")[0]
