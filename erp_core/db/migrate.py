"""Bringing a database up to date: the application's role, the tables, the journal's months."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from erp_core.db.engine import sqlalchemy_url
from erp_core.db.rls import APP_ROLE, restrict
from erp_core.kernel.errors import Unavailable

MIGRATION_LOCK = 0x62616869
"""Advisory lock: processes that start together migrate one after the other."""

MONTHS_AHEAD = 24

_CREATE_ROLE = f"""
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP_ROLE}') THEN
    CREATE ROLE {APP_ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""

_MAY_BECOME_ROLE = f"""
SELECT pg_has_role(
  current_user, '{APP_ROLE}',
  CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END
)
"""
"""Since PostgreSQL 16 a role's creator is a member that may administer it but not act as it."""


def migrate(url: str, *, today: date) -> None:
    """Create what is missing. Safe to repeat and to run beside itself.

    The URL's role must own the database.

    Raises Unavailable("database_unreachable") or Unavailable("database_role_missing_rights").
    """
    engine = create_engine(sqlalchemy_url(url), future=True, connect_args={"connect_timeout": 5})
    try:
        with engine.begin() as connection:
            connection.execute(
                text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK}
            )
            _ensure_role(connection)
            _upgrade(connection)
            ensure_months(connection, today)
    except OperationalError as error:
        raise Unavailable("database_unreachable") from error
    finally:
        engine.dispose()


def ensure_months(connection: Connection, today: date) -> None:
    """Partitions of the journal from last month on, two years ahead, and one for anything else."""
    _ensure_partition(connection, "journal_events_other", "DEFAULT")
    year, month = (today.year, today.month - 1) if today.month > 1 else (today.year - 1, 12)
    for _ in range(MONTHS_AHEAD + 2):
        next_year, next_month = (year, month + 1) if month < 12 else (year + 1, 1)
        _ensure_partition(
            connection,
            f"journal_events_{year}_{month:02d}",
            f"FOR VALUES FROM ('{year}-{month:02d}-01 00:00:00+00') "
            f"TO ('{next_year}-{next_month:02d}-01 00:00:00+00')",
        )
        year, month = next_year, next_month


def _ensure_partition(connection: Connection, name: str, bounds: str) -> None:
    """A partition carries its own policy: one that is read directly does not apply its parent's.

    A month whose first events came when it had none (a clock far ahead) stays in the default one.
    """
    if connection.execute(text("SELECT to_regclass(:name)"), {"name": name}).scalar_one():
        return
    try:
        with connection.begin_nested():
            connection.execute(text(f"CREATE TABLE {name} PARTITION OF journal_events {bounds}"))
    except IntegrityError:
        return
    for statement in restrict(name, "business_id"):
        connection.execute(text(statement))


def _ensure_role(connection: Connection) -> None:
    try:
        connection.execute(text(_CREATE_ROLE))
        connection.execute(text(f"GRANT USAGE ON SCHEMA public TO {APP_ROLE}"))
        if not connection.execute(text(_MAY_BECOME_ROLE)).scalar_one():
            connection.execute(text(f"GRANT {APP_ROLE} TO CURRENT_USER"))
    except ProgrammingError as error:
        raise Unavailable("database_role_missing_rights") from error


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
