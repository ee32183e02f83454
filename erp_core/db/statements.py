"""Statements that are built, compiled and planned once, for what every sale and every turn runs.

SQLAlchemy spends several times longer on building, hashing and running a statement than the server
on answering it, and the server more on planning it than on running it. A Statement is compiled
once, prepared once on each connection that reaches the server without a pooler, and run in the
connection's transaction past SQLAlchemy; what goes wrong is raised as SQLAlchemy would raise it.
"""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from itertools import count
from typing import Any

import psycopg2
from sqlalchemy import Table, insert
from sqlalchemy.dialects.postgresql.psycopg2 import PGDialect_psycopg2
from sqlalchemy.engine import Connection
from sqlalchemy.exc import NoResultFound
from sqlalchemy.sql.elements import ClauseElement

DIALECT = PGDialect_psycopg2()

PREPARED = "prepared"
"""In the info of a connection that keeps its server process: what is prepared there, by name."""

ANSWERS = "answers"
"""In the info of a connection whose transaction only reads, and all of it as of one moment: the
rows of what was asked in it. Whoever asks the same again gets them without the server."""

_PARAMETER = re.compile(r"%\((\w+)\)s")
_NUMBERS = count(1)


Fetch = Callable[[Any], Sequence[Any]]
"""Takes rows from a cursor."""


def _every(cursor: Any) -> Sequence[Any]:
    rows: Sequence[Any] = cursor.fetchall()
    return rows


def _first(cursor: Any) -> Sequence[Any]:
    row = cursor.fetchone()
    return [row] if row else []


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


class Statement:
    """One statement with named parameters: bindparam("tenant") in its conditions, `columns` by
    their own names in what it inserts or sets. Rows are named tuples of its columns."""

    def __init__(self, element: ClauseElement, *, columns: Sequence[str] = ()) -> None:
        self._element = element
        self._columns = list(columns) or None
        self._name = f"bahi_{next(_NUMBERS)}"

    def all(self, connection: Connection, **given: Any) -> list[Any]:
        """Every row."""
        return list(self._asked(connection, given, _every))

    def first(self, connection: Connection, **given: Any) -> Any | None:
        """The first row, if there is one."""
        return next(iter(self._asked(connection, given, _first)), None)

    def _asked(
        self, connection: Connection, given: Mapping[str, Any], fetch: Fetch
    ) -> Sequence[Any]:
        answers = connection.connection.info.get(ANSWERS)
        if answers is None:
            return self._answered(connection, given, fetch)
        key = (self, fetch, *map(_hashable, given.values()))
        if key not in answers:
            answers[key] = self._answered(connection, given, fetch)
        found: Sequence[Any] = answers[key]
        return found

    def _answered(
        self, connection: Connection, given: Mapping[str, Any], fetch: Fetch
    ) -> Sequence[Any]:
        with self._executed(connection, given) as cursor:
            return [self._row(*row) for row in fetch(cursor)]

    def each(self, connection: Connection, *, at_once: int, **given: Any) -> Iterator[Any]:
        """Every row, of however many, so many of them in memory at once."""
        # The transaction is the server's and psycopg2 knows of none, so that it wants to be told
        # that the cursor may outlive one; this is closed before.
        with connection.connection.cursor(self._name, withhold=True) as cursor:
            cursor.itersize = at_once
            try:
                cursor.execute(self._text, self._filled(given))
                yield from (self._row(*row) for row in cursor)
            except psycopg2.Error as error:
                self._fail(connection, cursor, error)

    def one(self, connection: Connection, **given: Any) -> Any:
        """The row that must be there. Raises NoResultFound."""
        row = self.first(connection, **given)
        if row is None:
            raise NoResultFound("no row was found where there must be one")
        return row

    def run(self, connection: Connection, **given: Any) -> int:
        """How many rows it wrote."""
        with self._executed(connection, given) as cursor:
            return int(cursor.rowcount)

    def run_many(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run it for each of some rows, all of them sent at once."""
        with self._executed(connection, *rows):
            pass

    @contextmanager
    def _executed(self, connection: Connection, *given: Mapping[str, Any]) -> Iterator[Any]:
        raw = connection.connection
        with raw.cursor() as cursor:
            try:
                prepared = raw.info.get(PREPARED)
                if prepared is not None and self._name not in prepared:
                    cursor.execute(self._preparation)
                    prepared.add(self._name)
                text = self._text if prepared is None else self._execution
                cursor.execute(b";".join(cursor.mogrify(text, self._filled(one)) for one in given))
            except psycopg2.Error as error:
                self._fail(connection, cursor, error)
            yield cursor

    def _fail(self, connection: Connection, cursor: Any, error: psycopg2.Error) -> None:
        """Listeners hear of it; a lost connection leaves the pool. Without the parameters: they are
        names and numbers of people."""
        failed: Any = connection
        failed._handle_dbapi_exception(error, self._text, None, cursor, None)

    @cached_property
    def _compiled(self) -> Any:
        return self._element.compile(dialect=DIALECT, column_keys=self._columns)

    @cached_property
    def _text(self) -> str:
        return str(self._compiled)

    @cached_property
    def _parameters(self) -> list[str]:
        return list(dict.fromkeys(_PARAMETER.findall(self._text)))

    @cached_property
    def _preparation(self) -> str:
        places = {name: f"${at}" for at, name in enumerate(self._parameters, start=1)}
        text = _PARAMETER.sub(lambda found: places[found[1]], self._text)
        return f"PREPARE {self._name} AS {text.replace('%%', '%')}"

    @cached_property
    def _execution(self) -> str:
        given = ", ".join(f"%({name})s" for name in self._parameters)
        return f"EXECUTE {self._name} ({given})"

    @cached_property
    def _constants(self) -> dict[str, Any]:
        """What SQLAlchemy makes a parameter of though it never changes."""
        binds = self._compiled.binds.items()
        return {name: bind.value for name, bind in binds if not bind.required}

    @cached_property
    def _converters(self) -> dict[str, Callable[[Any], Any]]:
        found = {
            name: bind.type.dialect_impl(DIALECT).bind_processor(DIALECT)
            for name, bind in self._compiled.binds.items()
        }
        return {name: convert for name, convert in found.items() if convert}

    @cached_property
    def _row(self) -> Any:
        element: Any = self._element
        selects = hasattr(element, "column_descriptions")
        told = element.column_descriptions if selects else element.returning_column_descriptions
        return namedtuple("Row", [column["name"] for column in told])

    def _filled(self, given: Mapping[str, Any]) -> dict[str, Any]:
        filled = {**self._constants, **given}
        for name, convert in self._converters.items():
            filled[name] = convert(filled[name])
        return filled


def allow_preparing(dbapi_connection: Any, record: Any) -> None:
    """Find out, when a connection is made, whether statements prepared on it will be found again:
    a pooler gives it another server process in each transaction, and a process id of its own."""
    with dbapi_connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        if cursor.fetchone() == (dbapi_connection.info.backend_pid,):
            record.info[PREPARED] = set()
    dbapi_connection.rollback()


def insertion(table: Table, *columns: str) -> Statement:
    """The statement that inserts rows of these columns."""
    return Statement(insert(table), columns=columns)
