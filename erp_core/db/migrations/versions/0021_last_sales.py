"""The last sale of each of some goods is looked up in an index, whatever was sold before it."""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """The lines of a product lie by their days; what looked up a product finds it there as well."""
    op.execute(
        "CREATE INDEX ix_order_lines_product ON order_lines (business_id, product_id, ordered_on)"
    )
    op.execute("DROP INDEX ix_order_lines_business_id_product_id")
