"""Periods and accounts of the books: locks, and sums by day and by party."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"

MINE = "business_id = nullif(current_setting('app.business_id', true), '')::bigint"

TABLES = """
CREATE TABLE ledger_days (
  business_id BIGINT NOT NULL,
  account TEXT NOT NULL,
  on_date DATE NOT NULL,
  debit_paise BIGINT NOT NULL,
  credit_paise BIGINT NOT NULL,
  CONSTRAINT pk_ledger_days PRIMARY KEY (business_id, account, on_date),
  CONSTRAINT ck_ledger_days_sides CHECK (debit_paise >= 0 AND credit_paise >= 0)
);
ALTER TABLE ledger_days SET (fillfactor = 70);

CREATE TABLE ledger_parties (
  business_id BIGINT NOT NULL,
  account TEXT NOT NULL,
  party_id UUID NOT NULL,
  paise BIGINT NOT NULL,
  CONSTRAINT pk_ledger_parties PRIMARY KEY (business_id, account, party_id)
);
ALTER TABLE ledger_parties SET (fillfactor = 70);

CREATE TABLE book_locks (
  business_id BIGINT NOT NULL,
  id UUID NOT NULL,
  until_date DATE,
  reason TEXT NOT NULL,
  locked_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_book_locks PRIMARY KEY (business_id, id)
);
CREATE INDEX ix_ledger_postings_day ON ledger_postings (business_id, account, on_date, entry_id);
"""

SUMS = """
CREATE FUNCTION ledger_postings_sum() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO ledger_days AS sums (business_id, account, on_date, debit_paise, credit_paise)
  VALUES (
    NEW.business_id, NEW.account, NEW.on_date, greatest(NEW.paise, 0), greatest(-NEW.paise, 0)
  )
  ON CONFLICT (business_id, account, on_date) DO UPDATE
    SET debit_paise = sums.debit_paise + EXCLUDED.debit_paise,
        credit_paise = sums.credit_paise + EXCLUDED.credit_paise;
  IF NEW.party_id IS NOT NULL THEN
    INSERT INTO ledger_parties AS sums (business_id, account, party_id, paise)
    VALUES (NEW.business_id, NEW.account, NEW.party_id, NEW.paise)
    ON CONFLICT (business_id, account, party_id) DO UPDATE
      SET paise = sums.paise + EXCLUDED.paise;
  END IF;
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER ledger_sums AFTER INSERT ON ledger_postings
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_postings_sum();

CREATE FUNCTION ledger_entries_open() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE closed date;
BEGIN
  SELECT until_date INTO closed FROM book_locks
   WHERE business_id = NEW.business_id ORDER BY id DESC LIMIT 1;
  IF NEW.on_date <= closed THEN
    RAISE EXCEPTION 'ledger entry % is dated in a locked period', NEW.id
    USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER ledger_open AFTER INSERT ON ledger_entries
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_entries_open();
"""

FILL = """
DO $$
DECLARE one bigint;
BEGIN
  FOR one IN SELECT DISTINCT tenant FROM number_directory LOOP
    PERFORM set_config('app.business_id', one::text, true);
    INSERT INTO ledger_days
    SELECT business_id, account, on_date,
           coalesce(sum(paise) FILTER (WHERE paise > 0), 0),
           coalesce(-sum(paise) FILTER (WHERE paise < 0), 0)
      FROM ledger_postings WHERE business_id = one GROUP BY 1, 2, 3;
    INSERT INTO ledger_parties
    SELECT business_id, account, party_id, sum(paise)
      FROM ledger_postings WHERE business_id = one AND party_id IS NOT NULL GROUP BY 1, 2, 3;
  END LOOP;
  PERFORM set_config('app.business_id', '', true);
END $$;
"""
"""The books that there are already. The owner of the tables sees one business at a time too."""


def upgrade() -> None:
    """Tables, their policies and rights, the sums of what is posted already, the triggers."""
    statements = [TABLES]
    for table, rights in (
        ("ledger_days", "SELECT, INSERT, UPDATE, DELETE"),
        ("ledger_parties", "SELECT, INSERT, UPDATE, DELETE"),
        ("book_locks", "SELECT, INSERT"),
    ):
        statements += [
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            f"CREATE POLICY tenant ON {table} USING ({MINE}) WITH CHECK ({MINE})",
            f"GRANT {rights} ON {table} TO bahi_app",
        ]
    statements += [
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON book_locks "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        FILL,
        SUMS,
    ]
    with op.get_bind().connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
