"""Our own invoices and vouchers under reverse charge, found by the day of their issue."""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"

INDEXES = """
CREATE INDEX ix_purchase_bills_self_invoices ON purchase_bills (business_id, created_at)
  WHERE kind = 'self_invoice';
CREATE INDEX ix_reverse_charges_business_id_created_at
  ON reverse_charges (business_id, created_at);
"""


def upgrade() -> None:
    """The indexes."""
    op.execute(INDEXES)
