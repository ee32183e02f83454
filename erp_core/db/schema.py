"""How tables are declared, so that tenancy holds by construction.

A tenant table has the key (business_id, id), row-level security, and references other tenant tables
by (business_id, x_id) only: PostgreSQL does not apply row-level security to foreign keys, so a
plain reference could point into another business.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    text,
)
from sqlalchemy.dialects.postgresql import UUID

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = MetaData(naming_convention=NAMES)


def tenant_table(
    name: str,
    *items: Any,
    key: tuple[str, ...] = ("id",),
    append_only: bool = False,
    **options: Any,
) -> Table:
    """A table whose rows belong to one business: key (business_id, *key).

    An `id` column is added when the key is the default one. Rows of an append-only table can be
    added and read by the application, never changed or removed.
    """
    columns: list[Any] = [Column("business_id", BigInteger, nullable=False, autoincrement=False)]
    if key == ("id",):
        columns.append(Column("id", UUID(as_uuid=True), nullable=False))
    return Table(
        name,
        metadata,
        *columns,
        *items,
        PrimaryKeyConstraint("business_id", *key),
        info={"tenant": "business_id", "append_only": append_only},
        **options,
    )


def tenant_root(name: str, *items: Any, key: str) -> Table:
    """The table of the businesses themselves: its own key is the tenant."""
    return Table(name, metadata, *items, info={"tenant": key, "append_only": False})


def global_table(name: str, *items: Any) -> Table:
    """A table of no business: routing and bookkeeping of the machinery, never personal data."""
    return Table(name, metadata, *items, info={})


def tenant_reference(table: str, column: str) -> ForeignKeyConstraint:
    """A foreign key that cannot leave the business."""
    return ForeignKeyConstraint(["business_id", column], [f"{table}.business_id", f"{table}.id"])


def tenant_index(
    *columns: str, unique: bool = False, name: str | None = None, **options: Any
) -> Index:
    """An index that starts with the business."""
    return Index(name, "business_id", *columns, unique=unique, **options)  # type: ignore[arg-type]


def id_column(name: str, *, nullable: bool = False) -> Column[Any]:
    """A reference to a row by its id; add tenant_reference() for the constraint."""
    return Column(name, UUID(as_uuid=True), nullable=nullable)


def paise_column(name: str, *, nullable: bool = False) -> Column[Any]:
    """Money: bigint, since an index on numeric cannot be used under row-level security."""
    return Column(name, BigInteger, nullable=nullable)


def counted_column(name: str) -> Column[Any]:
    """Money that older rows have nothing of."""
    return Column(name, BigInteger, nullable=False, server_default=text("0"))


def levied_columns() -> list[Column[Any]]:
    """What a line bears besides the tax of its rate.

    Cess: all of it, its rate in basis points of the value, and the part that goes by the unit or by
    the retail price. `rsp_paise` is the retail sale price of one unit where something was worked
    out of it; `by_rsp`: the tax itself was (rule 31D).
    """
    return [
        counted_column("cess_paise"),
        Column("cess_rate", Integer, nullable=False, server_default=text("0")),
        counted_column("cess_units_paise"),
        paise_column("rsp_paise", nullable=True),
        Column("by_rsp", Boolean, nullable=False, server_default=text("false")),
    ]


def quantity_column(name: str, *, nullable: bool = False) -> Column[Any]:
    """A quantity of goods, three decimals."""
    return Column(name, Numeric(18, 3), nullable=nullable)


def moment_column(name: str, *, nullable: bool = False) -> Column[Any]:
    """A moment in UTC."""
    return Column(name, DateTime(timezone=True), nullable=nullable)
