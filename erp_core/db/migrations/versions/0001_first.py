"""The first schema: every table, its row-level security and its rights."""

from __future__ import annotations

from alembic import context, op
from sqlalchemy import MetaData

from erp_core.db.rls import APP_ROLE, protect

revision = "0001"
down_revision = None

REFUSE_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$
"""


def upgrade() -> None:
    metadata: MetaData = context.config.attributes["metadata"]
    op.execute(REFUSE_CHANGE)
    metadata.create_all(op.get_bind(), checkfirst=False)
    for table in metadata.sorted_tables:
        for statement in protect(table):
            op.execute(statement)
    op.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {APP_ROLE}")
