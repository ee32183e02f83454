"""Lines of bank statements."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Date, Text

from erp_core.db.schema import (
    id_column,
    moment_column,
    paise_column,
    tenant_index,
    tenant_reference,
    tenant_table,
)

bank_lines = tenant_table(
    "bank_lines",
    Column("fingerprint", Text, nullable=False),
    Column("on_date", Date, nullable=False),
    paise_column("amount_paise"),
    Column("narration", Text, nullable=False),
    Column("reference", Text),
    Column("status", Text, nullable=False),
    id_column("payment_id", nullable=True),
    id_column("customer_id", nullable=True),
    moment_column("created_at"),
    CheckConstraint("amount_paise <> 0", name="amount"),
    CheckConstraint(
        "status IN ('matched', 'booked', 'suggested', 'open', 'ignored')", name="status"
    ),
    tenant_reference("payments", "payment_id"),
    tenant_reference("customers", "customer_id"),
    tenant_index("fingerprint", unique=True),
    tenant_index("status", "on_date"),
    tenant_index("payment_id"),
)
"""One line of a bank statement: what it was matched with, or whom it may be from. An amount above
zero came in."""
