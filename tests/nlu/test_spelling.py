"""Spelling: Devanagari and free roman Hindi come to one form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp_core.kernel.spelling import fold, roman, skeleton

HINDI = st.text(alphabet=[chr(c) for c in range(0x0900, 0x0980)] + list(" a-1"), max_size=40)


@pytest.mark.parametrize(
    ("devanagari", "chat"),
    [
        ("चीनी कितनी है?", "chini kitni hai?"),
        ("शर्मा जी का हिसाब", "sharma ji ka hisaab"),
        ("मैंने दो किलो खरीदी", "maine do kilo kharidi"),
        ("नमकीन", "namkin"),
        ("समझदार मित्र", "samajhdar mitra"),
        ("₹४२.५० दिए।", "₹42.50 die."),
        ("10 packet दे दो", "10 packet de do"),
    ],
)
def test_roman_writes_as_people_do_in_chat(devanagari: str, chat: str) -> None:
    assert roman(devanagari) == chat


@pytest.mark.parametrize(
    "same",
    [
        ["चीनी", "chini", "cheeni", "CHINI", "Cheenii"],
        ["कितना", "kitna", "kitnaa", "kitnaaaa"],
        ["हज़ार", "हजार", "hazaar", "hazar", "hajar"],
        ["वापस", "wapas", "vaapas", "wapass"],
        ["शर्मा", "sharma", "Sharmaa"],
        ["फ़ोन", "फोन", "phone", "fone"],
        ["चाहिए", "chahiye", "chahie"],
        ["पैकेट", "packet", "paket"],
        ["आलू", "aaloo", "alu", "aalu"],
        ["Parle-G", "parle g", "Parle_G", "parle  G!"],
        ["गुप्ता", "Gupta", "guptaa"],
    ],
)
def test_spellings_of_one_word_share_a_form(same: list[str]) -> None:
    assert {fold(text) for text in same} == {fold(same[0])}


@pytest.mark.parametrize(
    "different",
    [["saat", "saath"], ["do", "de"], ["maggi", "magi 2"], ["teen", "tees"], ["dal", "dil"]],
)
def test_different_words_stay_apart(different: list[str]) -> None:
    assert len({fold(text) for text in different}) == len(different)


@given(st.one_of(st.text(max_size=60), HINDI))
def test_folding_twice_changes_nothing(text: str) -> None:
    once = fold(text)
    assert fold(once) == once


@given(HINDI)
def test_roman_leaves_no_devanagari(text: str) -> None:
    assert not any("\u0900" <= c <= "\u097f" for c in fold(text))


@given(st.text(alphabet="0123456789 ", max_size=20))
def test_digits_stay(text: str) -> None:
    assert fold(text) == " ".join(text.split())


def test_skeleton_joins_words_with_dropped_vowels() -> None:
    assert skeleton(fold("kitna")) == skeleton(fold("ktna")) == "ktn"
