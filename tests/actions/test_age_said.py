"""For how long something is said to last: "do mahine se"."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from actions.reading.when import age_said


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mere paas kis kis ka udhaar 2 mahine se pada hai", 60),
        ("दो महीने से किसका उधार पड़ा है", 60),
        ("45 din se zyada purana udhaar", 45),
        ("30 din purana udhaar kiska hai", 30),
        ("teen hafte upar wale baaki", 21),
        ("who owes for over 90 days", 90),
        ("dues older than 2 months", 60),
        ("kis kis ka udhaar baaki hai", None),
        ("kuch mahine se", None),
        ("10 din me dega", None),
    ],
)
def test_how_long_it_lasts(text: str, days: int | None) -> None:
    assert age_said(SimpleNamespace(text=text)) == days  # type: ignore[arg-type]
