"""Rasa's DIET, trained as it comes and served without TensorFlow."""

from __future__ import annotations

import inspect
from typing import Any

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.diet_classifier import DIETClassifier
from rasa.nlu.extractors.extractor import EntityTagSpec
from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.utils.io import dump_obj_as_json_to_file, read_json_file

from nlu import counting, network
from nlu.network import Network

MEANINGS = "network.json"
"""The file with the names of intents and tags."""


class CannotContinue(RasaException):
    """Only the network's outcome is kept, not the state of its training."""


@DefaultV1Recipe.register(
    [
        DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER,
        DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR,
    ],
    is_trainable=True,
)
class JointClassifier(DIETClassifier):
    """DIET: intents and entities from one network. Takes DIETClassifier's configuration.

    Loading reads weights and builds nothing; a message takes a twentieth of the time. Such a
    model cannot be trained further (`rasa train --finetune`).
    """

    _network: Network | None = None

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:  # noqa: ARG003 - Rasa's signature
        """Return what else a trained model depends on."""
        return inspect.getsource(network)

    def persist(self) -> None:
        """Write the network's weights, and the names of what it predicts."""
        if self.model is None:
            return
        network.round_sparse(self.model)
        self._network = Network(network.weights_of(self.model), self.component_config)
        meanings = {
            "intents": self.index_label_id_mapping,
            "tags": [tags._asdict() for tags in self._entity_tag_specs or []],
        }
        with self._model_storage.write_to(self._resource) as directory:
            self._network.save(directory)
            dump_obj_as_json_to_file(directory / MEANINGS, meanings)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,  # noqa: ARG003 - Rasa's signature
    ) -> JointClassifier:
        """Load a trained network; one that had nothing to learn from stays untrained."""
        if execution_context.is_finetuning:
            raise CannotContinue("JointClassifier is always trained from the start.")
        counting.speed_up()
        component = cls(config, model_storage, resource, execution_context)
        try:
            with model_storage.read_from(resource) as directory:
                component._network = Network.load(directory, component.component_config)
                meanings = read_json_file(directory / MEANINGS)
        except (ValueError, FileNotFoundError):
            return component
        component.index_label_id_mapping = _numbered(meanings["intents"])
        component._entity_tag_specs = [
            EntityTagSpec(**{**tags, "ids_to_tags": _numbered(tags["ids_to_tags"])})
            for tags in meanings["tags"]
        ]
        return component

    def _predict(self, message: Message) -> dict[str, Any] | None:
        featurizers = self.component_config["featurizers"]
        if self._network is None or not message.features_present(TEXT, featurizers):
            return None
        sparse = message._filter_sparse_features(TEXT, featurizers or [])
        dense = message._filter_dense_features(TEXT, featurizers or [])
        sequence, sentence = (
            [one.features for one in (*of_words, *of_all)]
            for of_words, of_all in zip(sparse, dense, strict=True)
        )
        return self._network.predict(sequence, sentence)


def _numbered(names: dict[str, str]) -> dict[int, str]:
    """JSON makes texts of numbers."""
    return {int(number): name for number, name in names.items()}
