"""What a vendor's bills are known by, and beside which words their total, day and number stand."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"

MINE = "business_id = nullif(current_setting('app.business_id', true), '')::bigint"

TABLE = """
CREATE TABLE bill_marks (
  business_id BIGINT NOT NULL,
  id UUID NOT NULL,
  vendor_id UUID NOT NULL,
  field TEXT NOT NULL,
  label TEXT NOT NULL,
  place INTEGER NOT NULL,
  times INTEGER NOT NULL,
  seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_bill_marks PRIMARY KEY (business_id, id),
  CONSTRAINT ck_bill_marks_field CHECK (field IN ('vendor', 'total', 'on', 'number')),
  CONSTRAINT ck_bill_marks_times CHECK (times > 0),
  CONSTRAINT fk_bill_marks_business_id_vendor_id
    FOREIGN KEY (business_id, vendor_id) REFERENCES vendors (business_id, id)
);
CREATE UNIQUE INDEX ix_bill_marks_business_id_vendor_id_field_label
  ON bill_marks (business_id, vendor_id, field, label);
CREATE INDEX ix_bill_marks_business_id_field_label ON bill_marks (business_id, field, label);
"""


def upgrade() -> None:
    """Add the table, secured as every tenant table is."""
    op.execute(TABLE)
    op.execute(
        f"""
        ALTER TABLE bill_marks ENABLE ROW LEVEL SECURITY;
        ALTER TABLE bill_marks FORCE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON bill_marks USING ({MINE}) WITH CHECK ({MINE});
        GRANT SELECT, INSERT, UPDATE, DELETE ON bill_marks TO bahi_app;
        """
    )


def downgrade() -> None:
    op.drop_table("bill_marks")
