"""Tables of the portals."""

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

from erp_core.db.schema import (
    id_column,
    moment_column,
    paise_column,
    tenant_index,
    tenant_reference,
    tenant_table,
)

gst_profiles = tenant_table(
    "gst_profiles",
    Column("turnover_paise", BigInteger),
    Column("quarterly", Boolean, nullable=False),
    Column("reminds", Boolean, nullable=False),
    moment_column("changed_at"),
    Column("trade", Text),
    Column("private_use", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint("turnover_paise >= 0", name="turnover"),
    CheckConstraint("trade IN ('trader', 'manufacturer', 'food', 'services')", name="trade"),
    key=(),
)
"""What a shop says of itself: its largest aggregate turnover of a financial year since 2017-18,
whether it files by quarters, whether it wants to be reminded, what it does (`trade`), and whether
some of what it spends serves no business (`private_use`)."""

portal_accounts = tenant_table(
    "portal_accounts",
    Column("portal", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    moment_column("changed_at"),
    CheckConstraint("portal IN ('irp', 'eway')", name="portal"),
    key=("portal",),
)

late_dues = tenant_table(
    "late_dues",
    id_column("entry_id"),
    Column("period", Text, nullable=False),
    Column("told_in", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("since", Date, nullable=False),
    Column("days", Integer, nullable=False),
    paise_column("base_paise"),
    *(paise_column(f"{head}_paise") for head in ("igst", "cgst", "sgst", "cess")),
    moment_column("created_at"),
    CheckConstraint("kind IN ('interest', 'late_fee')", name="kind"),
    CheckConstraint(
        "igst_paise >= 0 AND cgst_paise >= 0 AND sgst_paise >= 0 AND cess_paise >= 0",
        name="amounts",
    ),
    tenant_reference("ledger_entries", "entry_id"),
    tenant_index("period"),
    tenant_index("told_in"),
    tenant_index("entry_id"),
    append_only=True,
)
"""Interest and fees of what was paid late, `period` being what was, and `told_in` the return with
which they are paid; each by the month it ends with ("2026-10")."""

nil_returns = tenant_table(
    "nil_returns",
    Column("period", Text, nullable=False),
    Column("filed_on", Date, nullable=False),
    moment_column("created_at"),
    key=("period",),
    append_only=True,
)
"""The periods, by their last month ("2026-10"), that were settled with nothing to set off or pay:
the books hold no entry of them."""

shipping_bills = tenant_table(
    "shipping_bills",
    id_column("invoice_id"),
    Column("position", Integer, nullable=False),
    Column("on_date", Date, nullable=False),
    Column("number", Text, nullable=False),
    Column("port", Text, nullable=False),
    Column("shipped_on", Date, nullable=False),
    moment_column("created_at"),
    tenant_reference("invoices", "invoice_id"),
    tenant_index("invoice_id", "position", unique=True, name="uq_shipping_bills_position"),
    tenant_index("on_date"),
    append_only=True,
)
"""Under which shipping bill an export left, the last one by `position`; `on_date` is the day in
whose month it is filed."""

eway_bills = tenant_table(
    "eway_bills",
    id_column("invoice_id"),
    Column("status", Text, nullable=False),
    Column("number", Text),
    Column("distance_km", Integer, nullable=False),
    Column("vehicle", Text),
    Column("transporter", Text),
    moment_column("generated_at", nullable=True),
    moment_column("valid_until", nullable=True),
    Column("error_code", Text),
    id_column("user_id", nullable=True),
    moment_column("cancelled_at", nullable=True),
    moment_column("created_at"),
    CheckConstraint(
        "status IN ('waiting', 'generated', 'refused', 'cancelling', 'cancelled')", name="status"
    ),
    CheckConstraint("distance_km BETWEEN 0 AND 4000", name="distance"),
    CheckConstraint("vehicle IS NOT NULL OR transporter IS NOT NULL", name="carrier"),
    tenant_reference("invoices", "invoice_id"),
    tenant_index("number", unique=True, name="uq_eway_bills_number"),
    tenant_index(
        "invoice_id",
        unique=True,
        name="uq_eway_bills_open",
        postgresql_where=text("status IN ('waiting', 'generated', 'cancelling')"),
    ),
)

gstr2b_lines = tenant_table(
    "gstr2b_lines",
    Column("period", Date, nullable=False),
    Column("supplier_gstin", Text, nullable=False),
    Column("supplier_name", Text),
    Column("kind", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("on_date", Date, nullable=False),
    paise_column("value_paise"),
    paise_column("taxable_paise"),
    paise_column("cgst_paise"),
    paise_column("sgst_paise"),
    paise_column("igst_paise"),
    paise_column("cess_paise"),
    Column("creditable", Boolean, nullable=False),
    CheckConstraint("kind IN ('invoice', 'credit_note', 'debit_note')", name="kind"),
    tenant_index("period"),
)
"""What suppliers have filed about the shop, by the month of the statement."""
