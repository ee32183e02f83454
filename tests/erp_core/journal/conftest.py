"""A superuser's view of the tables, for tests that tamper with them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine
from sqlalchemy.engine import Connection

from erp_core.db.engine import Database, sqlalchemy_url


@pytest.fixture
def superuser(database: Database) -> Iterator[Connection]:
    """One transaction, rolled back at the end, in which no trigger and no policy holds."""
    engine = create_engine(sqlalchemy_url(database.url), future=True)
    with engine.connect() as connection:
        connection.exec_driver_sql("SET session_replication_role = replica")
        yield connection
        connection.rollback()
    engine.dispose()
