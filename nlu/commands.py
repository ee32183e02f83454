"""Quick commands: "/stock maggi" says its intent itself."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY
from rasa.shared.nlu.training_data.message import Message

from erp_core.kernel.spelling import fold
from nlu.component import Fixed


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class QuickCommands(Fixed, IntentClassifier):
    """Sets the intent of a message whose metadata names a `command`.

    `commands` in the configuration maps each command word to an intent; spelling is free.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        self._intents = {fold(word): intent for word, intent in config["commands"].items()}

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return no commands."""
        return {"commands": {}}

    def process(self, messages: list[Message]) -> list[Message]:
        """Put the intent of a known command first, with full confidence."""
        for message in messages:
            command = (message.get("metadata") or {}).get("command")
            intent = self._intents.get(fold(str(command))) if command else None
            if intent is None:
                continue
            first = {"name": intent, "confidence": 1.0}
            message.set(INTENT, dict(first), add_to_output=True)
            message.set(INTENT_RANKING_KEY, [first], add_to_output=True)
        return messages
