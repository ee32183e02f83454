"""What a line's goods bear where no tax is charged, the licences that stand on bills, the number of
a vendor's bill on an expense, services under reverse charge, and bills whose credit a loss took.
"""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"

MINE = "business_id = nullif(current_setting('app.business_id', true), '')::bigint"
APPEND_ONLY = ("reverse_charges", "lost_credits")

COLUMNS = """
ALTER TABLE invoice_lines ADD COLUMN usual_rate INTEGER;
ALTER TABLE gst_profiles ADD COLUMN trade TEXT;
ALTER TABLE gst_profiles ADD CONSTRAINT ck_gst_profiles_trade
  CHECK (trade IN ('trader', 'manufacturer', 'food', 'services'));
ALTER TABLE businesses ADD COLUMN drug_licence TEXT;
ALTER TABLE businesses ADD COLUMN fssai TEXT;
ALTER TABLE invoices ADD COLUMN supplier_drug_licence TEXT;
ALTER TABLE invoices ADD COLUMN supplier_fssai TEXT;
ALTER TABLE expenses ADD COLUMN number TEXT;
ALTER TABLE expenses ADD COLUMN supplier_gstin TEXT;
CREATE INDEX ix_expenses_business_id_vendor_id ON expenses (business_id, vendor_id);
"""

TABLES = """
CREATE TABLE reverse_charges (
  business_id BIGINT NOT NULL,
  id UUID NOT NULL,
  expense_id UUID NOT NULL,
  service TEXT NOT NULL,
  number TEXT NOT NULL,
  self_invoice TEXT,
  on_date DATE NOT NULL,
  supplier_gstin TEXT,
  inter_state BOOLEAN NOT NULL,
  input_credit BOOLEAN NOT NULL,
  rate INTEGER NOT NULL,
  taxable_paise BIGINT NOT NULL,
  cgst_paise BIGINT NOT NULL,
  sgst_paise BIGINT NOT NULL,
  igst_paise BIGINT NOT NULL,
  entry_id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_reverse_charges PRIMARY KEY (business_id, id),
  CONSTRAINT ck_reverse_charges_amounts CHECK (
    taxable_paise > 0 AND cgst_paise >= 0 AND sgst_paise >= 0 AND igst_paise >= 0),
  CONSTRAINT fk_reverse_charges_business_id_expense_id
    FOREIGN KEY (business_id, expense_id) REFERENCES expenses (business_id, id),
  CONSTRAINT fk_reverse_charges_business_id_entry_id
    FOREIGN KEY (business_id, entry_id) REFERENCES ledger_entries (business_id, id)
);
CREATE INDEX ix_reverse_charges_business_id_expense_id
  ON reverse_charges (business_id, expense_id);
CREATE INDEX ix_reverse_charges_business_id_on_date ON reverse_charges (business_id, on_date);
CREATE TABLE lost_credits (
  business_id BIGINT NOT NULL,
  id UUID NOT NULL,
  movement_id UUID NOT NULL,
  bill_id UUID NOT NULL,
  cgst_paise BIGINT NOT NULL,
  sgst_paise BIGINT NOT NULL,
  igst_paise BIGINT NOT NULL,
  cess_paise BIGINT NOT NULL,
  reversed_cgst_paise BIGINT NOT NULL,
  reversed_sgst_paise BIGINT NOT NULL,
  reversed_igst_paise BIGINT NOT NULL,
  reversed_cess_paise BIGINT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_lost_credits PRIMARY KEY (business_id, id),
  CONSTRAINT fk_lost_credits_business_id_movement_id
    FOREIGN KEY (business_id, movement_id) REFERENCES stock_movements (business_id, id),
  CONSTRAINT fk_lost_credits_business_id_bill_id
    FOREIGN KEY (business_id, bill_id) REFERENCES purchase_bills (business_id, id)
);
CREATE INDEX ix_lost_credits_business_id_bill_id ON lost_credits (business_id, bill_id);
CREATE INDEX ix_lost_credits_business_id_movement_id ON lost_credits (business_id, movement_id);
"""


def upgrade() -> None:
    """The columns, and two tables secured as every tenant table is."""
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
