"""The same pipeline learns whatever it is given: other intents, other entities, or none.

Nothing of config.yml is changed but the data that it is trained on.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
from pathlib import Path
from typing import Any

import pytest
from rasa.core.agent import Agent

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "scripts"))

import nlu_report  # noqa: E402 - after the path
from nlu_other import SHAPES, Rows, cases_of, messages, trained  # noqa: E402

LINES = 960
MOST_OF_THEM = 3
"""Of four values that were never seen, after eighteen messages an intent."""

SAYINGS = {
    "play_music": ["play [{}](song)", "[{}](song) bajao yaar", "mujhe [{}](song) sunna hai"],
    "set_alarm": ["wake me at [{}](hour)", "[{}](hour) baje uthana", "alarm laga do [{}](hour) ka"],
    "book_cab": [
        "cab to [{}](place)",
        "[{}](place) jana hai gaadi bula do",
        "taxi for [{}](place)",
    ],
    "lights": [
        "[{}](room) ki light band karo",
        "switch off the [{}](room) lamp",
        "[{}](room) dark kar",
    ],
}
VALUES = {
    "play_music": [
        "kesariya",
        "Tum Hi Ho",
        "मेरे ढोलना",
        "shape of you",
        "raataan lambiyan",
        "naatu naatu",
    ],
    "set_alarm": ["6", "7:30", "paanch", "saade aath", "11", "४"],
    "book_cab": ["airport", "Andheri station", "हवाई अड्डा", "office", "Nani ke ghar", "city mall"],
    "lights": ["kitchen", "hall", "bedroom", "रसोई", "balcony", "drawing room"],
}
OTHER_TALK = [
    "what is life",
    "tell me a secret",
    "2 plus 2",
    "do you dream",
    "मैं उदास हूँ",
    "kya khaya aaj",
]


def rooms_and_songs() -> Rows:
    """Intents and entities that a shop has not."""
    rows = [
        (intent, saying.format(value))
        for intent, sayings in SAYINGS.items()
        for saying, value in itertools.product(sayings, VALUES[intent])
    ]
    return rows + [("chitchat", text) for text in OTHER_TALK]


def without_entities() -> Rows:
    """Ten intents of twenty messages, as some public sets are: nothing is marked."""
    moods = [
        "khush",
        "sad",
        "angry",
        "tired",
        "hungry",
        "bored",
        "excited",
        "scared",
        "calm",
        "late",
    ]
    frames = ["i am so {}", "main {} hu", "aaj bahut {} lag raha", "why {} yaar", "{} {} {}"]
    ends = ["", " bro", " na", "!!"]
    return [
        (f"mood:{mood}", (frame.replace("{}", mood)) + end)
        for mood in moods
        for frame, end in itertools.product(frames, ends)
    ]


def many_intents() -> Rows:
    """Sixty intents, some with two messages; one entity is everywhere."""
    return [
        (f"faq {number}", f"{word} number{number} kya [{number}](code) hai{end}")
        for number in range(60)
        for word, end in itertools.product(("sawal", "batao"), ("", "?") if number % 2 else ("",))
    ]


def understood(folder: Path, rows: Rows, texts: list[str]) -> list[dict[str, Any]]:
    """What a model of these rows makes of the texts."""
    agent = Agent.load(trained(rows, folder))

    async def parse() -> list[dict[str, Any]]:
        return [await agent.parse_message(text) for text in texts]

    return asyncio.run(parse())


def intents(found: list[dict[str, Any]]) -> list[str]:
    return [
        next(one["name"] for one in message["intent_ranking"] if one["name"] != "nlu_fallback")
        for message in found
    ]


def test_other_intents_and_entities_are_learnt(tmp_path: Path) -> None:
    texts = [
        "mujhe chaleya sunna hai",
        "alarm laga do 9 ka",
        "taxi for railway station",
        "hall ki light band karo",
    ]
    found = understood(tmp_path, rooms_and_songs(), texts)
    assert intents(found) == ["play_music", "set_alarm", "book_cab", "lights"]
    marked = [{(one["entity"], one["value"]) for one in message["entities"]} for message in found]
    expected = [("song", "chaleya"), ("hour", "9"), ("place", "railway station"), ("room", "hall")]
    assert sum({one} == got for one, got in zip(expected, marked, strict=True)) >= MOST_OF_THEM


def test_messages_without_any_entity_are_learnt(tmp_path: Path) -> None:
    found = understood(
        tmp_path, without_entities(), ["main itni sad hu", "bored bored", "itna late"]
    )
    assert intents(found) == ["mood:sad", "mood:bored", "mood:late"]
    assert [message["entities"] for message in found] == [[], [], []]


@pytest.mark.parametrize("rows", [many_intents(), [("only", "one [thing](kind)"), ("only", "two")]])
def test_many_intents_or_only_one_break_nothing(tmp_path: Path, rows: Rows) -> None:
    found = understood(tmp_path, rows, ["sawal number7 kya 7 hai", "", "🙏", "x" * 3000])
    assert len(found) == 4


@pytest.mark.parametrize(
    ("name", "intent", "entity_f1"),
    [("devanagari", 0.9, 0.5), ("entities only", 1.0, 0.5), ("tiny", 0.35, 0.5)],
)
def test_sets_of_other_shapes_are_learnt(
    tmp_path: Path, name: str, intent: float, entity_f1: float
) -> None:
    """Sixty-four intents in one script, one intent with entities alone, five messages an intent.

    What is marked are values that were never taught, of three kinds that share most sentences.
    """
    taught, asked = messages(SHAPES[name])
    cases = cases_of(asked)
    nlu_report.understand(trained(taught[:LINES], tmp_path), cases)
    found = nlu_report.figures(cases, nlu_report.whole)
    assert found.entity_f1 >= entity_f1
    assert found.intent >= intent
