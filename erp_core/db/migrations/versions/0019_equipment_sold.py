"""Which bill sold which equipment."""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"

MINE = "business_id = nullif(current_setting('app.business_id', true), '')::bigint"

TABLE = """
CREATE TABLE equipment_sales (
  business_id BIGINT NOT NULL,
  invoice_id UUID NOT NULL,
  expense_id UUID NOT NULL,
  undone BOOLEAN NOT NULL DEFAULT false,
  CONSTRAINT pk_equipment_sales PRIMARY KEY (business_id, invoice_id),
  CONSTRAINT fk_equipment_sales_business_id_invoice_id
    FOREIGN KEY (business_id, invoice_id) REFERENCES invoices (business_id, id),
  CONSTRAINT fk_equipment_sales_business_id_expense_id
    FOREIGN KEY (business_id, expense_id) REFERENCES expenses (business_id, id)
);
CREATE UNIQUE INDEX uq_equipment_sales_expense
  ON equipment_sales (business_id, expense_id) WHERE NOT undone;
ALTER TABLE equipment_sales ENABLE ROW LEVEL SECURITY;
ALTER TABLE equipment_sales FORCE ROW LEVEL SECURITY;
"""


def upgrade() -> None:
    """The table, secured as every tenant table is."""
    op.execute(TABLE)
    op.execute(f"CREATE POLICY tenant ON equipment_sales USING ({MINE}) WITH CHECK ({MINE})")
    op.execute("GRANT SELECT, INSERT, UPDATE ON equipment_sales TO bahi_app")
