"""Cess and retail prices on documents, tax on advances, amendments, credit that is reversed."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"

MINE = "business_id = nullif(current_setting('app.business_id', true), '')::bigint"

LEVIED = """
  ADD COLUMN cess_paise BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN cess_rate INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN cess_units_paise BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN rsp_paise BIGINT,
  ADD COLUMN by_rsp BOOLEAN NOT NULL DEFAULT false"""

SUM = "taxable_paise + cgst_paise + sgst_paise + igst_paise + cess_paise + round_off_paise"

COLUMNS = f"""
ALTER TABLE products
  ADD COLUMN mrp_paise BIGINT,
  ADD CONSTRAINT ck_products_mrp CHECK (mrp_paise > 0);
ALTER TABLE order_lines {LEVIED};
ALTER TABLE invoice_lines {LEVIED};
ALTER TABLE orders
  ADD COLUMN cess_paise BIGINT NOT NULL DEFAULT 0,
  DROP CONSTRAINT ck_orders_total,
  ADD CONSTRAINT ck_orders_total CHECK (total_paise = {SUM});
ALTER TABLE invoices
  ADD COLUMN cess_paise BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN amended BOOLEAN NOT NULL DEFAULT false,
  DROP CONSTRAINT ck_invoices_total,
  ADD CONSTRAINT ck_invoices_total CHECK (total_paise = {SUM});
ALTER TABLE notes
  ADD COLUMN cess_paise BIGINT NOT NULL DEFAULT 0,
  DROP CONSTRAINT ck_notes_total,
  ADD CONSTRAINT ck_notes_total CHECK (total_paise = {SUM} AND total_paise > 0);
ALTER TABLE note_lines ADD COLUMN cess_paise BIGINT NOT NULL DEFAULT 0;
ALTER TABLE purchase_bills ADD COLUMN cess_paise BIGINT NOT NULL DEFAULT 0;
ALTER TABLE purchase_lines ADD COLUMN cess_paise BIGINT NOT NULL DEFAULT 0;
"""

TABLES = """
CREATE TABLE advance_taxes (
  business_id BIGINT NOT NULL,
  id UUID NOT NULL,
  kind TEXT NOT NULL,
  received_id UUID,
  voucher_id UUID NOT NULL,
  customer_id UUID NOT NULL,
  order_id UUID,
  invoice_id UUID,
  on_date DATE NOT NULL,
  place_of_supply TEXT NOT NULL,
  inter_state BOOLEAN NOT NULL,
  rate INTEGER NOT NULL,
  taxable_paise BIGINT NOT NULL,
  cgst_paise BIGINT NOT NULL,
  sgst_paise BIGINT NOT NULL,
  igst_paise BIGINT NOT NULL,
  entry_id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_advance_taxes PRIMARY KEY (business_id, id),
  CONSTRAINT ck_advance_taxes_kind CHECK (kind IN ('received', 'adjusted', 'refunded')),
  CONSTRAINT ck_advance_taxes_received CHECK ((kind = 'received') = (received_id IS NULL)),
  CONSTRAINT fk_advance_taxes_business_id_received_id
    FOREIGN KEY (business_id, received_id) REFERENCES advance_taxes (business_id, id),
  CONSTRAINT fk_advance_taxes_business_id_voucher_id
    FOREIGN KEY (business_id, voucher_id) REFERENCES papers (business_id, id),
  CONSTRAINT fk_advance_taxes_business_id_customer_id
    FOREIGN KEY (business_id, customer_id) REFERENCES customers (business_id, id),
  CONSTRAINT fk_advance_taxes_business_id_order_id
    FOREIGN KEY (business_id, order_id) REFERENCES orders (business_id, id),
  CONSTRAINT fk_advance_taxes_business_id_invoice_id
    FOREIGN KEY (business_id, invoice_id) REFERENCES invoices (business_id, id),
  CONSTRAINT fk_advance_taxes_business_id_entry_id
    FOREIGN KEY (business_id, entry_id) REFERENCES ledger_entries (business_id, id)
);
CREATE INDEX ix_advance_taxes_business_id_on_date ON advance_taxes (business_id, on_date);
CREATE INDEX ix_advance_taxes_business_id_order_id ON advance_taxes (business_id, order_id);
CREATE INDEX ix_advance_taxes_business_id_customer_id ON advance_taxes (business_id, customer_id);
CREATE UNIQUE INDEX uq_advance_taxes_received ON advance_taxes (business_id, received_id);

CREATE TABLE amendments (
  business_id BIGINT NOT NULL,
  id UUID NOT NULL,
  invoice_id UUID NOT NULL,
  position INTEGER NOT NULL,
  on_date DATE NOT NULL,
  reason TEXT NOT NULL,
  gstin_before TEXT,
  state_before TEXT,
  place_before TEXT NOT NULL,
  gstin TEXT,
  state TEXT,
  place_of_supply TEXT NOT NULL,
  entry_id UUID,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_amendments PRIMARY KEY (business_id, id),
  CONSTRAINT fk_amendments_business_id_invoice_id
    FOREIGN KEY (business_id, invoice_id) REFERENCES invoices (business_id, id),
  CONSTRAINT fk_amendments_business_id_entry_id
    FOREIGN KEY (business_id, entry_id) REFERENCES ledger_entries (business_id, id)
);
CREATE UNIQUE INDEX uq_amendments_position ON amendments (business_id, invoice_id, position);
CREATE INDEX ix_amendments_business_id_on_date ON amendments (business_id, on_date);

CREATE TABLE credit_reversals (
  business_id BIGINT NOT NULL,
  id UUID NOT NULL,
  bill_id UUID NOT NULL,
  kind TEXT NOT NULL,
  on_date DATE NOT NULL,
  cgst_paise BIGINT NOT NULL,
  sgst_paise BIGINT NOT NULL,
  igst_paise BIGINT NOT NULL,
  cess_paise BIGINT NOT NULL,
  entry_id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_credit_reversals PRIMARY KEY (business_id, id),
  CONSTRAINT ck_credit_reversals_kind CHECK (kind IN ('reversed', 'reclaimed')),
  CONSTRAINT ck_credit_reversals_amounts CHECK (
    cgst_paise >= 0 AND sgst_paise >= 0 AND igst_paise >= 0 AND cess_paise >= 0
    AND cgst_paise + sgst_paise + igst_paise + cess_paise > 0),
  CONSTRAINT fk_credit_reversals_business_id_bill_id
    FOREIGN KEY (business_id, bill_id) REFERENCES purchase_bills (business_id, id),
  CONSTRAINT fk_credit_reversals_business_id_entry_id
    FOREIGN KEY (business_id, entry_id) REFERENCES ledger_entries (business_id, id)
);
CREATE INDEX ix_credit_reversals_business_id_bill_id ON credit_reversals (business_id, bill_id);
CREATE INDEX ix_credit_reversals_business_id_on_date ON credit_reversals (business_id, on_date);
"""

APPEND_ONLY = ("advance_taxes", "amendments", "credit_reversals")


def upgrade() -> None:
    """Columns that were nothing on older documents, and tables that can only be added to."""
    op.execute(COLUMNS)
    op.execute(TABLES)
    for table in APPEND_ONLY:
        op.execute(
            f"""
            ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
            ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
            CREATE POLICY tenant ON {table} USING ({MINE}) WITH CHECK ({MINE});
            GRANT SELECT, INSERT ON {table} TO bahi_app;
            CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}
              FOR EACH ROW EXECUTE FUNCTION refuse_change();
            """
        )
