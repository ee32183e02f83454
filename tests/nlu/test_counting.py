"""Counting word by word comes to what Rasa's featurizer comes to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.nlu.featurizers.sparse_featurizer.count_vectors_featurizer import CountVectorsFeaturizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.entities_parser import parse_training_example
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu import counting
from nlu.tokenizer import ShopTokenizer

DEVELOPMENT = Path(__file__).with_name("dev.jsonl")
CONTEXT = ExecutionContext(GraphSchema({}))
SHAPES: dict[str, dict[str, Any]] = {
    "words": {"min_df": 2},
    "parts of words": {"analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4, "min_df": 3},
    "two words": {"max_ngram": 2},
    "parts across words": {"analyzer": "char", "max_ngram": 3},
}


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> list[Message]:
    cases = [json.loads(line) for line in DEVELOPMENT.read_text("utf-8").splitlines()]
    found = [parse_training_example(case["text"], case["intent"]) for case in cases]
    storage = LocalModelStorage(tmp_path_factory.mktemp("model"))
    config = ShopTokenizer.get_default_config()
    tokenizer = ShopTokenizer.create(config, storage, Resource("tokenizer"), CONTEXT)
    tokenizer.process_training_data(TrainingData(found))
    return found


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_counts_are_the_same(
    shape: dict[str, Any], messages: list[Message], tmp_path: Path
) -> None:
    config = {**CountVectorsFeaturizer.get_default_config(), **shape}
    storage = LocalModelStorage(tmp_path)
    featurizer = CountVectorsFeaturizer.create(config, storage, Resource("counts"), CONTEXT)
    featurizer.train(TrainingData(messages[::2]))
    read = featurizer._get_processed_message_tokens_by_attribute
    all_tokens = [read(message, TEXT) for message in messages] + [[]]
    expected = counting._slow_create_features(featurizer, TEXT, all_tokens)
    found = counting._create_features(featurizer, TEXT, all_tokens)
    again = counting._create_features(featurizer, TEXT, all_tokens)
    for side in (found, again):
        for theirs, ours in zip([*expected[0], *expected[1]], [*side[0], *side[1]], strict=True):
            assert (ours is None) == (theirs is None)
            if theirs is not None:
                assert ours.shape == theirs.shape
                assert (ours.todense() == theirs.todense()).all()


def test_only_so_many_words_are_kept(messages: list[Message], tmp_path: Path) -> None:
    config = CountVectorsFeaturizer.get_default_config()
    storage = LocalModelStorage(tmp_path)
    featurizer = CountVectorsFeaturizer.create(config, storage, Resource("counts"), CONTEXT)
    featurizer.train(TrainingData(messages))
    words = counting.WordCounts(featurizer.vectorizers[TEXT], most=2)
    words.matrices(["stock", "maggi", "chini"])
    assert list(words._kept) == ["maggi", "chini"]
