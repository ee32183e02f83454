"""GST by chat: paid by a tap, what a delay costs and why, and reverse charge that is told late."""

from __future__ import annotations

from datetime import timedelta

import pytest

from erp_core.expenses.service import log_expense
from erp_core.inventory.service import add_stocked_product
from erp_core.kernel.actor import SYSTEM
from erp_core.kernel.ids import new_id
from erp_core.ledger import chart
from erp_core.ledger.queries import balance_of
from erp_core.parties.service import add_vendor
from erp_core.portals.settling import settle_return


@pytest.fixture
def later(talk):
    """The shop on another day."""

    def turn(days):
        talk.bahi.clock._shift += timedelta(days=days)

    return turn


def run(talk, command, **arguments):
    return talk.bahi.run(talk.business_id, SYSTEM, str(new_id()), command, **arguments)


def asked(talk, month="2026-11"):
    talk.person("owner").buttons = [
        {"title": "📄", "payload": f'/gst_export{{"act": "gstr3b", "choice": "{month}"}}'}
    ]
    return talk.tap("owner", "📄")


def balance(talk, account):
    with talk.bahi.read(talk.business_id, SYSTEM) as reader:
        return balance_of(reader, account)


def test_the_delay_is_reckoned_in_the_chat_and_paid_by_a_tap(talk, later):
    talk.say("owner", "hi", "greeting")
    later(40)  # 30 December
    said = asked(talk)
    assert "Return ki late fee, 10 din × ₹" in said.text
    assert "Portal ise agle return (5.1) me maangta hai." in said.text
    said = talk.tap("owner", "✅ Return bhar diya")
    assert "20-12-2026 tak bharna tha. *Kab bhara?*" in said.text
    assert "deri ke ₹200 aur lagenge" in said.text
    said = talk.tap("owner", "📅 Aaj bhara")
    assert "ka return bhara hua likh liya" in said.text
    assert "Return ki late fee, 10 din" in said.text
    assert balance(talk, chart.GST_DUES) < 0
    said = asked(talk)
    assert "ka GST bahi me chuka hua hai.\n⏰ Return ki late fee" in said.text
    said = asked(talk, "2026-12")
    assert "isi return me (5.1): ₹" in said.text


def test_who_paid_in_time_and_taps_later_is_charged_nothing(talk, later):
    run(talk, log_expense, amount_paise=1_00_000_00, item="truck bhada")
    later(35)  # 25 December
    said = asked(talk)
    assert "Return ki late fee, 5 din" in said.text
    talk.tap("owner", "✅ Return bhar diya")
    said = talk.tap("owner", "✅ 20-12-2026 tak")
    assert "return bhara hua likh liya. Tax kuch nahi tha." in said.text
    assert "late fee" not in said.text
    assert balance(talk, chart.GST_DUES) == 0


def test_the_day_can_be_said_in_words(talk, later):
    talk.say("owner", "hi", "greeting")
    later(40)
    asked(talk)
    talk.tap("owner", "✅ Return bhar diya")
    said = talk.say("owner", "[28 november](date) ko bhara tha", "expense_log")
    assert "28-11-2026 ko 01-11-2026 – 30-11-2026 ka GST nahi bhara ja sakta tha" in said.text
    said = talk.say("owner", "[22 december](date) ko bhara tha", "payment_query")
    assert "Return ki late fee, 2 din" in said.text
    assert "return bhara hua likh liya" in said.text


def test_what_is_said_of_something_else_answers_no_such_question(talk, later):
    talk.say("owner", "hi", "greeting")
    later(40)
    asked(talk)
    talk.tap("owner", "✅ Return bhar diya")
    talk.say("owner", "[kal](date) [chai](item) [50](amount) diye", "expense_log")
    said = asked(talk)
    assert "bahi me chuka hua" not in said.text


def test_in_time_nobody_is_asked_when(talk, later):
    talk.say("owner", "hi", "greeting")
    later(20)  # 10 December
    asked(talk)
    said = talk.tap("owner", "✅ Return bhar diya")
    assert "return bhara hua likh liya" in said.text


def test_a_month_that_is_not_over_offers_no_payment(talk):
    said = asked(talk)
    assert not any("bhar diya" in one["title"] for one in said.buttons)


def test_reverse_charge_told_late_says_where_it_goes_and_what_it_costs(talk, later):
    talk.say("owner", "hi", "greeting")
    spent = run(talk, log_expense, amount_paise=1_00_000_00, item="truck bhada")["expense_id"]
    later(30)
    run(talk, settle_return, month=talk.bahi.clock.today().replace(month=11, day=1))
    later(20)  # 9 January, 20 days after the last one
    talk.person("owner").buttons = [
        {"title": "🔁", "payload": f'/gst_export{{"act": "rcm:gta", "choice": "{spent}"}}'}
    ]
    said = talk.tap("owner", "🔁")
    assert "*₹5,000* GST aap bharenge" in said.text
    assert "Us mahine ka return pehle hi jama hai, wo waisa hi rahega" in said.text
    # 2,500 × 18 % × 20 / 365 = 24.66 of each half
    assert "20-12-2026 ke baad se 18% byaj, aaj tak ₹50 (section 50)" in said.text


def test_common_credit_is_reckoned_in_the_chat_and_the_home_has_its_part(talk):
    talk.say("owner", "hi", "greeting")
    run(talk, log_expense, amount_paise=11_800_00, gst_paise=1_800_00, item="bijli ka bill")
    said = asked(talk)
    assert "GSTR-3B ka hisaab" in said.text
    assert "ghar ke kaam" not in said.text.lower()
    said = talk.tap("owner", "🏠 Ghar ka kharch bhi")
    assert "4(B)(1) Ghar ke kaam ka hissa, saajhe credit ₹1,800 ka 5% = *₹90*" in said.text
    said = talk.tap("owner", "🏪 Sirf dukaan ka")
    assert "Ghar ke kaam" not in said.text


def test_goods_told_after_their_return_was_filed_say_where_their_tax_goes(talk, later):
    talk.say("owner", "hi", "greeting")
    run(talk, add_stocked_product, name="Loha scrap", price_paise=40_00, unit="kg", hsn="7204",
        gst_rate="18")  # fmt: skip
    later(30)  # 20 December
    run(talk, settle_return, month=talk.bahi.clock.today().replace(month=11, day=1))
    later(10)
    text = (
        "[Metro Traders](customer_name) se [100 kg](quantity) [Loha scrap](product_name) kharida"
        " [1000](amount) ke bhav se udhaar [25 november](date) ko"
    )
    talk.say("owner", text, "inventory_update")
    talk.say("owner", "rcm", "nlu_fallback")
    said = talk.tap("owner", "✅ Haan")
    assert "ye 12-2026 ke return me jayega, 18% byaj ke saath" in said.text


def test_a_bill_whose_time_for_credit_is_over_says_that_its_tax_is_a_cost(talk):
    talk.say("owner", "hi", "greeting")
    run(talk, add_vendor, name="Metro Traders", gstin="27AAACR5055K1Z7")
    text = (
        "[Metro Traders](customer_name) se [10](quantity) [Charger](product_name) kharida"
        " [100](amount) ke bhav se udhaar [20 march 2025](date) ko"
    )
    talk.say("owner", text, "inventory_update")
    said = talk.tap("owner", "✅ Haan")
    assert "credit 30-11-2025 tak hi liya ja sakta tha (section 16(4))" in said.text


def test_a_gstr1_that_is_late_tells_its_fee(talk, later):
    talk.say("owner", "hi", "greeting")
    later(23)  # 13 December
    said = talk.say("owner", "November ka GSTR-1 bhejo", "gst_export")
    assert (
        "Iska GSTR-1 11-12-2026 tak bharna tha. Ab tak nahi bhara ho to aaj tak ki late fee: "
        "2 din × ₹20, zyada se zyada ₹500: *₹40* (section 47)."
    ) in said.text
