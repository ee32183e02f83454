"""Purchases, batches and locations."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"

MINE = "business_id = nullif(current_setting('app.business_id', true), '')::bigint"
CHANGING = (
    "purchase_orders",
    "purchase_order_lines",
)
APPEND_ONLY = (
    "purchase_bills",
    "purchase_lines",
    "vendor_payments",
)

TABLES = """
CREATE TABLE purchase_orders (
  business_id BIGINT NOT NULL,
  id UUID NOT NULL,
  vendor_id UUID NOT NULL,
  number TEXT NOT NULL,
  status TEXT NOT NULL,
  on_date DATE NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  received_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_purchase_orders PRIMARY KEY (business_id, id),
  CONSTRAINT ck_purchase_orders_status CHECK (
    status IN ('sent', 'partly', 'received', 'cancelled')),
  CONSTRAINT fk_purchase_orders_business_id_vendor_id
    FOREIGN KEY (business_id, vendor_id) REFERENCES vendors (business_id, id)
);
CREATE UNIQUE INDEX ix_purchase_orders_business_id_number ON purchase_orders (business_id, number);
CREATE INDEX ix_purchase_orders_business_id_vendor_id_status
  ON purchase_orders (business_id, vendor_id, status);
CREATE TABLE purchase_order_lines (
  business_id BIGINT NOT NULL,
  order_id UUID NOT NULL,
  position INTEGER NOT NULL,
  product_id UUID NOT NULL,
  quantity NUMERIC(18, 3) NOT NULL,
  received NUMERIC(18, 3) NOT NULL,
  unit_price_paise BIGINT,
  CONSTRAINT pk_purchase_order_lines PRIMARY KEY (business_id, order_id, position),
  CONSTRAINT ck_purchase_order_lines_quantities CHECK (quantity > 0 AND received >= 0),
  CONSTRAINT fk_purchase_order_lines_business_id_order_id
    FOREIGN KEY (business_id, order_id) REFERENCES purchase_orders (business_id, id),
  CONSTRAINT fk_purchase_order_lines_business_id_product_id
    FOREIGN KEY (business_id, product_id) REFERENCES products (business_id, id)
);
CREATE INDEX ix_purchase_order_lines_business_id_product_id
  ON purchase_order_lines (business_id, product_id);
CREATE TABLE purchase_bills (
  business_id BIGINT NOT NULL,
  id UUID NOT NULL,
  vendor_id UUID NOT NULL,
  kind TEXT NOT NULL,
  number TEXT,
  financial_year TEXT NOT NULL,
  against UUID,
  order_id UUID,
  on_date DATE NOT NULL,
  supplier_gstin TEXT,
  inter_state BOOLEAN NOT NULL,
  reverse_charge BOOLEAN NOT NULL,
  input_credit BOOLEAN NOT NULL,
  taxable_paise BIGINT NOT NULL,
  cgst_paise BIGINT NOT NULL,
  sgst_paise BIGINT NOT NULL,
  igst_paise BIGINT NOT NULL,
  round_off_paise BIGINT NOT NULL,
  charges_paise BIGINT NOT NULL,
  total_paise BIGINT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_purchase_bills PRIMARY KEY (business_id, id),
  CONSTRAINT ck_purchase_bills_kind CHECK (
    kind IN ('bill', 'self_invoice', 'awaited', 'debit_note')),
  CONSTRAINT ck_purchase_bills_amounts CHECK (total_paise >= 0 AND charges_paise >= 0),
  CONSTRAINT fk_purchase_bills_business_id_vendor_id
    FOREIGN KEY (business_id, vendor_id) REFERENCES vendors (business_id, id),
  CONSTRAINT fk_purchase_bills_business_id_against
    FOREIGN KEY (business_id, against) REFERENCES purchase_bills (business_id, id),
  CONSTRAINT fk_purchase_bills_business_id_order_id
    FOREIGN KEY (business_id, order_id) REFERENCES purchase_orders (business_id, id)
);
CREATE INDEX ix_purchase_bills_business_id_against ON purchase_bills (business_id, against);
CREATE INDEX ix_purchase_bills_business_id_on_date ON purchase_bills (business_id, on_date);
CREATE INDEX ix_purchase_bills_business_id_vendor_id_on_date
  ON purchase_bills (business_id, vendor_id, on_date);
CREATE UNIQUE INDEX uq_purchase_bills_number
  ON purchase_bills (business_id, vendor_id, financial_year, number)
  WHERE kind = 'bill' AND number IS NOT NULL;
CREATE TABLE purchase_lines (
  business_id BIGINT NOT NULL,
  bill_id UUID NOT NULL,
  position INTEGER NOT NULL,
  of_position INTEGER,
  product_id UUID NOT NULL,
  quantity NUMERIC(18, 3) NOT NULL,
  unit_price_paise BIGINT NOT NULL,
  gst_rate INTEGER NOT NULL,
  taxable_paise BIGINT NOT NULL,
  cgst_paise BIGINT NOT NULL,
  sgst_paise BIGINT NOT NULL,
  igst_paise BIGINT NOT NULL,
  round_off_paise BIGINT NOT NULL,
  charges_paise BIGINT NOT NULL,
  cost_paise BIGINT NOT NULL,
  CONSTRAINT pk_purchase_lines PRIMARY KEY (business_id, bill_id, position),
  CONSTRAINT ck_purchase_lines_quantity CHECK (quantity > 0),
  CONSTRAINT fk_purchase_lines_business_id_bill_id
    FOREIGN KEY (business_id, bill_id) REFERENCES purchase_bills (business_id, id),
  CONSTRAINT fk_purchase_lines_business_id_product_id
    FOREIGN KEY (business_id, product_id) REFERENCES products (business_id, id)
);
CREATE INDEX ix_purchase_lines_business_id_product_id_bill_id
  ON purchase_lines (business_id, product_id, bill_id);
CREATE TABLE vendor_payments (
  business_id BIGINT NOT NULL,
  id UUID NOT NULL,
  vendor_id UUID,
  amount_paise BIGINT NOT NULL,
  method TEXT NOT NULL,
  on_date DATE NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_vendor_payments PRIMARY KEY (business_id, id),
  CONSTRAINT ck_vendor_payments_amount CHECK (amount_paise > 0),
  CONSTRAINT ck_vendor_payments_method CHECK (
    method IN ('cash', 'upi', 'card', 'cheque', 'bank_transfer')),
  CONSTRAINT fk_vendor_payments_business_id_vendor_id
    FOREIGN KEY (business_id, vendor_id) REFERENCES vendors (business_id, id)
);
CREATE INDEX ix_vendor_payments_business_id_on_date ON vendor_payments (business_id, on_date);
CREATE INDEX ix_vendor_payments_business_id_vendor_id_on_date
  ON vendor_payments (business_id, vendor_id, on_date);
"""


def upgrade() -> None:
    """The tables, secured as every tenant table is."""
    op.execute(TABLES)
    for table in (*CHANGING, *APPEND_ONLY):
        rights = "SELECT, INSERT" + (", UPDATE, DELETE" if table in CHANGING else "")
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
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
