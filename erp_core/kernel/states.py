"""Life cycles as tables of transitions."""

from __future__ import annotations

from collections.abc import Mapping

from erp_core.kernel.errors import Conflict


class Transitions:
    """Which state may follow which."""

    def __init__(self, table: Mapping[str, frozenset[str]]) -> None:
        self._table = dict(table)

    @property
    def states(self) -> frozenset[str]:
        return frozenset(self._table)

    def after(self, state: str) -> frozenset[str]:
        """The states that may follow."""
        return self._table[state]

    def check(self, before: str, after: str) -> None:
        """Raises Conflict("illegal_transition") with the allowed states."""
        if after not in self._table[before]:
            raise Conflict(
                "illegal_transition",
                before=before,
                after=after,
                allowed=sorted(self._table[before]),
            )
