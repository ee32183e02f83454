"""Tables of what was told to people."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Integer, Text

from erp_core.db.schema import moment_column, tenant_table

deliveries = tenant_table(
    "deliveries",
    Column("status", Text, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("error_code", Integer),
    Column("pricing_category", Text),
    Column("pricing_type", Text),
    moment_column("changed_at"),
    CheckConstraint(
        "status IN ('accepted', 'sent', 'failed', 'delivered', 'read', 'played')", name="status"
    ),
)
"""One row a message that left, by our own id for it. Neither whom it went to nor what it said."""
