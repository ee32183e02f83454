from __future__ import annotations

import pytest

from erp_core.runtime import Bahi, default_listeners


@pytest.fixture
def bahi(database, clock) -> Bahi:
    """With what listens: the tax of goods under reverse charge is written by it."""
    return Bahi(database, clock, listeners=default_listeners())
