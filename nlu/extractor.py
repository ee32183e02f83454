"""The intent-aware entity extractor as a Rasa component."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from erp_core.kernel import known_names
from nlu import crf, field, folds, linear, lists
from nlu.classifier import features_of
from nlu.component import Learner
from nlu.featurizer import VIEW

# Intents that are less likely than this tell the field nothing.
NEGLIGIBLE = 0.02


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class IntentAwareExtractor(Learner, EntityExtractorMixin):
    """Marks entities with a conditional random field that knows the likely intents.

    Lookup tables of the training data are shown to it as lists of words. A shop's own names come
    from `erp_core.kernel.known_names.shown`, or from `known_names` in a message's metadata
    ({entity: [names]}), which suits a few.
    """

    _field: field.Field | None = None

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the settings: see `nlu.crf.train`. `names` are the kinds that shops list.

        `fields`: so many are trained, and their mean is kept; `intents`: of so many, the likeliest,
        they are told.
        """
        return {
            "fields": 1,
            "intents": 3,
            "names": [],
            "l1": 0.05,
            "l2": 0.02,
            "rounds": 120,
            "copies": 2,
            "fragments": 100,
            "random_seed": 1,
        }

    @staticmethod
    def required_packages() -> list[str]:
        """Return the packages that training needs."""
        return ["sklearn", "sklearn_crfsuite"]

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on the annotated examples, each with intents guessed by those who had not seen it.

        Variants are left out: where names end is learned from messages as they were written.
        """
        messages = [m for m in training_data.nlu_examples if m.get(TEXT)]
        if not any(message.get(ENTITIES) for message in messages):
            return self._resource
        tables = lists.of_training_data(training_data)
        model = crf.train_mean(
            self._config["fields"],
            _examples(messages, self._config["intents"]),
            tables,
            l1=self._config["l1"],
            l2=self._config["l2"],
            rounds=self._config["rounds"],
            copies=self._config["copies"],
            fragments=self._config["fragments"],
            names=self._config["names"],
            seed=self._config["random_seed"],
        )
        with self._model_storage.write_to(self._resource) as directory:
            (directory / "field.crfsuite").write_bytes(model)
            (directory / "lists.json").write_text(json.dumps(tables, ensure_ascii=False))
            self.read(directory)
        return self._resource

    def read(self, directory: Path) -> None:
        """Take the field and the lists that training wrote."""
        tables = json.loads((directory / "lists.json").read_text())
        self._field = field.Field(
            (directory / "field.crfsuite").read_bytes(), lists.WordLists(tables)
        )

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the entities of each message to those found before."""
        most = self._config["intents"]
        for message in messages:
            text = message.get(TEXT)
            if self._field is None or not text:
                continue
            given = (message.get("metadata") or {}).get("known_names")
            own_names = known_names.KnownNames(given) if given else known_names.now_shown()
            spans = self._field.spans(
                text, likely_intents(message, most), own_names, seen=message.get(VIEW)
            )
            found = self.add_extractor_name([_entity(text, span) for span in spans])
            message.set(ENTITIES, (message.get(ENTITIES) or []) + found, add_to_output=True)
        return messages


def likely_intents(message: Message, most: int) -> dict[str, float]:
    """Return the likeliest intents of a message, `most` of them, with their probabilities."""
    ranking: Sequence[Mapping[str, Any]] = message.get(INTENT_RANKING_KEY) or []
    if not ranking and message.get(INTENT):
        ranking = [message.get(INTENT)]
    return {
        one["name"]: float(one["confidence"])
        for one in ranking[:most]
        if one.get("name") and one["confidence"] > NEGLIGIBLE
    }


def _entity(text: str, span: crf.Span) -> dict[str, Any]:
    return {
        "entity": span.entity,
        "start": span.start,
        "end": span.end,
        "confidence_entity": span.confidence,
        "value": text[span.start : span.end],
    }


def _examples(messages: Sequence[Message], intents: int) -> list[crf.Example]:
    """Return what the field learns from: the messages as they were written, without variants."""
    guesses = _guessed_intents(messages, intents)
    return [
        crf.Example(
            message.get(TEXT),
            [
                crf.Span(one["entity"], one["start"], one["end"])
                for one in message.get(ENTITIES) or []
            ],
            guess,
        )
        for message, guess in zip(messages, guesses, strict=True)
        if not message.get(folds.VARIANT_OF)
    ]


def _guessed_intents(messages: Sequence[Message], most: int) -> list[dict[str, float]]:
    """Return intents, `most` of them, as uncertain as they will be for unseen texts."""
    labelled = [i for i, message in enumerate(messages) if message.get(INTENT)]
    guesses: list[dict[str, float]] = [{} for _ in messages]
    matrix = features_of([messages[i] for i in labelled], [])
    labels = [messages[i].get(INTENT) for i in labelled]
    if len(set(labels)) < 2 or matrix is None or not most:
        return guesses
    groups = folds.groups_of([messages[i] for i in labelled])
    found = linear.held_out_guesses(matrix, labels, groups=groups)
    for i, guess in zip(labelled, found, strict=True):
        likely = sorted(guess.items(), key=lambda one: -one[1])[:most]
        guesses[i] = {name: value for name, value in likely if value > NEGLIGIBLE}
    return guesses
