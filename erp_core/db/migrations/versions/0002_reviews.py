"""What a shop teaches: nicknames, pack sizes, and unsure messages kept with its consent."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

NEW_TABLES = ("customer_aliases", "reviews")
MINE = "business_id = nullif(current_setting('app.business_id', true), '')::bigint"


def upgrade() -> None:
    """Add two columns and two tables, secured as every tenant table is."""
    op.execute("ALTER TABLE products ADD COLUMN packs JSONB NOT NULL DEFAULT '{}'")
    op.execute("ALTER TABLE businesses ADD COLUMN keeps_reviews BOOLEAN NOT NULL DEFAULT false")
    op.execute(
        """
        CREATE TABLE customer_aliases (
          business_id BIGINT NOT NULL,
          search_key TEXT NOT NULL,
          customer_id UUID NOT NULL,
          alias TEXT NOT NULL,
          CONSTRAINT pk_customer_aliases PRIMARY KEY (business_id, search_key),
          CONSTRAINT fk_customer_aliases_business_id_customer_id
            FOREIGN KEY (business_id, customer_id) REFERENCES customers (business_id, id)
        );
        CREATE INDEX ix_customer_aliases_business_id_customer_id
          ON customer_aliases (business_id, customer_id);
        CREATE TABLE reviews (
          business_id BIGINT NOT NULL,
          id UUID NOT NULL,
          masked TEXT NOT NULL,
          intent TEXT NOT NULL,
          per_mille INTEGER NOT NULL,
          created_at TIMESTAMP WITH TIME ZONE NOT NULL,
          expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
          CONSTRAINT pk_reviews PRIMARY KEY (business_id, id),
          CONSTRAINT ck_reviews_masked CHECK (length(masked) <= 300)
        );
        CREATE INDEX ix_reviews_business_id_expires_at ON reviews (business_id, expires_at);
        """
    )
    for table in NEW_TABLES:
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
