"""The linear intent classifier as a Rasa component."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu import fingerprint, linear, lists

EARLIER_RANKING = "earlier_intent_ranking"
"""Where a ranking made by a component before this one is kept, for the fusion."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(GraphComponent, IntentClassifier):
    """Ranks intents by folded n-grams of the text, with calibrated probabilities."""

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: linear.LinearModel | None = None,
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model = model

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the settings: rare features are dropped; `strength` is the SVM's C."""
        return {"min_count": 2, "strength": 1.0, "ranking_length": 10, "random_seed": 1}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,  # noqa: ARG003 - Rasa's signature
    ) -> LinearIntentClassifier:
        """Make an untrained classifier."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,  # noqa: ARG003
        **kwargs: Any,  # noqa: ARG003
    ) -> LinearIntentClassifier:
        """Load a trained classifier; one that had nothing to learn from stays untrained."""
        try:
            with model_storage.read_from(resource) as directory:
                return cls(config, model_storage, resource, linear.LinearModel.load(directory))
        except (ValueError, FileNotFoundError):
            return cls(config, model_storage, resource)

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:  # noqa: ARG003
        """Return what else a trained model depends on."""
        return fingerprint.of_modules([linear, lists])

    @staticmethod
    def required_packages() -> list[str]:
        """Return the packages that training needs."""
        return ["sklearn"]

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on every example that has a text and an intent."""
        examples = [e for e in training_data.intent_examples if e.get(TEXT) and e.get(INTENT)]
        texts, labels = [e.get(TEXT) for e in examples], [e.get(INTENT) for e in examples]
        if len(set(labels)) < 2:
            return self._resource
        self._model = linear.train(
            texts,
            labels,
            lists=lists.WordLists(lists.of_training_data(training_data)),
            min_count=self._config["min_count"],
            strength=self._config["strength"],
            seed=self._config["random_seed"],
        )
        with self._model_storage.write_to(self._resource) as directory:
            self._model.save(directory)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the intent and its ranking; keep what an earlier classifier had ranked."""
        for message in messages:
            text = message.get(TEXT)
            if self._model is None or not text:
                continue
            found = self._model.ranking(text)[: self._config["ranking_length"] or None]
            ranking = [{"name": name, "confidence": confidence} for name, confidence in found]
            message.set(EARLIER_RANKING, message.get(INTENT_RANKING_KEY) or [])
            message.set(INTENT, dict(ranking[0]), add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages
