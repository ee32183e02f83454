"""Days by which somebody promises, and the plans that an owner words."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest

from actions.entities import Entity
from actions.lexicon import words
from actions.payments.reminders import days_before_first, days_between, hour_said
from actions.reading.promised_days import promised_day

FRIDAY = date(2026, 11, 20)


def _said(text: str, *entities: tuple[str, str]) -> SimpleNamespace:
    found = [
        Entity(name, value, text.index(value), text.index(value) + len(value))
        for name, value in entities
    ]
    return SimpleNamespace(
        text=text,
        words=words(text),
        today=FRIDAY,
        first=lambda name: next((one for one in found if one.name == name), None),
        all=lambda name: [one for one in found if one.name == name],
    )


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("shukravar ko dunga", date(2026, 11, 27)),
        ("शुक्रवार को दूंगा", date(2026, 11, 27)),
        ("kal de dunga", date(2026, 11, 21)),
        ("parso kar dunga bhai", date(2026, 11, 22)),
        ("aaj shaam tak bhej dunga", date(2026, 11, 20)),
        ("5 tarikh ko payment kar dunga", date(2026, 12, 5)),
        ("do din me de dunga", date(2026, 11, 22)),
        ("3 din baad dunga", date(2026, 11, 23)),
        ("agle hafte dunga", date(2026, 11, 29)),
        ("main somvar ko dunga", date(2026, 11, 23)),
        ("will pay tomorrow", date(2026, 11, 21)),
        ("25/11 ko de dunga", date(2026, 11, 25)),
        ("mai de dunga", None),
        ("jaldi de dunga", None),
        ("salary aane pe dunga", None),
    ],
)
def test_the_day_of_a_promise(text: str, day: date | None) -> None:
    assert promised_day(_said(text)) == day


@pytest.mark.parametrize(
    ("text", "every", "first", "hour"),
    [
        ("har 3 din me yaad dilao", 3, None, None),
        ("roz subah 10 baje yaad dilana", 1, None, 10),
        ("reminder roz shaam 6 baje", 1, None, 18),
        ("har hafte reminder bhejo", 7, None, None),
        ("remind every 5 days at 4 pm", 5, None, 16),
        ("7 din baad reminder, phir har 2 din", 2, 7, None),
        ("har do din me yaad dilao das baje", 2, None, 10),
        ("reminder chalu karo", None, None, None),
    ],
)
def test_a_plan_in_words(text: str, every: int, first: int, hour: int) -> None:
    said = _said(text)
    found = (days_between(said), days_before_first(said), hour_said(said))
    assert found == (every, first, hour)
