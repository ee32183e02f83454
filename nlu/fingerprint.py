"""What a component's training depends on beside its class: the modules that it is made of."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OURS = ("nlu", "erp_core")


def of(component: type) -> str:
    """Return a hash of the source of the component's modules and of all that they import of ours.

    Rasa looks at the source of the class alone, and would take a stale model from its cache
    without this.
    """
    digest = hashlib.sha256()
    for path in files(component):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def files(component: type) -> list[Path]:
    """Return the files of a component's classes and of all that they import of ours."""
    found: set[Path] = set()
    waiting = [base.__module__ for base in component.__mro__]
    while waiting:
        name = waiting.pop()
        path = ROOT.joinpath(*name.split(".")).with_suffix(".py")
        if name.startswith(OURS) and path not in found and path.is_file():
            found.add(path)
            waiting += imported(path.read_text())
    return sorted(found)


@lru_cache(maxsize=256)
def imported(source: str) -> tuple[str, ...]:
    """Return the names that a source imports, each as what may be a module."""
    return tuple(_imported(ast.parse(source)))


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names)
