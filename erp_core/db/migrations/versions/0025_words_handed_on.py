"""What a customer wrote to be handed on to the shop stands in the outbox until it leaves."""

from __future__ import annotations

from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """One column beside the facts, empty in every row that no longer waits."""
    op.execute(
        "ALTER TABLE outbox ADD COLUMN said TEXT,"
        " ADD CONSTRAINT ck_outbox_said CHECK (said IS NULL OR status = 'waiting')"
    )
