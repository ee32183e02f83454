"""A worker holds what it serves with, not all that Rasa might train, plot and connect with.

Rasa imports TensorFlow wherever a class of its might train, and the libraries of every channel and
store that it knows: five seconds and 400 MB. A model whose components need none of them is served
with stand-ins in their place: names to inherit from and to annotate with, nothing that can be
called.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from abc import ABCMeta
from collections.abc import Iterable, Mapping, Sequence
from types import ModuleType
from typing import Any

TRAINING = frozenset(
    {"tensorflow", "keras", "matplotlib", "scipy.stats", "sklearn.model_selection"}
)
CHANNELS = frozenset(
    {
        *("aiogram", "engineio", "fbmessenger", "mattermostwrapper", "rocketchat_API"),
        *("slack_sdk", "socketio", "twilio", "webexteamssdk"),
        *("prompt_toolkit", "questionary"),
    }
)
STORES = frozenset({"aio_pika", "boto3", "botocore", "kafka", "pymongo"})
ABSENT = TRAINING | CHANNELS | STORES
"""Packages and modules that are stood in for, with all that is in them."""

SERVED_LEAN = frozenset(
    {
        "rasa.core.policies.ensemble.DefaultPolicyPredictionEnsemble",
        "rasa.core.policies.memoization.AugmentedMemoizationPolicy",
        "rasa.core.policies.memoization.MemoizationPolicy",
        "rasa.core.policies.rule_policy.RulePolicy",
        "rasa.nlu.classifiers.fallback_classifier.FallbackClassifier",
        "rasa.nlu.classifiers.keyword_intent_classifier.KeywordIntentClassifier",
        "rasa.nlu.classifiers.regex_message_handler.RegexMessageHandler",
        "rasa.nlu.extractors.entity_synonyms.EntitySynonymMapper",
        "rasa.nlu.extractors.regex_entity_extractor.RegexEntityExtractor",
        "rasa.nlu.featurizers.sparse_featurizer.count_vectors_featurizer.CountVectorsFeaturizer",
        "rasa.nlu.featurizers.sparse_featurizer.lexical_syntactic_featurizer."
        "LexicalSyntacticFeaturizer",
        "rasa.nlu.featurizers.sparse_featurizer.regex_featurizer.RegexFeaturizer",
        "rasa.nlu.tokenizers.whitespace_tokenizer.WhitespaceTokenizer",
    }
)
"""Components of Rasa that serve without these packages; our own (nlu.) and the graph's all do."""


class NotHeld(RuntimeError):
    """Something of a package was called that this process does without."""


class _StandIn(ABCMeta):
    """A class whose every attribute is such a class."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _StandIn(name, (Absent,), {})

    def __call__(cls, *_: Any, **__: Any) -> Any:
        raise NotHeld(cls.__name__)


class Absent(metaclass=_StandIn):
    """Of this kind is whatever a name of an absent package means."""


class _AbsentModule(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _StandIn(name, (Absent,), {})


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the absent packages and all their modules."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002 - Python's signature
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> importlib.machinery.ModuleSpec | None:
        if not _is_absent(fullname):
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _AbsentModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing in it."""


_finder = _Finder()


def can_serve(components: Iterable[str]) -> bool:
    """Whether a model of these components (module.Class) needs none of the packages."""
    own = ("nlu.", "rasa.graph_components.")
    return all(one.startswith(own) or one in SERVED_LEAN for one in components)


def components(metadata: Mapping[str, Any]) -> set[str]:
    """The components that a model predicts with, from its metadata.json."""
    return {node["uses"] for node in metadata["predict_schema"]["nodes"].values()}


def do_without() -> None:
    """From here on imports get stand-ins. Call before Rasa is imported."""
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)


def relent() -> None:
    """From here on imports get the packages themselves; who has stand-ins keeps them."""
    if _finder not in sys.meta_path:
        return
    sys.meta_path.remove(_finder)
    stood_in = [name for name, one in sys.modules.items() if isinstance(one, _AbsentModule)]
    for name in stood_in:
        del sys.modules[name]
        parent, _, own = name.rpartition(".")
        if parent in sys.modules:
            sys.modules[parent].__dict__.pop(own, None)


def _is_absent(name: str) -> bool:
    first, _, rest = name.partition(".")
    return first in ABSENT or f"{first}.{rest.partition('.')[0]}" in ABSENT
