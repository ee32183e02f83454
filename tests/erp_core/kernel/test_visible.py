"""Characters that nobody sees leave a text; what scripts are written with stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp_core.kernel.visible import visible


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("2 kg at\u200bta bhejo", "2 kg atta bhejo"),
        ("\u202eevil\u202c", "evil"),
        ("\ufeffSharma\u2060 ji\x00", "Sharma ji"),
        ("2 kg atta\n1 colgate", "2 kg atta\n1 colgate"),
        ("क्\u200dष और र्\u200cय", "क्\u200dष और र्\u200cय"),
        ("👨\u200d👩\u200d👧 ₹50", "👨\u200d👩\u200d👧 ₹50"),
    ],
)
def test_what_is_seen_stays(text: str, seen: str) -> None:
    assert visible(text) == seen


@given(st.text())
def test_once_is_enough(text: str) -> None:
    assert visible(visible(text)) == visible(text)
