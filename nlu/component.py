"""How Rasa makes a component and brings one back after training."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, TypeVar

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage

from nlu import fingerprint

AnyFixed = TypeVar("AnyFixed", bound="Fixed")
AnyLearner = TypeVar("AnyLearner", bound="Learner")


class Component(GraphComponent, ABC):
    """A component whose training depends on its modules and on those that they import."""

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:  # noqa: ARG003 - Rasa's signature
        """Return what else training depends on: Rasa looks at the class alone."""
        return fingerprint.of(cls)


class Fixed(Component):
    """A component made from its configuration, which learns nothing."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._config = config

    @classmethod
    def create(
        cls: type[AnyFixed],
        config: dict[str, Any],
        model_storage: ModelStorage,  # noqa: ARG003 - Rasa's signature
        resource: Resource,  # noqa: ARG003
        execution_context: ExecutionContext,  # noqa: ARG003
    ) -> AnyFixed:
        """Make the component."""
        return cls(config)


class Learner(Component):
    """A component that learns; one that had nothing to learn from comes back as it was made."""

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource

    @classmethod
    def create(
        cls: type[AnyLearner],
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,  # noqa: ARG003 - Rasa's signature
    ) -> AnyLearner:
        """Make the component, untrained."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls: type[AnyLearner],
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,  # noqa: ARG003 - Rasa's signature
    ) -> AnyLearner:
        """Bring back what was learned, if anything was."""
        made = cls.create(config, model_storage, resource, execution_context)
        try:
            with model_storage.read_from(resource) as directory:
                made.read(directory)
        except (ValueError, FileNotFoundError):
            pass
        return made

    @abstractmethod
    def read(self, directory: Path) -> None:
        """Take what training wrote into `directory`."""
