"""Intents that are believed only where a message has a word for them."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from erp_core.kernel.spelling import fold
from nlu.component import Fixed


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class ClearWords(Fixed, IntentClassifier):
    """Takes intents out of the ranking of a message that has none of their words.

    `words` in the configuration maps an intent to those; spelling and script are free. The others
    share what it had. A message of which nothing else is thought keeps it.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        self._words = {
            intent: frozenset(word for one in given for word in fold(str(one)).split())
            for intent, given in config["words"].items()
        }

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return no intents that need words."""
        return {"words": {}}

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent and ranking anew where one is not borne out by the message."""
        for message in messages:
            ranking = message.get(INTENT_RANKING_KEY) or []
            guarded = [one["name"] for one in ranking if one["name"] in self._words]
            if not guarded:
                continue
            said = frozenset(fold(message.get(TEXT) or "").split())
            unclear = {intent for intent in guarded if not self._words[intent] & said}
            kept = [one for one in ranking if one["name"] not in unclear]
            share = sum(float(one["confidence"]) for one in kept)
            if len(kept) == len(ranking) or share <= 0:
                continue
            rescaled = [{**one, "confidence": float(one["confidence"]) / share} for one in kept]
            message.set(INTENT, dict(rescaled[0]), add_to_output=True)
            message.set(INTENT_RANKING_KEY, rescaled, add_to_output=True)
        return messages
