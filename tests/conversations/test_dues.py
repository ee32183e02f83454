"""What the shop is told by itself about dues can be answered by a tap."""

from __future__ import annotations

from datetime import timedelta

from harness import Talk

from erp_core.banking import service as banking
from erp_core.kernel.actor import SYSTEM


def test_a_line_of_the_bank_is_whose_a_tap_says(talk: Talk) -> None:
    lines = [
        {"on": "2026-11-18", "paise": 500_00, "narration": "IMPS/RAVI KUMAR", "reference": None}
    ]
    owner = talk.bahi.run(talk.business_id, SYSTEM, "import", banking.import_lines, lines=lines)
    assert owner["suggested"] == 1
    talk.say("owner", "hi", "greeting")
    talk.person("owner").buttons = [
        {"title": "❓ Batata hoon", "payload": '/payment_request{"act": "bank_list"}'}
    ]
    assert "Kya ye sahi hain" in talk.tap("owner", "❓ Batata").text
    assert "Ravi Kumar" in talk.tap("owner", "Ravi Kumar").text
    assert talk.show()["payments"][0]["amount"] == "500.00"
    assert "pehle hi likhi" in talk.tap_again("owner", "Ravi Kumar").text


def test_a_spreadsheet_that_the_owner_sends_is_read_by_a_job(talk: Talk) -> None:
    media = {"kind": "document", "id": "abc", "mime": "text/csv"}
    said = talk.say("owner", "", "nlu_fallback", kind="document", media=media)
    assert "Statement mil gaya" in said.text
    for name in ("staff", "Ravi Kumar"):
        said = talk.say(name, "", "nlu_fallback", kind="document", media=media)
        assert "Statement mil gaya" not in said.text


def test_who_has_owed_for_long(talk: Talk) -> None:
    asked = ("[2 mahine](date) se kiska udhaar pada hai", "khata_query")
    assert "60 din se purana udhaar kisi ka nahi" in talk.say("owner", *asked).text
    talk.bahi.clock._shift += timedelta(days=61)
    talk.say("owner", "[Mohan](customer_name) ko [500](amount) ka udhaar likh lo", "khata_credit")
    talk.say("owner", "haan", "affirm")
    said = talk.say("owner", *asked).text
    assert "Gupta Traders: ₹12,500 (61 din)" in said
    assert "Mohan" not in said
