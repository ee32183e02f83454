"""What a designer answers without Python: an intent whose answer is a response, nothing else."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import EventType

from actions.base import BahiAction
from actions.context import Turn


class Answer(BahiAction):
    """Says utter_<intent>, or utter_<intent>_customer and …_guest where they read otherwise."""

    action = "action_answer"

    def answer(self, turn: Turn, tracker: Tracker) -> list[EventType] | None:  # noqa: ARG002
        """Answer in the writer's language."""
        names = (f"utter_{turn.intent}_{turn.actor.kind}", f"utter_{turn.intent}")
        found = [name for name in names if turn.phrasebook.has(name)]
        turn.say(found[0] if found else "utter_not_understood")
        return None
