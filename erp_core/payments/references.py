"""What the outside calls a thing: a bank's UTR, a gateway's id. One name, one effect."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from erp_core.journal.context import Context, Reader
from erp_core.payments.models import outside_references

Kind = Literal[
    "utr", "razorpay_payment", "razorpay_refund", "razorpay_dispute", "razorpay_settlement"
]


def claim(ctx: Context, kind: Kind, reference: str, entity_id: UUID) -> bool:
    """Take a name for what is about to be booked; False when it has been booked already.

    Who comes second waits here until the first has committed, and then is told so.
    """
    taken = ctx.connection.execute(
        upsert(outside_references)
        .values(
            business_id=ctx.business_id,
            kind=kind,
            reference=reference,
            entity_id=entity_id,
            created_at=ctx.now,
        )
        .on_conflict_do_nothing()
    )
    return bool(taken.rowcount)


def entity_of(reader: Reader, kind: Kind, reference: str) -> UUID | None:
    """What was booked under a name."""
    found: UUID | None = reader.connection.execute(
        select(outside_references.c.entity_id).where(
            outside_references.c.business_id == reader.business_id,
            outside_references.c.kind == kind,
            outside_references.c.reference == reference,
        )
    ).scalar_one_or_none()
    return found
