"""A rule that leads to action_answer says the response that is named after its intent."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.phrasebook import Phrasebook
from actions.talk.answers import Answer


@pytest.mark.parametrize(
    ("intent", "kind", "language", "response"),
    [
        ("coming_data_access", "user", "hindi", "utter_coming_data_access"),
        ("out_of_scope", "customer", "hinglish", "utter_out_of_scope_customer"),
        ("nobody_wrote_this", "user", "hindi", "utter_not_understood"),
    ],
)
def test_the_response_of_the_intent_in_the_writers_language(
    intent: str, kind: str, language: str, response: str
) -> None:
    metadata = {
        "business_id": 1,
        "actor": {"kind": kind, "id": None, "role": "owner" if kind == "user" else None},
        "language": language,
    }
    message: dict[str, Any] = {
        "text": "?",
        "intent": {"name": intent, "confidence": 1.0},
        "entities": [],
        "metadata": metadata,
    }
    tracker = Tracker("chat", {"language": language}, message, [], False, None, {}, None)
    dispatcher = CollectingDispatcher()
    Answer().run(dispatcher, tracker, {})
    (said,) = dispatcher.messages
    assert said["text"] == Phrasebook.load().render(response, language)["text"]
