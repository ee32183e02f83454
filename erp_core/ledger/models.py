"""Tables of the ledger: entries and their postings, added and never changed.

The database itself refuses an entry that does not sum to zero: a deferred trigger looks at the end
of the transaction, when all postings of the entry are there.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Date, Integer, Text

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
    key=("entry_id", "position"),
    append_only=True,
)
