"""Reading what waits for review."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from erp_core.journal.context import Reader
from erp_core.parties.models import businesses
from erp_core.parties.permissions import Permission, require
from erp_core.reviews.models import reviews


@dataclass(frozen=True)
class Review:
    """A message to be reviewed: what was guessed, and how surely, in thousandths."""

    id: UUID
    masked: str
    intent: str
    per_mille: int
    created_at: datetime


def keeps(reader: Reader) -> bool:
    """Whether the shop lets its unsure messages be kept."""
    return bool(
        reader.connection.execute(
            select(businesses.c.keeps_reviews).where(businesses.c.id == reader.business_id)
        ).scalar_one_or_none()
    )


def waiting(reader: Reader) -> list[Review]:
    """What waits for review, oldest first."""
    require(reader, Permission.CHANGE_BUSINESS)
    rows = reader.connection.execute(
        select(reviews)
        .where(reviews.c.business_id == reader.business_id, reviews.c.expires_at > reader.now)
        .order_by(reviews.c.id)
    )
    return [Review(**{name: row[name] for name in Review.__dataclass_fields__}) for row in rows]
