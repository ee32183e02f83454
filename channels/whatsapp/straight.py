"""Loads and runs a model's graph without Rasa's detours.

Rasa hands the graph to dask's scheduler on each run, which plans it anew: more than a millisecond a
run, three or four runs a turn. The order never changes, so it is found once for each target, and
what each node calls with it.

A model holds its domain twice: as JSON in its description, which Rasa reads anyway, and as YAML,
which it reads three times over and checks against a schema: three seconds.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from rasa.engine.graph import GraphNode, GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelMetadata, ModelStorage
from rasa.graph_components.providers.domain_provider import DomainProvider
from rasa.shared.core.domain import Domain

Step = tuple[str, Callable[..., Any], Sequence[tuple[str, str]]]
"""A node's name, what it runs, and the parameters of that with the names of what they take."""


class StraightRunner(GraphRunner):
    """A graph runner that has done its planning."""

    def __init__(self, schema: GraphSchema, nodes: dict[str, GraphNode]) -> None:
        self._schema = schema
        self._nodes = nodes
        self._plans: dict[tuple[str, ...], list[Step]] = {}

    @classmethod
    def create(cls, *_: Any, **__: Any) -> StraightRunner:
        """Graphs are loaded by Rasa; of() takes them over."""
        raise NotImplementedError

    @classmethod
    def of(cls, runner: DaskGraphRunner) -> StraightRunner:
        """Take over the nodes of a loaded graph."""
        return cls(runner._graph_schema, runner._instantiated_nodes)

    def run(
        self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None
    ) -> dict[str, Any]:
        """The targets' outputs (see the parent class)."""
        wanted = tuple(targets or self._schema.target_names)
        outputs = dict(inputs or {})
        for name, call, needs in self._plan(wanted):
            outputs[name] = call(**{parameter: outputs[need] for parameter, need in needs})
        return {name: outputs[name] for name in wanted}

    def _plan(self, targets: tuple[str, ...]) -> list[Step]:
        if targets not in self._plans:
            nodes = self._schema.minimal_graph_schema(list(targets)).nodes
            order = in_order({name: tuple(node.needs.values()) for name, node in nodes.items()})
            self._plans[targets] = [
                (name, _called(self._nodes[name]), tuple(nodes[name].needs.items()))
                for name in order
            ]
        return self._plans[targets]


def _called(node: GraphNode) -> Callable[..., Any]:
    """What a node does of use: its component's function, past checks of what it is given."""
    if node._eager and not node._hooks:
        return partial(node._fn, node._component)
    return lambda **given: node(*((node._inputs[name], one) for name, one in given.items()))[1]


def in_order(needs: dict[str, tuple[str, ...]]) -> Sequence[str]:
    """The names, each after all that it needs; a need that is no name is given from outside."""
    order: dict[str, None] = {}

    def visit(name: str) -> None:
        if name in needs and name not in order:
            for need in needs[name]:
                visit(need)
            order[name] = None

    for name in needs:
        visit(name)
    return list(order)


@contextlib.contextmanager
def reading_domains_once() -> Iterator[None]:
    """Within it a model's graph gets the domain of the model's description."""
    described: list[Domain] = []
    read = ModelMetadata.from_dict.__func__

    def noting(cls: type[ModelMetadata], serialized: dict[str, Any]) -> ModelMetadata:
        metadata: ModelMetadata = read(cls, serialized)
        described.append(metadata.domain)
        return metadata

    def load(
        cls: type[DomainProvider],
        config: dict[str, Any],  # noqa: ARG001 - Rasa's signature
        model_storage: ModelStorage,
        resource: Resource,
        *_: Any,
        **__: Any,
    ) -> DomainProvider:
        return cls(model_storage, resource, described[-1])

    with (
        replaced(ModelMetadata, "from_dict", classmethod(noting)),
        replaced(DomainProvider, "load", classmethod(load)),
    ):
        yield


@contextlib.contextmanager
def replaced(owner: type, name: str, value: Any) -> Iterator[None]:
    """Within it a class has another attribute."""
    before = owner.__dict__[name]
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)
