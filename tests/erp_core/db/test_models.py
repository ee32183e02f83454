"""The migrations make exactly the tables that the models declare."""

from __future__ import annotations

import importlib
import pkgutil
from importlib.util import find_spec

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import erp_core
from erp_core.db.engine import Database
from erp_core.db.schema import metadata


def test_a_migrated_database_has_what_the_models_declare(database: Database) -> None:
    for package in pkgutil.iter_modules(erp_core.__path__):
        if package.ispkg and find_spec(f"erp_core.{package.name}.models"):
            importlib.import_module(f"erp_core.{package.name}.models")
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
