"""The migrations make exactly the tables, and the rights, that the models declare."""

from __future__ import annotations

import importlib
import pkgutil
from importlib.util import find_spec

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import erp_core
from erp_core.db.engine import Database
from erp_core.db.schema import metadata

for _package in pkgutil.iter_modules(erp_core.__path__):
    if _package.ispkg and find_spec(f"erp_core.{_package.name}.models"):
        importlib.import_module(f"erp_core.{_package.name}.models")


def test_a_migrated_database_has_what_the_models_declare(database: Database) -> None:
    with database.plain() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_name": _is_no_partition}
        )
        assert len(metadata.tables) > 25
        assert compare_metadata(context, metadata) == []


def _is_no_partition(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or not (
        str(name).startswith("journal_events_") or name == "alembic_version"
    )


def test_what_is_declared_append_only_is_so(database: Database) -> None:
    declared = {name for name, table in metadata.tables.items() if table.info.get("append_only")}
    with database.plain() as connection:
        guarded = connection.exec_driver_sql(
            "SELECT relname FROM pg_class JOIN pg_trigger ON tgrelid = pg_class.oid"
            " WHERE tgname = 'append_only' AND relname NOT LIKE 'journal_events_%%'"
            " AND NOT has_table_privilege('bahi_app', pg_class.oid, 'UPDATE')"
            " AND NOT has_table_privilege('bahi_app', pg_class.oid, 'DELETE')"
            " AND has_table_privilege('bahi_app', pg_class.oid, 'INSERT')"
        )
        assert set(guarded.scalars()) == declared
