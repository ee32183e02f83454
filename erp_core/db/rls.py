"""Row-level security: statements that make the database refuse what is another business's."""

from __future__ import annotations

from collections.abc import Iterator

APP_ROLE = "bahi_app"
TENANT_SETTING = "app.business_id"

CURRENT_TENANT = f"nullif(current_setting('{TENANT_SETTING}', true), '')::bigint"
"""The tenant of this transaction, or NULL, which matches no row.

After a commit the setting reads back as '', not as NULL: nullif() makes a forgotten tenant mean
no rows instead of an error.
"""


def restrict(table_name: str, tenant_column: str) -> Iterator[str]:
    """Enable, force (the owner is bound too) and define the policy for reads and writes."""
    mine = f"{tenant_column} = {CURRENT_TENANT}"
    yield f"ALTER TABLE {table_name} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table_name} FORCE ROW LEVEL SECURITY"
    yield f"CREATE POLICY tenant ON {table_name} USING ({mine}) WITH CHECK ({mine})"
