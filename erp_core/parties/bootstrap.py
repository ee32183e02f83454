"""How a business comes to be. It has no tenant before it exists, so this is no ordinary command."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, text
from sqlalchemy.engine import Connection

from erp_core.db.engine import Database
from erp_core.journal import chain
from erp_core.kernel.actor import SYSTEM
from erp_core.kernel.clock import INDIA, Clock
from erp_core.kernel.errors import Invalid
from erp_core.parties.models import businesses, number_directory


@dataclass(frozen=True)
class NewBusiness:
    """A business to register. `state` is the GST state code ("27")."""

    name: str
    phone_number_id: str
    state: str
    gstin: str | None = None
    upi_vpa: str | None = None
    address: str | None = None
    language: str = "hinglish"
    zone: str = INDIA
    prices_include_tax: bool = False
    upi_verified: bool = False
    gst_scheme: str = "regular"
    colour: str | None = None
    drug_licence: str | None = None
    fssai: str | None = None


def register_business(database: Database, clock: Clock, new: NewBusiness) -> int:
    """Create a business with its empty journal and its WhatsApp number; its id.

    Raises Invalid("number_taken") when another business has the number.
    """
    business_id = next_business_id(database)
    with database.tenant(business_id) as connection:
        create_business(connection, business_id, new, now=clock.now())
    return business_id


def next_business_id(database: Database) -> int:
    """A fresh id: a business's rows can be written only in a session that names it already."""
    with database.plain() as connection:
        return int(
            connection.execute(
                text("SELECT nextval(pg_get_serial_sequence('businesses', 'id'))")
            ).scalar_one()
        )


def create_business(
    connection: Connection, business_id: int, new: NewBusiness, *, now: datetime
) -> None:
    """Write a new business in a session of its own. Raises Invalid("number_taken")."""
    if connection.execute(
        select(number_directory.c.tenant).where(
            number_directory.c.phone_number_id == new.phone_number_id
        )
    ).first():
        raise Invalid("number_taken")
    connection.execute(insert(businesses).values(id=business_id, created_at=now, **vars(new)))
    connection.execute(
        insert(number_directory).values(phone_number_id=new.phone_number_id, tenant=business_id)
    )
    chain.open_journal(connection, business_id, actor=SYSTEM, now=now)


def business_for_number(database: Database, phone_number_id: str) -> int | None:
    """Whose WhatsApp number this is."""
    with database.plain() as connection:
        found: int | None = connection.execute(
            select(number_directory.c.tenant).where(
                number_directory.c.phone_number_id == phone_number_id
            )
        ).scalar_one_or_none()
    return found


def all_numbers(database: Database) -> list[tuple[str, int]]:
    """Every WhatsApp number with its business's id, in the order of ids."""
    with database.plain() as connection:
        rows = connection.execute(
            select(number_directory.c.phone_number_id, number_directory.c.tenant).order_by(
                number_directory.c.tenant
            )
        )
        return [(row.phone_number_id, row.tenant) for row in rows]
