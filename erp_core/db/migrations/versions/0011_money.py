"""Reports out of ten years: each is answered by an index that holds all that it sums. Closed books
refuse by a code of their own, so that a command which they overtake is run anew. A payment that was
noted wrongly can be taken back, and what was forgiven of a debt is known when the debt is no more.
"""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"

DAYS = """
ALTER TABLE order_lines ADD COLUMN ordered_on DATE;
DO $$
DECLARE one bigint;
BEGIN
  FOR one IN SELECT DISTINCT tenant FROM number_directory LOOP
    PERFORM set_config('app.business_id', one::text, true);
    UPDATE order_lines SET ordered_on = orders.ordered_on FROM orders
     WHERE order_lines.business_id = one AND orders.business_id = one
       AND orders.id = order_lines.order_id;
  END LOOP;
  PERFORM set_config('app.business_id', '', true);
END $$;
ALTER TABLE order_lines ALTER COLUMN ordered_on SET NOT NULL;
"""
"""The owner of the tables sees one business at a time too."""

INDEXES = """
CREATE INDEX ix_order_lines_day ON order_lines (business_id, ordered_on)
  INCLUDE (product_id, quantity, taxable_paise, order_id);
CREATE INDEX ix_orders_day ON orders (business_id, ordered_on) INCLUDE (status, total_paise, id);
DROP INDEX ix_orders_business_id_ordered_on;
CREATE INDEX ix_invoices_day ON invoices (business_id, on_date)
  INCLUDE (total_paise, taxable_paise, round_off_paise);
DROP INDEX ix_invoices_business_id_on_date;
CREATE INDEX ix_invoices_cancelled ON invoices (business_id, cancelled_at)
  WHERE cancelled_at IS NOT NULL;
CREATE INDEX ix_payments_day ON payments (business_id, on_date)
  INCLUDE (method, status, amount_paise);
DROP INDEX ix_payments_business_id_on_date;
"""

CLOSED = """
CREATE OR REPLACE FUNCTION ledger_entries_open() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE closed date;
BEGIN
  SELECT until_date INTO closed FROM book_locks
   WHERE business_id = NEW.business_id ORDER BY id DESC LIMIT 1;
  IF NEW.on_date <= closed THEN
    RAISE EXCEPTION 'ledger entry % is dated in a locked period', NEW.id USING ERRCODE = 'BK001';
  END IF;
  RETURN NULL;
END $$;
"""


STATUS = """
ALTER TABLE payments DROP CONSTRAINT ck_payments_status;
ALTER TABLE payments ADD CONSTRAINT ck_payments_status
  CHECK (status IN ('standing', 'bounced', 'taken_back'));
ALTER TABLE receivables ADD COLUMN forgiven_paise BIGINT NOT NULL DEFAULT 0;
ALTER TABLE receivables ADD CONSTRAINT ck_receivables_forgiven CHECK (forgiven_paise >= 0);
"""


def upgrade() -> None:
    """The day of its order on each line, the indexes, the code, and the rest."""
    with op.get_bind().connection.cursor() as cursor:
        for statement in (DAYS, INDEXES, CLOSED, STATUS):
            cursor.execute(statement)
