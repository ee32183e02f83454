from __future__ import annotations

import pytest

from erp_core.journal.context import Context
from erp_core.kernel.actor import SYSTEM


@pytest.fixture
def ctx(database, business, clock):
    with database.tenant(business) as connection:
        yield Context(connection, business, SYSTEM, clock.now())
