"""A bill that was taken off the books as a mistake may be written anew under the number on its
paper."""

from __future__ import annotations

from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """A number stands once among the bills that none was taken back before; rows stay as they are,
    for they may not be changed."""
    op.execute("ALTER TABLE purchase_bills ADD COLUMN edition INTEGER NOT NULL DEFAULT 0")
    op.execute("ALTER TABLE purchase_bills ADD COLUMN takes_back BOOLEAN NOT NULL DEFAULT false")
    op.execute("DROP INDEX uq_purchase_bills_number")
    op.execute(
        "CREATE UNIQUE INDEX uq_purchase_bills_number"
        " ON purchase_bills (business_id, vendor_id, financial_year, number, edition)"
        " WHERE kind = 'bill' AND number IS NOT NULL"
    )
