"""A text that comes again is not read again, unless it could mean something else by now."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage

from channels.whatsapp.metrics import Tally
from channels.whatsapp.parses import ParseCache, in_clauses
from erp_core.kernel.known_names import KnownNames, shown


class Reader:
    """Reads texts, and counts how often it had to."""

    def __init__(self) -> None:
        self.read: list[str] = []

    async def parse(self, message: UserMessage, *_: Any) -> dict[str, Any]:
        self.read.append(message.text or "")
        return {
            "text": message.text,
            "intent": {"name": f"intent {len(self.read)}"},
            "entities": [{"entity": "product_name", "value": "maggi"}],
        }


class Days:
    def __init__(self) -> None:
        self.today = date(2026, 11, 20)

    def __call__(self) -> date:
        return self.today


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
def days() -> Days:
    return Days()


@pytest.fixture
def cache(reader: Reader, days: Days) -> ParseCache:
    return ParseCache(reader.parse, days, tally=Tally(), most=2)


def parsed(cache: ParseCache, message: UserMessage) -> dict[str, Any]:
    return asyncio.run(cache(message))


def said(text: str, wamid: str = "1", **metadata: Any) -> UserMessage:
    return UserMessage(text, message_id=wamid, metadata={"wamid": wamid, **metadata})


def test_a_repeated_text_is_read_once(cache: ParseCache, reader: Reader) -> None:
    first = parsed(cache, said("haan", "1"))
    again = parsed(cache, said("haan", "2"))
    assert reader.read == ["haan"]
    assert again == first


def test_what_became_of_an_answer_does_not_come_back(cache: ParseCache) -> None:
    first = parsed(cache, said("maggi"))
    first["entities"].clear()
    second = parsed(cache, said("maggi"))
    second["entities"][0]["value"] = "changed"
    third = parsed(cache, said("maggi"))
    assert third["entities"] == [{"entity": "product_name", "value": "maggi"}]


def test_tomorrow_it_is_read_anew(cache: ParseCache, reader: Reader, days: Days) -> None:
    parsed(cache, said("kal"))
    days.today = date(2026, 11, 21)
    parsed(cache, said("kal"))
    assert reader.read == ["kal", "kal"]


def test_each_shops_names_count(cache: ParseCache, reader: Reader) -> None:
    one, other = KnownNames({"product_name": ["Maggi"]}), KnownNames({"product_name": ["Atta"]})
    for names in (one, other, None, one):
        with shown(names):
            parsed(cache, said("maggi"))
    assert reader.read == ["maggi"] * 4
    with shown(one):
        parsed(cache, said("maggi"))
    assert reader.read == ["maggi"] * 4


@pytest.mark.parametrize(
    "message",
    [said("x" * 201), said("maggi", today="2026-01-01"), said("maggi", known_names={"a": ["b"]})],
)
def test_some_are_never_kept(cache: ParseCache, reader: Reader, message: UserMessage) -> None:
    parsed(cache, message)
    parsed(cache, message)
    assert len(reader.read) == 2


def test_a_command_is_another_meaning(cache: ParseCache, reader: Reader) -> None:
    parsed(cache, said("stock maggi"))
    parsed(cache, said("stock maggi", command="stock"))
    assert len(reader.read) == 2


def test_the_oldest_is_forgotten(cache: ParseCache, reader: Reader) -> None:
    for text in ("a", "b", "a", "c", "a", "b"):
        parsed(cache, said(text))
    assert reader.read == ["a", "b", "c", "b"]


def test_each_clause_is_understood_alone(reader: Reader) -> None:
    message = said("500 aaye, aur petrol 300. Kitna bacha?")
    found = asyncio.run(in_clauses(reader.parse)(message))
    alone = [(one["start"], one["text"]) for one in found["clauses"]]
    assert alone == [(0, "500 aaye"), (13, "petrol 300"), (25, "Kitna bacha")]
    assert [one["intent"]["name"] for one in found["clauses"]] == [
        "intent 2",
        "intent 3",
        "intent 4",
    ]
    assert found["intent"] == {"name": "intent 1"}


@pytest.mark.parametrize(
    ("text", "metadata"),
    [
        ("500 aaye", {}),
        ("1,500 aaye", {}),
        ("undo, ji", {"command": "undo"}),
        ("a, b, c, d, e, f, g", {}),
    ],
)
def test_what_has_one_clause_or_tells_a_story_is_read_once(
    reader: Reader, text: str, metadata: dict[str, Any]
) -> None:
    found = asyncio.run(in_clauses(reader.parse)(said(text, **metadata)))
    assert "clauses" not in found
    assert reader.read == [text]
