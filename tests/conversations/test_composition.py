"""The returns of a shop under composition by chat: what is reminded of is what a tap sends."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import update

from channels.whatsapp.attachments import gst_return_file
from erp_core.parties.models import businesses
from erp_core.portals import profile
from erp_core.portals.periods import _table


@pytest.fixture
def shop(talk):
    with talk.bahi.database.tenant(talk.business_id) as connection:
        connection.execute(
            update(businesses)
            .where(businesses.c.id == talk.business_id)
            .values(gst_scheme="composition")
        )
    talk.say("owner", "hi", "greeting")
    return talk


def tapped(talk, act, month):
    talk.person("owner").buttons = [
        {"title": "📄", "payload": f'/gst_export{{"act": "{act}", "choice": "{month}"}}'}
    ]
    return talk.tap("owner", "📄")


def file_of(talk, said):
    with talk.bahi.read(talk.business_id) as reader:
        return gst_return_file(reader, said.attachments[-1], "hinglish")


def test_each_reminder_sends_the_data_of_its_own_return(shop):
    acts = {row["form"]: row["act"] for row in _table()["returns"]["composition"]}
    said = tapped(shop, acts["CMP-08"], "2026-09")
    assert "*CMP-08, " in said.text
    assert file_of(shop, said).filename == "CMP08_092026.json"
    said = tapped(shop, acts["GSTR-4"], "2026-03")
    assert "*GSTR-4, 2025-26*" in said.text
    made = file_of(shop, said)
    assert made.filename == "GSTR4_2025-26.json"
    assert json.loads(made.data)["fy"] == "2025-26"


def test_the_year_is_asked_for_in_words(shop):
    said = shop.say("owner", "gstr 4 ka excel bhejo", "gst_export")
    assert "*GSTR-4, 2026-27*" in said.text
    assert file_of(shop, said).filename == "GSTR4_2026-27.xlsx"


def test_the_next_return_is_told_however_far_it_is(shop):
    said = shop.say("owner", "cmp 08 kab bharna hai", "gst_export")
    assert "CMP-08" in said.text
    assert "*18-01-2027" in said.text
    assert "18-04-2027" not in said.text


def test_a_shop_says_by_a_tap_that_it_makes_what_it_sells(shop):
    said = tapped(shop, "cmp08", "2026-12")
    said = shop.tap("owner", "🏭 Hum banate hain")
    assert "*CMP-08, " in said.text
    with shop.bahi.read(shop.business_id) as reader:
        assert profile.profile(reader).trade == "manufacturer"
    shop.tap("owner", "🏪 Sirf bechte hain")
    with shop.bahi.read(shop.business_id) as reader:
        assert profile.profile(reader).trade == "trader"


def test_the_yearly_return_says_what_its_delay_costs(shop):
    assert "late fee" not in tapped(shop, "gstr4", "2026-03").text  # before the books began
    shop.bahi.clock._shift += timedelta(days=227)  # 5 July
    said = tapped(shop, "gstr4", "2027-03")
    assert "30-06-2027 thi" in said.text
    assert "late fee: 5 din × ₹20, zyada se zyada ₹500 = *₹100* (section 47)" in said.text
