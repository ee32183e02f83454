"""Tables of the orders."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Integer,
    Text,
    text,
)

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
from erp_core.orders.states import TRANSITIONS

_STATES = ", ".join(f"'{state}'" for state in sorted(TRANSITIONS.states))

WANTED_AT = "^(morning|noon|evening|night|soon)?( ?[0-9]{1,2}(:[0-9]{2})?)?$"
"""A part of the day, an hour as it is said, or both: "evening 6:30"."""

LONGEST_NOTE = 200
"""Characters."""

orders = tenant_table(
    "orders",
    Column("number", Text, nullable=False),
    id_column("customer_id"),
    Column("status", Text, nullable=False),
    Column("ordered_on", Date, nullable=False),
    moment_column("created_at"),
    moment_column("changed_at"),
    Column("supplier_state", Text, nullable=False),
    Column("place_of_supply", Text, nullable=False),
    Column("prices_include_tax", Boolean, nullable=False),
    paise_column("taxable_paise"),
    paise_column("cgst_paise"),
    paise_column("sgst_paise"),
    paise_column("igst_paise"),
    counted_column("cess_paise"),
    paise_column("round_off_paise"),
    paise_column("total_paise"),
    Column("cancel_reason", Text),
    Column("wanted_on", Date),
    Column("wanted_at", Text),
    Column("note", Text),
    id_column("invoice_id", nullable=True),
    CheckConstraint(f"status IN ({_STATES})", name="status"),
    CheckConstraint(f"wanted_at ~ '{WANTED_AT}'", name="wanted_at"),
    CheckConstraint(f"length(note) <= {LONGEST_NOTE}", name="note"),
    CheckConstraint(
        "total_paise = taxable_paise + cgst_paise + sgst_paise + igst_paise + cess_paise"
        " + round_off_paise",
        name="total",
    ),
    tenant_reference("customers", "customer_id"),
    tenant_index("number", unique=True, name="uq_orders_number"),
    tenant_index("customer_id", "created_at"),
    tenant_index(
        "ordered_on",
        name="ix_orders_day",
        postgresql_include=["status", "total_paise", "id"],
    ),
    tenant_index("status", "created_at"),
)

order_lines = tenant_table(
    "order_lines",
    id_column("order_id"),
    Column("position", Integer, nullable=False),
    Column("ordered_on", Date, nullable=False),
    id_column("product_id"),
    quantity_column("quantity"),
    paise_column("unit_price_paise"),
    Column("hsn", Text),
    Column("gst_rate", Integer, nullable=False),
    Column("rate_known", Boolean, nullable=False, server_default=text("true")),
    paise_column("taxable_paise"),
    paise_column("cgst_paise"),
    paise_column("sgst_paise"),
    paise_column("igst_paise"),
    *levied_columns(),
    paise_column("total_paise"),
    CheckConstraint("quantity > 0", name="quantity"),
    CheckConstraint("unit_price_paise >= 0", name="unit_price"),
    tenant_reference("orders", "order_id"),
    tenant_reference("products", "product_id"),
    tenant_index("order_id", "product_id", unique=True, name="uq_order_lines_product"),
    tenant_index("product_id", "ordered_on", name="ix_order_lines_product"),
    tenant_index(
        "ordered_on",
        name="ix_order_lines_day",
        postgresql_include=["product_id", "quantity", "taxable_paise", "order_id"],
    ),
    key=("order_id", "position"),
)

order_series = tenant_table(
    "order_series",
    Column("year", Integer, nullable=False),
    Column("last", BigInteger, nullable=False),
    key=("year",),
)
