"""The tables of bills that came as a picture or PDF and were confirmed."""

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

receipts = tenant_table(
    "receipts",
    id_column("expense_id"),
    id_column("vendor_id", nullable=True),
    Column("source", Text, nullable=False),
    Column("vendor_gstin", Text),
    Column("number", Text),
    Column("on_date", Date, nullable=False),
    paise_column("amount_paise"),
    paise_column("cgst_paise"),
    paise_column("sgst_paise"),
    paise_column("igst_paise"),
    paise_column("cess_paise"),
    paise_column("credit_paise"),
    Column("file", Text),
    Column("page", Integer, nullable=False),
    Column("look", Text),
    moment_column("created_at"),
    CheckConstraint("amount_paise > 0", name="amount"),
    CheckConstraint(
        "cgst_paise >= 0 AND sgst_paise >= 0 AND igst_paise >= 0 AND cess_paise >= 0"
        " AND credit_paise >= 0 AND credit_paise <= cgst_paise + sgst_paise + igst_paise"
        " AND cgst_paise + sgst_paise + igst_paise + cess_paise < amount_paise",
        name="tax",
    ),
    CheckConstraint("page >= 0", name="page"),
    tenant_reference("expenses", "expense_id"),
    tenant_reference("vendors", "vendor_id"),
    tenant_index("source", unique=True),
    tenant_index("on_date", "amount_paise"),
    tenant_index("file"),
    tenant_index("vendor_gstin"),
    tenant_index("created_at"),
)
"""Only what somebody confirmed. source: the message and page that it came from. file: SHA-256 of
the file; look: 256 bits that near-identical pictures share but for a few, in hexadecimal.
credit_paise: the tax that was set off."""

bill_marks = tenant_table(
    "bill_marks",
    id_column("vendor_id"),
    Column("field", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("place", Integer, nullable=False),
    Column("times", Integer, nullable=False),
    moment_column("seen_at"),
    CheckConstraint("field IN ('vendor', 'total', 'on', 'number')", name="field"),
    CheckConstraint("times > 0", name="times"),
    tenant_reference("vendors", "vendor_id"),
    tenant_index("vendor_id", "field", "label", unique=True),
    tenant_index("field", "label"),
)
"""Beside which words, and how far down in thousandths of the page, a field of a vendor's bills
stood so many times; for the field "vendor" the label is its name as the engine reads it."""
