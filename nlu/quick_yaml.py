"""Rasa reads a file of YAML in a time that grows with the square of its length.

Rasa has ruamel look for environment variables in every scalar. The reader of ruamel that Rasa is
bound to (below 0.17.22) adds that pattern to its own list anew at each scalar and tries all that
have gathered. A training or a shell reads the domain five times.
"""

from __future__ import annotations

from typing import Any

from ruamel.yaml.resolver import VersionedResolver

_known_patterns = VersionedResolver.__dict__["versioned_resolver"].fget


class _Patterns(dict[Any, Any]):
    """Patterns by first letter; who asks gets a list of their own to add to."""

    def get(self, first: Any, default: Any = None) -> Any:
        return list(super().get(first, default))


def mend_reader() -> None:
    """From here on no reader of this process adds to its own patterns."""
    VersionedResolver.versioned_resolver = property(  # type: ignore[method-assign, assignment]
        lambda resolver: _Patterns(_known_patterns(resolver))
    )
