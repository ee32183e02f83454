"""What a buyer wrote beside the goods of an order: "at the school gate", "bina pyaz"."""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """One column, empty where nothing was said."""
    op.execute(
        "ALTER TABLE orders ADD COLUMN note TEXT CONSTRAINT ck_orders_note"
        " CHECK (length(note) <= 200)"
    )
