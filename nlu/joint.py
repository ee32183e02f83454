"""Rasa's DIET, trained as it comes and served without TensorFlow."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.diet_classifier import DIETClassifier
from rasa.nlu.extractors.extractor import EntityTagSpec
from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, FEATURE_TYPE_SEQUENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.io import dump_obj_as_json_to_file, read_json_file

from nlu import counting, fingerprint, folds, network, sparse
from nlu.network import Network

MEANINGS = "network.json"
"""The file with the names of intents and tags."""
HELD_OUT_SEED = 1


class CannotContinue(RasaException):
    """Only the network's outcome is kept, not the state of its training."""


@DefaultV1Recipe.register(
    [
        DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER,
        DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR,
        # Rasa lets components of this kind see the training data once more when they have learned.
        DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER,
    ],
    is_trainable=True,
)
class JointClassifier(DIETClassifier):
    """DIET: intents and entities from one network. Takes DIETClassifier's configuration.

    One group of messages in `held_out_one_in` of each intent is not learned from (0: all are); what
    the network takes those for tells the components behind it how far to trust it.

    Loading reads weights and builds nothing; a message takes a twentieth of the time. Such a
    model cannot be trained further (`rasa train --finetune`).
    """

    _network: Network | None = None

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the settings."""
        return {**DIETClassifier.get_default_config(), "held_out_one_in": 0}

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:  # noqa: ARG003 - Rasa's signature
        """Return what else a trained model depends on."""
        return fingerprint.of(cls)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from all messages but those that are held out."""
        aside = {id(message) for message in self._held_out(training_data)}
        taught = training_data.filter_training_examples(lambda one: id(one) not in aside)
        resource: Resource = super().train(taught)
        return resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Note in each held-out message what the network takes it for."""
        for message in self._held_out(training_data):
            found = self._predict(message)
            if found is not None:
                message.set(folds.HELD_OUT_RANKING, self._predict_label(found)[1])
        return training_data

    def _held_out(self, training_data: TrainingData) -> list[Message]:
        messages = [message for message in training_data.nlu_examples if message.get(TEXT)]
        one_in = self.component_config.get("held_out_one_in", 0)
        aside = folds.held_out(messages, one_in=one_in, seed=HELD_OUT_SEED)
        return [message for message, out in zip(messages, aside, strict=True) if out]

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
        if self._network is None:
            return None
        found = sparse.of_text(message, self.component_config["featurizers"] or [])
        found.sort(key=Features.is_dense)
        sequence, sentence = (
            [one.features for one in found if one.type == kind]
            for kind in (FEATURE_TYPE_SEQUENCE, FEATURE_TYPE_SENTENCE)
        )
        return self._network.predict(sequence, sentence) if found else None


def _numbered(names: dict[str, str]) -> dict[int, str]:
    """JSON makes texts of numbers."""
    return {int(number): name for number, name in names.items()}
