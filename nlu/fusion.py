"""Several learners, one answer: what the linear classifier, the field and DIET say together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, EXTRACTOR, INTENT, INTENT_RANKING_KEY
from rasa.shared.nlu.training_data.message import Message

from nlu.classifier import EARLIER_RANKING

MAIN_RANKING = "main_intent_ranking"
"""Where the ranking of the classifier next to the fusion is kept, for reports."""
ALL_ENTITIES = "entities_of_all_extractors"
"""Where every extractor's entities are kept, for reports."""

Ranking = Sequence[Mapping[str, Any]]
Entity = dict[str, Any]


def blend(main: Ranking, other: Ranking, weight: float) -> list[dict[str, Any]]:
    """Return one ranking of both; `weight` (0 to 1) is how much `other` counts."""
    confidences: dict[str, float] = {}
    for ranking, share in ((main, 1 - weight), (other, weight)):
        for one in ranking:
            name = one["name"]
            confidences[name] = confidences.get(name, 0.0) + share * float(one["confidence"])
    ordered = sorted(confidences.items(), key=lambda item: -item[1])
    return [{"name": name, "confidence": confidence} for name, confidence in ordered]


def choose(found: Sequence[Entity], *, main: str, trusted: float) -> list[Entity]:
    """Return the entities of the `main` extractor, and others' where it saw nothing.

    Another extractor's entity is kept when it overlaps none of the chosen and its confidence
    is at least `trusted`.
    """
    chosen = [one for one in found if one.get(EXTRACTOR) == main]
    for one in found:
        sure = float(one.get("confidence_entity", 0.0)) >= trusted
        if one.get(EXTRACTOR) != main and sure and not any(overlap(one, c) for c in chosen):
            chosen.append(one)
    return sorted(chosen, key=lambda one: int(one["start"]))


def overlap(one: Entity, other: Entity) -> bool:
    """Whether two entities share a character."""
    return bool(one["start"] < other["end"] and other["start"] < one["end"])


class _Stateless(GraphComponent):
    """A component with a configuration and nothing learnt."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._config = config

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,  # noqa: ARG003 - Rasa's signature
        resource: Resource,  # noqa: ARG003
        execution_context: ExecutionContext,  # noqa: ARG003
    ) -> _Stateless:
        """Make the component."""
        return cls(config)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class IntentFusion(_Stateless):
    """Blends the two rankings that the classifiers before it made."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return how much the earlier classifier's ranking counts."""
        return {"earlier_weight": 0.2}

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the intent and ranking that both classifiers together give."""
        for message in messages:
            earlier: Ranking = message.get(EARLIER_RANKING) or []
            ranking: Ranking = message.get(INTENT_RANKING_KEY) or []
            if not earlier or not ranking:
                continue
            message.set(MAIN_RANKING, ranking)
            fused = blend(ranking, earlier, self._config["earlier_weight"])
            message.set(INTENT, dict(fused[0]), add_to_output=True)
            message.set(INTENT_RANKING_KEY, fused, add_to_output=True)
        return messages


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class EntityFusion(_Stateless):
    """Keeps the main extractor's entities and what a sure other one adds."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return which extractor leads, and from which confidence another is heard."""
        return {"main": "IntentAwareExtractor", "trusted": 0.9}

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the entities that the extractors together give."""
        for message in messages:
            found: list[Entity] = message.get(ENTITIES) or []
            message.set(ALL_ENTITIES, found)
            kept = choose(found, main=self._config["main"], trusted=self._config["trusted"])
            message.set(ENTITIES, kept, add_to_output=True)
        return messages
