"""The linear intent classifier as a Rasa component."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu import folds, linear, sparse
from nlu.component import Learner

EARLIER_RANKING = "earlier_intent_ranking"
"""Where a ranking made by a component before this one is kept, for the fusion."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(Learner, IntentClassifier):
    """Ranks intents by the sparse features of the message, with calibrated probabilities."""

    _model: linear.LinearModel | None = None

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the settings: `strength` is the SVM's C; no `featurizers` stands for all."""
        return {"featurizers": [], "strength": 1.0, "ranking_length": 10, "random_seed": 1}

    @staticmethod
    def required_packages() -> list[str]:
        """Return the packages that training needs."""
        return ["sklearn"]

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on every example that has a text and an intent."""
        examples = [e for e in training_data.intent_examples if e.get(TEXT) and e.get(INTENT)]
        labels = [example.get(INTENT) for example in examples]
        matrix = features_of(examples, self._config["featurizers"])
        if not labels or matrix is None:
            return self._resource
        if len(set(labels)) == 1:
            self._model = linear.of_one_class(labels[0], matrix.shape[1])
        else:
            self._model = linear.train(
                matrix,
                labels,
                strength=self._config["strength"],
                seed=self._config["random_seed"],
                groups=folds.groups_of(examples),
            )
        with self._model_storage.write_to(self._resource) as directory:
            self._model.save(directory)
        return self._resource

    def read(self, directory: Path) -> None:
        """Take the model that training wrote."""
        self._model = linear.LinearModel.load(directory)

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the intent and its ranking; keep what an earlier classifier had ranked."""
        for message in messages:
            matrix = features_of([message], self._config["featurizers"])
            if self._model is None or matrix is None:
                continue
            most = self._config["ranking_length"] or None
            found = self._model.ranking(matrix.indices, matrix.data, most)
            ranking = [{"name": name, "confidence": confidence} for name, confidence in found]
            message.set(EARLIER_RANKING, message.get(INTENT_RANKING_KEY) or [])
            message.set(INTENT, dict(ranking[0]), add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages


def features_of(messages: Sequence[Message], featurizers: Sequence[str]) -> Any:
    """Return the sparse features of whole messages as a matrix, or None when there are none."""
    rows = []
    for message in messages:
        parts = [
            part.features
            for part in sparse.of_text(message, featurizers)
            if part.type == FEATURE_TYPE_SENTENCE and part.is_sparse()
        ]
        if not parts:
            return None
        rows.append(_side_by_side(parts))
    return _below_each_other(rows) if rows else None


def _side_by_side(parts: Sequence[Any]) -> Any:
    """Join rows (scipy's own function for this takes half a millisecond)."""
    width, columns = 0, []
    for part in parts:
        columns.append(part.indices + width)
        width += part.shape[1]
    data = np.concatenate([part.data for part in parts])
    return sparse.row(np.concatenate(columns), data, width)


def _below_each_other(rows: Sequence[Any]) -> Any:
    from scipy.sparse import vstack

    return rows[0] if len(rows) == 1 else vstack(rows, format="csr")
