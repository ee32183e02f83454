"""What a worker runs of a model comes to what Rasa's own runner makes of it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage

from channels.whatsapp.parses import parse_of
from channels.whatsapp.straight import StraightRunner


@pytest.fixture(scope="module")
def agent(model: Path) -> Agent:
    agent: Agent = Agent.load(str(model))
    return agent


@pytest.mark.parametrize("text", ["hello", "hello 12 there", "/greet", "?", "नमस्ते"])
def test_a_message_is_parsed_as_by_rasa(
    agent: Agent, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    processor = agent.processor
    assert processor is not None
    message = UserMessage(text, message_id="1")
    expected = asyncio.run(processor.parse_message(message))
    monkeypatch.setattr(processor, "graph_runner", StraightRunner.of(processor.graph_runner))
    assert asyncio.run(parse_of(processor)(message)) == expected
