"""Who of the shop's people sold how much: by whom each bill was written, as the journal has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import BigInteger, cast, func, select

from erp_core.invoicing.models import invoices
from erp_core.journal.context import Reader
from erp_core.journal.models import journal_events
from erp_core.kernel.clock import day_bounds
from erp_core.parties.models import users
from erp_core.parties.permissions import Permission, require

ISSUED = "invoice.issued"


@dataclass(frozen=True)
class Seller:
    """One of those who run the shop, with how many bills it wrote and their total in paise."""

    name: str
    bills: int
    paise: int


def sold_by(reader: Reader, start: date, end: date) -> list[Seller]:
    """What each of the shop's people billed from one day to another, the most first; of bills
    that stand. None is written before its day. Raises Forbidden."""
    require(reader, Permission.VIEW_REPORTS)
    bill, event = invoices.c, journal_events.c
    since, _ = day_bounds(start, start)
    total = cast(func.sum(bill.total_paise), BigInteger)
    rows = reader.connection.execute(
        select(users.c.name, func.count(), total)
        .select_from(journal_events)
        .join(invoices, (bill.business_id == event.business_id) & (bill.id == event.entity))
        .join(users, (users.c.business_id == event.business_id) & (users.c.id == event.actor_id))
        .where(
            event.business_id == reader.business_id,
            event.kind == ISSUED,
            event.recorded_at >= since,
            bill.on_date.between(start, end),
            bill.cancelled_at.is_(None),
        )
        .group_by(users.c.id, users.c.name)
        .order_by(total.desc(), users.c.id)
    )
    return [Seller(*row) for row in rows]
