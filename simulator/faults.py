"""What goes wrong on purpose."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

KINDS = ("all", "messages", "statuses")
ANSWERS = ("429", "500", "timeout", "lost")


@dataclass
class GraphFault:
    """The next `count` sends are answered so.

    429: throttled, with `code`. 500: "an unknown error". timeout: nothing happens, and the answer
    comes after `seconds`. lost: the message is delivered, but the answer never reaches the sender.
    """

    answer: str
    count: int = 1
    code: int = 130429
    seconds: float = 30.0


@dataclass
class Faults:
    """The faults in force. The webhook faults hold until cleared; `drop` and `graph` count down.

    `only` narrows the webhook faults to one kind of update: "messages", "statuses" or "all".
    `reorder` and `batch` wait `hold_ms` for more updates at the most.
    """

    duplicate: int = 0
    reorder: int = 0
    delay_ms: int = 0
    drop: int = 0
    batch: int = 0
    hold_ms: int = 1000
    only: str = "all"
    graph: list[GraphFault] = field(default_factory=list)

    def change(self, wanted: dict[str, Any]) -> None:
        """Set the faults named; raises ValueError for one that does not exist."""
        numbers = {"duplicate", "reorder", "delay_ms", "drop", "batch", "hold_ms"}
        unknown = set(wanted) - numbers - {"graph", "only"}
        if unknown:
            raise ValueError(f"unknown fault: {', '.join(sorted(unknown))}")
        faults = [_graph_fault(one) for one in _as_list(wanted.get("graph", []))]
        changes = {name: int(wanted[name]) for name in numbers & set(wanted)}
        if any(value < 0 for value in changes.values()):
            raise ValueError("a fault cannot be negative")
        if wanted.get("only", "all") not in KINDS:
            raise ValueError(f"only is one of {', '.join(KINDS)}")
        self.only = wanted.get("only", self.only)
        for name, value in changes.items():
            setattr(self, name, value)
        if "graph" in wanted:
            self.graph = faults

    def concern(self, kind: str) -> bool:
        """Whether the webhook faults touch this kind of update."""
        return self.only in ("all", kind)

    def next_graph_fault(self) -> GraphFault | None:
        """The fault of this Graph call, used up by one."""
        while self.graph:
            fault = self.graph[0]
            if fault.count > 0:
                fault.count -= 1
                return fault
            self.graph.pop(0)
        return None

    def take_drop(self) -> bool:
        """Whether this webhook is lost."""
        if self.drop <= 0:
            return False
        self.drop -= 1
        return True

    def shown(self) -> dict[str, Any]:
        """As the control API shows it."""
        return asdict(self)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _graph_fault(wanted: dict[str, Any]) -> GraphFault:
    fault = GraphFault(**{**wanted, "answer": str(wanted.get("answer"))})
    if fault.answer not in ANSWERS:
        raise ValueError(f"a Graph fault answers one of {', '.join(ANSWERS)}")
    return fault
