"""Tables of the khata.

A receivable is one debt: an invoice, credit given, an opening balance. A payment settles debts
through allocations. `open_paise` and `advance_paise` are what allocations leave; both are changed
only while the customer's row is locked, together with the allocation that explains the change.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Date, Text, text

from erp_core.db.schema import (
    id_column,
    moment_column,
    paise_column,
    tenant_index,
    tenant_reference,
    tenant_table,
)

receivables = tenant_table(
    "receivables",
    id_column("customer_id"),
    Column("source_kind", Text, nullable=False),
    id_column("source_id"),
    paise_column("amount_paise"),
    paise_column("open_paise"),
    Column("on_date", Date, nullable=False),
    Column("status", Text, nullable=False),
    Column("note_code", Text),
    moment_column("created_at"),
    CheckConstraint("amount_paise > 0", name="amount"),
    CheckConstraint("open_paise BETWEEN 0 AND amount_paise", name="open"),
    CheckConstraint("status IN ('standing', 'void')", name="status"),
    CheckConstraint("source_kind IN ('invoice', 'khata_credit', 'opening')", name="source_kind"),
    tenant_reference("customers", "customer_id"),
    tenant_index("source_kind", "source_id", unique=True, name="uq_receivables_source"),
    tenant_index(
        "customer_id",
        "on_date",
        name="ix_receivables_open",
        postgresql_where=text("open_paise > 0"),
    ),
)

payments = tenant_table(
    "payments",
    id_column("customer_id"),
    paise_column("amount_paise"),
    paise_column("advance_paise"),
    Column("method", Text, nullable=False),
    Column("on_date", Date, nullable=False),
    id_column("receivable_id", nullable=True),
    moment_column("created_at"),
    CheckConstraint("amount_paise > 0", name="amount"),
    CheckConstraint("advance_paise BETWEEN 0 AND amount_paise", name="advance"),
    CheckConstraint(
        "method IN ('cash', 'upi', 'card', 'cheque', 'bank_transfer', 'opening')", name="method"
    ),
    tenant_reference("customers", "customer_id"),
    tenant_reference("receivables", "receivable_id"),
    tenant_index("on_date"),
    tenant_index("customer_id", "on_date"),
    tenant_index(
        "customer_id",
        name="ix_payments_advance",
        postgresql_where=text("advance_paise > 0"),
    ),
)

allocations = tenant_table(
    "allocations",
    id_column("payment_id"),
    id_column("receivable_id"),
    paise_column("paise"),
    moment_column("created_at"),
    CheckConstraint("paise <> 0", name="paise"),
    tenant_reference("payments", "payment_id"),
    tenant_reference("receivables", "receivable_id"),
    tenant_index("payment_id"),
    tenant_index("receivable_id"),
    append_only=True,
)
