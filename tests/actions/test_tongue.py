"""The language of a message is told by its letters and little words."""

from __future__ import annotations

import pytest

from actions.reading.tongue import tongue_of


@pytest.mark.parametrize(
    ("text", "tongue"),
    [
        ("नमस्ते", "hindi"),
        ("आटा कितने का है", "hindi"),
        ("iPhone 15 का स्टॉक कितना बचा है", "hindi"),
        ("How much is atta?", "english"),
        ("what is my balance", "english"),
        ("please send 2 kg atta", "english"),
        ("gave 3 kg chini to Meena on credit", "english"),
        ("Bhanwar paid 500 by UPI", "english"),
        ("make maggi rate 15", "english"),
        ("do you do cat grooming?", "english"),
        ("cancel my order", "english"),
        ("put the rate as 700", "english"),
        ("atta kitne ka hai", "hinglish"),
        ("please 2 kg atta bhejo", "hinglish"),
        ("bill send kar do", "hinglish"),
        ("yes do it", None),
        ("haan do", "hinglish"),
        ("10 kg atta", None),
        ("ok", None),
        ("stock check", None),
        ("new order", None),
        ("500 cash received", None),
        ("5", None),
        ("", None),
    ],
)
def test_the_language_of_a_message(text: str, tongue: str | None) -> None:
    assert tongue_of(text) == tongue
