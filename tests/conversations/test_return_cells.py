"""From a figure of a return to the documents behind it, by chat: by tap and in words."""

from __future__ import annotations

from erp_core.expenses.service import log_expense
from erp_core.kernel.actor import SYSTEM
from erp_core.kernel.ids import new_id
from erp_core.parties.service import change_business


def run(talk, command, **arguments):
    return talk.bahi.run(talk.business_id, SYSTEM, str(new_id()), command, **arguments)


def sell(talk):
    talk.say(
        "owner", "[Ravi](customer_name) ko [1](quantity) [iPhone 15](product_name) ka order",
        "order_create",
    )  # fmt: skip
    talk.tap("owner", "✅ Haan")
    talk.say("owner", "bill banao", "invoice_generate")
    talk.tap("owner", "✅")


def told(talk, act, month="2026-11"):
    talk.person("owner").buttons = [
        {"title": "📄", "payload": f'/gst_export{{"act": "{act}", "choice": "{month}"}}'}
    ]
    return talk.tap("owner", "📄")


def test_a_cell_of_3b_is_chosen_and_its_bills_are_told(talk):
    sell(talk)
    run(talk, log_expense, amount_paise=1180_00, gst_paise=180_00, item="bijli ka bill")
    told(talk, "gstr3b")
    said = talk.tap("owner", "🔎 Kaun se bill")
    assert "GSTR-3B, 01-11-2026 – 30-11-2026" in said.text
    assert [one["title"] for one in said.buttons] == [
        "3.1(a) Tax wali bikri", "4(A)(5) Baaki credit"
    ]  # fmt: skip
    said = talk.tap("owner", "3.1(a)")
    assert "*GSTR-3B 3.1(a) Tax wali bikri*, 01-11-2026 – 30-11-2026: ₹79,900, tax ₹14,382" in (
        said.text
    )
    assert "Bill, INV27-2627-00001, Ravi Kumar: ₹79,900, tax ₹14,382" in said.text
    assert said.attachments[-1]["form"] == "gstr3b_excel"


def test_a_cell_is_named_in_words(talk):
    run(talk, log_expense, amount_paise=1180_00, gst_paise=180_00, item="bijli ka bill")
    told(talk, "gstr3b")
    said = talk.say("owner", "4(A)(5) me kaun se bill hain", "nlu_fallback")
    assert "Expense, bijli ka bill: ₹0, tax ₹180" in said.text
    said = talk.say("owner", "3.1a me kya kya hai", "low_stock_query")
    assert "GSTR-3B 3.1(a)*, 01-11-2026 – 30-11-2026: is khaane me kuch nahi hai" in said.text


def test_a_table_of_gstr_1_leads_to_its_bills(talk):
    sell(talk)
    told(talk, "gstr1")
    talk.tap("owner", "🔎 Kaun se bill")
    said = talk.tap("owner", "7 Chhote")
    assert "INV27-2627-00001, Ravi Kumar" in said.text
    assert said.attachments[-1]["form"] == "excel"


def test_under_composition_the_turnover_leads_to_its_bills(talk):
    run(talk, change_business, gst_scheme="composition")
    sell(talk)
    told(talk, "cmp08")
    talk.tap("owner", "🔎 Kaun se bill")
    said = talk.tap("owner", "1 Kul bikri")
    assert "*CMP-08 1 Kul bikri*, 01-10-2026 – 31-12-2026: ₹79,900, tax ₹0" in said.text


def test_a_price_of_three_point_one_asks_for_no_return(talk):
    said = talk.say("owner", "3.1 a kg chini ka rate dikhao", "nlu_fallback")
    assert "GSTR" not in said.text


def test_table_5_of_a_restaurant_is_no_table_of_a_return(talk):
    said = talk.say("owner", "gstr 3b table 5 me kaun se bill hain", "gst_export")
    assert "GSTR-3B 5*" in said.text
    said = talk.say("owner", "[table 5](customer_name) ka bill banao", "invoice_generate")
    assert "GSTR" not in said.text


def test_the_documents_are_not_for_staff(talk):
    said = talk.say("staff", "3b ka 3.1(a) kaun se bill", "gst_export")
    assert "iPhone" not in said.text
    assert said.attachments == []
