"""Tables of the inventory: what is there now, and every change that led to it.

Of a product that has come in batches or lies in several places, the rows say where all of its
stock is; they change only while its row in stock_levels is locked.
"""

from __future__ import annotations

from sqlalchemy import DDL, Boolean, CheckConstraint, Column, Date, Text, event, text

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
    Column("batched", Boolean, nullable=False, server_default=text("false")),
    Column("scattered", Boolean, nullable=False, server_default=text("false")),
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

stock_batches = tenant_table(
    "stock_batches",
    id_column("product_id"),
    Column("number", Text, nullable=False),
    Column("expires_on", Date),
    quantity_column("quantity"),
    moment_column("created_at"),
    CheckConstraint("quantity >= 0", name="quantity"),
    tenant_reference("products", "product_id"),
    tenant_index("product_id", "number", unique=True),
    tenant_index("product_id", "expires_on"),
)
"""How much of a product's stock is of which batch. What no batch holds of it came without one."""

batch_movements = tenant_table(
    "batch_movements",
    id_column("movement_id"),
    id_column("batch_id"),
    id_column("product_id"),
    quantity_column("delta"),
    tenant_reference("stock_movements", "movement_id"),
    tenant_reference("stock_batches", "batch_id"),
    tenant_index("product_id", "movement_id"),
    tenant_index("batch_id"),
    key=("movement_id", "batch_id"),
    append_only=True,
)

locations = tenant_table(
    "locations",
    Column("name", Text, nullable=False),
    Column("search_key", Text, nullable=False),
    moment_column("created_at"),
    tenant_index("search_key", unique=True),
)
"""Where goods lie besides the shop itself, which has no row: a godown, a second counter."""

location_levels = tenant_table(
    "location_levels",
    id_column("product_id"),
    id_column("location_id"),
    quantity_column("on_hand"),
    CheckConstraint("on_hand >= 0", name="on_hand"),
    tenant_reference("products", "product_id"),
    tenant_reference("locations", "location_id"),
    key=("product_id", "location_id"),
)
"""How much of a product's stock lies elsewhere; all else of it is in the shop."""

location_moves = tenant_table(
    "location_moves",
    id_column("product_id"),
    id_column("source_id", nullable=True),
    id_column("target_id", nullable=True),
    quantity_column("quantity"),
    moment_column("moved_at"),
    Column("reason", Text, nullable=False),
    CheckConstraint("quantity > 0", name="quantity"),
    CheckConstraint("reason IN ('moved', 'fetched', 'received')", name="reason"),
    tenant_reference("products", "product_id"),
    tenant_reference("locations", "source_id"),
    tenant_reference("locations", "target_id"),
    tenant_index("product_id", "moved_at", "id"),
    append_only=True,
)
"""Goods that were carried; no location is the shop. `fetched`: taken from elsewhere for a sale."""
