"""Rates not known yet, schemes and kinds of supply, notes, and papers that bill nothing."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"

MINE = "business_id = nullif(current_setting('app.business_id', true), '')::bigint"

COLUMNS = """
ALTER TABLE products ADD COLUMN rate_known BOOLEAN NOT NULL DEFAULT true;
ALTER TABLE order_lines ADD COLUMN rate_known BOOLEAN NOT NULL DEFAULT true;
ALTER TABLE businesses
  ADD COLUMN gst_scheme TEXT NOT NULL DEFAULT 'regular',
  ADD COLUMN colour TEXT,
  ADD CONSTRAINT ck_businesses_gst_scheme CHECK (gst_scheme IN ('regular', 'composition'));
ALTER TABLE customers
  ADD COLUMN treatment TEXT,
  ADD CONSTRAINT ck_customers_treatment
    CHECK (treatment IN ('sez', 'sez_lut', 'export', 'export_lut', 'deemed_export'));
ALTER TABLE invoices
  ADD COLUMN treatment TEXT,
  ADD COLUMN composition BOOLEAN NOT NULL DEFAULT false,
  ADD COLUMN reverse_charge BOOLEAN NOT NULL DEFAULT false,
  ADD COLUMN delivery_address TEXT,
  DROP CONSTRAINT ck_invoices_kind,
  ADD CONSTRAINT ck_invoices_kind
    CHECK (kind IN ('tax_invoice', 'invoice_cum_bill', 'bill_of_supply', 'bill')),
  ADD CONSTRAINT ck_invoices_treatment
    CHECK (treatment IN ('sez', 'sez_lut', 'export', 'export_lut', 'deemed_export'));
"""

TABLES = """
CREATE TABLE notes (
  business_id BIGINT NOT NULL,
  id UUID NOT NULL,
  number TEXT NOT NULL,
  financial_year TEXT NOT NULL,
  serial BIGINT NOT NULL,
  kind TEXT NOT NULL,
  invoice_id UUID NOT NULL,
  customer_id UUID NOT NULL,
  on_date DATE NOT NULL,
  reason TEXT NOT NULL,
  taxable_paise BIGINT NOT NULL,
  cgst_paise BIGINT NOT NULL,
  sgst_paise BIGINT NOT NULL,
  igst_paise BIGINT NOT NULL,
  round_off_paise BIGINT NOT NULL,
  total_paise BIGINT NOT NULL,
  entry_id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_notes PRIMARY KEY (business_id, id),
  CONSTRAINT ck_notes_kind CHECK (kind IN ('credit_note', 'debit_note')),
  CONSTRAINT ck_notes_number CHECK (length(number) <= 16),
  CONSTRAINT ck_notes_total CHECK (
    total_paise = taxable_paise + cgst_paise + sgst_paise + igst_paise + round_off_paise
    AND total_paise > 0
  ),
  CONSTRAINT fk_notes_business_id_invoice_id
    FOREIGN KEY (business_id, invoice_id) REFERENCES invoices (business_id, id),
  CONSTRAINT fk_notes_business_id_customer_id
    FOREIGN KEY (business_id, customer_id) REFERENCES customers (business_id, id),
  CONSTRAINT fk_notes_business_id_entry_id
    FOREIGN KEY (business_id, entry_id) REFERENCES ledger_entries (business_id, id)
);
CREATE UNIQUE INDEX uq_notes_number ON notes (business_id, number);
CREATE INDEX ix_notes_business_id_invoice_id ON notes (business_id, invoice_id);
CREATE INDEX ix_notes_business_id_on_date ON notes (business_id, on_date);

CREATE TABLE note_lines (
  business_id BIGINT NOT NULL,
  note_id UUID NOT NULL,
  position INTEGER NOT NULL,
  invoice_position INTEGER NOT NULL,
  quantity NUMERIC(18, 3) NOT NULL,
  taxable_paise BIGINT NOT NULL,
  cgst_paise BIGINT NOT NULL,
  sgst_paise BIGINT NOT NULL,
  igst_paise BIGINT NOT NULL,
  round_off_paise BIGINT NOT NULL,
  CONSTRAINT pk_note_lines PRIMARY KEY (business_id, note_id, position),
  CONSTRAINT fk_note_lines_business_id_note_id
    FOREIGN KEY (business_id, note_id) REFERENCES notes (business_id, id)
);

CREATE TABLE papers (
  business_id BIGINT NOT NULL,
  id UUID NOT NULL,
  number TEXT NOT NULL,
  financial_year TEXT NOT NULL,
  serial BIGINT NOT NULL,
  kind TEXT NOT NULL,
  customer_id UUID NOT NULL,
  order_id UUID,
  payment_id UUID,
  on_date DATE NOT NULL,
  frozen JSONB NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_papers PRIMARY KEY (business_id, id),
  CONSTRAINT ck_papers_kind CHECK (
    kind IN ('proforma', 'delivery_challan', 'receipt_voucher', 'refund_voucher')
  ),
  CONSTRAINT ck_papers_number CHECK (length(number) <= 16),
  CONSTRAINT fk_papers_business_id_customer_id
    FOREIGN KEY (business_id, customer_id) REFERENCES customers (business_id, id),
  CONSTRAINT fk_papers_business_id_order_id
    FOREIGN KEY (business_id, order_id) REFERENCES orders (business_id, id),
  CONSTRAINT fk_papers_business_id_payment_id
    FOREIGN KEY (business_id, payment_id) REFERENCES payments (business_id, id)
);
CREATE UNIQUE INDEX uq_papers_number ON papers (business_id, number);
CREATE INDEX ix_papers_business_id_order_id ON papers (business_id, order_id);
CREATE INDEX ix_papers_business_id_payment_id ON papers (business_id, payment_id);
CREATE INDEX ix_papers_business_id_on_date ON papers (business_id, on_date);

CREATE TABLE logos (
  business_id BIGINT NOT NULL,
  digest TEXT NOT NULL,
  png BYTEA NOT NULL,
  CONSTRAINT pk_logos PRIMARY KEY (business_id),
  CONSTRAINT ck_logos_png CHECK (length(png) <= 300000)
);
"""

APPEND_ONLY = ("notes", "note_lines", "papers")


def upgrade() -> None:
    """Columns and tables; those that state what was issued can only be added to."""
    op.execute(COLUMNS)
    op.execute(TABLES)
    for table in (*APPEND_ONLY, "logos"):
        rights = "SELECT, INSERT" if table in APPEND_ONLY else "SELECT, INSERT, UPDATE, DELETE"
        op.execute(
            f"""
            ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
            ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
            CREATE POLICY tenant ON {table} USING ({MINE}) WITH CHECK ({MINE});
            GRANT {rights} ON {table} TO bahi_app;
            """
        )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
