"""Commands on messages kept for review: with the shop's consent alone, and for a month."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TypedDict
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update

from erp_core.journal.context import Context
from erp_core.kernel.errors import Conflict
from erp_core.kernel.ids import new_id
from erp_core.parties.models import businesses
from erp_core.parties.permissions import Permission, require
from erp_core.reviews.masking import LONGEST, is_masked
from erp_core.reviews.models import reviews
from erp_core.reviews.queries import keeps

KEPT = timedelta(days=30)
MOST_KEPT = 500
"""So many messages of one shop wait for review; a noisy chat must not fill the database."""


class Kept(TypedDict):
    kept: bool


class ConsentChanged(TypedDict):
    keeps: bool


class Forgotten(TypedDict):
    forgotten: int


def keep(ctx: Context, *, masked: str, intent: str, per_mille: int) -> Kept:
    """Keep a message that was not surely understood, and drop those whose time is over.

    `masked` comes from `masking.mask`, `per_mille` is how sure the guess `intent` was. Without the
    shop's consent, or when enough wait already, nothing is kept.
    """
    ctx.connection.execute(
        delete(reviews).where(
            reviews.c.business_id == ctx.business_id, reviews.c.expires_at <= ctx.now
        )
    )
    waiting = ctx.connection.execute(
        select(func.count()).select_from(reviews).where(reviews.c.business_id == ctx.business_id)
    ).scalar_one()
    if not keeps(ctx) or waiting >= MOST_KEPT or not masked:
        return {"kept": False}
    if len(masked) > LONGEST or not is_masked(masked):
        raise Conflict("not_masked")
    ctx.connection.execute(
        insert(reviews).values(
            business_id=ctx.business_id,
            id=new_id(),
            masked=masked,
            intent=intent,
            per_mille=per_mille,
            created_at=ctx.now,
            expires_at=ctx.now + KEPT,
        )
    )
    return {"kept": True}


def consent(ctx: Context, *, keeps: bool) -> ConsentChanged:
    """Let messages be kept for review, or no more: then those that wait are deleted at once."""
    require(ctx, Permission.CHANGE_BUSINESS)
    ctx.connection.execute(
        update(businesses).where(businesses.c.id == ctx.business_id).values(keeps_reviews=keeps)
    )
    if not keeps:
        ctx.connection.execute(delete(reviews).where(reviews.c.business_id == ctx.business_id))
    ctx.record("reviews.consent", keeps=keeps)
    return {"keeps": keeps}


def forget(ctx: Context, *, ids: Sequence[UUID]) -> Forgotten:
    """Delete messages that have been reviewed."""
    require(ctx, Permission.CHANGE_BUSINESS)
    gone = ctx.connection.execute(
        delete(reviews).where(reviews.c.business_id == ctx.business_id, reviews.c.id.in_(set(ids)))
    )
    return {"forgotten": gone.rowcount}
