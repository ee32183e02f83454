"""Several cheques of one customer that are dated ahead each wait for their day."""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """A word gives way to a later one; a cheque stands beside it, and beside other cheques."""
    op.execute("ALTER TABLE promises ADD COLUMN of_cheque BOOLEAN NOT NULL DEFAULT false")
    op.execute("DROP INDEX uq_promises_open")
    op.execute(
        "CREATE UNIQUE INDEX uq_promises_open ON promises (business_id, customer_id)"
        " WHERE status = 'open' AND NOT of_cheque"
    )
    op.execute(
        "CREATE INDEX ix_promises_cheques ON promises (business_id, customer_id)"
        " WHERE status = 'open' AND of_cheque"
    )
