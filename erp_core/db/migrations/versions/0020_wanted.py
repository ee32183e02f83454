"""When an order is wanted: its day, and the part of the day or the hour."""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Two columns, empty where nothing was said."""
    op.execute("ALTER TABLE orders ADD COLUMN wanted_on DATE")
    op.execute(
        "ALTER TABLE orders ADD COLUMN wanted_at TEXT CONSTRAINT ck_orders_wanted_at"
        " CHECK (wanted_at ~ '^(morning|noon|evening|night|soon)?( ?[0-9]{1,2}(:[0-9]{2})?)?$')"
    )
