"""Tables of the ledger: entries and their postings, added and never changed.

The database itself refuses an entry that does not sum to zero, and one dated in a locked period:
deferred triggers look at the end of the transaction, when all postings of the entry are there.
Another one then adds the postings to the sums of their day and of their party, from which reports
read a year as fast as a day. By then the transaction holds the journal's head, so that the sums'
rows, which all sales of a shop share, are waited for by nobody who holds anything.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Date, Integer, Text, text

from erp_core.db.schema import (
    id_column,
    moment_column,
    paise_column,
    tenant_index,
    tenant_reference,
    tenant_table,
)

ledger_entries = tenant_table(
    "ledger_entries",
    Column("kind", Text, nullable=False),
    Column("on_date", Date, nullable=False),
    moment_column("recorded_at"),
    Column("source_kind", Text),
    id_column("source_id", nullable=True),
    id_column("reverses", nullable=True),
    Column("reason", Text),
    tenant_reference("ledger_entries", "reverses"),
    tenant_index("reverses", unique=True, name="uq_ledger_entries_reverses"),
    tenant_index("source_kind", "source_id"),
    tenant_index("on_date"),
    tenant_index(
        "kind",
        "reason",
        name="ix_ledger_entries_returns",
        postgresql_where=text(
            "kind IN ('gst_set_off', 'credit_exempt', 'credit_common', 'credit_private',"
            " 'credit_capital', 'reverse_charge')"
        ),
    ),
    append_only=True,
)

ledger_postings = tenant_table(
    "ledger_postings",
    id_column("entry_id"),
    Column("position", Integer, nullable=False),
    Column("account", Text, nullable=False),
    id_column("party_id", nullable=True),
    Column("on_date", Date, nullable=False),
    paise_column("paise"),
    CheckConstraint("paise <> 0", name="paise"),
    tenant_reference("ledger_entries", "entry_id"),
    tenant_index(
        "account",
        "party_id",
        "on_date",
        name="ix_ledger_postings_account",
        postgresql_include=["paise"],
    ),
    tenant_index("account", "on_date", "entry_id", name="ix_ledger_postings_day"),
    key=("entry_id", "position"),
    append_only=True,
)

ledger_days = tenant_table(
    "ledger_days",
    Column("account", Text, nullable=False),
    Column("on_date", Date, nullable=False),
    paise_column("debit_paise"),
    paise_column("credit_paise"),
    CheckConstraint("debit_paise >= 0 AND credit_paise >= 0", name="sides"),
    key=("account", "on_date"),
)
"""What moved in an account on a day, debits and credits apart. Kept by a trigger."""

ledger_parties = tenant_table(
    "ledger_parties",
    Column("account", Text, nullable=False),
    id_column("party_id"),
    paise_column("paise"),
    key=("account", "party_id"),
)
"""The balance of each party in an account. Kept by a trigger."""

book_locks = tenant_table(
    "book_locks",
    Column("until_date", Date),
    Column("reason", Text, nullable=False),
    moment_column("locked_at"),
    append_only=True,
)
"""Up to which day the books are closed; the row of the highest id holds: ids grow with time,
also where a clock is set for a demo. An empty date opens all days."""
