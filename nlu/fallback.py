"""Asking back where a message is understood in two ways, or may be none of the shop's business."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.classifiers.fallback_classifier import FallbackClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY
from rasa.shared.nlu.training_data.message import Message


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class CautiousFallback(FallbackClassifier):
    """Rasa's fallback, which also asks where the intents in `outside` have a share of the ranking.

    From `outside_threshold` on they are too likely for anything else to be done; one of them that
    is first stays as it is.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the settings."""
        return {
            **FallbackClassifier.get_default_config(),
            "outside": [],
            "outside_threshold": 1.0,
        }

    def _should_fallback(self, message: Message) -> bool:
        return super()._should_fallback(message) or self._may_be_outside(message)

    def _may_be_outside(self, message: Message) -> bool:
        outside = self.component_config["outside"]
        if message.get(INTENT)["name"] in outside:
            return False
        ranking = message.get(INTENT_RANKING_KEY) or []
        share = sum(float(one["confidence"]) for one in ranking if one["name"] in outside)
        return share >= float(self.component_config["outside_threshold"])
