"""A changed lexicon or module makes a component learn again."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from erp_core.kernel import spelling
from nlu import network, views
from nlu.classifier import LinearIntentClassifier
from nlu.extractor import IntentAwareExtractor
from nlu.featurizer import MessageFeaturizer
from nlu.joint import JointClassifier
from nlu.tokenizer import ShopTokenizer


@pytest.mark.parametrize(
    ("component", "module"),
    [
        (ShopTokenizer, spelling),
        (MessageFeaturizer, spelling),
        (MessageFeaturizer, views),
        (LinearIntentClassifier, spelling),
        (IntentAwareExtractor, spelling),
        (JointClassifier, network),
    ],
)
def test_a_changed_module_is_noticed(
    component: Any, module: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = component.fingerprint_addon({})
    assert component.fingerprint_addon({}) == before
    source = inspect.getsource

    def changed(thing: Any) -> str:
        return source(thing) + ("# another word" if thing is module else "")

    monkeypatch.setattr(inspect, "getsource", changed)
    assert component.fingerprint_addon({}) != before
