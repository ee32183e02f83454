"""GST by chat: paid by a tap, what a delay costs and why, and reverse charge that is told late."""

from __future__ import annotations

from datetime import timedelta

import pytest

from erp_core.expenses.service import log_expense
from erp_core.kernel.actor import SYSTEM
from erp_core.kernel.ids import new_id
from erp_core.ledger import chart
from erp_core.ledger.queries import balance_of
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
    said = talk.tap("owner", "✅ GST bhar diya")
    assert "GST bahi me chukaya" in said.text
    assert "Return ki late fee, 10 din" in said.text
    assert balance(talk, chart.GST_DUES) < 0
    said = asked(talk)
    assert "ka GST bahi me chuka hua hai.\n⏰ Return ki late fee" in said.text
    said = asked(talk, "2026-12")
    assert "isi return me (5.1): ₹" in said.text


def test_a_month_that_is_not_over_offers_no_payment(talk):
    said = asked(talk)
    assert not any("GST bhar diya" in one["title"] for one in said.buttons)


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
    assert "Us mahine ka return bhar chuka hai, use nahi chhua" in said.text
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
