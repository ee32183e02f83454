"""What commands and queries are handed: one business's transaction, who acts, what time it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, Union
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from erp_core.kernel.actor import Actor
from erp_core.kernel.clock import INDIA, local_date
from erp_core.kernel.errors import Invalid

Fact = Union[  # noqa: UP007 - a string inside cannot be joined by | at run time
    str, int, bool, None, Sequence["Fact"], Mapping[str, "Fact"]
]
"""JSON without floats: ids, codes, paise, quantities as strings. Never a name, phone or text."""


@dataclass(frozen=True)
class Reader:
    """Read access to one business within one transaction."""

    connection: Connection
    business_id: int
    actor: Actor
    now: datetime
    zone: str = INDIA
    found: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """What was looked up already in this transaction, so that it is not asked for twice."""

    @property
    def today(self) -> date:
        """The date at the business."""
        return local_date(self.now, self.zone)


@dataclass(frozen=True)
class Event:
    """Something that happened to one entity."""

    kind: str
    entity: UUID | None
    payload: Mapping[str, Fact]


@dataclass(frozen=True)
class Recipient:
    """Whom a message is for: one person, or everybody who runs the business."""

    kind: Literal["user", "customer", "vendor"]
    id: UUID


@dataclass(frozen=True)
class Telling:
    """Something to tell somebody: a response's name and facts; its words are chosen on sending.

    `said` is what another person wrote and is handed on: kept no longer than until it left.
    """

    response: str
    to: Recipient
    facts: Mapping[str, Fact]
    said: str | None
    attachment: Mapping[str, Fact] | None
    priority: int
    due_at: datetime


@dataclass(frozen=True)
class Job:
    """Work to be done later by a handler of this kind; with a unique key it is queued once."""

    kind: str
    due_at: datetime
    arguments: Mapping[str, Fact]
    unique_key: str | None


@dataclass(frozen=True)
class Context(Reader):
    """One command's transaction. What it records, tells and plans is written when it succeeds."""

    events: list[Event] = field(default_factory=list)
    tellings: list[Telling] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)

    def day_of(self, on: date | None) -> date:
        """The day of a deed, today if none is told. Raises Invalid("date_in_future")."""
        if on and on > self.today:
            raise Invalid("date_in_future")
        return on or self.today

    def take_turns(self, key: str) -> None:
        """Wait while another command of the business is about the same; hold the key to the end."""
        lock = func.hashtextextended(key, self.business_id)
        self.connection.execute(select(func.pg_advisory_xact_lock(lock)))

    def record(self, kind: str, *, entity: UUID | None = None, **payload: Fact) -> None:
        """Add an event to the journal."""
        self.events.append(Event(kind, entity, payload))

    def tell(
        self,
        response: str,
        *,
        to: Recipient,
        facts: Mapping[str, Fact] | None = None,
        said: str | None = None,
        attachment: Mapping[str, Fact] | None = None,
        priority: int = 1,
        due_at: datetime | None = None,
    ) -> None:
        """Send somebody a message once this command has committed."""
        self.tellings.append(
            Telling(response, to, facts or {}, said, attachment, priority, due_at or self.now)
        )

    def later(
        self, kind: str, *, due_at: datetime, unique_key: str | None = None, **arguments: Fact
    ) -> None:
        """Have a job done at or after a moment."""
        self.jobs.append(Job(kind, due_at, arguments, unique_key))


Listener = Callable[[Context], None]
"""Called in the command's transaction after it succeeded; sees ctx.events, may tell and plan."""

CommandResult = Mapping[str, Any]
"""JSON-able facts of what a command did; kept with its key and given again on a repeat."""
