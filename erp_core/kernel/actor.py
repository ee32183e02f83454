"""Who acts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

ActorKind = Literal["user", "customer", "guest", "system"]
Role = Literal["owner", "manager", "staff", "viewer"]
ROLES: tuple[Role, ...] = ("owner", "manager", "staff", "viewer")


@dataclass(frozen=True)
class Actor:
    """A user with a role, a customer, somebody unknown (guest), or Bahi itself (system, no id)."""

    kind: ActorKind
    id: UUID | None = None
    role: Role | None = None

    @property
    def standing(self) -> str:
        """What the permission table is keyed by: the role of a user, the kind of anybody else."""
        return self.role if self.kind == "user" and self.role else self.kind


SYSTEM = Actor("system")
