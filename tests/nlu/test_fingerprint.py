"""A changed module makes the components that are made of it learn again, and only those."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from scipy.sparse import csr_matrix

from erp_core import model_store
from nlu import fingerprint
from nlu.augmenter import TypingAugmenter
from nlu.classifier import LinearIntentClassifier
from nlu.extractor import IntentAwareExtractor
from nlu.featurizer import MessageFeaturizer
from nlu.fusion import IntentFusion
from nlu.joint import JointClassifier
from nlu.sparse import SparseFeatures
from nlu.tokenizer import ShopTokenizer

COMPONENTS = (
    TypingAugmenter,
    ShopTokenizer,
    MessageFeaturizer,
    JointClassifier,
    LinearIntentClassifier,
    IntentFusion,
    IntentAwareExtractor,
)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the components' sources, to change."""
    for room in ("nlu", "erp_core/kernel"):
        shutil.copytree(fingerprint.ROOT / room, tmp_path / room)
    monkeypatch.setattr(fingerprint, "ROOT", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("component", "module"),
    [
        (TypingAugmenter, "nlu/augmenter.py"),
        (TypingAugmenter, "nlu/folds.py"),
        (ShopTokenizer, "nlu/component.py"),
        (ShopTokenizer, "erp_core/kernel/spelling.py"),
        (MessageFeaturizer, "nlu/featurizer.py"),
        (MessageFeaturizer, "nlu/views.py"),
        (MessageFeaturizer, "erp_core/kernel/hindi_numbers.py"),
        (JointClassifier, "nlu/network.py"),
        (JointClassifier, "nlu/sparse.py"),
        (LinearIntentClassifier, "nlu/classifier.py"),
        (LinearIntentClassifier, "nlu/linear.py"),
        (IntentFusion, "nlu/fusion.py"),
        (IntentFusion, "nlu/calibration.py"),
        (IntentAwareExtractor, "nlu/crf.py"),
        (IntentAwareExtractor, "erp_core/kernel/known_names.py"),
    ],
)
def test_a_changed_module_is_noticed(checkout: Path, component: Any, module: str) -> None:
    before = component.fingerprint_addon({})
    assert component.fingerprint_addon({}) == before
    with (checkout / module).open("a") as source:
        source.write("# another word\n")
    assert component.fingerprint_addon({}) != before


def test_a_module_of_others_is_not(checkout: Path) -> None:
    before = [component.fingerprint_addon({}) for component in COMPONENTS]
    for module in ("nlu/fallback.py", "nlu/guard.py", "erp_core/kernel/money.py"):
        (checkout / module).write_text("# quite another\n")
    assert [component.fingerprint_addon({}) for component in COMPONENTS] == before


@pytest.mark.parametrize("component", COMPONENTS)
def test_whatever_is_noticed_names_another_model(component: Any) -> None:
    named = set(model_store._input_files(model_store.ROOT))
    assert set(fingerprint.files(component)) - named == set()


def test_features_differ_by_what_they_hold() -> None:
    def of(value: float, column: int = 2, width: int = 9, origin: str = "message") -> str:
        row = csr_matrix(([value], ([0], [column])), shape=(1, width))
        return SparseFeatures(row, "sentence", "text", origin).fingerprint()

    assert of(1.0) == of(1.0)
    others = {of(1.0), of(1.5), of(1.0, 3), of(1.0, width=10), of(1.0, origin="other")}
    assert len(others) == 5
