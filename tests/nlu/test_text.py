"""How a text is cut into pieces, and the offsets that they keep."""

from __future__ import annotations

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from erp_core.kernel.spelling import fold
from nlu.text import normal_words, script_of, split


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("40rs/kg", ["40", "rs", "/", "kg"]),
        ("2.5kg चीनी", ["2.5", "kg", "चीनी"]),
        ("दाल-चावल", ["दाल", "-", "चावल"]),
        ("₹४२.५०", ["₹", "४२.५०"]),
        ("GST@18%", ["GST", "@", "18", "%"]),
        ("₹1,200 diye", ["₹", "1,200", "diye"]),
        ("ORD-2025-00001", ["ORD", "-", "2025", "-", "00001"]),
        ("maggiमैगी", ["maggi", "मैगी"]),
    ],
)
def test_digits_letters_symbols_and_scripts_part(text: str, pieces: list[str]) -> None:
    assert [piece.text for piece in split(text)] == pieces


@given(st.text(max_size=80))
def test_pieces_are_the_text_where_they_say(text: str) -> None:
    pieces = split(text)
    assert [text[piece.start : piece.end] for piece in pieces] == [piece.text for piece in pieces]
    assert "".join(piece.text for piece in pieces) == regex.sub(r"\s", "", text)


@pytest.mark.parametrize("run", ["kitna", "कितना", "ж", "7"])
def test_what_runs_on_and_on_is_taken_in_parts(run: str) -> None:
    text = run * 1000
    assert "".join(piece.text for piece in split(text)) == text
    assert {len(piece.text) for piece in split(text)[:-1]} == {64}
    assert max(map(len, fold(text).split())) <= 2 * 64


def test_spellings_share_their_normal_form() -> None:
    assert normal_words("चीनी कितनी है") == normal_words("Cheeni kitnii hai!! 🙏")


def test_digits_are_all_alike() -> None:
    assert normal_words("10 kg 1,200") == ["00", "kg", "0,000"]


@pytest.mark.parametrize(
    ("text", "script"),
    [("maggi 10", "latin"), ("चीनी", "devanagari"), ("maggi का rate", "mixed"), ("10 🙏", "none")],
)
def test_script_is_told(text: str, script: str) -> None:
    assert script_of(text) == script
