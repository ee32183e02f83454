"""The shipping bills of exports, which returns tell."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"

MINE = "business_id = nullif(current_setting('app.business_id', true), '')::bigint"

TABLE = """
CREATE TABLE shipping_bills (
  business_id BIGINT NOT NULL,
  id UUID NOT NULL,
  invoice_id UUID NOT NULL,
  position INTEGER NOT NULL,
  on_date DATE NOT NULL,
  number TEXT NOT NULL,
  port TEXT NOT NULL,
  shipped_on DATE NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_shipping_bills PRIMARY KEY (business_id, id),
  CONSTRAINT fk_shipping_bills_business_id_invoice_id
    FOREIGN KEY (business_id, invoice_id) REFERENCES invoices (business_id, id)
);
CREATE UNIQUE INDEX uq_shipping_bills_position
  ON shipping_bills (business_id, invoice_id, position);
CREATE INDEX ix_shipping_bills_business_id_on_date ON shipping_bills (business_id, on_date);
ALTER TABLE shipping_bills ENABLE ROW LEVEL SECURITY;
ALTER TABLE shipping_bills FORCE ROW LEVEL SECURITY;
"""


def upgrade() -> None:
    """The table, secured as every tenant table is."""
    op.execute(TABLE)
    op.execute(f"CREATE POLICY tenant ON shipping_bills USING ({MINE}) WITH CHECK ({MINE})")
    op.execute("GRANT SELECT, INSERT ON shipping_bills TO bahi_app")
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON shipping_bills"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
