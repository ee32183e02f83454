"""What returns that are late cost, those with nothing to pay, whether common credit serves no
business, and the few entries of returns found among all the others."""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"

MINE = "business_id = nullif(current_setting('app.business_id', true), '')::bigint"
APPEND_ONLY = ("late_dues", "nil_returns")

COLUMNS = """
ALTER TABLE gst_profiles ADD COLUMN private_use BOOLEAN NOT NULL DEFAULT false;
CREATE INDEX ix_ledger_entries_returns ON ledger_entries (business_id, kind, reason)
  WHERE kind IN ('gst_set_off', 'credit_exempt', 'credit_common', 'credit_private',
                 'credit_capital');
"""

TABLES = """
CREATE TABLE late_dues (
  business_id BIGINT NOT NULL,
  id UUID NOT NULL,
  entry_id UUID NOT NULL,
  period TEXT NOT NULL,
  told_in TEXT NOT NULL,
  kind TEXT NOT NULL,
  since DATE NOT NULL,
  days INTEGER NOT NULL,
  base_paise BIGINT NOT NULL,
  igst_paise BIGINT NOT NULL,
  cgst_paise BIGINT NOT NULL,
  sgst_paise BIGINT NOT NULL,
  cess_paise BIGINT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_late_dues PRIMARY KEY (business_id, id),
  CONSTRAINT ck_late_dues_kind CHECK (kind IN ('interest', 'late_fee')),
  CONSTRAINT ck_late_dues_amounts CHECK (
    igst_paise >= 0 AND cgst_paise >= 0 AND sgst_paise >= 0 AND cess_paise >= 0),
  CONSTRAINT fk_late_dues_business_id_entry_id
    FOREIGN KEY (business_id, entry_id) REFERENCES ledger_entries (business_id, id)
);
CREATE INDEX ix_late_dues_business_id_period ON late_dues (business_id, period);
CREATE INDEX ix_late_dues_business_id_told_in ON late_dues (business_id, told_in);
CREATE INDEX ix_late_dues_business_id_entry_id ON late_dues (business_id, entry_id);
CREATE TABLE nil_returns (
  business_id BIGINT NOT NULL,
  period TEXT NOT NULL,
  filed_on DATE NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_nil_returns PRIMARY KEY (business_id, period)
);
"""


def upgrade() -> None:
    """The column, the index, and the table secured as every tenant table is."""
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
