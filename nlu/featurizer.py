"""Makes a message's features for every classifier: see `nlu.views`."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS, TOKENS_NAMES
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.shared.nlu.constants import (
    ENTITIES,
    FEATURE_TYPE_SENTENCE,
    FEATURE_TYPE_SEQUENCE,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix

from erp_core.kernel import known_names
from nlu import cores, crf, field, folds, lists, sparse, views
from nlu.component import Learner
from nlu.sparse import SparseFeatures
from nlu.text import split

VIEW = "view_of_the_field"
"""Where a message's view is kept for the extractor, which sees the same."""
RARE = "rare"
FOLDS = 3


class Looks(NamedTuple):
    """The kinds of entities that are marked in each training message, and the field that serves."""

    held_out: list[list[str]]
    field: bytes | None


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class MessageFeaturizer(Learner, Featurizer[csr_matrix]):
    """Gives each message sentence features of several views of it.

    One view is what a quick conditional random field, not told of intents, marks in the message at
    a first look; a training message is marked by a field that has not seen it, so that the
    classifiers learn from marks as doubtful as those they will meet.

    The frequent features bear the name (`alias`) of the component and the others that name with
    ".rare" behind it, for classifiers that can do without.
    """

    _vocabulary: views.Vocabulary | None = None
    _field: field.Field | None = None
    _known = lists.NO_LISTS

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, name: str
    ) -> None:
        Learner.__init__(self, config, model_storage, resource)
        Featurizer.__init__(self, name, config)

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Every setting is a number; a wrong one shows in training."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the settings: see `Vocabulary.learn` and, for the rough field, `crf.train`.

        `look`: whether what that field marks is a view.
        """
        return {
            FEATURIZER_CLASS_ALIAS: None,
            "look": True,
            "min_count": 2,
            "frequent_from": 5,
            "rounds": 50,
            "l1": 0.1,
            "l2": 0.05,
            "random_seed": 1,
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> MessageFeaturizer:
        """Make an untrained featurizer."""
        return cls(config, model_storage, resource, execution_context.node_name or cls.__name__)

    @staticmethod
    def required_packages() -> list[str]:
        """Return the packages that training needs."""
        return ["sklearn_crfsuite"]

    def train(self, training_data: TrainingData) -> Resource:
        """Learn which features there are, and to mark entities roughly.

        A variant brings no features of its own: what is mistyped once says nothing of the next.
        """
        messages = _with_text(training_data)
        if not messages:
            return self._resource
        tables = lists.of_training_data(training_data)
        examples = [_example(message) for message in messages]
        entities = sorted({span.entity for one in examples for span in one.spans})
        known = lists.parted(tables, entities)
        looks = self._looks(messages, tables)
        documents = [
            views.features(one.get(TEXT), known, kinds)
            for one, kinds in zip(messages, looks.held_out, strict=True)
            if not one.get(folds.VARIANT_OF)
        ]
        vocabulary = views.Vocabulary.learn(
            documents,
            min_count=self._config["min_count"],
            frequent_from=self._config["frequent_from"],
        )
        meta = {"tables": tables, "entities": entities, "vocabulary": vocabulary.as_json()}
        with self._model_storage.write_to(self._resource) as directory:
            (directory / "features.json").write_text(json.dumps(meta, ensure_ascii=False))
            if looks.field is not None:
                (directory / "field.crfsuite").write_bytes(looks.field)
            self.read(directory)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add features to the training messages."""
        messages = _with_text(training_data)
        vocabulary = self._vocabulary
        if vocabulary is None or not messages:
            return training_data
        tables = lists.of_training_data(training_data)
        looks = self._looks(messages, tables)
        for message, kinds in zip(messages, looks.held_out, strict=True):
            self._add_features(message, kinds, vocabulary)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add features to each message."""
        for message in messages:
            vocabulary = self._vocabulary
            text = message.get(TEXT)
            if vocabulary is None or not text:
                continue
            kinds: list[str] = []
            marks = self._known.marks(split(text))
            if self._field is not None:
                given = (message.get("metadata") or {}).get("known_names")
                own = known_names.KnownNames(given) if given else known_names.now_shown()
                view = self._field.view(text, own, marks.every)
                message.set(VIEW, view)
                kinds = self._field.kinds(view)
            self._add_features(message, kinds, vocabulary, marks)
        return messages

    def read(self, directory: Path) -> None:
        """Take the features and the field that training wrote."""
        meta = json.loads((directory / "features.json").read_text())
        self._vocabulary = views.Vocabulary.from_json(meta["vocabulary"])
        self._known = lists.parted(meta["tables"], meta["entities"])
        trained = directory / "field.crfsuite"
        if trained.exists():
            self._field = field.Field(trained.read_bytes(), self._known.every)

    def _add_features(
        self,
        message: Message,
        kinds: Sequence[str],
        vocabulary: views.Vocabulary,
        marks: lists.Marks | None = None,
    ) -> None:
        document = views.features(message.get(TEXT), self._known, kinds, marks)
        columns, values = vocabulary.vector(document)
        edge = int(np.searchsorted(columns, vocabulary.frequent))
        more = len(vocabulary) - vocabulary.frequent
        frequent = sparse.row(columns[:edge], values[:edge], vocabulary.frequent)
        rare = sparse.row(columns[edge:] - vocabulary.frequent, values[edge:], more)
        for matrix, name in ((frequent, self._identifier), (rare, f"{self._identifier}.{RARE}")):
            if matrix.shape[1]:
                message.add_features(SparseFeatures(matrix, FEATURE_TYPE_SENTENCE, TEXT, name))
        words = _kinds_of_tokens(message.get(TOKENS_NAMES[TEXT]) or [])
        message.add_features(SparseFeatures(words, FEATURE_TYPE_SEQUENCE, TEXT, self._identifier))

    def _looks(self, messages: Sequence[Message], tables: dict[str, list[str]]) -> Looks:
        """Return what fields that have not seen a message mark in it, and the one that saw all."""
        examples, groups = list(map(_example, messages)), folds.groups_of(messages)
        if not self._config["look"] or not any(one.spans for one in examples):
            return Looks([[] for _ in messages], None)
        asked = (repr(examples), repr(groups), repr(tables), repr(self._config))
        if asked not in _last_looks:
            _last_looks.clear()
            _last_looks[asked] = self._look(examples, groups, tables)
        return _last_looks[asked]

    def _look(
        self, examples: Sequence[crf.Example], groups: Sequence[str], tables: dict[str, list[str]]
    ) -> Looks:
        marked: list[list[str]] = [[] for _ in examples]
        parts = folds.parted(groups, FOLDS, seed=self._config["random_seed"])
        insides = [
            [one for one, place in zip(examples, parts, strict=True) if place != fold]
            for fold in range(FOLDS)
        ]
        telling = [f for f in range(FOLDS) if any(one.spans for one in insides[f])]
        shown = [*(insides[fold] for fold in telling), examples]
        jobs = [self._fitting(some, tables) for some in shown]
        *models, whole = cores.each(jobs, examples=len(examples))
        known = lists.WordLists(tables)
        for fold, model in zip(telling, models, strict=True):
            rough = field.Field(model, known)
            for place in np.flatnonzero(parts == fold):
                marked[place] = rough.kinds(rough.view(examples[place].text))
        return Looks(marked, whole)

    def _fitting(
        self, examples: Sequence[crf.Example], tables: dict[str, list[str]]
    ) -> Callable[[], bytes]:
        return partial(
            crf.train,
            examples,
            tables,
            rounds=self._config["rounds"],
            l1=self._config["l1"],
            l2=self._config["l2"],
            copies=0,
            min_count=self._config["min_count"],
            seed=self._config["random_seed"],
        )


# Training and the featurizing of what was trained on ask for the same.
_last_looks: dict[tuple[str, ...], Looks] = {}


def _with_text(training_data: TrainingData) -> list[Message]:
    return [message for message in training_data.nlu_examples if message.get(TEXT)]


def _example(message: Message) -> crf.Example:
    found = message.get(ENTITIES) or []
    spans = [crf.Span(one["entity"], one["start"], one["end"]) for one in found]
    return crf.Example(message.get(TEXT), spans)


def _kinds_of_tokens(tokens: Sequence[Token]) -> csr_matrix:
    """Return whether each token is a word, a number or a symbol: DIET asks for some such rows."""
    kinds = [
        0 if one.text[:1].isalpha() else 1 if one.text[:1].isnumeric() else 2 for one in tokens
    ]
    ones = np.ones(len(kinds), dtype=np.float32)
    ends = np.arange(len(kinds) + 1, dtype=np.int32)
    return sparse.csr(ones, np.asarray(kinds, dtype=np.int32), ends, (len(kinds), 3))
