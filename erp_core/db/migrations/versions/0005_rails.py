"""Payment rails and what the outside calls things, reminders, promises, and bank statements."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"

MINE = "business_id = nullif(current_setting('app.business_id', true), '')::bigint"
TENANTS = (
    "gateway_accounts", "payment_links", "disputes", "reminder_plans", "reminder_marks",
    "promises", "bank_lines",
)  # fmt: skip

WIDER = """
ALTER TABLE businesses ADD COLUMN upi_verified BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE receivables DROP CONSTRAINT ck_receivables_source_kind;
ALTER TABLE receivables ADD CONSTRAINT ck_receivables_source_kind CHECK (
  source_kind IN ('invoice', 'khata_credit', 'opening', 'refund', 'charge', 'dispute')
);
ALTER TABLE payments ADD COLUMN status TEXT NOT NULL DEFAULT 'standing';
ALTER TABLE payments ADD CONSTRAINT ck_payments_status CHECK (status IN ('standing', 'bounced'));
ALTER TABLE payments DROP CONSTRAINT ck_payments_method;
ALTER TABLE payments ADD CONSTRAINT ck_payments_method CHECK (
  method IN ('cash', 'upi', 'card', 'cheque', 'bank_transfer', 'gateway', 'opening')
);
"""

TABLES = """
CREATE TABLE outside_references (
  business_id BIGINT NOT NULL,
  kind TEXT NOT NULL,
  reference TEXT NOT NULL,
  entity_id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_outside_references PRIMARY KEY (business_id, kind, reference),
  CONSTRAINT ck_outside_references_kind CHECK (
    kind IN ('utr', 'razorpay_payment', 'razorpay_refund', 'razorpay_dispute',
      'razorpay_settlement'))
);
CREATE INDEX ix_outside_references_business_id_entity_id
  ON outside_references (business_id, entity_id);
CREATE TABLE gateway_accounts (
  business_id BIGINT NOT NULL,
  provider TEXT NOT NULL,
  key_id TEXT NOT NULL,
  account_ref TEXT,
  configuration TEXT,
  sealed BYTEA NOT NULL,
  former_until TIMESTAMP WITH TIME ZONE,
  changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_gateway_accounts PRIMARY KEY (business_id, provider)
);
CREATE TABLE gateway_directory (
  provider TEXT NOT NULL,
  account_ref TEXT NOT NULL,
  tenant BIGINT NOT NULL,
  CONSTRAINT pk_gateway_directory PRIMARY KEY (provider, account_ref)
);
CREATE TABLE payment_links (
  business_id BIGINT NOT NULL,
  id UUID NOT NULL,
  customer_id UUID NOT NULL,
  receivable_id UUID,
  reference TEXT NOT NULL,
  amount_paise BIGINT NOT NULL,
  paid_paise BIGINT NOT NULL,
  provider_ref TEXT,
  url TEXT,
  status TEXT NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_payment_links PRIMARY KEY (business_id, id),
  CONSTRAINT ck_payment_links_amount CHECK (amount_paise > 0),
  CONSTRAINT ck_payment_links_status CHECK (
    status IN ('creating', 'open', 'partial', 'paid', 'expired', 'cancelled', 'failed')),
  CONSTRAINT fk_payment_links_business_id_customer_id
    FOREIGN KEY (business_id, customer_id) REFERENCES customers (business_id, id),
  CONSTRAINT fk_payment_links_business_id_receivable_id
    FOREIGN KEY (business_id, receivable_id) REFERENCES receivables (business_id, id)
);
CREATE INDEX ix_payment_links_business_id_customer_id_created_at
  ON payment_links (business_id, customer_id, created_at);
CREATE UNIQUE INDEX ix_payment_links_business_id_provider_ref
  ON payment_links (business_id, provider_ref);
CREATE UNIQUE INDEX ix_payment_links_business_id_reference
  ON payment_links (business_id, reference);
CREATE TABLE disputes (
  business_id BIGINT NOT NULL,
  provider_ref TEXT NOT NULL,
  payment_id UUID NOT NULL,
  amount_paise BIGINT NOT NULL,
  status TEXT NOT NULL,
  changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_disputes PRIMARY KEY (business_id, provider_ref),
  CONSTRAINT ck_disputes_status CHECK (
    status IN ('open', 'under_review', 'action_required', 'won', 'lost', 'closed')),
  CONSTRAINT fk_disputes_business_id_payment_id
    FOREIGN KEY (business_id, payment_id) REFERENCES payments (business_id, id)
);
CREATE INDEX ix_disputes_business_id_payment_id ON disputes (business_id, payment_id);
CREATE TABLE reminder_plans (
  business_id BIGINT NOT NULL,
  active BOOLEAN NOT NULL,
  first_after_days INTEGER NOT NULL,
  every_days INTEGER NOT NULL,
  polite INTEGER NOT NULL,
  hour INTEGER NOT NULL,
  changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_reminder_plans PRIMARY KEY (business_id),
  CONSTRAINT ck_reminder_plans_first_after_days CHECK (first_after_days BETWEEN 0 AND 365),
  CONSTRAINT ck_reminder_plans_every_days CHECK (every_days BETWEEN 1 AND 90),
  CONSTRAINT ck_reminder_plans_polite CHECK (polite BETWEEN 0 AND 20),
  CONSTRAINT ck_reminder_plans_hour CHECK (hour BETWEEN 9 AND 19)
);
CREATE TABLE reminder_marks (
  business_id BIGINT NOT NULL,
  customer_id UUID NOT NULL,
  sent INTEGER NOT NULL,
  last_on DATE,
  hold TEXT,
  CONSTRAINT pk_reminder_marks PRIMARY KEY (business_id, customer_id),
  CONSTRAINT ck_reminder_marks_hold CHECK (hold IN ('disputed', 'spared')),
  CONSTRAINT fk_reminder_marks_business_id_customer_id
    FOREIGN KEY (business_id, customer_id) REFERENCES customers (business_id, id)
);
CREATE TABLE promises (
  business_id BIGINT NOT NULL,
  id UUID NOT NULL,
  customer_id UUID NOT NULL,
  amount_paise BIGINT,
  due_on DATE NOT NULL,
  status TEXT NOT NULL,
  told_by TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_promises PRIMARY KEY (business_id, id),
  CONSTRAINT ck_promises_status CHECK (status IN ('open', 'kept', 'broken', 'replaced')),
  CONSTRAINT ck_promises_told_by CHECK (told_by IN ('user', 'customer')),
  CONSTRAINT fk_promises_business_id_customer_id
    FOREIGN KEY (business_id, customer_id) REFERENCES customers (business_id, id)
);
CREATE INDEX ix_promises_business_id_status_due_on ON promises (business_id, status, due_on);
CREATE UNIQUE INDEX uq_promises_open ON promises (business_id, customer_id) WHERE status = 'open';
CREATE TABLE bank_lines (
  business_id BIGINT NOT NULL,
  id UUID NOT NULL,
  fingerprint TEXT NOT NULL,
  on_date DATE NOT NULL,
  amount_paise BIGINT NOT NULL,
  narration TEXT NOT NULL,
  reference TEXT,
  status TEXT NOT NULL,
  payment_id UUID,
  customer_id UUID,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_bank_lines PRIMARY KEY (business_id, id),
  CONSTRAINT ck_bank_lines_amount CHECK (amount_paise <> 0),
  CONSTRAINT ck_bank_lines_status CHECK (
    status IN ('matched', 'booked', 'suggested', 'open', 'ignored')),
  CONSTRAINT fk_bank_lines_business_id_payment_id
    FOREIGN KEY (business_id, payment_id) REFERENCES payments (business_id, id),
  CONSTRAINT fk_bank_lines_business_id_customer_id
    FOREIGN KEY (business_id, customer_id) REFERENCES customers (business_id, id)
);
CREATE UNIQUE INDEX ix_bank_lines_business_id_fingerprint ON bank_lines (business_id, fingerprint);
CREATE INDEX ix_bank_lines_business_id_payment_id ON bank_lines (business_id, payment_id);
CREATE INDEX ix_bank_lines_business_id_status_on_date ON bank_lines (business_id, status, on_date);
"""


def upgrade() -> None:
    """Widen three tables and add nine, secured as every tenant table is."""
    op.execute(WIDER)
    op.execute(TABLES)
    for table in (*TENANTS, "outside_references"):
        rights = "SELECT, INSERT" + (", UPDATE, DELETE" if table in TENANTS else "")
        op.execute(
            f"""
            ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
            ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
            CREATE POLICY tenant ON {table} USING ({MINE}) WITH CHECK ({MINE});
            GRANT {rights} ON {table} TO bahi_app;
            """
        )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON gateway_directory TO bahi_app")
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON outside_references"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
