from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from erp_core.journal.context import Context
from erp_core.kernel.actor import SYSTEM, Actor


@pytest.fixture
def ctx(database, business, clock):
    with database.tenant(business) as connection:
        yield Context(connection, business, SYSTEM, clock.now())


@pytest.fixture
def acting(ctx):
    """The same transaction in the hands of somebody else: acting("manager"), acting("customer")."""

    def become(standing: str, actor_id: UUID | None = None) -> Context:
        if standing in ("owner", "manager", "staff", "viewer"):
            return replace(ctx, actor=Actor("user", actor_id or UUID(int=1), standing))
        return replace(ctx, actor=Actor(standing, actor_id))

    return become
