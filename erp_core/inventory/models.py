"""Tables of the inventory: what is there now, and every change that led to it."""

from __future__ import annotations

from sqlalchemy import DDL, CheckConstraint, Column, Text, event

from erp_core.db.schema import (
    id_column,
    moment_column,
    paise_column,
    quantity_column,
    tenant_index,
    tenant_reference,
    tenant_table,
)

stock_levels = tenant_table(
    "stock_levels",
    id_column("product_id"),
    quantity_column("on_hand"),
    quantity_column("reserved"),
    paise_column("value_paise"),
    tenant_reference("products", "product_id"),
    CheckConstraint("on_hand >= 0", name="on_hand"),
    CheckConstraint("reserved BETWEEN 0 AND on_hand", name="reserved"),
    CheckConstraint("value_paise >= 0 AND (on_hand > 0 OR value_paise = 0)", name="value"),
    key=("product_id",),
)

# A row changes with every sale: room on its page spares its index a new entry each time.
event.listen(stock_levels, "after_create", DDL("ALTER TABLE stock_levels SET (fillfactor = 70)"))

stock_movements = tenant_table(
    "stock_movements",
    id_column("product_id"),
    moment_column("moved_at"),
    Column("reason", Text, nullable=False),
    quantity_column("delta"),
    quantity_column("on_hand_after"),
    paise_column("value_paise"),
    Column("source_kind", Text),
    id_column("source_id", nullable=True),
    tenant_reference("products", "product_id"),
    tenant_index("product_id", "moved_at", "id"),
    tenant_index("source_kind", "source_id"),
    append_only=True,
)
