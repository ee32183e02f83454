"""Reading bank statements back: what waits for a person to say whose it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from erp_core.banking.models import bank_lines
from erp_core.journal.context import Reader
from erp_core.parties.permissions import Permission, require


@dataclass(frozen=True)
class Suggestion:
    """A line that came in, and from whom it may be."""

    id: UUID
    on: date
    amount: int
    customer_id: UUID


def suggestions(reader: Reader, *, limit: int = 9) -> list[Suggestion]:
    """Lines whose customer is a guess, newest first."""
    require(reader, Permission.VIEW_PAYMENTS)
    rows = reader.connection.execute(
        select(bank_lines)
        .where(
            bank_lines.c.business_id == reader.business_id,
            bank_lines.c.status == "suggested",
            bank_lines.c.customer_id.is_not(None),
        )
        .order_by(bank_lines.c.on_date.desc(), bank_lines.c.id)
        .limit(limit)
    )
    return [Suggestion(row.id, row.on_date, row.amount_paise, row.customer_id) for row in rows]
