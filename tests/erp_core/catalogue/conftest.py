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
def as_staff(ctx):
    return replace(ctx, actor=Actor("user", UUID(int=1), "staff"))
