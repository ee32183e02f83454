"""What is cooked or repaired is in no stock, and nobody is told of any."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest
from harness import Talk

from erp_core.catalogue import queries
from erp_core.catalogue import service as catalogue
from erp_core.inventory import service as inventory
from erp_core.kernel.actor import SYSTEM
from erp_core.purchases.queries import payables


@pytest.fixture
def kitchen(talk: Talk) -> Talk:
    dish = talk.bahi.run(
        talk.business_id, SYSTEM, "dish", catalogue.add_product,
        name="Masala dosa", price_paise=90_00, hsn="996331", gst_rate="5",
    )  # fmt: skip
    talk.bahi.run(
        talk.business_id, SYSTEM, "dishes", inventory.receive_stock,
        product_id=UUID(dish["product_id"]), quantity=Decimal(9999),
    )  # fmt: skip
    return talk


def test_a_dish_ordered_is_not_kept_aside(kitchen: Talk) -> None:
    wanted = "[Ravi](customer_name) ko [2](quantity) [masala dosa](product_name)"
    kitchen.say("owner", wanted, "order_create")
    said = kitchen.tap("owner", "✅ Haan").text
    assert "pakka" in said
    assert "Stock" not in said


def test_a_dish_sold_reduces_no_stock(kitchen: Talk) -> None:
    kitchen.say("owner", "[2](quantity) [masala dosa](product_name) counter", "order_create")
    said = kitchen.tap("owner", "✅ Haan").text
    assert "Counter bikri likh di" in said
    assert "Stock" not in said


def test_goods_sold_do(kitchen: Talk) -> None:
    kitchen.say("owner", "[2](quantity) [maggi](product_name) counter", "order_create")
    assert "Stock ghata diya" in kitchen.tap("owner", "✅ Haan").text


def test_the_stock_of_a_dish_is_nobodys_question(kitchen: Talk) -> None:
    said = kitchen.say("owner", "[masala dosa](product_name) kitna hai", "inventory_query")
    assert "stock nahi rakha" in said.text
    assert "Masala dosa" not in kitchen.say("owner", "poora stock", "inventory_query").text


@pytest.fixture
def restaurant(kitchen: Talk) -> Talk:
    """A shop that sells nothing but the dish."""
    with kitchen.bahi.read(kitchen.business_id) as reader:
        others = [one.id for one in queries.all_products(reader) if not one.is_service]
    for product_id in others:
        kitchen.bahi.run(
            kitchen.business_id, SYSTEM, f"off {product_id}", catalogue.change_product,
            product_id=product_id, active=False,
        )  # fmt: skip
    return kitchen


def test_a_new_dish_is_ordered_at_once(restaurant: Talk) -> None:
    new = "naya item [Paneer dosa](product_name) [120](amount) rupaye"
    assert "Stock" not in restaurant.say("owner", new, "product_add").text
    assert "stock nahi rakhna" in restaurant.tap("owner", "✅ Haan").text
    wanted = "[40](quantity) [paneer dosa](product_name) bhej do"
    said = restaurant.say("Ravi Kumar", wanted, "order_create").text
    assert "Paneer dosa: 40 piece × ₹120 = ₹4,800" in said


def test_what_a_restaurant_has_in_stock_is_no_dish(restaurant: Talk) -> None:
    new = "naya item [Gulab jamun dabba](product_name) [250](amount) rupaye stock [10](quantity)"
    restaurant.say("owner", new, "product_add")
    assert "Stock: *10*" in restaurant.tap("owner", "✅ Haan").text


def test_a_dish_that_is_finished_is_not_ordered_till_it_is_back(kitchen: Talk) -> None:
    said = kitchen.say("owner", "[masala dosa](product_name) khatam ho gaya", "inventory_update")
    assert "abhi khatam likh dun" in said.text
    kitchen.tap("owner", "✅ Haan")
    wanted = "[2](quantity) [masala dosa](product_name) bhej do"
    assert "itna (2 piece) nahi hai" in kitchen.say("Ravi Kumar", wanted, "order_create").text
    said = kitchen.say("owner", "[masala dosa](product_name) aa gaya", "inventory_update")
    assert "phir se mil raha hai" in said.text
    kitchen.tap("owner", "✅ Haan")
    said = kitchen.say("Sunita Devi", wanted, "order_create").text
    assert "Masala dosa: 2 piece × ₹90" in said


def test_vada_is_asked_for_and_no_promise(kitchen: Talk) -> None:
    kitchen.say("owner", "naya item [vada](product_name) [40](amount) rupaye", "product_add")
    kitchen.tap("owner", "✅ Haan")
    said = kitchen.say("owner", "[vada](product_name) ka rate kya hai", "price_query").text
    assert "₹40" in said


def test_a_table_is_called_by_a_letter_where_only_food_is_served(restaurant: Talk) -> None:
    said = restaurant.say("owner", "T2 [2](quantity) [masala dosa](product_name)", "order_create")
    assert "Table 2* ka order" in said.text
    assert "2 piece" in said.text


def test_a_table_is_numbered_in_words_where_only_food_is_served(restaurant: Talk) -> None:
    said = restaurant.say(
        "owner", "टेबल चार पर [दो](quantity) [मसाला डोसा](product_name)", "order_create"
    )
    assert "*Table 4*" in said.text
    assert "Masala dosa: 2" in said.text


def test_a_letter_and_a_number_are_goods_elsewhere(kitchen: Talk) -> None:
    said = kitchen.say(
        "owner", "[T2](product_name) [2](quantity) [masala dosa](product_name)", "order_create"
    )
    assert "Table" not in said.text


def test_half_a_dish_is_one_of_its_own(restaurant: Talk) -> None:
    half = "[half](unit) [dosa](product_name)"
    said = restaurant.say("owner", f"table 1 ko [1](quantity) {half}", "order_create").text
    assert "naya item half Masala dosa 100" in said
    restaurant.say("owner", "rehne do", "deny")
    restaurant.say("owner", f"naya item {half} [50](amount)", "product_add")
    restaurant.tap("owner", "✅ Haan")
    said = restaurant.say("owner", f"table 1 ko [1](quantity) {half}", "order_create").text
    assert "half dosa: 1 piece × ₹50" in said


@pytest.mark.parametrize(
    ("said", "note"),
    [
        ("[2](quantity) [masala dosa bina pyaz](product_name) ke bhej do", "bina pyaz ke"),
        ("[2](quantity) [masala dosa](product_name) bhej do, kam teekha", "kam teekha"),
        ("without onion [2](quantity) [masala dosa](product_name)", "without onion"),
        ("[2](quantity) [masala dosa](product_name) extra chutney", "extra chutney"),
    ],
)
def test_a_note_beside_dishes_is_told_and_is_none_of_them(
    restaurant: Talk, said: str, note: str
) -> None:
    told = restaurant.say("Ravi Kumar", said, "order_create").text
    assert f"*{note}*" in told
    assert "Masala dosa: 2 piece" in told


@pytest.mark.parametrize(
    "noted",
    [
        "[ek](quantity) [masala dosa jain](product_name)",
        "[1](quantity) [jain](product_name)",
        "[1](quantity) jain",
    ],
)
def test_some_of_what_was_counted_are_no_more_of_it(restaurant: Talk, noted: str) -> None:
    said = f"[Ravi](customer_name) [2](quantity) [masala dosa](product_name), {noted}"
    told = restaurant.say("owner", said, "order_create").text
    assert "jain*" in told
    assert "Masala dosa: 2 piece" in told


@pytest.mark.parametrize(
    ("said", "note"),
    [
        ("[dosa](product_name) me [onion](product_name) mat dalna", "onion mat dalna"),
        ("dosa me onion mat dalna", "onion mat dalna"),
        ("extra chutney bhi", "extra chutney bhi"),
        ("zyada spicy mat banana", "zyada spicy mat banana"),
        ("प्याज मत डालना", "प्याज मत डालना"),
    ],
)
def test_a_note_alone_leaves_the_order_as_it_is(restaurant: Talk, said: str, note: str) -> None:
    restaurant.say(
        "owner",
        "[Ravi](customer_name) ko [2](quantity) [masala dosa](product_name)",
        "order_create",
    )
    told = restaurant.say("owner", said, "out_of_scope").text
    assert f"*{note}*" in told
    assert "Masala dosa: 2 " in told
    restaurant.tap("owner", "✅")
    (line,) = restaurant.show()["orders"][0]["lines"]
    assert (line["product"], line["quantity"]) == ("Masala dosa", "2")


def test_where_more_than_food_is_sold_a_note_is_goods(kitchen: Talk) -> None:
    told = kitchen.say(
        "Ravi Kumar", "[2](quantity) [kg](unit) [chini](product_name) extra", "order_create"
    ).text
    assert "Chini: 2 kg" in told
    assert "📝" not in told


def test_what_a_kitchen_buys_is_spent(restaurant: Talk) -> None:
    bought = "[20](quantity) [kg](unit) [pyaz](product_name) [30](amount) ke hisaab se liya"
    assert "₹600*: pyaz (20 kg × ₹30)" in restaurant.say("owner", bought, "inventory_update").text
    assert "kharcha likh diya" in restaurant.tap("owner", "✅ Haan").text
    goods = "[murgi](product_name) [10](quantity) [kilo](unit) [220](amount)"
    bought = f"{goods} ke bhaav, [upi](payment_method) kiya"
    said = restaurant.say("owner", bought, "price_update").text
    assert "₹2,200*: murgi (10 kilo × ₹220)" in said
    assert "UPI" in said


def test_a_kitchen_owes_for_what_came_on_credit(restaurant: Talk) -> None:
    owed = "[sabzi wale](customer_name) se [1200](amount) ka saman liya udhaar"
    said = restaurant.say("owner", owed, "khata_credit").text
    assert "₹1,200*: saman" in said
    assert "sabzi wale ko, udhaar" in said
    restaurant.tap("owner", "✅ Haan")
    with restaurant.bahi.read(restaurant.business_id) as reader:
        assert [one.paise for one in payables(reader)] == [1_200_00]
    paid = "[sabzi wale](customer_name) ko [1200](amount) diye"
    assert "Pehle dena tha ₹1,200, ab ₹0" in restaurant.say("owner", paid, "expense_log").text


def test_whom_a_kitchen_owes_is_asked(restaurant: Talk) -> None:
    bought = "[3](quantity) [kilo](unit) [ghee](product_name) [600](amount) wala liya udhaar"
    assert "Maal kisse aaya" in restaurant.say("owner", bought, "order_create").text
    said = restaurant.say("owner", "[nandini](customer_name)", "nlu_fallback").text
    assert "₹1,800*: ghee (3 kilo × ₹600)" in said
    assert "nandini ko, udhaar" in said


def test_what_food_is_served_in_is_no_dish_of_its_own(kitchen: Talk) -> None:
    new = "naya item [Idli plate](product_name) [50](amount) rupaye stock [100](quantity)"
    kitchen.say("owner", new, "product_add")
    kitchen.tap("owner", "✅ Haan")
    idli = "[6](quantity) [plate](unit) [idli](product_name)"
    dosa = "[2](quantity) [plate](unit) [masala dosa](product_name)"
    cash = "[cash](payment_method)"
    said = kitchen.say("owner", f"{idli} {dosa} {cash}", "order_create").text
    assert "Idli plate: 6 piece × ₹50 = ₹300" in said
    assert "Masala dosa: 2 piece × ₹90 = ₹180" in said
    assert said.count("•") == 2


def test_a_table_is_numbered_in_words_that_were_taken_for_goods(restaurant: Talk) -> None:
    table = "[टेबल](product_name) [छह](quantity) [पे](product_name)"
    said = restaurant.say(
        "owner", f"{table} [तीन](quantity) [मसाला डोसा](product_name)", "order_create"
    ).text
    assert "*Table 6*" in said
    assert "Masala dosa: 3" in said
