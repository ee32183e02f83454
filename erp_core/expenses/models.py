"""The table of expenses."""

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

expenses = tenant_table(
    "expenses",
    id_column("vendor_id", nullable=True),
    Column("item", Text),
    Column("category", Text, nullable=False),
    paise_column("amount_paise"),
    paise_column("gst_paise"),
    Column("method", Text, nullable=False),
    Column("on_date", Date, nullable=False),
    Column("number", Text),
    Column("supplier_gstin", Text),
    id_column("entry_id"),
    moment_column("created_at"),
    CheckConstraint("amount_paise > 0", name="amount"),
    CheckConstraint("gst_paise >= 0 AND gst_paise < amount_paise", name="gst"),
    tenant_reference("vendors", "vendor_id"),
    tenant_reference("ledger_entries", "entry_id"),
    tenant_index("on_date"),
    tenant_index("vendor_id"),
)
