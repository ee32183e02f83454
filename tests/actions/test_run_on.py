"""Where wishes that were spoken without a stop are cut."""

from __future__ import annotations

import re

import pytest

from actions.reading.run_on import wishes_apart

NAMED = re.compile(r"\[(.+?)\]")


def apart(said: str) -> list[str]:
    marked, text = [], ""
    for at, piece in enumerate(NAMED.split(said)):
        if at % 2:
            marked.append((len(text), len(text) + len(piece)))
        text += piece
    return [text[slice(*one)].strip() for one in wishes_apart(text, marked)]


@pytest.mark.parametrize(
    ("said", "wishes"),
    [
        (
            "[meena] ko [2] [maggi] de diye petrol [200] ka dala",
            ["meena ko 2 maggi de diye", "petrol 200 ka dala"],
        ),
        (
            "[20] [frooti] aayi hai [meena] ne [5] [maggi] li udhaar",
            ["20 frooti aayi hai", "meena ne 5 maggi li udhaar"],
        ),
        (
            "[2] [frooti] becha [cash] me [petrol] [300] ka dalwaya",
            ["2 frooti becha cash me", "petrol 300 ka dalwaya"],
        ),
        (
            "[मीना] को [दो] [मैगी] दे दिए [पेट्रोल] [दो सौ] का डलवाया",
            ["मीना को दो मैगी दे दिए", "पेट्रोल दो सौ का डलवाया"],
        ),
        (
            "[maggi] kitni bachi hai [meena] ka khata dikhao",
            ["maggi kitni bachi hai", "meena ka khata dikhao"],
        ),
        ("[meena] ke liye [2] [maggi]", ["meena ke liye 2 maggi"]),
        ("[20] [lux] aaye [gupta] se [27] rupaye me", ["20 lux aaye gupta se 27 rupaye me"]),
        ("[meena] ne [500] diye the uska kya hua", ["meena ne 500 diye the uska kya hua"]),
        (
            "rate [15] kar do aur [10] [jeans] aur aaye hain",
            ["rate 15 kar do", "10 jeans aur aaye hain"],
        ),
        (
            "[kamla] ko [ek] [surf] de diya paise nahi diye usne",
            ["kamla ko ek surf de diya", "paise nahi diye usne"],
        ),
        ("[500] diye, [2] [maggi] bheje", ["500 diye", "2 maggi bheje"]),
        (
            "pehle [ravi] ka [850] jama karo phir imran ka bill banao 2 bat ka phir batao kya kam",
            [
                "pehle ravi ka 850 jama karo",
                "phir imran ka bill banao 2 bat ka",
                "phir batao kya kam",
            ],
        ),
        ("[2] [maggi] de do phir se", ["2 maggi de do phir se"]),
    ],
)
def test_a_wish_ends_behind_its_verb_where_another_is_named(said: str, wishes: list[str]) -> None:
    assert apart(said) == wishes
