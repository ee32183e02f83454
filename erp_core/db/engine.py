"""The one door to PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from erp_core.db.connections import Connections
from erp_core.db.rls import APP_ROLE, TENANT_SETTING
from erp_core.db.statements import allow_preparing
from erp_core.kernel.errors import Unavailable

AS_APP_ROLE = f"-c role={APP_ROLE}"

Turn = Literal["shared", "alone"]
_TURNS: Mapping[Turn, str] = {
    "shared": "pg_advisory_xact_lock_shared",
    "alone": "pg_advisory_xact_lock",
}

_ROLE_QUERY = """
SELECT rolsuper OR rolbypassrls OR EXISTS (
         SELECT FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
         WHERE pg_has_role(pg_roles.oid, relowner, 'USAGE')
           AND nspname = 'public' AND relkind IN ('r', 'p')
       ) AS privileged
FROM pg_roles WHERE rolname = current_user
"""


class UnsafeRole(RuntimeError):
    """The application's role could step around row-level security; Bahi does not start."""


class Database:
    """Connections whose role cannot step around row-level security.

    Given the URL of a privileged login (the embedded server's, or a single DATABASE_URL that also
    migrates), every connection runs as the application role instead. `pool_size`: transactions at
    a time, and as many again that are opened within others.
    """

    def __init__(self, url: str, *, pool_size: int = 4) -> None:
        self.url = url
        self._connections = Connections(_unprivileged_engine(url), most=2 * pool_size)

    @contextmanager
    def tenant(self, business_id: int, *, turn: Turn | None = None) -> Iterator[Connection]:
        """One transaction that sees and writes the rows of one business only.

        Of those with a turn many share it; who has it alone waits for all of them, and they for
        him, before anything is read or locked, and to the end.
        """
        begin = f"BEGIN; SELECT set_config('{TENANT_SETTING}', '{business_id:d}', true)"
        if turn:
            begin += f", {_TURNS[turn]}(hashtextextended('turn', {business_id:d}))"
        with self._connections.transaction(begin) as connection:
            yield connection

    @contextmanager
    def snapshot(self, business_id: int) -> Iterator[Connection]:
        """The same for reading: all of it as it was in one moment, whoever writes meanwhile."""
        begin = (
            "BEGIN ISOLATION LEVEL REPEATABLE READ;"
            f" SELECT set_config('{TENANT_SETTING}', '{business_id:d}', true)"
        )
        with self._connections.transaction(begin, reads_one_moment=True) as connection:
            yield connection

    @contextmanager
    def plain(self) -> Iterator[Connection]:
        """One transaction without a tenant: only global tables have rows to see."""
        with self._connections.transaction("BEGIN") as connection:
            yield connection

    def close(self) -> None:
        """Give all connections back to the server."""
        self._connections.close()


def _unprivileged_engine(url: str) -> Engine:
    engine = _engine(url)
    if not _privileged(engine):
        return engine
    engine = _engine(url, options=AS_APP_ROLE)
    if _privileged(engine):
        raise UnsafeRole(f"{APP_ROLE} may bypass row-level security")
    return engine


def _engine(url: str, **connect_args: Any) -> Engine:
    """Connections that begin no transaction of their own: Connections does."""
    engine = create_engine(
        sqlalchemy_url(url),
        future=True,
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        connect_args={"connect_timeout": 5, **connect_args},
    )
    event.listen(engine, "connect", allow_preparing)
    return engine


def sqlalchemy_url(url: str) -> str:
    """postgres:// or postgresql://, with or without a driver, as psycopg2 wants it."""
    scheme, rest = url.split("://", 1)
    if scheme.split("+")[0] not in ("postgres", "postgresql"):
        raise Unavailable("wrong_database_url")
    return f"postgresql+psycopg2://{rest}"


def _privileged(engine: Engine) -> bool:
    try:
        with engine.connect() as connection:
            return bool(connection.exec_driver_sql(_ROLE_QUERY).scalar_one())
    except OperationalError as error:
        if f'role "{APP_ROLE}" does not exist' in str(error):
            raise Unavailable("database_not_migrated") from error
        raise Unavailable("database_unreachable") from error
