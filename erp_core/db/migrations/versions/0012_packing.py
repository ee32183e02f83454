"""How goods are put up, pre-packaged and labelled or loose: the rate of some depends on it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("products", sa.Column("packing", sa.Text()))
    op.create_check_constraint(
        op.f("ck_products_packing"), "products", "packing IN ('packed', 'loose')"
    )


def downgrade() -> None:
    op.drop_column("products", "packing")
