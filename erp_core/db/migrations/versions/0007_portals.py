"""Portals: e-invoices, e-way bills, GSTR-2B, and what a shop says of itself to them."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"

MINE = "business_id = nullif(current_setting('app.business_id', true), '')::bigint"
TENANTS = ("gst_profiles", "portal_accounts", "e_invoices", "eway_bills", "gstr2b_lines")

TABLES = """
CREATE TABLE gst_profiles (
  business_id BIGINT NOT NULL,
  turnover_paise BIGINT,
  quarterly BOOLEAN NOT NULL,
  reminds BOOLEAN NOT NULL,
  changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_gst_profiles PRIMARY KEY (business_id),
  CONSTRAINT ck_gst_profiles_turnover CHECK (turnover_paise >= 0)
);
CREATE TABLE portal_accounts (
  business_id BIGINT NOT NULL,
  portal TEXT NOT NULL,
  sealed BYTEA NOT NULL,
  changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_portal_accounts PRIMARY KEY (business_id, portal),
  CONSTRAINT ck_portal_accounts_portal CHECK (portal IN ('irp', 'eway'))
);
CREATE TABLE e_invoices (
  business_id BIGINT NOT NULL,
  id UUID NOT NULL,
  document_kind TEXT NOT NULL,
  document_id UUID NOT NULL,
  invoice_id UUID NOT NULL,
  status TEXT NOT NULL,
  irn TEXT,
  ack_no TEXT,
  ack_at TIMESTAMP WITH TIME ZONE,
  signed_qr TEXT,
  error_code TEXT,
  user_id UUID,
  cancelled_at TIMESTAMP WITH TIME ZONE,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_e_invoices PRIMARY KEY (business_id, id),
  CONSTRAINT ck_e_invoices_document_kind CHECK (
    document_kind IN ('invoice', 'credit_note', 'debit_note')),
  CONSTRAINT ck_e_invoices_status CHECK (
    status IN ('waiting', 'registered', 'refused', 'dropped', 'cancelling', 'cancelled')),
  CONSTRAINT ck_e_invoices_irn CHECK (
    status NOT IN ('registered', 'cancelling', 'cancelled')
    OR (irn IS NOT NULL AND ack_at IS NOT NULL AND signed_qr IS NOT NULL)),
  CONSTRAINT fk_e_invoices_business_id_invoice_id
    FOREIGN KEY (business_id, invoice_id) REFERENCES invoices (business_id, id)
);
CREATE UNIQUE INDEX uq_e_invoices_document ON e_invoices (business_id, document_id);
CREATE INDEX ix_e_invoices_business_id_invoice_id ON e_invoices (business_id, invoice_id);
CREATE INDEX ix_e_invoices_business_id_status ON e_invoices (business_id, status);
CREATE TABLE eway_bills (
  business_id BIGINT NOT NULL,
  id UUID NOT NULL,
  invoice_id UUID NOT NULL,
  status TEXT NOT NULL,
  number TEXT,
  distance_km INTEGER NOT NULL,
  vehicle TEXT,
  transporter TEXT,
  generated_at TIMESTAMP WITH TIME ZONE,
  valid_until TIMESTAMP WITH TIME ZONE,
  error_code TEXT,
  user_id UUID,
  cancelled_at TIMESTAMP WITH TIME ZONE,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_eway_bills PRIMARY KEY (business_id, id),
  CONSTRAINT ck_eway_bills_status CHECK (
    status IN ('waiting', 'generated', 'refused', 'cancelling', 'cancelled')),
  CONSTRAINT ck_eway_bills_distance CHECK (distance_km BETWEEN 0 AND 4000),
  CONSTRAINT ck_eway_bills_carrier CHECK (vehicle IS NOT NULL OR transporter IS NOT NULL),
  CONSTRAINT fk_eway_bills_business_id_invoice_id
    FOREIGN KEY (business_id, invoice_id) REFERENCES invoices (business_id, id)
);
CREATE UNIQUE INDEX uq_eway_bills_number ON eway_bills (business_id, number);
CREATE UNIQUE INDEX uq_eway_bills_open ON eway_bills (business_id, invoice_id)
  WHERE status IN ('waiting', 'generated', 'cancelling');
CREATE TABLE gstr2b_lines (
  business_id BIGINT NOT NULL,
  id UUID NOT NULL,
  period DATE NOT NULL,
  supplier_gstin TEXT NOT NULL,
  supplier_name TEXT,
  kind TEXT NOT NULL,
  number TEXT NOT NULL,
  on_date DATE NOT NULL,
  value_paise BIGINT NOT NULL,
  taxable_paise BIGINT NOT NULL,
  cgst_paise BIGINT NOT NULL,
  sgst_paise BIGINT NOT NULL,
  igst_paise BIGINT NOT NULL,
  cess_paise BIGINT NOT NULL,
  creditable BOOLEAN NOT NULL,
  CONSTRAINT pk_gstr2b_lines PRIMARY KEY (business_id, id),
  CONSTRAINT ck_gstr2b_lines_kind CHECK (kind IN ('invoice', 'credit_note', 'debit_note'))
);
CREATE INDEX ix_gstr2b_lines_business_id_period ON gstr2b_lines (business_id, period);
"""


def upgrade() -> None:
    """Add five tables, secured as every tenant table is."""
    op.execute(TABLES)
    for table in TENANTS:
        op.execute(
            f"""
            ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
            ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
            CREATE POLICY tenant ON {table}
              USING ({MINE})
              WITH CHECK ({MINE});
            GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO bahi_app;
            """
        )
