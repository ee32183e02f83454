"""Tables of the catalogue: what the business sells, and what else people call it."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, Integer, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from erp_core.db.schema import (
    id_column,
    moment_column,
    paise_column,
    quantity_column,
    tenant_index,
    tenant_reference,
    tenant_table,
)

products = tenant_table(
    "products",
    Column("name", Text, nullable=False),
    Column("search_key", Text, nullable=False),
    Column("sku", Text, nullable=False),
    Column("sku_key", Text, nullable=False),
    Column("unit", Text, nullable=False),
    paise_column("price_paise"),
    paise_column("cost_paise", nullable=True),
    paise_column("mrp_paise", nullable=True),
    Column("hsn", Text),
    Column("gst_rate", Integer, nullable=False),
    Column("rate_known", Boolean, nullable=False, server_default=text("true")),
    Column("packing", Text),
    quantity_column("reorder_level", nullable=True),
    Column("active", Boolean, nullable=False),
    Column("packs", JSONB, nullable=False, server_default=text("'{}'")),
    moment_column("created_at"),
    CheckConstraint("price_paise >= 0 AND cost_paise >= 0", name="amounts"),
    CheckConstraint("mrp_paise > 0", name="mrp"),
    CheckConstraint("packing IN ('packed', 'loose')", name="packing"),
    CheckConstraint("gst_rate BETWEEN 0 AND 10000", name="gst_rate"),
    CheckConstraint("reorder_level >= 0", name="reorder_level"),
    tenant_index("sku_key", unique=True, name="uq_products_sku_key"),
    tenant_index("search_key"),
)

product_aliases = tenant_table(
    "product_aliases",
    Column("search_key", Text, nullable=False),
    id_column("product_id"),
    Column("alias", Text, nullable=False),
    tenant_reference("products", "product_id"),
    tenant_index("product_id"),
    key=("search_key",),
)
