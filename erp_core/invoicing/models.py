"""Tables of documents. An invoice keeps what was true when it was issued: both parties, every line.

Only its status ever changes: a cancelled one stays, with its number, for the returns. A note
changes an invoice and names its lines; a paper (proforma, delivery challan, voucher) bills nothing.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Integer,
    LargeBinary,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from erp_core.db.schema import (
    counted_column,
    id_column,
    levied_columns,
    moment_column,
    paise_column,
    quantity_column,
    tenant_index,
    tenant_reference,
    tenant_table,
)

document_series = tenant_table(
    "document_series",
    Column("series", Text, nullable=False),
    Column("financial_year", Text, nullable=False),
    Column("last_serial", BigInteger, nullable=False),
    key=("series", "financial_year"),
)

invoices = tenant_table(
    "invoices",
    Column("number", Text, nullable=False),
    Column("financial_year", Text, nullable=False),
    Column("serial", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    id_column("customer_id"),
    id_column("order_id", nullable=True),
    Column("on_date", Date, nullable=False),
    Column("description_code", Text),
    Column("supplier_name", Text, nullable=False),
    Column("supplier_address", Text),
    Column("supplier_gstin", Text),
    Column("supplier_state", Text, nullable=False),
    Column("customer_name", Text, nullable=False),
    Column("customer_address", Text),
    Column("customer_gstin", Text),
    Column("customer_state", Text),
    Column("place_of_supply", Text, nullable=False),
    paise_column("taxable_paise"),
    paise_column("cgst_paise"),
    paise_column("sgst_paise"),
    paise_column("igst_paise"),
    counted_column("cess_paise"),
    paise_column("round_off_paise"),
    paise_column("total_paise"),
    id_column("entry_id", nullable=True),
    Column("cancel_reason", Text),
    moment_column("cancelled_at", nullable=True),
    moment_column("created_at"),
    Column("treatment", Text),
    Column("composition", Boolean, nullable=False, server_default=text("false")),
    Column("reverse_charge", Boolean, nullable=False, server_default=text("false")),
    Column("delivery_address", Text),
    Column("amended", Boolean, nullable=False, server_default=text("false")),
    Column("supplier_drug_licence", Text),
    Column("supplier_fssai", Text),
    CheckConstraint(
        "kind IN ('tax_invoice', 'invoice_cum_bill', 'bill_of_supply', 'bill')", name="kind"
    ),
    CheckConstraint(
        "treatment IN ('sez', 'sez_lut', 'export', 'export_lut', 'deemed_export')",
        name="treatment",
    ),
    CheckConstraint("status IN ('issued', 'cancelled')", name="status"),
    CheckConstraint(
        "total_paise = taxable_paise + cgst_paise + sgst_paise + igst_paise + cess_paise"
        " + round_off_paise",
        name="total",
    ),
    CheckConstraint("length(number) <= 16", name="number"),
    tenant_reference("customers", "customer_id"),
    tenant_reference("orders", "order_id"),
    tenant_reference("ledger_entries", "entry_id"),
    tenant_index("number", unique=True, name="uq_invoices_number"),
    tenant_index(
        "order_id",
        unique=True,
        name="uq_invoices_order",
        postgresql_where=text("status = 'issued'"),
    ),
    tenant_index("serial"),
    tenant_index(
        "on_date",
        name="ix_invoices_day",
        postgresql_include=["total_paise", "taxable_paise", "round_off_paise"],
    ),
    tenant_index(
        "cancelled_at",
        name="ix_invoices_cancelled",
        postgresql_where=text("cancelled_at IS NOT NULL"),
    ),
    tenant_index("customer_id", "created_at"),
)

invoice_lines = tenant_table(
    "invoice_lines",
    id_column("invoice_id"),
    Column("position", Integer, nullable=False),
    id_column("product_id", nullable=True),
    Column("name", Text, nullable=False),
    Column("hsn", Text),
    Column("unit", Text),
    quantity_column("quantity"),
    paise_column("unit_price_paise"),
    paise_column("discount_paise"),
    Column("inclusive", Boolean, nullable=False),
    Column("rate", Integer, nullable=False),
    paise_column("taxable_paise"),
    paise_column("cgst_paise"),
    paise_column("sgst_paise"),
    paise_column("igst_paise"),
    *levied_columns(),
    paise_column("round_off_paise"),
    Column("usual_rate", Integer),
    tenant_reference("invoices", "invoice_id"),
    tenant_reference("products", "product_id"),
    key=("invoice_id", "position"),
    append_only=True,
)

equipment_sales = tenant_table(
    "equipment_sales",
    id_column("invoice_id"),
    id_column("expense_id"),
    Column("undone", Boolean, nullable=False, server_default=text("false")),
    tenant_reference("invoices", "invoice_id"),
    tenant_reference("expenses", "expense_id"),
    tenant_index(
        "expense_id",
        unique=True,
        name="uq_equipment_sales_expense",
        postgresql_where=text("NOT undone"),
    ),
    key=("invoice_id",),
)
"""Which bill sold which equipment; undone with the bill."""

notes = tenant_table(
    "notes",
    Column("number", Text, nullable=False),
    Column("financial_year", Text, nullable=False),
    Column("serial", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    id_column("invoice_id"),
    id_column("customer_id"),
    Column("on_date", Date, nullable=False),
    Column("reason", Text, nullable=False),
    paise_column("taxable_paise"),
    paise_column("cgst_paise"),
    paise_column("sgst_paise"),
    paise_column("igst_paise"),
    counted_column("cess_paise"),
    paise_column("round_off_paise"),
    paise_column("total_paise"),
    id_column("entry_id"),
    moment_column("created_at"),
    CheckConstraint("kind IN ('credit_note', 'debit_note')", name="kind"),
    CheckConstraint("length(number) <= 16", name="number"),
    CheckConstraint(
        "total_paise = taxable_paise + cgst_paise + sgst_paise + igst_paise + cess_paise"
        " + round_off_paise"
        " AND total_paise > 0",
        name="total",
    ),
    tenant_reference("invoices", "invoice_id"),
    tenant_reference("customers", "customer_id"),
    tenant_reference("ledger_entries", "entry_id"),
    tenant_index("number", unique=True, name="uq_notes_number"),
    tenant_index("invoice_id"),
    tenant_index("on_date"),
    append_only=True,
)

note_lines = tenant_table(
    "note_lines",
    id_column("note_id"),
    Column("position", Integer, nullable=False),
    Column("invoice_position", Integer, nullable=False),
    quantity_column("quantity"),
    paise_column("taxable_paise"),
    paise_column("cgst_paise"),
    paise_column("sgst_paise"),
    paise_column("igst_paise"),
    counted_column("cess_paise"),
    paise_column("round_off_paise"),
    tenant_reference("notes", "note_id"),
    key=("note_id", "position"),
    append_only=True,
)

papers = tenant_table(
    "papers",
    Column("number", Text, nullable=False),
    Column("financial_year", Text, nullable=False),
    Column("serial", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    id_column("customer_id"),
    id_column("order_id", nullable=True),
    id_column("payment_id", nullable=True),
    Column("on_date", Date, nullable=False),
    Column("frozen", JSONB, nullable=False),
    moment_column("created_at"),
    CheckConstraint(
        "kind IN ('proforma', 'delivery_challan', 'receipt_voucher', 'refund_voucher')",
        name="kind",
    ),
    CheckConstraint("length(number) <= 16", name="number"),
    tenant_reference("customers", "customer_id"),
    tenant_reference("orders", "order_id"),
    tenant_reference("payments", "payment_id"),
    tenant_index("number", unique=True, name="uq_papers_number"),
    tenant_index("order_id"),
    tenant_index("payment_id"),
    tenant_index("on_date"),
    append_only=True,
)

logos = tenant_table(
    "logos",
    Column("digest", Text, nullable=False),
    Column("png", LargeBinary, nullable=False),
    CheckConstraint("length(png) <= 300000", name="png"),
    key=(),
)

e_invoices = tenant_table(
    "e_invoices",
    Column("document_kind", Text, nullable=False),
    id_column("document_id"),
    id_column("invoice_id"),
    Column("status", Text, nullable=False),
    Column("irn", Text),
    Column("ack_no", Text),
    moment_column("ack_at", nullable=True),
    Column("signed_qr", Text),
    Column("error_code", Text),
    id_column("user_id", nullable=True),
    moment_column("cancelled_at", nullable=True),
    moment_column("created_at"),
    CheckConstraint(
        "document_kind IN ('invoice', 'credit_note', 'debit_note')", name="document_kind"
    ),
    CheckConstraint(
        "status IN ('waiting', 'registered', 'refused', 'dropped', 'cancelling', 'cancelled')",
        name="status",
    ),
    CheckConstraint(
        "status NOT IN ('registered', 'cancelling', 'cancelled')"
        " OR (irn IS NOT NULL AND ack_at IS NOT NULL AND signed_qr IS NOT NULL)",
        name="irn",
    ),
    tenant_reference("invoices", "invoice_id"),
    tenant_index("document_id", unique=True, name="uq_e_invoices_document"),
    tenant_index("invoice_id"),
    tenant_index("status"),
)
"""The registration of a document with the Invoice Registration Portal; `user_id` made the
document and is told how it goes."""

advance_taxes = tenant_table(
    "advance_taxes",
    Column("kind", Text, nullable=False),
    id_column("received_id", nullable=True),
    id_column("voucher_id"),
    id_column("customer_id"),
    id_column("order_id", nullable=True),
    id_column("invoice_id", nullable=True),
    Column("on_date", Date, nullable=False),
    Column("place_of_supply", Text, nullable=False),
    Column("inter_state", Boolean, nullable=False),
    Column("rate", Integer, nullable=False),
    paise_column("taxable_paise"),
    paise_column("cgst_paise"),
    paise_column("sgst_paise"),
    paise_column("igst_paise"),
    id_column("entry_id"),
    moment_column("created_at"),
    CheckConstraint("kind IN ('received', 'adjusted', 'refunded')", name="kind"),
    CheckConstraint("(kind = 'received') = (received_id IS NULL)", name="received"),
    tenant_reference("advance_taxes", "received_id"),
    tenant_reference("papers", "voucher_id"),
    tenant_reference("customers", "customer_id"),
    tenant_reference("orders", "order_id"),
    tenant_reference("invoices", "invoice_id"),
    tenant_reference("ledger_entries", "entry_id"),
    tenant_index("on_date"),
    tenant_index("order_id"),
    tenant_index("customer_id"),
    tenant_index("received_id", unique=True, name="uq_advance_taxes_received"),
    append_only=True,
)
"""Tax on what was received for services before their bill (section 13(2)), and its end: adjusted
against the bill, or given back with the advance."""

amendments = tenant_table(
    "amendments",
    id_column("invoice_id"),
    Column("position", Integer, nullable=False),
    Column("on_date", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Column("gstin_before", Text),
    Column("state_before", Text),
    Column("place_before", Text, nullable=False),
    Column("gstin", Text),
    Column("state", Text),
    Column("place_of_supply", Text, nullable=False),
    id_column("entry_id", nullable=True),
    moment_column("created_at"),
    tenant_reference("invoices", "invoice_id"),
    tenant_reference("ledger_entries", "entry_id"),
    tenant_index("invoice_id", "position", unique=True, name="uq_amendments_position"),
    tenant_index("on_date"),
    append_only=True,
)
"""Whose GSTIN and which place of supply a bill has since been corrected to; the bill itself keeps
what it was issued with."""
