"""Tables of the parties to a business."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Identity, Text, text

from erp_core.db.schema import (
    global_table,
    id_column,
    moment_column,
    tenant_index,
    tenant_reference,
    tenant_root,
    tenant_table,
)

businesses = tenant_root(
    "businesses",
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("name", Text, nullable=False),
    Column("phone_number_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("gstin", Text),
    Column("upi_vpa", Text),
    Column("upi_verified", Boolean, nullable=False, server_default=text("false")),
    Column("address", Text),
    Column("language", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("prices_include_tax", Boolean, nullable=False),
    Column("keeps_reviews", Boolean, nullable=False, server_default=text("false")),
    Column("gst_scheme", Text, nullable=False, server_default=text("'regular'")),
    Column("colour", Text),
    Column("drug_licence", Text),
    Column("fssai", Text),
    moment_column("created_at"),
    CheckConstraint("language IN ('hinglish', 'hindi', 'english')", name="language"),
    CheckConstraint("gst_scheme IN ('regular', 'composition')", name="gst_scheme"),
    key="id",
)

number_directory = global_table(
    "number_directory",
    Column("phone_number_id", Text, primary_key=True),
    Column("tenant", BigInteger, nullable=False),
)

users = tenant_table(
    "users",
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("language", Text),
    Column("active", Boolean, nullable=False),
    moment_column("created_at"),
    Column("speaks", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint("role IN ('owner', 'manager', 'staff', 'viewer')", name="role"),
    CheckConstraint("language IN ('hinglish', 'hindi', 'english')", name="language"),
)

customers = tenant_table(
    "customers",
    Column("name", Text, nullable=False),
    Column("search_key", Text, nullable=False),
    Column("state", Text),
    Column("gstin", Text),
    Column("address", Text),
    Column("language", Text),
    moment_column("created_at"),
    CheckConstraint("language IN ('hinglish', 'hindi', 'english')", name="language"),
    Column("treatment", Text),
    CheckConstraint(
        "treatment IN ('sez', 'sez_lut', 'export', 'export_lut', 'deemed_export')",
        name="treatment",
    ),
    Column("speaks", Boolean, nullable=False, server_default=text("false")),
    tenant_index("search_key"),
)

customer_aliases = tenant_table(
    "customer_aliases",
    Column("search_key", Text, nullable=False),
    id_column("customer_id"),
    Column("alias", Text, nullable=False),
    tenant_reference("customers", "customer_id"),
    tenant_index("customer_id"),
    key=("search_key",),
)

name_versions = tenant_table(
    "name_versions",
    Column("subject", Text, nullable=False),
    id_column("version"),
    CheckConstraint("subject IN ('customers', 'vendors', 'products')", name="subject"),
    key=("subject",),
)

vendors = tenant_table(
    "vendors",
    Column("name", Text, nullable=False),
    Column("search_key", Text, nullable=False),
    Column("gstin", Text),
    Column("state", Text),
    moment_column("created_at"),
    tenant_index("search_key"),
)

identities = tenant_table(
    "identities",
    Column("kind", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("party_kind", Text, nullable=False),
    id_column("party_id"),
    CheckConstraint("kind IN ('phone', 'bsuid', 'parent_bsuid')", name="kind"),
    CheckConstraint("party_kind IN ('user', 'customer', 'vendor')", name="party_kind"),
    tenant_index("party_kind", "party_id"),
    # Where to call somebody has one answer; scoped ids may be several, old ones among them.
    tenant_index(
        "party_kind",
        "party_id",
        unique=True,
        name="uq_identities_one_phone",
        postgresql_where=text("kind = 'phone'"),
    ),
    key=("kind", "value"),
)
