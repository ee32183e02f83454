"""Bahi as it runs on a machine: its real processes under their supervisor, WhatsApp beside them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from installation import Installation


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    with Installation() as running:
        yield running
