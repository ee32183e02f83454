"""Purchases, batches and locations."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"

MINE = "business_id = nullif(current_setting('app.business_id', true), '')::bigint"
CHANGING = (
    "purchase_orders",
    "purchase_order_lines",
    "stock_batches",
    "locations",
    "location_levels",
)
APPEND_ONLY = (
    "purchase_bills",
    "purchase_lines",
    "vendor_payments",
    "batch_movements",
    "location_moves",
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
CREATE TABLE stock_batches (
  business_id BIGINT NOT NULL,
  id UUID NOT NULL,
  product_id UUID NOT NULL,
  number TEXT NOT NULL,
  expires_on DATE,
  quantity NUMERIC(18, 3) NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_stock_batches PRIMARY KEY (business_id, id),
  CONSTRAINT ck_stock_batches_quantity CHECK (quantity >= 0),
  CONSTRAINT fk_stock_batches_business_id_product_id
    FOREIGN KEY (business_id, product_id) REFERENCES products (business_id, id)
);
CREATE INDEX ix_stock_batches_business_id_product_id_expires_on
  ON stock_batches (business_id, product_id, expires_on);
CREATE UNIQUE INDEX ix_stock_batches_business_id_product_id_number
  ON stock_batches (business_id, product_id, number);
CREATE TABLE batch_movements (
  business_id BIGINT NOT NULL,
  movement_id UUID NOT NULL,
  batch_id UUID NOT NULL,
  product_id UUID NOT NULL,
  delta NUMERIC(18, 3) NOT NULL,
  CONSTRAINT pk_batch_movements PRIMARY KEY (business_id, movement_id, batch_id),
  CONSTRAINT fk_batch_movements_business_id_movement_id
    FOREIGN KEY (business_id, movement_id) REFERENCES stock_movements (business_id, id),
  CONSTRAINT fk_batch_movements_business_id_batch_id
    FOREIGN KEY (business_id, batch_id) REFERENCES stock_batches (business_id, id)
);
CREATE INDEX ix_batch_movements_business_id_batch_id ON batch_movements (business_id, batch_id);
CREATE INDEX ix_batch_movements_business_id_product_id_movement_id
  ON batch_movements (business_id, product_id, movement_id);
CREATE TABLE locations (
  business_id BIGINT NOT NULL,
  id UUID NOT NULL,
  name TEXT NOT NULL,
  search_key TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_locations PRIMARY KEY (business_id, id)
);
CREATE UNIQUE INDEX ix_locations_business_id_search_key ON locations (business_id, search_key);
CREATE TABLE location_levels (
  business_id BIGINT NOT NULL,
  product_id UUID NOT NULL,
  location_id UUID NOT NULL,
  on_hand NUMERIC(18, 3) NOT NULL,
  CONSTRAINT pk_location_levels PRIMARY KEY (business_id, product_id, location_id),
  CONSTRAINT ck_location_levels_on_hand CHECK (on_hand >= 0),
  CONSTRAINT fk_location_levels_business_id_product_id
    FOREIGN KEY (business_id, product_id) REFERENCES products (business_id, id),
  CONSTRAINT fk_location_levels_business_id_location_id
    FOREIGN KEY (business_id, location_id) REFERENCES locations (business_id, id)
);
CREATE TABLE location_moves (
  business_id BIGINT NOT NULL,
  id UUID NOT NULL,
  product_id UUID NOT NULL,
  source_id UUID,
  target_id UUID,
  quantity NUMERIC(18, 3) NOT NULL,
  moved_at TIMESTAMP WITH TIME ZONE NOT NULL,
  reason TEXT NOT NULL,
  CONSTRAINT pk_location_moves PRIMARY KEY (business_id, id),
  CONSTRAINT ck_location_moves_quantity CHECK (quantity > 0),
  CONSTRAINT ck_location_moves_reason CHECK (reason IN ('moved', 'fetched', 'received')),
  CONSTRAINT fk_location_moves_business_id_product_id
    FOREIGN KEY (business_id, product_id) REFERENCES products (business_id, id),
  CONSTRAINT fk_location_moves_business_id_source_id
    FOREIGN KEY (business_id, source_id) REFERENCES locations (business_id, id),
  CONSTRAINT fk_location_moves_business_id_target_id
    FOREIGN KEY (business_id, target_id) REFERENCES locations (business_id, id)
);
CREATE INDEX ix_location_moves_business_id_product_id_moved_at_id
  ON location_moves (business_id, product_id, moved_at, id);
"""
WIDER = """
ALTER TABLE stock_levels ADD COLUMN batched BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE stock_levels ADD COLUMN scattered BOOLEAN NOT NULL DEFAULT false;
"""


def upgrade() -> None:
    """The tables, secured as every tenant table is."""
    op.execute(TABLES)
    op.execute(WIDER)
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
