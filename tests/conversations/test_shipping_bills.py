"""The shipping bill of an export is told by chat, before and after its return was filed."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from erp_core.inventory.service import add_stocked_product
from erp_core.invoicing.service import bill_goods
from erp_core.kernel.actor import SYSTEM
from erp_core.kernel.ids import new_id
from erp_core.parties.service import add_customer, change_customer

TOLD = "is bill ka shipping bill 1234567 INNSA1 18-11-2026"


def run(talk, command, **arguments):
    return talk.bahi.run(talk.business_id, SYSTEM, str(new_id()), command, **arguments)


def export(talk):
    goods = run(
        talk, add_stocked_product, name="Brass lamp", price_paise=100_00, hsn="8306",
        gst_rate="18", stock=Decimal(9),
    )  # fmt: skip
    buyer = UUID(run(talk, add_customer, name="Berlin Haus")["customer_id"])
    run(talk, change_customer, customer_id=buyer, treatment="export_lut")
    lines = [{"product_id": goods["product_id"], "quantity": "2"}]
    return run(talk, bill_goods, customer_id=buyer, lines=lines)["number"]


def test_it_is_asked_for_and_written(talk):
    said = talk.say("owner", "shipping bill likhna hai", "nlu_fallback")
    assert "export ka koi bill nahi" in said.text
    number = export(talk)
    said = talk.say("owner", "shipping bill likhna hai", "nlu_fallback")
    assert f"Export ke bill *{number}* (Berlin Haus) ke shipping bill ka number" in said.text
    said = talk.say("owner", TOLD.replace("18-11", "20-11"), "nlu_fallback")
    assert said.text == (
        f"🚢 Bill *{number}*: shipping bill 1234567, port INNSA1, 20-11-2026 likh liya. "
        "Us mahine ka GSTR-1 abhi nahi bhara, isliye bill usi me sahi ho kar jayega."
    )


def test_a_day_before_that_of_the_bill_is_refused(talk):
    export(talk)
    said = talk.say("owner", TOLD, "nlu_fallback")
    assert "bill ki tareekh se pehle ya aaj ke baad ki nahi" in said.text
