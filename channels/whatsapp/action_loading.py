"""Finds every custom action. It needs nothing of Rasa but its SDK, so that a check is quick."""

from __future__ import annotations

from importlib import import_module
from pkgutil import walk_packages

from rasa_sdk.executor import ActionExecutor


def load_actions(package: str = "actions") -> ActionExecutor:
    """The actions of a package. Raises ImportError when it cannot be imported."""
    executor = ActionExecutor()
    root = import_module(package)
    # Rasa's own walk takes a package within for one of its name anywhere on the path.
    for one in walk_packages(getattr(root, "__path__", []), f"{package}."):
        import_module(one.name)
    executor._register_all_actions()
    return executor
