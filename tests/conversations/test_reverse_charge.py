"""An expense's bill number and its reverse charge by chat: said with it, or tapped behind it."""

from __future__ import annotations

from erp_core.expenses.queries import expenses_between
from erp_core.inventory.service import add_stocked_product
from erp_core.kernel.actor import SYSTEM
from erp_core.portals.reverse_charge import charges_between


def charges(talk):
    with talk.bahi.read(talk.business_id, SYSTEM) as reader:
        return charges_between(reader, reader.today.replace(day=1), reader.today)


def spent(talk):
    with talk.bahi.read(talk.business_id, SYSTEM) as reader:
        return expenses_between(reader, reader.today.replace(day=1), reader.today)


def test_freight_offers_to_write_its_tax_and_a_tap_does(talk):
    talk.say("owner", "[truck ka bhada](item) [10000](amount) diye", "expense_log")
    said = talk.tap("owner", "✅ Haan")
    assert "GST nahi lagaya to 5% aapko bharna hai" in said.text
    said = talk.tap("owner", "🔁 GST main bharunga")
    assert "₹10,000 par 5% = *₹500* GST aap bharenge" in said.text
    assert "Payment voucher PV27-2627-00001. Self-invoice SI27-2627-00001." in said.text
    assert said.attachments[-1]["kind"] == "reverse_charge"
    assert [(one.service, one.tax) for one in charges(talk)] == [("gta", 500_00)]
    said = talk.tap("owner", "🔁 GST main bharunga")
    assert "pehle hi likha hai: PV27-2627-00001" in said.text


def test_said_with_the_expense_it_is_written_at_once(talk):
    text = "[vakil](vendor_name) ko [5000](amount) [fees](item) di rcm"
    talk.say("owner", text, "expense_log")
    said = talk.tap("owner", "✅ Haan")
    assert "*₹900* GST aap bharenge" in said.text
    assert [one.service for one in charges(talk)] == ["advocate"]


def test_where_nobody_knows_the_service_it_is_asked(talk):
    talk.say("owner", "[kharcha misc](item) [5000](amount) rcm", "expense_log")
    said = talk.tap("owner", "✅ Haan")
    assert "kaun si seva" in said.text
    said = talk.tap("owner", "security guard")
    assert "*₹900* GST" in said.text


def test_other_expenses_offer_nothing(talk):
    talk.say("owner", "[chai](item) [50](amount)", "expense_log")
    said = talk.tap("owner", "✅ Haan")
    assert "GST" not in said.text
    assert not said.buttons


def test_the_number_of_a_bill_is_said_with_its_expense_and_again_is_refused(talk):
    text = "[Airtel](vendor_name) ka bill [1180](amount), bill no AT/123"
    said = talk.say("owner", text, "expense_log")
    assert "₹1,180" in said.text
    assert "Bill number AT/123" in said.text
    talk.tap("owner", "✅ Haan")
    assert [(one.amount, one.number) for one in spent(talk)] == [(1180_00, "AT/123")]
    talk.say("owner", text, "expense_log")
    said = talk.tap("owner", "✅ Haan")
    assert "bill number AT/123 pehle se likha hai" in said.text
    assert len(spent(talk)) == 1


def test_goods_on_the_list_say_whose_tax_it_is_before_they_are_written(talk):
    talk.say("owner", "hi", "greeting")
    talk.bahi.run(
        talk.business_id, SYSTEM, "scrap", add_stocked_product,
        name="Loha scrap", price_paise=40_00, unit="kg", hsn="7204", gst_rate="18",
    )  # fmt: skip
    text = (
        "[Metro Traders](customer_name) se [10 kg](quantity) [Loha scrap](product_name) kharida"
        " [12](amount) ke bhav se udhaar"
    )
    said = talk.say("owner", text, "inventory_update")
    assert "*Loha scrap* bina GSTIN wale se kharida to 18% GST aapko bharna hai" in said.text
    said = talk.say("owner", "rcm", "nlu_fallback")
    assert "Reverse charge: tax ₹21.60" in said.text
