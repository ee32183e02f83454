"""Databases of one's own, for tests that change the schema or its rights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from uuid import uuid4

import psycopg2
import pytest
from sqlalchemy.engine import make_url

from erp_core.db.engine import Database


@pytest.fixture(scope="module")
def new_database(database: Database) -> Iterator[Callable[[], str]]:
    """Makes empty databases on the test server; gives their URLs and drops them afterwards."""
    made: list[str] = []

    def make() -> str:
        name = f"bahi_test_{uuid4().hex[:12]}"
        _execute(database.url, f"CREATE DATABASE {name}")
        made.append(name)
        return make_url(database.url).set(database=name).render_as_string(hide_password=False)

    yield make
    for name in made:
        _execute(database.url, f"DROP DATABASE {name} WITH (FORCE)")


def _execute(url: str, statement: str) -> None:
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        connection.cursor().execute(statement)
