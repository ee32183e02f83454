"""Only what a change touches is trained again."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.utils.common import override_defaults

from nlu import fingerprint

sys.path.append(str(Path(__file__).resolve().parents[2] / "scripts"))

import train

ROOT = train.ROOT

QUICK = {
    "nlu.joint.JointClassifier": {"epochs": 1, "run_eagerly": True},
    "nlu.featurizer.MessageFeaturizer": {"rounds": 3},
    "nlu.extractor.IntentAwareExtractor": {"rounds": 3},
}
LANGUAGE = {
    "MessageFeaturizer",
    "JointClassifier",
    "LinearIntentClassifier",
    "IntentFusion",
    "IntentAwareExtractor",
}
POLICIES = {"RulePolicy", "MemoizationPolicy"}

DOMAIN = """
version: "3.1"
intents: [greeting, goodbye]
entities: [product_name]
actions: [action_fallback]
responses:
  utter_hello:
  - text: Namaste
  utter_bye:
  - text: Phir milenge
"""
EXAMPLES = """
version: "3.1"
nlu:
- intent: greeting
  examples: |
    - namaste
    - ram ram [chini](product_name) wale bhai
    - hello dukaan
    - [maggi](product_name) wale bhaiya ram ram
- intent: goodbye
  examples: |
    - phir milenge
    - bas itna hi
    - bye bye ji
    - ok bye
"""
RULES = """
version: "3.1"
rules:
- rule: greet
  steps:
  - intent: greeting
  - action: utter_hello
"""
FAREWELL = """
- rule: part
  steps:
  - intent: goodbye
  - action: utter_bye
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small shop's files, with the components and policies of ours and a copy of their source."""
    monkeypatch.setenv("RASA_CACHE_DIRECTORY", str(tmp_path / "cache"))
    monkeypatch.setenv("RASA_TELEMETRY_ENABLED", "false")
    config = yaml.safe_load((ROOT / "config.yml").read_text())
    for component in config["pipeline"]:
        component.update(QUICK.get(component["name"], {}))
    (tmp_path / "config.yml").write_text(yaml.safe_dump(config))
    (tmp_path / "domain.yml").write_text(DOMAIN)
    shutil.copytree(ROOT / "nlu", tmp_path / "nlu")
    monkeypatch.setattr(fingerprint, "ROOT", tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "nlu.yml").write_text(EXAMPLES)
    (tmp_path / "data" / "rules.yml").write_text(RULES)
    return tmp_path


@pytest.fixture
def trained_anew(project: Path, capsys: pytest.CaptureFixture[str]) -> Callable[[], set[str]]:
    """Train the project; returns the components that were trained rather than found cached."""

    def run() -> set[str]:
        capsys.readouterr()
        train.trained(project, project / "models", "model")
        told = capsys.readouterr().out
        anew = set(re.findall(r"\] training (\w+)", told))
        kept = set(re.findall(r"\] (\w+) has not changed", told))
        assert anew | kept == LANGUAGE | POLICIES
        assert not anew & kept
        return anew

    return run


def change(file: Path, old: str, new: str) -> None:
    before = file.read_text()
    assert old in before
    file.write_text(before.replace(old, new, 1))


def test_only_what_a_change_touches_is_trained(
    project: Path, trained_anew: Callable[[], set[str]]
) -> None:
    assert trained_anew() == LANGUAGE | POLICIES

    change(project / "domain.yml", "Namaste", "Namaste ji")
    assert trained_anew() == set()

    change(project / "data" / "rules.yml", RULES, RULES + FAREWELL)
    assert trained_anew() == POLICIES

    change(project / "config.yml", "earlier_weight: 0.2", "earlier_weight: 0.3")
    assert trained_anew() == {"IntentFusion"}

    change(project / "nlu" / "linear.py", "FOLDS = 5", "FOLDS = 5  # or more")
    assert trained_anew() == {"LinearIntentClassifier", "IntentFusion", "IntentAwareExtractor"}

    change(project / "data" / "nlu.yml", "- ok bye", "- theek hai bye")
    assert trained_anew() == LANGUAGE


def test_no_setting_of_ours_keeps_the_cache_from_being_found() -> None:
    """Rasa looks a component up by its settings as they are given, and keeps it by them completed
    from the defaults, tables within them too."""
    pipeline: list[dict[str, Any]] = yaml.safe_load((ROOT / "config.yml").read_text())["pipeline"]
    for given in pipeline:
        component = DefaultV1Recipe._from_registry(given.pop("name"))
        if component.is_trainable:
            defaults = component.clazz.get_default_config()
            assert override_defaults(defaults, given) == {**defaults, **given}
