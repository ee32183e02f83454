"""The joint model gives what Rasa's own DIET gives, in every shape that it may be configured to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.nlu.classifiers.diet_classifier import DIETClassifier
from rasa.nlu.featurizers.sparse_featurizer.count_vectors_featurizer import CountVectorsFeaturizer
from rasa.nlu.featurizers.sparse_featurizer.lexical_syntactic_featurizer import (
    LexicalSyntacticFeaturizer,
)
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.entities_parser import parse_training_example
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.io import read_yaml

from nlu.joint import CannotContinue, JointClassifier
from nlu.network import decode
from nlu.tokenizer import ShopTokenizer

ROOT = Path(__file__).resolve().parents[2]
DEVELOPMENT = ROOT / "tests" / "nlu" / "dev.jsonl"
CONTEXT = ExecutionContext(GraphSchema({}))
TOLERANCE = 1e-4

SMALL = {
    "transformer_size": 16,
    "number_of_attention_heads": 2,
    "embedding_dimension": 8,
    "dense_dimension": {"text": 8, "label": 8},
    "concat_dimension": {"text": 12, "label": 8},
}
SHAPES: dict[str, dict[str, Any]] = {
    "no transformer": {"number_of_transformer_layers": 0, "hidden_layers_sizes": {"text": [9]}},
    "two layers": {"number_of_transformer_layers": 2, "similarity_type": "inner"},
    "relative": {
        "number_of_transformer_layers": 1,
        "use_key_relative_attention": True,
        "use_value_relative_attention": True,
        "max_relative_position": 3,
        "loss_type": "margin",
    },
    "one direction": {
        "number_of_transformer_layers": 1,
        "unidirectional_encoder": True,
        "use_key_relative_attention": True,
        "use_value_relative_attention": True,
        "max_relative_position": 2,
        "BILOU_flag": False,
    },
}


class Pipeline:
    """Components from the tokenizer to the joint model, trained on messages."""

    def __init__(self, folder: Path, shape: dict[str, Any], data: TrainingData) -> None:
        self.storage = LocalModelStorage(folder)
        self.featurizers = [
            self._make(ShopTokenizer, "tokenizer"),
            self._make(LexicalSyntacticFeaturizer, "lexical"),
            self._make(CountVectorsFeaturizer, "words"),
            self._make(CountVectorsFeaturizer, "letters", analyzer="char_wb", max_ngram=3),
        ]
        for component in self.featurizers:
            if hasattr(component, "train"):
                component.train(data)
            component.process_training_data(data)
        self.config = {
            **DIETClassifier.get_default_config(),
            **SMALL,
            "epochs": 3,
            "random_seed": 1,
            "run_eagerly": True,
            **shape,
        }
        if "hidden_layers_sizes" in shape:
            self.config["hidden_layers_sizes"] = {"text": [9], "label": [7]}
        self.trained = JointClassifier.create(self.config, self.storage, Resource("joint"), CONTEXT)
        self.trained.train(data)

    def _make(self, component: Any, name: str, **config: Any) -> Any:
        settings = {**component.get_default_config(), **config}
        return component.create(settings, self.storage, Resource(name), CONTEXT)

    def featurized(self, text: str) -> Message:
        message = Message(data={TEXT: text})
        for component in self.featurizers:
            component.process([message])
        return message

    def loaded(self) -> JointClassifier:
        return JointClassifier.load(self.config, self.storage, Resource("joint"), CONTEXT)

    def stock(self) -> DIETClassifier:
        """The same network, written and read by Rasa's own code."""
        self.trained._resource = Resource("stock")
        DIETClassifier.persist(self.trained)
        load = DIETClassifier.load.__func__
        stock = load(JointClassifier, self.config, self.storage, Resource("stock"), CONTEXT)
        assert stock.model is not None
        stock._predict = lambda message: DIETClassifier._predict(stock, message)
        return stock


def example(marked: str, intent: str) -> Message:
    """'go to |Pune=place:to|' with the entity place, in the role `to`."""
    text, entities = "", []
    for part in marked.split("|"):
        word, _, label = part.partition("=")
        if label:
            kind, _, role = label.partition(":")
            start, end = len(text), len(text) + len(word)
            one = {"entity": kind, "start": start, "end": end, "value": word}
            entities.append({**one, "role": role} if role else one)
        text += word
    return Message.build(text, intent, entities)


def training_data() -> TrainingData:
    return TrainingData(
        [
            example("go to |Pune=place:to| from |Goa=place:from", "travel"),
            example("from |New Delhi=place:from| to |Agra=place:to", "travel"),
            example("|two=count| tickets to |Pune=place:to| please", "buy"),
            example("i want |5=count| tickets", "buy"),
            example("hello", "greet"),
            example("good morning", "greet"),
        ]
    )


TEXTS = [
    *["hello", "GOOD morning!!", "go to Agra from New Delhi", "5", "tickets", "चीनी 5 kg"],
    "i want two tickets from Goa to Pune and then five more to Agra please, good morning to you",
]


def assert_alike(ours: JointClassifier, stock: DIETClassifier, message: Message) -> None:
    expected, found = stock._predict(message), ours._predict(message)
    assert expected is not None
    assert found is not None
    assert found.keys() == expected.keys()
    for name in expected.keys() - {"diagnostic_data"}:
        np.testing.assert_allclose(found[name], expected[name], atol=TOLERANCE, err_msg=name)
    theirs, own = expected["diagnostic_data"], found["diagnostic_data"]
    rows = own["text_transformed"].shape[1]  # the sentence's is the last; words may be passed over
    transformed = theirs["text_transformed"][:, -rows:]
    np.testing.assert_allclose(own["text_transformed"], transformed, atol=TOLERANCE)
    if own["attention_weights"].size:
        looked = theirs["attention_weights"]
        np.testing.assert_allclose(own["attention_weights"], looked, atol=TOLERANCE)


def outputs(component: DIETClassifier, message: Message) -> tuple[Any, ...]:
    copy = Message(data=dict(message.data), features=message.features)
    component.process([copy])
    return copy.get(INTENT), copy.get(INTENT_RANKING_KEY), copy.get(ENTITIES)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_it_computes_what_diet_computes(shape: dict[str, Any], tmp_path: Path) -> None:
    pipeline = Pipeline(tmp_path, shape, training_data())
    ours, stock = pipeline.loaded(), pipeline.stock()
    for text in TEXTS:
        message = pipeline.featurized(text)
        assert_alike(ours, stock, message)
        (intent, ranking, entities) = outputs(ours, message)
        (their_intent, their_ranking, their_entities) = outputs(stock, message)
        assert intent["name"] == their_intent["name"]
        assert [one["name"] for one in ranking] == [one["name"] for one in their_ranking]
        assert len(entities) == len(their_entities)
        for one, their in zip(entities, their_entities, strict=True):
            assert one == pytest.approx(their, abs=TOLERANCE)


def test_it_computes_the_same_in_our_own_shape(tmp_path: Path) -> None:
    """With config.yml's settings, over all development messages."""
    pipeline = read_yaml((ROOT / "config.yml").read_text())["pipeline"]
    shape = next(dict(one) for one in pipeline if one["name"] == "nlu.joint.JointClassifier")
    del shape["name"], shape["featurizers"]
    cases = [json.loads(line) for line in DEVELOPMENT.read_text().splitlines()]
    messages = [parse_training_example(case["text"], case["intent"]) for case in cases]
    trained = Pipeline(tmp_path, {**shape, "epochs": 2}, TrainingData(messages[::4]))
    ours, stock = trained.loaded(), trained.stock()
    for message in messages:
        assert_alike(ours, stock, trained.featurized(message.get(TEXT)))


def test_what_was_just_trained_answers(tmp_path: Path) -> None:
    pipeline = Pipeline(tmp_path, SHAPES["two layers"], training_data())
    message = pipeline.featurized("hello")
    assert outputs(pipeline.trained, message) == outputs(pipeline.loaded(), message)


def test_a_model_holds_no_code_and_nothing_of_tensorflow(tmp_path: Path) -> None:
    Pipeline(tmp_path, SHAPES["no transformer"], training_data())
    files = sorted(path.name for path in (tmp_path / "joint").iterdir())
    assert files == ["network.json", "network.npz"]
    np.load(tmp_path / "joint" / "network.npz", allow_pickle=False)


def test_with_nothing_to_learn_it_stays_silent(tmp_path: Path) -> None:
    storage = LocalModelStorage(tmp_path)
    config = {**DIETClassifier.get_default_config(), "epochs": 1}
    JointClassifier.create(config, storage, Resource("joint"), CONTEXT).train(TrainingData([]))
    message = Message(data={TEXT: "hello"})
    JointClassifier.load(config, storage, Resource("joint"), CONTEXT).process([message])
    assert message.get(INTENT) == {"name": None, "confidence": 0.0}
    assert message.get(ENTITIES) == []


def test_it_cannot_be_trained_further(tmp_path: Path) -> None:
    further = ExecutionContext(GraphSchema({}), is_finetuning=True)
    with pytest.raises(CannotContinue):
        JointClassifier.load({}, LocalModelStorage(tmp_path), Resource("joint"), further)


def test_no_words_have_no_tags() -> None:
    tags, confidences = decode(np.zeros((0, 3)), np.zeros((3, 3)))
    assert tags.size == confidences.size == 0
