"""The first schema: every table, its row-level security, its rights and its triggers.

It stands in 0001_first.sql, frozen: the models may go on, this does not.
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Run the script as it is: no driver placeholders, though it has % signs."""
    script = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
