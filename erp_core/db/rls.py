"""Row-level security: statements that make the database refuse what is another business's."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Table

APP_ROLE = "bahi_app"
TENANT_SETTING = "app.business_id"

CURRENT_TENANT = f"nullif(current_setting('{TENANT_SETTING}', true), '')::bigint"
"""The tenant of this transaction, or NULL, which matches no row.

After a commit the setting reads back as '', not as NULL: nullif() makes a forgotten tenant mean
no rows instead of an error.
"""


def protect(table: Table) -> Iterator[str]:
    """Statements for one table, by what it declares of itself in `info`."""
    tenant_column = table.info.get("tenant")
    if tenant_column:
        yield from restrict(table.name, tenant_column)
        rights = "SELECT, INSERT" if table.info["append_only"] else "SELECT, INSERT, UPDATE, DELETE"
    else:
        rights = "SELECT, INSERT, UPDATE, DELETE"
    yield f"GRANT {rights} ON {table.name} TO {APP_ROLE}"
    if table.info.get("append_only"):
        yield (
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table.name} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def restrict(table_name: str, tenant_column: str) -> Iterator[str]:
    """Enable, force (the owner is bound too) and define the policy for reads and writes."""
    mine = f"{tenant_column} = {CURRENT_TENANT}"
    yield f"ALTER TABLE {table_name} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table_name} FORCE ROW LEVEL SECURITY"
    yield f"CREATE POLICY tenant ON {table_name} USING ({mine}) WITH CHECK ({mine})"
