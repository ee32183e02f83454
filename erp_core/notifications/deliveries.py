"""How far each message got. Statuses come late, twice and in any order; the furthest counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.engine import Connection

from erp_core.db.statements import Statement
from erp_core.journal.context import Reader
from erp_core.notifications.models import deliveries

RANKS: Mapping[str, int] = {
    "accepted": 0,
    "sent": 10,
    "failed": 15,
    "delivered": 20,
    "read": 30,
    "played": 40,
}
"""A failure counts only where nothing proves that the message did arrive."""


@dataclass(frozen=True)
class Delivery:
    """How far one message got. id: ours for the message; error_code: the platform's."""

    id: UUID
    status: str
    error_code: int | None = None
    pricing_category: str | None = None
    pricing_type: str | None = None


def record_deliveries(
    connection: Connection, business_id: int, news: Iterable[Delivery], *, now: datetime
) -> None:
    """Note statuses; one that says less than is known changes nothing, nor does an unknown one."""
    rows = [
        {**vars(one), "business_id": business_id, "rank": RANKS[one.status], "changed_at": now}
        for one in furthest(news)
    ]
    if rows:
        _UPSERT.run_many(connection, rows)


def _upsert() -> Statement:
    insert = upsert(deliveries)
    new, old = insert.excluded, deliveries.c
    further = new.rank > old.rank
    further_of_the_two = insert.on_conflict_do_update(
        index_elements=[old.business_id, old.id],
        set_={
            "status": case((further, new.status), else_=old.status),
            "rank": func.greatest(new.rank, old.rank),
            "error_code": case((further, new.error_code), else_=old.error_code),
            "pricing_category": func.coalesce(new.pricing_category, old.pricing_category),
            "pricing_type": func.coalesce(new.pricing_type, old.pricing_type),
            "changed_at": case((further, new.changed_at), else_=old.changed_at),
        },
    )
    columns = tuple(column.name for column in deliveries.columns)
    return Statement(further_of_the_two, columns=columns)


_UPSERT = _upsert()


def furthest(news: Iterable[Delivery]) -> list[Delivery]:
    """One status a message: the furthest, with the price that any of them told. Ordered by id,
    as rows that several senders write are locked in one order."""
    merged: dict[UUID, Delivery] = {}
    for one in news:
        if one.status not in RANKS:
            continue
        known = merged.get(one.id, one)
        ahead, behind = (one, known) if RANKS[one.status] > RANKS[known.status] else (known, one)
        merged[one.id] = replace(
            ahead,
            pricing_category=ahead.pricing_category or behind.pricing_category,
            pricing_type=ahead.pricing_type or behind.pricing_type,
        )
    return [merged[key] for key in sorted(merged)]


def deliveries_of(reader: Reader, ids: Sequence[UUID]) -> dict[UUID, Delivery]:
    """How far some messages got; those that never left are absent."""
    if not ids:
        return {}
    rows = reader.connection.execute(
        select(deliveries).where(
            deliveries.c.business_id == reader.business_id, deliveries.c.id.in_(set(ids))
        )
    )
    return {
        row.id: Delivery(row.id, row.status, row.error_code, row.pricing_category, row.pricing_type)
        for row in rows
    }
