"""Several learners, one answer: what the linear classifier and DIET say together."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu import calibration, folds, linear
from nlu.calibration import Calibration, Ranking
from nlu.classifier import EARLIER_RANKING, features_of
from nlu.component import Learner

MAIN_RANKING = "main_intent_ranking"
"""Where the ranking of the classifier next to the fusion is kept, for reports."""
BLENDED_RANKING = "blended_intent_ranking"
"""Where the ranking is kept as it was before its calibration, for reports."""

CALIBRATION = "calibration.json"


def blend(main: Ranking, other: Ranking, weight: float) -> list[dict[str, Any]]:
    """Return one ranking of both; `weight` (0 to 1) is how much `other` counts."""
    confidences: dict[str, float] = {}
    for ranking, share in ((main, 1 - weight), (other, weight)):
        for one in ranking:
            name = one["name"]
            confidences[name] = confidences.get(name, 0.0) + share * float(one["confidence"])
    ordered = sorted(confidences.items(), key=lambda item: -item[1])
    return [{"name": name, "confidence": confidence} for name, confidence in ordered]


def ranked(guess: Mapping[str, float], most: int = 10) -> list[dict[str, Any]]:
    """Return the likeliest of {intent: probability} as a ranking."""
    likeliest = sorted(guess.items(), key=lambda item: -item[1])[:most]
    return [{"name": name, "confidence": confidence} for name, confidence in likeliest]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentFusion(Learner, IntentClassifier):
    """Blends the two rankings that the classifiers before it made, and calibrates the outcome.

    How far to trust a blend is learned from the training messages that neither classifier had seen.
    """

    _calibration = Calibration()

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return how much the earlier classifier's ranking counts, and what the later one sees."""
        return {"earlier_weight": 0.2, "featurizers": []}

    @staticmethod
    def required_packages() -> list[str]:
        """Return the packages that training needs."""
        return ["sklearn"]

    def train(self, training_data: TrainingData) -> Resource:
        """Learn how far to trust a blend."""
        messages = [one for one in training_data.intent_examples if one.get(TEXT)]
        if any(message.get(folds.HELD_OUT_RANKING) for message in messages):
            rankings, labels = self._unseen_blends(messages)
            self._calibration = calibration.fitted(rankings, labels)
        with self._model_storage.write_to(self._resource) as directory:
            (directory / CALIBRATION).write_text(json.dumps(self._calibration.as_json()))
        return self._resource

    def read(self, directory: Path) -> None:
        """Take the calibration that training wrote."""
        self._calibration = Calibration(**json.loads((directory / CALIBRATION).read_text()))

    def _unseen_blends(self, messages: Sequence[Message]) -> tuple[list[Ranking], list[str]]:
        """Return the blends of the messages that neither classifier had seen, and their intents.

        Mistyped variants would make the blend more modest than it need be.
        """
        labels = [message.get(INTENT) for message in messages]
        matrix = features_of(messages, self._config["featurizers"])
        guesses = linear.held_out_guesses(matrix, labels, groups=folds.groups_of(messages))
        rankings: list[Ranking] = []
        unseen = []
        for message, guess in zip(messages, guesses, strict=True):
            earlier: Ranking = message.get(folds.HELD_OUT_RANKING) or []
            if earlier and not message.get(folds.VARIANT_OF):
                rankings.append(self._blend(ranked(guess), earlier))
                unseen.append(message.get(INTENT))
        return rankings, unseen

    def _blend(self, main: Ranking, earlier: Ranking) -> list[dict[str, Any]]:
        return blend(main, earlier, self._config["earlier_weight"])

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the intent and ranking that both classifiers together give."""
        for message in messages:
            earlier: Ranking = message.get(EARLIER_RANKING) or []
            ranking: Ranking = message.get(INTENT_RANKING_KEY) or []
            if not earlier or not ranking:
                continue
            blended = self._blend(ranking, earlier)
            fused = self._calibration(blended)
            message.set(MAIN_RANKING, ranking)
            message.set(BLENDED_RANKING, blended)
            message.set(INTENT, dict(fused[0]), add_to_output=True)
            message.set(INTENT_RANKING_KEY, fused, add_to_output=True)
        return messages
