"""Licences that stand on bills are told to the shop's chat, and fees for them stay expenses."""

from __future__ import annotations

import pytest

from erp_core.parties.queries import business


def shop_of(talk):
    with talk.bahi.read(talk.business_id) as reader:
        return business(reader)


@pytest.mark.parametrize(
    ("text", "noted"),
    [
        ("fssai 10012022000123", "10012022000123"),
        ("hamara FSSAI number hai 2001 2022 0001 23", "20012022000123"),
        ("food licence no: 10012022000123", "10012022000123"),
    ],
)
def test_an_fssai_number_is_noted(talk, text, noted):
    said = talk.say("owner", text, "nlu_fallback")
    assert f"*{noted}* ab har naye bill par" in said.text
    assert shop_of(talk).fssai == noted


def test_a_number_that_was_taken_for_an_amount_is_one(talk):
    said = talk.say("owner", "[fssai](item) [10012022000123](amount)", "expense_log")
    assert "*10012022000123* ab har naye bill par" in said.text


@pytest.mark.parametrize(
    ("text", "noted"),
    [
        ("drug licence 20B/TN/1234, 21b/TN/1235", "20B/TN/1234, 21B/TN/1235"),
        ("dawa ka licence number MH-PZ1-12345 aur MH-PZ1-12346 hai", "MH-PZ1-12345, MH-PZ1-12346"),
        ("दवा का लाइसेंस नंबर TN/CHE/20/1234 है", "TN/CHE/20/1234"),
    ],
)  # fmt: skip
def test_a_drug_licence_is_noted(talk, text, noted):
    said = talk.say("owner", text, "nlu_fallback")
    assert f"*{noted}*" in said.text
    assert shop_of(talk).drug_licence == noted


def test_it_is_told_when_asked_and_how_to_write_it(talk):
    said = talk.say("owner", "mera fssai number kya hai", "nlu_fallback")
    assert "Aise likhiye: fssai 10012022000123" in said.text
    talk.say("owner", "fssai 10012022000123", "nlu_fallback")
    said = talk.say("owner", "mera fssai number kya hai", "nlu_fallback")
    assert "*10012022000123*" in said.text


def test_a_wrong_number_and_who_may_not_are_told_so(talk):
    said = talk.say("owner", "fssai 5001202200", "nlu_fallback")
    assert "14 ank" in said.text
    talk.say("staff", "fssai 10012022000123", "nlu_fallback")
    assert shop_of(talk).fssai is None


def test_fees_for_a_licence_are_an_expense(talk):
    said = talk.say("owner", "[drug licence fees](item) [3000](amount) diye", "expense_log")
    assert "₹3,000" in said.text
    assert shop_of(talk).drug_licence is None
