"""Who wants to be answered by voice as well: people of the shop, and its customers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

TABLES = ("users", "customers")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(
            table,
            sa.Column("speaks", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        )


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "speaks")
