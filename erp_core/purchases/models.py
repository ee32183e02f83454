"""Tables of buying: bills of vendors and notes on them, what they were paid, purchase orders;
services under reverse charge, and credit that does not stand.

A bill is never changed: goods that go back are a debit note on it (CGST Act, section 34).
"""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, Date, Integer, Text, text

from erp_core.db.schema import (
    counted_column,
    id_column,
    moment_column,
    paise_column,
    quantity_column,
    tenant_index,
    tenant_reference,
    tenant_table,
)

purchase_orders = tenant_table(
    "purchase_orders",
    id_column("vendor_id"),
    Column("number", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("on_date", Date, nullable=False),
    moment_column("created_at"),
    moment_column("received_at", nullable=True),
    CheckConstraint("status IN ('sent', 'partly', 'received', 'cancelled')", name="status"),
    tenant_reference("vendors", "vendor_id"),
    tenant_index("number", unique=True),
    tenant_index("vendor_id", "status"),
)

purchase_order_lines = tenant_table(
    "purchase_order_lines",
    id_column("order_id"),
    Column("position", Integer, nullable=False),
    id_column("product_id"),
    quantity_column("quantity"),
    quantity_column("received"),
    paise_column("unit_price_paise", nullable=True),
    CheckConstraint("quantity > 0 AND received >= 0", name="quantities"),
    tenant_reference("purchase_orders", "order_id"),
    tenant_reference("products", "product_id"),
    tenant_index("product_id"),
    key=("order_id", "position"),
)

purchase_bills = tenant_table(
    "purchase_bills",
    id_column("vendor_id"),
    Column("kind", Text, nullable=False),
    Column("number", Text),
    Column("edition", Integer, nullable=False, server_default="0"),
    Column("financial_year", Text, nullable=False),
    id_column("against", nullable=True),
    Column("takes_back", Boolean, nullable=False, server_default="false"),
    id_column("order_id", nullable=True),
    Column("on_date", Date, nullable=False),
    Column("supplier_gstin", Text),
    Column("inter_state", Boolean, nullable=False),
    Column("reverse_charge", Boolean, nullable=False),
    Column("input_credit", Boolean, nullable=False),
    paise_column("taxable_paise"),
    paise_column("cgst_paise"),
    paise_column("sgst_paise"),
    paise_column("igst_paise"),
    counted_column("cess_paise"),
    paise_column("round_off_paise"),
    paise_column("charges_paise"),
    paise_column("total_paise"),
    moment_column("created_at"),
    CheckConstraint(
        "kind IN ('bill', 'self_invoice', 'awaited', 'debit_note')",
        name="kind",
    ),
    CheckConstraint("total_paise >= 0 AND charges_paise >= 0", name="amounts"),
    tenant_reference("vendors", "vendor_id"),
    tenant_reference("purchase_bills", "against"),
    tenant_reference("purchase_orders", "order_id"),
    tenant_index("on_date"),
    tenant_index("vendor_id", "on_date"),
    tenant_index("against"),
    tenant_index(
        "vendor_id",
        "financial_year",
        "number",
        "edition",
        unique=True,
        name="uq_purchase_bills_number",
        postgresql_where=text("kind = 'bill' AND number IS NOT NULL"),
    ),
    tenant_index(
        "created_at",
        name="ix_purchase_bills_self_invoices",
        postgresql_where=text("kind = 'self_invoice'"),
    ),
    append_only=True,
)
"""`edition` counts the bills of the same number that were taken off the books before as mistakes,
by debit notes that `takes_back` marks."""

purchase_lines = tenant_table(
    "purchase_lines",
    id_column("bill_id"),
    Column("position", Integer, nullable=False),
    Column("of_position", Integer),
    id_column("product_id"),
    quantity_column("quantity"),
    paise_column("unit_price_paise"),
    Column("gst_rate", Integer, nullable=False),
    paise_column("taxable_paise"),
    paise_column("cgst_paise"),
    paise_column("sgst_paise"),
    paise_column("igst_paise"),
    counted_column("cess_paise"),
    paise_column("round_off_paise"),
    paise_column("charges_paise"),
    paise_column("cost_paise"),
    CheckConstraint("quantity > 0", name="quantity"),
    tenant_reference("purchase_bills", "bill_id"),
    tenant_reference("products", "product_id"),
    tenant_index("product_id", "bill_id"),
    key=("bill_id", "position"),
    append_only=True,
)

vendor_payments = tenant_table(
    "vendor_payments",
    id_column("vendor_id", nullable=True),
    paise_column("amount_paise"),
    Column("method", Text, nullable=False),
    Column("on_date", Date, nullable=False),
    moment_column("created_at"),
    CheckConstraint("amount_paise > 0", name="amount"),
    CheckConstraint("method IN ('cash', 'upi', 'card', 'cheque', 'bank_transfer')", name="method"),
    tenant_reference("vendors", "vendor_id"),
    tenant_index("vendor_id", "on_date"),
    tenant_index("on_date"),
    append_only=True,
)

credit_reversals = tenant_table(
    "credit_reversals",
    id_column("bill_id"),
    Column("kind", Text, nullable=False),
    Column("on_date", Date, nullable=False),
    paise_column("cgst_paise"),
    paise_column("sgst_paise"),
    paise_column("igst_paise"),
    paise_column("cess_paise"),
    id_column("entry_id"),
    moment_column("created_at"),
    CheckConstraint("kind IN ('reversed', 'reclaimed')", name="kind"),
    CheckConstraint(
        "cgst_paise >= 0 AND sgst_paise >= 0 AND igst_paise >= 0 AND cess_paise >= 0"
        " AND cgst_paise + sgst_paise + igst_paise + cess_paise > 0",
        name="amounts",
    ),
    tenant_reference("purchase_bills", "bill_id"),
    tenant_reference("ledger_entries", "entry_id"),
    tenant_index("bill_id"),
    tenant_index("on_date"),
    append_only=True,
)
"""Input credit of a bill not paid within 180 days (rule 37), and taken again when it is paid."""

lost_credits = tenant_table(
    "lost_credits",
    id_column("movement_id"),
    id_column("bill_id"),
    *(paise_column(f"{head}_paise") for head in ("cgst", "sgst", "igst", "cess")),
    *(paise_column(f"reversed_{head}_paise") for head in ("cgst", "sgst", "igst", "cess")),
    moment_column("created_at"),
    tenant_reference("stock_movements", "movement_id"),
    tenant_reference("purchase_bills", "bill_id"),
    tenant_index("bill_id"),
    tenant_index("movement_id"),
    append_only=True,
)
"""What a loss took of the credit of a bill for good: given back with the loss, or `reversed` before
since the bill is unpaid (rule 37), and never to be taken again."""

reverse_charges = tenant_table(
    "reverse_charges",
    id_column("expense_id"),
    Column("service", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("self_invoice", Text),
    Column("on_date", Date, nullable=False),
    Column("supplier_gstin", Text),
    Column("inter_state", Boolean, nullable=False),
    Column("input_credit", Boolean, nullable=False),
    Column("rate", Integer, nullable=False),
    paise_column("taxable_paise"),
    paise_column("cgst_paise"),
    paise_column("sgst_paise"),
    paise_column("igst_paise"),
    id_column("entry_id"),
    moment_column("created_at"),
    CheckConstraint(
        "taxable_paise > 0 AND cgst_paise >= 0 AND sgst_paise >= 0 AND igst_paise >= 0",
        name="amounts",
    ),
    tenant_reference("expenses", "expense_id"),
    tenant_reference("ledger_entries", "entry_id"),
    tenant_index("expense_id"),
    tenant_index("on_date"),
    tenant_index("created_at"),
    append_only=True,
)
"""The tax that the business owes on a service that it paid for (section 9(3)). `number` is that of
its payment voucher (section 31(3)(g)), `self_invoice` of its invoice to itself where the supplier
is not registered (section 31(3)(f))."""
