"""What is in the journal stays: for the application by rights, for the owner by a trigger."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine
from sqlalchemy.engine import Connection
from sqlalchemy.exc import ProgrammingError

from erp_core.db.engine import Database, sqlalchemy_url

STATEMENTS = ["UPDATE {} SET payload = '{{}}'", "DELETE FROM {}"]


@pytest.fixture
def owner(database: Database) -> Iterator[Connection]:
    engine = create_engine(sqlalchemy_url(database.url), future=True)
    with engine.connect() as connection:
        yield connection
        connection.rollback()
    engine.dispose()


@pytest.mark.parametrize("statement", STATEMENTS)
def test_the_application_has_no_right_to_change_it(
    database: Database, business: int, statement: str
) -> None:
    with database.tenant(business) as connection, pytest.raises(ProgrammingError) as refusal:
        connection.exec_driver_sql(statement.format("journal_events"))
    assert refusal.value.orig.pgcode == "42501"


@pytest.mark.parametrize("statement", STATEMENTS)
def test_the_owner_is_refused_by_the_table(
    owner: Connection, business: int, statement: str
) -> None:
    with pytest.raises(ProgrammingError, match="journal_events_2026_11 is append-only"):
        owner.exec_driver_sql(
            f"{statement.format('journal_events')} WHERE business_id = {business}"
        )


@pytest.mark.parametrize("statement", STATEMENTS)
def test_the_owner_is_refused_by_each_partition(
    owner: Connection, business: int, statement: str
) -> None:
    with pytest.raises(ProgrammingError, match="append-only"):
        owner.exec_driver_sql(statement.format("journal_events_2026_11"))
