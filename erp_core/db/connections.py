"""Connections that stay open between transactions, and transactions on them.

SQLAlchemy wraps a connection anew each time that its pool hands it out, and psycopg2 asks the
server to begin in a round trip of its own; for a transaction of two short statements that is half
of the work. Here the wrapping stays with its connection, and what begins a transaction goes to
the server in one piece with what is to be set for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import BoundedSemaphore
from typing import Any

import psycopg2
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.future import Connection

from erp_core.db.statements import ANSWERS
from erp_core.kernel.errors import Unavailable

PATIENCE = 10.0
"""Seconds to wait for a connection while all are in use."""


class Connections:
    """So many connections of an engine at most, each left to the server's own transactions."""

    def __init__(self, engine: Engine, *, most: int) -> None:
        self._engine: Any = engine
        self._free = BoundedSemaphore(most)
        self._idle: list[Connection] = []

    @contextmanager
    def transaction(self, begin: str, *, reads_one_moment: bool = False) -> Iterator[Connection]:
        """A transaction that begins with these statements, the first of them BEGIN.

        One that `reads_one_moment`, and writes nothing, asks the server each question once.
        Raises Unavailable("database_unreachable") when no connection comes free.
        """
        with self._connection() as connection:
            kept = connection.connection.info
            try:
                run(connection, begin)
                if reads_one_moment:
                    kept[ANSWERS] = {}
                yield connection
                run(connection, "COMMIT")
            except BaseException:
                _roll_back(connection)
                raise
            finally:
                kept.pop(ANSWERS, None)

    def close(self) -> None:
        """Give back to the server all that are not in use."""
        while connection := self._taken():
            connection.close()

    def _taken(self) -> Connection | None:
        """One that is idle, if any is: another thread may take the last one meanwhile."""
        try:
            return self._idle.pop()
        except IndexError:
            return None

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        if not self._free.acquire(timeout=PATIENCE):
            raise Unavailable("database_unreachable")
        try:
            connection = self._taken() or self._engine.connect()
            try:
                yield connection
            finally:
                self._give_back(connection)
        finally:
            self._free.release()

    def _give_back(self, connection: Connection) -> None:
        """Keep it for the next, unless the server is gone: then so are those that are idle."""
        lost = connection.invalidated
        if connection.in_transaction():
            connection.rollback()  # SQLAlchemy's own notion of one; the server's has ended
        if lost:
            connection.close()
            self.close()
        else:
            self._idle.append(connection)


def run(connection: Connection, statement: str) -> None:
    """Run what begins or ends a transaction, past SQLAlchemy, which spends more on it than the
    server; what goes wrong is raised as SQLAlchemy would raise it."""
    cursor = connection.connection.cursor()
    try:
        cursor.execute(statement)
    except psycopg2.Error as error:
        failed: Any = connection
        failed._handle_dbapi_exception(error, statement, None, cursor, None)
    finally:
        cursor.close()


def _roll_back(connection: Connection) -> None:
    """Of a connection that is lost, or is found to be, nothing is left to roll back."""
    if not connection.invalidated:
        with suppress(DBAPIError):
            run(connection, "ROLLBACK")
