"""Transactions on connections that stay open: each is the server's own, whole or not at all."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from sqlalchemy import create_engine
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.pool import NullPool

from erp_core.db import connections
from erp_core.db.connections import Connections
from erp_core.db.engine import sqlalchemy_url
from erp_core.kernel.errors import Unavailable


class Undone(Exception):
    """Ends a transaction without a trace."""


@pytest.fixture
def engine(new_database: Callable[[], str]) -> Iterator[Engine]:
    url = sqlalchemy_url(new_database())
    engine = create_engine(url, future=True, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE marks (mark int UNIQUE DEFERRABLE)")
    yield engine
    engine.dispose()


@pytest.fixture
def kept(engine: Engine) -> Iterator[Connections]:
    kept = Connections(engine, most=2)
    yield kept
    kept.close()


def mark(connection: Connection, number: int) -> None:
    connection.exec_driver_sql(f"INSERT INTO marks VALUES ({number})")


def marks(kept: Connections) -> list[int]:
    with kept.transaction("BEGIN") as connection:
        return list(connection.exec_driver_sql("SELECT mark FROM marks ORDER BY 1").scalars())


def server_process(connection: Connection) -> int:
    return int(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())


def test_what_was_written_stays_and_what_failed_does_not(kept: Connections) -> None:
    with kept.transaction("BEGIN") as connection:
        mark(connection, 1)
    with suppress(Undone), kept.transaction("BEGIN") as connection:
        mark(connection, 2)
        raise Undone
    assert marks(kept) == [1]


def test_what_only_the_end_finds_wrong_is_raised_and_undone(kept: Connections) -> None:
    with pytest.raises(IntegrityError):
        _mark_twice(kept, 3)
    assert marks(kept) == []


def test_the_same_connection_serves_one_transaction_after_another(kept: Connections) -> None:
    seen = set()
    for _ in range(3):
        with kept.transaction("BEGIN") as connection:
            seen.add(server_process(connection))
    assert len(seen) == 1


def test_a_transaction_within_another_has_a_connection_of_its_own(kept: Connections) -> None:
    with kept.transaction("BEGIN") as outer:
        mark(outer, 4)
        assert marks(kept) == []
    assert marks(kept) == [4]


def test_it_is_set_before_anything_is_read(kept: Connections) -> None:
    with kept.transaction("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1") as reader:
        mark_meanwhile = threading.Thread(target=_mark_alone, args=(kept, 5))
        mark_meanwhile.start()
        mark_meanwhile.join()
        found = reader.exec_driver_sql("SELECT count(*) FROM marks").scalar_one()
        level = reader.exec_driver_sql("SHOW transaction_isolation").scalar_one()
    assert (found, level) == (0, "repeatable read")
    assert marks(kept) == [5]


def test_after_the_server_went_away_new_connections_are_made(
    kept: Connections, engine: Engine
) -> None:
    with kept.transaction("BEGIN") as outer, kept.transaction("BEGIN") as inner:
        lost = {server_process(outer), server_process(inner)}
    with engine.connect() as other:
        for process in lost:
            other.exec_driver_sql(f"SELECT pg_terminate_backend({process}, 60000)")
    with pytest.raises(DBAPIError) as refused, kept.transaction("BEGIN"):
        pytest.fail("it began on a connection that is lost")
    assert refused.value.connection_invalidated
    with kept.transaction("BEGIN") as outer, kept.transaction("BEGIN") as inner:
        assert lost.isdisjoint({server_process(outer), server_process(inner)})


def test_a_connection_lost_on_the_way_does_not_hide_why_it_ended(
    kept: Connections, engine: Engine
) -> None:
    with pytest.raises(Undone):
        _lose_and_fail(kept, engine)
    assert marks(kept) == []


def test_when_all_are_in_use_it_is_said_so(
    kept: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "PATIENCE", 0.05)
    with kept.transaction("BEGIN"), kept.transaction("BEGIN"):
        with pytest.raises(Unavailable) as refused, kept.transaction("BEGIN"):
            pytest.fail("there is no third connection")
        assert refused.value.code == "database_unreachable"
    assert marks(kept) == []


def _mark_twice(kept: Connections, number: int) -> None:
    with kept.transaction("BEGIN") as connection:
        connection.exec_driver_sql("SET CONSTRAINTS ALL DEFERRED")
        mark(connection, number)
        mark(connection, number)


def _lose_and_fail(kept: Connections, engine: Engine) -> None:
    with kept.transaction("BEGIN") as connection:
        process = server_process(connection)
        with engine.connect() as other:
            other.exec_driver_sql(f"SELECT pg_terminate_backend({process}, 60000)")
        raise Undone


def _mark_alone(kept: Connections, number: int) -> None:
    with kept.transaction("BEGIN") as connection:
        mark(connection, number)
