"""The table of messages kept for review."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Integer, Text

from erp_core.db.schema import moment_column, tenant_index, tenant_table

reviews = tenant_table(
    "reviews",
    Column("masked", Text, nullable=False),
    Column("intent", Text, nullable=False),
    Column("per_mille", Integer, nullable=False),
    moment_column("created_at"),
    moment_column("expires_at"),
    CheckConstraint("length(masked) <= 300", name="masked"),
    tenant_index("expires_at"),
)
