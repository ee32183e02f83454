"""Bills that came as a picture or PDF and were confirmed."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"

MINE = "business_id = nullif(current_setting('app.business_id', true), '')::bigint"

TABLE = """
CREATE TABLE receipts (
  business_id BIGINT NOT NULL,
  id UUID NOT NULL,
  expense_id UUID NOT NULL,
  vendor_id UUID,
  source TEXT NOT NULL,
  vendor_gstin TEXT,
  number TEXT,
  on_date DATE NOT NULL,
  amount_paise BIGINT NOT NULL,
  cgst_paise BIGINT NOT NULL,
  sgst_paise BIGINT NOT NULL,
  igst_paise BIGINT NOT NULL,
  cess_paise BIGINT NOT NULL,
  credit_paise BIGINT NOT NULL,
  file TEXT,
  page INTEGER NOT NULL,
  look TEXT,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_receipts PRIMARY KEY (business_id, id),
  CONSTRAINT ck_receipts_amount CHECK (amount_paise > 0),
  CONSTRAINT ck_receipts_tax CHECK (
    cgst_paise >= 0 AND sgst_paise >= 0 AND igst_paise >= 0 AND cess_paise >= 0
    AND credit_paise >= 0 AND credit_paise <= cgst_paise + sgst_paise + igst_paise
    AND cgst_paise + sgst_paise + igst_paise + cess_paise < amount_paise),
  CONSTRAINT ck_receipts_page CHECK (page >= 0),
  CONSTRAINT fk_receipts_business_id_expense_id
    FOREIGN KEY (business_id, expense_id) REFERENCES expenses (business_id, id),
  CONSTRAINT fk_receipts_business_id_vendor_id
    FOREIGN KEY (business_id, vendor_id) REFERENCES vendors (business_id, id)
);
CREATE UNIQUE INDEX ix_receipts_business_id_source ON receipts (business_id, source);
CREATE INDEX ix_receipts_business_id_on_date_amount_paise
  ON receipts (business_id, on_date, amount_paise);
CREATE INDEX ix_receipts_business_id_file ON receipts (business_id, file);
CREATE INDEX ix_receipts_business_id_vendor_gstin ON receipts (business_id, vendor_gstin);
CREATE INDEX ix_receipts_business_id_created_at ON receipts (business_id, created_at);
"""


def upgrade() -> None:
    """Add the table, secured as every tenant table is."""
    op.execute(TABLE)
    op.execute(
        f"""
        ALTER TABLE receipts ENABLE ROW LEVEL SECURITY;
        ALTER TABLE receipts FORCE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON receipts USING ({MINE}) WITH CHECK ({MINE});
        GRANT SELECT, INSERT, UPDATE, DELETE ON receipts TO bahi_app;
        """
    )
