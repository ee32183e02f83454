"""Where the clauses of a message stand."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp_core.kernel.clauses import clauses, sentences


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2 maggi, 3 lux aur 1 surf", ["2 maggi", " 3 lux ", " 1 surf"]),
        ("1,500 aaye\nबिजली 900 और चाय 50", ["1,500 aaye", "बिजली 900 ", " चाय 50"]),
        ("2.5 kg chini", ["2.5 kg chini"]),
        ("bhej diya. kitna baaki?", ["bhej diya. kitna baaki?"]),
        (", ", []),
    ],
)
def test_commas_and_joining_words_set_clauses_apart(text: str, wanted: list[str]) -> None:
    assert [text[start:end] for start, end in clauses(text)] == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("bhej diya. kitna baaki?", ["bhej diya", " kitna baaki"]),
        ("2.5 kg chini, theek hai!", ["2.5 kg chini", " theek hai"]),
        ("भेज दिया। कितना बाकी?", ["भेज दिया", " कितना बाकी"]),
        ("haan ... ???", ["haan "]),
    ],
)
def test_sentences_end_too(text: str, wanted: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == wanted


@given(st.text(alphabet="ab1 ,.?!;\nauron", max_size=60))
def test_every_word_stands_in_one_sentence(text: str) -> None:
    spans = sentences(text)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))
    assert all(any(letter.isalnum() for letter in text[start:end]) for start, end in spans)
